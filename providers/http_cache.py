"""Answers that a source named (ETag, Last-Modified), kept so that it can answer "not changed since".

One folder a user, readable by that user alone: what a key opens is its owner's. It lies in a folder that others
may write to, so it is held open while it is looked at, and used only where it is this user's own. Nothing is
served from here without the source having been asked. An entry's name is a hash over the request, secrets
included, so that no key stands in it and two keys never share an answer.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from store.paths import make_folder

_KEPT_HEADERS = ("etag", "last-modified", "content-type", "date")


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it came last."""

    headers: Mapping[str, str]
    content: bytes = field(repr=False)

    @property
    def conditions(self) -> dict[str, str]:
        """What makes a request conditional on this answer having changed."""
        asked = {
            "if-none-match": self.headers.get("etag"),
            "if-modified-since": self.headers.get("last-modified"),
        }
        return {name: value for name, value in asked.items() if value}


def folder_name(user: str) -> str:
    """A user's name as the name of a folder that it cannot lead out of."""
    return hashlib.sha256(user.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def request_name(url: str, params: Mapping[str, str], headers: Mapping[str, str]) -> str:
    """What an entry is filed under."""
    told = json.dumps([url, sorted(params.items()), sorted((k.lower(), v) for k, v in headers.items())])
    return hashlib.sha256(told.encode()).hexdigest()


class HttpCache:
    """A folder of answers, the longest unused thrown out beyond ``most_bytes``. Failing to keep one is no failure."""

    def __init__(self, folder: Path, *, most_bytes: int = 256 << 20, most_of_one: int = 32 << 20) -> None:
        self._folder, self._most, self._most_of_one = folder, most_bytes, most_of_one
        self._written = 0  # bytes since the folder was last looked through

    def get(self, name: str) -> Kept | None:
        """The answer kept under ``name``; None also where it cannot be read or was not written whole."""
        try:
            with self._held() as folder:
                descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
                with os.fdopen(descriptor, "rb") as file:
                    head, _, content = file.read().partition(b"\n")
                os.utime(name, dir_fd=folder)
            told = json.loads(head)
            if told["sha256"] != hashlib.sha256(content).hexdigest():
                return None
            return Kept({str(k): str(v) for k, v in told["headers"].items()}, content)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def put(self, name: str, headers: Mapping[str, str], content: bytes, secrets: Iterable[str]) -> None:
        """Keep an answer that can be asked about again; none that holds a key or must not be kept."""
        kept = {header: headers[header] for header in _KEPT_HEADERS if header in headers}
        if not ("etag" in kept or "last-modified" in kept) or len(content) > self._most_of_one:
            return
        if "no-store" in headers.get("cache-control", "").lower() or headers.get("vary", "").strip() == "*":
            return
        if any(secret and secret.encode() in content for secret in secrets):
            return
        head = json.dumps({"headers": kept, "sha256": hashlib.sha256(content).hexdigest()}).encode()
        with suppress(OSError):
            self._write(name, head + b"\n" + content)

    def _write(self, name: str, entry: bytes) -> None:
        from store.errors import StoreError

        try:
            make_folder(self._folder.parent)
            make_folder(self._folder, 0o700)
        except StoreError as error:
            raise OSError(str(error)) from error
        temporary = f".{name[:16]}.{uuid.uuid4().hex}"
        with self._held() as folder:
            descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600, dir_fd=folder)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(entry)
                os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                os.unlink(temporary, dir_fd=folder)
                raise
        self._written += len(entry)
        if self._written > self._most // 8:
            self.sweep()

    @contextmanager
    def _held(self) -> Iterator[int]:
        """The folder held open; OSError where it is another's, a link, or open to others."""
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            told = os.fstat(folder)
            if told.st_uid != os.geteuid() or stat.S_IMODE(told.st_mode) & 0o077:
                raise PermissionError(errno.EPERM, "not this user's own", str(self._folder))
            yield folder
        finally:
            os.close(folder)

    def sweep(self) -> None:
        """Throw out what was not used for longest, until the rest fits."""
        self._written = 0
        with suppress(OSError), self._held() as folder:
            entries = []
            for name in os.listdir(folder):
                with suppress(OSError):  # another process sweeps too
                    told = os.stat(name, dir_fd=folder, follow_symlinks=False)
                    entries.append((told.st_mtime, told.st_size, name))
            left = sum(size for _, size, _ in entries)
            for _, size, name in sorted(entries):
                if left <= self._most:
                    break
                with suppress(FileNotFoundError):
                    os.unlink(name, dir_fd=folder)
                left -= size

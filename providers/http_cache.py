"""Answers that a source named (ETag, Last-Modified), kept so that it can answer "not changed since".

One folder a user, readable by that user alone: what a key opens is its owner's. Nothing is served from here
without the source having been asked. An entry's name is a hash over the request, secrets included, so that
no key stands in it and two keys never share an answer.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
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
        path = self._folder / name
        try:
            head, _, content = path.read_bytes().partition(b"\n")
            told = json.loads(head)
            if told["sha256"] != hashlib.sha256(content).hexdigest():
                return None
            os.utime(path)
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
        temporary = self._folder / f".{name[:16]}.{uuid.uuid4().hex}"
        descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(entry)
            temporary.replace(self._folder / name)
        finally:
            temporary.unlink(missing_ok=True)
        self._written += len(entry)
        if self._written > self._most // 8:
            self.sweep()

    def sweep(self) -> None:
        """Throw out what was not used for longest, until the rest fits."""
        self._written = 0
        entries = []
        with suppress(OSError):
            for path in self._folder.iterdir():
                with suppress(OSError):  # another process sweeps too
                    entries.append((path.stat().st_mtime, path.stat().st_size, path))
        left = sum(size for _, size, _ in entries)
        for _, size, path in sorted(entries):
            if left <= self._most:
                break
            path.unlink(missing_ok=True)
            left -= size

"""Published files kept in a folder of this machine: fetched whole when first read, checked, shared by its processes.

The longest unused go when room is needed; what is read just now stays, though it were more than the bound.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from store.errors import StoreError
from store.files import LiveFile
from store.objects.bucket import Bucket
from store.paths import Layout, default_home, file_mode, make_folder
from store.scan import sha256_of

PLACE = "ASOF_OBJECT_CACHE"
BOUND = "ASOF_OBJECT_CACHE_GB"
DEFAULT_GB = 20.0
_TOGETHER = 8  # downloads at a time
_YOUNG = 120.0  # seconds: a read may be between finding its files and opening them
_ABANDONED = 3600.0  # seconds after which half a download is nobody's
_NAME = re.compile(r"data/[a-z_]+/[A-Za-z0-9_.-]+\.parquet")


def cache_home() -> Path:
    """Where published stores are kept: ``ASOF_OBJECT_CACHE``, or a folder in the home's cache."""
    named = os.environ.get(PLACE)
    return Path(named).expanduser().absolute() if named else default_home() / "cache" / "published"


def bound_of(environ: Mapping[str, str] = os.environ) -> int:
    """Bytes that the folder may hold; raises StoreError where the setting is no number."""
    text = environ.get(BOUND, "")
    try:
        found = float(text) if text else DEFAULT_GB
    except ValueError:
        found = -1.0
    if not 0 < found < 1e6:
        raise StoreError(f"{BOUND} takes gigabytes, as 20, not {text!r}")
    return int(found * 1e9)


@dataclass(frozen=True, slots=True)
class Cache:
    """The files of one published store under ``layout``; called with those that a read is about to open."""

    bucket: Bucket
    layout: Layout
    most: int

    def __call__(self, files: Sequence[LiveFile]) -> None:
        for file in files:
            if not _NAME.fullmatch(
                file.path
            ):  # it becomes a path of this machine, and one that is not whole goes
                raise StoreError(
                    f"the catalog of {self.bucket.address} lists a file outside the store: {file.path[:200]!r}"
                )
        missing = [file for file in files if not self._here(file)]
        if not missing:
            return
        self._make_room(sum(file.bytes for file in missing), {self.layout.file(file.path) for file in files})
        if len(missing) == 1:
            self._fetch(missing[0])
            return
        with ThreadPoolExecutor(min(_TOGETHER, len(missing))) as pool:
            for _ in pool.map(self._fetch, missing):
                pass  # the first fault is raised here

    def _here(self, file: LiveFile) -> bool:
        """Whether the file is kept and whole; one that is not is thrown away."""
        path = self.layout.file(file.path)
        try:
            found = path.stat()
            whole = found.st_size == file.bytes
            if whole and file.path not in self.layout.verified:
                whole = sha256_of(path) == file.sha256
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StoreError(f"the kept file {path} cannot be read: {error.strerror}") from error
        if not whole:
            self.layout.verified.discard(file.path)
            path.unlink(missing_ok=True)
            return False
        self.layout.verified.add(file.path)
        if time.time() - found.st_mtime > _YOUNG / 4:
            with contextlib.suppress(OSError):  # another user's may be read, not touched
                os.utime(path)
        return True

    def _fetch(self, file: LiveFile) -> None:
        keep_by(
            self.layout.file(file.path),
            lambda path: self.bucket.fetch(file.path, file.bytes, file.sha256, path),
        )
        self.layout.verified.add(file.path)

    def _make_room(self, wanted: int, needed: set[Path]) -> None:
        now, held = time.time(), []
        for path in self.layout.data.glob("*/*"):
            with contextlib.suppress(OSError):  # another process makes room too
                found = path.stat()
                if path.suffix == ".parquet":
                    held.append((found.st_mtime, found.st_size, path))
                elif path.name.endswith(".tmp") and now - found.st_mtime > _ABANDONED:
                    path.unlink()
        excess = sum(size for _, size, _ in held) + wanted - self.most
        for used, size, path in sorted(held, key=lambda each: each[:2]):
            if excess <= 0 or now - used < _YOUNG:
                return
            if path not in needed:
                with contextlib.suppress(OSError):
                    path.unlink()
                    excess -= size


def keep(path: Path, content: bytes) -> None:
    """Write a file that other processes see whole or not at all. It is checked when it is read: no flush to disk."""
    keep_by(path, lambda half: half.write_bytes(content))


def keep_by(path: Path, write: Callable[[Path], object]) -> None:
    """As ``keep``, of what ``write`` writes to the path that it is given."""
    make_folder(path.parent)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        write(temporary)
        temporary.chmod(file_mode(path.parent))
        temporary.replace(path)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be written: {error.strerror or error}. {PLACE} names another folder for what is fetched"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)

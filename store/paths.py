"""Where a store lies and how its folders and files are made.

Several Unix users of one group share a store, so a new store's folders are 02775 (setgid: files inherit the
group) and its files 0664, whatever the umask of the process that happens to make them. A home that exists
already keeps the mode its owner gave it, and what is made inside follows it: a private folder (0700) stays
private. So does the platform's folder for one user's data.
"""

from __future__ import annotations

import os
import stat
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from store.errors import StoreError

if TYPE_CHECKING:
    from store.files import LiveFile

    Fetch: TypeAlias = Callable[[Sequence[LiveFile]], None]

SHARED_MODE = 0o2775
PRIVATE_MODE = 0o700
_FOLDERS = ("data", "cache", "audit", "logs", "quarantine", "exports", "locks")


def default_home() -> Path:
    """``ASOF_HOME``, or the platform's folder for a user's data."""
    named = os.environ.get("ASOF_HOME")
    if named:
        return Path(named).expanduser().absolute()
    from platformdirs import user_data_dir

    return Path(user_data_dir("asof", appauthor=False))


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders of one store. Table names come from the declarations, never from typed words."""

    home: Path
    verified: set[str] = field(default_factory=set, compare=False, repr=False)  # files read whole once
    fetch: Fetch | None = field(default=None, compare=False, repr=False)  # brings files that are not here yet

    @property
    def catalog(self) -> Path:
        return self.home / "catalog.sqlite"

    @property
    def cache(self) -> Path:
        return self.home / "cache"

    @property
    def quarantine(self) -> Path:
        return self.home / "quarantine"

    @property
    def audit(self) -> Path:
        return self.home / "audit"

    @property
    def locks(self) -> Path:
        return self.home / "locks"

    @property
    def data(self) -> Path:
        return self.home / "data"

    def table(self, name: str) -> Path:
        return self.data / name

    def file(self, relative: str) -> Path:
        """The path of a file that the catalog lists; the catalog is shared, so it is checked again."""
        path = self.home / relative
        if ".." in path.parts or Path(relative).is_absolute():
            raise StoreError(f"the catalog lists a file outside the store: {relative!r}")
        return path

    def make(self, tables: tuple[str, ...]) -> None:
        """Make every folder with its mode, and the empty catalog, before anything is written."""
        private = not os.environ.get("ASOF_HOME") and self.home == default_home()
        make_folder(self.home, PRIVATE_MODE if private else SHARED_MODE)
        for name in _FOLDERS:
            make_folder(self.home / name)
        for name in tables:
            make_folder(self.table(name))
        make_empty_file(self.catalog)


def make_folder(path: Path, mode: int | None = None) -> None:
    """Make a folder with ``mode``, or with its parent's; one that exists keeps its own.

    Parents above the store keep the user's own umask.
    """
    try:
        if not path.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            _place_folder(path, stat.S_IMODE(path.parent.stat().st_mode) if mode is None else mode)
        if not os.access(path, os.W_OK | os.X_OK):
            raise PermissionError
    except PermissionError:
        raise StoreError(
            f"the folder {path} cannot be written: ask its owner for group access (mode 2775)"
        ) from None
    except OSError as error:
        raise StoreError(f"the folder {path} cannot be made: {error.strerror}") from error


def _place_folder(path: Path, mode: int) -> None:
    """A new folder appears with its mode: another process making files in it meanwhile finds the right one."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    temporary.mkdir()
    try:
        temporary.chmod(mode)
        temporary.rename(path)
    except OSError:
        temporary.rmdir()
        if not path.is_dir():  # else another process was first
            raise


def file_mode(folder: Path) -> int:
    """What a file in ``folder`` may be: as open as the folder, and never a program."""
    return stat.S_IMODE(folder.stat().st_mode) & 0o666


def make_empty_file(path: Path) -> None:
    """Make ``path`` with its folder's mode in one step: no process ever sees it with another."""
    if path.exists():
        return
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        mode = file_mode(path.parent)
        descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
        try:
            os.fchmod(descriptor, mode)
        finally:
            os.close(descriptor)
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass  # another process was first; its file has the right mode too
        finally:
            temporary.unlink()
    except OSError as error:
        raise StoreError(f"the file {path} cannot be made: {error.strerror}") from error


def fsync_folder(path: Path) -> None:
    """Make renames in a folder last through a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_atomically(path: Path, content: bytes) -> None:
    """Write a small file that readers see whole or not at all."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        temporary.write_bytes(content)
        temporary.chmod(file_mode(path.parent))
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)

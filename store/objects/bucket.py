"""Objects under one address: got whole and checked, put only where there is none."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from store.errors import StoreError
from store.objects.address import Address, http_allowed
from store.objects.faults import Broken, Missing, told

if TYPE_CHECKING:
    from obstore import ObjectMeta, UpdateVersion
    from obstore.store import ObjectStore

T = TypeVar("T")
_DOCUMENT = 65_536  # bytes of what says that something is published
_PIECE = 8 << 20  # bytes held of an object at a time


@dataclass(frozen=True, slots=True)
class Patience:
    """How long storage is waited for. ``retries`` of a request that fails (5xx, lost connections), ``first`` the
    pause before the first of them (doubling); ``connect``, ``idle`` and ``whole`` seconds of a request; ``tries`` of
    an object that came broken."""

    retries: int = 4
    first: float = 0.1
    connect: float = 10.0
    idle: float = 30.0
    whole: float = 600.0
    tries: int = 3


class Bucket:
    """The objects of one address; names are relative to it. Safe to share between threads."""

    def __init__(
        self, address: Address, patience: Patience | None = None, environ: Mapping[str, str] = os.environ
    ) -> None:
        self.address = address
        self.patience = patience or Patience()
        self._store = _opened(address, self.patience, allow_http=http_allowed(address, environ))

    def get(self, name: str) -> bytes:
        """A document's bytes, whole; raises Missing, Refused, Unreachable or Broken."""
        return self._again(name, lambda: self._document(name)[0])

    def check(self, name: str, size: int, sha256: str) -> None:
        """Raises as ``get`` where an object is not what was put there."""
        self._again(name, lambda: self._checked(name, size, sha256, lambda _: None))

    def fetch(self, name: str, size: int, sha256: str, path: Path) -> None:
        """Write an object that is what was put there to ``path``, piece by piece: no more of it than was told is
        taken, and none of it is held in memory. Raises as ``get``, and OSError of the disk."""

        def once() -> None:
            with path.open("wb") as file:
                self._checked(name, size, sha256, file.write)

        self._again(name, once)

    def _checked(self, name: str, size: int, sha256: str, take: Callable[[bytes], object]) -> None:
        import obstore

        answer = self._asked(name, lambda: obstore.get(self._store, name))
        digest, came = hashlib.sha256(), 0
        if answer.meta["size"] == size:
            pieces = iter(answer.stream(_PIECE))
            while (piece := self._asked(name, lambda: next(pieces, None))) is not None:
                content = bytes(piece)
                came += len(content)
                digest.update(content)
                take(content)
        if came != size or digest.hexdigest() != sha256:
            raise Broken(
                f"{name} of {self.address} is not what was published ({came:,} of {size:,} bytes taken, or its "
                "SHA-256 differs): put it right in the bucket from a copy of the store's folder"
            )

    def find(self, name: str) -> tuple[bytes, UpdateVersion] | None:
        """A document with its version, None where there is none."""

        def once() -> tuple[bytes, UpdateVersion] | None:
            try:
                return self._document(name)
            except Missing:
                return None

        return self._again(name, once)

    def put_new(self, name: str, content: bytes) -> bool:
        """Put an object where there is none, in one step; False where there is one, which stays."""
        return self._put(name, content, None)

    def swap(self, name: str, content: bytes, before: UpdateVersion | None) -> bool:
        """Put an object in the place of that version (None: of none); False where it is another by now."""
        import obstore

        if (
            before is not None and self.address.scheme == "file"
        ):  # of a folder there are no versions: see ``turn``
            self._asked(name, lambda: obstore.put(self._store, name, content))
            return True
        return self._put(name, content, before)

    def sizes(self, prefix: str) -> dict[str, int]:
        """Names and bytes of all objects under a prefix."""
        import obstore

        def listed() -> dict[str, int]:
            chunks = obstore.list(self._store, prefix)
            return {str(each["path"]): int(each["size"]) for chunk in chunks for each in chunk}

        return self._asked(f"the list of {prefix}", listed)

    @property
    def folder(self) -> Path | None:
        """Of file:// the folder itself."""
        return Path(self.address.prefix) if self.address.scheme == "file" else None

    def _put(self, name: str, content: bytes, before: UpdateVersion | None) -> bool:
        import obstore
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        def put() -> bool:
            try:
                obstore.put(self._store, name, content, mode="create" if before is None else before)
            except (AlreadyExistsError, PreconditionError):
                return False
            return True

        return self._asked(name, put)

    def _document(self, name: str) -> tuple[bytes, UpdateVersion]:
        """A small object, which nobody has told the size of: one that is large is none of ours."""
        import obstore

        answer = self._asked(name, lambda: obstore.get(self._store, name))
        if answer.meta["size"] > _DOCUMENT:
            raise StoreError(
                f"{name} of {self.address} has {answer.meta['size']:,} bytes: that is no document of a published "
                "store"
            )
        return self._asked(name, lambda: bytes(answer.bytes())), _version(answer.meta)

    def _asked(self, name: str, ask: Callable[[], T]) -> T:
        from obstore.exceptions import BaseError

        try:
            return ask()
        except (BaseError, OSError, ValueError) as fault:  # a name that is no path is a ValueError
            raise told(fault, name, str(self.address)) from None  # its text may hold signatures

    def _again(self, name: str, once: Callable[[], T]) -> T:
        """What came broken is asked for again: a proxy or a lost connection, more often than damage."""
        for left in range(self.patience.tries - 1, -1, -1):
            try:
                return once()
            except Broken:
                if not left:
                    raise
                time.sleep(self.patience.first)
        raise Missing(f"{self.address} has no {name}")


def _opened(address: Address, patience: Patience, *, allow_http: bool) -> ObjectStore:
    try:
        from obstore.exceptions import BaseError
        from obstore.store import from_url
    except ImportError:
        raise StoreError("a store on object storage needs obstore: pip install 'asof[objects]'") from None
    try:
        if address.scheme == "file":
            return from_url(str(address), mkdir=True)
        return from_url(
            str(address),
            client_options={
                "allow_http": allow_http,
                "connect_timeout": timedelta(seconds=patience.connect),
                "read_timeout": timedelta(seconds=patience.idle),
                "timeout": timedelta(seconds=patience.whole),
            },
            retry_config={
                "max_retries": patience.retries,
                "backoff": {
                    "init_backoff": timedelta(seconds=patience.first),
                    "max_backoff": timedelta(seconds=50 * patience.first),
                    "base": 2,
                },
                "retry_timeout": timedelta(seconds=120),
            },
        )
    except (BaseError, OSError, ValueError) as fault:
        raise told(fault, "the bucket", str(address)) from None


def _version(meta: ObjectMeta) -> UpdateVersion:
    version: UpdateVersion = {}
    if meta["e_tag"] is not None:
        version["e_tag"] = meta["e_tag"]
    if meta["version"] is not None:
        version["version"] = meta["version"]
    return version

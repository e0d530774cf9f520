"""A published store opened for reading: its catalog kept here, its files fetched as they are read.

What users keep (workspaces, pages, jobs) lies in a catalog of this machine, beside what was fetched; what is
published is never written.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import NoReturn

from store.catalog import Catalog
from store.commit import no_fault
from store.core import Store
from store.errors import StoreError, read_only
from store.objects.address import read_address
from store.objects.bucket import Bucket, Patience
from store.objects.cache import Cache, bound_of, cache_home, keep_by
from store.objects.faults import Missing, Refused
from store.objects.release import LATEST, Release, read_release, release_name
from store.paths import Layout, make_folder
from store.scan import sha256_of
from store.schema import TABLES

_LONGEST = 64 << 20  # bytes of a value of a catalog
_NUMBERS = (("bytes", 1), ("rows", 0), ("added_seq", 1), ("min_seq", 1), ("max_seq", 1))
_UNUSED = 30 * 86_400.0  # seconds since a catalog was last opened, after which it is thrown away


def open_published(
    place: str,
    *,
    snapshot: int | None = None,
    identity: str | None = None,
    clock: Callable[[], datetime],
    patience: Patience | None = None,
) -> Store:
    """Open the store at an address, at its newest release or at one that has ``snapshot``.

    Raises
    ------
    StoreError
        Nothing is published there, not that snapshot, or not by the store ``identity``; or storage fails.
    """
    bucket = Bucket(read_address(place), patience)
    release = find_release(bucket, snapshot)
    if identity is not None and release.store != identity:
        raise StoreError(
            f"{bucket.address} holds another store ({release.store[:8]}, not {identity[:8]}): name the address to "
            "which this one is published"
        )
    held = Layout(cache_home() / _folder(release, bucket))
    make_folder(held.home)  # as open as the folder that it lies in
    held.make(tuple(TABLES))
    own = Catalog(held.catalog)
    if own.identity() is None or not own.is_current():
        own.prepare()
    layout = Layout(held.home, fetch=Cache(bucket, held, bound_of()), verified=held.verified)
    catalog = PublishedCatalog(_catalog(bucket, release, layout), str(bucket.address))
    catalog.vet(release)
    if not catalog.is_current():
        raise StoreError(
            f"{bucket.address} was published by an earlier version of this program: publish it again"
        )
    return Store(layout, catalog, release.store, clock, no_fault, own=own, address=str(bucket.address))


def _folder(release: Release, bucket: Bucket) -> str:
    """Of one store at one address: what says under another that it is the same store is kept apart from it."""
    return f"{release.store}-{sha256(str(bucket.address).encode()).hexdigest()[:16]}"


def find_release(bucket: Bucket, snapshot: int | None) -> Release:
    """The newest release, or the one of ``snapshot``; a later one has it too.

    Raises
    ------
    StoreError
        There is none.
    """
    if snapshot is not None:
        try:
            return read_release(bucket.get(release_name(snapshot)), bucket.address)
        except (Missing, Refused):
            pass  # who may not list is refused what is not there; the newest tells which it was
    try:
        newest = read_release(bucket.get(LATEST), bucket.address)
    except Missing:
        raise StoreError(
            f"nothing is published at {bucket.address}: asof store publish {bucket.address} does that, from the "
            "store's folder"
        ) from None
    if snapshot is not None and newest.seq < snapshot:
        raise StoreError(
            f"snapshot {snapshot} is not published at {bucket.address}, whose newest is {newest.seq}: "
            f"asof store publish {bucket.address} does that, from the store's folder"
        )
    return newest


def _catalog(bucket: Bucket, release: Release, layout: Layout) -> Path:
    path = layout.home / release.catalog
    if not (path.is_file() and sha256_of(path) == release.catalog_sha256):
        told = release.catalog, release.catalog_bytes, release.catalog_sha256
        keep_by(path, lambda half: bucket.fetch(*told, half))
        for other in path.parent.glob("*.sqlite"):
            with contextlib.suppress(OSError):  # another process makes room too
                if time.time() - other.stat().st_mtime > _UNUSED:
                    other.unlink()
    with contextlib.suppress(OSError):  # another user's may be read, not touched
        os.utime(path)
    return path


class PublishedCatalog(Catalog):
    """A catalog that never changes: read without locks, never written. Whoever made it is not trusted: it is opened
    without functions of its own, and holds plain tables alone."""

    def __init__(self, path: Path, address: str) -> None:
        super().__init__(path)
        self._address = address

    def vet(self, release: Release) -> None:
        """Raises StoreError where the catalog is none that this program made: views, triggers, tables that are
        programs, or another store's."""
        with self.read() as connection:
            odd = connection.execute(
                "select 1 from sqlite_master where type not in ('table', 'index') or rootpage = 0 or type = 'table' "
                "and exists (select 1 from pragma_table_xinfo(sqlite_master.name) where hidden <> 0) limit 1"
            ).fetchone()
            meta = dict(connection.execute("select key, value from meta limit 100").fetchall())
            if odd is None and meta.get("id") == release.store and str(meta.get("format")).isdecimal():
                wrong = " or ".join(
                    f"typeof({name}) <> 'integer' or {name} < {least}" for name, least in _NUMBERS
                )
                odd = connection.execute(f"select 1 from files where {wrong} limit 1").fetchone()  # noqa: S608 - our own words
                if odd is None:
                    return
        raise StoreError(
            f"the catalog at {self._address} is none that this program publishes: it is not read"
        )

    def write(self) -> NoReturn:
        """Refused: what is published is only read."""
        raise read_only(self._address)

    def _connect(self) -> sqlite3.Connection:
        with self._translated():
            connection = sqlite3.connect(
                f"{self._path.absolute().as_uri()}?mode=ro&immutable=1",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
            )
            connection.execute("pragma trusted_schema = off")
            connection.execute("pragma cell_size_check = on")
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
            return connection

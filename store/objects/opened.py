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
from pathlib import Path
from typing import NoReturn

from store.catalog import Catalog
from store.commit import no_fault
from store.core import Store
from store.errors import StoreError, read_only
from store.objects.address import read_address
from store.objects.bucket import Bucket, Patience
from store.objects.cache import Cache, bound_of, cache_home, keep
from store.objects.faults import Missing, Refused
from store.objects.release import LATEST, Release, read_release, release_name
from store.paths import Layout, make_folder
from store.scan import sha256_of
from store.schema import TABLES

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
    held = Layout(cache_home() / release.store)
    make_folder(held.home)  # as open as the folder that it lies in
    held.make(tuple(TABLES))
    own = Catalog(held.catalog)
    if own.identity() is None or not own.is_current():
        own.prepare()
    layout = Layout(held.home, fetch=Cache(bucket, held, bound_of()), verified=held.verified)
    catalog = PublishedCatalog(_catalog(bucket, release, layout), str(bucket.address))
    if not catalog.is_current():
        raise StoreError(
            f"{bucket.address} was published by an earlier version of this program: publish it again"
        )
    return Store(layout, catalog, release.store, clock, no_fault, own=own, address=str(bucket.address))


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
        keep(path, bucket.get_checked(release.catalog, release.catalog_bytes, release.catalog_sha256))
        for other in path.parent.glob("*.sqlite"):
            with contextlib.suppress(OSError):  # another process makes room too
                if time.time() - other.stat().st_mtime > _UNUSED:
                    other.unlink()
    with contextlib.suppress(OSError):  # another user's may be read, not touched
        os.utime(path)
    return path


class PublishedCatalog(Catalog):
    """A catalog that never changes: read without locks, never written."""

    def __init__(self, path: Path, address: str) -> None:
        super().__init__(path)
        self._address = address

    def write(self) -> NoReturn:
        """Refused: what is published is only read."""
        raise read_only(self._address)

    def _connect(self) -> sqlite3.Connection:
        with self._translated():
            return sqlite3.connect(
                f"{self._path.absolute().as_uri()}?mode=ro&immutable=1",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
            )

"""The catalog as it is published: what reads need, and nothing of the people who work with it."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from store import catalog as catalogs
from store.catalog import Catalog
from store.errors import StoreError

# Workspaces, watchlists, portfolios, settings; what was typed and kept; what was set aside; the audit's anchors.
PRIVATE = ("documents", "pages", "jobs", "snapshots", "quarantine", "audit_heads")


@dataclass(frozen=True, slots=True)
class LiveObject:
    """A data file as it is published."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PublicCatalog:
    """A copy of a catalog in a file, and what it says."""

    path: Path
    seq: int
    recorded_at: int
    files: tuple[LiveObject, ...]

    def content(self) -> bytes:
        return self.path.read_bytes()

    def sha256(self) -> str:
        return hashlib.sha256(self.content()).hexdigest()


def copy_catalog(source: Catalog, target: Path) -> PublicCatalog:
    """Copy a catalog in one moment of it, while others may write, and take out what is private.

    Who made a commit is left out too. The file is made anew at the end (VACUUM): nothing deleted stays in its pages.

    Raises
    ------
    StoreError
        There is no commit, or no room.
    """
    try:
        with closing(sqlite3.connect(target, isolation_level=None)) as made:
            with source.read() as held:
                held.backup(made)
            made.execute("pragma journal_mode = delete")
            made.execute("pragma secure_delete = on")
            for table in PRIVATE:
                made.execute(f"delete from {table}")  # noqa: S608 - our own words
            made.execute("update commits set user = ''")
            made.execute("vacuum")
            seq = catalogs.snapshot(made)
            recorded = made.execute("select max(recorded_at) from commits").fetchone()[0]
            rows = made.execute(
                "select path, bytes, sha256 from files where removed_seq is null order by added_seq, path"
            ).fetchall()
    except sqlite3.Error as fault:
        raise StoreError(f"the catalog cannot be copied to {target}: {fault}") from fault
    if seq == 0:
        raise StoreError("the store is empty: there is nothing to publish")
    return PublicCatalog(target, seq, recorded, tuple(LiveObject(*row) for row in rows))

"""Cleaning up: what killed writers left, and what compactions replaced long ago."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from store import block
from store.catalog import Catalog
from store.clock import to_micros
from store.paths import Layout

GRACE = 3600.0  # seconds: no writer takes this long between its file and its commit
REMOVED_GRACE = 7 * 86_400.0  # seconds: no read takes this long between listing its files and reading them


@dataclass(frozen=True, slots=True)
class VacuumResult:
    """Files deleted: left by killed writers, and replaced by compactions."""

    orphans: int
    replaced: int
    bytes: int


def vacuum(
    catalog: Catalog, layout: Layout, now: datetime, grace: float, removed_grace: float
) -> VacuumResult:
    """Delete orphans and long-replaced files. Never a live one.

    Files get their final names only within a write transaction. Holding one here, a final name that the
    catalog does not list is nobody's; a temporary name may still be a slow writer's, hence the grace.
    """
    with catalog.write() as connection:
        before = to_micros(now) - int(removed_grace * 1e6)
        replaced = [
            path
            for (path,) in connection.execute(
                "select path from files where removed_seq is not null and removed_at < ?", (before,)
            )
        ]
        connection.executemany("delete from files where path = ?", [(path,) for path in replaced])
    with catalog.write() as connection:
        # First unlisted, then deleted: killed in between, they are orphans for the next time.
        gone = {layout.file(path) for path in replaced}
        listed = _listed(connection, layout)
        found = [
            path for path in _present(layout) if path not in listed and (path in gone or _older(path, grace))
        ]
        size = sum(_delete(path) for path in found)
        sorted_files = "select sha256 from files where removed_seq is null and layout = 'by_security'"
        block.discard(layout, {sha256 for (sha256,) in connection.execute(sorted_files)}, grace)
    return VacuumResult(sum(path not in gone for path in found), sum(path in gone for path in found), size)


def _listed(connection: sqlite3.Connection, layout: Layout) -> set[Path]:
    paths = connection.execute(
        "select path from files union all select path from quarantine where path is not null"
    )
    return {layout.file(path) for (path,) in paths}


def _present(layout: Layout) -> Iterator[Path]:
    for pattern in ("*.parquet", "*.parquet.tmp"):
        yield from layout.data.glob(f"*/{pattern}")
    for pattern in ("*.ndjson", "*.ndjson.tmp"):
        yield from layout.quarantine.glob(pattern)


def _older(path: Path, grace: float) -> bool:
    try:
        return time.time() - path.stat().st_mtime >= grace
    except FileNotFoundError:
        return False


def _delete(path: Path) -> int:
    try:
        size = path.stat().st_size
        path.unlink()
    except FileNotFoundError:
        return 0
    return size


def check(
    catalog: Catalog, layout: Layout, progress: Callable[[int, int, str], None] | None = None
) -> list[str]:
    """Problems of the catalog and of every live file, as sentences; none where all is well."""
    with catalog.read() as connection:
        found = [row[0] for row in connection.execute("pragma integrity_check")]
        problems = [f"the catalog: {text}" for text in found if text != "ok"]
        files = connection.execute(
            "select path, bytes, sha256 from files where removed_seq is null order by path"
        ).fetchall()
    for done, (relative, size, digest) in enumerate(files):
        if progress is not None:
            progress(done, len(files), relative)
        problem = _problem(layout.file(relative), size, digest)
        if problem and _still_live(catalog, relative):
            problems.append(problem)
    return problems


def _problem(path: Path, size: int, digest: str) -> str | None:
    try:
        with path.open("rb") as handle:
            actual = hashlib.file_digest(handle, "sha256").hexdigest()
        found = path.stat().st_size
    except FileNotFoundError:
        return f"{path} is missing"
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}"
    if found != size:
        return f"{path} has {found:,} bytes, {size:,} were written"
    return None if actual == digest else f"{path} does not hold what was written (sha256 differs)"


def _still_live(catalog: Catalog, relative: str) -> bool:
    with catalog.read() as connection:
        row = connection.execute(
            "select 1 from files where path = ? and removed_seq is null", (relative,)
        ).fetchone()
    return row is not None

"""Kept pages: what OPEN needs to show a page again, also for a colleague."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from store.clock import from_micros, to_micros
from store.errors import StoreError


@dataclass(frozen=True, slots=True)
class PageRecord:
    """A page by its command, clock and snapshot: made again, it is the same to the bit."""

    id: str
    command: str
    asof: datetime
    live: bool
    recorded: datetime | None
    snapshot: int
    version: str
    user: str
    kept_at: datetime
    page_hash: str
    note: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)


def keep(connection: sqlite3.Connection, record: PageRecord) -> None:
    """Keep a page. One that was only seen (no hash) is kept in full by the first record with a hash;
    after that it stays as it was, and only a new note replaces the old one."""
    connection.execute(
        "insert into pages values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do update "
        "set note = case when excluded.note <> '' then excluded.note else note end, "
        "page_hash = case when page_hash = '' then excluded.page_hash else page_hash end, "
        "context = case when page_hash = '' then excluded.context else context end "
        "where excluded.note <> '' or (page_hash = '' and excluded.page_hash <> '')",
        (
            record.id,
            record.command,
            to_micros(record.asof),
            int(record.live),
            None if record.recorded is None else to_micros(record.recorded),
            record.snapshot,
            record.version,
            record.user,
            to_micros(record.kept_at),
            record.page_hash,
            record.note,
            json.dumps(dict(record.context), ensure_ascii=False),
        ),
    )


def find(connection: sqlite3.Connection, prefix: str) -> PageRecord | None:
    """The page with an id, or with the only id that starts so."""
    if not prefix:
        return None
    rows = connection.execute(
        "select * from pages where substr(id, 1, ?) = ? order by id limit 2", (len(prefix), prefix)
    ).fetchall()
    if not rows:
        return None
    if len(rows) > 1 and rows[0][0] != prefix:
        raise StoreError(
            f"Several pages have ids that start with {prefix!r}: type more of it. OPEN alone lists those kept, and a "
            "number then opens one."
        )
    return _record(rows[0])


def newest(connection: sqlite3.Connection, user: str | None, limit: int) -> list[PageRecord]:
    rows = connection.execute(
        "select * from pages where ?1 is null or user = ?1 order by kept_at desc limit ?2", (user, limit)
    ).fetchall()
    return [_record(row) for row in rows]


def _record(row: tuple[Any, ...]) -> PageRecord:
    return PageRecord(
        id=row[0],
        command=row[1],
        asof=from_micros(row[2]),
        live=bool(row[3]),
        recorded=None if row[4] is None else from_micros(row[4]),
        snapshot=row[5],
        version=row[6],
        user=row[7],
        kept_at=from_micros(row[8]),
        page_hash=row[9],
        note=row[10],
        context=json.loads(row[11]),
    )

"""Lists of the catalog: commits and what was set aside."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from store.batch import Answered, BatchInfo, Fetched, FetchedRecord, QuarantineRecord, TableSize
from store.clock import from_days, from_micros, to_days


def has_dataset(connection: sqlite3.Connection, source: str, dataset: str) -> bool:
    row = connection.execute(
        "select 1 from commits where source = ? and dataset = ? and kind = 'append' limit 1",
        (source, dataset),
    ).fetchone()
    return row is not None


def has_key(connection: sqlite3.Connection, ingest_key: str) -> bool:
    row = connection.execute("select 1 from commits where ingest_key = ?", (ingest_key,)).fetchone()
    return row is not None


def batches(connection: sqlite3.Connection) -> list[BatchInfo]:
    rows = connection.execute(
        "select seq, kind, source, dataset, answer_hash, basis, note, user, recorded_at, rows "
        "from commits order by seq desc"
    ).fetchall()
    return [BatchInfo(*(*row[:8], from_micros(row[8]), json.loads(row[9]))) for row in rows]


def quarantine(connection: sqlite3.Connection) -> list[QuarantineRecord]:
    rows = connection.execute(
        "select q.id, q.seq, c.source, c.dataset, q.table_name, q.reason, q.rows, q.path, c.recorded_at "
        "from quarantine q join commits c using (seq) order by q.id desc"
    ).fetchall()
    return [QuarantineRecord(*(*row[:8], from_micros(row[8]))) for row in rows]


def fragmented(connection: sqlite3.Connection, minimum: int) -> list[str]:
    """Tables with at least so many live fragments."""
    rows = connection.execute(
        "select table_name from files where removed_seq is null and layout = 'fragment' "
        "group by table_name having count(*) >= ? order by table_name",
        (minimum,),
    ).fetchall()
    return [row[0] for row in rows]


def enter_fetched(
    connection: sqlite3.Connection, seq: int, recorded: int, source: str, fetched: Sequence[Fetched]
) -> None:
    """List what a commit's source has answered. Within its write transaction."""
    connection.executemany(
        "insert into fetched values (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (source, f.dataset, f.security_id, f.detail, to_days(f.start), to_days(f.end), recorded, seq)
            for f in fetched
        ],
    )


def fetched(
    connection: sqlite3.Connection,
    dataset: str | None,
    security_id: int | None,
    detail: str | None,
    snapshot: int | None,
) -> list[FetchedRecord]:
    """Answers entered by a snapshot, oldest first; None stands for every one."""
    rows = connection.execute(
        "select source, dataset, security_id, detail, start_day, end_day, fetched_at, seq from fetched "
        "where (?1 is null or dataset = ?1) and (?2 is null or security_id = ?2) "
        "and (?3 is null or detail = ?3) and (?4 is null or seq <= ?4) order by seq",
        (dataset, security_id, detail, snapshot),
    ).fetchall()
    return [
        FetchedRecord(*(*row[:4], from_days(row[4]), from_days(row[5]), from_micros(row[6]), row[7]))
        for row in rows
    ]


def sizes(connection: sqlite3.Connection, snapshot: int) -> list[TableSize]:
    """Tables with files in a snapshot, by name."""
    rows = connection.execute(
        "select table_name, sum(case when layout = 'by_year' then 0 else rows end), "
        "sum(layout = 'fragment'), count(*), sum(bytes) from files "
        "where added_seq <= ?1 and (removed_seq is null or removed_seq > ?1) group by table_name order by 1",
        (snapshot,),
    ).fetchall()
    return [TableSize(*row) for row in rows]


def answered(connection: sqlite3.Connection, snapshot: int) -> list[Answered]:
    """What sources have answered, by source and data set."""
    rows = connection.execute(
        "select source, dataset, count(distinct security_id), min(start_day), max(end_day), max(fetched_at) "
        "from fetched where seq <= ? group by source, dataset order by source, dataset",
        (snapshot,),
    ).fetchall()
    return [
        Answered(row[0], row[1], row[2], from_days(row[3]), from_days(row[4]), from_micros(row[5]))
        for row in rows
    ]

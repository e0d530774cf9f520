"""The catalog: a small SQLite database that says which files are live and what each commit brought.

Rollback journal, not WAL: the side files of a WAL belong to whoever came first, so that a second Unix
user merely reading could stop the first one writing. Transactions are short: milliseconds.
"""

from __future__ import annotations

import os
import re
import sqlite3
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from store.clock import to_micros
from store.errors import Busy, Damaged, StoreError

FORMAT = 2
WAIT_SECONDS = 30.0

_TABLES = """
create table if not exists meta (key text primary key, value text not null) without rowid;
create table if not exists commits (
    seq integer primary key, kind text not null, ingest_key text unique, source text not null,
    dataset text not null, answer_hash text not null, basis text not null, note text not null,
    user text not null, recorded_at integer not null, rows text not null);
create index if not exists commits_dataset on commits (source, dataset);
create index if not exists commits_recorded on commits (recorded_at);
create table if not exists files (
    file_id integer primary key, table_name text not null, path text not null unique,
    layout text not null, part integer not null, added_seq integer not null, removed_seq integer,
    removed_at integer, rows integer not null, bytes integer not null, sha256 text not null,
    min_security integer not null, max_security integer not null,
    min_session integer not null, max_session integer not null,
    min_known integer not null, max_known integer not null,
    min_seq integer not null, max_seq integer not null,
    one_version integer not null, bases text not null, sources text not null);
create index if not exists files_live on files (table_name, removed_seq, layout, min_security);
create table if not exists identities (
    security_id integer primary key, identity text not null unique, made_at integer not null);
create table if not exists documents (
    user text not null, kind text not null, name text not null, body text not null,
    changed_at integer not null, primary key (user, kind, name)) without rowid;
create table if not exists pages (
    id text primary key, command text not null, asof integer not null, live integer not null,
    recorded integer, snapshot integer not null, version text not null, user text not null,
    kept_at integer not null, page_hash text not null, note text not null, context text not null
    ) without rowid;
create table if not exists quarantine (
    id integer primary key, seq integer not null, table_name text not null, reason text not null,
    rows integer not null, path text);
create table if not exists fetched (
    source text not null, dataset text not null, security_id integer not null, detail text not null,
    start_day integer not null, end_day integer not null, fetched_at integer not null, seq integer not null);
create index if not exists fetched_of on fetched (security_id, dataset, detail);
create table if not exists audit_heads (
    lines integer primary key, hash text not null, seq integer not null);
create table if not exists snapshots (
    id text primary key, name text not null, note text not null, user text not null,
    made_at integer not null, body text not null, seal text not null) without rowid;
create table if not exists jobs (
    id text primary key, kind text not null, title text not null, user text not null, pid integer not null,
    host text not null, mark text not null, state text not null, done integer not null,
    total integer not null, label text not null, facts text not null, request text not null,
    summary text not null, started_at integer not null, updated_at integer not null, finished_at integer,
    stop_asked integer not null) without rowid;
create index if not exists jobs_started on jobs (started_at);
"""
_NAMES = frozenset(re.findall(r"create table if not exists (\w+)", _TABLES))


class Catalog:
    """Connections to one catalog, lent to one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._pid = os.getpid()

    def prepare(self) -> None:
        """Make the tables where they are missing; refuse a store of a later format."""
        with self.write() as connection:
            for statement in _TABLES.split(";"):
                connection.execute(statement)
            connection.execute("insert or ignore into meta values ('id', ?)", (uuid.uuid4().hex,))
            connection.execute("insert or ignore into meta values ('format', ?)", (str(FORMAT),))
            connection.execute(
                "update meta set value = ? where key = 'format' and value < ?", (str(FORMAT),) * 2
            )

    def identity(self) -> str | None:
        """The store's id, or None where the catalog is still empty."""
        with self.read() as connection:
            if connection.execute("select 1 from sqlite_master where name = 'meta'").fetchone() is None:
                return None
            meta = dict(connection.execute("select key, value from meta").fetchall())
        if "id" not in meta:
            return None
        if int(meta["format"]) > FORMAT:
            raise StoreError(
                f"the store at {self._path.parent} has format {meta['format']}, this program knows {FORMAT}: "
                "update the program"
            )
        return str(meta["id"])

    def is_current(self) -> bool:
        """Whether the catalog has every table of this format."""
        with self.read() as connection:
            row = connection.execute("select value from meta where key = 'format'").fetchone()
            held = {name for (name,) in connection.execute("select name from sqlite_master")}
        return row is not None and int(row[0]) == FORMAT and held >= _NAMES

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection outside any transaction: each statement sees one state of the catalog."""
        with self._lent() as connection, self._translated():
            yield connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A write transaction. The lock is taken at once, so that it cannot fail half way for a reader."""
        with self._lent() as connection, self._translated():
            connection.execute("begin immediate")
            try:
                yield connection
                connection.execute("commit")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("rollback")
                raise

    @contextmanager
    def _lent(self) -> Iterator[sqlite3.Connection]:
        connection = self._take()
        try:
            yield connection
        finally:
            with self._lock:
                self._idle.append(connection)

    def _take(self) -> sqlite3.Connection:
        with self._lock:
            if self._pid != os.getpid():
                # Connections do not survive a fork; closing them here could disturb the parent's.
                _abandoned.append(self._idle)
                self._idle = []
                self._pid = os.getpid()
            if self._idle:
                return self._idle.pop()
        return self._connect()

    def _connect(self) -> sqlite3.Connection:
        with self._translated():
            connection = sqlite3.connect(
                f"{self._path.absolute().as_uri()}?mode=rw",  # never makes a file: modes are made before
                uri=True,
                timeout=WAIT_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
            connection.execute("pragma journal_mode = truncate")
            connection.execute("pragma synchronous = full")
            connection.execute("pragma temp_store = memory")
            return connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            text = str(error)
            if "locked" in text or "busy" in text:
                raise Busy(
                    f"the catalog {self._path} stayed locked for {WAIT_SECONDS:.0f} s by another process"
                ) from error
            if "unable to open" in text:
                raise StoreError(f"the catalog {self._path} cannot be opened: {text}") from error
            if "readonly" in text:
                raise StoreError(
                    f"the catalog {self._path} may not be written: ask its owner for group access (mode 0664)"
                ) from error
            raise StoreError(f"the catalog {self._path} failed: {text}") from error
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
                raise
            raise Damaged(f"the catalog {self._path} is damaged: {error}") from error

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()


_abandoned: list[list[sqlite3.Connection]] = []


def next_commit(connection: sqlite3.Connection, now: datetime) -> tuple[int, int]:
    """Sequence number and recorded_at of the next commit; both grow, whatever the clock does."""
    seq, last = connection.execute(
        "select coalesce(max(seq), 0), coalesce(max(recorded_at), 0) from commits"
    ).fetchone()
    return seq + 1, max(to_micros(now), last + 1)


def snapshot(connection: sqlite3.Connection) -> int:
    return int(connection.execute("select coalesce(max(seq), 0) from commits").fetchone()[0])


def snapshot_at(connection: sqlite3.Connection, recorded: int) -> int:
    """The newest commit recorded at or before an instant."""
    row = connection.execute(
        "select coalesce(max(seq), 0) from commits where recorded_at <= ?", (recorded,)
    ).fetchone()
    return int(row[0])


def identify(connection: sqlite3.Connection, keys: list[str], now: datetime) -> dict[str, int]:
    """Ids of identity keys, allotted where missing. Within a write transaction."""
    connection.executemany(
        "insert or ignore into identities (identity, made_at) values (?, ?)",
        [(key, to_micros(now)) for key in keys],
    )
    return known_identities(connection, keys)


def known_identities(connection: sqlite3.Connection, keys: list[str]) -> dict[str, int]:
    """Ids of those identity keys that have one."""
    found: dict[str, int] = {}
    for start in range(0, len(keys), 500):
        part = keys[start : start + 500]
        marks = ",".join("?" * len(part))
        rows = connection.execute(
            f"select identity, security_id from identities where identity in ({marks})",  # noqa: S608
            part,
        )
        found.update(rows.fetchall())
    return found

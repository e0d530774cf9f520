"""The sliding log behind the rate limits: calls, who waits, and pauses, on a clock that no one can turn back.

Time is counted by the box's own uptime, which all processes share, and only across a restart by the wall
clock: setting the clock back neither frees calls nor blocks anyone. The file is no book of record: writes do
not wait for the disk, and a damaged one is put aside and begun anew.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

from providers.base import ProviderError
from providers.source import Limit
from store.paths import make_empty_file

_WAIT_SECONDS = 30.0
_GONE = 3.0  # seconds after which a waiting process that no longer shows itself is forgotten
_LONGEST_CALL = 900.0  # a call without an answer counts no longer than this as under way

_TABLES = """
create table if not exists clock (
    one integer primary key check (one = 1), at real not null, boot text not null, uptime real not null,
    wall real not null);
create table if not exists calls (
    id integer primary key, key text not null, at real not null, user text not null, pid integer, boot text);
create index if not exists calls_of on calls (key, at);
create index if not exists calls_open on calls (id) where pid is not null;
create table if not exists waiting (
    ticket text primary key, key text not null, user text not null, since real not null, seen real not null,
    pid integer not null, boot text not null);
create table if not exists pauses (key text primary key, until real not null);
create table if not exists answers (key text primary key, wall real not null, outcome text not null)
"""


class Reading(NamedTuple):
    """The box's clocks: which run of the machine, seconds since it began, seconds since 1970."""

    boot: str
    uptime: float
    wall: float


Clock = Callable[[], Reading]


def box_clock() -> Reading:
    """The clocks of this machine, the same for all its processes."""
    kind = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return Reading(_boot(), time.clock_gettime(kind), time.time())


@cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return f"{time.time() - time.clock_gettime(time.CLOCK_MONOTONIC):.0f}"[:-1]


@dataclass(slots=True)
class Turn:
    """A process's place among those waiting."""

    user: str
    ticket: str = field(default_factory=lambda: uuid.uuid4().hex)
    waiting: bool = False


class Answered(NamedTuple):
    """``call``: its number, or None and how long to wait for which limit (None: a pause, or others' turn)."""

    call: int | None
    wait: float = 0.0
    limit: Limit | None = None


class Log:
    """One database. Connections are short transactions; each thread has its own."""

    def __init__(self, path: Path, clock: Clock = box_clock) -> None:
        self._path, self._clock = path, clock
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._pid = os.getpid()

    # -- calls -------------------------------------------------------------------------------------

    def ask(self, key: str, limits: tuple[Limit, ...], turn: Turn) -> Answered:
        """A call now, where the limits allow one and it is this turn's; else how long until one may be."""
        with self._changing() as (connection, now):
            self._forget_gone(connection, now)
            longest = max((limit.seconds for limit in limits), default=0.0)
            connection.execute(
                "delete from calls where key = ? and at < ? and pid is null", (key, now - longest)
            )
            paused = connection.execute("select until from pauses where key = ?", (key,)).fetchone()
            delay, which = (paused[0] - now if paused else 0.0), None
            free = None
            for limit in limits:
                needed, left = _room(connection, key, limit, now)
                free = left if free is None else min(free, left)
                if needed > max(delay, 0.0):
                    delay, which = needed, limit
            self._wait_in_line(connection, key, turn, now)
            if delay <= 0 and (free is None or self._rank(connection, key, limits, turn, now) < free):
                boot = self._clock().boot
                done = connection.execute(
                    "insert into calls (key, at, user, pid, boot) values (?, ?, ?, ?, ?)",
                    (key, now, turn.user, os.getpid(), boot),
                )
                connection.execute("delete from waiting where ticket = ?", (turn.ticket,))
                turn.waiting = False
                return Answered(done.lastrowid)
            return Answered(None, max(delay, 0.0), which)

    def arrived(self, call: int) -> None:
        """The source has the call: from now on it grows old."""
        with self._changing() as (connection, now):
            connection.execute("update calls set at = ?, pid = null where id = ?", (now, call))

    def leave(self, turn: Turn) -> None:
        """No longer waiting."""
        if turn.waiting:
            with self._changing() as (connection, _):
                connection.execute("delete from waiting where ticket = ?", (turn.ticket,))
            turn.waiting = False

    def pause(self, key: str, seconds: float) -> None:
        with self._changing() as (connection, now):
            connection.execute(
                "insert into pauses values (?, ?) on conflict do update set until = max(until, excluded.until)",
                (key, now + seconds),
            )

    # -- what is told ------------------------------------------------------------------------------

    def tell(self, key: str, outcome: str) -> None:
        with self._changing() as (connection, _):
            connection.execute(
                "insert or replace into answers values (?, ?, ?)", (key, self._clock().wall, outcome)
            )

    def answer(self, key: str) -> tuple[float, str] | None:
        with self._changing() as (connection, _):
            found = connection.execute("select wall, outcome from answers where key = ?", (key,)).fetchone()
        return None if found is None else (float(found[0]), str(found[1]))

    def used(self, key: str, limit: Limit) -> tuple[int, float]:
        """How many calls of a limit are used, and in how many seconds one is free."""
        with self._changing() as (connection, now):
            self._forget_gone(connection, now)
            needed, left = _room(connection, key, limit, now)
        return limit.calls - left, max(0.0, needed)

    def close(self) -> None:
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    # -- turns -------------------------------------------------------------------------------------

    def _wait_in_line(self, connection: sqlite3.Connection, key: str, turn: Turn, now: float) -> None:
        connection.execute(
            "insert into waiting values (?, ?, ?, ?, ?, ?, ?) on conflict do update set seen = excluded.seen",
            (turn.ticket, key, turn.user, now, now, os.getpid(), self._clock().boot),
        )
        turn.waiting = True

    def _rank(
        self, connection: sqlite3.Connection, key: str, limits: tuple[Limit, ...], turn: Turn, now: float
    ) -> int:
        """How many of those waiting go first: users with fewer calls in the window, then who waits longest."""
        window = min((limit.seconds for limit in limits), default=0.0)
        had = dict(
            connection.execute(
                "select user, count(*) from calls where key = ? and at > ? group by user", (key, now - window)
            ).fetchall()
        )
        line = []
        for user, since, ticket in connection.execute(
            "select user, since, ticket from waiting where key = ? order by since, ticket", (key,)
        ):
            line.append((had.get(user, 0), since, ticket))
            had[user] = had.get(user, 0) + 1
        return [ticket for _, _, ticket in sorted(line)].index(turn.ticket)

    def _forget_gone(self, connection: sqlite3.Connection, now: float) -> None:
        """What killed processes left: their place in line, and calls whose answer nobody will see."""
        boot = self._clock().boot
        for ticket, pid, where, seen in connection.execute(
            "select ticket, pid, boot, seen from waiting"
        ).fetchall():
            if (where == boot and not _alive(pid)) or seen < now - _GONE:
                connection.execute("delete from waiting where ticket = ?", (ticket,))
        for call, pid, where, at in connection.execute(
            "select id, pid, boot, at from calls where pid is not null"
        ).fetchall():
            if where != boot or not _alive(pid) or at < now - _LONGEST_CALL:
                connection.execute("update calls set at = ?, pid = null where id = ?", (now, call))

    # -- the database ------------------------------------------------------------------------------

    @contextmanager
    def _changing(self) -> Iterator[tuple[sqlite3.Connection, float]]:
        """A transaction and the time in it; a damaged database is begun anew."""
        with self._lock:
            try:
                connection = self._begun()
                try:
                    yield connection, self._now(connection)
                    connection.execute("commit")
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("rollback")
                    raise
            except sqlite3.Error as error:
                raise ProviderError(
                    f"the rate limits in {self._path} cannot be kept ({error}): nothing was asked"
                ) from error

    def _begun(self) -> sqlite3.Connection:
        """A connection with the write lock. A file that is damaged, and still is when opened again, gives way."""
        for step in (self._drop, self._put_aside):
            try:
                connection = self._opened()
                connection.execute("begin immediate")
                return connection
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                step()
        connection = self._opened()
        connection.execute("begin immediate")
        return connection

    def _opened(self) -> sqlite3.Connection:
        if self._connection is not None and self._pid == os.getpid():
            return self._connection
        make_empty_file(self._path)
        connection = sqlite3.connect(
            f"{self._path.absolute().as_uri()}?mode=rw", uri=True, timeout=_WAIT_SECONDS, isolation_level=None,
            check_same_thread=False,
        )  # fmt: skip
        try:
            connection.execute("pragma journal_mode = truncate")
            connection.execute("pragma synchronous = off")
            connection.executescript(f"begin immediate; {_TABLES}; commit;")
        except BaseException:
            connection.close()
            raise
        self._connection, self._pid = connection, os.getpid()
        return connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _put_aside(self) -> None:
        self._drop()
        self._path.replace(self._path.with_name(f"{self._path.name}.damaged"))

    def _now(self, connection: sqlite3.Connection) -> float:
        """The log's own time: it goes on by the box's uptime, and across a restart by the wall clock."""
        boot, uptime, wall = self._clock()
        last = connection.execute("select at, boot, uptime, wall from clock").fetchone()
        if last is None:
            at = wall
        else:
            passed = uptime - last[2] if last[1] == boot else wall - last[3]
            at = last[0] + max(0.0, passed)
        connection.execute("insert or replace into clock values (1, ?, ?, ?, ?)", (at, boot, uptime, wall))
        return float(at)


def _room(connection: sqlite3.Connection, key: str, limit: Limit, now: float) -> tuple[float, int]:
    """Seconds until a limit has room for a call, and for how many it has now."""
    begun = now - limit.seconds
    # what is under way counts as sent just now
    under_way, newest_used = connection.execute(
        "select count(*) filter (where pid is not null), count(*) filter (where pid is null and at > ?) "
        "from calls where key = ?",
        (begun, key),
    ).fetchone()
    left = limit.calls - under_way - newest_used
    if left > 0:
        return 0.0, left
    if under_way >= limit.calls:
        return 0.01, 0  # soon: as one of them is answered
    oldest = connection.execute(
        "select at from calls where key = ? and pid is null and at > ? order by at limit 1 offset ?",
        (key, begun, -left),
    ).fetchone()
    return max(0.001, oldest[0] + limit.seconds - now), 0


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # another user's
    return True

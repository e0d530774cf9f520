"""The register of jobs: what runs long, who started it, how far it is, and whether it was asked to stop.

A row of the catalog a job, so that every process of every user sees it. The work itself runs in the process
that started it, which tells how far it is and looks whether it should stop. A job whose process is gone is
told as "lost": nothing has to be running to find that out.
"""

from __future__ import annotations

import json
import os
import sqlite3
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias, cast, get_args

from store.catalog import Catalog
from store.clock import from_micros, to_micros
from store.errors import StoreError
from store.who import host_name, process_mark

End: TypeAlias = Literal["done", "failed", "stopped"]
State: TypeAlias = Literal["running", "done", "failed", "stopped", "lost"]

_COLUMNS = (
    "id, kind, title, user, pid, host, mark, state, done, total, label, facts, request, summary, "
    "started_at, updated_at, finished_at"
)


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stood when it was looked up."""

    id: str
    kind: str
    title: str
    user: str
    pid: int
    host: str
    state: State
    done: int
    total: int
    label: str
    facts: Mapping[str, Any]
    request: Mapping[str, Any]  # what was asked for: enough to take it up again
    summary: str
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs of one store. ``host`` and ``mark`` are seams for tests: this machine, and a process's start."""

    catalog: Catalog
    clock: Callable[[], datetime]
    host: Callable[[], str] = field(default=host_name)
    mark: Callable[[int], str] = field(default=process_mark)

    def start(self, kind: str, title: str, user: str, request: Mapping[str, Any]) -> Job:
        """Enter a job that runs in this process."""
        now, pid, id_ = to_micros(self.clock()), os.getpid(), uuid.uuid4().hex[:12]
        with self.catalog.write() as connection:
            connection.execute(
                f"insert into jobs ({_COLUMNS}, stop_asked) "  # noqa: S608 - fixed words
                "values (?, ?, ?, ?, ?, ?, ?, 'running', 0, 0, '', '{}', ?, '', ?, ?, null, 0)",
                (id_, kind, title, user, pid, self.host(), self.mark(pid), _json(request), now, now),
            )
        return self._known(id_)

    def tell(
        self, id_: str, done: int, total: int, label: str, facts: Mapping[str, Any] | None = None
    ) -> None:
        """How far the work is; a few milliseconds. ``facts`` None leaves those told before."""
        with self.catalog.write() as connection:
            connection.execute(
                "update jobs set done = ?, total = ?, label = ?, facts = coalesce(?, facts), updated_at = ? "
                "where id = ? and state = 'running'",
                (done, total, label, None if facts is None else _json(facts), to_micros(self.clock()), id_),
            )

    def finish(self, id_: str, state: End, summary: str = "", facts: Mapping[str, Any] | None = None) -> Job:
        """The work has ended, one way or another."""
        if state not in get_args(End):
            raise StoreError(f"a job ends as {', '.join(get_args(End))}, not as {state!r}")
        now = to_micros(self.clock())
        with self.catalog.write() as connection:
            connection.execute(
                "update jobs set state = ?, summary = ?, facts = coalesce(?, facts), updated_at = ?, finished_at = ? "
                "where id = ? and state = 'running'",
                (state, summary, None if facts is None else _json(facts), now, now, id_),
            )
        return self._known(id_)

    def ask_to_stop(self, id_: str) -> bool:
        """Ask a running job to stop, from any process; False where it runs no more. It stops when its
        process next looks."""
        with self.catalog.write() as connection:
            changed = connection.execute(
                "update jobs set stop_asked = 1 where id = ? and state = 'running'", (id_,)
            )
        return changed.rowcount > 0

    def stop_asked(self, id_: str) -> bool:
        with self.catalog.read() as connection:
            row = connection.execute("select stop_asked from jobs where id = ?", (id_,)).fetchone()
        return row is not None and bool(row[0])

    def resume(self, id_: str) -> Job:
        """Take over a job that is not running, in this process. Of several that try, one gets it."""
        now, pid = to_micros(self.clock()), os.getpid()
        with self.catalog.write() as connection:
            job = self._found(connection, id_)
            if job is None:
                raise StoreError(f"there is no job {id_}")
            if job.state == "running":
                raise StoreError(f"job {id_} is running already, in process {job.pid} on {job.host}")
            connection.execute(
                "update jobs set state = 'running', pid = ?, host = ?, mark = ?, summary = '', stop_asked = 0, "
                "updated_at = ?, finished_at = null where id = ?",
                (pid, self.host(), self.mark(pid), now, id_),
            )
        return self._known(id_)

    def get(self, id_: str) -> Job | None:
        """The job with an id; None where there is none."""
        with self.catalog.read() as connection:
            return self._found(connection, id_)

    def list(self, limit: int = 50, user: str | None = None) -> list[Job]:
        """Jobs, the last started first."""
        with self.catalog.read() as connection:
            rows = connection.execute(
                f"select {_COLUMNS} from jobs where ?1 is null or user = ?1 "  # noqa: S608 - fixed words
                "order by started_at desc, id limit ?2",
                (user, limit),
            ).fetchall()
        return [self._job(row) for row in rows]

    def _known(self, id_: str) -> Job:
        job = self.get(id_)
        if job is None:
            raise StoreError(f"there is no job {id_}")
        return job

    def _found(self, connection: sqlite3.Connection, id_: str) -> Job | None:
        row = connection.execute(f"select {_COLUMNS} from jobs where id = ?", (id_,)).fetchone()  # noqa: S608
        return None if row is None else self._job(row)

    def _job(self, row: tuple[Any, ...]) -> Job:
        id_, kind, title, user, pid, host, mark, state, done, total, label, facts, request, summary = row[:14]
        # A number taken by a later process has another start; of other machines' processes we know nothing.
        if state == "running" and host == self.host() and self.mark(pid) != mark:
            state = "lost"
        started, updated, finished = row[14:]
        return Job(
            id_, kind, title, user, pid, host, cast("State", state), done, total, label,
            json.loads(facts), json.loads(request), summary,
            from_micros(started), from_micros(updated), None if finished is None else from_micros(finished),
        )  # fmt: skip


def _json(body: Mapping[str, Any]) -> str:
    return json.dumps(dict(body), ensure_ascii=True)

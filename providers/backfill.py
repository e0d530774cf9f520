"""A backfill: an order worked off by threads under the sources' limits, told to the register of jobs as it goes.

What is fetched is committed answer by answer, with the range that each settles: stopped or killed at any moment,
it has lost and doubled nothing, and the order taken up again asks only for what is still missing.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from providers.backfill_plan import Order, Task, keep, tidy, written
from providers.backfill_report import Failed, Report, gaps
from providers.breaker import Breaker
from providers.errors import Kind, SourceError
from providers.group_commit import GroupCommit
from providers.outcomes import Outcome
from providers.subjects import described
from store.clock import utc_now
from store.errors import Busy, StoreError
from store.vintages import fragments

if TYPE_CHECKING:
    from providers.router import Router
    from store import Store

Meter = Callable[[int, int, str], None]

WAITS = (5.0, 30.0)  # seconds before what failed in passing is tried again, once for each
PATIENCE = 86_400.0  # a limit a day is waited for: nobody sits before the screen
TELL_EVERY = 1.0
COMPACT_AT = 300  # fragments of a table
LOOKUP_AGE = 30 * 86_400.0


@dataclass(slots=True)
class _Tally:
    """How far the work is; touched by the main thread alone."""

    total: int
    done: int = 0
    from_store: int = 0
    rows: int = 0
    quarantined: int = 0
    failures: dict[Task, Failed] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    def label(self, last: str) -> str:
        fetched = self.done - self.from_store
        rate = fetched / self.seconds if self.seconds > 0 else 0.0
        parts = [last] if last else []
        if rate > 0 and fetched >= 3:
            left = (self.total - self.done) / rate
            parts.append(f"{rate:.1f}/s, {_time(left)} left")
        if self.failures:
            parts.append(f"{len(self.failures)} failed")
        return "; ".join(parts)

    def facts(self) -> dict[str, int | float]:
        return {
            "rows": self.rows, "from_store": self.from_store, "failed": len(self.failures),
            "quarantined": self.quarantined, "seconds": round(self.seconds, 1),
        }  # fmt: skip


class Backfill:
    """See the module. ``router`` (given how to commit) and ``waits`` are seams for tests."""

    def __init__(
        self,
        store: Store,
        user: str,
        *,
        threads: int = 4,
        clock: Callable[[], datetime] = utc_now,
        environ: Mapping[str, str] = os.environ,
        router: Callable[[GroupCommit], Router] | None = None,
        waits: tuple[float, ...] = WAITS,
        version: str = "",
        obey: Callable[[Router], None] = lambda _: None,
    ) -> None:
        self._obey = obey  # the user's settings
        self._store, self._user, self._threads, self._clock = store, user, threads, clock
        self._environ, self._waits, self._version = environ, waits, version
        self._make = router or self._open_router

    def run(
        self,
        order: Order,
        stopped: Callable[[], bool] = lambda: False,
        meter: Meter | None = None,
        *,
        resume: str = "",
        tag: str = "",
    ) -> Report:
        """Work the order off; answers however it ends. ``resume``: the job that it takes up."""
        jobs = self._store.jobs
        if resume:
            job = jobs.resume(resume)
        else:
            request = {"tag": tag, "tasks": len(order.tasks)}
            job = jobs.start("backfill", order.title, self._user, request)
            keep(self._store, job.id, "order", written(order))
            tidy(self._store)
        self._store.audit.record(
            "backfill", job=job.id, title=order.title, tasks=len(order.tasks), state="started"
        )
        tally = _Tally(len(order.tasks))
        halt = threading.Event()
        state, trouble = "failed", ""
        try:
            self._rounds(job.id, order, tally, halt, stopped, meter or (lambda *_: None))
            state = "stopped" if halt.is_set() else "done"
        except StoreError as fault:
            trouble = str(fault)
            raise
        finally:
            halt.set()
            report = self._report(job.id, order, tally, state)
            summary = trouble or report.lines()[0]
            keep(self._store, job.id, "report", report.body())
            jobs.tell(job.id, tally.done, tally.total, "", tally.facts())
            jobs.finish(job.id, state, summary, tally.facts())  # type: ignore[arg-type]
            self._store.audit.record(
                "backfill", job=job.id, title=order.title, tasks=len(order.tasks), state=state, rows=tally.rows,
                failed=len(tally.failures),
            )  # fmt: skip
        return report

    # -- the work --------------------------------------------------------------------------------------

    def _open_router(self, commit: GroupCommit) -> Router:
        from providers.routing import open_router

        router = open_router(
            self._store, self._user, environ=self._environ, clock=self._clock, commit=commit.append,
            patience=PATIENCE, version=self._version,
        )  # fmt: skip
        router.use_breaker(Breaker(longest=min(self._waits, default=1.0)))
        return router

    def _rounds(
        self,
        job: str,
        order: Order,
        tally: _Tally,
        halt: threading.Event,
        stopped: Callable[[], bool],
        meter: Meter,
    ) -> None:
        """All tasks once; what failed in passing again after each wait."""
        router = self._make(GroupCommit(self._store))
        self._obey(router)
        router.only = order.sources
        router.order = order.sources or router.order
        watch = _Watch(self._store, job, tally, halt, stopped, meter)
        pending = list(order.tasks)
        for pause in (0.0, *self._waits):
            if pause and pending:
                watch.until(time.monotonic() + pause, f"{len(pending)} are tried again")
            if halt.is_set() or not pending:
                return
            self._round(router, order, pending, tally, watch)
            pending = [task for task, failed in tally.failures.items() if failed.passing]

    def _round(self, router: Router, order: Order, tasks: list[Task], tally: _Tally, watch: _Watch) -> None:
        for task in tasks:
            if tally.failures.pop(task, None) is not None:
                tally.done -= 1
        with ThreadPoolExecutor(self._threads, thread_name_prefix="asof-backfill") as pool:
            waiting = iter(tasks)
            running: dict[Future[Outcome], Task] = {}
            try:
                while True:
                    for task in waiting:
                        running[pool.submit(self._fetch, router, order, task, watch.halt.is_set)] = task
                        if len(running) >= self._threads:
                            break
                    if not running:
                        return
                    ready, _ = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
                    for future in ready:
                        task = running.pop(future)
                        if not self._count(task, future, tally):
                            watch.halt.set()
                        watch.last = task.label
                    watch.look()
                    if watch.halt.is_set():
                        waiting = iter(())
            finally:
                watch.halt_if(bool(running))

    def _fetch(self, router: Router, order: Order, task: Task, cancelled: Callable[[], bool]) -> Outcome:
        subject = task.subject
        if task.lookup:
            router.ensure("lookup", subject, max_age_seconds=LOOKUP_AGE, cancelled=cancelled)
            subject = described(self._store, subject, self._clock())
        return router.ensure(
            task.dataset, subject, task.start, task.end, detail=task.detail, refresh=order.refresh,
            cancelled=cancelled,
        )  # fmt: skip

    @staticmethod
    def _count(task: Task, future: Future[Outcome], tally: _Tally) -> bool:
        """Enter what became of a task; False where it was cancelled."""
        try:
            outcome = future.result()
        except SourceError as fault:
            if fault.kind is Kind.CANCELLED:
                return False
            tally.failures[task] = Failed(task.subject.ticker, task.dataset, str(fault), fault.passing)
            tally.done += 1
            return True
        except Busy as fault:  # somebody else's long transaction is no reason to give up a night's work
            tally.failures[task] = Failed(task.subject.ticker, task.dataset, str(fault), passing=True)
            tally.done += 1
            return True
        tally.done += 1
        tally.rows += outcome.rows
        tally.quarantined += outcome.quarantined
        tally.from_store += outcome.from_store
        if outcome.failures and not outcome.source:
            why = "; ".join(f.message for f in outcome.asked or outcome.failures)
            passing = any(f.passing for f in outcome.asked)
            tally.failures[task] = Failed(task.subject.ticker, task.dataset, why, passing)
        return True

    def _report(self, job: str, order: Order, tally: _Tally, state: str) -> Report:
        now = self._clock()
        if state == "done":
            self._store.compact()
        tasks = [Task(t.dataset, described(self._store, t.subject, now), t.start, t.end) for t in order.tasks]
        missing, sessions = gaps(self._store, tasks, now) if state == "done" else ([], 0)
        return Report(
            job, state, order.title, tally.total, tally.done, tally.from_store, tally.rows,
            round(tally.seconds, 1), tally.quarantined, tuple(tally.failures.values()), tuple(missing), sessions,
        )  # fmt: skip


@dataclass(slots=True)
class _Watch:
    """Tells how far the work is, hears who wants it stopped, and has fragments sorted when they pile up."""

    store: Store
    job: str
    tally: _Tally
    halt: threading.Event
    stopped: Callable[[], bool]
    meter: Meter
    last: str = ""
    told: float = 0.0
    sorting: threading.Thread | None = None

    def look(self) -> None:
        """Cheap enough for every turn of a loop; the register is told once a second."""
        if self.stopped():
            self.halt.set()
        label = self.tally.label(self.last)
        self.meter(self.tally.done, self.tally.total, f"{self.tally.done:,} of {self.tally.total:,}, {label}")
        now = time.monotonic()
        if now - self.told < TELL_EVERY:
            return
        self.told = now
        self.store.jobs.tell(self.job, self.tally.done, self.tally.total, label, self.tally.facts())
        if self.store.jobs.stop_asked(self.job):
            self.halt.set()
        if (self.sorting is None or not self.sorting.is_alive()) and fragments(self.store) >= COMPACT_AT:
            self.sorting = threading.Thread(target=self.store.compact, name="asof-compact", daemon=True)
            self.sorting.start()

    def until(self, when: float, label: str) -> None:
        """Wait, and stop waiting where the work is to stop."""
        self.last = label
        while time.monotonic() < when and not self.halt.is_set():
            self.look()
            self.halt.wait(min(0.2, max(0.0, when - time.monotonic())))

    def halt_if(self, unfinished: bool) -> None:
        """Work that a fault left running is told to end."""
        if unfinished:
            self.halt.set()


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"

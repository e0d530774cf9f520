"""``asof sweep``: many backtests in processes of their own, or on a cluster, beside the terminal that began them."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from store.objects.address import place_of
from terminal.exits import Exit, UsageError, say

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from engine.runs.sweep_keep import Kept
    from engine.runs.sweep_order import Order
    from engine.runs.sweep_place import Place
    from store import Store

HELP = """\
asof sweep - work off a sweep that SWEEP has begun

  asof "SWEEP AAPL {20,50}SMA.{100..300/50}EMA"   begins one: small ones at once, larger ones as a job
  asof sweep --resume JOB                        take a stopped or killed one up: nothing is computed twice

options
  --workers N        processes (one a processor)
  --cluster ADDRESS  a Dask scheduler instead, tcp://host:8786 (or ASOF_CLUSTER); its workers see the same folder
  --store ADDRESS    or read the store where it is published, s3://bucket/prefix (or ASOF_PUBLISHED)
  --home DIR         the folder of the data

It stops at Ctrl-C or `JOBS STOP id`, and what is done is kept. SWEEP ID=... shows what came of it.
exit codes: 0 done   130 stopped
"""

_VALUES = ("order", "resume", "workers", "cluster", "store", "home", "tag")
_TELL_EVERY = 1.0
Pool = Callable[[], AbstractContextManager["Executor"]]


@dataclass(frozen=True, slots=True)
class SweepOptions:
    """What was asked for on the command line."""

    order: str = ""
    resume: str = ""
    workers: int = 0
    cluster: str = ""
    store: str = ""  # where workers of a cluster read it
    tag: str = ""  # by which the terminal that started this knows its job
    home: Path | str | None = None
    help: bool = False


def parse(words: Sequence[str]) -> SweepOptions:
    """Raises UsageError with a sentence."""
    values: dict[str, str] = {}
    rest = iter(words[1:])
    for word in rest:
        name, equals, value = word.removeprefix("--").partition("=")
        if word in ("--help", "-h"):
            return SweepOptions(help=True)
        if not word.startswith("--") or name not in _VALUES:
            raise UsageError(f"asof sweep takes no {word}; asof sweep --help lists what it takes")
        value = value if equals else next(rest, "")
        if not value:
            raise UsageError(f"--{name} needs a value")
        values[name] = value
    if ("order" in values) == ("resume" in values):
        raise UsageError('asof sweep needs --resume and a job\'s id; asof "SWEEP ..." begins one')
    count = values.get("workers", "0")
    if not (count.isascii() and count.isdigit() and int(count[:4]) <= 256):
        raise UsageError(f"--workers takes a number from 1 to 256, not {count}")
    return SweepOptions(
        order=values.get("order", ""),
        resume=values.get("resume", ""),
        workers=int(count),
        cluster=values.get("cluster", os.environ.get("ASOF_CLUSTER", "")),
        store=values.get("store", ""),
        tag=values.get("tag", ""),
        home=place_of(values["home"]) if "home" in values else None,
    )


def run(words: Sequence[str]) -> int:
    """Do it, and answer the exit code."""
    options = parse(words)
    if options.help:
        sys.stdout.write(HELP)
        return Exit.OK
    from engine.runs.sweep_keep import Kept
    from store import open_store

    store = open_store(options.home, create=False)
    id_ = options.order
    if options.resume:
        job = store.jobs.get(options.resume)
        if job is None or job.kind != "sweep":
            raise UsageError(f"there is no sweep {options.resume}; asof JOBS lists them")
        id_, held = str(job.request["sweep"]), job.request
        workers, cluster = options.workers or int(held["workers"]), options.cluster or str(held["cluster"])
        options = replace(
            options, workers=workers, cluster=cluster, store=options.store or str(held.get("store", ""))
        )
    kept = Kept.at(store.home, id_)
    order = kept.order()
    if order is None:
        raise UsageError(f"nothing is kept of the sweep {id_} any more: type its SWEEP line again")
    _own_code(store, order)
    return _work(store, options, order, kept)


def _own_code(store: Store, order: Order) -> None:
    """Code of others is not run unasked: the source is to lie among what this user's lines have kept.

    Raises
    ------
    UsageError
    """
    from hashlib import sha256

    from engine.runs.code import folder_of
    from terminal.backend import user_name

    if order.kind != "code":
        return
    digest = sha256(order.code[1].encode()).hexdigest()
    if not (folder_of(store.home, user_name()) / ".kept" / f"{digest}.py").is_file():
        raise UsageError(
            f"this sweep runs {order.code[0]}.py of another user, and code of others is not run unasked: put the "
            "same file among your strategies and type its SWEEP line again"
        )


def _work(store: Store, options: SweepOptions, order: Order, kept: Kept) -> int:
    from engine.runs.sweep_run import Carrying
    from terminal.backend import user_name
    from terminal.progress import Meter

    pool, workers = _pool(options)
    place = _place(store, options, order)
    stop = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stop.set())
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    title = f"{', '.join(each.label for each in order.subjects[:3])} {order.text}"
    request = {
        "sweep": order.id, "tag": options.tag, "workers": options.workers, "cluster": options.cluster,
        "store": options.store,
    }  # fmt: skip
    jobs = store.jobs
    job = jobs.resume(options.resume) if options.resume else jobs.start("sweep", title, user_name(), request)
    state, summary = "failed", "ended by a fault; its log says which"
    try:
        with Meter(title, always=True) as meter:
            watch = _Watch(store, job.id, stop, meter)
            whole = Carrying(order, place, kept, pool, workers, watch.told, watch.stopped).run()
        state = "done" if whole else "stopped"
        done = sum(len(each.points) for each in order.batches if each.number in kept.done())
        summary = f"{done:,} of {order.points:,} points"
        jobs.tell(job.id, done, order.points, "")
    except Exception as fault:
        summary = str(fault)
        raise
    finally:
        jobs.finish(job.id, state, summary)  # type: ignore[arg-type]
        for number, handler in before.items():
            signal.signal(number, handler)
    if state == "stopped":
        say(f"stopped; asof sweep --resume {job.id} goes on")
        return Exit.INTERRUPTED
    sys.stdout.write(f'{summary}: asof "SWEEP ID={order.id}"\n')
    return Exit.OK


def _pool(options: SweepOptions) -> tuple[Pool, int]:
    from engine.runs.pool import cluster, cores, processes

    if options.cluster:
        return lambda: cluster(options.cluster), max(options.workers, 8)
    workers = options.workers or cores()
    return lambda: processes(workers), workers


def _place(store: Store, options: SweepOptions, order: Order) -> Place:
    """Where workers read the store: those of this machine as this process does, those of a cluster where it is
    published, if anywhere."""
    from engine.runs.sweep_place import Place, address_of, published_place

    address = address_of(store, options.store) if options.cluster else store.address
    if options.store and not options.cluster:
        raise UsageError("--store is for the workers of a cluster: it goes with --cluster tcp://host:8786")
    return published_place(store, order, address) if address else Place(str(store.home))


@dataclass(slots=True)
class _Watch:
    """Tells the register how far the work is once a second, and hears who wants it stopped."""

    store: Store
    job: str
    stop: threading.Event
    meter: Callable[[int, int, str], None]
    _told: float = 0.0
    _asked: float = 0.0

    def told(self, done: int, total: int, label: str) -> None:
        self.meter(done, total, f"{done:,} of {total:,}, {label}")
        now = time.monotonic()
        if now - self._told >= _TELL_EVERY:
            self._told = now
            self.store.jobs.tell(self.job, done, total, label)

    def stopped(self) -> bool:
        now = time.monotonic()
        if now - self._asked >= _TELL_EVERY:
            self._asked = now
            if self.store.jobs.stop_asked(self.job):
                self.stop.set()
        return self.stop.is_set()

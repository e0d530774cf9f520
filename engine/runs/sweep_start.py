"""A sweep begun: here where it is soon done, else in a process of its own, which outlives the terminal."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from engine.errors import CommandError, DataError
from engine.outliving import begin, take_up
from engine.runs.sweep_keep import Kept
from engine.runs.sweep_order import Order
from engine.runs.sweep_work import Part, Worker

if TYPE_CHECKING:
    from engine.backtest.inputs import Inputs
    from engine.context import Context
    from store.jobs import Job

HERE = 2.0  # seconds: a sweep that takes longer gets a process of its own
KIND = "sweep"  # of jobs
_TRIES = 8  # points that may fail before a sweep whose runs read the store is taken to fail soon, all of it
_PER_VALUE = 1e-7  # seconds a point and session, of points side by side
Ran: TypeAlias = tuple[int, bool]
RunOne: TypeAlias = "Callable[[Order, Worker, int], Ran | None]"


def estimate(order: Order, worker: Worker) -> tuple[float, int]:
    """Seconds that an order takes in one process, and sessions of its first subject, by running a point.

    Raises
    ------
    DataError
        No subject has anything to be run on.
    """
    run_one = _apart if order.apart else _beside
    if not order.apart:
        _some(order, worker)  # read before the clock runs
    for point in range(min(len(order.grid), _TRIES) if order.apart else len(order.grid)):
        seconds, ran = _timed(run_one, order, worker, point)
        if ran is None:
            continue  # told with the other points
        if order.points * seconds > HERE:  # the first run loads what runs take
            seconds = min(seconds, _timed(run_one, order, worker, point)[0])
        rows, together = ran
        if together:
            return len(order.batches) * seconds + order.points * rows * _PER_VALUE, rows
        return order.points * seconds, rows
    return 0.0, 0


def _timed(run_one: RunOne, order: Order, worker: Worker, point: int) -> tuple[float, Ran | None]:
    begun = time.perf_counter()
    ran = run_one(order, worker, point)
    return time.perf_counter() - begun, ran


def _beside(order: Order, worker: Worker, point: int) -> Ran | None:
    """Sessions of a point that was run, and whether those like it run together; None where it cannot be run."""
    from engine.backtest.rules import RuleError
    from engine.backtest.run import run
    from engine.backtest.strategy import StrategyError
    from engine.backtest.sweep import side_by_side

    inputs, text = _some(order, worker), order.strategy(order.grid.text(point))
    try:
        result = run(inputs, order.spec(text)).result
        together = order.kind == "rules" and side_by_side(order.reader(text), order.spec())
    except (RuleError, StrategyError, CommandError, ValueError):
        return None
    return len(result.dates), together


def _apart(order: Order, worker: Worker, point: int) -> Ran | None:
    """The same of a run that reads the store itself."""
    for subject in order.subjects:
        run = worker.apart.point(subject, order.grid.text(point)).run
        if run is not None:
            return len(run.market.dates), False
    return None


def _some(order: Order, worker: Worker) -> Inputs:
    """Inputs of the first subject that has any."""
    fault: DataError | None = None
    for subject in range(len(order.subjects)):
        try:
            return worker.gathered(subject).inputs
        except DataError as found:
            fault = fault or found
    raise fault or DataError("There is nothing to sweep.")


def here(context: Context, order: Order, worker: Worker) -> list[Part]:
    """All batches, worked off at the desk; Esc ends it."""
    parts, done = [], 0
    for batch in order.batches:

        def tell(now: int, _: int, before: int = done) -> None:
            context.check_cancelled()
            context.progress(before + now, order.points, "simulating")

        context.check_cancelled()
        parts.append(worker.batch(batch.number, tell))
        done += len(batch.points)
    return parts


def begun(context: Context, order: Order, workers: int, cluster: str) -> str:
    """Start ``asof sweep`` in a process of its own; answers its job's id once it is entered."""
    store = context.desk.store
    Kept.at(store.home, order.id).begin(order)
    for job in store.jobs.list(50):
        if job.kind == KIND and job.request.get("sweep") == order.id and job.state == "running":
            return job.id
    options = ["--order", order.id]
    options += ["--workers", str(workers)] if workers else []
    options += ["--cluster", cluster] if cluster else []
    return begin(context, "sweep", order.text, options)


def taken_up(context: Context, job: Job) -> str:
    """Have a process take a stopped or lost sweep up where it was."""
    return take_up(context, "sweep", job)

"""A sweep begun: here where it is soon done, else in a process of its own, which outlives the terminal."""

from __future__ import annotations

import os
import subprocess
import time
import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from engine.errors import CommandError, DataError
from engine.runs.sweep_keep import Kept
from engine.runs.sweep_order import Order
from engine.runs.sweep_work import Part, Worker

if TYPE_CHECKING:
    from engine.backtest.inputs import Inputs
    from engine.context import Context
    from store.jobs import Job

HERE = 2.0  # seconds: a sweep that takes longer gets a process of its own
KIND = "sweep"  # of jobs
_STARTS = 20.0  # seconds that a process may take until its job is in the register
_TRIES = 8  # points that may fail before a sweep whose runs read the store is taken to fail soon, all of it
_PER_VALUE = 1e-7  # seconds a point and session, of points side by side
Ran: TypeAlias = tuple[int, bool]
RunOne: TypeAlias = "Callable[[Order, Worker, int], Ran | None]"
_started: list[subprocess.Popen[bytes]] = []  # held, so that Python does not warn of a child it forgot


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
    parts, done, begun = [], 0, time.monotonic()
    for batch in order.batches:

        def tell(now: int, _: int, before: int = done) -> None:
            context.check_cancelled()
            there, seconds = before + now, time.monotonic() - begun
            left = f"; {seconds / there * (order.points - there):.0f} s left" if there else ""
            context.progress(there, order.points, f"simulating{left}")

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
    tag = uuid.uuid4().hex[:12]
    options = ["--order", order.id, "--tag", tag]
    options += ["--workers", str(workers)] if workers else []
    options += ["--cluster", cluster] if cluster else []

    def entered() -> str:
        return next((job.id for job in store.jobs.list(20) if job.request.get("tag") == tag), "")

    return _process(context, order.text, options, entered)


def taken_up(context: Context, job: Job) -> str:
    """Have a process take a stopped or lost sweep up where it was."""
    jobs = context.desk.store.jobs

    def entered() -> str:
        now = jobs.get(job.id)
        return job.id if now is not None and now.updated_at > job.updated_at else ""

    return _process(context, job.title, ["--resume", job.id], entered)


def _process(context: Context, title: str, options: Sequence[str], entered: Callable[[], str]) -> str:
    home = context.desk.store.home
    command = [*context.desk.program, "sweep", *options, "--home", str(home)]
    log = home / "logs" / f"sweep-{uuid.uuid4().hex[:12]}.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("ab") as out:
        work = subprocess.Popen(  # noqa: S603 - our own interpreter, and words of our own
            command, cwd=home, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            env=dict(os.environ),
        )  # fmt: skip
    _started.append(work)
    deadline = time.monotonic() + _STARTS
    while time.monotonic() < deadline:
        context.check_cancelled()
        context.progress(0, 0, f"starting: {title}")
        if id_ := entered():
            return id_
        if work.poll() is not None:
            break
        time.sleep(0.05)
    lines = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    raise DataError(f"The sweep did not start: {lines[-1] if lines else log}")

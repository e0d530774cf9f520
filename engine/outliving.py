"""``asof`` with a verb, in a process that outlives the terminal: what backfills and sweeps are begun by."""

from __future__ import annotations

import os
import subprocess
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from engine.errors import DataError

if TYPE_CHECKING:
    from engine.context import Context
    from store.jobs import Job

_STARTS = 20.0  # seconds that a process may take until its job is in the register
started: list[subprocess.Popen[bytes]] = []  # held, so that Python does not warn of a child it forgot


def begin(
    context: Context,
    verb: str,
    title: str,
    options: Sequence[str],
    environment: Mapping[str, str] | None = None,
) -> str:
    """Starts ``asof verb options --tag ...``; the id of its job once that is in the register.

    Raises
    ------
    DataError
        It ended, or took too long, before its job was there: with the last line of its log.
    """
    jobs, tag = context.desk.store.jobs, uuid.uuid4().hex[:12]

    def entered() -> str:
        return next((job.id for job in jobs.list(20) if job.request.get("tag") == tag), "")

    return _process(context, verb, title, [*options, "--tag", tag], entered, environment)


def take_up(context: Context, verb: str, job: Job, environment: Mapping[str, str] | None = None) -> str:
    """Has a process take a stopped or lost job up where it was; raises as ``begin``."""
    jobs = context.desk.store.jobs

    def entered() -> str:
        now = jobs.get(job.id)
        return job.id if now is not None and now.updated_at > job.updated_at else ""

    return _process(context, verb, job.title, ["--resume", job.id], entered, environment)


def _process(
    context: Context, verb: str, title: str, options: Sequence[str], entered: Callable[[], str],
    environment: Mapping[str, str] | None,
) -> str:  # fmt: skip
    """In a session of its own; what ``entered`` answers once its job is there."""
    home = context.desk.store.home
    command = [*context.desk.program, verb, *options, "--home", context.desk.store.place]
    log = home / "logs" / f"{verb}-{uuid.uuid4().hex[:12]}.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("ab") as out:
        work = subprocess.Popen(  # noqa: S603 - our own interpreter, and words that were read as an order
            command, cwd=home, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            env=dict(environment or os.environ),
        )  # fmt: skip
    started.append(work)
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
    raise DataError(f"The {verb} did not start: {lines[-1] if lines else log}")

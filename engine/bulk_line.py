"""BACKFILL's line made into an order, and the order begun: at the desk, or in a process of its own."""

from __future__ import annotations

import subprocess
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import Cancelled, CommandError, DataError
from engine.period import Period, parse_period

if TYPE_CHECKING:
    from engine.context import Context
    from providers.backfill_plan import Order
    from store.jobs import Job

_YEARS = Period("Y", 10)
_STARTS = 15.0  # seconds that a process may take until its job is in the register
_started: list[subprocess.Popen[bytes]] = []  # held, so that Python does not warn of a child it forgot


def ordered(context: Context, words: Sequence[str]) -> tuple[Order, list[str]]:
    """The order that the words of a line mean, and the options of ``asof backfill`` that say the same."""
    from engine.bulk import MACRO_LISTS, is_file, macro_order, universe_order
    from engine.securities import UnknownSecurity

    period, named = _YEARS, []
    for word in words:
        try:
            found = parse_period(word)
        except ValueError as fault:
            raise CommandError(f"{fault}.", argument="what") from fault
        if found is None:
            named.append(word)
        else:
            period = found
    # a file is named from here: the process that reads it may run elsewhere
    named = [str(Path(word).expanduser().absolute()) if is_file(word) else word for word in named]
    what = ",".join(named)
    if not what:
        raise CommandError(
            "BACKFILL needs to know what: an index, tickers, a file.", argument="what",
            suggestions=("BACKFILL SP500 10Y",),
        )  # fmt: skip
    try:
        about = context.directory.resolve(named[0]).security.ref.asset_class
    except UnknownSecurity:
        about = ""
    if what.lower() in MACRO_LISTS or about == "macro" or named[0].upper().startswith(("WB:", "IMF:")):
        return macro_order(what), ["--macro", what]
    store, user = context.desk.store, context.user
    start, _ = period.bounds(context.desk.store.reader(context.desk.clock()).session_date)
    since = None if start is None else start
    order = universe_order(store, user, what, ("bars",), years=10 if since else 60, since=since)
    return order, ["--universe", what, *(["--since", str(since)] if since else ["--years", "60"])]


def fetched_here(context: Context, order: Order) -> str:
    """Work a small order off at once; answers its job's id."""
    from engine.fetching import obey
    from providers.backfill import Backfill

    desk = context.desk
    router = desk.router
    assert router is not None  # noqa: S101 - the caller looked

    obey(router, context.preferences)
    work = Backfill(
        desk.store, desk.user, threads=2, clock=desk.clock, router=lambda _commit: router, waits=()
    )
    report = work.run(order, context.cancelled, context.progress)
    if report.state == "stopped":
        raise Cancelled(
            f"Cancelled: what was fetched until then is kept. JOBS RESUME {report.job[:6]} goes on."
        )
    return report.job


def begun(context: Context, order: Order, options: Sequence[str]) -> str:
    """Start ``asof backfill`` in a process that outlives the terminal; answers its job's id once it is entered."""
    jobs, tag = context.desk.store.jobs, uuid.uuid4().hex[:12]

    def entered() -> str:
        return next((job.id for job in jobs.list(20) if job.request.get("tag") == tag), "")

    return _process(context, order.title, [*options, "--tag", tag], entered)


def taken_up(context: Context, job: Job) -> str:
    """Have a process take a stopped or lost backfill up where it was."""
    jobs = context.desk.store.jobs

    def entered() -> str:
        now = jobs.get(job.id)
        return job.id if now is not None and now.updated_at > job.updated_at else ""

    return _process(context, job.title, ["--resume", job.id], entered)


def _process(context: Context, title: str, options: Sequence[str], entered: Callable[[], str]) -> str:
    """``asof backfill`` with options, in a session of its own; what ``entered`` answers once its job is there."""
    home = context.desk.store.home
    command = [*context.desk.program, "backfill", *options, "--home", str(home)]
    log = home / "logs" / f"backfill-{uuid.uuid4().hex[:12]}.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("ab") as out:
        work = subprocess.Popen(  # noqa: S603 - our own interpreter, and words that were read as an order
            command, cwd=home, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            env=_environment(),
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
        time.sleep(0.1)
    raise DataError(f"The backfill did not start: {_last_line(log.read_text('utf-8', 'replace')) or log}")


def _environment() -> dict[str, str]:
    """Ours, with what opened the encrypted keys in this session: nobody can type it there. Only this user can
    read a process's environment."""
    import os

    from providers.keys import session_keys

    opened = session_keys().file.passphrase
    return {**os.environ, "ASOF_PASSPHRASE": opened} if opened else dict(os.environ)


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""

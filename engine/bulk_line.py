"""BACKFILL's line made into an order, and the order begun: at the desk, or in a process of its own."""

from __future__ import annotations

import subprocess
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import Cancelled, CommandError, DataError
from engine.period import Period, parse_period

if TYPE_CHECKING:
    from engine.context import Context
    from providers.backfill_plan import Order

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
            f"Cancelled: what was fetched until then is kept. asof backfill --resume {report.job}"
        )
    return report.job


def begun(context: Context, order: Order, options: Sequence[str]) -> str:
    """Start ``asof backfill`` in a process that outlives the terminal; answers its job's id once it is entered."""
    store, tag = context.desk.store, uuid.uuid4().hex[:12]
    command = [*context.desk.program, "backfill", *options, "--tag", tag, "--home", str(store.home)]
    log = store.home / "logs" / f"backfill-{tag}.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("ab") as out:
        work = subprocess.Popen(  # noqa: S603 - our own interpreter, and words that were read as an order
            command, cwd=store.home, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
    _started.append(work)
    deadline = time.monotonic() + _STARTS
    while time.monotonic() < deadline:
        context.check_cancelled()
        context.progress(0, 0, f"starting: {order.title}")
        for job in store.jobs.list(20):
            if job.request.get("tag") == tag:
                return job.id
        if work.poll() is not None:
            break
        time.sleep(0.1)
    raise DataError(f"The backfill did not start: {_last_line(log.read_text('utf-8', 'replace')) or log}")


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""

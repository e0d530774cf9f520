"""BACKFILL's line made into an order, and the order begun: at the desk, or in a process of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import Cancelled, CommandError
from engine.outliving import begin, take_up
from engine.period import Period, parse_period

if TYPE_CHECKING:
    from engine.context import Context
    from providers.backfill_plan import Order
    from store.jobs import Job

_YEARS = Period("Y", 10)


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
    return begin(context, "backfill", order.title, options, _environment())


def taken_up(context: Context, job: Job) -> str:
    """Have a process take a stopped or lost backfill up where it was."""
    return take_up(context, "backfill", job, _environment())


def _environment() -> dict[str, str]:
    """Ours, with what opened the encrypted keys in this session: nobody can type it there. Only this user can
    read a process's environment."""
    import os

    from providers.keys import session_keys

    opened = session_keys().file.passphrase
    return {**os.environ, "ASOF_PASSPHRASE": opened} if opened else dict(os.environ)

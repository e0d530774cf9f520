"""SWEEP: one strategy with many parameters, and what the best of them is worth, having been searched for."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from engine.errors import CommandError, DataError
from engine.function import Args, Function
from engine.functions._sweep_about import ABOUT, ARGUMENTS, EXAMPLES
from engine.needs import Need, price_need
from engine.page import Metric, Metrics, Page, Panel
from engine.runs.phrase import begins

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.context import Context
    from engine.page import SecurityRef
    from engine.runs.sweep_found import Found, Place, Rates
    from engine.runs.sweep_order import Order
    from engine.runs.sweep_work import Worker
    from store.jobs import Job


_SHARED = 20  # sessions that securities need in common, so that all points are judged as one search
_OLD = 15  # days before the clock from which on the end of prices is told


def _begins(word: str) -> bool:
    return begins(word) or ("{" in word and "=" not in word.partition("{")[0])


def needs(context: Context, args: Args) -> Sequence[Need]:
    """Prices of what is named."""
    if args["id"]:
        return ()
    from engine.runs.sweep_ask import days_before

    found: list[Need] = []
    before = days_before(args["strategy"])
    for ref in context.securities:
        with suppress(DataError):  # the page says so
            found += price_need(context, ref, args["period"], before=before)
    return found


def run(context: Context, args: Args) -> Page:
    if args["id"]:
        return _kept(context, args, args["id"])
    if not args["strategy"] and not args["file"]:
        return _listed(context)
    from engine.runs.rule_files import of_file, told_by_line
    from engine.runs.sweep_ask import order_from
    from engine.runs.sweep_found import found_of
    from engine.runs.sweep_keep import Kept
    from engine.runs.sweep_start import HERE, begun, here
    from engine.runs.sweep_work import Worker

    args, file = of_file(context, args)
    refs = _securities(context, args)
    with told_by_line(file):
        order = order_from(context, args, refs)
    if Kept.at(context.desk.store.home, order.id).whole(order):
        return _kept(context, args, order.id)
    worker = Worker(order, context.reader, context.cancelled)
    cluster = args["cluster"] or os.environ.get("ASOF_CLUSTER", "")
    seconds = _seconds(context, order, worker)
    if context.desk.program and (seconds > HERE or cluster or args["workers"]):
        job = begun(context, order, args["workers"] or 0, cluster)
        context.note(
            f"It runs in processes of its own, as job {job[:6]}: JOBS STOP {job[:6]} stops it, and closing the "
            "terminal does not. What is done is shown as it comes.", passing=True,
        )  # fmt: skip
        return _kept(context, args, order.id)
    found = found_of(order, here(context, order, worker), _rates(context))
    return _page(context, args, found, None)


def _seconds(context: Context, order: Order, worker: Worker) -> float:
    """How long it takes in one process; a portfolio always too long for the desk.

    Raises
    ------
    CommandError
        More values than are kept.
    """
    from engine.runs.sweep_ask import too_large
    from engine.runs.sweep_start import estimate

    context.progress(0, order.points, "reading prices")
    members = order.subjects[0].universes
    seconds, rows = (float("inf"), order.sessions) if members else estimate(order, worker)
    if why := too_large(order, rows):
        raise CommandError(why, argument="strategy")
    return seconds


def _securities(context: Context, args: Args) -> tuple[SecurityRef, ...]:
    """What is swept: the securities named, or the loaded one where the rules choose among none."""
    if context.securities or args["universe"] or " in " in f" {args['strategy']} ":
        return context.securities
    loaded = context.desk.security
    known = None if loaded is None else context.directory.by_id(loaded.security_id)
    if known is None:
        raise DataError(
            "SWEEP needs something to trade: SWEEP AAPL {20,50}SMA.{100..300/50}EMA, or UNIVERSE=sp500."
        )
    return (known.ref,)


def _kept(context: Context, args: Args, id_: str) -> Page:
    """What is done of a sweep, from its files."""
    from engine.runs.sweep_found import found_of
    from engine.runs.sweep_keep import Kept
    from engine.runs.sweep_work import read_of

    store = context.desk.store
    if not (id_.isascii() and id_.isalnum()):
        raise CommandError("ID= takes the id of a sweep: SWEEP lists them.", argument="id")
    kept = Kept.at(store.home, id_.lower())
    order = kept.order()
    if order is None:
        raise DataError(
            f"No sweep {id_} is kept: SWEEP lists those that are. Type its line again to run it anew."
        )
    if order.instants()[0] > context.asof:
        raise DataError(
            f"The sweep {id_} was made at {context.show(order.instants()[0])}, later than this clock, {context.when}."
        )
    done = kept.done()
    found = found_of(
        order,
        (kept.get(each.number) if each.number in done else None for each in order.batches),
        _rates(context),
    )
    for read in found.reads:
        context.reader.enter(read_of(read))
    jobs = [
        job for job in store.jobs.list(100) if job.kind == "sweep" and job.request.get("sweep") == order.id
    ]
    return _page(context, args, found, jobs[0] if jobs else None)


def _page(context: Context, args: Args, found: Found, job: Job | None) -> Page:
    from engine.functions import _sweep_heatmap as heat
    from engine.functions import _sweep_panels as made

    places = found.ranked(args["by"])
    best = places[0] if places else None
    panels = [] if found.whole else [_progress(found, job)]
    panels.append(made.points(found, places, args))
    cut = heat.cut_of(found, args)
    subject = heat.shown_subject(found, args, best)
    if best is not None:
        panels.append(heat.heatmap(found, args, subject, cut))
        if found.whole:
            panels += _judged(context, args, found, best)
        if len(found.columns) > 1:
            panels.append(made.subjects(found, args, places))
        if args["periods"] > 1:
            panels.append(made.parts(found, args, best))
    if (missing := made.left_out(found, args)) is not None:
        panels.append(missing)
    _tell(context, found, job, bool(places))
    running = job is not None and job.state == "running" and not found.whole
    live = _line(args, found.order.id) if running else ""
    return Page(_title(found), tuple(panels), live=live)


def _judged(context: Context, args: Args, found: Found, best: Place) -> list[Panel]:
    from engine.functions import _sweep_judged as judging
    from engine.functions._sweep_counted import as_it_was, counted_of

    counted = counted_of(context, args, found, best)
    context.restate(context.securities, {**args, **as_it_was(found.order), "trials": str(counted)})
    if len(found.columns) > 1:
        shared = len(found.shared)
        if shared < _SHARED:
            context.note(
                f"These securities share {shared} sessions in their years, too few to judge all points as one "
                "search: sweep them apart, or take dates that all of them have (2008-01-01..2012-12-31).",
                "warning",
            )
            return []
        context.note("Points are judged over the sessions that all securities have.")
    search = judging.searched(context, found, args, best)
    panels = [judging.honesty(found, args, search, counted)]
    for sentence in search.judged.told:
        context.note(sentence)
    if args["walk"]:
        panels += judging.walk(found, args, search)
    if args["cpcv"]:
        panels.append(judging.cross(args, search))
    return panels


def _rates(context: Context) -> Rates:
    """The risk-free rate of sessions as the clock knows it: BACKTEST tells its ratios over it."""

    def rates(dates: NDArray[np.datetime64], periods: float) -> NDArray[np.float64]:
        import numpy as np

        from engine.rates import risk_free
        from engine.returns import PERIODS_PER_YEAR

        values = risk_free(context, dates).values
        return np.asarray(np.expm1(np.log1p(values) * PERIODS_PER_YEAR["daily"] / periods))

    return rates


def _progress(found: Found, job: Job | None) -> Panel:
    """How far a sweep is."""
    items = [Metric("done", f"{found.done:,} of {found.order.points:,} points")]
    if job is not None:
        items += [
            Metric("job", job.id[:6]),
            Metric("state", job.state),
            Metric("how it goes", job.label or job.summary),
        ]
    return Panel("job", f"sweep {found.order.id}", Metrics(tuple(items)), 1)


def _tell(context: Context, found: Found, job: Job | None, any_point: bool) -> None:
    """What the reader must know of."""
    order = found.order
    for text, level in found.notes:
        context.note(text, level)  # type: ignore[arg-type]
    for subject, column in zip(order.subjects, found.columns, strict=True):
        if column.fault:
            context.note(f"{subject.label}: {column.fault}", "warning")
    ends = [
        each.dates[-1].astype("datetime64[D]").astype(object) for each in found.columns if len(each.dates)
    ]
    if ends and (context.today - max(ends)).days > _OLD:
        late = (context.today - max(ends)).days
        age = f"{late:,} days" if late < 730 else f"{late / 365.25:.1f} years"
        context.note(f"The prices in the store end on {max(ends)}, {age} before the clock.", "warning")
    if not found.whole:
        state = "" if job is None else job.state
        if state in ("stopped", "lost", "failed") and job is not None:
            why = f" {job.summary}" if state == "failed" else ""
            context.note(
                f"The sweep is {state}.{why} JOBS RESUME {job.id[:6]} goes on; nothing is computed twice.",
                "warning",
            )
        context.note("Points are judged once all are done: the best of a part is not the best of the search.")
    elif not any_point:
        faults = [why for column in found.columns for _, why in column.failed] or [
            column.fault for column in found.columns if column.fault
        ]
        told = faults[0] if faults else "none of them ever traded; a condition may be one that never holds"
        context.note(f"No point has a result: {told}.".replace("..", "."), "warning")


def _title(found: Found) -> str:
    order = found.order
    names = ", ".join(each.label for each in order.subjects[:4])
    names += f" and {len(order.subjects) - 4} more" if len(order.subjects) > 4 else ""
    days = [each.dates.astype("datetime64[D]") for each in found.columns if len(each.dates)]
    told = f"  {min(each[0] for each in days)} to {max(each[-1] for each in days)}" if days else ""
    return f"Sweep  {names}{told}  {order.points:,} points"


def _line(args: Args, id_: str) -> str:
    """The line that shows the sweep as it is then."""
    from engine.values import write
    from engine.words import quote

    view = ("by", "top", "x", "y", "fix", "show", "periods", "walk", "cpcv", "seed")
    default = {each.name: each.default for each in ARGUMENTS}
    words = [f"{name.upper()}={quote(write(args[name]))}" for name in view if args[name] != default[name]]
    return " ".join(["SWEEP", f"ID={id_}", *words])


def _listed(context: Context) -> Page:
    """Sweeps that run or ran, and how one is begun."""
    from engine.frames import frame_of
    from engine.page import Column, Table, Text

    jobs = [job for job in context.desk.store.jobs.list(200) if job.kind == "sweep"]
    rows = [
        {
            "id": str(job.request["sweep"]), "state": job.state, "done": f"{job.done:,} of {job.total:,}",
            "title": job.title, "user": job.user, "started": job.started_at,
            "command": f"SWEEP ID={job.request['sweep']}",
        }
        for job in jobs
    ]  # fmt: skip
    columns = (
        Column("id", "id"), Column("state", "state"), Column("done", "points"), Column("title", "what", width=60),
        Column("user", "by"), Column("started", "started", "instant"),
    )  # fmt: skip
    frame = frame_of(
        rows,
        id="text",
        state="text",
        done="text",
        title="text",
        user="text",
        started="instant",
        command="text",
    )
    empty = (
        "No sweep has run in the background yet: small ones are done at once, and nothing of them is kept."
    )
    table = Table(frame, columns, ("id",), "command", empty=empty)
    lines = ["# A strategy with values in braces", *(f"{line}    {told}" for line, told in EXAMPLES),
             "HELP SWEEP tells the method."]  # fmt: skip
    running = any(job.state == "running" for job in jobs)
    panels = (
        Panel("jobs", f"{len(jobs)} sweeps", table),
        Panel("examples", "how to begin", Text(tuple(lines))),
    )
    return Page("Sweeps", panels, live="SWEEP" if running else "")


FUNCTIONS = (
    Function(
        "SWEEP",
        "a strategy with many parameters, judged as a search",
        run,
        arguments=ARGUMENTS,
        examples=EXAMPLES,
        about=ABOUT,
        order=421,
        needs=needs,
        phrase=("strategy", _begins),
    ),
)

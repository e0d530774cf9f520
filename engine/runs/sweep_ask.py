"""What a SWEEP line asks for, made into an order: points read once, years and universes settled at the clock."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from datetime import date
from math import prod
from typing import TYPE_CHECKING

from engine.errors import CommandError
from engine.function import Args
from engine.runs.asked import DERIVED, Asked
from engine.runs.carry import bounds
from engine.runs.sweep_kinds import Points, kind_of, points_of
from engine.runs.sweep_lines import tail_of
from engine.runs.sweep_order import Order, Subject
from engine.runs.terms_args import costs_of, fill_of, terms_of

if TYPE_CHECKING:
    from engine.backtest.inputs import Code, RunSpec
    from engine.backtest.sweep import Grid
    from engine.context import Context
    from engine.page import SecurityRef

MOST_POINTS, MOST_VALUES = 20_000, 25_000_000  # of a sweep: points, and equity values that are kept of them
EXAMPLES = (
    "SWEEP AAPL {20,50,100}SMA.{100..300/50}EMA",
    'SWEEP AAPL MSFT "long when rsi({7..21/7}) < {20,30}; hold {5,10}" 10Y',
)
_SIDE_BY_SIDE, _ALONE, _PORTFOLIO = 500, 50, 2  # points of a batch, so that one takes 100 ms and more
_APART = 4  # the same of runs that read the store themselves, and of code


def order_from(context: Context, args: Args, refs: tuple[SecurityRef, ...]) -> Order:
    """The order that a line means.

    Raises
    ------
    CommandError
        No strategy, no braces, no point that can be read, more points than can be kept, a universe beside rules that
        choose among one, options that do not go together.
    """
    try:
        return _order(context, args, refs)
    except CommandError as fault:
        if fault.argument in ("strategy", "parameters") and fault.end > fault.start:
            typed = str(args[fault.argument])
            fault.start, fault.end = _typed(typed, fault.start), _typed(typed, fault.end - 1) + 1
        raise


def _typed(typed: str, place: int) -> int:
    """Where a place of ``_text`` stands in what was typed, blanks and all."""
    for at, letter in enumerate(typed):
        spare = letter.isspace() and (at == 0 or typed[at - 1].isspace() or not typed[:at].strip())
        if spare:
            continue
        if place == 0:
            return at
        place -= 1
    return len(typed)


def _order(context: Context, args: Args, refs: tuple[SecurityRef, ...]) -> Order:
    from engine.runs.scores import read_scores
    from engine.version import VERSION
    from store.hot import state_of

    text = _text(args)
    kind = kind_of(args, refs, text)
    code = _code(context, args) if kind == "code" else None
    grid = _grid(text, "parameters" if kind == "code" else "strategy")
    if len(grid) > MOST_POINTS:
        raise _too_many(len(grid))
    scores = read_scores(context, args["scores"]) if args["scores"] else None
    own = scores.names if scores is not None else ()
    points = points_of(context, kind, grid, own, text)
    within = (args["universe"] or "").strip().lower()
    subjects = _subjects(context, kind, points, within, refs, text)
    if len(subjects) * len(grid) > MOST_POINTS:
        raise _too_many(len(subjects) * len(grid))
    spec = _spec(args, kind, kind == "rules" and not subjects[0].universes)
    subjects = _dated(context, args, refs, subjects, spec)
    panels = _panels(args, kind, points, within)
    fast = _fast(grid, own) if kind == "rules" else ()
    states_of = _states_of(context, args, panels)
    reader, asked = context.reader, args["warmup"] or 0
    first = date.fromisoformat(subjects[0].start) if subjects[0].start else None
    warm_up = points.warming.read(first, asked)
    return Order(
        text=text, subjects=subjects, asof=reader.asof.isoformat(), snapshot=reader.snapshot,
        recorded=reader.recorded.isoformat() if reader.recorded else "", start=subjects[0].start, end=subjects[0].end,
        warm_up=asked, panels=panels, within=within, costs=asdict(spec.costs), terms=asdict(spec.terms),
        fill=spec.fill, accounts=spec.accounts, fast=fast, batch=_batch(kind, grid, fast, points, spec, subjects),
        period=str(args["period"]), tail=tail_of(args, kind, spec.accounts, warm_up, states_of, code, scores),
        version=VERSION, kind=kind, code=("", "") if code is None else (code.name, code.source),
        more=tuple((name, args[name]) for name in DERIVED), states_of=states_of,
        scores=scores.digest if scores is not None else "", score_names=own,
        owner=context.user if scores is not None else "", needed=points.warming.needed,
        settled=points.warming.settled, data="{}:{}:{}".format(*state_of(reader)),
    )  # fmt: skip


def _text(args: Args) -> str:
    """What has the braces."""
    if args["file"] and args["strategy"]:
        raise CommandError("FILE= names the strategy: rules beside it are one too many.", argument="strategy")
    text = " ".join((args["parameters" if args["file"] else "strategy"] or "").split())
    if text:
        return text
    if args["file"]:
        raise CommandError(
            f"SWEEP FILE={args['file']} needs parameters of the class with values in braces: "
            "PARAMETERS=sessions={60,120}.", argument="parameters",
        )  # fmt: skip
    raise CommandError("SWEEP needs a strategy with values in braces.", suggestions=EXAMPLES)


def _code(context: Context, args: Args) -> Code:
    """The source as it is now, kept so that rows run it after the file changed."""
    from engine.runs.code import keep, read_code

    code = read_code(context, args["file"], None, args["code"])
    keep(context, code)
    return code


def _grid(text: str, argument: str) -> Grid:
    from engine.backtest.sweep import GridError, read_grid

    try:
        return read_grid(text)
    except GridError as fault:
        raise CommandError(
            str(fault), "", fault.start, max(fault.end, fault.start + 1), EXAMPLES, argument=argument
        ) from fault


def _too_many(points: int) -> CommandError:
    return CommandError(
        f"{points:,} points are more than a sweep takes ({MOST_POINTS:,}): give fewer values, larger steps or fewer "
        "securities.", argument="strategy",
    )  # fmt: skip


def _subjects(
    context: Context, kind: str, points: Points, within: str, refs: tuple[SecurityRef, ...], text: str
) -> tuple[Subject, ...]:
    if within and points.universes:
        raise CommandError(
            f"The rules choose among {points.universes[0]} already: UNIVERSE= is for rules that name none.",
            argument="universe",
        )
    words = (within,) if within else points.universes
    if words and refs:
        raise CommandError(
            f"Points trade the members of {words[0]}: name no securities beside them.", argument="compare"
        )
    if words:
        return (Subject(", ".join(word.upper() for word in words), (), _indices(context, words, text)),)
    if kind == "code":  # which chooses among them
        ids = tuple(ref.security_id for ref in refs)
        return (Subject(", ".join(ref.label for ref in refs), ids),)
    return tuple(Subject(ref.label, (ref.security_id,)) for ref in refs)


def _dated(
    context: Context, args: Args, refs: tuple[SecurityRef, ...], subjects: tuple[Subject, ...], spec: RunSpec
) -> tuple[Subject, ...]:
    """Each with the years that a BACKTEST of it has: counted back from its own last session."""
    by_id, found = {ref.security_id: ref for ref in refs}, []
    for subject in subjects:
        own = tuple(by_id[number] for number in subject.ids)
        start, end = bounds(context, Asked(own, "rules", "", spec, args["period"]))
        found.append(replace(subject, start=start.isoformat() if start else "", end=end.isoformat()))
    return tuple(found)


def _panels(args: Args, kind: str, points: Points, within: str) -> tuple[str, ...]:
    """What is read beside prices."""
    if kind == "code":
        return tuple(each for each in re.split(r"[,\s]+", (args["panels"] or "").lower()) if each)
    return tuple(name for name in points.panels if name not in points.universes and name != within)


def _states_of(context: Context, args: Args, panels: tuple[str, ...]) -> int | None:
    from engine.returns import benchmark
    from engine.runs.states import STATES

    return benchmark(context, args["benchmark"]).security_id if set(panels) & set(STATES) else None


def _indices(context: Context, words: tuple[str, ...], text: str) -> tuple[tuple[str, int], ...]:
    from engine.universe import index_of

    found = []
    for word in words:
        number = index_of(word, context.directory)
        if number is None:
            place = re.search(rf"\bin\s+({re.escape(word)})\b", text, re.IGNORECASE)
            start, end = place.span(1) if place else (0, 0)
            raise CommandError(
                f"{word} is no universe that is known at this clock: take sp500, or the ticker of an index whose "
                "members the store holds.", start=start, end=end, argument="strategy" if place else "universe",
            )  # fmt: skip
        found.append((word, number))
    return tuple(found)


def _spec(args: Args, kind: str, accounts: bool) -> RunSpec:
    from engine.backtest.inputs import RunSpec

    return RunSpec(
        "", costs_of(args), terms_of(args, shares=kind in ("rules", "code")), fill_of(args), accounts
    )


def _batch(
    kind: str, grid: Grid, fast: tuple[int, ...], points: Points, spec: RunSpec, subjects: tuple[Subject, ...]
) -> int:
    """Points of a batch; of those with stops the ones that run together."""
    from engine.backtest.sweep import side_by_side

    first = points.first
    if subjects[0].universes:
        return _PORTFOLIO
    if kind != "rules" or first is None:
        return _APART
    if not side_by_side(first, spec):
        return _ALONE
    guarded = any((first.stop, first.trail, first.take)) or first.size.kind == "shares"
    return min(_SIDE_BY_SIDE, prod(grid.shape[at] for at in fast)) if guarded else _SIDE_BY_SIDE


def _fast(grid: Grid, own: tuple[str, ...]) -> tuple[int, ...]:
    """Parameters of conditions alone: points that differ in these are simulated together."""
    from engine.backtest.rules import RuleError
    from engine.backtest.sweep import Reader, by_terms
    from engine.runs.states import STATES

    reader, found = Reader((*STATES, *own)), []
    for at, dimension in enumerate(grid.dimensions):
        step = prod(grid.shape[at + 1 :])
        try:
            read = [reader(grid.text(place * step)) for place in range(len(dimension.values))]
        except RuleError:
            continue
        if len(by_terms(read)) == 1:
            found.append(at)
    return tuple(found)


def days_before(text: str | None) -> int:
    """Days of the calendar before a start in which points warm up: those of the first and the last, which mostly
    are the ones of the smallest and the largest values."""
    from engine.backtest.sweep import GridError, read_grid
    from engine.runs import wanted

    try:
        grid = read_grid(" ".join((text or "").split()))
    except GridError:  # the page says so
        return wanted.days_before(())
    return wanted.days_before((grid.text(0), grid.text(len(grid) - 1)))


def too_large(order: Order, rows: int) -> str:
    """Why a sweep of ``rows`` sessions cannot be kept; empty where it can."""
    if rows * order.points <= MOST_VALUES:
        return ""
    return (
        f"{order.points:,} points over {rows:,} sessions are {rows * order.points / 1e6:,.0f} million values of "
        f"equity, more than the {MOST_VALUES / 1e6:,.0f} that a sweep keeps: give fewer points or a shorter range."
    )

"""What a SWEEP line asks for, made into an order: points read once, years and universes settled at the clock."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from math import prod
from typing import TYPE_CHECKING

from engine.errors import CommandError
from engine.function import Args, Argument
from engine.runs.asked import Asked
from engine.runs.carry import bounds
from engine.runs.sweep_order import Order, Subject
from engine.runs.terms_args import COSTS, costs_of, fill_of, terms_of
from engine.values import write
from engine.words import quote

if TYPE_CHECKING:
    from engine.backtest.inputs import RunSpec
    from engine.backtest.rules import Rules
    from engine.backtest.sweep import Grid
    from engine.context import Context
    from engine.page import SecurityRef

MOST_POINTS, MOST_VALUES = 20_000, 25_000_000  # of a sweep: points, and equity values that are kept of them
EXAMPLES = (
    "SWEEP AAPL {20,50,100}SMA.{100..300/50}EMA",
    'SWEEP AAPL MSFT "long when rsi({7..21/7}) < {20,30}; hold {5,10}" 10Y',
)
TERMS: tuple[Argument, ...] = tuple(each for each in COSTS if each.name != "each")
_SIDE_BY_SIDE, _ALONE, _PORTFOLIO = 500, 50, 2  # points of a batch, so that one takes 100 ms and more


@dataclass(frozen=True, slots=True)
class Points:
    """A grid's points, read: what they read between them, and why those that are no rules are none."""

    warm_up: int
    panels: tuple[str, ...]
    universes: tuple[str, ...]
    first: Rules
    refused: tuple[tuple[str, str], ...]


def order_from(context: Context, args: Args, refs: tuple[SecurityRef, ...]) -> Order:
    """The order that a line means.

    Raises
    ------
    CommandError
        No strategy, no braces, no point that can be read, more points than can be kept, a universe beside rules that
        choose among one, options that do not go together.
    """
    from engine.version import VERSION

    text = " ".join((args["strategy"] or "").split())
    grid = _grid(text)
    points = _points(context, grid, text)
    within = (args["universe"] or "").strip().lower()
    subjects = _subjects(context, points, within, refs, text)
    if len(subjects) * len(grid) > MOST_POINTS:
        raise CommandError(
            f"{len(subjects) * len(grid):,} points are more than a sweep takes ({MOST_POINTS:,}): give fewer values, "
            "larger steps or fewer securities.", argument="strategy",
        )  # fmt: skip
    accounts = not subjects[0].universes
    spec = _spec(args, accounts)
    start, end = bounds(context, Asked(refs, "rules", text, spec, args["period"]))
    reader, fast = context.reader, _fast(grid)
    words = points.universes if not within else ()
    panels = tuple(name for name in points.panels if name not in words and name != within)
    return Order(
        text=text, subjects=subjects, asof=reader.asof.isoformat(), snapshot=reader.snapshot,
        recorded=reader.recorded.isoformat() if reader.recorded else "", start=start.isoformat() if start else "",
        end=end.isoformat(), warm_up=points.warm_up, panels=panels, within=within, costs=asdict(spec.costs),
        terms=asdict(spec.terms), fill=spec.fill, accounts=accounts, fast=fast,
        batch=_batch(grid, fast, points.first, spec, subjects),
        period=str(args["period"]), tail=_tail(args, accounts, points.warm_up), version=VERSION,
    )  # fmt: skip


def _grid(text: str) -> Grid:
    from engine.backtest.sweep import GridError, read_grid
    from engine.runs.phrase import of_options

    if not text:
        raise CommandError("SWEEP needs a strategy with values in braces.", suggestions=EXAMPLES)
    if of_options(text):
        raise CommandError(
            "SWEEP runs rules over prices; legs of options run one at a time: BACKTEST.", argument="strategy"
        )
    try:
        return read_grid(text)
    except GridError as fault:
        raise CommandError(
            str(fault), "", fault.start, max(fault.end, fault.start + 1), EXAMPLES, argument="strategy"
        ) from fault


def _points(context: Context, grid: Grid, text: str) -> Points:
    """Every point read, and what they need together."""
    from engine.backtest import rules
    from engine.backtest.rules.characteristics import WARM_UP
    from engine.backtest.sweep import Reader

    if len(grid) > MOST_POINTS:
        raise CommandError(
            f"{len(grid):,} points are more than a sweep takes ({MOST_POINTS:,}): give fewer values or larger steps.",
            argument="strategy",
        )
    reader, first, warm_up = Reader(), None, 0
    panels: dict[str, None] = {}
    universes: dict[str, None] = {}
    refused: list[tuple[str, str]] = []
    for point in range(len(grid)):
        if point % 500 == 499:
            context.check_cancelled()
            context.progress(point, len(grid), "reading the points")
        try:
            read = reader(grid.text(point))
        except rules.RuleError as fault:
            refused.append((grid.text(point), str(fault)))
            continue
        first = first or read
        found = rules.names(read)
        warm_up = max(warm_up, rules.warm_up(read))
        panels |= dict.fromkeys(name for name in found.characteristics if name not in WARM_UP)
        universes |= dict.fromkeys(found.universes)
    if first is None:
        raise CommandError(
            f"None of the {len(grid):,} points is a strategy. The first, {refused[0][0]}: {refused[0][1]}",
            argument="strategy", start=0, end=len(text),
        )  # fmt: skip
    return Points(warm_up, tuple(panels), tuple(universes), first, tuple(refused))


def _subjects(
    context: Context, points: Points, within: str, refs: tuple[SecurityRef, ...], text: str
) -> tuple[Subject, ...]:
    if within and points.universes:
        raise CommandError(
            f"The rules choose among {points.universes[0]} already: UNIVERSE= is for rules that name none.",
            argument="universe",
        )
    words = (within,) if within else points.universes
    if not words:
        return tuple(Subject(ref.label, (ref.security_id,)) for ref in refs)
    return (Subject(", ".join(word.upper() for word in words), (), _indices(context, words, text)),)


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


def _spec(args: Args, accounts: bool) -> RunSpec:
    from engine.backtest.inputs import RunSpec

    return RunSpec("", costs_of(args), terms_of(args), fill_of(args), accounts)


def _batch(
    grid: Grid, fast: tuple[int, ...], first: Rules, spec: RunSpec, subjects: tuple[Subject, ...]
) -> int:
    """Points of a batch; of those with stops the ones that run together."""
    from engine.backtest.sweep import side_by_side

    if subjects[0].universes:
        return _PORTFOLIO
    if not side_by_side(first, spec):
        return _ALONE
    guarded = any((first.stop, first.trail, first.take)) or first.size.kind == "shares"
    return min(_SIDE_BY_SIDE, prod(grid.shape[at] for at in fast)) if guarded else _SIDE_BY_SIDE


def _fast(grid: Grid) -> tuple[int, ...]:
    """Parameters of conditions alone: points that differ in these are simulated together."""
    from engine.backtest.rules import RuleError
    from engine.backtest.sweep import Reader, by_terms

    reader, found = Reader(), []
    for at, dimension in enumerate(grid.dimensions):
        step = prod(grid.shape[at + 1 :])
        try:
            read = [reader(grid.text(place * step)) for place in range(len(dimension.values))]
        except RuleError:
            continue
        if len(by_terms(read)) == 1:
            found.append(at)
    return tuple(found)


def _tail(args: Args, accounts: bool, warm_up: int) -> str:
    """What a BACKTEST line says after its strategy, so that it runs as the points did."""
    given = [each.name for each in TERMS if args[each.name] != each.default]
    words = [str(args["period"]), *(f"{name.upper()}={quote(write(args[name]))}" for name in given)]
    if args["universe"]:
        words.append(f"UNIVERSE={quote(args['universe'])}")
    words += ["EACH=ALONE"] if accounts else []
    return " ".join([*words, f"WARMUP={warm_up}"])  # averages are seeded by the first sessions that are read


def too_large(order: Order, rows: int) -> str:
    """Why a sweep of ``rows`` sessions cannot be kept; empty where it can."""
    if rows * order.points <= MOST_VALUES:
        return ""
    return (
        f"{order.points:,} points over {rows:,} sessions are {rows * order.points / 1e6:,.0f} million values of "
        f"equity, more than the {MOST_VALUES / 1e6:,.0f} that a sweep keeps: give fewer points or a shorter range."
    )


def line_of(order: Order, subject: int, text: str) -> str:
    """The BACKTEST line of a point."""
    security = order.subjects[subject].label if order.accounts else ""
    short = re.fullmatch(r"\S+", text) is not None
    return " ".join(
        word
        for word in ("BACKTEST", security, text if short else quote(text, always=True), order.tail)
        if word
    )

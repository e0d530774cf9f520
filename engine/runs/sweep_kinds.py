"""What kind of points a SWEEP line has, and how each kind is read: rules, legs of options, parameters of code."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.errors import CommandError
from engine.function import Args
from engine.runs.asked import DERIVED_CLASSES
from engine.runs.faults import alone, no_option
from engine.runs.phrase import lone, of_options
from engine.runs.terms_args import DERIVED_ARGS
from engine.runs.wanted import Warming

if TYPE_CHECKING:
    from engine.backtest.rules import RuleError, Rules
    from engine.backtest.sweep import Grid
    from engine.context import Context
    from engine.page import SecurityRef

EVERY = 500  # points between two words of progress
_TAKEN = {
    "future": ("roll", "rolldays", "settle", "join", "multiplier", "contractmargin", "account"),
    "currency": ("account", "pips", "shortrates", "lot"),
    "crypto": ("contract", "multiplier", "funding", "bars", "lot"),
}  # of DERIVED_ARGS, by kind
_WORDS = {"future": "futures", "currency": "currencies", "crypto": "coins"}


@dataclass(frozen=True, slots=True)
class Points:
    """A grid's points, read: what they read between them. ``first``: of rules, the first that can be read."""

    warming: Warming = field(default_factory=Warming)
    panels: tuple[str, ...] = ()
    universes: tuple[str, ...] = ()
    first: Rules | None = None


def kind_of(args: Args, refs: tuple[SecurityRef, ...], text: str) -> str:
    """The kind of an order.

    Raises
    ------
    CommandError
        Securities or arguments that do not go together.
    """
    kind = _kind(args, refs, text)
    for each in DERIVED_ARGS:
        if args[each.name] != each.default and each.name not in _TAKEN.get(kind, ()):
            takes = [_WORDS[name] for name, taken in _TAKEN.items() if each.name in taken]
            raise CommandError(f"{each.name.upper()}= is for {' and '.join(takes)} only.", argument=each.name)
    if kind not in ("rules", "code") and args["warmup"]:
        raise CommandError(
            "WARMUP= is for stocks and funds only: others read what their rules need.", argument="warmup"
        )
    if kind != "code" and (
        name := next((each for each in ("panels", "parameters", "code") if args[each]), "")
    ):
        raise CommandError(f"{name.upper()}= goes with FILE=: rules name what they need.", argument=name)
    return kind


def _kind(args: Args, refs: tuple[SecurityRef, ...], text: str) -> str:
    classes = {ref.asset_class for ref in refs}
    special = sorted(classes & DERIVED_CLASSES)
    if args["file"]:
        if special:
            raise CommandError(f"{special[0]} runs by rules and by itself: no FILE=.", argument="file")
        return "code"
    if of_options(text):
        for name in ("universe", "scores"):
            if args[name]:
                raise CommandError(
                    f"Legs of options are on the securities named: no {name.upper()}=.", argument=name
                )
        return "options"
    if not special:
        return "rules"
    if len(classes) > 1:
        from engine.runs.carry import several

        raise CommandError(f"{several(classes)} run in engines of their own: sweep them apart.")
    for name in ("universe", "scores"):
        if args[name]:
            raise CommandError(f"{name.upper()}= is of stocks and funds only.", argument=name)
    return special[0]


def points_of(context: Context, kind: str, grid: Grid, own: tuple[str, ...], text: str) -> Points:
    """Every point read, and what they need together. ``own``: names of the user's scores.

    Raises
    ------
    CommandError
        No point can be read, or they ask for what their kind does not tell.
    """
    if kind == "code":
        return Points()
    if kind == "options":
        return _of_options(context, grid, text)
    found = _of_rules(context, grid, own, text)
    if kind != "rules" and (asked := (*found.panels, *found.universes)):
        raise CommandError(f"{asked[0]} is told of stocks and funds only.", argument="strategy")
    return found


def _of_rules(context: Context, grid: Grid, own: tuple[str, ...], text: str) -> Points:
    from engine.backtest import rules
    from engine.backtest.rules.characteristics import WARM_UP
    from engine.backtest.sweep import Reader
    from engine.runs.states import STATES

    reader, first, warming = Reader((*STATES, *own)), None, Warming()
    refused: rules.RuleError | None = None
    panels: dict[str, None] = {}
    universes: dict[str, None] = {}
    for point in range(len(grid)):
        _tell(context, point, len(grid))
        try:
            read = reader(grid.text(point))
        except rules.RuleError as fault:
            refused = refused or fault
            continue
        first = first or read
        found = rules.names(read)
        warming |= Warming.of(read)
        panels |= dict.fromkeys(name for name in found.characteristics if name not in (*WARM_UP, *own))
        universes |= dict.fromkeys(found.universes)
    if first is None:
        raise _none(grid, text, refused)
    return Points(warming, tuple(panels), tuple(universes), first)


def _of_options(context: Context, grid: Grid, text: str) -> Points:
    from engine.backtest import options
    from engine.backtest.rules import RuleError

    refused: RuleError | None = None
    for point in range(len(grid)):
        _tell(context, point, len(grid))
        try:
            options.parse(grid.text(point))
        except RuleError as fault:
            refused = refused or fault
        else:
            return Points()
    raise _none(grid, text, refused)


def _tell(context: Context, point: int, points: int) -> None:
    if point % EVERY == EVERY - 1:
        context.check_cancelled()
        context.progress(point, points, "reading the points")


def _none(grid: Grid, text: str, refused: RuleError | None) -> CommandError:
    """Why no point can be read, by the first: it points at the word, or at the value in its braces."""
    first = grid.text(0)
    start, end, why = 0, len(text), ""
    if refused is not None:
        start, end = grid.origin(text, 0, refused.start, max(refused.end, refused.start + 1))
        why = str(refused)
        if unknown := no_option("SWEEP", text, start):
            return unknown
    head = first.partition(";")[0]
    if lone(head):
        start, end, why = 0, len(text.partition(";")[0]), alone(head.strip())
    return CommandError(
        f"None of the {len(grid):,} points is a strategy. The first, {first}: {why}",
        argument="strategy", start=start, end=max(end, start + 1),
    )  # fmt: skip

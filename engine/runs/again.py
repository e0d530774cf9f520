"""A run carried out again at other costs, or with its decisions later: what of it hangs on either."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.errors import CommandError, DataError
from engine.runs.asked import DERIVED_CLASSES

if TYPE_CHECKING:
    from engine.backtest.result import Costs, Result
    from engine.context import Context
    from engine.runs.carry import Run

FREE, OWN = "no cost", "as run"
_BASIS_POINT = 1e-4
_DEARER = (5.0, 10.0, 25.0, 50.0)  # basis points of what is traded, beside the run's own costs
_WIDER = (0.1, 0.25, 0.5)  # quoted spreads further from the mid, beside the rules' own
_LATER = (0, 1, 2, 5, 10)  # sessions
_MOST = 20.0  # seconds that may be spent, by the rates below
# seconds of a session, of a symbol's session, and of any run, by what carries it out: measured, and doubled
_SHARES, _STOPS, _ORDERS = (5e-5, 4e-7, 0.01), (1e-4, 4e-6, 0.02), (3e-4, 2e-5, 0.05)
_EVENTS, _OPTIONS = (0.0, 5e-5, 0.05), (4e-4, 0.0, 0.2)


@dataclass(frozen=True, slots=True)
class Variation:
    """A run with something changed. ``dearer``: added to what trading costs, in basis points (of options in quoted
    spreads); None for no cost at all. ``later``: sessions."""

    dearer: float | None
    later: int


@dataclass(frozen=True, slots=True)
class Varied:
    """What may be varied of a run: ``names`` of ``costs``, ``later``; and how. ``trade`` answers None where a
    variation cannot be carried out. ``few``: fewer than all, for the time that they would take."""

    costs: tuple[float | None, ...]
    names: tuple[str, ...]
    later: tuple[int, ...]
    few: bool
    told: str
    trade: Callable[[Variation], Result | None]


def varied(context: Context, run: Run) -> Varied | None:
    """Variations of a run that can be carried out in the time there is; None where not even a few can.

    The time is told by the run's size, not measured: the same command shows the same page on every machine.

    Raises
    ------
    CommandError, DataError, Cancelled
        As the run itself.
    """
    each = _seconds(run)
    options = run.asked.kind == "options"
    dearer: tuple[float, ...] = _WIDER if options else _DEARER
    later: tuple[int, ...] = _LATER if _waits(run) else (0,)
    few = False
    while each * (len(later) * (len(dearer) + 2) - 1) > _MOST:
        if len(later) <= 2 and len(dearer) <= 1:
            return None
        few, later, dearer = True, later[:2], dearer[1:2]
    own = _own(run)
    free: tuple[float | None, ...] = (None,) if own else ()
    names = (FREE,) * bool(own) + (OWN, *(f"+{_number(each)}{'' if options else ' bp'}" for each in dearer))
    return Varied((*free, 0.0, *dearer), names, later, few, own, _trader(context, run))


def _number(value: float) -> str:
    return f"{value:g}"


def _derived(run: Run) -> str:
    """The class whose engine carries it out; empty of shares."""
    found = {ref.asset_class for ref in run.asked.refs} & DERIVED_CLASSES
    return min(found) if found and run.asked.kind == "rules" else ""


def _ordered(run: Run) -> bool:
    """Whether code gives orders itself: they answer to its account, and none can be held back."""
    return run.asked.kind == "code" and run.outcome.path == "events"


def _waits(run: Run) -> bool:
    return run.asked.kind != "options" and not _ordered(run)


def _seconds(run: Run) -> float:
    """What a run of its size takes, generously."""
    rows, cells, read = len(run.market.close), run.market.close.size, run.asked.rules
    if run.asked.kind == "options":
        row, cell, least = _OPTIONS
    elif _derived(run):
        row, cell, least = _EVENTS
    elif _ordered(run):
        row, cell, least = _ORDERS
    elif read is not None and any((read.stop, read.trail, read.take, read.size.kind == "shares")):
        row, cell, least = _STOPS
    else:
        row, cell, least = _SHARES
    return row * rows + cell * cells + least


def _own(run: Run) -> str:
    """The run's own costs of trading in words; empty where there are none."""
    if run.asked.kind == "options":
        return "the quoted spread and the commission of the rules"
    costs, found = run.asked.spec.costs, []
    if share := costs.per_notional + costs.slippage + costs.spread / 2:
        found.append(f"{share / _BASIS_POINT:g} bp of what is traded")
    if costs.per_share or costs.minimum:
        found.append("commissions a share and at least")
    if costs.slippage_volatility or costs.impact:
        found.append("what hangs on volatility and volume")
    if pips := float(str(dict(run.asked.terms_of).get("pips") or 0.0)):
        found.append(f"{pips:g} pips")
    return " and ".join(found)


def changed(costs: Costs, dearer: float | None) -> Costs:
    """Costs of trading with basis points added to slippage, or none; interest, fees on shorts and taxes stay."""
    if dearer is None:
        return replace(
            costs, per_share=0.0, per_notional=0.0, minimum=0.0, spread=0.0, slippage=0.0,
            slippage_volatility=0.0, impact=None,
        )  # fmt: skip
    return replace(costs, slippage=costs.slippage + dearer * _BASIS_POINT)


def _trader(context: Context, run: Run) -> Callable[[Variation], Result | None]:
    if run.asked.kind == "options" or _derived(run):
        carry = _of_options if run.asked.kind == "options" else _of_derived
        return lambda what: _tried(lambda: carry(_aside(context), run, what))
    return _of_shares(context, run)


def _tried(make: Callable[[], Result]) -> Result | None:
    """A variation that the account's own rules forbid (a slippage of the whole price) has no result."""
    try:
        return make()
    except (CommandError, DataError, ValueError):
        return None


def _aside(context: Context) -> Context:
    """The same clock, with nothing told or recorded twice of what the run read already."""
    from engine.context import no_progress

    reader = replace(context.reader, _reads=[])
    return replace(context, reader=reader, progress=no_progress, notes=[], stale=[])


def _of_shares(context: Context, run: Run) -> Callable[[Variation], Result | None]:
    from engine.backtest.again import again
    from engine.runs.carry import teller

    if run.inputs is None:
        return lambda _: None
    aside = _aside(context)
    made = again(run.inputs, run.asked.spec, teller(aside, ""))

    def trade(what: Variation) -> Result | None:
        costs = run.asked.spec.costs
        return _tried(lambda: made.trade(changed(costs, what.dearer), what.later, teller(aside, "")))

    return trade


def _of_derived(context: Context, run: Run, what: Variation) -> Result:
    from engine.backtest import rules
    from engine.runs.carry import bounds
    from engine.runs.others import of_derived

    asked = run.asked
    text = asked.text
    if what.later and asked.rules is not None:
        text = rules.write(replace(asked.rules, delay=asked.rules.delay + what.later))
    spec = replace(asked.spec, strategy=text, costs=changed(asked.spec.costs, what.dearer))
    free = what.dearer is None
    terms = tuple((name, 0.0 if name == "pips" and free else value) for name, value in asked.terms_of)
    other = replace(asked, text=text, spec=spec, terms_of=terms)
    return of_derived(context, other, _derived(run), *bounds(context, asked)).outcome.result


def _of_options(context: Context, run: Run, what: Variation) -> Result:
    from engine.backtest import options
    from engine.runs.carry import bounds
    from engine.runs.others import of_options

    asked = run.asked
    read = options.parse(asked.text)
    if what.dearer is None:
        read = replace(read, fill=0.0, commission=0.0)
    else:
        read = replace(read, fill=read.fill + what.dearer)
    text = options.write(read)
    other = replace(asked, text=text, spec=replace(asked.spec, strategy=text))
    return of_options(context, other, *bounds(context, asked)).outcome.result

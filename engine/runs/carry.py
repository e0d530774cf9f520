"""A run carried out: its inputs gathered, simulated as what it trades asks for, kept for the pages about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from engine.errors import Cancelled, CommandError, DataError
from engine.runs.asked import DERIVED_CLASSES, MANY, Asked
from engine.runs.faults import as_command
from engine.runs.memory import Memory
from engine.runs.terms_args import COSTS, DERIVED_ARGS
from engine.runs.wanted import Fact, Gathered, Wanted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.backtest.inputs import Inputs, Outcome
    from engine.backtest.market import Market
    from engine.context import Context
    from engine.page import SecurityRef
    from engine.runs.options import OptionTrial

_GAP = 15  # days without a bar after which data are taken to have ended
_TAKEN_BY = {
    "account": {"future": "futures", "currency": "currencies"},
    "shortrates": {"currency": "currencies"},
    "pips": {"currency": "currencies"},
    "funding": {"crypto": "perpetuals on coins"},
    "contract": {"crypto": "coins"},
    "bars": {"crypto": "coins"},
    "multiplier": {"future": "futures", "crypto": "inverse perpetuals"},
    "contractmargin": {"future": "futures"},
    "roll": {"future": "futures"},
    "rolldays": {"future": "futures"},
    "settle": {"future": "futures"},
    "join": {"future": "futures"},
}  # fmt: skip
_UNSAID = {each.name: each.default for each in (*DERIVED_ARGS, *COSTS)}
TOO_FEW = "Fewer than two sessions have prices in this range. DATA shows what the store holds."


@dataclass(frozen=True, slots=True)
class Run:
    """A run and what it was made of. ``market``: the sessions of the result, prices as traded. ``traded``: money
    that changed hands of each symbol a session (n, k), in the account's currency, where volume x close is not it."""

    asked: Asked
    outcome: Outcome
    market: Market
    notes: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, Fact], ...]
    inputs: Inputs | None = None
    account: str = ""  # its currency, where that is not the market's
    traded: NDArray[np.float64] | None = None
    trial: OptionTrial | None = None  # of options: what the run can be made again with

    @property
    def currency(self) -> str:
        return self.account or self.market.currency

    @property
    def periods(self) -> float:
        """Sessions a year, as their dates stand: 252, 365, 52 of weekly prices, 12 of monthly ones."""
        from engine.backtest.sweep.measures import periods_a_year

        told = dict(self.facts).get("bars a year")
        return float(told) if told is not None else periods_a_year(self.market.dates)

    @property
    def step(self) -> str:
        """What its Sharpe ratios are counted by: days, or the bars within them."""
        bars = str(dict(self.asked.terms_of).get("bars", "1D"))
        crypto = any(ref.asset_class == "crypto" for ref in self.asked.refs)
        return "daily" if bars == "1D" or not crypto else bars.lower()

    @property
    def first(self) -> date:
        day: date = self.market.dates[0].astype("datetime64[D]").astype(object)
        return day

    @property
    def last(self) -> date:
        day: date = self.market.dates[-1].astype("datetime64[D]").astype(object)
        return day


def _cells(run: Run) -> int:
    """Sessions times symbols: about 150 bytes each."""
    return run.market.close.size + (0 if run.trial is None else run.trial.cells)


_runs: Memory[Run] = Memory(6, _cells)
_ends: Memory[date | None] = Memory(200)
_markets: Memory[Gathered] = Memory(6, lambda gathered: gathered.inputs.market.close.size)


def carried(context: Context, asked: Asked) -> Run:
    """The run, from memory where the same was made of the same snapshot at the same clock.

    Raises
    ------
    CommandError, DataError, Cancelled
        What is wrong with the line, or what is not known at the clock.
    """
    return _runs.recall(context, asked.key, lambda: _told(context, asked))


def _closed(gathered: Gathered) -> Gathered:
    """Closed to writing: later runs share it."""
    inputs = gathered.inputs
    for market in (inputs.market, inputs.decided):
        for field in fields(market):
            value = getattr(market, field.name)
            if hasattr(value, "setflags"):
                value.setflags(write=False)
    for panel in (*inputs.panels.values(), *inputs.members.values()):
        panel.setflags(write=False)
    return gathered


def _told(context: Context, asked: Asked) -> Run:
    run = _made(context, asked)
    told = _counted_back(context, asked, run)
    return replace(run, notes=(*run.notes, (told, "warning"))) if told else run


def _made(context: Context, asked: Asked) -> Run:
    classes = {ref.asset_class for ref in asked.refs}
    _fits(asked, classes)
    special = classes & DERIVED_CLASSES
    start, end = bounds(context, asked)
    if asked.kind == "options":
        from engine.runs.others import of_options

        return of_options(context, asked, start, end)
    if len(classes) > 1 and special:
        raise _apart(asked, special)
    if special:
        from engine.runs.others import of_derived

        return of_derived(context, asked, special.pop(), start, end)
    return _plain(context, asked, start, end)


def _apart(asked: Asked, special: set[str]) -> CommandError:
    """Why securities of several classes share no account here, and the lines that run them apart."""
    groups: dict[str, list[str]] = {}
    for ref in asked.refs:
        groups.setdefault(ref.asset_class if ref.asset_class in special else "", []).append(ref.ticker)
    text = asked.text if " " not in asked.text else f'"{asked.text}"'
    lines = tuple(f"BACKTEST {' '.join(names)} {text}" for names in groups.values())
    return CommandError(
        f"{several(set(groups))} have cash, margin and sessions of their own and share no account: run them apart.",
        suggestions=lines,
    )


def several(classes: set[str]) -> str:
    """Several asset classes in words: ``Futures, stocks and funds``."""
    kinds = sorted({MANY.get(each, MANY[""]) for each in classes}, key=lambda told: (" " in told, told))
    return (", " if " " in kinds[-1] else " and ").join(kinds).capitalize()


def _fits(asked: Asked, classes: set[str]) -> None:
    """Refuses what the line gives and what is traded does not take: unsaid, it would be left out unseen."""
    for name, value in asked.terms_of if asked.kind == "rules" else ():
        takes = _TAKEN_BY.get(name)
        if takes and value != _UNSAID[name] and not classes & takes.keys():
            raise CommandError(f"{name.upper()}= is for {' and '.join(takes.values())} only.", argument=name)
        if name == "lot" and value is not None and "future" in classes:
            raise CommandError("LOT= is of shares, currencies and coins: futures are whole.", argument="lot")


def _plain(context: Context, asked: Asked, start: date | None, end: date) -> Run:
    """Stocks, funds, indices: anything with bars or closes of its own."""
    from engine.backtest import strategy
    from engine.backtest.rules import RuleError
    from engine.backtest.run import run
    from engine.backtest.window import market_from
    from engine.runs.market import gather

    wanted = Wanted(
        tuple(ref.security_id for ref in asked.refs), asked.universes, start, end,
        asked.warming.read(start, asked.warm_up), asked.panels, asked.states_of, asked.spec.accounts,
        asked.warming.needed, asked.warming.settled,
    )  # fmt: skip
    gathered = _markets.recall(
        context,
        (wanted,),
        lambda: _closed(
            gather(context.reader, wanted, progress=context.progress, cancelled=context.cancelled)
        ),
    )
    inputs = gathered.inputs
    if len(inputs.market.dates) - inputs.begin < 2:
        raise DataError(TOO_FEW)
    if asked.within:
        mask = inputs.members[asked.within].astype(float)
        inputs = replace(inputs, panels={**inputs.panels, asked.within: mask})
    if asked.scores is not None:
        from engine.runs.scores import panels

        inputs = replace(inputs, panels={**inputs.panels, **panels(asked.scores, inputs.decided)})
    try:
        outcome = run(inputs, asked.spec, teller(context, "simulating"))
    except RuleError as fault:
        raise as_command(fault, asked.text, asked.refs) from fault
    except strategy.StrategyError as fault:
        raise CommandError(f"{str(fault).rstrip('.')}.", argument="file") from fault
    except ValueError as fault:
        raise DataError(f"{fault}.") from fault
    market = market_from(inputs.market, inputs.begin)
    return Run(asked, outcome, market, gathered.notes, gathered.facts, inputs)


def bounds(context: Context, asked: Asked) -> tuple[date | None, date]:
    """First and last day of a run; a count of years goes back from the last day with prices."""
    last = context.today
    if asked.period.unit not in ("DATES", "MAX"):
        told = [_last_price(context, ref) for ref in asked.refs]
        told += [_last_of_members(context, index) for _, index in asked.universes]
        found = [day for day in told if day is not None]
        if found and last - max(found) > timedelta(days=_GAP):
            last = max(found)
    start, end = asked.period.bounds(last)
    if start is not None and start > context.today:
        raise CommandError(
            f"The range begins on {start}, after the clock, {context.today}.", argument="period"
        )
    return start, end


def _counted_back(context: Context, asked: Asked, run: Run) -> str:
    """That a range of years ends long before the clock, since the prices do."""
    if len(run.market.dates) < 2:
        return ""
    late = context.today - run.last
    if asked.period.unit in ("DATES", "MAX") or late <= timedelta(days=_GAP):
        return ""
    age = f"{late.days:,} days" if late.days < 730 else f"{late.days / 365.25:.1f} years"
    return f"The prices in the store end on {run.last}, {age} before the clock: the range is counted back from there."


def _last_price(context: Context, ref: SecurityRef) -> date | None:
    return _ends.recall(context, (ref,), lambda: _read_last(context, ref))


def _read_last(context: Context, ref: SecurityRef) -> date | None:
    from engine.history import read_history

    if ref.asset_class == "future":  # its bars are its contracts'
        bars = context.reader.narrow("futures_bars", (ref.security_id,), None, None, ("close",))
        return bars["session_date"].max() if bars.height else None  # type: ignore[return-value]
    # what is told of prices here, the run tells itself: from memory too, where they are not read again
    notes, stale = list(context.notes), list(context.stale)
    try:
        return read_history(context, ref, hint=False).last
    except DataError:
        return None
    finally:
        context.notes[:], context.stale[:] = notes, stale


def _last_of_members(context: Context, index: int) -> date | None:
    return _ends.recall(context, ("members", index), lambda: _read_members(context, index))


def _read_members(context: Context, index: int) -> date | None:
    """The last day with a price of any that ever belonged to an index: where it is long ago, all of them are read."""
    ids = tuple(context.reader.rows("membership", index)["member_id"].unique().to_list())
    for start in (context.today - timedelta(days=_GAP), None):
        for table in ("bars", "closes") if ids else ():
            days = context.reader.narrow(table, ids, start, None, ("close",))["session_date"]
            if len(days):
                return days.max()  # type: ignore[return-value]
    return None


def teller(context: Context, label: str) -> Callable[[int, int], None]:
    """Tells how far a simulation is, and ends it where the user asks to stop."""

    def tell(done: int, total: int) -> None:
        if context.cancelled():
            raise Cancelled("Cancelled: nothing was kept of the run.")
        context.progress(done, total, label)

    return tell

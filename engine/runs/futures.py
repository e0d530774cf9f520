"""A run of futures over the store: signals on the continuous series, trades in the contracts of the day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

import numpy as np

from engine.backtest import rules
from engine.backtest.costs import volatility
from engine.backtest.futures import Margin, Roll, Root, simulate
from engine.backtest.inputs import Fill, Inputs, Outcome
from engine.backtest.market import Market
from engine.backtest.result import Costs, Terms
from engine.backtest.rules import Plan
from engine.backtest.targets import decisions
from engine.backtest.window import market_from
from engine.errors import DataError
from engine.runs import _futures_roots
from engine.runs._futures_roots import Days, Lane
from engine.runs._futures_told import conventions, tell
from engine.runs.derived import Floats, Told, fixings
from engine.runs.market_told import Progress, Telling, no_progress, some, tell_seed
from engine.runs.wanted import Warming

if TYPE_CHECKING:
    from store.reader import AsOfReader

_EVERY = 64  # sessions between two words of progress


def futures_run(
    reader: AsOfReader, root_ids: int | Sequence[int], text: str, start: date | None, end: date | None,
    costs: Costs | None = None, terms: Terms | None = None, *, roll: Roll | None = None,
    margin: Margin | Mapping[str, Margin] | None = None, join: Literal["ratio", "difference"] = "ratio",
    settle: Literal["settlement", "close"] = "settlement", account: str = "", multiplier: float | None = None,
    fractional: bool = False, fill: Fill = "open", progress: Progress = no_progress,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[Outcome, Told, Market]:  # fmt: skip
    """Reads and simulates rules on futures, of all roots in one account.

    Parameters
    ----------
    root_ids : the root or roots that the contracts belong to.
    text : rules; a weight is notional over equity, ``size shares(2)`` is two contracts.
    start, end : sessions that may be traded, both included; None for all there are.
    costs : ``per_share`` is a contract's commission, in its currency.
    terms : margins, where given, are fractions of notional; ``margin`` says amounts or fractions and goes first.
    roll : None for five sessions before a contract's end.
    margin : of all roots, or by ticker.
    join : of the series that signals are computed on.
    settle : what variation margin is paid on.
    account : its currency; the contracts' where empty.
    multiplier : of a single root, where the store has none.
    fractional : parts of contracts, in 1e-8; whole ones else, whatever ``terms`` say of shares.
    fill : the price of the next session that decisions, rolls and margin calls get; of rules with stops its open.

    Returns
    -------
    tuple
        The outcome; notes and facts of what was read; the signal series' market on the outcome's sessions.

    Raises
    ------
    RuleError, ValueError
        The rules cannot be read, work within bars that they are not filled at the open of; costs that cannot be
        charged.
    DataError, CommandError, Cancelled
        The store cannot serve it, or the line says too little of several roots; ``cancelled`` answered true.
    """
    costs, roll = costs or Costs(), roll or Roll()
    terms = replace(terms or Terms(), fractional=fractional)
    parsed = rules.parse(text)
    warming, telling = Warming.of(parsed), Telling(progress, cancelled)
    lanes = _futures_roots.read(
        reader, (root_ids,) if isinstance(root_ids, int) else root_ids, _first(start, warming.settled), end,
        multiplier=multiplier, on_closes=settle == "close", roll=roll, join=join, telling=telling,
    )  # fmt: skip
    currency = _futures_roots.currency_of(lanes, account)
    margins = _futures_roots.margins(_margin(margin, terms), lanes)
    begin = _begin(lanes, start, warming.needed, telling)
    youngest = min(lanes, key=lambda lane: int(lane.own[:begin].sum()))
    told_on = youngest.traded.dates[youngest.own]
    tell_seed(warming.needed, warming.settled, int(youngest.own[:begin].sum()), told_on, telling)
    series = _futures_roots.joined(lanes, currency)
    wants = decisions(parsed, series, begin)
    if fill != "open" and isinstance(wants, Plan):
        raise ValueError(
            f"Stops and targets work within a bar from its open on, so orders fill at the open, not at the {fill}: "
            "leave FILL= out"
        )
    dates = series.dates[begin:]
    rates = _rates(reader, lanes, currency, dates)
    moved = volatility(series)[begin:] if costs.scaled else None
    roots = [
        Root(
            lane.traded.since(begin).filled_at(fill), lane.front[begin:], own, rates.get(lane.currency),
            None if moved is None else moved[:, at], lane.unit[begin:],
        )
        for at, (lane, own) in enumerate(zip(lanes, margins, strict=True))
    ]  # fmt: skip
    market = market_from(series, begin)
    run = simulate(roots, market, wants, costs, terms, currency=currency, told=_steps(telling))
    tell(run, lanes, begin, telling)
    assumed = margin is None and terms.initial_margin is None
    told = conventions(run, lanes, roll, join, settle, margins, assumed, parsed, fill)
    traded = _traded(lanes, begin, rates)
    return Outcome(run.result, "events", told), Told.of(telling, Inputs(series, begin=begin), traded), market


def _traded(lanes: Sequence[Lane], begin: int, rates: Mapping[str, Floats]) -> Floats:
    """Money that changed hands in the contract to hold (n, roots): contracts x close x multiplier, at the day's
    rate into the account's currency."""
    found = []
    for lane in lanes:
        board, front = lane.traded.since(begin), lane.front[begin:]
        at = np.arange(len(front)), np.maximum(front, 0)
        worth = np.array([each.multiplier for each in board.contracts])[at[1]]
        money = np.where(front >= 0, board.close[at] * board.volume[at] * worth, np.nan)
        found.append(money * rates.get(lane.currency, 1.0))
    return np.column_stack(found)


def _first(start: date | None, warm_up: int) -> date | None:
    return None if start is None else start - timedelta(days=int(warm_up * 1.6) + 10)


def _steps(telling: Telling) -> Callable[[int, int], None]:
    def told(done: int, total: int) -> None:
        if done % _EVERY == 0:
            telling.step(done, total, "simulating")

    return told


def _begin(lanes: Sequence[Lane], start: date | None, warm_up: int, telling: Telling) -> int:
    """The row of the first session that may be traded: where none is asked for, of the first root that is warm."""
    dates: Days = lanes[0].traded.dates
    warm = [np.flatnonzero(lane.own)[: warm_up + 1][-1] for lane in lanes]
    begin = int(min(warm)) if start is None else int(np.searchsorted(dates, np.datetime64(start, "D")))
    names = ", ".join(lane.ticker for lane in lanes)
    if begin >= len(dates):
        raise DataError(f"The bars of {names} end on {dates[-1]}, before {start}.")
    late: dict[tuple[str, int], list[str]] = {}
    for lane in lanes:
        sessions = int(lane.own[:begin].sum())
        if sessions < warm_up:
            late.setdefault((str(dates[lane.own][0]), sessions), []).append(lane.ticker)
    for (day, sessions), tickers in late.items():
        telling.note(
            f"Bars of {some(tickers)} begin on {day}, {sessions:,} sessions before the run: what looks back "
            f"{warm_up:,} sessions is known later.",
            "warning",
        )
    telling.fact("sessions", len(dates) - begin)
    telling.fact("first session", str(dates[begin]))
    telling.fact("last session", str(dates[-1]))
    telling.fact("sessions before it that warm up", begin)
    return begin


def _margin(margin: Margin | Mapping[str, Margin] | None, terms: Terms) -> Margin | Mapping[str, Margin]:
    if margin is not None:
        return margin
    if terms.initial_margin is None and terms.maintenance_margin is None:
        return Margin()
    initial = terms.initial_margin or terms.maintenance_margin or 0.0
    return Margin(initial, terms.maintenance_margin or initial / 1.1)


def _rates(reader: AsOfReader, lanes: Sequence[Lane], account: str, dates: Days) -> dict[str, Floats]:
    """One unit of each currency that contracts settle in, in the account's, by session."""
    from engine.quant.crosses import crosses

    codes = sorted({lane.currency for lane in lanes} - {account})
    if not codes:
        return {}
    known = fixings(reader, codes, account, dates)
    found = {code: np.empty(len(dates)) for code in codes}
    for row in range(len(dates)):
        there = crosses({pair: float(each[row]) for pair, each in known.items()}, (account, *codes))
        for code in codes:
            found[code][row] = there[code, account].rate
    return found

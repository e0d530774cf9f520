"""A run of futures over the store: signals on the continuous series, trades in the contracts of the day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

import numpy as np

from engine.backtest import rules
from engine.backtest.costs import volatility
from engine.backtest.futures import Board, FuturesRun, Margin, Roll, continuous, fronts, simulate
from engine.backtest.inputs import Outcome
from engine.backtest.market import Market
from engine.backtest.result import Costs, Terms
from engine.backtest.targets import targets
from engine.backtest.window import market_from
from engine.errors import DataError
from engine.runs import _futures_board, listed
from engine.runs.derived import Floats, Told, fixings, most_margin
from engine.runs.market_told import Progress, Telling, no_progress

if TYPE_CHECKING:
    from store.reader import AsOfReader

_EVERY = 64  # sessions between two words of progress


def futures_run(
    reader: AsOfReader, root_id: int, text: str, start: date | None, end: date | None,
    costs: Costs | None = None, terms: Terms | None = None, *, roll: Roll | None = None,
    margin: Margin | None = None, join: Literal["ratio", "difference"] = "ratio",
    settle: Literal["settlement", "close"] = "settlement", account: str = "", multiplier: float | None = None,
    fractional: bool = False, progress: Progress = no_progress, cancelled: Callable[[], bool] = lambda: False,
) -> tuple[Outcome, Told, Market]:  # fmt: skip
    """Reads and simulates rules on a future.

    Parameters
    ----------
    root_id : the root that the contracts belong to.
    text : rules; a weight is notional over equity, ``size shares(2)`` is two contracts.
    start, end : sessions that may be traded, both included; None for all there are.
    costs : ``per_share`` is a contract's commission, in its currency.
    terms : margins, where given, are fractions of notional; ``margin`` says amounts or fractions and goes first.
    roll : None for five sessions before a contract's end.
    join : of the series that signals are computed on.
    settle : what variation margin is paid on.
    account : its currency; the contracts' where empty.
    multiplier : where the store has none.
    fractional : parts of contracts, in 1e-8; whole ones else, whatever ``terms`` say of shares.

    Returns
    -------
    tuple
        The outcome; notes and facts of what was read; the signal series' market on the outcome's sessions.

    Raises
    ------
    RuleError, ValueError
        The rules cannot be read, or need fills within a bar.
    DataError, Cancelled
        The store cannot serve it, and why; ``cancelled`` answered true.
    """
    costs, roll = costs or Costs(), roll or Roll()
    terms = replace(terms or Terms(), fractional=fractional)
    read = rules.parse(text)
    telling = Telling(progress, cancelled)
    named = listed.named(reader, (root_id,), {})[root_id]
    ticker = named.ticker
    first = _first(start, rules.warm_up(read))
    boards = _futures_board.read(reader, root_id, ticker, first, end, multiplier, settle == "close", telling)
    front = fronts(boards.decided, roll, _sessions(reader, boards.decided, named.calendar or "XNYS"))
    begin = _begin(boards.traded, start, rules.warm_up(read), ticker, telling)
    series = continuous(boards.decided, front, ticker, root_id, join)
    wants = targets(read, series.market, begin)
    board = boards.traded.since(begin)
    foreign = board.contracts[0].currency
    moved = volatility(series.market)[begin:, 0] if costs.scaled else None
    run = simulate(
        board, front[begin:], market_from(series.market, begin), wants, costs, terms,
        margin=_margin(margin, terms), currency=account or foreign, rates=_rates(reader, foreign, account, board),
        moved=moved, told=_steps(telling),
    )  # fmt: skip
    _tell(run, boards.decided, series.unmatched, begin, telling)
    told = _conventions(
        run, roll, join, settle, _margin(margin, terms), margin is None and terms.initial_margin is None
    )
    return Outcome(run.result, "events", told), Told.of(telling), market_from(series.market, begin)


def _first(start: date | None, warm_up: int) -> date | None:
    return None if start is None else start - timedelta(days=int(warm_up * 1.6) + 10)


def _steps(telling: Telling) -> Callable[[int, int], None]:
    def told(done: int, total: int) -> None:
        if done % _EVERY == 0:
            telling.step(done, total, "simulating")

    return told


def _sessions(reader: AsOfReader, board: Board, calendar: str) -> np.ndarray | None:
    """Sessions of the exchange to the last contract's end, in which rolls are counted; None where the calendar ends
    before (weekdays then)."""
    last = max([board.dates[-1], *(each.end for each in board.contracts)]) + np.timedelta64(10, "D")
    first = board.dates[0] - np.timedelta64(92, "D")
    found = reader.sessions(first.item(), last.item(), calendar)
    return found if len(found) and found[-1] >= last - np.timedelta64(14, "D") else None


def _begin(board: Board, start: date | None, warm_up: int, ticker: str, telling: Telling) -> int:
    """The row of the first session that may be traded."""
    rows = len(board.dates)
    begin = (
        min(warm_up, rows - 1)
        if start is None
        else int(np.searchsorted(board.dates, np.datetime64(start, "D")))
    )
    if begin >= rows:
        raise DataError(f"The bars of {ticker} end on {board.dates[-1]}, before {start}.")
    if begin < warm_up:
        telling.note(
            f"Bars of {ticker} begin on {board.dates[0]}, {begin:,} sessions before the run: what looks back "
            f"{warm_up:,} sessions is known later.",
            "warning",
        )
    telling.fact("sessions", rows - begin)
    telling.fact("first session", str(board.dates[begin]))
    telling.fact("last session", str(board.dates[-1]))
    telling.fact("sessions before it that warm up", begin)
    return begin


def _margin(margin: Margin | None, terms: Terms) -> Margin:
    if margin is not None:
        return margin
    if terms.initial_margin is None and terms.maintenance_margin is None:
        return Margin()
    initial = terms.initial_margin or terms.maintenance_margin or 0.0
    return Margin(initial, terms.maintenance_margin or initial / 1.1)


def _rates(reader: AsOfReader, foreign: str, account: str, board: Board) -> Floats | None:
    """One unit of the contracts' currency in the account's, by session."""
    if not account or account == foreign:
        return None
    from engine.quant.crosses import crosses

    known = fixings(reader, (foreign,), account, board.dates)
    found = np.empty(len(board.dates))
    for row in range(len(found)):
        found[row] = crosses({pair: float(each[row]) for pair, each in known.items()}, (account, foreign))[
            foreign, account
        ].rate
    return found


def _tell(run: FuturesRun, board: Board, unmatched: tuple[int, ...], begin: int, telling: Telling) -> None:
    telling.fact("rolls", run.rolls)
    telling.fact("cost of rolls", round(run.roll_cost, 2))
    calls = sum(event.kind == "margin call" for event in run.result.events)
    telling.fact("margin calls", calls)
    telling.fact("most margin required at a close", most_margin(run.margin, run.result.equity))
    own = [row for row in unmatched if row >= begin]
    if own:
        days = ", ".join(str(board.dates[row]) for row in own[:3])
        telling.note(
            f"At {len(own)} rolls ({days}) no earlier session has both contracts' closes: the series of signals "
            "jumps there by their difference.",
            "warning",
        )
    if run.unsettled:
        telling.note(
            f"On {run.unsettled:,} sessions what was held had no settlement price: the close stood in.",
            "warning",
        )


def _conventions(
    run: FuturesRun, roll: Roll, join: str, settle: str, margin: Margin, assumed: bool
) -> tuple[str, ...]:
    how = {
        "calendar": f"{roll.days} sessions before a contract's last trade or first notice",
        "volume": f"once a later contract had more volume, at the latest {roll.days} sessions before its end",
        "open_interest": f"once a later contract had more open interest, at the latest {roll.days} sessions before "
        "its end",
    }[roll.rule]
    kind = "of notional" if margin.per == "notional" else "a contract"
    amounts = (
        f"{margin.initial:.2%} initial and {margin.maintenance:.2%} maintenance"
        if margin.per == "notional"
        else f"{margin.initial:,.2f} initial and {margin.maintenance:,.2f} maintenance"
    )
    why = " No margin was given: these are the defaults; exchanges set their own." if assumed else ""
    return (
        "Decided after each close on a continuous series adjusted forwards "
        f"(by {join}), which no later roll changes; traded at the next open in the contract itself.",
        f"Rolled {how}: decided on the close before, both legs at the open with their costs; a roll is no new trade.",
        f"Settled in cash each session at its {'close' if settle == 'close' else 'settlement price'}; profits and "
        "losses stay in the contract's currency.",
        f"Margin: {amounts} {kind}; below maintenance, contracts are closed at the next open until the "
        f"initial is met.{why}",
        "Cash-settled contracts may be held to their last settlement; physical ones are left before first notice.",
        f"{run.rolls} rolls cost {run.roll_cost:,.2f} in all.",
    )

"""Futures' roots of one account on one axis of sessions: what each holds when, and the series that rules are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.backtest.futures import Board, Margin, Roll, continuous, fronts
from engine.backtest.market import Market
from engine.errors import CommandError
from engine.runs import _futures_board, listed
from engine.runs.market_told import Telling

if TYPE_CHECKING:
    from store.reader import AsOfReader

Join: TypeAlias = Literal["ratio", "difference"]
Days: TypeAlias = NDArray[np.datetime64]
_PANELS = ("open", "high", "low", "close", "volume", "split", "dividend", "pay")


@dataclass(frozen=True, slots=True)
class Lane:
    """A root on the account's sessions: ``traded`` as of now, ``decided`` as decisions knew it. ``front`` (n,): the
    contract to hold; ``own`` (n,): whether it has bars on a session; ``series``: one symbol."""

    ticker: str
    traded: Board
    decided: Board
    front: NDArray[np.int64]
    own: NDArray[np.bool_]
    series: Market
    unit: NDArray[np.float64]
    unmatched: tuple[int, ...]

    @property
    def currency(self) -> str:
        return self.traded.contracts[0].currency


def read(
    reader: AsOfReader, ids: Sequence[int], first: date | None, end: date | None, *, multiplier: float | None,
    on_closes: bool, roll: Roll, join: Join, telling: Telling,
) -> tuple[Lane, ...]:  # fmt: skip
    """The roots' contracts, on the sessions of all of them.

    Raises
    ------
    DataError, CommandError, Cancelled
        What one of them lacks; a multiplier given for several.
    """
    ids = tuple(dict.fromkeys(ids))
    if multiplier is not None and len(ids) > 1:
        raise CommandError(
            "MULTIPLIER= is that of one root's contracts, and several are named: import futures_contracts with the "
            "column, or run them apart.",
            argument="multiplier",
        )
    names = listed.named(reader, ids, {})
    found = []
    for number in ids:
        own = replace(telling, notes=telling.notes, facts=[], since=len(reader.reads))
        boards = _futures_board.read(
            reader, number, names[number].ticker, first, end, multiplier, on_closes, own
        )
        head = f"{names[number].ticker}: " if len(ids) > 1 else ""
        telling.facts += [(f"{head}{name}", value) for name, value in own.facts]
        found.append(boards)
    dates = np.unique(np.concatenate([boards.traded.dates for boards in found]))
    return tuple(
        _lane(reader, number, names[number], boards, dates, roll, join)
        for number, boards in zip(ids, found, strict=True)
    )


def _lane(
    reader: AsOfReader, number: int, named: listed.Named, boards: _futures_board.Boards, dates: Days, roll: Roll,
    join: Join,
) -> Lane:  # fmt: skip
    own = boards.decided.dates
    days = np.union1d(own, dates[dates > own[-1]])  # where its bars end, contracts go on ending
    decided, whole = boards.decided.on(days), boards.decided.on(dates)
    places = fronts(decided, roll, _sessions(reader, decided, named.calendar or "XNYS"))
    front = places[np.minimum(np.searchsorted(days, dates), len(days) - 1)]
    series = continuous(whole, front, named.ticker, number, join)
    return Lane(
        named.ticker, boards.traded.on(dates), whole, front, np.isin(dates, own), series.market, series.unit,
        series.unmatched,
    )  # fmt: skip


def _sessions(reader: AsOfReader, board: Board, calendar: str) -> Days | None:
    """Sessions of the exchange to the last contract's end, in which rolls are counted; None where the calendar ends
    before (weekdays then)."""
    last = max([board.dates[-1], *(each.end for each in board.contracts)]) + np.timedelta64(10, "D")
    first = board.dates[0] - np.timedelta64(92, "D")
    found = reader.sessions(first.item(), last.item(), calendar)
    return found if len(found) and found[-1] >= last - np.timedelta64(14, "D") else None


def joined(lanes: Sequence[Lane], currency: str) -> Market:
    """The series of all roots side by side, for rules."""
    markets = [lane.series for lane in lanes]
    if len(markets) == 1:
        return markets[0]
    panels = {name: np.column_stack([getattr(each, name) for each in markets]) for name in _PANELS}
    ends = {
        name: np.concatenate([getattr(each, name) for each in markets]) for name in ("last", "final_return")
    }
    return Market(
        markets[0].dates, tuple(each.symbols[0] for each in markets), np.concatenate([each.ids for each in markets]),
        **panels, **ends, currency=currency, mergers=(), unseen=0,
    )  # fmt: skip


def currency_of(lanes: Sequence[Lane], account: str) -> str:
    """The account's currency: what is asked for, or that of all contracts.

    Raises
    ------
    CommandError
        The roots settle in several, and none is asked for.
    """
    settled = {lane.ticker: lane.currency for lane in lanes}
    if account or len(set(settled.values())) == 1:
        return account or lanes[0].currency
    told = ", ".join(f"{ticker} in {code}" for ticker, code in settled.items())
    raise CommandError(
        f"These futures settle in several currencies ({told}): ACCOUNT={lanes[0].currency} says which one the "
        "account is kept in, and the others are valued at each day's rate.",
        argument="account",
    )


def margins(margin: Margin | Mapping[str, Margin], lanes: Sequence[Lane]) -> tuple[Margin, ...]:
    """What a contract of each root requires.

    Raises
    ------
    CommandError
        Amounts a contract that are said of one root, or not of all.
    """
    if isinstance(margin, Margin):
        if len(lanes) > 1 and margin.per == "contract":
            raise CommandError(
                "Margins in money are each root's own: CONTRACTMARGIN="
                + ",".join(f"{lane.ticker}=5060/4600" for lane in lanes)
                + " says them by root.",
                argument="contractmargin",
            )
        return (margin,) * len(lanes)
    wrong = sorted(set(margin) - {lane.ticker for lane in lanes})
    missing = [lane.ticker for lane in lanes if lane.ticker not in margin]
    if wrong or missing:
        told = (
            f"does not say that of {', '.join(missing)}"
            if missing
            else f"names {', '.join(wrong)}, not run here"
        )
        raise CommandError(f"CONTRACTMARGIN= gives margins by root, and {told}.", argument="contractmargin")
    return tuple(margin[lane.ticker] for lane in lanes)

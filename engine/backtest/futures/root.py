"""A root in an account: what is given of it, and what is held of it as sessions go by."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.backtest.exact import ticks
from engine.backtest.futures.board import PANELS, Board, Contract, Margin
from engine.backtest.futures.rolling import Ints
from engine.backtest.market import Floats


@dataclass(frozen=True, slots=True)
class Root:
    """Parameters
    ----------
    board : its contracts, on the account's sessions; a row without bars is one that it did not trade on
    front : places (n,) of the contract to hold, as ``fronts`` tells
    margin : requirements of a contract; the stated default if left out
    rates : one unit of the contracts' currency in the account's (n,), by session; 1 where None
    moved : a day's volatility before each session (n,), for costs that scale with it
    unit : a distance of 1 in the prices of its signals is this much in the contract's (n,); the same where None
    """

    board: Board
    front: Ints
    margin: Margin = field(default_factory=Margin)
    rates: Floats | None = None
    moved: Floats | None = None
    unit: Floats | None = None

    @property
    def currency(self) -> str:
        return self.board.contracts[0].currency


@dataclass(slots=True)
class Line:
    """A root at work. ``place`` of the contract held, ``units`` in lots; ``carry``: units of one that ended and is
    to go on in its successor, ``last``: its price, slippage and commission then; ``paid``: of the last fill.
    ``ticks`` (n, c): what contracts are marked at, the settlement or the close."""

    column: int
    symbol: str
    root: Root
    place: int = -1
    units: int = 0
    carry: int = 0
    last: tuple[float, float, float] = (math.nan, 0.0, 0.0)
    paid: float = math.nan
    front: list[int] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    there: list[bool] = field(default_factory=list)
    changes: list[int] = field(default_factory=list)
    _at: dict[str, Callable[[int, int], float]] = field(default_factory=dict)
    ticks: Floats = field(init=False)
    _ends: dict[int, int] = field(default_factory=dict)
    _whole: bool = False

    def __post_init__(self) -> None:
        board, rows = self.root.board, len(self.root.board.dates)
        self.front = self.root.front.tolist()
        self.rates = [1.0] * rows if self.root.rates is None else self.root.rates.tolist()
        self._at = {name: getattr(board, name).item for name in PANELS}
        self.changes = _changes(self.root.front)
        self.ticks = ticks(np.where(np.isfinite(board.settle), board.settle, board.close))
        self._whole = bool((np.isfinite(board.settle) == np.isfinite(board.close)).all())
        there: NDArray[np.bool_] = np.logical_or.reduce(np.isfinite(board.close), axis=1)
        self.there = there.tolist()

    @property
    def count(self) -> int:
        """What it stands for: held, or on its way from one contract to the next."""
        return self.units or self.carry

    @property
    def contract(self) -> Contract:
        """The one that is held, or was last."""
        return self.root.board.contracts[self.place]

    def at(self, place: int) -> Contract:
        return self.root.board.contracts[place]

    def price(self, name: str, row: int, place: int) -> float:
        """Of a panel of the board; NaN where the contract has no bar."""
        return self._at[name](row, place)

    def value(self, row: int, place: int) -> float:
        """Of a price of 1, in the account's currency."""
        return self.at(place).multiplier * self.rates[row]

    def moved(self, row: int) -> float:
        return 0.0 if self.root.moved is None else float(self.root.moved[row])

    def extremes(self, row: int) -> tuple[float, float]:
        """High and low of the contract held; its close where a bar tells only that."""
        close = self.price("close", row, self.place)
        high, low = self.price("high", row, self.place), self.price("low", row, self.place)
        return (high if math.isfinite(high) else close, low if math.isfinite(low) else close)

    def bars(self, row: int, end: int) -> tuple[Floats, Floats, Floats]:
        """Opens, and ``extremes``, of the contract held, over sessions."""
        board, part = self.root.board, np.s_[row:end, self.place]
        close, high, low = board.close[part], board.high[part], board.low[part]
        return (
            board.open[part],
            np.where(np.isfinite(high), high, close),
            np.where(np.isfinite(low), low, close),
        )

    def must_leave(self, row: int) -> bool:
        """Whether this is the last session on which a physical contract may be held: the next is its end or later."""
        days, contract = self.root.board.dates, self.contract
        return bool(
            contract.settlement == "physical" and row + 1 < len(days) and days[row + 1] >= contract.end
        )

    def overdue(self, row: int) -> bool:
        """Whether a physical contract should have been left by now."""
        return bool(
            self.contract.settlement == "physical" and self.root.board.dates[row] >= self.contract.end
        )

    def expires(self, row: int) -> bool:
        """Whether this session is the last of a cash-settled contract; at the sample's end only on its very day."""
        return row == self._last()

    def _last(self) -> int:
        """The row of it; -1 where the contract has none here."""
        found = self._ends.get(self.place)
        if found is None:
            found = self._ends[self.place] = _last_row(self.root.board, self.contract)
        return found

    def quiet_until(self, row: int) -> int:
        """The first session from ``row`` on in which what is held rolls, expires or is to be opened."""
        if self.carry or self.front[row] != self.place:
            return row
        last = self._last()
        return min(self.changes[row], last) if last >= row else self.changes[row]

    def unsettled(self, row: int, end: int) -> int:
        """Bars of what is held without a settlement."""
        if self._whole:
            return 0
        board, part = self.root.board, np.s_[row:end, self.place]
        return int((np.isnan(board.settle[part]) & np.isfinite(board.close[part])).sum())


def _changes(front: Ints) -> list[int]:
    """The first row after each on which another contract is to be held (n,)."""
    rows = len(front)
    turns = np.append(np.flatnonzero(front[1:] != front[:-1]) + 1, rows)
    found: list[int] = turns[np.searchsorted(turns, np.arange(rows), side="right")].tolist()
    return found


def _last_row(board: Board, contract: Contract) -> int:
    days, last = board.dates, contract.last_trade
    if contract.settlement != "cash" or np.isnat(last):
        return -1
    row = int(np.searchsorted(days, last, side="right")) - 1
    return row if row + 1 < len(days) or (row >= 0 and days[row] == last) else -1


def symbols_differ(roots: Sequence[Root]) -> None:
    """Contracts are told apart by name in one account.

    Raises
    ------
    ValueError
        A name stands on two boards, or boards are not on the same sessions.
    """
    seen: set[str] = set()
    for root in roots:
        own = {each.name for each in root.board.contracts}
        if both := sorted(seen & own):
            raise ValueError(
                f"{both[0]} is a contract of two roots: in one account each has a name of its own"
            )
        if (
            len(root.board.dates) != len(roots[0].board.dates)
            or (root.board.dates != roots[0].board.dates).any()
        ):
            raise ValueError("The boards of one account stand on the same sessions")
        seen |= own

"""A root in an account: what is given of it, and what is held of it as sessions go by."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.backtest.futures.board import Board, Contract, Margin
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
    to go on in its successor, ``last``: its price, slippage and commission then; ``paid``: of the last fill."""

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
    _prices: dict[tuple[str, int], list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        board, rows = self.root.board, len(self.root.board.dates)
        self.front = self.root.front.tolist()
        self.rates = [1.0] * rows if self.root.rates is None else self.root.rates.tolist()
        self.there = [bool(each) for each in np.isfinite(board.close).any(axis=1)]

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
        found = self._prices.get((name, place))
        if found is None:
            found = self._prices[name, place] = getattr(self.root.board, name)[:, place].tolist()
        return found[row]

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

    def must_leave(self, row: int) -> bool:
        """Whether this is the last session on which a physical contract may be held: the next is its end or later."""
        days, contract = self.root.board.dates, self.contract
        return bool(
            contract.settlement == "physical" and row + 1 < len(days) and days[row + 1] >= contract.end
        )

    def expires(self, row: int) -> bool:
        """Whether this session is the last of a cash-settled contract; at the sample's end only on its very day."""
        days, last = self.root.board.dates, self.contract.last_trade
        if self.contract.settlement != "cash" or np.isnat(last) or days[row] > last:
            return False
        return bool(days[row + 1] > last if row + 1 < len(days) else days[row] == last)


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

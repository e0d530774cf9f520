"""A root's contracts by session: their terms, prices, settlements and the margin that each must have."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.backtest.inputs import Fill
from engine.backtest.market import Floats

Days = NDArray[np.datetime64]
PANELS = ("open", "high", "low", "close", "settle", "volume", "open_interest")


@dataclass(frozen=True, slots=True)
class Contract:
    """One delivery. ``multiplier``: money for a price of 1; ``tick``: the least price step, 0 where none is known.

    Dates may be NaT. A physical one is left before its first notice, or before its last trade where no notice is
    known; a cash-settled one may be held to its last trade, where it pays its last settlement.
    """

    name: str
    delivery: np.datetime64
    multiplier: float
    currency: str
    settlement: Literal["cash", "physical"] = "cash"
    last_trade: np.datetime64 = np.datetime64("NaT")  # noqa: RUF009 (a constant)
    first_notice: np.datetime64 = np.datetime64("NaT")  # noqa: RUF009
    tick: float = 0.0

    def __post_init__(self) -> None:
        if not self.multiplier > 0:
            raise ValueError(
                f"{self.name} has a multiplier of {self.multiplier}; it is money for a price of 1"
            )

    @property
    def end(self) -> np.datetime64:
        """The last trade or the first notice, whichever comes first; of neither known, the month's first day."""
        known = [day for day in (self.last_trade, self.first_notice) if not np.isnat(day)]
        return min(known) if known else self.delivery


@dataclass(frozen=True, slots=True)
class Board:
    """Sessions (n,) by contracts (c,), in order of delivery; panels (n, c), NaN where a contract has no bar.

    ``settle``: the price that the day is settled at.
    """

    dates: Days
    contracts: tuple[Contract, ...]
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    settle: Floats
    volume: Floats
    open_interest: Floats

    def __post_init__(self) -> None:
        shape = (len(self.dates), len(self.contracts))
        for name in PANELS:
            if getattr(self, name).shape != shape:
                raise ValueError(
                    f"{name} has shape {getattr(self, name).shape}; sessions by contracts: {shape}"
                )
        if len({each.name for each in self.contracts}) != shape[1]:
            raise ValueError("each contract stands once on the board")

    def since(self, row: int) -> Board:
        """The sessions from a row on."""
        return replace(self, dates=self.dates[row:], **{name: getattr(self, name)[row:] for name in PANELS})

    def filled_at(self, fill: Fill) -> Board:
        """The board with the price that orders of a session get as its open ("vwap": the mean of a bar's prices)."""
        if fill == "open":
            return self
        bars = np.stack([self.open, self.high, self.low, self.close])
        known = np.isfinite(bars)
        mean = np.where(known, bars, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        price = self.close if fill == "close" else mean
        return replace(self, open=np.where(known[0] & known[3], price, np.nan))

    def on(self, dates: Days) -> Board:
        """Its bars on sessions of an account's, NaN where it had none; all of its own are among them."""
        if len(dates) == len(self.dates) and bool((dates == self.dates).all()):
            return self
        rows, shape = np.searchsorted(dates, self.dates), (len(dates), len(self.contracts))
        panels: dict[str, Any] = {name: np.full(shape, np.nan) for name in PANELS}
        for name, panel in panels.items():
            panel[rows] = getattr(self, name)
        return replace(self, dates=dates, **panels)


@dataclass(frozen=True, slots=True)
class Margin:
    """What a contract must have behind it: money in its currency, or fractions of its notional.

    ``initial`` to open or add; where equity falls below ``maintenance``, positions are cut at the next open until
    ``initial`` is met. Without either given: 10% of notional, and 1/1.1 of that (speculators' initial margin at the
    large US exchanges is 110% of maintenance).
    """

    initial: float = 0.10
    maintenance: float = 0.10 / 1.1
    per: Literal["notional", "contract"] = "notional"

    def __post_init__(self) -> None:
        if not 0 < self.maintenance <= self.initial:
            raise ValueError(
                f"A maintenance margin of {self.maintenance} and an initial one of {self.initial} do not go "
                "together: both are above 0, and the maintenance margin is not the larger"
            )

    def of(self, value: float, notional: float, units: float) -> float:
        """The requirement of ``units`` worth ``notional``: ``value`` is ``initial`` or ``maintenance``."""
        return value * abs(notional if self.per == "notional" else units)

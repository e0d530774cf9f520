"""What a simulation is given: bars as traded, corporate actions, listings, by session and symbol."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Merger:
    """What holders of ``column`` got after the close of its last session: ``ratio`` shares of ``into`` and ``cash`` a
    share."""

    column: int
    into: int
    ratio: float
    cash: float = 0.0


@dataclass(frozen=True, slots=True)
class Market:
    """Sessions (n,) by symbols (k,). Prices are as traded, NaN where a symbol has no bar (halted, not listed).

    ``split``: shares that one share becomes at the open of the session (1.0 where nothing happens). ``dividend``:
    cash a share of that session's shares, for who held it at the close of the session before. ``pay``: sessions from
    the ex-date to the payment, 0 or more. ``last``: the symbol's last session where it was delisted within the
    sample, -1 where it was not; ``final_return``: what a holder got over the last close, NaN where nobody told.
    ``mergers``: of those of them whose holders got shares of another symbol; they go before the final return.
    ``unseen``: how many of the last symbols nobody asked for: an account may get their shares in a merger, and no
    decision knows of them.
    """

    dates: NDArray[np.datetime64]
    symbols: tuple[str, ...]
    ids: NDArray[np.int64]
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    split: Floats
    dividend: Floats
    pay: NDArray[np.int64]
    last: NDArray[np.int64]
    final_return: Floats
    currency: str = "USD"
    mergers: tuple[Merger, ...] = ()
    unseen: int = 0

    def __post_init__(self) -> None:
        shape = (len(self.dates), len(self.symbols))
        for name in ("open", "high", "low", "close", "volume", "split", "dividend", "pay"):
            if getattr(self, name).shape != shape:
                raise ValueError(
                    f"{name} has shape {getattr(self, name).shape}; sessions by symbols are {shape}"
                )
        for name in ("ids", "last", "final_return"):
            if getattr(self, name).shape != (shape[1],):
                raise ValueError(f"{name} has one value a symbol")
        if len(self.dates) > 1 and not (np.diff(self.dates) > np.timedelta64(0, "D")).all():
            raise ValueError("sessions ascend, each once")
        for one in self.mergers:
            if self.last[one.column] < 0 or one.into == one.column or not (one.ratio > 0 and one.cash >= 0):
                raise ValueError(
                    f"the merger of {self.symbols[one.column]} needs its last session, another symbol, a ratio above "
                    "0 and cash of 0 or more"
                )

    def mark(self, column: int, row: int) -> float:
        """The last close up to session ``row``, in shares of that session; NaN where there is none."""
        known = np.flatnonzero(np.isfinite(self.close[: row + 1, column]))
        if not len(known):
            return float("nan")
        since = int(known[-1])
        return float(self.close[since, column] / np.prod(self.split[since + 1 : row + 1, column]))

    def successor(self, column: int, row: int) -> tuple[Merger, float] | None:
        """What a symbol that ended after session ``row`` became, and the mark of it; None where it did not."""
        for one in self.mergers:
            if one.column == column:
                price = self.mark(one.into, row)
                return None if np.isnan(price) else (one, price)
        return None

    def forward_factor(self, dividends: bool = False) -> Floats:
        """What a share of the first session has become by each: splits (and dividends reinvested) up to that day.

        Prices times it are comparable through time, and no day's value knows a later action: what back-adjustment
        does up to a constant, without its look-ahead.
        """
        happened = np.isfinite(self.split) & (self.split > 0)
        factor: Floats = np.cumprod(np.where(happened, self.split, 1.0), axis=0).astype(np.float64)
        if not dividends:
            return factor
        paid = np.where(np.isfinite(self.dividend), self.dividend, 0.0)
        held = _filled(self.close)
        previous = np.vstack([np.full((1, held.shape[1]), np.nan), held[:-1]])
        ratio = previous / np.where(self.split > 0, self.split, 1.0)  # in shares of the ex-date's session
        with np.errstate(invalid="ignore", divide="ignore"):
            growth = np.where((paid > 0) & (ratio > paid), ratio / (ratio - paid), 1.0)
        grown: Floats = factor * np.cumprod(growth, axis=0)
        return grown

    def signal_prices(self, dividends: bool = False) -> dict[str, Floats]:
        """Open, high, low and close comparable through time, and volume in the same shares: what rules compute on."""
        splits = self.forward_factor(False)
        factor = self.forward_factor(True) if dividends else splits
        prices = {name: getattr(self, name) * factor for name in ("open", "high", "low", "close")}
        return prices | {"volume": self.volume / splits}


def _filled(values: Floats) -> Floats:
    """Each value carried on over the sessions without one."""
    rows = np.where(np.isfinite(values), np.arange(len(values))[:, None], 0)
    np.maximum.accumulate(rows, axis=0, out=rows)
    return np.asarray(np.take_along_axis(values, rows, axis=0), dtype=np.float64)

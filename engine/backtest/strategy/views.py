"""What a strategy may see: prices and panels up to a session, closed to writing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.backtest.market import Floats, Market
from engine.backtest.strategy.errors import LookAheadError, StrategyError

V = TypeVar("V", bound="HistoryView")


@dataclass(frozen=True, slots=True)
class HistoryView:
    """Sessions by symbols, NaN where there is no bar.

    ``prices``: open, high, low, close, volume, adjusted forwards for splits: comparable through time, and no row
    knows a later split. ``total``: closes with dividends reinvested as well. ``traded``: bars as they traded.
    ``panels``: what else was given, by name, as known at each session's close.
    """

    dates: NDArray[np.datetime64]
    symbols: tuple[str, ...]
    prices: Mapping[str, Floats]
    traded: Mapping[str, Floats]
    total: Floats
    panels: Mapping[str, Floats]

    @property
    def close(self) -> Floats:
        """Closes adjusted forwards."""
        return self.prices["close"]

    def of(self, symbol: str, field: str = "close") -> Floats:
        """One symbol's prices through time. Raises StrategyError where there is no such symbol or field."""
        if symbol not in self.symbols:
            raise StrategyError(
                f"{symbol} is none of the symbols of this run: {', '.join(self.symbols[:8])}."
            )
        if field not in self.prices:
            raise StrategyError(f"Prices are {', '.join(self.prices)}, not {field}.")
        return self.prices[field][:, self.symbols.index(symbol)]

    def row(self, date: object) -> int:
        """The row of the last session up to ``date``.

        Raises
        ------
        LookAheadError
            The date is after the last session that is known here.
        StrategyError
            It is before the first.
        """
        day = np.datetime64(date, "D")  # type: ignore[call-overload]
        if day > self.dates[-1]:
            raise LookAheadError(f"{day} is later than {self.dates[-1]}: nothing of it is known yet.")
        found = int(np.searchsorted(self.dates, day, side="right")) - 1
        if found < 0:
            raise StrategyError(f"The first session is {self.dates[0]}; {day} is before it.")
        return found


@dataclass(frozen=True, slots=True)
class DayView(HistoryView):
    """What is known after the close of one session, the last row of everything.

    Later rows are not hidden but absent: the arrays lie in memory that later sessions have not been written to.
    ``symbols`` are all of the run, also those listed later (NaN until then).
    """

    @property
    def date(self) -> np.datetime64:
        """The session."""
        found: np.datetime64 = self.dates[-1]
        return found


def history(market: Market, panels: Mapping[str, Floats] | None = None) -> HistoryView:
    """The whole of a market, for strategies that answer all at once."""
    parts = _parts(market, panels or {})
    closed = {name: _closed(values.copy()) for name, values in parts.items()}
    return _view(HistoryView, _closed(market.dates.copy()), market.symbols, closed)


def days(market: Market, panels: Mapping[str, Floats] | None = None) -> Iterator[DayView]:
    """The view of each session, in order; a view kept from an earlier session does not grow."""
    parts = _parts(market, panels or {})
    held = {name: np.full(values.shape, np.nan) for name, values in parts.items()}
    dates = np.full(market.dates.shape, "NaT", dtype="datetime64[D]")
    for row in range(len(dates)):
        dates[row] = market.dates[row]
        for name, values in parts.items():
            held[name][row] = values[row]
        seen = {name: _closed(values[: row + 1]) for name, values in held.items()}
        yield _view(DayView, _closed(dates[: row + 1]), market.symbols, seen)


def _parts(market: Market, panels: Mapping[str, Floats]) -> dict[tuple[str, str], Floats]:
    shape = market.close.shape
    for name, panel in panels.items():
        if panel.shape != shape:
            raise ValueError(f"{name} has shape {panel.shape}; sessions by symbols are {shape}")
    found = {("prices", name): values for name, values in market.signal_prices().items()}
    found |= {("traded", name): getattr(market, name) for name in ("open", "high", "low", "close", "volume")}
    found["total", "close"] = market.signal_prices(dividends=True)["close"]
    return found | {("panels", name): np.asarray(panel, dtype=np.float64) for name, panel in panels.items()}


def _view(
    kind: type[V],
    dates: NDArray[np.datetime64],
    symbols: tuple[str, ...],
    parts: Mapping[tuple[str, str], Floats],
) -> V:
    groups: dict[str, dict[str, Floats]] = {"prices": {}, "traded": {}, "total": {}, "panels": {}}
    for (group, name), values in parts.items():
        groups[group][name] = values
    prices, traded, panels = (MappingProxyType(groups[each]) for each in ("prices", "traded", "panels"))
    return kind(dates, symbols, prices, traded, groups["total"]["close"], panels)


def _closed(values: NDArray[Any]) -> NDArray[Any]:
    """A view that cannot be written through."""
    seen = values[:]
    seen.setflags(write=False)
    return seen

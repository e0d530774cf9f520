"""A Candles figure as arrays, resampled once for each level of zoom."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from terminal.widgets.chart.align import event_rows, levels, on_rows

if TYPE_CHECKING:
    import numpy as np

    from engine.page import Candles
    from engine.quant.resample import Ohlcv


class CandleData:
    """Bars, overlays and events of a figure; computed when first drawn."""

    def __init__(self, figure: Candles) -> None:
        self.figure = figure
        self._levels: dict[int, tuple[Ohlcv, list[np.ndarray]]] = {}

    @cached_property
    def bars(self) -> Ohlcv:
        from engine.quant.resample import from_frame

        return from_frame(self.figure.frame)

    @cached_property
    def overlays(self) -> list[np.ndarray]:
        return [on_rows(series, self.bars.dates) for series in self.figure.overlays]

    @cached_property
    def events(self) -> list[tuple[int, str]]:
        return event_rows(self.figure.events, self.bars.dates)

    @cached_property
    def levels(self) -> list[tuple[int, str, float]]:
        return levels(self.figure.events, self.bars.dates)

    @cached_property
    def has_volume(self) -> bool:
        import numpy as np

        return bool(np.nansum(self.bars.volume) > 0) if len(self.bars) else False

    def at(self, count: int) -> tuple[Ohlcv, list[np.ndarray]]:
        """Candles of ``count`` bars each, with the overlays' last value within each."""
        if count == 1:
            return self.bars, self.overlays
        if count not in self._levels:
            from engine.quant.resample import aggregate, every, last_valid

            starts = every(len(self.bars), count)
            merged = [last_valid(values, starts) for values in self.overlays]
            self._levels[count] = (aggregate(self.bars, starts), merged)
        return self._levels[count]

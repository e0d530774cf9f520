"""From a value to a place between the top and the bottom of a plot, and back."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, isfinite, log
from typing import TYPE_CHECKING

from terminal.widgets.chart.ticks import linear_ticks, log_ticks

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class PriceAxis:
    """A linear or logarithmic axis over ``rows`` rows of cells; ``high`` is the top, ``low`` the bottom."""

    low: float
    high: float
    rows: int
    log: bool = False

    @classmethod
    def fit(
        cls, low: float, high: float, rows: int, *, log_scale: bool = False, pad: float = 0.02
    ) -> PriceAxis:
        """An axis with room for [low, high]; a log axis falls back to linear where a value is not positive."""
        if not (isfinite(low) and isfinite(high)):
            low, high = 0.0, 1.0
        low, high = min(low, high), max(low, high)
        use_log = log_scale and low > 0
        if use_log:
            margin = (log(high) - log(low)) * pad or 0.01
            return cls(exp(log(low) - margin), exp(log(high) + margin), rows, True)
        margin = (high - low) * pad or abs(high) * 0.01 or 1.0
        return cls(low - margin, high + margin, rows, False)

    def fraction(self, values: np.ndarray) -> np.ndarray:
        """0 at the top, 1 at the bottom; NaN stays NaN."""
        import numpy as np

        if self.log:
            with np.errstate(invalid="ignore", divide="ignore"):
                scaled = np.log(values)
            return (log(self.high) - scaled) / (log(self.high) - log(self.low))
        return (self.high - np.asarray(values, dtype=float)) / (self.high - self.low)

    def slot(self, values: np.ndarray, parts: int) -> np.ndarray:
        """Which of ``rows * parts`` equal slots, counted from the top, each value falls into."""
        import numpy as np

        slots = self.rows * parts
        with np.errstate(invalid="ignore"):
            return np.clip(np.floor(self.fraction(values) * slots), 0, slots - 1)

    def row(self, value: float) -> int:
        """The row of cells, counted from the top, that ``value`` falls into."""
        if self.log:
            if value <= 0:
                return self.rows - 1
            part = (log(self.high) - log(value)) / (log(self.high) - log(self.low))
        else:
            part = (self.high - value) / (self.high - self.low)
        return max(0, min(self.rows - 1, int(part * self.rows))) if isfinite(part) else 0

    def span(self, row: int) -> tuple[float, float]:
        """The values a row of cells stands for, low first: the inverse of ``row``."""
        return self._value((row + 1) / self.rows), self._value(row / self.rows)

    def _value(self, part: float) -> float:
        if self.log:
            return exp(log(self.high) - part * (log(self.high) - log(self.low)))
        return self.high - part * (self.high - self.low)

    def ticks(self, every_rows: int = 3) -> list[float]:
        """Ticks no closer than two rows, about one in ``every_rows``."""
        most = max(1, self.rows // every_rows)
        ticks = (log_ticks if self.log else linear_ticks)(self.low, self.high, most)
        if len(ticks) < 2 and self.rows > 3:
            ticks = linear_ticks(max(self.low, 0) if self.log else self.low, self.high, most + 2)
        placed: list[float] = []
        for tick in ticks:
            if (not self.log or tick > 0) and (not placed or self.row(placed[-1]) - self.row(tick) >= 2):
                placed.append(tick)
        return placed

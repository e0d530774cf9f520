"""From a value to a step of a colour scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class Scale:
    """The ends of a scale, and for a diverging one the value without colour between them."""

    low: float
    high: float
    kind: Literal["diverging", "sequential"] = "sequential"
    center: float = 0.0

    @classmethod
    def of(
        cls,
        values: np.ndarray,
        kind: Literal["diverging", "sequential"],
        center: float = 0.0,
        low: float | None = None,
        high: float | None = None,
    ) -> Scale:
        """The scale of some values; a diverging one without ends reaches as far on both sides."""
        import numpy as np

        known = values[np.isfinite(values)]
        least, most = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
        if kind == "diverging":
            reach = max(abs(least - center), abs(most - center)) or 1.0
            return cls(
                center - reach if low is None else low, center + reach if high is None else high, kind, center
            )
        return cls(least if low is None else low, most if high is None else high, kind, center)

    def steps(self, values: np.ndarray, count: int) -> np.ndarray:
        """The step (0 lowest) of each value on a ramp of ``count`` steps; -1 where there is no value."""
        import numpy as np

        values = np.asarray(values, dtype=float)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            if self.kind == "diverging":
                half = count // 2
                span = np.where(values < self.center, self.center - self.low, self.high - self.center)
                part = (values - self.center) / np.where(span > 0, span, 1.0)
                steps = half + np.round(np.clip(part, -1, 1) * half)
            else:
                span = self.high - self.low
                part = (values - self.low) / span if span > 0 else np.full(values.shape, 0.5)
                steps = np.clip(np.floor(np.clip(part, 0, 1) * count), 0, count - 1)
        return np.where(np.isnan(values), -1, np.nan_to_num(steps)).astype(np.int8)

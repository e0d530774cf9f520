"""A fitted surface: implied volatility at any strike and time, between and beyond the expiries it was fitted to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.surface.ssvi import Ssvi, ssvi_total_variance
from engine.quant.surface.svi import Floats, RawSvi, svi_total_variance


@dataclass(frozen=True, slots=True)
class VolSurface:
    """Smiles of E expiries (ascending by ``years``), each with its forward and discount.

    Between expiries total variance runs in a straight line at fixed forward moneyness, which keeps calendars apart
    where the expiries are (Gatheral and Jacquier 2014, lemma 5.1, on total variance); of SSVI theta runs so, and its
    formula holds in between. Before the first and after the last the smile's volatility is kept: total variance in
    proportion to time. Across strikes SVI's own wings go on, straight in log-moneyness and within Lee's slope of 2.
    """

    model: Literal["SVI", "SSVI"]
    years: Floats
    forward: Floats
    discount: Floats
    raw: RawSvi  # arrays (E,)
    ssvi: Ssvi | None = None

    def total_variance(self, k: ArrayLike, years: ArrayLike) -> Floats:
        """Total implied variance at log(strike / forward of that time) and time; they broadcast."""
        x, t = np.broadcast_arrays(np.asarray(k, dtype=np.float64), np.asarray(years, dtype=np.float64))
        before, after, share, scale = self._between(t)
        if self.ssvi is not None:
            theta = self.ssvi.theta[before] * (1 - share) + self.ssvi.theta[after] * share
            inner = ssvi_total_variance(x, theta, self.ssvi.rho, self.ssvi.eta, self.ssvi.gamma)
            return inner * scale
        low, high = self._slice(x, before), self._slice(x, after)
        return (low * (1 - share) + high * share) * scale

    def implied_volatility(self, k: ArrayLike, years: ArrayLike) -> Floats:
        """sqrt(total variance / years)."""
        return np.asarray(np.sqrt(self.total_variance(k, years) / np.asarray(years, dtype=np.float64)))

    def forward_at(self, years: ArrayLike) -> Floats:
        """The forward of any time: its logarithm in a straight line, beyond the ends at the nearest's growth."""
        return np.exp(self._line(np.log(self.forward), np.asarray(years, dtype=np.float64)))

    def discount_at(self, years: ArrayLike) -> Floats:
        """The discount of any time: the rate of the nearest expiries, in a straight line."""
        t = np.asarray(years, dtype=np.float64)
        rate = np.interp(t, self.years, -np.log(self.discount) / self.years)
        return np.asarray(np.exp(-rate * t))

    def _slice(self, k: Floats, row: np.ndarray) -> Floats:
        return svi_total_variance(k, RawSvi(*(np.asarray(each)[row] for each in self.raw.values)))

    def _between(self, t: Floats) -> tuple[np.ndarray, np.ndarray, Floats, Floats]:
        """Expiries before and after each time, how far between them it lies, and what scales the ends."""
        inside = np.clip(t, self.years[0], self.years[-1])
        after = np.clip(np.searchsorted(self.years, inside), 0, len(self.years) - 1)
        before = np.maximum(after - 1, 0)
        width = self.years[after] - self.years[before]
        share = np.where(width > 0, (inside - self.years[before]) / np.where(width > 0, width, 1.0), 0.0)
        return before, after, share, t / inside

    def _line(self, values: Floats, t: Floats) -> Floats:
        if len(values) < 2:
            return np.broadcast_to(values[0], t.shape)
        slopes = np.diff(values) / np.diff(self.years)
        inside = np.interp(t, self.years, values)
        left = values[0] + slopes[0] * (t - self.years[0])
        right = values[-1] + slopes[-1] * (t - self.years[-1])
        return np.where(t < self.years[0], left, np.where(t > self.years[-1], right, inside))

"""Funding of perpetuals: when it is paid, at which rate, and by the position of which moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.backtest.inputs import Bools
from engine.backtest.market import Floats
from engine.backtest.result import Ints

Instants = NDArray[np.datetime64]
HOURS = 8  # of the large venues


@dataclass(frozen=True, slots=True)
class Funding:
    """``times`` (m,), ascending, UTC; ``rates`` (m, k): of notional at the mark, a long pays where above zero."""

    times: Instants
    rates: Floats

    def __post_init__(self) -> None:
        if self.rates.shape[:1] != self.times.shape or self.rates.ndim != 2:
            raise ValueError(f"Funding of {len(self.times)} times has rates of shape {self.rates.shape}")
        if len(self.times) > 1 and not (np.diff(self.times) > np.timedelta64(0, "s")).all():
            raise ValueError("Funding times ascend, each once")

    def placed(self, dates: Instants) -> tuple[Ints, Ints, Bools]:
        """Rows of bars, by where they start, with fundings; which; and whether within the bar, not at its very start.
        The last bar is as long as the one before it."""
        starts = dates.astype("datetime64[s]")
        step = starts[-1] - starts[-2] if len(starts) > 1 else np.timedelta64(86_400, "s")
        times = self.times.astype("datetime64[s]")
        rows = np.searchsorted(starts, times, side="right") - 1
        there = np.flatnonzero((rows >= 0) & (times < starts[-1] + step))
        return rows[there], there, times[there] != starts[rows[there]]

    def by_row(self, dates: Instants) -> list[tuple[list[int], list[int]]]:
        """For each bar: fundings at its very start, and those within it. A funding on the start is paid by who held
        before the bar's open is traded."""
        found: list[tuple[list[int], list[int]]] = [([], []) for _ in dates]
        for row, place, within in zip(*(each.tolist() for each in self.placed(dates)), strict=True):
            found[row][int(within)].append(place)
        return found


def every(dates: Instants, rate: float, columns: int, hours: int = HOURS) -> Funding:
    """One rate at each ``hours`` from midnight UTC over the bars' span: an assumption, not a history."""
    if not 0 < hours <= 24 or 24 % hours:
        raise ValueError(f"Funding comes a whole number of times a day, not each {hours} hours")
    first, last = dates[0].astype("datetime64[D]"), dates[-1].astype("datetime64[D]")
    times = np.arange(first, last + np.timedelta64(1, "D"), np.timedelta64(hours, "h"), dtype="datetime64[h]")
    return Funding(times, np.full((len(times), columns), rate))

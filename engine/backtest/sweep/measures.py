"""Figures of many equity curves at once, and what points can be ranked by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import log

import numpy as np
from numpy.typing import NDArray

from engine.backtest.market import Floats

_YEARLY = (252.0, 365.0, 52.0, 12.0, 4.0, 1.0)
BLOCK = 16  # curves: 2,520 sessions of them stay in the cache
MEASURES: Mapping[str, str] = {
    "SHARPE": "sharpe_ratio",
    "RETURN": "total_return",
    "CAGR": "cagr",
    "CALMAR": "calmar_ratio",
    "DRAWDOWN": "max_drawdown",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """One value a curve (m,). Larger is better of each, the drawdown too: it is 0 or below."""

    total_return: Floats
    cagr: Floats
    sharpe_ratio: Floats
    volatility: Floats
    max_drawdown: Floats
    calmar_ratio: Floats

    def joined(self, other: Figures) -> Figures:
        """These, then the other's."""
        return Figures(
            *(np.concatenate([getattr(each, one.name) for each in (self, other)]) for one in fields(self))
        )


def figures(equity: Floats, capital: float, periods: float = 252.0, rate: Floats | None = None) -> Figures:
    """Figures of equity curves (n, m), each begun with ``capital`` before its first row.

    ``sharpe_ratio`` = mean / deviation (ddof 1) of all n simple returns over ``rate`` (n,), a session's risk-free
    rate (0 where None), times sqrt(periods); NaN of a curve that never moved. ``volatility`` is the deviation of the
    returns times sqrt(periods). ``max_drawdown``: the lowest close over the highest before it (the capital among
    these), less 1. ``cagr`` = (1 + total return) ** (periods / n) - 1, -1 of what lost everything. ``calmar_ratio`` =
    cagr / -max_drawdown, NaN without a drawdown.
    """
    rows, columns = equity.shape
    mean, spread, fall = np.empty(columns), np.empty(columns), np.empty(columns)
    over, apart = np.empty(columns), np.empty(columns)  # mean and deviation over the rate
    for begin in range(0, columns, BLOCK):
        part = slice(begin, min(begin + BLOCK, columns))
        held = np.empty((part.stop - begin, rows + 1))
        held[:, 0], held[:, 1:] = capital, equity[:, part].T
        with np.errstate(invalid="ignore", divide="ignore"):
            moves = held[:, 1:] / held[:, :-1] - 1.0
        moves[held[:, :-1] == 0] = 0.0  # nothing moves once all is lost
        still = (held == capital).all(axis=1)
        mean[part], spread[part] = _moments(moves)
        spread[part] = np.where(still, 0.0, spread[part])
        over[part], apart[part] = mean[part], spread[part]
        if rate is not None:
            over[part], apart[part] = _moments(moves - rate)
            apart[part] = np.where(still, 0.0, apart[part])
        peaks = np.maximum.accumulate(held, axis=1)
        np.divide(held, peaks, out=peaks)
        fall[part] = peaks.min(axis=1) - 1.0
    total = equity[-1] / capital - 1.0
    with np.errstate(invalid="ignore", divide="ignore"):
        grown = np.where(total > -1.0, np.maximum(1.0 + total, 0.0) ** (periods / rows) - 1.0, -1.0)
        sharpe = np.where(apart > 0, over / apart, np.nan) * np.sqrt(periods)
        calmar = np.where(fall < 0, grown / -fall, np.nan)
    return Figures(total, grown, sharpe, spread * np.sqrt(periods), fall, calmar)


def _moments(moves: Floats) -> tuple[Floats, Floats]:
    """Mean and deviation (ddof 1) of each row."""
    mean = moves.mean(axis=1)
    around = moves - mean[:, None]
    spread = np.sqrt(np.einsum("ij,ij->i", around, around) / max(moves.shape[1] - 1, 1))
    return mean, np.asarray(spread, dtype=np.float64)


def periods_a_year(dates: NDArray[np.datetime64]) -> float:
    """Sessions a year: of 252, 365, 52, 12, 4 and 1 what is nearest to as many as there are; 252 of fewer than 20."""
    if len(dates) < 20:
        return 252.0
    per_year = len(dates) / (float((dates[-1] - dates[0]) / np.timedelta64(1, "D")) / 365.25)
    return min(_YEARLY, key=lambda each: abs(log(each / per_year)))

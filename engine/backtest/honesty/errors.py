"""Standard errors and intervals in closed form, for figures of a report that cannot wait for a bootstrap.

Means of sessions are robust to clustering: the long-run variance of what each session adds (Bartlett kernel, Newey &
West 1987). Trades count as independent of each other.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

Floats: TypeAlias = NDArray[np.float64]


def mean_error(influence: ArrayLike, lags: int | None = None) -> float:
    """Standard error of the mean of (n,), what each session adds to a figure; NaN of fewer than two.

    sqrt((g0 + 2 sum (1 - l / (L + 1)) gl) / n), L = floor(4 (n / 100) ** (2 / 9)) where ``lags`` is None.
    """
    values = np.asarray(influence, dtype=np.float64)
    n = len(values)
    if n < 2:
        return float("nan")
    away = values - values.mean()
    long_run = float(away @ away)
    most = int(4 * (n / 100) ** (2 / 9)) if lags is None else lags
    for lag in range(1, min(most, n - 1) + 1):
        long_run += 2.0 * (1.0 - lag / (most + 1)) * float(away[lag:] @ away[:-lag])
    return float(np.sqrt(max(long_run, 0.0))) / n


def sortino_error(excess: ArrayLike) -> float:
    """Of a period's Sortino ratio m / d of excess returns (n,); NaN where nothing fell short.

    By the delta method: a session adds (x - m) / d - m / (2 d**3) (min(x, 0)**2 - d**2).
    """
    x = np.asarray(excess, dtype=np.float64)
    short = np.minimum(x, 0.0) ** 2
    mean, below = (float(each.mean()) if len(x) else 0.0 for each in (x, short))
    if not below > 0:
        return float("nan")
    down = np.sqrt(below)
    return mean_error((x - mean) / down - mean / (2 * down**3) * (short - below))


def beta_error(excess: ArrayLike, market: ArrayLike) -> float:
    """Of the slope of excess returns (n,) on the market's: each session adds (m - mean) e / var(m)."""
    y, x = np.asarray(excess, dtype=np.float64), np.asarray(market, dtype=np.float64)
    away = x - x.mean() if len(x) else x
    square = float(away @ away) / max(len(x), 1)
    if len(x) < 3 or not square > 0:
        return float("nan")
    slope = float(away @ (y - y.mean())) / len(x) / square
    residual = y - y.mean() - slope * away
    return mean_error(away * residual / square)


def wilson(won: int, trades: int, level: float = 0.95) -> tuple[float, float]:
    """Interval of a share (Wilson 1927): (p + z^2 / 2n +- z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n).

    It holds for few trades and shares of 0 and 1, where p +- sqrt(p (1 - p) / n) says that nothing is uncertain. NaN
    without trades.
    """
    if trades < 1:
        return float("nan"), float("nan")
    z, p, n = float(ndtri((1 + level) / 2)), won / trades, float(trades)
    middle = p + z * z / (2 * n)
    away = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    whole = 1 + z * z / n
    return max(0.0, float((middle - away) / whole)), min(1.0, float((middle + away) / whole))


def profit_factor_error(pnl: ArrayLike) -> float:
    """Of what trades (m,) gained / what they lost: each adds (gain - factor x loss) / mean loss; NaN without losers.

    By the delta method for a ratio of means.
    """
    made = np.asarray(pnl, dtype=np.float64)
    gain, loss = np.maximum(made, 0.0), np.maximum(-made, 0.0)
    if len(made) < 2 or not loss.sum() > 0:
        return float("nan")
    factor = float(gain.sum() / loss.sum())
    return float((gain - factor * loss).std(ddof=1) / loss.mean() / np.sqrt(len(made)))

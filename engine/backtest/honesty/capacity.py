"""How much money a strategy can run before its own trades eat it: square-root impact.

A trade of q in a symbol that trades V a session with volatility s costs Y s sqrt(q / V) of its notional (Torre 1997;
Almgren, Thum, Hauptmann & Li 2005 find a power near 0.6; Y about 1). A strategy of capital C trades q = x C, so its
return a session is g - sqrt(C) i with i = sum Y s x**1.5 / sqrt(V).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.quant.performance import Frequency, periods_per_year

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Capacity:
    """Capitals, in the volumes' currency; infinite where nothing is traded, 0 where nothing is earned at any capital.

    ``sharpe``: a year's, without impact. ``halved``: capital at which it is half (or the share asked for).
    ``most_money``: at which the most money is earned. ``break_even``: at which nothing is. ``participation``: the
    largest share of a symbol's volume that a trade takes at ``halved``. ``limited``: capital at which a trade first
    takes more than the limit asked for, infinite without a limit. ``capitals``, ``net_sharpe``: the curve asked for.
    """

    sharpe: float
    halved: float
    most_money: float
    break_even: float
    participation: float
    limited: float
    capitals: Floats
    net_sharpe: Floats


def impact_of_capital(
    trades: ArrayLike, volume: ArrayLike, volatility: ArrayLike, coefficient: float = 1.0
) -> Floats:
    """Impact cost (n,) a session at a capital of one; at C it is sqrt(C) times as much.

    Parameters
    ----------
    trades : (n, k), x: |change of weight|, traded notional over capital; missing is no trade
    volume : (n, k), V, what the symbol trades a session, in currency, known beforehand (a trailing mean)
    volatility : (n, k), s, of a session's return, a fraction
    coefficient : Y

    Raises
    ------
    ValueError
        Arrays that do not fit, a negative trade, or a trade where volume or volatility is missing, or volume 0.
    """
    x, v, s = (np.asarray(each, dtype=np.float64) for each in (trades, volume, volatility))
    if x.ndim != 2 or v.shape != x.shape or s.shape != x.shape:
        raise ValueError("Give trades, volume and volatility (sessions, symbols) of one shape.")
    x = np.where(np.isfinite(x), x, 0.0)
    if (x < 0).any() or not 0 <= coefficient < np.inf:
        raise ValueError("Trades are sizes, and the coefficient of impact a number: 0 or more, both.")
    known = np.isfinite(v) & (v > 0) & np.isfinite(s) & (s >= 0)
    if ((x > 0) & ~known).any():
        row, column = np.argwhere((x > 0) & ~known)[0]
        raise ValueError(
            f"Session {row} trades symbol {column}, of which no volume or volatility is known: its impact cannot be "
            "told. Leave the trade out, or give a trailing mean volume."
        )
    traded = x > 0
    cost = np.where(traded, s, 0.0) * x**1.5 / np.sqrt(np.where(traded, v, 1.0))
    return np.asarray(coefficient * cost.sum(axis=1))


def capacity(
    returns: ArrayLike,
    trades: ArrayLike,
    volume: ArrayLike,
    volatility: ArrayLike,
    *,
    coefficient: float = 1.0,
    share: float = 0.5,
    limit: float | None = None,
    capitals: ArrayLike = (),
    periods: Frequency | float = "daily",
) -> Capacity:
    """The capital at which impact leaves ``share`` of the Sharpe ratio, in closed form.

    With m, i the means and v, c, w the variances and covariance of g and i, and u = sqrt(C), the net ratio is
    (m - u i) / sqrt(v - 2 u c + u**2 w): equal to h it is a quadratic in u, of which the smallest root above 0 with a
    numerator above 0 is taken. The money earned, C (m - sqrt(C) i), is the most at C = (2 m / (3 i))**2.

    Parameters
    ----------
    returns : (n,), net of every cost but impact, none missing
    trades, volume, volatility, coefficient : see ``impact_of_capital``
    share : of the Sharpe ratio without impact, between 0 and 1
    limit : the largest share of volume that a trade may take
    capitals : (c,), where the net Sharpe ratio is asked for
    periods : periods in a year

    Raises
    ------
    ValueError
        As of ``impact_of_capital``; returns that are missing or never move; a share outside 0..1.
    """
    earned = np.asarray(returns, dtype=np.float64)
    cost = impact_of_capital(trades, volume, volatility, coefficient)
    if earned.shape != cost.shape or len(earned) < 2 or not np.isfinite(earned).all():
        raise ValueError("Returns are (sessions,), one for each row of trades, none missing, two or more.")
    if np.ptp(earned) == 0:
        raise ValueError("The returns never move: there is no Sharpe ratio to halve.")
    if not 0 < share < 1 or (limit is not None and not limit > 0):
        raise ValueError("A share of the ratio lies between 0 and 1, a participation limit above 0.")
    asked, mean, drag = np.asarray(capitals, dtype=np.float64), float(earned.mean()), float(cost.mean())
    if asked.ndim != 1 or not (asked >= 0).all():
        raise ValueError("Capitals are a list of amounts, 0 or more.")
    spread = np.cov(np.stack([earned, cost]))
    root, year = _root(mean, drag, spread, share), np.sqrt(periods_per_year(periods))
    u = np.sqrt(asked)
    net = (mean - u * drag) / np.sqrt(spread[0, 0] - 2 * u * spread[0, 1] + u**2 * spread[1, 1])
    taken = _taken(trades, volume)
    return Capacity(
        float(mean / np.sqrt(spread[0, 0]) * year), root**2, _squared(2 / 3, mean, drag), _squared(1, mean, drag),
        taken * root**2 if taken else 0.0, limit / taken if limit is not None and taken else float("inf"),
        asked, net * year,
    )  # fmt: skip


def _root(mean: float, drag: float, spread: Floats, share: float) -> float:
    if mean <= 0:
        return 0.0
    if drag == 0:
        return float("inf")
    aim = (share * mean) ** 2 / spread[0, 0]
    roots = np.roots(
        [drag**2 - aim * spread[1, 1], -2 * (mean * drag - aim * spread[0, 1]), mean**2 - aim * spread[0, 0]]
    )
    real = roots[np.abs(roots.imag) < 1e-9 * np.maximum(1.0, np.abs(roots))].real
    fine = real[(real > 0) & (mean - real * drag > 0)]
    return float(fine.min()) if len(fine) else float("inf")


def _squared(factor: float, mean: float, drag: float) -> float:
    if mean <= 0:
        return 0.0
    return (factor * mean / drag) ** 2 if drag > 0 else float("inf")


def _taken(trades: ArrayLike, volume: ArrayLike) -> float:
    """The largest share of volume of any trade, at a capital of one."""
    x, v = np.asarray(trades, dtype=np.float64), np.asarray(volume, dtype=np.float64)
    traded = np.isfinite(x) & (x > 0)
    return float((x[traded] / v[traded]).max()) if traded.any() else 0.0

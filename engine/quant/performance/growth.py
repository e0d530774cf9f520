"""Returns of prices, what they compound to, and growth a year.

Missing values (NaN, infinite) are no observations: compounding passes over them, and counts count the rest.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.quant.performance._panels import (
    Floats,
    Frequency,
    answer,
    compounded,
    count,
    panel,
    periods_per_year,
    ratio,
    series,
)

_UNITS = {"weekly": "W", "monthly": "M", "quarterly": "Q", "yearly": "Y"}


def simple_returns(prices: ArrayLike) -> Floats:
    """Price over the price before it, less one: r[t] = p[t] / p[t-1] - 1.

    Parameters
    ----------
    prices : (n,) or (n, k), adjusted for splits (and dividends, for total returns)

    Returns
    -------
    (n - 1,) or (n - 1, k), fractions. A missing price makes the two returns beside it NaN; a zero price
    before a positive one makes an infinite return.
    """
    array = np.asarray(prices, dtype=np.float64)
    return ratio(array[1:], array[:-1]) - 1.0


def log_returns(prices: ArrayLike) -> Floats:
    """Logarithm of price over the price before it: r[t] = ln(p[t] / p[t-1]).

    Shapes as ``simple_returns``. Prices that are not above zero make NaN.
    """
    array = np.asarray(prices, dtype=np.float64)
    logs = np.log(np.where(array > 0, array, np.nan))
    return np.asarray(logs[1:] - logs[:-1])


def cumulative_returns(returns: ArrayLike, start: float = 0.0) -> Floats:
    """What simple returns compound to: prod(1 + r) - 1, or ``start`` x prod(1 + r) where start is not 0.

    Parameters
    ----------
    returns : (n,) or (n, k), fractions; a missing one leaves the value as it was
    start : worth before the first period; 0 answers returns

    Returns
    -------
    The shape of ``returns``.
    """
    columns, single = panel(returns)
    growth = compounded(columns)
    return series(growth * start if start else growth - 1.0, single)


def total_return(returns: ArrayLike) -> Floats | float:
    """prod(1 + r) - 1 over all periods; NaN where there is no observation."""
    columns, single = panel(returns)
    total = np.prod(1.0 + np.nan_to_num(columns), axis=0) - 1.0
    return answer(np.where(count(columns) > 0, total, np.nan), single)


def cagr(returns: ArrayLike, periods: Frequency | float = "daily") -> Floats | float:
    """Compound annual growth rate: prod(1 + r) ** (periods / n) - 1.

    Parameters
    ----------
    returns : (n,) or (n, k), simple returns
    periods : periods in a year, as a word or a number

    Returns
    -------
    A number or (k,), a fraction a year. ``n`` counts observations, not rows. -1 after a total loss; NaN where a
    path falls below zero. Of less than a year it extrapolates.
    """
    columns, single = panel(returns)
    counts, growth = count(columns), np.prod(1.0 + np.nan_to_num(columns), axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        yearly = np.where(growth >= 0, np.abs(growth), np.nan) ** (periods_per_year(periods) / counts) - 1.0
    return answer(np.where(counts > 0, yearly, np.nan), single)


def aggregate_returns(
    returns: ArrayLike, dates: NDArray[np.datetime64], to: Frequency
) -> tuple[NDArray[np.datetime64], Floats]:
    """Simple returns compounded to weeks (ISO, Monday first), months, quarters or years.

    Parameters
    ----------
    returns : (n,) or (n, k)
    dates : datetime64 (n,), ascending
    to : "weekly", "monthly", "quarterly" or "yearly"

    Returns
    -------
    The last date of each period that has one, and its returns, (m,) or (m, k).

    Raises
    ------
    ValueError
        Another frequency, dates that do not ascend, or of another length.
    """
    if to not in _UNITS:
        raise ValueError(f"Returns are compounded to {', '.join(_UNITS)}, not to {to!r}.")
    columns, single = panel(returns)
    days = np.asarray(dates).astype("datetime64[D]")
    if len(days) != len(columns) or (np.diff(days.astype(np.int64)) < 0).any():
        raise ValueError("Dates must ascend, one a return.")
    if not len(days):
        return days, series(columns, single)
    starts = np.flatnonzero(np.diff(_buckets(days, to), prepend=np.iinfo(np.int64).min))
    grown = np.multiply.reduceat(1.0 + np.nan_to_num(columns), starts, axis=0) - 1.0
    seen = np.add.reduceat(np.isfinite(columns), starts, axis=0, dtype=np.int64)
    ends = np.append(starts[1:], len(days)) - 1
    return days[ends], series(np.where(seen > 0, grown, np.nan), single)


def _buckets(days: NDArray[np.datetime64], to: str) -> NDArray[np.int64]:
    """The number of the week, month, quarter or year that each day lies in."""
    if to == "weekly":
        return (days.astype(np.int64) + 3) // 7  # 1970-01-01 was a Thursday
    if to == "quarterly":
        return days.astype("datetime64[M]").astype(np.int64) // 3
    return days.astype(f"datetime64[{_UNITS[to]}]").astype(np.int64)

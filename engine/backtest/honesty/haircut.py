"""Multiple testing: p-values adjusted for the number of tests, and the Sharpe ratio that they leave.

Harvey & Liu (2015), "Backtesting", Journal of Portfolio Management 42(1): a Sharpe ratio is a t-statistic, its
p-value is adjusted for all tests made, and the adjusted p-value is a lower Sharpe ratio; the fall is the haircut.
They draw the other tests from a model of the literature's; ours are the trials that were made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

from engine.quant.performance import Frequency, periods_per_year

Floats: TypeAlias = NDArray[np.float64]
Method: TypeAlias = Literal["bonferroni", "holm", "bhy"]


@dataclass(frozen=True, slots=True, eq=False)
class Haircut:
    """Each trial's, (k,): p-values before and after, Sharpe ratios a year before and after, the fall as a fraction.

    ``haircut`` is NaN where the ratio was 0.
    """

    method: Method
    p_value: Floats
    adjusted: Floats
    sharpe: Floats
    adjusted_sharpe: Floats
    haircut: Floats


def adjust_p_values(p_values: ArrayLike, method: Method = "bhy") -> Floats:
    """P-values (k,) of tests made together, adjusted, in the order given.

    "bonferroni": min(k p, 1): the chance of any false discovery, whatever the dependence.
    "holm" (1979): max over j <= i of (k - j + 1) p(j): the same chance, never less powerful.
    "bhy" (Benjamini & Yekutieli 2001): min over j >= i of k c(k) p(j) / j with c(k) = sum of 1 / j: the expected
    share of false ones among the discoveries, whatever the dependence.

    Raises
    ------
    ValueError
        No test, an unknown method, or a p-value that is missing or outside 0..1.
    """
    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1 or not len(p) or not ((p >= 0) & (p <= 1)).all():
        raise ValueError("P-values are a list of one or more numbers from 0 to 1, none missing.")
    if method not in ("bonferroni", "holm", "bhy"):
        raise ValueError(f"{method!r} adjusts no p-values: take 'bonferroni', 'holm' or 'bhy'.")
    count, order = len(p), np.argsort(p, kind="stable")
    ranks = np.arange(1, count + 1)
    if method == "bonferroni":
        return np.minimum(count * p, 1.0)
    if method == "holm":
        ordered = np.maximum.accumulate((count - ranks + 1) * p[order])
    else:
        scaled = count * (1 / ranks).sum() * p[order] / ranks
        ordered = np.minimum.accumulate(scaled[::-1])[::-1]
    adjusted = np.empty(count)
    adjusted[order] = np.minimum(ordered, 1.0)
    return adjusted


def haircut_sharpe(
    sharpe: ArrayLike, observations: int, periods: Frequency | float = "daily", method: Method = "bhy"
) -> Haircut:
    """What multiple testing leaves of each trial's Sharpe ratio.

    t = SR sqrt(T) of the period's ratio, a two-sided p-value by Student's law of T - 1 degrees, adjusted, and back.

    Parameters
    ----------
    sharpe : (k,), A YEAR, of all trials made; none missing
    observations : T, periods over which each was measured, 3 or more
    periods : periods in a year
    method : see ``adjust_p_values``

    Notes
    -----
    Returns are taken as independent: a ratio of autocorrelated returns is to be corrected first (Lo 2002). An
    adjusted ratio keeps its sign and is never larger than the ratio was.
    """
    yearly = np.asarray(sharpe, dtype=np.float64)
    if yearly.ndim != 1 or not len(yearly) or not np.isfinite(yearly).all():
        raise ValueError("Sharpe ratios are a list of one or more numbers, none missing.")
    if observations < 3:
        raise ValueError(f"Three observations are the least for a t-statistic, not {observations}.")
    scale = np.sqrt(observations / periods_per_year(periods))
    statistic = np.abs(yearly) * scale
    p_value = np.minimum(2 * stdtr(observations - 1, -statistic), 1.0)
    adjusted = adjust_p_values(p_value, method)
    # a p-value below the smallest number adjusts to 0, which would be an infinite ratio
    left = np.minimum(np.abs(stdtrit(observations - 1, adjusted / 2)), statistic)
    found = np.sign(yearly) * left / scale
    with np.errstate(invalid="ignore", divide="ignore"):
        fall = np.where(yearly != 0, 1 - found / yearly, np.nan)
    return Haircut(method, p_value, adjusted, yearly, found, fall)

"""One company's multiples among its peers', and the price that theirs would give it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.valuation.dcf import Floats


@dataclass(frozen=True, slots=True)
class Among:
    """``own`` beside the peers' quartiles; ``rank`` is the share of peers below it, ``premium`` own / median - 1."""

    own: float
    low: float
    median: float
    high: float
    rank: float
    premium: float
    count: int


def among(own: float, others: ArrayLike) -> Among:
    """Where ``own`` stands among ``others``, NaN passed over. Quartiles interpolate linearly."""
    values: Floats = np.asarray(others, dtype=np.float64)
    values = values[np.isfinite(values)]
    nan = float("nan")
    if not len(values):
        return Among(own, nan, nan, nan, nan, nan, 0)
    low, median, high = (float(each) for each in np.quantile(values, [0.25, 0.5, 0.75]))
    rank = (
        float(((values < own).sum() + 0.5 * (values == own).sum()) / len(values)) if np.isfinite(own) else nan
    )
    premium = own / median - 1.0 if np.isfinite(own) and median > 0 else nan
    return Among(own, low, median, high, rank, premium, len(values))


def price_at_multiple(
    multiple: float, base_per_share: float, net_debt_per_share: float = 0.0, of_enterprise: bool = False
) -> float:
    """The share price at which a company has ``multiple``: multiple x base, less net debt for an enterprise multiple.

    NaN where the base is not positive: such a multiple says nothing.
    """
    if not base_per_share > 0 or not np.isfinite(multiple):
        return float("nan")
    return multiple * base_per_share - (net_debt_per_share if of_enterprise else 0.0)


def percentile_ranks(values: ArrayLike) -> Floats:
    """Of each value the share of the others in its column that lie below it, half of those that equal it.

    ``values`` (k,) or (k, m); NaN has no rank and counts for none, and a value by itself has none either.
    """
    given: Floats = np.asarray(values, dtype=np.float64)
    known = np.isfinite(given)
    below = (given[None, :] < given[:, None]).sum(axis=1, dtype=np.float64)
    equal = (given[None, :] == given[:, None]).sum(axis=1) - known  # itself aside
    others = known.sum(axis=0) - 1
    with np.errstate(invalid="ignore", divide="ignore"):
        ranks: Floats = np.where(known & (others > 0), (below + 0.5 * equal) / others, np.nan)
    return ranks


def price_at_yield(median_yield: float, cash_per_share: float) -> float:
    """The share price at which a company yields ``median_yield``: cash a share / yield.

    NaN where either is not positive.
    """
    if not cash_per_share > 0 or not median_yield > 0:
        return float("nan")
    return cash_per_share / median_yield

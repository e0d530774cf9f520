"""Portfolios by sorted scores: quantiles, spreads, long-short factors, Fama-French's two by three, turnover.

A portfolio of row t is formed on what was known ``lag`` rows before: its return on row t is known on row t.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.factors._arrays import Floats, Integers, complete, panel
from engine.quant.factors.cross_section import inside, row_quantiles


@dataclass(frozen=True, slots=True)
class QuantileReturns:
    """``groups`` (n, count): each group's return on row t, lowest scores first; ``spread`` (n,) highest - lowest."""

    groups: Floats
    spread: Floats


@dataclass(frozen=True, slots=True)
class TwoByThree:
    """``portfolios`` (n, 6): small low, small middle, small high, big low, big middle, big high.

    ``factor`` (n,) = (small high + big high) / 2 - (small low + big low) / 2; ``small_minus_big`` (n,) = mean of the
    three small - mean of the three big.
    """

    portfolios: Floats
    factor: Floats
    small_minus_big: Floats


def quantile_groups(
    scores: ArrayLike,
    count: int = 5,
    *,
    universe: ArrayLike | None = None,
    cuts: ArrayLike | None = None,
    breakpoints: ArrayLike | None = None,
) -> Integers:
    """Each symbol's group on each row, 0 (lowest) to count - 1, -1 where it has none; (n, k).

    Groups are cut at the row's quantiles (``cuts`` as fractions; equal parts where None) of the symbols that
    ``breakpoints`` flags (Fama and French cut at those of the New York Stock Exchange); ties stay together. A row
    with fewer symbols than groups has none.
    """
    held = inside(panel(scores, "scores"), universe)
    levels = np.arange(1, count) / count if cuts is None else np.asarray(cuts, dtype=np.float64)
    if len(levels) != count - 1 or count < 2 or (np.diff(levels) <= 0).any():
        raise ValueError(f"{count} groups are cut at {count - 1} ascending quantiles")
    ends = row_quantiles(inside(held, breakpoints), levels)
    found = np.zeros(held.shape, dtype=np.int64)
    for place in range(count - 1):
        found += held > ends[:, place : place + 1]
    enough = np.isfinite(held).sum(axis=1) >= count
    return np.where(np.isfinite(held) & complete(ends)[:, None] & enough[:, None], found, -1)


def held_groups(groups: ArrayLike, formed: ArrayLike) -> Integers:
    """Groups that stay as they were on the last row flagged by ``formed`` (n,): monthly or yearly sorts; (n, k)."""
    whole, flags = np.asarray(groups, dtype=np.int64), np.asarray(formed, dtype=bool)
    last = np.maximum.accumulate(np.where(flags, np.arange(len(flags)), -1))
    return np.where(last[:, None] >= 0, whole[np.maximum(last, 0)], -1)


def group_weights(groups: ArrayLike, count: int, weights: ArrayLike | None = None) -> Floats:
    """Weights of each group's symbols, (n, count, k), adding up to 1 where a group has any: equal, or by
    ``weights`` (n, k) (market values)."""
    whole = np.asarray(groups, dtype=np.int64)
    base = np.ones(whole.shape) if weights is None else inside(panel(weights, "weights"), None)
    base = np.where(np.isfinite(base) & (base > 0), base, 0.0)
    member = (whole[:, None, :] == np.arange(count)[None, :, None]) * base[:, None, :]
    total = member.sum(axis=2, keepdims=True)
    return np.asarray(np.divide(member, total, out=np.zeros(member.shape), where=total > 0))


def quantile_returns(
    groups: ArrayLike,
    returns: ArrayLike,
    count: int,
    *,
    weights: ArrayLike | None = None,
    lag: int = 1,
) -> QuantileReturns:
    """Return on row t of the groups of row t - ``lag``, equally weighted or by ``weights`` of row t - ``lag``.

    Weights of market values make buy-and-hold portfolios; equal weights are set anew each row. A member without a
    return on row t (halted, delisted) is left out of that row's mean.
    """
    r, whole = panel(returns, "returns"), np.asarray(groups, dtype=np.int64)
    if whole.shape != r.shape or not 0 < lag < len(r):
        raise ValueError(f"groups {whole.shape} and returns {r.shape} have one shape, and lag is 1 at least")
    base = None if weights is None else panel(weights, "weights")[:-lag]
    there = np.isfinite(r[lag:])
    made = group_weights(np.where(there, whole[:-lag], -1), count, base)
    some = made.sum(axis=2) > 0
    found = np.full((len(r), count), np.nan)
    found[lag:] = np.where(some, (made @ np.where(there, r[lag:], 0.0)[:, :, None])[:, :, 0], np.nan)
    return QuantileReturns(found, found[:, -1] - found[:, 0])


def long_short_weights(groups: ArrayLike, count: int, weights: ArrayLike | None = None) -> Floats:
    """+1 in the highest group, -1 in the lowest, (n, k); zeros on rows that lack either."""
    made = group_weights(groups, count, weights)
    both = (made[:, 0].sum(axis=1) > 0) & (made[:, -1].sum(axis=1) > 0)
    return np.where(both[:, None], made[:, -1] - made[:, 0], 0.0)


def turnover(weights: ArrayLike, returns: ArrayLike | None = None) -> Floats:
    """Half the sum of |w_t - w_(t-1)|, what is bought or sold as a share of the book; (n,), the first row NaN.

    With ``returns`` (n, k) yesterday's weights first drift by today's returns, a missing one as 0. A long-short
    book keeps its gross value through the drift.
    """
    w = np.nan_to_num(panel(weights, "weights"))
    before = w[:-1]
    if returns is not None:
        grown = before * (1.0 + np.nan_to_num(panel(returns, "returns")[1:]))
        gross = np.abs(before).sum(axis=1, keepdims=True)
        now = np.abs(grown).sum(axis=1, keepdims=True)
        before = np.divide(grown * gross, now, out=np.zeros(grown.shape), where=now > 0)
    return np.concatenate([[np.nan], 0.5 * np.abs(w[1:] - before).sum(axis=1)])


def two_by_three(
    returns: ArrayLike,
    market_cap: ArrayLike,
    scores: ArrayLike,
    *,
    formed: ArrayLike | None = None,
    breakpoints: ArrayLike | None = None,
    universe: ArrayLike | None = None,
    lag: int = 1,
) -> TwoByThree:
    """Fama and French's sort: two sizes at the median, three scores at the 30th and 70th percentiles, crossed.

    Value-weighted by ``market_cap`` of row t - ``lag``. ``formed`` (n,) flags the rows on which groups are made anew
    (June's end with the library's factors; every row where None). Fama and French (1993), pp. 8-10.
    """
    cap = panel(market_cap, "market_cap")
    known = inside(panel(scores, "scores"), universe)
    both = np.isfinite(known) & (cap > 0)
    sizes = quantile_groups(cap, 2, universe=both, breakpoints=breakpoints)
    thirds = quantile_groups(known, 3, universe=both, cuts=(0.3, 0.7), breakpoints=breakpoints)
    crossed = np.where((sizes >= 0) & (thirds >= 0), sizes * 3 + thirds, -1)
    if formed is not None:
        crossed = held_groups(crossed, formed)
    six = quantile_returns(crossed, returns, 6, weights=cap, lag=lag).groups
    factor = (six[:, 2] + six[:, 5] - six[:, 0] - six[:, 3]) / 2.0
    return TwoByThree(six, factor, six[:, :3].mean(axis=1) - six[:, 3:].mean(axis=1))

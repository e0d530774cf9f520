"""Characteristics of symbols on each day, from prices and from figures as they were known (``known_panel``).

Every function takes panels (n, k), time on axis 0; row t uses rows up to t. Raw values: scores are ``zscores``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.factors._arrays import Floats, panel
from engine.quant.factors._windows import level_before, pairs, windowed
from engine.quant.factors.cross_section import zscores

# Which way a characteristic is good: investment earns where it is low, size where it is small.
SIGNS = {
    "size": -1.0, "value": 1.0, "profitability": 1.0, "investment": -1.0, "momentum": 1.0, "low_volatility": 1.0,
    "quality": 1.0,
}  # fmt: skip


def size(market_cap: ArrayLike) -> Floats:
    """ln(market capitalisation); NaN where it is not positive. Banz (1981), Journal of Financial Economics 9."""
    cap = panel(market_cap, "market_cap")
    return np.log(np.where(cap > 0, cap, np.nan))


def value(book_equity: ArrayLike, market_cap: ArrayLike) -> Floats:
    """Book equity / market capitalisation; NaN where either is not positive (Fama and French 1993)."""
    book = panel(book_equity, "book_equity")
    return _over(np.where(book > 0, book, np.nan), panel(market_cap, "market_cap"))


def profitability(operating_profit: ArrayLike, book_equity: ArrayLike) -> Floats:
    """Operating profit after interest, twelve months / book equity (Fama and French 2015, p. 4)."""
    return _over(panel(operating_profit, "operating_profit"), panel(book_equity, "book_equity"))


def investment(assets: ArrayLike, assets_before: ArrayLike) -> Floats:
    """Total assets / those of the year before - 1 (Cooper, Gulen and Schill 2008; Fama and French 2015, p. 4)."""
    return _over(panel(assets, "assets"), panel(assets_before, "assets_before")) - 1.0


def momentum(levels: ArrayLike, *, long: int = 252, skip: int = 21) -> Floats:
    """P(t - skip) / P(t - long) - 1 on total-return levels: twelve months less the last ("12-1").

    Jegadeesh and Titman (1993), Journal of Finance 48; the last month is left out since it tends to reverse.
    """
    p = panel(levels, "levels")
    if not 0 <= skip < long:
        raise ValueError(f"momentum leaves out fewer rows than it spans: skip {skip}, long {long}")
    found = np.full(p.shape, np.nan)
    if len(p) > long:
        found[long:] = _over(p[long - skip : len(p) - skip], p[: len(p) - long]) - 1.0
    return found


def low_volatility(
    returns: ArrayLike, *, window: int = 252, least: int | None = None, periods_per_year: float = 252.0
) -> Floats:
    """Minus the annualised deviation (n - 1) of the last ``window`` returns; ``least`` of them (half where None).

    Blitz and van Vliet (2007), Journal of Portfolio Management 34.
    """
    r = panel(returns, "returns")
    need = max(2, window // 2 if least is None else least)
    held = np.isfinite(r)
    found = np.full(r.shape, np.nan)
    for pair in pairs(len(r), window):
        span, here = slice(pair.start, pair.stop), slice(pair.middle, pair.stop)
        moved = np.where(held[span], r[span] - level_before(r, held, pair), 0.0)
        count = windowed(held[span].astype(np.float64), pair)
        total = windowed(moved, pair)
        squares = windowed(moved * moved, pair)
        enough = np.where(count >= need, count, np.nan)
        variance = np.maximum(squares - total * total / enough, 0.0) / (enough - 1.0)
        found[here] = -np.sqrt(variance * periods_per_year)
    return found


def quality(
    gross_profit: ArrayLike,
    assets: ArrayLike,
    *,
    debt: ArrayLike | None = None,
    net_income: ArrayLike | None = None,
    cash_from_operations: ArrayLike | None = None,
    universe: ArrayLike | None = None,
    least: int = 2,
) -> Floats:
    """Mean of a day's scores: gross profit / assets, - debt / assets, - (net income - operating cash flow) / assets.

    Profitable, safe, and earned in cash: Novy-Marx (2013), Journal of Financial Economics 108; Sloan (1996), The
    Accounting Review 71; put together as Asness, Frazzini and Pedersen (2019), Review of Accounting Studies 24.
    ``least`` of the parts that were given must be known of a symbol.
    """
    whole = panel(assets, "assets")
    parts = [_over(panel(gross_profit, "gross_profit"), whole)]
    if debt is not None:
        parts.append(-_over(panel(debt, "debt"), whole))
    if net_income is not None and cash_from_operations is not None:
        accruals = panel(net_income, "net_income") - panel(cash_from_operations, "cash_from_operations")
        parts.append(-_over(accruals, whole))
    return composite([zscores(part, universe=universe) for part in parts], least=min(least, len(parts)))


def composite(scores: Sequence[ArrayLike], *, least: int = 1) -> Floats:
    """Mean of several scores (each (n, k)) where ``least`` of them are known."""
    stacked = np.stack([panel(score, "scores") for score in scores])
    count = np.isfinite(stacked).sum(axis=0)
    total = np.where(np.isfinite(stacked), stacked, 0.0).sum(axis=0)
    return np.where(count >= least, total / np.maximum(count, 1), np.nan)


def _over(top: Floats, bottom: Floats) -> Floats:
    """A ratio; NaN where the denominator is not positive."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(bottom > 0, top / np.where(bottom > 0, bottom, np.nan), np.nan)

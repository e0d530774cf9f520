"""Loadings over rolling windows: every window of every symbol, by sums of products."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.factors._arrays import Flags, Floats, Integers, complete, panel, same_rows
from engine.quant.factors._moments import Moments, solved
from engine.quant.factors._robust import window_errors
from engine.quant.factors._windows import Pair, level_before, pairs, windowed
from engine.quant.factors.covariance import newey_west_lags

_CHUNK = 32  # symbols with gaps whose own factor sums are held at once


@dataclass(frozen=True, slots=True)
class RollingLoadings:
    """Regressions of the windows that end on each row. NaN where a window has too few observations.

    ``alpha``, ``alpha_errors``, ``r_squared``, ``residual_deviation`` (a period) and ``observations`` (n, k);
    ``betas`` and ``beta_errors`` (n, k, f). Row t uses rows up to t only.
    """

    alpha: Floats
    betas: Floats
    alpha_errors: Floats
    beta_errors: Floats
    r_squared: Floats
    residual_deviation: Floats
    observations: Integers


def rolling_loadings(
    returns: ArrayLike,
    factors: ArrayLike,
    window: int,
    *,
    least: int | None = None,
    errors: Literal["ols", "newey-west"] = "ols",
    lags: int | None = None,
) -> RollingLoadings:
    """r_ks = alpha + b' f_s + e over the ``window`` rows that end on t, for each t and symbol k.

    Ordinary least squares with its standard errors: b = C_ff^-1 C_fr of the window's centred products, C_ff scaled
    to correlations first. Sums never subtract (``_windows``) and stand about the mean of the block before, so that
    factors at 10^4 that move by 1 keep their digits. Errs by about eps x condition^2 of the scaled factors, where
    a direct QR errs by eps x condition.

    Parameters
    ----------
    returns : (n, k), NaN where a symbol has none: its window then has fewer observations.
    factors : (n, f); a row with a NaN counts for no symbol.
    window : rows of a window, more than f + 1.
    least : observations that a window must have; ``window`` where None. Where it is less, windows at the beginning
        are shorter.
    errors : "newey-west" takes each window's residuals with Bartlett weights over ``lags`` rows
        (``newey_west_lags(window)`` where None) and the factor n / (n - f - 1); a symbol at a time.

    Raises
    ------
    ValueError
        Shapes that do not fit, or a window too short for the number of factors.
    """
    y, x = panel(returns, "returns"), panel(factors, "factors")
    same_rows(y, x, "returns and factors")
    (rows, count), width = y.shape, x.shape[1]
    need = window if least is None else least
    if window < width + 2 or need < width + 2 or need > window:
        raise ValueError(
            f"{width} factors need windows of {width + 2} rows at least, and no more observations than rows: "
            f"window {window}, least {need}"
        )
    whole = complete(x)
    held = np.isfinite(y) & whole[:, None]
    made = empty(rows, count, width)
    for pair in pairs(rows, window):
        center = _center(x, y, whole, held, pair)
        span = slice(pair.start, pair.stop)
        here = slice(pair.middle, pair.stop)
        inside = held[span]
        shared = _shared(x[span], y[span], whole[span], inside, center, pair)
        solved(made, here, slice(None), shared, need)
        gaps = np.flatnonzero((inside != whole[span][:, None]).any(axis=0))
        for chunk in (gaps[at : at + _CHUNK] for at in range(0, len(gaps), _CHUNK)):
            level = (center[0], center[1][chunk])
            own = _own(x[span], y[span][:, chunk], inside[:, chunk], level, pair)
            solved(made, here, chunk, own, need, where=own.count != shared.count)
    if errors == "newey-west":
        _robust_errors(made, y, x, window, newey_west_lags(window) if lags is None else min(lags, window - 1))
    return made


def expanding_loadings(
    returns: ArrayLike,
    factors: ArrayLike,
    least: int,
    *,
    errors: Literal["ols", "newey-west"] = "ols",
    lags: int | None = None,
) -> RollingLoadings:
    """``rolling_loadings`` over windows that all begin with the first row, from ``least`` observations on.

    Newey-West's lags are ``newey_west_lags`` of all rows given where None.
    """
    rows = len(panel(returns, "returns"))
    if least > rows:
        raise ValueError(f"{rows} rows do not hold {least} observations")
    return rolling_loadings(returns, factors, rows, least=least, errors=errors, lags=lags)


def _robust_errors(made: RollingLoadings, y: Floats, x: Floats, window: int, lags: int) -> None:
    """Newey-West's errors in the place of ordinary ones, symbol by symbol."""
    for symbol in range(y.shape[1]):
        ends = np.flatnonzero(np.isfinite(made.alpha_errors[:, symbol]))
        found = window_errors(
            y[:, symbol], x, made.alpha[:, symbol], made.betas[:, symbol], window, lags, ends
        )
        made.alpha_errors[ends, symbol], made.beta_errors[ends, symbol] = found


def empty(rows: int, count: int, width: int) -> RollingLoadings:
    flat = [np.full((rows, count), np.nan) for _ in range(4)]
    deep = [np.full((rows, width, count), np.nan).transpose(0, 2, 1) for _ in range(2)]
    seen = np.zeros((rows, count), dtype=np.int64)
    return RollingLoadings(flat[0], deep[0], flat[1], deep[1], flat[2], flat[3], seen)


def _center(x: Floats, y: Floats, whole: Flags, held: Flags, pair: Pair) -> tuple[Floats, Floats]:
    """Levels known before the block begins: means of the block before, or of each series its first value."""
    return level_before(x, np.broadcast_to(whole[:, None], x.shape), pair), level_before(y, held, pair)


def _shared(
    x: Floats, y: Floats, whole: Flags, held: Flags, center: tuple[Floats, Floats], pair: Pair
) -> Moments:
    """Sums for symbols that have every row the factors have: one set of factor sums serves all of them."""
    moved = np.where(whole[:, None], x - center[0], 0.0)
    target = np.where(held, y - center[1], 0.0)
    squares = moved[:, :, None] * moved[:, None, :]
    return Moments(
        windowed(whole.astype(np.float64), pair)[:, None],
        windowed(moved, pair)[:, :, None],
        windowed(squares, pair)[..., None],
        windowed(target, pair),
        windowed(moved[:, :, None] * target[:, None, :], pair),
        windowed(target * target, pair),
        center,
    )


def _own(x: Floats, y: Floats, held: Flags, center: tuple[Floats, Floats], pair: Pair) -> Moments:
    """Sums for symbols with gaps: each has factor sums over its own rows."""
    moved = np.where(held[:, None, :], (x - center[0])[:, :, None], 0.0)
    target = np.where(held, y - center[1], 0.0)
    return Moments(
        windowed(held.astype(np.float64), pair),
        windowed(moved, pair),
        windowed(moved[:, :, None, :] * moved[:, None, :, :], pair),
        windowed(target, pair),
        windowed(moved * target[:, None, :], pair),
        windowed(target * target, pair),
        center,
    )

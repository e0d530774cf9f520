"""Fama and MacBeth's cross-sections: what a characteristic earned each day, and whether that was more than chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr

from engine.quant.factors._arrays import Flags, Floats, Integers, complete, panel
from engine.quant.factors.covariance import bartlett, newey_west_lags

_FAR = 1e4  # squared distance of a characteristic from zero, in variances, from which rounding would show
_DEPENDENT = 1e-10


@dataclass(frozen=True, slots=True)
class FamaMacBeth:
    """``premia`` (n, f + 1): each row's cross-sectional intercept and slopes, NaN where there were too few symbols.

    ``mean`` (f + 1,) over the rows, ``standard_errors`` of that mean with ``lags`` (0: rows are independent),
    ``r_squared`` (n,) and ``observations`` (n,) of each row's cross-section.
    """

    premia: Floats
    mean: Floats
    standard_errors: Floats
    r_squared: Floats
    observations: Integers
    rows: int
    lags: int

    @property
    def t_statistics(self) -> Floats:
        return np.asarray(self.mean / self.standard_errors)

    @property
    def p_values(self) -> Floats:
        """Two-sided, by Student's t with rows - 1 degrees of freedom."""
        return np.asarray(2.0 * stdtr(self.rows - 1, -np.abs(self.t_statistics)))


def fama_macbeth(
    returns: ArrayLike,
    characteristics: ArrayLike,
    *,
    lag: int = 1,
    lags: int | None = None,
    least: int | None = None,
) -> FamaMacBeth:
    """r_kt = g_0t + g_t' c_k(t - lag) + e_kt across symbols for each row t, and the mean of g over rows.

    A row's standard error is the deviation of its series / sqrt(T); with ``lags`` the Bartlett-weighted one of
    Newey and West, scaled by T / (T - 1) so that no lags give the former. Row t uses rows up to t.

    Parameters
    ----------
    returns : (n, k), NaN where a symbol has none.
    characteristics : (n, k, f), or (n, k) of one. A symbol with a NaN is left out on that row.
    lag : rows between the day a characteristic is known and the return it is held against. 0 takes both of one
        row, which looks ahead unless the caller has shifted them.
    lags : of Newey-West over the series of premia; 0 for none; ``newey_west_lags`` of the rows where None.
    least : symbols that a row must have; f + 2 where None.

    Raises
    ------
    ValueError
        Shapes that do not fit, or no row with enough symbols.

    Source: Fama and MacBeth (1973), Journal of Political Economy 81; Petersen (2009), eq. 12.
    """
    y = panel(returns, "returns")
    x = np.asarray(characteristics, dtype=np.float64)
    x = x[:, :, None] if x.ndim == 2 else x
    if x.ndim != 3 or x.shape[:2] != y.shape:
        raise ValueError(f"characteristics are (days, symbols, f) of returns {y.shape}; they have {x.shape}")
    if not 0 <= lag < len(y):
        raise ValueError(f"{len(y)} rows leave none at a lag of {lag}")
    width = x.shape[2]
    premia = np.full((len(y), width + 1), np.nan)
    fit, seen = np.full(len(y), np.nan), np.zeros(len(y), dtype=np.int64)
    premia[lag:], fit[lag:], seen[lag:] = _sections(y[lag:], x[: len(x) - lag], max(width + 2, least or 0))
    used = premia[complete(premia)]
    if len(used) < 2:
        raise ValueError("fewer than two rows have symbols enough for a cross-section")
    chosen = newey_west_lags(len(used)) if lags is None else min(lags, len(used) - 1)
    mean = used.mean(axis=0)
    wide = bartlett((used - mean).T, chosen)
    errors = np.sqrt(np.diag(wide) / (len(used) * (len(used) - 1.0)))
    return FamaMacBeth(premia, mean, errors, fit, seen, len(used), chosen)


def _sections(y: Floats, x: Floats, least: int) -> tuple[Floats, Floats, Integers]:
    """Each row's regression. Rows that are whole go through one batched product; the others are cleaned first."""
    count = np.full(len(y), float(y.shape[1]))
    sums = _sums(y, x)
    rough = _rough(sums, count)
    if rough.any():
        held = np.isfinite(y[rough]) & complete(x[rough])
        count[rough] = held.sum(axis=1)
        part_x, part_y = _centered(x[rough], held), _centered(y[rough][:, :, None], held)[:, :, 0]
        level_x, level_y = _levels(x[rough], held), _levels(y[rough][:, :, None], held)[:, 0]
        for whole, own in zip(sums, _sums(part_y, part_x), strict=True):
            whole[rough] = own
    premia, fit = _solved(sums, np.where(count >= least, count, np.nan))
    if rough.any():
        premia[rough, 0] += level_y - (premia[rough, 1:] * level_x).sum(axis=1)
    return premia, fit, count.astype(np.int64)


def _sums(y: Floats, x: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    across = x.transpose(0, 2, 1)
    ones = np.ones((x.shape[1], 1))
    return (
        (across @ ones)[:, :, 0], across @ x, y.sum(axis=1), (across @ y[:, :, None])[:, :, 0],
        (y[:, None, :] @ y[:, :, None])[:, 0, 0],
    )  # fmt: skip


def _rough(sums: tuple[Floats, ...], count: Floats) -> Flags:
    """Rows with a NaN, or with a characteristic so far from zero that sums about zero would round its spread."""
    x, xx, y, xy, _ = sums
    squares = np.diagonal(xx, axis1=1, axis2=2)
    level = x * x / count[:, None]
    near = (level <= _FAR * (squares - level)).all(axis=1)
    return np.asarray(~(near & np.isfinite(y) & complete(xy)))


def _levels(values: Floats, held: Flags) -> Floats:
    """Means over the symbols that a row has, (n, f)."""
    kept = np.where(held[:, :, None], values, 0.0)
    return np.asarray(kept.sum(axis=1) / np.maximum(held.sum(axis=1), 1)[:, None])


def _centered(values: Floats, held: Flags) -> Floats:
    return np.where(held[:, :, None], values - _levels(values, held)[:, None, :], 0.0)


def _solved(sums: tuple[Floats, ...], count: Floats) -> tuple[Floats, Floats]:
    x, xx, y, xy, yy = sums
    mean_x, mean_y = x / count[:, None], y / count
    spread = xx - x[:, :, None] * mean_x[:, None, :]
    together = xy - mean_x * y[:, None]
    total = yy - y * mean_y
    places = np.arange(x.shape[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 1.0 / np.sqrt(spread[:, places, places])
        correlations = spread * scale[:, :, None] * scale[:, None, :]
    good = complete(correlations.reshape(len(y), -1))
    good[good] = np.linalg.eigvalsh(correlations[good])[:, 0] > _DEPENDENT
    premia, fit = np.full((len(y), x.shape[1] + 1), np.nan), np.full(len(y), np.nan)
    drawn = (together[good] * scale[good])[:, :, None]
    slopes = np.linalg.solve(correlations[good], drawn)[:, :, 0] * scale[good]
    premia[good, 1:] = slopes
    premia[good, 0] = mean_y[good] - (slopes * mean_x[good]).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        fit[good] = (slopes * together[good]).sum(axis=1) / total[good]
    return premia, fit

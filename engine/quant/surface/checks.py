"""Whether a smile or a surface can be arbitraged: butterflies, calendars, vertical spreads, the wings' slopes.

Gatheral and Jacquier (2014), section 2; Lee (2004), "The moment formula for implied volatility at extreme strikes".
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from engine.quant.surface.svi import Floats, RawSvi, svi_derivatives, svi_total_variance

TOLERANCE = 1e-10  # g and total variances of less below nothing are rounding
LEE = 2.0  # the most that total variance may grow by a unit of log-moneyness, on either side


@dataclass(frozen=True, slots=True)
class ArbitrageReport:
    """What was found at each of E expiries, ascending by time; ``where`` is the log-moneyness of the worst."""

    years: Floats
    butterfly: Floats  # least of g(k); below nothing is a butterfly of negative price
    butterfly_where: Floats
    calendar: Floats  # least of w(k) less that of the expiry before; NaN at the first
    calendar_where: Floats
    calendar_quoted: (
        Floats  # the same among strikes that both expiries are quoted at; NaN where that is not known
    )
    vertical: Floats  # least distance of the chance of ending above k from 0 and 1 and from falling
    vertical_where: Floats
    mass: Floats  # the density's integral over all k: 1 where nothing is lost
    wing: Floats  # the steeper wing's slope; above 2 is an arbitrage (Lee)

    @property
    def butterfly_free(self) -> np.ndarray:
        return np.asarray((self.butterfly >= -TOLERANCE) & (self.wing <= LEE + TOLERANCE))

    @property
    def calendar_free(self) -> np.ndarray:
        return np.asarray(~(self.calendar < -TOLERANCE))

    @property
    def vertical_free(self) -> np.ndarray:
        return np.asarray(self.vertical >= -TOLERANCE)

    @property
    def free(self) -> np.ndarray:
        """Which expiries nothing is wrong with, as bools (E,)."""
        return np.asarray(self.butterfly_free & self.calendar_free & self.vertical_free)


def butterfly_g(k: Floats, w: Floats, slope: Floats, curvature: Floats) -> Floats:
    """Durrleman's g: the density's sign. Not negative anywhere where the smile has no butterfly arbitrage.

    g = (1 - k w' / (2 w))^2 - w'^2 / 4 (1 / w + 1 / 4) + w'' / 2 (Gatheral and Jacquier 2014, equation 2.1).
    """
    return np.asarray(
        (1.0 - k * slope / (2.0 * w)) ** 2 - slope**2 / 4.0 * (1.0 / w + 0.25) + curvature / 2.0
    )


def density(k: Floats, w: Floats, g: Floats) -> Floats:
    """Density of log(S / forward): g / sqrt(2 pi w) exp(-d2^2 / 2), d2 = -k / sqrt(w) - sqrt(w) / 2 (eq. 2.2)."""
    root = np.sqrt(w)
    d2 = -k / root - root / 2.0
    return np.asarray(g / np.sqrt(2.0 * np.pi * w) * np.exp(-d2 * d2 / 2.0))


def chance_above(k: Floats, w: Floats, slope: Floats) -> Floats:
    """Undiscounted price of a digital call: N(d2) - n(d2) w' / (2 sqrt(w)), minus the call's slope in strike."""
    from scipy.special import ndtr

    root = np.sqrt(w)
    d2 = -k / root - root / 2.0
    normal = np.exp(-d2 * d2 / 2.0) / np.sqrt(2.0 * np.pi)
    return np.asarray(ndtr(d2) - normal * slope / (2.0 * root))


def moneyness_grid(raw: RawSvi, points: int = 401) -> Floats:
    """Log-moneyness (E, points) as far as each expiry's options are worth anything.

    Six standard deviations at the money, and eight times the steeper wing's slope s beyond: three deviations of a
    wing's own volatility, since k / sqrt(s k) = 3 at k = 9 s.
    """
    w = np.atleast_1d(svi_total_variance(0.0, raw))
    reach = 6.0 * np.sqrt(np.maximum(w, 1e-12)) + 8.0 * np.asarray(raw.b) * (
        1.0 + np.abs(np.asarray(raw.rho))
    )
    return np.asarray(reach[:, None] * np.linspace(-1.0, 1.0, points))


def check_arbitrage(
    raw: RawSvi, years: Floats, *, points: int = 401, quoted: tuple[Floats, Floats] | None = None
) -> ArbitrageReport:
    """Butterflies, calendars and verticals of E expiries' smiles on a fine grid of strikes.

    Parameters
    ----------
    raw
        Parameters of shape (E,), ascending by ``years`` (E,). An expiry whose parameters are NaN is passed over.
    points
        Of the grid (``moneyness_grid``).
    quoted
        The least and the greatest log-moneyness of each expiry's quotes, each (E,): calendars are then also told
        apart from those of wings that no quote supports.

    Notes
    -----
    g and the digital's price are looked at on the grid of the expiry itself, calendars on that of the earlier of the
    two: beyond it the earlier option is worth nothing that could be traded. What crosses between two points by less
    than their distance is not seen.
    """
    years = np.asarray(years, dtype=np.float64)
    count = len(years)
    raw = RawSvi(*(np.broadcast_to(np.asarray(each, float), (count,)) for each in raw.values))
    grid = moneyness_grid(raw, points=points)
    with np.errstate(invalid="ignore", divide="ignore"):
        w, slope, curvature = svi_derivatives(grid, raw.column)
        g = np.where(w > 0, butterfly_g(grid, w, slope, curvature), -np.inf)
        g = np.where(np.isfinite(np.asarray(raw.a))[:, None], g, np.nan)
        above = chance_above(grid, w, slope)
    least, where = _least(g, grid)
    rises = np.concatenate([-np.diff(above, axis=1), np.full((count, 1), np.inf)], axis=1)
    vertical, vertical_where = _least(np.minimum(np.minimum(above, 1.0 - above), rises), grid)
    calendar, calendar_where, among = _calendar(raw, grid, quoted)
    wing = np.asarray(raw.b) * (1.0 + np.abs(np.asarray(raw.rho)))
    return ArbitrageReport(
        years,
        least,
        where,
        calendar,
        calendar_where,
        among,
        vertical,
        vertical_where,
        _mass(raw),
        np.asarray(wing),
    )


def _least(values: Floats, grid: Floats) -> tuple[Floats, Floats]:
    """The least of each row and where; NaN where a row has none."""
    known = np.isfinite(values).any(axis=1) | np.isneginf(values).any(axis=1)
    at = np.argmin(np.where(np.isnan(values), np.inf, values), axis=1)
    rows = np.arange(len(values))
    return np.where(known, values[rows, at], np.nan), np.where(known, grid[rows, at], np.nan)


def _calendar(
    raw: RawSvi, grid: Floats, quoted: tuple[Floats, Floats] | None
) -> tuple[Floats, Floats, Floats]:
    """Each expiry's least excess over the last one before it that has a smile: anywhere, where, among the quotes."""
    count = len(grid)
    least, where, among = np.full(count, np.nan), np.full(count, np.nan), np.full(count, np.nan)
    known = np.flatnonzero(np.isfinite(np.asarray(raw.a)))
    for before, now in pairwise(known.tolist()):
        k = grid[before]
        excess = svi_total_variance(k, raw.at(now)) - svi_total_variance(k, raw.at(before))
        at = int(np.argmin(excess))
        least[now], where[now] = excess[at], k[at]
        if quoted is not None:
            low = float(max(quoted[0][before], quoted[0][now]))
            high = float(min(quoted[1][before], quoted[1][now]))
            if low <= high:
                k = np.linspace(low, high, 201)
                both = svi_total_variance(k, raw.at(now)) - svi_total_variance(k, raw.at(before))
                among[now] = both.min()
    return least, where, among


def _mass(raw: RawSvi, points: int = 4001) -> Floats:
    """The density's integral by the trapezoid rule: far out, where wings are steep, with ever wider steps."""
    reach = 12.0 * np.sqrt(np.maximum(svi_total_variance(0.0, raw), 1e-12)) + 100.0 * np.asarray(
        np.asarray(raw.b) * (1.0 + np.abs(np.asarray(raw.rho)))
    )
    u, step = np.linspace(-6.0, 6.0, points, retstep=True)
    grid = reach[:, None] * np.sinh(u) / np.sinh(6.0)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        w, slope, curvature = svi_derivatives(grid, raw.column)
        values = density(grid, w, butterfly_g(grid, w, slope, curvature))
    return np.asarray((values * reach[:, None] * np.cosh(u)).sum(axis=1) * step / np.sinh(6.0))

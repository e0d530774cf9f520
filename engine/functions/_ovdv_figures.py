"""OVDV's surface, smile and term structure."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from engine.figures import Surface, SurfacePoint
from engine.functions._ovdv_data import Fitted
from engine.page import Curve, CurveSeries

if TYPE_CHECKING:
    import numpy as np

    from engine.quant.surface import SmileMeasures

_DELTAS = (0.05, 0.10, 0.15, 0.25, 0.35, 0.5, 0.65, 0.75, 0.85, 0.90, 0.95)  # of puts, without their sign
_STEPS = 25
_FAR = 3.0  # deviations that a smile is drawn to
_FITTED = "sqrt(total variance of the fit / years); the fit is of the quotes' mids"
AXES = {
    "DELTA": "forward delta",
    "MONEYNESS": "strike / forward",
    "STRIKE": "strike",
}


def surface_of(fitted: Fitted, axis: str) -> Surface:
    """Implied volatility by the axis and expiry, with the quotes it rests on and those far off it."""
    import numpy as np

    years = fitted.built.surface.years
    x, labels, k = _grid(fitted, axis)
    values = fitted.built.surface.implied_volatility(k, years[:, None])
    blank = ""
    if axis != "DELTA":  # a wing beyond the quotes is the formula's, not the market's
        low, high = quoted_range(fitted)
        values = np.where((k >= low[:, None]) & (k <= high[:, None]), values, np.nan)
        blank = "; blank beyond an expiry's quotes; the axis ends where a fifth of the expiries end"
    return Surface(
        x, np.asarray(years), values, AXES[axis], "expiry", labels, tuple(map(str, fitted.expiries)),
        formula=_FITTED + blank,
        points=tuple(point for point in _points(fitted, axis) if x[0] <= point.x <= x[-1]),
    )  # fmt: skip


def _grid(fitted: Fitted, axis: str) -> tuple[np.ndarray, tuple[str, ...], np.ndarray]:
    """The axis, how its places are written, and the log-moneyness of each expiry there (E, n)."""
    import numpy as np

    from engine.quant.surface import delta_moneyness

    surface = fitted.built.surface
    if axis == "DELTA":
        x = np.array(_DELTAS)
        labels = tuple(
            "ATM" if d == 0.5 else f"{d * 100:.0f}P" if d < 0.5 else f"{(1 - d) * 100:.0f}C" for d in _DELTAS
        )
        return x, labels, delta_moneyness(surface, surface.years[:, None], 1.0 - x)
    low, high = quoted_range(fitted)
    scale = surface.forward if axis == "STRIKE" else np.ones(len(low))
    x = np.linspace(np.quantile(scale * np.exp(low), 0.2), np.quantile(scale * np.exp(high), 0.8), _STEPS)
    if axis == "MONEYNESS":
        return x, tuple(f"{each:.0%}" for each in x), np.broadcast_to(np.log(x), (len(low), _STEPS))
    return x, tuple(f"{each:,.0f}" for each in x), np.log(x / surface.forward[:, None])


def quoted_range(fitted: Fitted) -> tuple[np.ndarray, np.ndarray]:
    """The least and the greatest log-moneyness that each expiry's fit rests on."""
    import numpy as np

    built = fitted.built
    count = len(fitted.expiries)
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(low, built.quotes.expiry[built.used], built.quotes.k[built.used])
    np.maximum.at(high, built.quotes.expiry[built.used], built.quotes.k[built.used])
    return low, high


def _points(fitted: Fitted, axis: str) -> tuple[SurfacePoint, ...]:
    """Quotes with a volatility: those used, and those thrown out for lying far off their smile."""
    import numpy as np

    from engine.quant.surface import Reason, call_delta

    built = fitted.built
    off = built.cleaned.reason == Reason.OFF_SMILE
    at = np.flatnonzero((built.used | off) & (built.quotes.expiry >= 0) & np.isfinite(built.quotes.mid))
    expiry, k = built.quotes.expiry[at], built.quotes.k[at]
    years = built.surface.years[expiry]
    match axis:
        case "DELTA":
            x = 1.0 - call_delta(built.surface, k, years)
        case "MONEYNESS":
            x = np.exp(k)
        case _:
            x = np.exp(k) * built.surface.forward[expiry]
    contracts = fitted.rows["contract"].to_list()
    return tuple(
        SurfacePoint(
            float(x[n]), float(years[n]), float(built.quotes.mid[row]), contracts[row], bool(built.used[row])
        )
        for n, row in enumerate(at.tolist())
    )  # fmt: skip


def smile_of(fitted: Fitted, expiry: date) -> Curve:
    """One expiry by strike, as far as three deviations: bid, mid and ask of its quotes and the fit through them."""
    import numpy as np

    built, row = fitted.built, fitted.expiries.index(expiry)
    at = np.flatnonzero(built.used & (built.quotes.expiry == row))
    strike = np.array(fitted.rows["strike"].to_numpy(), dtype=float)
    reach = _FAR * np.sqrt(float(built.surface.total_variance(0.0, built.surface.years[row])))
    near = at[np.abs(built.quotes.k[at]) <= reach]  # further out the wings would flatten what is looked at
    at = near if len(near) else at
    at = at[np.argsort(strike[at], kind="stable")]
    x = tuple(strike[at].tolist())
    labels = tuple(f"{each:g}" for each in x)
    bid = np.where(built.quotes.bid[at] > 0, built.quotes.bid[at], np.nan)
    lines = (
        ("fit", built.fitted[at], _FITTED),
        ("bid", bid, "Black volatility of the bid on the forward"),
        ("mid", built.quotes.mid[at], "Black volatility of the mid on the forward"),
        ("ask", built.quotes.ask[at], "Black volatility of the ask on the forward"),
    )
    series = tuple(CurveSeries(name, x, labels, tuple(v.tolist()), formula) for name, v, formula in lines)
    return Curve(series, "strike", "a year", "percent", 2)


def term_structure(fitted: Fitted, spot_delta: bool) -> Curve:
    """At the money, 25-delta risk reversal and butterfly by days to expiry."""
    measures = measured(fitted, spot_delta)
    x = tuple(map(float, fitted.days))
    labels = tuple(map(str, fitted.expiries))
    lines = (
        ("ATM", measures.at_the_money, "implied volatility at strike = forward"),
        ("25d RR", measures.risk_reversal_25, "25-delta call less 25-delta put"),
        ("25d BF", measures.butterfly_25, "mean of the 25-delta call and put less at the money"),
    )
    series = tuple(CurveSeries(name, x, labels, tuple(v.tolist()), formula) for name, v, formula in lines)
    return Curve(series, "days", "a year", "percent", 2, "log")


def measured(fitted: Fitted, spot_delta: bool) -> SmileMeasures:
    """Level, skew and wings at each expiry, deltas counted as asked."""
    from engine.quant.surface import smile_measures

    surface = fitted.built.surface
    if spot_delta:
        return smile_measures(surface, surface.years, convention="spot", spot=fitted.spot)
    return smile_measures(surface, surface.years)

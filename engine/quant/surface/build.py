"""From a chain as it comes to a surface that says what it rests on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.quant.surface.american import Pricer
from engine.quant.surface.chain import Chain, Cleaned, Reason, Rules, clean_chain
from engine.quant.surface.checks import ArbitrageReport, check_arbitrage
from engine.quant.surface.forwards import Forwards, implied_forwards
from engine.quant.surface.quotes import Quality, QuoteVolatilities, fit_quality, quote_volatilities
from engine.quant.surface.ssvi import SsviFit, fit_ssvi, ssvi_total_variance
from engine.quant.surface.surface import VolSurface
from engine.quant.surface.svi import Floats, RawSvi, svi_total_variance
from engine.quant.surface.svi_fit import LEAST_QUOTES, SviFit, fit_svi

_LEAST_BAND = 0.002  # of volatility: quotes this near the smile are never thrown out
_ROUNDS = 3
_DEVIATIONS = np.array([-4.0, -3.0, -2.0, -1.0, 1.0, 2.0, 3.0, 4.0])  # where wings lean


@dataclass(frozen=True, slots=True)
class ChainSurface:
    """A surface, and all that it was made from. Rows of ``quotes`` and ``fitted`` are the chain's."""

    surface: VolSurface
    forwards: Forwards  # of the surface's expiries
    cleaned: Cleaned
    quotes: QuoteVolatilities
    used: NDArray[np.bool_]  # (n,) quotes the fit rests on
    fitted: Floats  # (n,) the surface's volatility at each quote that has one
    quality: Quality
    report: ArbitrageReport
    svi: SviFit | None  # where the model is SVI
    ssvi: SsviFit


def build_surface(
    chain: Chain, model: Literal["SVI", "SSVI"] = "SVI", *, rules: Rules | None = None,
    rates: Callable[[float], float] | None = None, pricer: Pricer | None = None, lean: float = 0.1,
) -> ChainSurface:  # fmt: skip
    """Clean a chain, imply forwards, fit, throw out what lies far off its smile, fit again, and check.

    Parameters
    ----------
    model
        "SVI": each expiry by itself, without butterflies; calendars are checked, not imposed. "SSVI": all at once,
        without either.
    lean
        Of SVI's wings, in volatility: beyond its quotes an expiry leans on SSVI as if it were quoted there with so
        wide a spread, at one to four deviations. A few quotes around the money say nothing of a wing, and a wing
        fitted to them alone goes anywhere. Infinite: not at all.
    rates, pricer
        As in ``implied_forwards``.

    Notes
    -----
    Off the smile is what lies more than ``rules.off_smile`` robust deviations (median absolute error / 0.6745) and
    more than its own spread from its expiry's SVI fit, and a fifth of a point at the least.

    Raises
    ------
    ValueError
        No expiry has five quotes out of the money on a forward: the message says what was thrown out.
    """
    rules = rules or Rules()
    cleaned = clean_chain(chain, rules, american=pricer is not None)
    forwards = implied_forwards(chain, cleaned.kept, rates=rates, pricer=pricer)
    quotes = quote_volatilities(chain, cleaned.kept, forwards, pricer)
    cleaned = cleaned.marked(forwards.row(chain.years) < 0, Reason.NO_FORWARD)
    cleaned = cleaned.marked(quotes.expiry < 0, Reason.IN_THE_MONEY)
    cleaned = cleaned.marked(~(quotes.mid > 0), Reason.NO_VOLATILITY)
    if not len(forwards.years):
        raise _refusal(chain, cleaned)
    cleaned, known = _without_outliers(chain, cleaned, quotes, rules, len(forwards.years))
    if not known.any():
        raise _refusal(chain, cleaned)
    forwards, quotes = _restricted(forwards, quotes, known)
    cleaned = cleaned.marked(quotes.expiry < 0, Reason.FEW)
    used = cleaned.kept
    rows = _rows(chain, quotes, used, len(forwards.years))
    joint = fit_ssvi(*rows)
    svi = _leaning(rows, forwards.years, joint, lean) if model == "SVI" else None
    raw = joint.ssvi.raw if svi is None else svi.raw
    surface = VolSurface(
        model, forwards.years, forwards.forward, forwards.discount, raw, joint.ssvi if svi is None else None
    )
    fitted = _fitted(chain, quotes, raw)
    low, high = (each(np.where(rows[2] > 0, rows[0], np.nan), axis=1) for each in (np.nanmin, np.nanmax))
    return ChainSurface(
        surface, forwards, cleaned, quotes, used, fitted, fit_quality(quotes, used, fitted, len(forwards.years)),
        check_arbitrage(raw, forwards.years, quoted=(low, high)), svi, joint,
    )  # fmt: skip


def _refusal(chain: Chain, cleaned: Cleaned) -> ValueError:
    told = "; ".join(f"{count} {reason}" for reason, count in cleaned.counts.items())
    return ValueError(
        f"No expiry has a forward and {LEAST_QUOTES} usable quotes, which a smile needs. "
        f"Of {len(chain.strike)} quotes: {told or 'none thrown out'}."
    )


def _leaning(rows: tuple[Floats, Floats, Floats], years: Floats, joint: SsviFit, lean: float) -> SviFit:
    """SVI of each expiry; where it has no quotes SSVI's volatility stands in, ``lean`` wide."""
    k, w, weight = rows
    theta = joint.ssvi.theta[:, None]
    far = np.sqrt(theta) * _DEVIATIONS
    prior = ssvi_total_variance(far, theta, joint.ssvi.rho, joint.ssvi.eta, joint.ssvi.gamma)
    inside = np.where(weight > 0, k, np.nan)
    beyond = (far < np.nanmin(inside, axis=1)[:, None]) | (far > np.nanmax(inside, axis=1)[:, None])
    pull = np.where(beyond, 1.0 / (2.0 * np.sqrt(prior * years[:, None]) * lean), 0.0)
    fit = fit_svi(np.hstack([k, far]), np.hstack([w, prior]), np.hstack([weight, pull]))
    return replace(fit, residuals=fit.residuals[:, : k.shape[1]])


def _without_outliers(
    chain: Chain, cleaned: Cleaned, quotes: QuoteVolatilities, rules: Rules, expiries: int
) -> tuple[Cleaned, NDArray[np.bool_]]:
    """Fit, throw out what lies far off, and so on until nothing does; and which expiries have quotes enough left."""
    for _ in range(_ROUNDS):
        free = fit_svi(*_rows(chain, quotes, cleaned.kept, expiries), butterflies=True)
        error = np.abs(_fitted(chain, quotes, free.raw) - quotes.mid)
        far = np.zeros(len(error), dtype=bool)
        for row in range(expiries):
            mine = cleaned.kept & (quotes.expiry == row) & np.isfinite(error)
            if mine.any():
                deviation = float(np.median(error[mine])) / 0.6745
                band = np.maximum(quotes.ask - quotes.bid, max(rules.off_smile * deviation, _LEAST_BAND))
                far |= mine & (error > band)
        if not far.any():
            break
        cleaned = cleaned.marked(far, Reason.OFF_SMILE)
    enough = (_rows(chain, quotes, cleaned.kept, expiries)[2] > 0).sum(axis=1) >= LEAST_QUOTES
    return cleaned, np.asarray(enough, dtype=bool)


def _rows(
    chain: Chain, quotes: QuoteVolatilities, used: NDArray[np.bool_], expiries: int
) -> tuple[Floats, Floats, Floats]:
    """k, total variance and weight as (E, n) arrays; NaN fills up short rows."""
    at = np.flatnonzero(used & (quotes.expiry >= 0))
    at = at[np.lexsort((quotes.k[at], quotes.expiry[at]))]
    rows = quotes.expiry[at]
    counts = np.bincount(rows, minlength=expiries)
    place = np.arange(len(at)) - np.repeat(np.cumsum(counts) - counts, counts)
    shape = (expiries, max(int(counts.max(initial=0)), 1))
    k, w, weight = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape)
    k[rows, place] = quotes.k[at]
    w[rows, place] = quotes.mid[at] ** 2 * chain.years[at]
    weight[rows, place] = quotes.weight[at]
    return k, w, weight


def _fitted(chain: Chain, quotes: QuoteVolatilities, raw: RawSvi) -> Floats:
    """The smiles' volatility at each quote; NaN where it has no expiry or no fit."""
    row = np.maximum(quotes.expiry, 0)
    slices = RawSvi(*(np.asarray(each)[row] for each in raw.values))
    with np.errstate(invalid="ignore"):
        fitted = np.sqrt(svi_total_variance(quotes.k, slices) / chain.years)
    return np.where(quotes.expiry >= 0, fitted, np.nan)


def _restricted(
    forwards: Forwards, quotes: QuoteVolatilities, known: NDArray[np.bool_]
) -> tuple[Forwards, QuoteVolatilities]:
    """Only the expiries that have a smile, numbered anew."""
    number = np.where(known, np.cumsum(known) - 1, -1)
    expiry = np.where(quotes.expiry >= 0, number[np.maximum(quotes.expiry, 0)], -1)
    kept = Forwards(
        forwards.years[known], forwards.forward[known], forwards.discount[known], forwards.rate[known],
        forwards.forward_error[known], forwards.rate_error[known], forwards.pairs[known], forwards.outliers[known],
        tuple(word for word, keep in zip(forwards.basis, known, strict=True) if keep),
    )  # fmt: skip
    return kept, replace(quotes, expiry=expiry)

"""Sensitivities of European options, to second order and the usual third ones, in stated units.

Every derivative is the plain one: per 1.00 of money, volatility, rate or year. For what screens show: vega per
point of volatility is ``vega / 100``; rho per basis point ``rho / 10_000``; theta per calendar day ``theta / 365``.
Those to time run with the calendar (what a day's passing does), so that theta is usually negative.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from engine.quant.options._blocks import TINY, blockwise, deviation, signs
from engine.quant.options.models import ROOT_TWO_PI

FAR = 1e3  # beyond it the normal density is zero in float64, and products with it stay numbers


@dataclass(frozen=True, slots=True)
class Sensitivities:
    """Price and the five Greeks that books are run on, each in the broadcast shape; units as in :class:`Greeks`."""

    price: Any
    delta: Any
    gamma: Any
    vega: Any
    theta: Any
    rho: Any


@dataclass(frozen=True, slots=True)
class Greeks:
    """Every Greek to second order in spot, volatility, time and rate; V the price, t the calendar in years.

    Attributes
    ----------
    price : V, money.
    delta : dV/dS.
    gamma : d2V/dS2, per unit of money.
    vega : dV/dvolatility, per 1.00 (a point: / 100).
    theta : dV/dt, per year (a calendar day: / 365).
    rho : dV/drate, per 1.00 (a basis point: / 10,000).
    dividend_rho : dV/d(dividend yield) ("phi"; of a currency pair, to the foreign rate), per 1.00.
    vanna : d2V/dS dvolatility, delta per 1.00 of volatility.
    volga : d2V/dvolatility2 ("vomma"), vega per 1.00 of volatility.
    charm : ddelta/dt, per year.
    veta : dvega/dt, per year.
    vera : drho/dvolatility ("rhova").
    delta_rho : ddelta/drate.
    rho_convexity : d2V/drate2.
    theta_rho : dtheta/drate.
    theta_theta : dtheta/dt.
    speed : dgamma/dS.
    color : dgamma/dt, per year.
    zomma : dgamma/dvolatility.
    ultima : dvolga/dvolatility.
    dual_delta : dV/dstrike.
    dual_gamma : d2V/dstrike2 (the discounted density of the underlying at the strike).
    elasticity : delta * S / V ("lambda"), a ratio; NaN where the price is zero.
    in_the_money : the model's probability of expiring in the money, N(kind * d2).
    """

    price: Any
    delta: Any
    gamma: Any
    vega: Any
    theta: Any
    rho: Any
    dividend_rho: Any
    vanna: Any
    volga: Any
    charm: Any
    veta: Any
    vera: Any
    delta_rho: Any
    rho_convexity: Any
    theta_rho: Any
    theta_theta: Any
    speed: Any
    color: Any
    zomma: Any
    ultima: Any
    dual_delta: Any
    dual_gamma: Any
    elasticity: Any
    in_the_money: Any


COUNT = len(Greeks.__dataclass_fields__)


def bsm_sensitivities(
    kind: ArrayLike, spot: ArrayLike, strike: ArrayLike, years: ArrayLike, rate: ArrayLike,
    dividend_yield: ArrayLike, volatility: ArrayLike,
) -> Sensitivities:  # fmt: skip
    """Price, delta, gamma, vega, theta and rho under Black-Scholes-Merton: the quick half of :func:`bsm_greeks`.

    Parameters and errors as :func:`engine.quant.options.bsm`; formulas Haug (2007), ch. 2.
    """
    values = signs(kind), spot, strike, years, rate, dividend_yield, volatility
    return Sensitivities(*blockwise(_first, 6, *values))


def _first(k: Any, spot: Any, strike: Any, years: Any, rate: Any, dividend: Any, vol: Any) -> tuple[Any, ...]:
    root = np.sqrt(years)
    s = deviation(vol, root)
    lost, owed = np.exp(-dividend * years), strike * np.exp(-rate * years)
    d1 = np.log(spot * lost / owed) / s + 0.5 * s
    delta, cash = k * lost * ndtr(k * d1), k * owed * ndtr(k * (d1 - s))
    asset, bell = spot * delta, lost * np.exp(-0.5 * d1 * d1) * (1.0 / ROOT_TWO_PI)
    vega = spot * bell * root
    theta = dividend * asset - rate * cash - 0.5 * vol * vega / np.maximum(years, TINY)
    return np.maximum(asset - cash, 0.0), delta, bell / (s * spot), vega, theta, years * cash


def bsm_greeks(
    kind: ArrayLike, spot: ArrayLike, strike: ArrayLike, years: ArrayLike, rate: ArrayLike,
    dividend_yield: ArrayLike, volatility: ArrayLike,
) -> Greeks:  # fmt: skip
    """Price and every Greek under Black-Scholes-Merton with a continuous dividend yield.

    At expiry or without volatility they are the limits: delta a step (a half exactly at the money), those of the
    density zero away from the money; exactly at the money gamma is infinite and what has no limit NaN.

    Parameters
    ----------
    kind, spot, strike, years, rate, dividend_yield, volatility : array_like
        As :func:`engine.quant.options.bsm`.

    Returns
    -------
    Greeks
        Arrays in the broadcast shape.

    Raises
    ------
    ValueError
        Where a kind is neither +1 nor -1.

    References
    ----------
    Haug (2007), The Complete Guide to Option Pricing Formulas, 2nd ed., ch. 2.
    """
    values = signs(kind), spot, strike, years, rate, dividend_yield, volatility
    return Greeks(*blockwise(_all, COUNT, *values))


def _all(k: Any, spot: Any, strike: Any, years: Any, r: Any, q: Any, vol: Any) -> tuple[Any, ...]:
    root = np.sqrt(years)
    s, t, v = deviation(vol, root), np.maximum(years, TINY), np.maximum(vol, TINY)
    lost, worth = np.exp(-q * years), np.exp(-r * years)
    middle = np.log(spot * lost / (strike * worth)) / s
    d1, d2 = np.clip(middle + 0.5 * s, -FAR, FAR), np.clip(middle - 0.5 * s, -FAR, FAR)
    n2 = ndtr(k * d2)
    delta, dual, bell = k * lost * ndtr(k * d1), -k * worth * n2, lost * np.exp(-0.5 * d1 * d1) / ROOT_TWO_PI
    asset, cash, density = spot * delta, -strike * dual, spot * bell
    price, gamma, vega = np.maximum(asset - cash, 0.0), bell / (s * spot), density * root
    decay = 0.5 * vol * vega / t
    theta, per_root = q * asset - r * cash - decay, root / v
    drift1 = (r - q) / s - 0.5 * d2 / t  # d(d1)/d(years)
    drift2 = drift1 - 0.5 * s / t
    both = d1 * d2
    with_time = decay * (-q - d1 * drift1 - 0.5 / t) - r * r * cash + q * q * asset
    found = (
        price, delta, gamma, vega, theta, years * cash, -years * asset,
        -bell * d2 / v, vega * both / v, q * delta - bell * drift1,
        vega * (q + d1 * drift1 - 0.5 / t), -years * density * d1 / v, bell * per_root,
        years * (density * per_root - years * cash),
        density * (0.5 * d1 - (r - q) * per_root) - cash * (1.0 - r * years),
        with_time + density * (r * drift2 - q * drift1),
        -gamma / spot * (d1 / s + 1.0), gamma * (q + d1 * drift1 + 0.5 / t), gamma * (both - 1.0) / v,
        -vega * (both * (1.0 - both) + d1 * d1 + d2 * d2) / (v * v),
        dual, density / (s * strike * strike), asset / price, n2 + 0.0 * s,
    )  # fmt: skip
    return _at_the_money(found, (s <= TINY) & (np.abs(d1) <= TINY), years)


def _at_the_money(found: tuple[Any, ...], there: Any, years: Any) -> tuple[Any, ...]:
    """Where the forward is the strike and nothing moves any more: infinite gamma, and no limit for the rest."""
    if not np.any(there):
        return found
    fields = dict(zip(Greeks.__dataclass_fields__, found, strict=True))
    for name in fields.keys() - {
        "price",
        "delta",
        "vega",
        "rho",
        "dividend_rho",
        "dual_delta",
        "in_the_money",
    }:
        limit = np.inf if name in ("gamma", "dual_gamma") else np.nan
        fields[name] = np.where(there, limit, fields[name])
    fields["theta"] = np.where(there & (years == 0.0), -np.inf, np.where(there, found[4], fields["theta"]))
    return tuple(fields.values())

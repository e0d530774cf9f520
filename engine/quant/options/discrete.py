"""Options on shares that pay known cash dividends.

Two models of the same facts, which differ and are both in use:

- *escrowed*: the spot less the present value of the dividends moves lognormally; European prices have a closed form.
- *spot*: the share itself moves lognormally and falls by each dividend on its day; what American exercise needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.options._blocks import Inputs, signs
from engine.quant.options.american import LOCK
from engine.quant.options.greeks import Greeks, bsm_greeks
from engine.quant.options.models import bsm

Dividends = Sequence[tuple[float, float]]
GRID = 200, 400  # time and space steps: with the extrapolation within about 2e-4 on a strike of 100 (tests)


def present_value(dividends: Dividends, rate: ArrayLike, years: ArrayLike) -> Any:
    """What the dividends due after now and up to ``years`` are worth now: the sum of ``amount * exp(-rate * when)``.

    Parameters
    ----------
    dividends : sequence of (when, amount)
        Years from now to the ex-dividend day, and money per share.
    rate, years : array_like
        Continuously compounded; to expiry.
    """
    rate, years = np.broadcast_arrays(np.asarray(rate, dtype=np.float64), np.asarray(years, dtype=np.float64))
    worth = np.zeros(rate.shape)
    with np.errstate(over="ignore"):
        for when, amount in dividends:
            worth += np.where((when > 0.0) & (when <= years), amount * np.exp(-rate * when), 0.0)
    return worth[()]


def european_cash(
    kind: ArrayLike, spot: ArrayLike, strike: ArrayLike, years: ArrayLike, rate: ArrayLike,
    dividends: Dividends, volatility: ArrayLike, dividend_yield: ArrayLike = 0.0,
) -> Any:  # fmt: skip
    """Price of a European option with cash dividends in the escrowed model: Black-Scholes on the rest of the spot.

    Parameters
    ----------
    kind, spot, strike, years, rate, volatility, dividend_yield : array_like
        As :func:`engine.quant.options.bsm`; the volatility is that of the spot less the dividends' present value, and
        a yield beside cash dividends is of what else the share pays: they are then discounted at rate - yield, so
        that the forward is the one that holding the share gives.
    dividends : sequence of (when, amount)
        As :func:`present_value`.

    Returns
    -------
    ndarray or float64
        Prices; NaN where the dividends are worth more than the spot.

    References
    ----------
    Hull, Options, Futures, and Other Derivatives, 5th ed., section 12.12.
    """
    carry = np.asarray(rate, dtype=np.float64) - np.asarray(dividend_yield, dtype=np.float64)
    left = np.asarray(spot, dtype=np.float64) - present_value(dividends, carry, years)
    return bsm(kind, left, strike, years, rate, dividend_yield, volatility)


def european_cash_greeks(
    kind: ArrayLike, spot: ArrayLike, strike: ArrayLike, years: ArrayLike, rate: ArrayLike,
    dividends: Dividends, volatility: ArrayLike, dividend_yield: ArrayLike = 0.0,
) -> Greeks:  # fmt: skip
    """Every Greek of :func:`european_cash`, by the chain rule on what is left of the spot.

    With ``L = S - PV``, ``PV = sum(D exp(-c t))``, ``c = rate - yield``:
    ``dL/drate = -dL/dyield = sum(t D exp(-c t))``, and as time passes the dividends come nearer, ``dL/dt = -c PV``.
    Those to spot, volatility and strike are Black-Scholes' on ``L``.

    Parameters
    ----------
    kind, spot, strike, years, rate, dividends, volatility, dividend_yield
        As :func:`european_cash`; derivatives as :class:`engine.quant.options.Greeks`.
    """
    spot, rate, held = (np.asarray(each, dtype=np.float64) for each in (spot, rate, dividend_yield))
    c = rate - held
    worth, first, second = (
        present_value([(when, amount * when**power) for when, amount in dividends], c, years)
        for power in (0, 1, 2)
    )
    g = bsm_greeks(kind, spot - worth, strike, years, rate, held, volatility)
    passed = -c * worth
    with np.errstate(all="ignore"):
        return replace(
            g,
            theta=g.theta + g.delta * passed,
            rho=g.rho + g.delta * first,
            dividend_rho=g.dividend_rho - g.delta * first,
            charm=g.charm + g.gamma * passed,
            veta=g.veta + g.vanna * passed,
            color=g.color + g.speed * passed,
            vera=g.vera + g.vanna * first,
            delta_rho=g.delta_rho + g.gamma * first,
            rho_convexity=g.rho_convexity + (2.0 * g.delta_rho + g.gamma * first) * first - g.delta * second,
            theta_rho=g.theta_rho + g.charm * first + (g.delta_rho + g.gamma * first) * passed
            + g.delta * (c * first - worth),
            theta_theta=g.theta_theta + (2.0 * g.charm + g.gamma * passed) * passed - g.delta * c * c * worth,
            elasticity=g.delta * spot / g.price,
        )  # fmt: skip


def american_cash(
    kind: ArrayLike, spot: ArrayLike, strike: ArrayLike, years: ArrayLike, rate: ArrayLike,
    dividends: Dividends, volatility: ArrayLike, dividend_yield: ArrayLike = 0.0,
    *, european: bool = False, grid: tuple[int, int] = GRID,
) -> Any:  # fmt: skip
    """Price of an American option with cash dividends in the spot model, by finite differences (QuantLib, TR-BDF2).

    The error of early exercise falls with the time step and that of the grid with its square: prices with half the
    steps of each kind take both out (Richardson). A tenth to a fiftieth of the error of one grid remains.

    Parameters
    ----------
    kind, spot, strike, years, rate, volatility, dividend_yield : array_like
        As :func:`engine.quant.options.bsm`; a yield beside cash dividends is of what else the share pays.
    dividends : sequence of (when, amount)
        As :func:`present_value`; moved to the nearest 36,500th of the option's life.
    european : bool
        Price without early exercise in the same model.
    grid : (int, int)
        Steps in time and in space; each price takes about 10 ms.

    Returns
    -------
    ndarray or float64
        Prices in the broadcast shape; NaN where an input is not a number or not positive.

    References
    ----------
    Vellekoop and Nieuwenhuis (2006), Efficient pricing of derivatives on assets with discrete dividends.
    """
    inputs = Inputs(signs(kind), spot, strike, years, rate, dividend_yield, volatility)
    columns = [np.broadcast_to(array, inputs.size).tolist() for array in inputs.flat]
    with LOCK:
        from engine.quant.options._quantlib import extrapolated

        def price(k: float, s: float, x: float, t: float, r: float, q: float, v: float) -> float:
            if not (min(s, x, t, v) > 0.0 and np.isfinite(s + x + t + r + q + v)):
                return max(k * (s - x), 0.0) if t == 0.0 else float("nan")
            due = [(when / t, amount / x) for when, amount in dividends if 0.0 < when <= t]
            return x * extrapolated(int(k), not european, (s / x, r * t, q * t, v * t**0.5), due, grid)

        found = np.array([price(*row) for row in zip(*columns, strict=True)])
    return found.reshape(inputs.shape)[()]

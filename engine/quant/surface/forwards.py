"""Forward and discount of each expiry of a chain, from the pairs of call and put that are left of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.quant.options import implied_volatility
from engine.quant.surface.american import Pricer, premium_free
from engine.quant.surface.chain import Chain
from engine.quant.surface.parity import LEAST_PAIRS, Parity, parity_forward
from engine.quant.surface.svi import Floats

PRECISE = 0.0025  # a rate whose standard error is above a quarter of a percent is not one to discount at
NEAR = (
    0.1  # American pairs are taken this near the money, in log-moneyness: premiums bend the line further out
)
_LONG = 0.2  # years from which on a slope says something of a rate
_RATE_ROUNDS = 6
_STILL = 1e-4  # of the rate: a basis point


@dataclass(frozen=True, slots=True)
class Forwards:
    """One row an expiry that has a forward, ascending by ``years``; arrays (E,)."""

    years: Floats
    forward: Floats
    discount: Floats
    rate: Floats
    forward_error: Floats
    rate_error: Floats  # of parity's own rate; NaN where the rate came from elsewhere
    pairs: NDArray[np.int64]
    outliers: NDArray[np.int64]
    basis: tuple[
        str, ...
    ]  # "parity", "pooled" (of the expiries where parity is precise) or "given" (a curve)

    def row(self, years: Floats) -> NDArray[np.int64]:
        """Which expiry each time belongs to; -1 where none."""
        at = np.clip(np.searchsorted(self.years, years), 0, max(len(self.years) - 1, 0))
        return np.where(self.years[at] == years, at, -1) if len(self.years) else np.full(len(years), -1)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Strikes of one expiry with a call and a put that stay; rows of the chain."""

    years: float
    strike: Floats
    call: NDArray[np.intp]
    put: NDArray[np.intp]


def pairs_of(chain: Chain, kept: NDArray[np.bool_]) -> tuple[Pairs, ...]:
    """The pairs of each expiry, ascending by time; expiries with fewer than three have none to speak of."""
    found = []
    for years in np.unique(chain.years[kept]):
        rows = np.flatnonzero(kept & (chain.years == years))
        calls, puts = rows[chain.kind[rows] > 0], rows[chain.kind[rows] < 0]
        strikes, one, other = np.intersect1d(chain.strike[calls], chain.strike[puts], return_indices=True)
        if len(strikes) >= LEAST_PAIRS:
            found.append(Pairs(float(years), strikes, calls[one], puts[other]))
    return tuple(found)


def implied_forwards(
    chain: Chain, kept: NDArray[np.bool_], *, rates: Callable[[float], float] | None = None,
    pricer: Pricer | None = None,
) -> Forwards:  # fmt: skip
    """Each expiry's forward by put-call parity on mid prices, and its discount.

    Parameters
    ----------
    chain, kept
        Quotes, and those of them that stay (``clean_chain``).
    rates
        Continuously compounded rate by years, where a curve is known. Otherwise, of European options, parity's own
        slope where its standard error is at most ``PRECISE``, and elsewhere the precise ones' mean (weighted by
        precision); of American options that mean for all.
    pricer
        Of American options: pairs are taken near the money, and the right to exercise early is taken off each price
        (``premium_free``) at the forward and rate found so far, until both stand. None: the options are European.

    Notes
    -----
    An American pair bounds the forward rather than fixing it; taking the premium off assumes a flat volatility a
    strike and a dividend paid continuously. What is left of the bias is small against the spread near the money.
    """
    pairs = pairs_of(chain, kept)
    if pricer is not None:
        pairs = tuple(p for each in pairs if (p := _near(chain, each)) is not None)
    free = [_parity(chain, each, None, None) for each in pairs]
    if pricer is None:
        chosen = [_rate(one, each.years, rates, free) for one, each in zip(free, pairs, strict=True)]
    elif rates is not None:
        chosen = [(float(rates(each.years)), "given") for each in pairs]
    else:
        chosen = [(_american_rate(chain, pairs, free, pricer), "pooled")] * len(pairs)
    found: list[tuple[Pairs, Parity, str]] = []
    for each, one, (rate, basis) in zip(pairs, free, chosen, strict=True):
        parity = one if basis == "parity" else _parity(chain, each, float(np.exp(-rate * each.years)), None)
        if pricer is not None:
            parity = _without_premium(chain, each, parity, pricer)[0]
        if np.isfinite(parity.forward) and parity.forward > 0:
            found.append((each, parity, basis))
    return _table(found, [free[pairs.index(each)] for each, _, _ in found])


def _near(chain: Chain, pairs: Pairs) -> Pairs | None:
    """The pairs near where call and put cost the same."""
    difference = np.abs(chain.mid[pairs.call] - chain.mid[pairs.put])
    money = pairs.strike[int(np.argmin(difference))]
    near = np.abs(np.log(pairs.strike / money)) <= NEAR
    if near.sum() < LEAST_PAIRS:
        return None
    return Pairs(pairs.years, pairs.strike[near], pairs.call[near], pairs.put[near])


def _parity(
    chain: Chain, pairs: Pairs, discount: float | None, prices: tuple[Floats, Floats] | None
) -> Parity:
    call, put = prices or (chain.mid[pairs.call], chain.mid[pairs.put])
    spread = chain.spread[pairs.call] + chain.spread[pairs.put]
    floor = np.median(spread) / 4 if len(spread) else 0.0  # a locked quote is no certainty
    return parity_forward(
        pairs.strike, call, put, pairs.years, np.maximum(spread, max(floor, 1e-9)), discount=discount
    )


def _rate(
    parity: Parity, years: float, rates: Callable[[float], float] | None, every: list[Parity]
) -> tuple[float, str]:
    """The rate to discount an expiry at, and where it is from."""
    if rates is not None:
        return float(rates(years)), "given"
    if parity.rate_error <= PRECISE:
        return parity.rate, "parity"
    pooled = _pooled(every)
    return (parity.rate, "parity") if pooled is None else (pooled, "pooled")


def _pooled(every: list[Parity]) -> float | None:
    """The mean rate of the expiries where parity is precise, weighted by precision; None where none is."""
    known = [each for each in every if each.rate_error <= PRECISE]
    if not known:
        return None
    weight = 1.0 / np.maximum(np.array([each.rate_error for each in known]), 5e-4) ** 2
    return float(np.average([each.rate for each in known], weights=weight))


def _american_rate(chain: Chain, pairs: tuple[Pairs, ...], free: list[Parity], pricer: Pricer) -> float:
    """One rate for all expiries: parity's slope on prices without the premium, which itself depends on the rate."""
    rate = _pooled(free)
    if rate is None:
        rate = float(np.median([one.rate for one in free if np.isfinite(one.rate)] or [0.0]))
    long = [each for each in pairs if each.years >= _LONG] or list(pairs)
    for _ in range(_RATE_ROUNDS):
        again = []
        for each in long:
            parity = _parity(chain, each, float(np.exp(-rate * each.years)), None)
            _, prices = _without_premium(chain, each, parity, pricer)
            again.append(_parity(chain, each, None, prices))
        found = _pooled(again)
        if found is None or abs(found - rate) < _STILL:
            break
        rate = found
    return rate


def _without_premium(
    chain: Chain, pairs: Pairs, parity: Parity, pricer: Pricer
) -> tuple[Parity, tuple[Floats, Floats] | None]:
    """Parity again on prices without the right to exercise early, the discount kept; and those prices."""
    spot, prices, count = chain.spot, None, len(pairs.strike)
    rows = np.concatenate([pairs.call, pairs.put])
    kind, strike, mid = chain.kind[rows], chain.strike[rows], chain.mid[rows]
    for _ in range(2):
        if not (np.isfinite(spot) and np.isfinite(parity.forward) and parity.forward > 0):
            break
        yield_ = parity.rate - float(np.log(parity.forward / spot)) / pairs.years
        guess = implied_volatility(mid, kind, parity.forward, strike, pairs.years, parity.discount).volatility
        free = premium_free(mid, kind, spot, strike, pairs.years, parity.rate, yield_, pricer, guess)
        again = _parity(chain, pairs, parity.discount, (free[:count], free[count:]))
        if not np.isfinite(again.forward):
            break
        parity, prices = again, (free[:count], free[count:])
    return parity, prices


def _table(found: list[tuple[Pairs, Parity, str]], free: list[Parity]) -> Forwards:
    parities = [parity for _, parity, _ in found]

    def column(name: str) -> Floats:
        return np.array([getattr(each, name) for each in parities], dtype=np.float64)

    basis = tuple(word for _, _, word in found)
    errors = [one.rate_error if word == "parity" else np.nan for one, word in zip(free, basis, strict=True)]
    years = np.array([each.years for each, _, _ in found], dtype=np.float64)
    return Forwards(
        years, column("forward"), column("discount"), column("rate"), column("forward_error"),
        np.array(errors, dtype=np.float64), column("pairs").astype(np.int64), column("outliers").astype(np.int64),
        basis,
    )  # fmt: skip

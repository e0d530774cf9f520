"""Books with options under stress: full revaluation after moves of prices and of the volatility surface."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.risk._inputs import Floats, Seed, generator, square_of

_LOWEST = 0.01  # of a stressed volatility
_MONTH = 1 / 12


@dataclass(frozen=True, slots=True)
class OptionLeg:
    """A position in European options on one asset. ``kind`` +1 call, -1 put; ``quantity`` contracts of
    ``multiplier`` shares, negative where sold; rates continuous, fractions a year."""

    asset: int  # which of the book's assets
    kind: int
    strike: float
    years: float
    quantity: float
    volatility: float
    rate: float = 0.0
    dividend_yield: float = 0.0
    multiplier: float = 100.0


@dataclass(frozen=True, slots=True)
class VolatilityShock:
    """How implied volatilities move at fixed strikes:
    ``parallel + skew * ln(strike / spot) / sqrt(years) + term * sqrt(1/12 / years)``.

    ``skew`` twists (negative: low strikes gain); ``term`` is what one month gains, fading with the square root
    of time; ``years`` below one month count as one month.
    """

    parallel: float = 0.0
    skew: float = 0.0
    term: float = 0.0

    def of(self, leg: OptionLeg, spot: float) -> float:
        """The leg's volatility after the shock, at least 1%."""
        years = max(leg.years, _MONTH)
        twist = self.skew * np.log(leg.strike / spot) / np.sqrt(years)
        return max(
            leg.volatility + self.parallel + float(twist) + self.term * float(np.sqrt(_MONTH / years)),
            _LOWEST,
        )


def book_values(
    spots: ArrayLike,
    legs: Sequence[OptionLeg],
    shock: VolatilityShock | None = None,
    base: ArrayLike | None = None,
) -> Floats:
    """What each leg is worth (legs,) at ``spots`` (k,), by Black, Scholes and Merton. A shock's skew is measured
    from the ``base`` prices (those before the move; ``spots`` where not given)."""
    from engine.quant.options import bsm

    price = np.asarray(spots, dtype=np.float64)
    from_ = price if base is None else np.asarray(base, dtype=np.float64)
    moved = shock or VolatilityShock()
    if not legs:
        return np.zeros(0)
    at = [leg.asset for leg in legs]
    value = bsm(
        np.array([leg.kind for leg in legs]), price[at], np.array([leg.strike for leg in legs]),
        np.array([leg.years for leg in legs]), np.array([leg.rate for leg in legs]),
        np.array([leg.dividend_yield for leg in legs]),
        np.array([moved.of(leg, float(from_[leg.asset])) for leg in legs]),
    )  # fmt: skip
    size = np.array([leg.quantity * leg.multiplier for leg in legs])
    return np.asarray(np.asarray(value, dtype=np.float64) * size, dtype=np.float64)


def book_change(
    spots: ArrayLike, shares: ArrayLike, legs: Sequence[OptionLeg], returns: ArrayLike,
    shock: VolatilityShock | None = None,
) -> float:  # fmt: skip
    """Profit or loss of shares (k,) and legs when assets return ``returns`` (k,) at once and volatilities move."""
    before = np.asarray(spots, dtype=np.float64)
    after = before * np.maximum(1 + np.asarray(returns, dtype=np.float64), 1e-9)
    linear = float(np.asarray(shares, dtype=np.float64) @ (after - before))
    return linear + float(book_values(after, legs, shock, before).sum() - book_values(before, legs).sum())


@dataclass(frozen=True, slots=True)
class BookReverse:
    """The likeliest returns (k,) that lose ``loss`` in money; ``distance`` in deviations."""

    scenario: Floats
    loss: float
    distance: float


def reverse_book_stress(
    spots: ArrayLike, shares: ArrayLike, legs: Sequence[OptionLeg], covariance: ArrayLike, loss: float,
    *, starts: int = 8, seed: Seed = 0,
) -> BookReverse:  # fmt: skip
    """Of a book that bends: the nearest point, in Mahalanobis' distance, at which the book loses ``loss``
    (sequential quadratic programming in whitened returns, from both directions of the gradient and from
    ``starts`` random ones; the nearest of what they find).

    Raises
    ------
    ValueError
        No start found returns that lose as much: the book may not be able to (bought options lose at most their
        price).
    """
    from scipy.optimize import minimize

    matrix = square_of(covariance)
    values, vectors = np.linalg.eigh(matrix)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    worth = np.asarray(spots, dtype=np.float64)
    held = np.asarray(shares, dtype=np.float64)
    scale = max(abs(loss), 1e-12)

    def short(z: Floats) -> float:
        return (book_change(worth, held, legs, root @ z) + loss) / scale

    best: Floats | None = None
    for start in _starts(short, len(matrix), starts, seed):
        found = minimize(
            lambda z: 0.5 * float(z @ z), start, jac=lambda z: z, method="SLSQP",
            constraints=[{"type": "eq", "fun": short}], options={"maxiter": 300, "ftol": 1e-12},
        )  # fmt: skip
        if abs(short(found.x)) < 1e-6 and (best is None or found.x @ found.x < best @ best):
            best = found.x
    if best is None:
        raise ValueError(
            f"no returns were found that lose {loss:,.0f}: the book may not be able to; ask for a smaller loss"
        )
    return BookReverse(np.asarray(root @ best, dtype=np.float64), loss, float(np.sqrt(best @ best)))


def _starts(short: Callable[[Floats], float], count: int, random: int, seed: Seed) -> list[Floats]:
    directions = generator(seed).standard_normal((random, count))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    slope = np.array([short(e) - short(-e) for e in 0.5 * np.eye(count)])
    size = float(np.linalg.norm(slope))
    along = [slope / size, -slope / size] if size > 0 else []
    return [2.0 * each for each in (*along, *directions)]

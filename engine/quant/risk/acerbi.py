"""Was the expected shortfall right? Acerbi and Szekely's first two tests (2014), critical values simulated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.risk._inputs import Floats, Seed, generator, level_of, series_of


@dataclass(frozen=True, slots=True)
class ShortfallTest:
    """A statistic that is 0 on average where the model is right, and below where losses are worse than it says.
    ``p_value``: how often a right model falls as low; ``critical`` is the statistic at 5%. NaN where no day was
    an exception (Z1)."""

    name: str
    statistic: float
    p_value: float
    critical: float
    simulations: int


def acerbi_szekely(
    returns: ArrayLike, value_at_risk: ArrayLike, expected_shortfall: ArrayLike, level: float = 0.975, *,
    tail_shape: float = 0.0, simulations: int = 5000, seed: Seed = 0,
) -> tuple[ShortfallTest, ShortfallTest]:  # fmt: skip
    """Z1 ``sum(x I / ES) / sum(I) + 1`` and Z2 ``sum(x I / ES) / (n (1 - level)) + 1``, with I the days whose
    return x fell below ``-VaR`` (Acerbi and Szekely 2014, equations 5 and 6).

    Parameters
    ----------
    returns, value_at_risk, expected_shortfall : (n,), each day's forecasts made the evening before.
    tail_shape : of the right model that is simulated. Forecasts tell where its tail begins and its mean beyond,
        not its form: days are exceptions independently with probability ``1 - level``, and losses beyond have a
        Pareto excess with mean ``ES - VaR`` and this shape (0: exponential).

    Raises
    ------
    ValueError
        A shortfall is not positive or lies below its value at risk, or lengths differ.
    """
    x = series_of(returns)
    var, shortfall = (
        np.asarray(value_at_risk, dtype=np.float64),
        np.asarray(expected_shortfall, dtype=np.float64),
    )
    if not (x.shape == var.shape == shortfall.shape):
        raise ValueError("returns, values at risk and shortfalls must be of the same days")
    if not (shortfall > 0).all() or not (shortfall >= var - 1e-12).all():
        raise ValueError("each shortfall must be positive and not below its value at risk")
    tail = 1 - level_of(level)
    hits = x < -var
    ratio = np.where(hits, x / shortfall, 0.0).sum()
    first, second = _simulated(var, shortfall, tail, tail_shape, simulations, generator(seed))
    one = float(ratio / hits.sum() + 1) if hits.any() else float("nan")
    return _told("Acerbi-Szekely Z1", one, first), _told(
        "Acerbi-Szekely Z2", float(ratio / (len(x) * tail) + 1), second
    )


def _simulated(
    var: Floats, shortfall: Floats, tail: float, shape: float, simulations: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Both statistics (simulations,) of a right model."""
    if not 0 <= shape < 1:
        raise ValueError(f"a tail with a mean has a shape from 0 to below 1, not {shape}")
    days = len(var)
    # each day of each simulation is an exception by itself: how many in all is binomial, and which are any
    cells = simulations * days
    hits = rng.choice(cells, rng.binomial(cells, tail), replace=False, shuffle=False)
    row, day = np.divmod(hits, days)
    spare = rng.random(len(row))
    scale = (shortfall - var)[day] * (1 - shape)
    excess = -np.log(spare) if shape == 0 else np.expm1(-shape * np.log(spare)) / shape
    loss = np.bincount(row, (var[day] + scale * excess) / shortfall[day], minlength=simulations)
    count = np.bincount(row, minlength=simulations)
    with np.errstate(invalid="ignore"):
        return 1 - loss / count, 1 - loss / (days * tail)


def _told(name: str, statistic: float, simulated: Floats) -> ShortfallTest:
    """Simulations without an exception say nothing of Z1 and are left out of it."""
    known = simulated[np.isfinite(simulated)]
    if np.isnan(statistic) or not len(known):
        return ShortfallTest(name, float("nan"), float("nan"), float("nan"), len(known))
    p = (1 + int((known <= statistic).sum())) / (1 + len(known))
    return ShortfallTest(name, statistic, float(p), float(np.quantile(known, 0.05)), len(known))

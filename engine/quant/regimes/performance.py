"""What was earned in each regime, and how regimes follow one another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.quant.regimes.chain import Floats


@dataclass(frozen=True, slots=True)
class RegimePerformance:
    """One state's returns.

    ``annual_return`` is geometric, ``volatility`` and ``sharpe_ratio`` annualised; ``max_drawdown`` (negative) is of
    wealth that is held in this state only; ``hit_rate`` is the share of periods above zero.
    """

    state: int
    periods: int
    share: float
    spells: int
    annual_return: float
    volatility: float
    sharpe_ratio: float
    max_drawdown: float
    hit_rate: float
    worst: float
    best: float


def performance_by_regime(
    returns: Floats,
    states: NDArray[np.int64],
    count: int,
    *,
    risk_free: Floats | float = 0.0,
    lag: int = 1,
    periods_per_year: float = 252.0,
) -> tuple[RegimePerformance, ...]:
    """Returns parted by the state known ``lag`` periods before.

    With ``lag`` 1 a return is given to the state that was known when it began, as one could have traded on it; with 0
    to the state of its own period, which is how the state is described and not what could be earned.

    Parameters
    ----------
    returns : (n,) simple; NaN is passed over
    states : (n,) int, -1 where none is known
    count : number of states
    """
    data = np.asarray(returns, dtype=np.float64)
    known = np.full(len(data), -1, dtype=np.int64)
    known[lag:] = np.asarray(states)[: len(data) - lag] if lag else states
    excess = data - risk_free
    usable = np.isfinite(data) & (known >= 0)
    total = int(usable.sum())
    return tuple(
        _one(state, data, excess, usable & (known == state), total, periods_per_year)
        for state in range(count)
    )


def _one(
    state: int, data: Floats, excess: Floats, inside: NDArray[np.bool_], total: int, per_year: float
) -> RegimePerformance:
    held, over = data[inside], excess[inside]
    spells = int((np.diff(np.concatenate([[0], inside.astype(np.int8)])) == 1).sum())
    if len(held) < 2:
        nan = float("nan")
        return RegimePerformance(
            state, len(held), len(held) / max(total, 1), spells, nan, nan, nan, nan, nan, nan, nan
        )
    wealth = np.concatenate([[1.0], np.cumprod(1.0 + held)])
    deviation = float(over.std(ddof=1))
    return RegimePerformance(
        state,
        len(held),
        len(held) / total,
        spells,
        float(wealth[-1] ** (per_year / len(held)) - 1.0) if wealth[-1] > 0 else -1.0,
        float(held.std(ddof=1) * np.sqrt(per_year)),
        float(over.mean() / deviation * np.sqrt(per_year)) if deviation > 0 else float("nan"),
        float((wealth / np.maximum.accumulate(wealth) - 1.0).min()),
        float((held > 0).mean()),
        float(held.min()),
        float(held.max()),
    )


def transition_counts(states: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """How often state j followed state i, (k, k); days without a state part the record."""
    here, there = np.asarray(states)[:-1], np.asarray(states)[1:]
    both = (here >= 0) & (there >= 0)
    table = np.zeros((count, count), dtype=np.int64)
    np.add.at(table, (here[both], there[both]), 1)
    return table


def transition_matrix(states: NDArray[np.int64], count: int) -> Floats:
    """Shares of what followed each state, (k, k); a state never left keeps NaN."""
    table = transition_counts(states, count).astype(np.float64)
    totals = table.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(table, totals, out=np.full_like(table, np.nan), where=totals > 0)
    return shares


def likeliest(probabilities: Floats) -> NDArray[np.int64]:
    """The state of the highest probability of each day, (n,); -1 where they are NaN."""
    known = np.isfinite(probabilities).all(axis=1)
    states = np.full(len(probabilities), -1, dtype=np.int64)
    states[known] = probabilities[known].argmax(axis=1)
    return states

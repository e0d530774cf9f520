"""Inference in a hidden Markov chain: forward, backward, smoothing, the likeliest path. One pass over time each.

Everything takes the log-likelihood of each observation in each state, so that any emission serves.
Filtered probabilities of a day use that day and earlier ones; smoothed ones and the path use the whole sample.

Source: Rabiner (1989), Proceedings of the IEEE 77(2), equations 19-27 (forward, backward, gamma) and 33-35 (Viterbi),
with the scaling of its section V.A; Hamilton (1989), Econometrica 57(2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Filtered:
    """``probabilities`` (n, k) of each state given observations up to its day; ``predicted`` (n, k) given those
    before it; ``log_likelihood`` of the whole sample, and ``increments`` (n,) that add up to it."""

    probabilities: Floats
    predicted: Floats
    increments: Floats

    @property
    def log_likelihood(self) -> float:
        return float(self.increments.sum())


def forward(log_likelihood: Floats, start: Floats, transition: Floats) -> Filtered:
    """Filter a chain: P(state at t | observations up to t).

    Parameters
    ----------
    log_likelihood : (n, k), log density of observation t in state j. A row of NaN is a missing observation: the
        prediction stands.
    start : (k,), probabilities before the first observation
    transition : (k, k), row i the probabilities of the next state after state i

    Raises
    ------
    ValueError
        Shapes disagree, or a row of ``transition`` is no distribution.
    """
    weights, scale = _emissions(log_likelihood)
    count, states = weights.shape
    start, transition = _checked(start, transition, states)
    probabilities, predicted = np.empty((count, states)), np.empty((count, states))
    totals = np.empty(count)
    ahead = start
    for at in range(count):
        predicted[at] = ahead
        joint = ahead * weights[at]
        total = joint.sum()
        totals[at] = total
        here = joint / total if total > 0 else ahead
        probabilities[at] = here
        ahead = here @ transition
    with np.errstate(divide="ignore"):
        return Filtered(probabilities, predicted, np.log(totals) + scale)


def backward(log_likelihood: Floats, transition: Floats) -> Floats:
    """P(observations after t | state at t), scaled so that each row adds up to one; (n, k)."""
    weights, _ = _emissions(log_likelihood)
    count, states = weights.shape
    _, transition = _checked(np.full(states, 1.0 / states), transition, states)
    rows = np.empty((count, states))
    rows[-1] = 1.0 / states
    for at in range(count - 2, -1, -1):
        row = transition @ (weights[at + 1] * rows[at + 1])
        rows[at] = row / row.sum()
    return rows


def smooth(log_likelihood: Floats, start: Floats, transition: Floats) -> Floats:
    """P(state at t | the whole sample), (n, k). It looks ahead: never for anything dated or traded on."""
    joint = forward(log_likelihood, start, transition).probabilities * backward(log_likelihood, transition)
    smoothed: Floats = joint / joint.sum(axis=1, keepdims=True)
    return smoothed


def viterbi(log_likelihood: Floats, start: Floats, transition: Floats) -> tuple[NDArray[np.int64], float]:
    """The likeliest path over the whole sample, (n,), and its log probability. It looks ahead."""
    emitted = np.where(np.isnan(log_likelihood), 0.0, log_likelihood)
    count, states = emitted.shape
    start, transition = _checked(start, transition, states)
    with np.errstate(divide="ignore"):
        log_start, moves = np.log(start), np.log(transition)
    back = np.empty((count, states), dtype=np.int64)
    best = log_start + emitted[0]
    for at in range(1, count):
        scores = best[:, None] + moves
        back[at] = scores.argmax(axis=0)
        best = scores.max(axis=0) + emitted[at]
    path = np.empty(count, dtype=np.int64)
    path[-1] = int(best.argmax())
    for at in range(count - 1, 0, -1):
        path[at - 1] = back[at, path[at]]
    return path, float(best.max())


def stationary(transition: Floats) -> Floats:
    """The distribution that ``transition`` leaves as it is, (k,) (Hamilton 1994, equation 22.2.26)."""
    states = len(transition)
    system = np.vstack([np.eye(states) - np.asarray(transition).T, np.ones(states)])
    solved = np.linalg.lstsq(system, np.append(np.zeros(states), 1.0), rcond=None)[0]
    kept: Floats = np.clip(solved, 0.0, None)
    kept /= kept.sum()
    return kept


def expected_durations(transition: Floats) -> Floats:
    """Mean length of a stay in each state, in periods: 1 / (1 - p_ii); infinite where it is never left."""
    leaving = 1.0 - np.diag(np.asarray(transition, dtype=np.float64))
    with np.errstate(divide="ignore"):
        durations: Floats = np.where(leaving > 1e-15, 1.0 / leaving, np.inf)
    return durations


def _emissions(log_likelihood: Floats) -> tuple[Floats, Floats]:
    """Densities divided by the largest of each day, and the logarithms of what they were divided by."""
    given = np.asarray(log_likelihood, dtype=np.float64)
    if given.ndim != 2 or not len(given):
        raise ValueError("log_likelihood has shape (n, k), with one observation at least")
    missing = np.asarray(np.isnan(given).any(axis=1))
    highest: Floats = np.where(missing, 0.0, given.max(axis=1))
    top: Floats = np.where(np.isfinite(highest), highest, 0.0)
    weights = np.where(missing[:, None], 1.0, np.exp(given - top[:, None]))
    return weights, top


def _checked(start: Floats, transition: Floats, states: int) -> tuple[Floats, Floats]:
    first, moves = np.asarray(start, dtype=np.float64), np.asarray(transition, dtype=np.float64)
    if first.shape != (states,) or moves.shape != (states, states):
        raise ValueError(f"start is ({states},) and transition ({states}, {states}) for {states} states")
    if (moves < 0).any() or not np.allclose(moves.sum(axis=1), 1.0, atol=1e-8):
        raise ValueError("each row of transition is a distribution")
    return first, moves

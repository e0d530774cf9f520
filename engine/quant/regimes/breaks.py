"""Change points in mean and variance: online (causal) and the best segmentation of a whole sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from engine.quant.regimes.chain import Floats


@dataclass(frozen=True, slots=True)
class RunLengths:
    """``expected`` (n,): mean periods since the last change, given data up to each day; ``recent`` (n,): the
    probability that a change lies within the last ``window`` periods."""

    expected: Floats
    recent: Floats
    window: int


def change_points(returns: Floats, *, penalty: float | None = None, least: int = 20) -> NDArray[np.int64]:
    """First rows of each new segment of the best segmentation by mean and variance. It uses the whole sample.

    Minimises the sum over segments of n log(variance) plus ``penalty`` a change, exactly, by PELT (Killick, Fearnhead
    and Eckley 2012, section 3). ``penalty`` None is 3 log(n), one parameter for mean, variance and place each (the
    modified BIC of Zhang and Siegmund 2007 to first order).

    Parameters
    ----------
    returns : (n,), finite
    least : shortest segment
    """
    data = np.asarray(returns, dtype=np.float64)
    count = len(data)
    if not np.isfinite(data).all():
        raise ValueError("change points need returns without gaps")
    if count < 2 * least:
        return np.empty(0, dtype=np.int64)
    charge = 3.0 * np.log(count) if penalty is None else penalty
    centred = data - data.mean()
    sums = np.concatenate([[0.0], np.cumsum(centred)])
    squares = np.concatenate([[0.0], np.cumsum(centred**2)])
    floor = 1e-8 * max(centred.var(), 1e-300)
    best = np.full(count + 1, np.inf)
    best[0] = -charge
    last = np.zeros(count + 1, dtype=np.int64)
    candidates, until = np.array([0]), np.array([count])  # the last end that each may serve
    for end in range(least, count + 1):
        start = end - least
        if start >= least:
            candidates, until = np.append(candidates, start), np.append(until, count)
        candidates, until = candidates[until >= end], until[until >= end]
        lengths = end - candidates
        means = (sums[end] - sums[candidates]) / lengths
        variances = (squares[end] - squares[candidates]) / lengths - means**2
        costs = best[candidates] + lengths * np.log(np.maximum(variances, floor))
        least_cost = int(costs.argmin())
        best[end], last[end] = costs[least_cost] + charge, candidates[least_cost]
        # beaten by a change at this end, which may not stand for ``least`` more rows: until then it serves on
        until = np.where(costs <= best[end], until, np.minimum(until, end + least - 1))
    return _traced(last)


def _traced(last: NDArray[np.int64]) -> NDArray[np.int64]:
    found, at = [], len(last) - 1
    while last[at] > 0:
        at = int(last[at])
        found.append(at)
    return np.array(found[::-1], dtype=np.int64)


def run_lengths(
    returns: Floats, *, hazard: float = 1.0 / 250.0, longest: int = 1000, window: int = 20, warm_up: int = 60
) -> RunLengths:
    """Bayesian online change-point detection (Adams and MacKay 2007, algorithm 1) with unknown mean and variance.

    The prior of a segment is normal-inverse-gamma, its scale the variance of the first ``warm_up`` returns, which
    are not judged (NaN). ``hazard`` is the probability of a change each period; run lengths beyond ``longest`` are
    merged. The value of a day uses that day and earlier ones only. A NaN return is passed over.
    """
    data = np.asarray(returns, dtype=np.float64)
    expected, recent = np.full(len(data), np.nan), np.full(len(data), np.nan)
    first = data[:warm_up][np.isfinite(data[:warm_up])]
    if len(first) < 10 or not first.var() > 0:
        return RunLengths(expected, recent, window)
    prior = np.array([first.mean(), 0.1, 1.0, first.var()])  # mean, its weight, shape, scale
    state = prior[:, None].copy()
    chances = np.ones(1)
    for at in range(warm_up, len(data)):
        value = data[at]
        if np.isfinite(value):
            chances, state = _step(value, chances, state, prior, hazard, longest)
        lengths = np.arange(len(chances))
        expected[at] = float(chances @ lengths)
        recent[at] = float(chances[:window].sum())
    return RunLengths(expected, recent, window)


def _step(
    value: float, chances: Floats, state: Floats, prior: Floats, hazard: float, longest: int
) -> tuple[Floats, Floats]:
    """One observation: run lengths grow by one or fall to none."""
    mean, weight, shape, scale = state
    density = _student(value, mean, scale * (weight + 1) / (shape * weight), 2.0 * shape)
    grown = chances * density * (1.0 - hazard)
    fresh = float((chances * density).sum()) * hazard
    joint = np.concatenate([[fresh], grown])
    posterior = np.stack(
        [
            (weight * mean + value) / (weight + 1.0),
            weight + 1.0,
            shape + 0.5,
            scale + weight * (value - mean) ** 2 / (2.0 * (weight + 1.0)),
        ]
    )
    following = np.concatenate([prior[:, None], posterior], axis=1)
    if len(joint) > longest:
        joint[-2] += joint[-1]
        joint, following = joint[:-1], following[:, :-1]
    total = joint.sum()
    if not total > 0:  # a value no segment could have made: a new one begins
        return np.ones(1), prior[:, None].copy()
    return joint / total, following


def _student(value: float, mean: Floats, scale: Floats, freedom: Floats) -> Floats:
    """Density of Student's t with location, squared scale and degrees of freedom."""
    log = gammaln((freedom + 1) / 2) - gammaln(freedom / 2) - 0.5 * np.log(np.pi * freedom * scale)
    log = log - (freedom + 1) / 2 * np.log1p((value - mean) ** 2 / (freedom * scale))
    density: Floats = np.exp(log)
    return density

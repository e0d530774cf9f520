"""Regimes of one security by each method, in one shape for the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count, pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.quant import regimes as q

if TYPE_CHECKING:
    from engine.context import Context
    from engine.returns import Returns

_SEARCHES = 6


@dataclass(frozen=True, slots=True)
class Regimes:
    """``states`` (n,), -1 where none; ``probabilities`` (n, k) or None. ``lag`` is that of the performance."""

    method: str
    names: tuple[str, ...]
    states: NDArray[np.int64]
    probabilities: NDArray[np.float64] | None
    transition: NDArray[np.float64] | None
    lag: int
    told: tuple[str, ...]
    formula: str
    counted: bool = False  # ``transition`` is counted and not the model's
    segments: tuple[int, ...] = ()  # first rows of each, where the method parts the range
    recent: NDArray[np.float64] | None = None  # probability of a recent change
    later: bool = False  # parameters are fitted on the whole range, later days too


def _stopper(context: Context, total: int, what: str) -> Callable[[], bool]:
    """What a search asks between its starts: how far it is, is told, and whether it is to stop."""
    starts = count()

    def stop() -> bool:
        context.progress(min(next(starts), total), total, what)
        return context.cancelled()

    return stop


def _counted(states: int) -> str:
    return f"{states} state" + "s" * (states != 1)


def hidden_markov(
    context: Context, returns: Returns, states: int, how: str, seed: int, least: int
) -> Regimes:
    """A Gaussian hidden Markov model of log returns."""
    logs = np.log1p(returns.values[:, 0])
    if how == "WALK":
        return _walked(context, logs, states, seed, least)
    stop = _stopper(context, 21 * (1 if states else 3), "fitting")
    model = q.fit_gaussian(logs, states or None, starts=20, seed=seed, cancelled=stop)
    context.check_cancelled()
    told = [
        f"{_counted(model.states)}, log-likelihood {model.log_likelihood:,.1f}, BIC {model.bic:,.1f}; "
        f"{model.best_of} of the {model.starts} runs that were finished lie within 1 of the best."
    ]
    if how == "SMOOTHED":
        told.append(
            "SMOOTHED: each day's state uses later days too. It describes; nobody could know it then."
        )
        smoothed = model.smooth(logs)
        return Regimes(
            "hidden Markov model, smoothed", model.names, q.likeliest(smoothed), smoothed, model.transition, 0,
            tuple(told), "P(state | the whole range): it looks ahead",
        )  # fmt: skip
    told.append(
        "Probabilities are filtered: no day uses a later return. Their parameters are fitted on all that is known at "
        "the clock; REGIME WALK refits them on the past alone."
    )
    filtered = model.filter(logs).probabilities
    return Regimes(
        "hidden Markov model, filtered", model.names, q.likeliest(filtered), filtered, model.transition, 1,
        tuple(told), "P(state | returns up to the day), parameters fitted at the clock", later=True,
    )  # fmt: skip


def _walked(context: Context, logs: NDArray[np.float64], states: int, seed: int, least: int) -> Regimes:
    """Models of the past alone; their number of states, where none is given, from the first returns alone too."""
    every = max(least // 4, 12)
    number = states
    if not number and len(logs) > least:
        number = q.fit_gaussian(logs[:least], None, starts=20, seed=seed, cancelled=context.cancelled).states
    walked = q.walk_forward(
        logs, number or 2, least=least, every=every, seed=seed, cancelled=context.cancelled,
        progress=lambda done, total: context.progress(done, total, "refitting on the past"),
    )  # fmt: skip
    context.check_cancelled()
    newest = walked.models[-1]
    told = (
        f"Walked forward: {len(walked.models)} models, each fitted on the returns before the days that it tells, "
        f"the first on {least}. Names and transitions are those of the newest.",
        _counted(newest.states)
        + ("." if states else f", by the lowest BIC of the first {least} returns alone."),
    )
    return Regimes(
        "hidden Markov model, walked forward", newest.names, q.likeliest(walked.probabilities),
        walked.probabilities, newest.transition, 1, told, "P(state | returns up to the day), parameters of its past",
    )  # fmt: skip


def markov(context: Context, returns: Returns, states: int, how: str, seed: int) -> Regimes:
    """Hamilton's switching mean and variance, of returns in per cent."""
    logs = 100.0 * np.log1p(returns.values[:, 0])
    stop = _stopper(context, 25 * (_SEARCHES + 1) + 100, "searching for the likeliest")
    found = q.fit_markov(logs, states, searches=_SEARCHES, seed=seed, cancelled=stop)
    smoothed = how == "SMOOTHED"
    chosen = found.smoothed if smoothed else found.filtered
    shares = found.smoothed.sum(axis=0)
    names = q.regime_names(found.means, np.sqrt(found.variances), shares)
    told = [
        f"Log-likelihood {found.log_likelihood:,.1f}, BIC {found.bic:,.1f}, best of {_SEARCHES + 1} starts."
    ]
    told.append(
        "SMOOTHED: each day's state uses later days too. It describes; nobody could know it then."
        if smoothed
        else "Probabilities are filtered; the parameters are fitted on all that is known at the clock."
    )
    return Regimes(
        "Markov switching, " + how.lower(), names, q.likeliest(chosen), chosen, found.transition,
        0 if smoothed else 1, tuple(told),
        "P(state | the whole range): it looks ahead" if smoothed
        else "P(state | returns up to the day), parameters fitted at the clock",
        later=not smoothed,
    )  # fmt: skip


def by_volatility(returns: Returns, states: int, decay: float) -> Regimes:
    """Exponentially weighted volatility against the quantiles of its own past."""
    quantiles = {2: (0.7,), 3: (0.5, 0.85), 4: (0.5, 0.8, 0.95)}[states]
    values = returns.values[:, 0]
    least = min(252, max(30, len(values) // 4))
    found = q.ewma_regimes(
        values, quantiles, decay=decay, least=least, periods_per_year=returns.periods_per_year
    )
    bounds = ", ".join(f"{bound:.1%}" for bound in found.bounds[-1])
    shares = ", ".join(f"{each:.0%}" for each in quantiles)
    told = (
        f"Volatility {found.volatility[-1]:.1%} a year; bounds {bounds}, the {shares} quantiles of its past. A state "
        f"is left once volatility is a twentieth beyond its bound; none before {least} returns.",
    )
    return Regimes(
        "EWMA volatility", found.names, found.states, None, q.transition_matrix(found.states, len(found.names)), 1,
        told, f"EWMA volatility (decay {decay:g}) against the quantiles of its past up to the day", counted=True,
    )  # fmt: skip


def by_breaks(returns: Returns, penalty: float) -> Regimes:
    """Segments between change points, told as calmer and wilder than the range."""
    logs = np.log1p(returns.values[:, 0])
    starts = q.change_points(logs, penalty=penalty or None)
    edges = [0, *starts.tolist(), len(logs)]
    deviations = [logs[a:b].std() for a, b in pairwise(edges)]
    bounds = np.quantile(deviations, [1 / 3, 2 / 3]) if len(deviations) > 2 else np.array([logs.std()] * 2)
    states = np.empty(len(logs), dtype=np.int64)
    for deviation, first, last in zip(deviations, edges, edges[1:], strict=False):
        states[first:last] = int((deviation > bounds).sum())
    recent = q.run_lengths(logs)
    told = (
        f"{len(starts)} change points of the whole range: a segment's end was not known while it lasted. The "
        "probability of a recent change is told day by day.",
        "Segments are calm, moderate or wild by which third of the segments' volatilities theirs lies in.",
    )
    return Regimes(
        "change points", ("calm", "moderate", "wild"), states, None, None, 0, told,
        "PELT over the whole range: it looks ahead", segments=tuple(edges[:-1]), recent=recent.recent,
    )  # fmt: skip

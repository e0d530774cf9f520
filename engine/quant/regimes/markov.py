"""Markov switching regressions and autoregressions (statsmodels), with many starts and states in order."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.quant.regimes.chain import Floats, expected_durations

_SHORT, _LONG, _POLISHED = 25, 200, 3  # steps of a first and of a last search, and how many get the last


class _Stopped(Exception):
    """The caller asked to stop within a search."""


@dataclass(frozen=True, slots=True)
class MarkovSwitching:
    """A fitted model; states by variance where it switches, else by mean, lowest first.

    ``transition`` (k, k), row i the probabilities after state i. ``filtered`` (n - order, k) uses data up to each
    period, ``smoothed`` the whole sample. ``parameters`` and ``standard_errors`` by statsmodels' names, for its order
    of states.
    """

    transition: Floats
    means: Floats
    variances: Floats
    filtered: Floats
    smoothed: Floats
    log_likelihood: float
    bic: float
    parameters: dict[str, float]
    standard_errors: dict[str, float]
    order: int

    @property
    def durations(self) -> Floats:
        return expected_durations(self.transition)


def fit_markov(
    values: Floats,
    states: int = 2,
    *,
    order: int = 0,
    switching_variance: bool = True,
    searches: int = 20,
    seed: int = 0,
    start: Sequence[float] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> MarkovSwitching:
    """Maximum likelihood of a mean (and variance) that switches with a hidden chain (Hamilton 1989).

    With ``order`` p the deviations from the state's mean follow an autoregression of p lags that does not switch.
    The likelihood has many optima: ``searches`` random starts are tried, each scaled by ``seed``; statsmodels' own
    search missed the published optimum on two of ten seeds. ``start``: parameters to begin from instead.
    ``cancelled`` is asked at each step of a search.

    Raises
    ------
    ValueError
        Too few values, no start converged to finite parameters, or it was cancelled.
    """
    data = np.asarray(values, dtype=np.float64)
    data = data[np.isfinite(data)]
    if len(data) < 20 * states + order:
        raise ValueError(f"{len(data)} values are too few for {states} regimes")
    model = markov_model(data, states, order=order, switching_variance=switching_variance)
    tried = [np.asarray(start)] if start is not None else _starts(model, searches, seed)
    found: list[Any] = []
    try:
        if len(tried) > _POLISHED:  # many short runs, and only the likeliest of them to the end
            short = _likeliest(model, tried, _SHORT, cancelled)
            tried = [np.asarray(each.params) for each in short[:_POLISHED]]
        found = _likeliest(model, tried, _LONG, cancelled)
    except _Stopped:
        raise ValueError("it was stopped before an optimum was found") from None
    if not found:
        raise ValueError("no start led to a finite optimum: take fewer regimes or a longer range")
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        best = model.smooth(
            found[0].params, cov_type="approx"
        )  # with the covariance that the searches went without
    return _told(best, states, order, switching_variance)


def at_parameters(
    values: Floats,
    parameters: Sequence[float],
    states: int = 2,
    *,
    order: int = 0,
    switching_variance: bool = False,
) -> MarkovSwitching:
    """The model at given parameters (statsmodels' order of them): probabilities and likelihood, nothing fitted."""
    model = markov_model(
        np.asarray(values, dtype=np.float64), states, order=order, switching_variance=switching_variance
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _told(model.smooth(np.asarray(parameters)), states, order, switching_variance)


def markov_model(values: Floats, states: int, *, order: int, switching_variance: bool) -> Any:
    """statsmodels' model of ``values``."""
    from statsmodels.tsa.regime_switching.markov_autoregression import MarkovAutoregression
    from statsmodels.tsa.regime_switching.markov_regression import MarkovRegression

    if order:
        return MarkovAutoregression(
            values, k_regimes=states, order=order, switching_ar=False, switching_variance=switching_variance
        )
    return MarkovRegression(values, k_regimes=states, switching_variance=switching_variance)


def _starts(model: Any, searches: int, seed: int) -> list[Floats]:
    """The model's own start, and others about it (normal, in the unconstrained space)."""
    rng = np.random.default_rng(seed)
    base = np.asarray(model.untransform_params(model.start_params))
    tried = [base + rng.normal(0.0, 1.0, len(base)) for _ in range(searches)]
    return [np.asarray(model.start_params), *(np.asarray(model.transform_params(each)) for each in tried)]


def _likeliest(model: Any, starts: Sequence[Floats], steps: int, cancelled: Callable[[], bool]) -> list[Any]:
    """What so many steps from each start lead to, the likeliest first; starts that lead nowhere are left out."""
    found = [_fitted(model, start, steps, cancelled) for start in starts]
    return sorted((each for each in found if each is not None), key=lambda each: -float(each.llf))


def _fitted(model: Any, start: Floats, steps: int, cancelled: Callable[[], bool]) -> Any | None:
    def asked(_: Floats) -> None:
        if cancelled():
            raise _Stopped

    asked(start)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            result = model.fit(
                start_params=start, disp=False, em_iter=5, maxiter=steps, cov_type="none", callback=asked
            )
        except (ValueError, np.linalg.LinAlgError, FloatingPointError):
            return None
    return result if np.isfinite(result.llf) and np.isfinite(result.params).all() else None


def _told(result: Any, states: int, order: int, switching_variance: bool) -> MarkovSwitching:
    names = list(result.model.param_names)
    values = dict(zip(names, np.asarray(result.params, dtype=np.float64).tolist(), strict=True))
    means = np.array([values[f"const[{at}]"] for at in range(states)])
    shared = values.get("sigma2", np.nan)
    variances = np.array([values.get(f"sigma2[{at}]", shared) for at in range(states)])
    rank = np.argsort(variances if switching_variance else means, kind="stable")
    transition = np.asarray(result.regime_transition)[
        :, :, 0
    ].T  # statsmodels keeps columns as the state before
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        errors = dict(zip(names, np.asarray(result.bse, dtype=np.float64).tolist(), strict=True))
    return MarkovSwitching(
        transition[np.ix_(rank, rank)], means[rank], variances[rank],
        _two(result.filtered_marginal_probabilities, states)[:, rank],
        _two(result.smoothed_marginal_probabilities, states)[:, rank],
        float(result.llf), float(result.bic), values, errors, order,
    )  # fmt: skip


def _two(probabilities: Any, states: int) -> Floats:
    table = np.asarray(probabilities, dtype=np.float64)
    return table if table.shape[1] == states else table.T

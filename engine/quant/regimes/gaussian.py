"""Regimes as the states of a Gaussian hidden Markov model: fitted with many starts, ordered, named, filtered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.quant.regimes.chain import Filtered, Floats, expected_durations, forward, smooth, viterbi

MOST_STATES = 6
_LEAST_SHARE = 0.01  # a state with less of the sample than this describes single days, not a regime
_LEAST_VARIANCE = 1e-4  # of the sample's
_SHORT, _LONG, _POLISHED = 12, 400, 3  # steps of a first and of a last run, and how many get the last


@dataclass(frozen=True, slots=True)
class GaussianRegimes:
    """A fitted model, its states ordered by volatility (of the first series), calmest first.

    ``start`` (k,), ``transition`` (k, k), ``means`` (k, d) and ``covariances`` (k, d, d) are per period, in the units
    of what was fitted. ``names`` say volatility and direction. ``best_of``: how many of the ``starts`` that were run
    to the end came within one unit of log-likelihood of the best.
    """

    start: Floats
    transition: Floats
    means: Floats
    covariances: Floats
    names: tuple[str, ...]
    log_likelihood: float
    bic: float
    observations: int
    starts: int
    best_of: int

    @property
    def states(self) -> int:
        return len(self.start)

    @property
    def volatilities(self) -> Floats:
        """Standard deviation a period of the first series in each state, (k,)."""
        deviations: Floats = np.sqrt(self.covariances[:, 0, 0])
        return deviations

    @property
    def durations(self) -> Floats:
        """Expected periods that a stay lasts, (k,)."""
        return expected_durations(self.transition)

    def log_density(self, returns: Floats) -> Floats:
        """Log density of each observation in each state, (n, k); a row with a NaN gives NaN."""
        data = _two(returns)
        out = np.empty((len(data), self.states))
        for state in range(self.states):
            root = np.linalg.cholesky(self.covariances[state])
            scaled = np.linalg.solve(root, (data - self.means[state]).T)
            constant = 2.0 * np.log(np.diag(root)).sum() + data.shape[1] * np.log(2.0 * np.pi)
            out[:, state] = -0.5 * ((scaled**2).sum(axis=0) + constant)
        return out

    def filter(self, returns: Floats) -> Filtered:
        """P(state | returns up to each day), one pass; causal given these parameters."""
        return forward(self.log_density(returns), self.start, self.transition)

    def smooth(self, returns: Floats) -> Floats:
        """P(state | the whole sample), (n, k): it looks ahead."""
        return smooth(self.log_density(returns), self.start, self.transition)

    def path(self, returns: Floats) -> NDArray[np.int64]:
        """The likeliest path over the whole sample, (n,): it looks ahead."""
        return viterbi(self.log_density(returns), self.start, self.transition)[0]


def fit_gaussian(
    returns: Floats,
    states: int | None = None,
    *,
    starts: int = 20,
    seed: int = 0,
    most_states: int = 4,
    near: GaussianRegimes | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> GaussianRegimes:
    """Fit by expectation-maximisation (hmmlearn) from many starts; the likeliest of them is kept.

    Parameters
    ----------
    returns : (n,) or (n, d), a fraction a period; rows with a NaN are left out
    states : how many; None chooses among 2 to ``most_states`` by the lowest BIC (Schwarz 1978)
    starts : random starts. Of twenty on daily index returns few reach the best optimum
    seed : the same seed gives the same model
    near : a model of an earlier sample whose parameters are one more start
    cancelled : asked between starts

    Raises
    ------
    ValueError
        Too few rows, no variation, too many states, or no start gave a usable model.
    """
    data = _two(returns)
    data = data[np.isfinite(data).all(axis=1)]
    counts = range(2, most_states + 1) if states is None else (states,)
    if not all(1 <= count <= MOST_STATES for count in counts):
        raise ValueError(f"a model has 1 to {MOST_STATES} states")
    if len(data) < 25 * max(counts):
        raise ValueError(
            f"{len(data)} returns are too few for {max(counts)} states: {25 * max(counts)} at least"
        )
    scale = data.std(axis=0)
    if not (scale > 0).all():
        raise ValueError("a series does not move: there are no regimes to tell apart")
    fitted: list[GaussianRegimes] = []
    for count in counts:
        known = near if near is not None and near.states == count else None
        found = _best(data, scale, count, starts, seed, known, cancelled)
        if found is not None:
            fitted.append(found)
    if not fitted:
        raise ValueError("no start led to states that each hold a hundredth of the sample: take fewer states")
    return min(fitted, key=lambda each: each.bic)


def _best(
    data: Floats,
    scale: Floats,
    count: int,
    starts: int,
    seed: int,
    near: GaussianRegimes | None,
    cancelled: Callable[[], bool],
) -> GaussianRegimes | None:
    """The likeliest usable model of ``count`` states."""
    centre = data.mean(axis=0)
    # hmmlearn's prior on covariances is absolute: on raw daily returns it inflates the calm state by up to two thirds
    scaled = (data - centre) / scale
    firsts = [*_by_volatility(scaled, count), *([_rescaled(near, centre, scale)] if near else [])]
    short: list[Parameters] = []
    for at in range(starts + len(firsts)):
        if cancelled():
            break
        first = firsts[at] if at < len(firsts) else None
        found = _run(scaled, count, seed + at, first, _SHORT)
        if found is not None:
            short.append(found)
    # many short runs, and only the likeliest of them to the end (Biernacki, Celeux and Govaert 2003, em-EM)
    short.sort(key=lambda each: each.score, reverse=True)
    long = [_run(scaled, count, seed, each, _LONG) for each in short[:_POLISHED]]
    usable = [each for each in long if each is not None and _usable(each)]
    if not usable:
        return None
    top = max(usable, key=lambda each: each.score)
    alike = sum(each.score > top.score - 1.0 for each in usable)
    return _ordered(top, centre, scale, len(scaled), (len(long), alike))


@dataclass(frozen=True, slots=True)
class Parameters:
    """A model of the scaled sample, with its log-likelihood and each state's share of the days."""

    start: Floats
    transition: Floats
    means: Floats
    covariances: Floats
    score: float
    shares: Floats


def _by_volatility(scaled: Floats, count: int) -> list[Parameters]:
    """A start from the data: days parted by the quantiles of their recent size; none where one part is empty."""
    size = np.abs(scaled[:, 0])
    kernel = np.exp(-np.arange(20) / 7.0)
    recent = np.convolve(size, kernel / kernel.sum())[: len(size)]
    group = np.searchsorted(np.quantile(recent, np.linspace(0, 1, count + 1)[1:-1]), recent)
    width = scaled.shape[1]
    if np.bincount(group, minlength=count).min() <= width:
        return []
    means = np.array([scaled[group == each].mean(axis=0) for each in range(count)])
    covariances = np.array(
        [np.cov(scaled[group == each], rowvar=False).reshape(width, width) for each in range(count)]
    )
    transition = np.full((count, count), 0.03 / max(count - 1, 1))
    np.fill_diagonal(transition, 0.97 if count > 1 else 1.0)
    even = np.full(count, 1.0 / count)
    return [Parameters(even, transition, means, covariances + 1e-3 * np.eye(width), -np.inf, even)]


def _rescaled(near: GaussianRegimes, centre: Floats, scale: Floats) -> Parameters:
    means, covariances = (near.means - centre) / scale, near.covariances / np.outer(scale, scale)
    return Parameters(near.start, near.transition, means, covariances, -np.inf, near.start)


def _run(
    scaled: Floats, count: int, seed: int, first: Parameters | None, iterations: int
) -> Parameters | None:
    """Expectation-maximisation for so many steps; None where a state collapsed on the way."""
    import logging

    from hmmlearn.hmm import GaussianHMM

    logging.getLogger("hmmlearn").setLevel(
        logging.ERROR
    )  # its word that a run did not converge goes to stderr
    model = GaussianHMM(
        count, covariance_type="full", covars_prior=0.0, min_covar=1e-6, n_iter=iterations, tol=1e-3,
        random_state=seed, init_params="" if first else "stmc", implementation="scaling",
    )  # fmt: skip
    if first is not None:
        model.startprob_, model.transmat_ = first.start, first.transition
        model.means_, model.covars_ = first.means, first.covariances
    try:
        model.fit(scaled)
        score, posterior = model.score_samples(scaled)
    except (ValueError, FloatingPointError, np.linalg.LinAlgError):
        return None
    covariances = np.asarray(model.covars_)
    if not np.isfinite(score) or np.linalg.eigvalsh(covariances).min() <= 0:
        return None
    shares = posterior.mean(axis=0)
    return Parameters(model.startprob_, model.transmat_, model.means_, covariances, float(score), shares)


def _usable(found: Parameters) -> bool:
    """Whether its states are regimes, and none has collapsed on a few days."""
    smallest = np.linalg.eigvalsh(found.covariances).min()
    return bool(found.shares.min() >= _LEAST_SHARE and smallest >= _LEAST_VARIANCE)


def _ordered(
    found: Parameters, centre: Floats, scale: Floats, count: int, runs: tuple[int, int]
) -> GaussianRegimes:
    """The model in the units of what was fitted, its states by volatility and named."""
    order = np.argsort(found.covariances[:, 0, 0], kind="stable")
    means = found.means[order] * scale + centre
    covariances = found.covariances[order] * np.outer(scale, scale)
    states, width = means.shape
    score = found.score - count * float(np.log(scale).sum())  # of what was given, not of what was scaled
    free = (states - 1) + states * (states - 1) + states * width + states * width * (width + 1) // 2
    names = regime_names(means[:, 0], np.sqrt(covariances[:, 0, 0]), found.shares[order] * count)
    return GaussianRegimes(
        found.start[order], found.transition[np.ix_(order, order)], means, covariances, names, score,
        -2.0 * score + free * float(np.log(count)), count, *runs,
    )  # fmt: skip


def regime_names(means: Floats, volatilities: Floats, days: Floats) -> tuple[str, ...]:
    """Names of states in order of volatility: how wild, and whether prices rose or fell in it.

    A mean within one standard error of zero (volatility / root of the state's days) counts as flat.
    """
    words = {
        1: ("all",), 2: ("calm", "wild"), 3: ("calm", "moderate", "wild"),
        4: ("calm", "moderate", "wild", "crisis"), 5: ("calm", "mild", "moderate", "wild", "crisis"),
        6: ("still", "calm", "mild", "moderate", "wild", "crisis"),
    }[len(means)]  # fmt: skip
    errors = volatilities / np.sqrt(np.maximum(days, 1.0))
    return tuple(
        f"{word}, {'flat' if abs(mean) < error else 'rising' if mean > 0 else 'falling'}"
        for word, mean, error in zip(words, means, errors, strict=True)
    )


def _two(returns: Floats) -> Floats:
    data = np.asarray(returns, dtype=np.float64)
    return data[:, None] if data.ndim == 1 else data

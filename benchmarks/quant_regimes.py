"""Filtered probabilities of a hidden Markov model in one pass, beside hmmlearn asked for every prefix.

hmmlearn has no filter: the last row of ``predict_proba`` of a prefix is the filtered probability of its last day.
Both sides have the same parameters, and their answers are held to be the same on every tenth day first.
"""

from __future__ import annotations

import time
from statistics import median

import hmmlearn
import numpy as np
from hmmlearn.hmm import GaussianHMM

from engine.quant.regimes import fit_gaussian, walk_forward

DAYS = 2520


def returns(seed: int = 3) -> np.ndarray:
    """Ten years of days in two states."""
    rng = np.random.default_rng(seed)
    states = np.zeros(DAYS, dtype=np.int64)
    moves = np.array([[0.985, 0.015], [0.04, 0.96]])
    for at in range(1, DAYS):
        states[at] = rng.choice(2, p=moves[states[at - 1]])
    return rng.normal(np.array([0.0008, -0.001])[states], np.array([0.006, 0.02])[states])


def seconds(work: object, rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        start = time.process_time()
        work()  # type: ignore[operator]
        taken.append(time.process_time() - start)
    return median(taken)


def main() -> None:
    data = returns()
    model = fit_gaussian(data, 2, starts=6)
    twin = GaussianHMM(2, covariance_type="full")
    twin.startprob_, twin.transmat_ = model.start, model.transition
    twin.means_, twin.covars_ = model.means, model.covariances

    def prefixes(step: int = 1) -> np.ndarray:
        return np.array([twin.predict_proba(data[: n + 1, None])[-1] for n in range(0, DAYS, step)])

    np.testing.assert_allclose(model.filter(data).probabilities[::10], prefixes(10), atol=1e-8)
    ours = seconds(lambda: model.filter(data), 15)
    theirs = seconds(prefixes, 1)
    fit = seconds(lambda: fit_gaussian(data, 2, starts=20), 3)
    plain = seconds(lambda: [GaussianHMM(2, n_iter=400, tol=1e-3, covars_prior=0.0, random_state=s).fit(
        (data / data.std())[:, None]) for s in range(20)], 1)  # fmt: skip
    walked = seconds(lambda: walk_forward(data, 2), 1)
    versions = f"hmmlearn {hmmlearn.__version__}, numpy {np.__version__}"
    print(f"{DAYS:,} days, two states; seconds of the processor; {versions}\n")
    print("| | seconds | theirs / ours |\n|---|---:|---:|")
    print(f"| filtered, one pass | {ours:.4f} | |")
    print(f"| hmmlearn, every prefix | {theirs:.2f} | {theirs / ours:,.0f} |")
    print(f"| a fit, twenty starts, the three likeliest to the end | {fit:.2f} | |")
    print(f"| hmmlearn, twenty starts all to the end | {plain:.2f} | {plain / fit:.1f} |")
    print(f"| walked forward, {len(range(504, DAYS, 126))} refits | {walked:.2f} | |")


if __name__ == "__main__":
    main()

"""Hidden chains of textbooks, and Markov switching as Hamilton, EViews and Stata published it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from engine.quant.regimes import (
    MarkovSwitching,
    at_parameters,
    backward,
    fit_markov,
    forward,
    smooth,
    viterbi,
)
from tests.quant.golden import dataset

# EViews' and Stata's estimates, from which the search begins: the optimum is theirs only if the search stays
HAMILTON = [
    0.754673,
    0.095915,
    -0.358811,
    1.163516,
    0.5913684624037406,
    0.013486,
    -0.057521,
    -0.246983,
    -0.212923,
]
STATA = [0.9820939, 0.0503587, 3.70877, 9.556793, 4.441817583844001]


def chain(inputs: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if "likelihood" in inputs:
        likelihood = np.array(inputs["likelihood"])
    else:
        likelihood = np.array(inputs["emission"]).T[inputs["obs"]]
    return np.log(likelihood), np.array(inputs["start"]), np.array(inputs["trans"])


def viterbi_of(inputs: Mapping[str, Any], quantity: str) -> Any:
    path, score = viterbi(*chain(inputs))
    return {"path probability": np.exp(score), "log probability": score}.get(quantity, path.tolist())


def alpha(inputs: Mapping[str, Any], quantity: str) -> Any:
    found = forward(*chain(inputs))
    at = inputs["t"]
    return found.probabilities[at] * np.exp(found.increments[: at + 1].sum())


def beta(inputs: Mapping[str, Any], quantity: str) -> Any:
    """Backward variables unscaled: of the last row one, of each before it what the rows say, by total probability."""
    log_likelihood, start, transition = chain(inputs)
    at = inputs["t"]
    scaled = backward(log_likelihood, transition)[at]
    joint = forward(log_likelihood, start, transition)
    here = joint.probabilities[at] * np.exp(joint.increments[: at + 1].sum())
    return scaled * np.exp(joint.log_likelihood) / (here @ scaled)


def smoothed(inputs: Mapping[str, Any], quantity: str) -> Any:
    return smooth(*chain(inputs))[inputs["t"]]


def filtered(inputs: Mapping[str, Any], quantity: str) -> Any:
    return forward(*chain(inputs)).probabilities[inputs["t"]]


@cache
def hamilton() -> MarkovSwitching:
    return fit_markov(np.array(dataset("hamilton_rgnp")), order=4, switching_variance=False, start=HAMILTON)


@cache
def hamilton_given() -> MarkovSwitching:
    return at_parameters(np.array(dataset("hamilton_rgnp")), HAMILTON, order=4)


@cache
def fed_funds() -> MarkovSwitching:
    return fit_markov(np.array(dataset("fedfunds")), switching_variance=False, searches=3)


@cache
def fed_funds_given() -> MarkovSwitching:
    return at_parameters(np.array(dataset("fedfunds")), STATA)


WORDS = {
    "p[0->0]": "p[0->0]", "p[1->0]": "p[1->0]", "mu0": "const[0]", "mu1": "const[1]", "const0": "const[0]",
    "const1": "const[1]", "sigma2": "sigma2", "ar1": "ar.L1", "ar2": "ar.L2", "ar3": "ar.L3", "ar4": "ar.L4",
}  # fmt: skip

CASES = {
    "hmm_viterbi": viterbi_of,
    "hmm_forward": alpha,
    "hmm_backward": beta,
    "hmm_smoothed": smoothed,
    "hmm_filtered": filtered,
    "hmm_loglik": lambda inputs, quantity: forward(*chain(inputs)).log_likelihood,
    "markov_ar4_loglik": lambda inputs, quantity: hamilton_given().log_likelihood,
    "markov_ar4_mle": lambda inputs, quantity: hamilton().parameters[WORDS[quantity]],
    # state 1, the higher mean, is the expansion; the file counts observations with the four lags
    "markov_ar4_filtered": lambda inputs, quantity: hamilton_given().filtered[inputs["t"] - 4, 1],
    "markov_ar4_smoothed": lambda inputs, quantity: hamilton_given().smoothed[inputs["t"] - 4, 1],
    "markov_regression_loglik": lambda inputs, quantity: fed_funds_given().log_likelihood,
    "markov_regression_mle": lambda inputs, quantity: fed_funds().parameters[WORDS[quantity]],
    "markov_regression_se": lambda inputs, quantity: fed_funds().standard_errors[WORDS[quantity]],
    "markov_regression_filtered": lambda inputs, quantity: fed_funds_given().filtered[inputs["t"], 0],
    "markov_regression_smoothed": lambda inputs, quantity: fed_funds_given().smoothed[inputs["t"], 0],
}

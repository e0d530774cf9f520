"""NIST's Statistical Reference Datasets: linear regression and univariate statistics."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from engine.quant.factors import Regression, moments, regress
from tests.quant.golden import Case, dataset

_WAMPLER = {"Wampler1": 1.0, "Wampler2": 10.0}  # y = sum over k = 0..5 of (x / scale)^k, x = 0..20


@cache
def fit(name: str) -> Regression:
    if name in _WAMPLER:
        x = np.arange(21.0)
        powers = np.column_stack([x**k for k in range(6)])
        y = (powers / _WAMPLER[name] ** np.arange(6)).sum(axis=1)
        return regress(y, powers[:, 1:])
    data = dataset("nist_strd")[name]
    x = np.array(data["X"] if "X" in data else data["x"])
    return regress(data["y"], x, intercept=not name.startswith("NoInt"))


def ols(inputs: Mapping[str, Any], quantity: str) -> float:
    found = fit(inputs["dataset"])
    if quantity == "r_squared":
        return found.r_squared
    if quantity == "residual_sd":
        return found.residual_deviation
    place = int(inputs["param"][1:]) - (0 if found.intercept else 1)
    values = {"coefficient": found.coefficients, "std_error": found.standard_errors}
    return float(values[quantity][place])


def univariate(inputs: Mapping[str, Any], quantity: str) -> float:
    values = dataset("nist_strd")[inputs["dataset"]]
    assert len(values) == inputs["n"]
    found = moments(values)
    told = {"mean": found.mean, "sd": found.deviation, "lag1_autocorr": found.autocorrelation}
    return told[quantity]


CASES: Mapping[str, Case] = {"ols": ols, "univariate": univariate}

"""GARCH(1,1) on Bollerslev and Ghysels' marks and pounds; unit roots of US inflation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from engine.quant import risk
from tests.quant.golden import Case, dataset

Inputs = Mapping[str, Any]
_FIELDS = {
    "mu": "mean",
    "omega": "omega",
    "alpha": "alpha",
    "alpha[1]": "alpha",
    "beta": "beta",
    "beta[1]": "beta",
}


@cache
def _fit(exact: bool) -> risk.Garch:
    return risk.fit_garch(dataset("dem2gbp"), exact=exact)


def _mle(inputs: Inputs, quantity: str) -> float:
    value: float = getattr(_fit("backcast" not in inputs), _FIELDS[quantity])
    return value


def _errors(inputs: Inputs, quantity: str) -> float:
    return dict(zip(("mu", "omega", "alpha", "beta"), _fit(True).standard_errors, strict=True))[quantity]


def _unit_root(test: Any) -> Case:
    def answer(inputs: Inputs, quantity: str) -> float:
        options = {name: inputs[name] for name in ("lags", "trend") if name in inputs}
        if "test_type" in inputs:
            options["statistic"] = inputs["test_type"]
        found = test(dataset("us_inflation_macrodata"), **options)
        value: float = {"stat": found.statistic, "pvalue": found.p_value}[quantity]
        return value

    return answer


CASES: Mapping[str, Case] = {
    "garch11_mle": _mle,
    "garch11_se_hessian": _errors,
    "adf": _unit_root(risk.augmented_dickey_fuller),
    "kpss": _unit_root(risk.kpss),
    "phillips_perron": _unit_root(risk.phillips_perron),
    "dfgls": _unit_root(risk.dickey_fuller_gls),
}

"""Value at risk and expected shortfall: books' examples, PerformanceAnalytics' baseline, Danish fire losses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.quant import risk
from tests.quant.golden import Case, dataset

Inputs = Mapping[str, Any]


def _parametric(inputs: Inputs, quantity: str) -> float:
    deviation = inputs["sigma_annual"] / np.sqrt(inputs["days"])
    word = inputs["distribution"]
    tail = (
        risk.normal_tail(0.0, deviation, inputs["alpha"])
        if word == "normal"
        else risk.t_tail(0.0, deviation, float(word.removeprefix("t")), inputs["alpha"])
    )
    return inputs["position"] * tail[0 if inputs["measure"] == "VaR" else 1]


def _normal(inputs: Inputs, quantity: str) -> float:
    deviation = inputs["sigma_daily"] * np.sqrt(inputs["days"])
    return inputs["position"] * risk.normal_tail(0.0, deviation, inputs["confidence"])[0]


def _portfolio(inputs: Inputs, quantity: str) -> float:
    a, b = inputs["sigmas"]
    covariance = np.array([[a * a, inputs["rho"] * a * b], [inputs["rho"] * a * b, b * b]]) * inputs["days"]
    return risk.normal_components([0.0, 0.0], covariance, [1.0, 1.0], inputs["confidence"]).total


def _edhec() -> np.ndarray:
    return np.asarray(dataset("edhec_first100")["edhec_first100_col0"])


def _gaussian(inputs: Inputs, quantity: str) -> float:
    return -risk.normal_risk(_edhec(), inputs["p"], ddof=0).value_at_risk


def _gaussian_shortfall(inputs: Inputs, quantity: str) -> float:
    return -risk.normal_risk(_edhec(), inputs["p"], ddof=0).expected_shortfall


def _cornish_fisher(inputs: Inputs, quantity: str) -> float:
    return -risk.cornish_fisher_risk(_edhec(), inputs["p"]).value_at_risk


def _historical(inputs: Inputs, quantity: str) -> float:
    return -risk.historical_risk(_edhec(), inputs["p"]).value_at_risk


def _gaussian_portfolio(inputs: Inputs, quantity: str) -> float:
    values = np.asarray(dataset("edhec_first100")["edhec_first100_cols0_2"])
    matrix = risk.sample_covariance(values).matrix  # divided by n - 1 there, by n for one asset
    return risk.normal_components(values.mean(axis=0), matrix, inputs["weights"], inputs["p"]).total


def _fire(inputs: Inputs) -> risk.Pareto:
    return risk.fit_pareto(dataset("danish_fire"), inputs["threshold"])


CASES: Mapping[str, Case] = {
    "var_es_parametric": _parametric,
    "normal_quantile": lambda i, q: risk.normal_tail(0.0, 1.0, i["confidence"])[0],
    "ewma_effective_days": lambda i, q: risk.ewma_effective_days(i["lambda"], i["tolerance"]),
    "ewma_update": lambda i, q: np.sqrt(risk.ewma_step(i["sigma_prev"] ** 2, i["u"], i["lambda"])),
    "garch_update": lambda i, q: np.sqrt(
        risk.garch_step(i["sigma_prev"] ** 2, i["u"], i["omega"], i["alpha"], i["beta"])
    ),
    "garch_long_run": lambda i, q: np.sqrt(risk.garch_long_run(i["omega"], i["alpha"], i["beta"])),
    "var_normal": _normal,
    "var_portfolio_normal": _portfolio,
    "var_gaussian": _gaussian,
    "var_cornish_fisher": _cornish_fisher,
    "var_historical": _historical,
    "es_gaussian": _gaussian_shortfall,
    "es_historical": lambda i, q: -risk.shortfall_beyond(_edhec(), i["p"]),
    "var_gaussian_portfolio": _gaussian_portfolio,
    "gpd_exceedances": lambda i, q: _fire(i).peaks,
    "gpd_mle": lambda i, q: {"xi": _fire(i).shape, "beta": _fire(i).scale}[q],
    "evt_var": lambda i, q: risk.pareto_tail(_fire(i), i["p"])[0],
    "evt_es": lambda i, q: risk.pareto_tail(_fire(i), i["p"])[1],
}

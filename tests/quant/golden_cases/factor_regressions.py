"""Petersen's panel of 5,000 firm-years, and Fama-French regressions of portfolios sorted by size and value."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from engine.quant.factors import Regression, fama_macbeth, regress
from tests.quant.golden import Case, dataset


@cache
def table(name: str) -> dict[str, np.ndarray]:
    rows = dataset(name)
    return {key: np.array([float(row[key]) for row in rows]) for key in rows[0] if key != "dates"}


@cache
def petersen(method: str) -> Regression:
    data = table("petersen")
    firm, year = data["firm"], data["year"]
    clusters = {"cluster_firm": [firm], "cluster_year": [year], "cluster_firm_year": [firm, year]}
    if method in clusters:
        return regress(data["y"], data["x"], covariance="cluster", groups=clusters[method])
    return regress(data["y"], data["x"], covariance="white" if method == "white_HC1" else "ols")


@cache
def cross_sections() -> Any:
    """Firms and years are whole: 500 firms in each of 10 years, and x of a year explains y of that year."""
    data = table("petersen")
    order = np.lexsort((data["firm"], data["year"]))
    y, x = (data[key][order].reshape(10, 500) for key in ("y", "x"))
    return fama_macbeth(y, x, lag=0, lags=0)


def panel_regression(inputs: Mapping[str, Any], quantity: str) -> float:
    place = {"const": 0, "x": 1}[quantity.split("_")[1]]
    if inputs["method"] == "fama_macbeth":
        premia = cross_sections()
        return float((premia.mean if quantity.startswith("coef") else premia.standard_errors)[place])
    found = petersen(inputs["method"])
    return float((found.coefficients if quantity.startswith("coef") else found.standard_errors)[place])


def ff3_timeseries(inputs: Mapping[str, Any], quantity: str) -> float:
    data = table("french_linearmodels")
    factors = np.column_stack([data[name] for name in ("MktRF", "SMB", "HML")])
    lags = int(inputs["cov"].split("=")[1]) if "cov" in inputs else 0
    kind = "newey-west" if lags else "ols"
    excess = data[inputs["portfolio"]] - data["RF"]
    found = regress(
        excess, factors, covariance=kind, lags=lags, small_sample=False
    )  # as statsmodels' default
    if quantity == "t_alpha":
        return float(found.t_statistics[0])
    return float(found.coefficients[["alpha", "b_mkt", "s_smb", "h_hml"].index(quantity)])


CASES: Mapping[str, Case] = {"panel_regression": panel_regression, "ff3_timeseries": ff3_timeseries}

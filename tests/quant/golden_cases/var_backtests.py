"""Backtests of value at risk: Kupiec's and Christoffersen's tests as Jorion tabulates them, Basel's table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.quant import risk
from tests.quant.golden import Case

Inputs = Mapping[str, Any]


def _region(inputs: Inputs, quantity: str) -> int:
    low, high = risk.kupiec_region(inputs["p"], inputs["T"], inputs["test_confidence"])
    return low if quantity.startswith("lower") else high


def _christoffersen(inputs: Inputs, quantity: str) -> float:
    counts = inputs["n00"], inputs["n01"], inputs["n10"], inputs["n11"]
    apart = risk.christoffersen_independence(*counts)
    if quantity == "LR_ind":
        return apart.statistic
    hits = inputs["n01"] + inputs["n11"]
    return risk.conditional_coverage(risk.kupiec(hits, sum(counts), inputs["p"]), apart).statistic


def _light(inputs: Inputs, quantity: str) -> float:
    found = risk.traffic_light(inputs["exceptions"], inputs["T"], 1 - inputs["p"])
    assert found.zone == inputs["zone"]
    return found.probability


CASES: Mapping[str, Case] = {
    "kupiec_region": _region,
    "kupiec_lr": lambda i, q: risk.kupiec(i["x"], i["T"], i["p"]).statistic,
    "christoffersen_lr": _christoffersen,
    "binomial_tail": lambda i, q: risk.binomial_tail(i["k"], i["n"], i["p"]),
    "binomial_cdf": lambda i, q: risk.binomial_cdf(i["k"], i["n"], i["p"]),
    "basel_traffic_light": _light,
    "basel_plus_factor": lambda i, q: risk.plus_factor(i["exceptions"]),
}

"""Bailey & Lopez de Prado (2012, 2014) and Lo (2002): the papers' numbers."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Any

from engine.quant import performance as p

Inputs = Mapping[str, Any]


def psr(i: Inputs, quantity: str) -> Any:
    return p.probabilistic_sharpe_ratio(i["sr"], i["n"], i["skew"], i["kurtosis"], i["sr_benchmark"])


def minimum_years(i: Inputs, quantity: str) -> Any:
    """Years: the papers' ratios are annual, ours a period's."""
    year = i["periods_per_year"]
    a_period = i["sr_annual"] / sqrt(year), i["sr_benchmark_annual"] / sqrt(year)
    needed = p.minimum_track_record(a_period[0], i["skew"], i["kurtosis"], a_period[1], i["confidence"])
    return needed / year


CASES = {
    "psr": psr,
    "expected_max_sharpe": lambda i, _: p.expected_maximum_sharpe(i["n_trials"], i["var_trials"]),
    "dsr": lambda i, _: p.deflated_sharpe_ratio(
        i["sr"], i["n"], i["n_trials"], i["var_trials"], i["skew"], i["kurtosis"]
    ),
    "min_track_record_length": minimum_years,
    "sharpe_se_iid": lambda i, _: p.sharpe_standard_error(i["sr"], i["T"]),
}

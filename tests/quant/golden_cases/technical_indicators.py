"""TA-Lib's own regression tables, Wilder's SAR, and ChartSchool's RSI, from the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from engine.quant import indicators
from tests.quant.golden import dataset

# what the tables call parameters and outputs, and what the catalogue does
_PARAMETERS = {
    "fast": "fastperiod", "slow": "slowperiod", "signal": "signalperiod", "p1": "timeperiod1", "p2": "timeperiod2",
    "p3": "timeperiod3", "fastk": "fastk_period", "slowk": "slowk_period", "slowd": "slowd_period",
    "slowk_ma": "slowk_matype", "slowd_ma": "slowd_matype",
}  # fmt: skip
_OUTPUTS = {
    "hist": "histogram", "slowk": "slow_k", "slowd": "slow_d", "aroonup": "up", "aroondown": "down",
}  # fmt: skip


def _bars(name: str) -> dict[str, np.ndarray]:
    kept = dataset(name)
    fields = kept if isinstance(kept, dict) else {"close": kept}
    return {field: np.array(values, float) for field, values in fields.items()}


def compute(name: str, inputs: Mapping[str, Any], quantity: str) -> float:
    params = {_PARAMETERS.get(key, key): value for key, value in inputs.get("params", {}).items()}
    if name == "MACDEXT":  # the table's rows are of exponential averages, which it does not name
        params |= dict.fromkeys(("fastmatype", "slowmatype", "signalmatype"), "EMA")
    lines = indicators.compute(name, _bars(inputs["dataset"]), **params)
    output = _OUTPUTS.get(quantity, quantity)
    line = next(iter(lines.values())) if quantity == "real" else lines[output]
    return float(line[inputs["bar_index"]])


FUNCTIONS = (
    "RSI CMO BBANDS MACD MACDEXT MINUS_DI PLUS_DI MINUS_DM PLUS_DM ADXR DX ADX NATR ULTOSC WILLR CCI MOM ROC ROCR "
    "ROCR100 STDDEV CORREL AROON AROONOSC AD ADOSC MFI TRIX APO PPO SAR STOCH TRANGE ATR AVGPRICE BOP"
)
CASES: dict[str, Callable[[Mapping[str, Any], str], float]] = {
    name: partial(compute, name) for name in FUNCTIONS.split()
}

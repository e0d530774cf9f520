"""SVI and SABR: Gatheral and Jacquier's worked examples, QuantLib's own test values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.quant.surface import (
    JumpWingSvi,
    RawSvi,
    check_arbitrage,
    jump_wings_to_raw,
    raw_to_jump_wings,
    sabr_implied_volatility,
    svi_total_variance,
    without_butterflies,
)

Inputs = Mapping[str, Any]


def _raw(inputs: Inputs) -> RawSvi:
    return RawSvi(*(inputs[name] for name in ("a", "b", "rho", "m", "sigma")))


def _jump_wings(inputs: Inputs, quantity: str) -> Any:
    wings = raw_to_jump_wings(_raw(inputs), inputs["t"])
    return getattr(
        wings, {"v_t": "v", "psi_t": "psi", "p_t": "p", "c_t": "c", "v_tilde_t": "v_tilde"}[quantity]
    )


def _arbitrage(raw: RawSvi, years: float) -> float:
    one = RawSvi(*(np.atleast_1d(np.asarray(each, dtype=float)) for each in raw.values))
    return float(not check_arbitrage(one, np.array([years])).butterfly_free[0])


def _of_wings(inputs: Inputs, quantity: str) -> float:
    names = ("v", "psi", "p", "c", "v_tilde")
    wings = JumpWingSvi(*(inputs[name] for name in names), inputs["t"])
    return _arbitrage(jump_wings_to_raw(wings), inputs["t"])


def _fix(inputs: Inputs, quantity: str) -> Any:
    if quantity.startswith("c_tilde"):
        return without_butterflies(JumpWingSvi(inputs["v"], inputs["psi"], inputs["p"], 1.0, 0.01, 1.0)).c
    # the skew at which c = p + 2 psi is the row's own c
    psi = (inputs["c"] - inputs["p"]) / 2
    return without_butterflies(JumpWingSvi(inputs["v"], psi, inputs["p"], 1.0, 0.01, 1.0)).v_tilde


def _smile(inputs: Inputs, quantity: str) -> float:
    w = float(svi_total_variance(inputs["k"], _raw(inputs)))
    return w if quantity == "total_variance" else float(np.sqrt(w / inputs["t"]))


def _sabr(inputs: Inputs, quantity: str) -> float:
    names = ("K", "F", "T", "alpha", "beta", "nu", "rho")
    return float(sabr_implied_volatility(*(inputs[name] for name in names)))


CASES = {
    "svi_raw_to_jw": _jump_wings,
    "svi_butterfly_arbitrage": lambda inputs, quantity: _arbitrage(_raw(inputs), inputs["t"]),
    "svi_jw_no_arbitrage": _of_wings,
    "svi_jw_fix": _fix,
    "svi_raw": _smile,
    "sabr_hagan2002_lognormal": _sabr,
}

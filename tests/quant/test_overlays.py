"""Overlays against TA-Lib's published reference values, slow twins, and causality."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.quant.overlays import overlay

GOLDEN = Path(__file__).parents[2].parent / "shared" / "golden"
closes = arrays(np.float64, st.integers(1, 60), elements=st.floats(0.0625, 1e5))


def golden() -> list[tuple[str, int, int, str, float, float]]:
    """(name, length, bar, quantity, expected, tolerance) of TA-Lib's own regression tables."""
    path = GOLDEN / "technical_indicators.csv"
    if not path.is_file():
        return []
    found = []
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            inputs = json.loads(row["inputs"])
            params = inputs.get("params", {})
            plain = inputs.get("compatibility") == "default" and "bar_index" in inputs
            name = {"SMA": "SMA", "EMA": "EMA", "BBANDS": "BB"}.get(row["function"])
            bands = params.get("matype") == "SMA" and params.get("nbdevup") == params.get("nbdevdn") == 2.0
            if name and plain and (name != "BB" or bands):
                place = (name, params["timeperiod"], inputs["bar_index"], row["quantity"])
                found.append((*place, float(row["expected"]), float(row["tol"])))
    return found


@pytest.mark.shared
@pytest.mark.skipif(not GOLDEN.is_dir(), reason="../shared/golden is not here")
def test_golden_values_of_ta_lib() -> None:
    close = np.asarray(
        json.loads((GOLDEN / "datasets" / "talib_ref_252.json").read_text())["close"], dtype=float
    )
    rows = golden()
    assert rows
    for name, length, bar, quantity, expected, tolerance in rows:
        lines = overlay(name, length, close)
        suffix = {"upper": " upper", "lower": " lower"}.get(quantity, "")
        # the published values are truncated to the digits shown: tolerance as the table states it
        assert lines[f"{length}{name}{suffix}"][bar] == pytest.approx(expected, abs=tolerance), (name, bar)


@given(closes, st.integers(2, 20))
def test_the_simple_mean_is_the_mean_of_the_last_bars(close: np.ndarray, length: int) -> None:
    line = overlay("SMA", length, close)[f"{length}SMA"]
    for at in range(len(close)):
        if at + 1 < length:
            assert np.isnan(line[at])
        else:
            assert line[at] == pytest.approx(close[at + 1 - length : at + 1].mean(), rel=1e-9, abs=1e-9)


@given(closes, st.integers(2, 20))
def test_the_exponential_mean_is_seeded_with_the_first_simple_mean(close: np.ndarray, length: int) -> None:
    line = overlay("EMA", length, close)[f"{length}EMA"]
    if len(close) < length:
        assert np.isnan(line).all()
        return
    value, weight = close[:length].mean(), 2 / (length + 1)
    for at in range(length, len(close)):
        value += weight * (close[at] - value)
    assert line[-1] == pytest.approx(value, rel=1e-9)


@given(closes, st.integers(2, 20))
def test_bollinger_bands_are_two_population_deviations_away(close: np.ndarray, length: int) -> None:
    if len(close) < length:
        return
    lines = overlay("BB", length, close)
    window = close[-length:]
    deviation = window.std()
    assert lines[f"{length}BB"][-1] == pytest.approx(window.mean(), rel=1e-9)
    # TA-Lib sums squares in one pass: its deviation is exact to about 1e-7 of the level
    slack = 1e-6 * float(np.abs(window).max()) + 1e-9
    assert lines[f"{length}BB upper"][-1] == pytest.approx(window.mean() + 2 * deviation, abs=slack * 10)


@given(closes, st.integers(2, 20), st.sampled_from(["SMA", "EMA", "BB"]), st.integers(0, 59))
def test_later_bars_never_change_earlier_values(close: np.ndarray, length: int, name: str, cut: int) -> None:
    cut = min(cut, len(close) - 1)
    other = close.copy()
    other[cut + 1 :] = 1.0
    before, after = overlay(name, length, close), overlay(name, length, other)
    for label, line in before.items():
        np.testing.assert_array_equal(line[: cut + 1], after[label][: cut + 1])


def test_an_unknown_overlay_is_refused() -> None:
    with pytest.raises(ValueError, match="No indicator is called XMA"):
        overlay("XMA", 2, np.ones(5))

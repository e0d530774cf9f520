"""The catalogue tells what TA-Lib itself tells: functions, inputs, parameters, defaults, bounds, outputs."""

from __future__ import annotations

import numpy as np
import pytest
import talib
import talib.abstract

from engine.quant.indicators import AVERAGES, CATALOGUE, GROUPS, Indicator, compute, indicator, search
from engine.quant.indicators.indicator import Parameter

LIBRARY = talib.get_functions()
FIELDS = ("open", "high", "low", "close", "volume", "periods")


def told(name: str) -> dict[str, object]:
    return dict(talib.abstract.Function(name).info)


def test_no_function_of_ta_lib_is_missing() -> None:
    assert len(LIBRARY) >= 161
    assert set(LIBRARY) <= set(CATALOGUE)
    assert {each.name for each in CATALOGUE.values() if each.maths is None} == set(LIBRARY)


def test_what_ta_lib_lacks_is_there() -> None:
    lacking = {"PARKINSON", "GARMAN_KLASS", "ROGERS_SATCHELL", "YANG_ZHANG", "AVWAP", "ICHIMOKU"}
    assert lacking <= set(CATALOGUE)
    assert {indicator(name).name for name in ("KELTNER", "donchian", "Supertrend")} == {
        "KC", "DONCHIAN", "SUPERTREND",
    }  # fmt: skip


@pytest.mark.parametrize("name", LIBRARY)
def test_an_entry_says_what_ta_lib_says(name: str) -> None:
    entry, info = CATALOGUE[name], told(name)
    inputs: list[str] = []
    for value in info["input_names"].values():  # type: ignore[attr-defined]
        inputs += [value] if isinstance(value, str) else value
    assert list(entry.inputs) == inputs
    parameters = dict(info["parameters"])  # type: ignore[call-overload]
    numbers = {each.name: AVERAGES.get(str(each.default), each.default) for each in entry.parameters}
    assert numbers == parameters
    assert all(isinstance(numbers[key], type(value)) for key, value in parameters.items())
    assert len(entry.outputs) == len(info["output_names"])  # type: ignore[arg-type]
    assert entry.warm_up() == talib.abstract.Function(name).lookback


@pytest.mark.parametrize("name", LIBRARY)
def test_bounds_are_ta_libs(name: str) -> None:
    """TA-Lib takes what lies on a bound and refuses what lies beyond."""
    bars = {field: np.linspace(1.0, 2.0, 400) for field in FIELDS}
    for each in CATALOGUE[name].parameters:
        if each.kind == "average":
            continue
        step = 1 if each.kind == "integer" else 0.01
        for bound, beyond in ((each.minimum, each.minimum - step), (each.maximum, each.maximum + step)):
            together = name == "MAVP" and each.name == "minperiod" and bound == each.maximum
            if abs(bound) > 1e30 or together:  # a minperiod may not exceed the maxperiod
                continue
            cast = int if each.kind == "integer" else float
            assert taken(name, each, cast(bound), bars), f"{each.name}={bound}"
            assert not taken(name, each, cast(beyond), bars), f"{each.name}={beyond}"


def taken(name: str, parameter: Parameter, value: float, bars: dict[str, np.ndarray]) -> bool:
    function = talib.abstract.Function(name)
    function.set_parameters({parameter.name: value})
    try:
        function(bars)
    except Exception as fault:
        assert "Bad Parameter" in str(fault)
        return False
    return True


def test_averages_are_ta_libs() -> None:
    close = np.cumsum(np.random.default_rng(1).normal(0, 1, 200)) + 100
    for word, number in AVERAGES.items():
        mine = compute("MA", {"close": close}, timeperiod=10, matype=word)["ma"]
        np.testing.assert_array_equal(mine, talib.MA(close, 10, number))
        np.testing.assert_array_equal(
            mine, compute("MA", {"close": close}, timeperiod=10, matype=number)["ma"]
        )


def test_every_entry_can_be_read() -> None:
    for entry in CATALOGUE.values():
        assert entry.title
        assert entry.formula
        assert entry.group in GROUPS
        assert len({each.name for each in entry.outputs}) == len(entry.outputs)
        assert entry.maths is None or entry.source or entry.name == "CLOSE_VOL"


@pytest.mark.parametrize(
    ("name", "params", "words"),
    [
        ("RSI", {"timeperiod": 1}, "from 2 to 100000; 1 is none"),
        ("RSI", {"timeperiod": 14.5}, "a whole number"),
        ("RSI", {"timeperiod": float("nan")}, "a whole number"),
        ("RSI", {"length": 14}, "no parameter length: it takes timeperiod"),
        ("OBV", {"timeperiod": 14}, "it takes no parameters"),
        ("MAMA", {"fastlimit": 1.0}, "a number from 0.01 to 0.99"),
        ("BBANDS", {"matype": "XMA"}, "SMA, EMA"),
        ("SAR", {"maximum": -1.0}, "of 0 or more"),
        ("RSO", {}, "No indicator is called RSO. Near it: "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(name: str, params: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=r"^[A-Z].*\.$") as raised:
        compute(name, {"close": np.ones(50), "high": np.ones(50), "low": np.ones(50)}, **params)
    assert words in str(raised.value)


def test_a_missing_field_is_named() -> None:
    with pytest.raises(ValueError, match="needs the field 'volume'; the bars have close"):
        compute("OBV", {"close": np.ones(50)})
    with pytest.raises(ValueError, match=r"one shape.*close \(50,\), volume \(49,\)"):
        compute("OBV", {"close": np.ones(50), "volume": np.ones(49)})
    with pytest.raises(ValueError, match="takes 2 inputs"):
        compute("CORREL", {"close": np.ones(50)}, inputs=("close",))
    bars = dict.fromkeys(FIELDS, np.ones(50))
    with pytest.raises(ValueError, match="give the bars' dates"):
        compute("AVWAP", bars, anchor="2020-01-01")
    with pytest.raises(ValueError, match="cannot be computed with minperiod=40, maxperiod=30"):
        compute("MAVP", bars, minperiod=40)


def test_searching() -> None:
    assert {each.name for each in search("wilder momentum")} >= {"RSI", "ADX"}
    assert [each.name for each in search("keltner")] == ["KC"]
    assert not search("no such thing")
    assert all(isinstance(each, Indicator) for each in search("doji"))

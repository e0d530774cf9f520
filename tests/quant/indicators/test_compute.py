"""Over series and panels, whole or with gaps: the same values as TA-Lib's of each symbol's own bars."""

from __future__ import annotations

import numpy as np
import pytest
import talib
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.indicators import CATALOGUE, Bars, compute, indicator

FIELDS = ("open", "high", "low", "close", "volume")


def market(days: int = 260, symbols: int = 4, seed: int = 3) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    close = 50 * np.exp(np.cumsum(rng.normal(0, 0.01, (days, symbols)), axis=0))
    open_ = close * np.exp(rng.normal(0, 0.004, close.shape))
    high = np.maximum(open_, close) * np.exp(np.abs(rng.normal(0, 0.004, close.shape)))
    low = np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0, 0.004, close.shape)))
    volume = rng.uniform(1e5, 1e6, close.shape)
    return {"open": open_, "high": high, "low": low, "close": close, "volume": volume}


@pytest.mark.parametrize("name", sorted(set(CATALOGUE) - {"MAVP", "ASIN", "ACOS"}))
def test_a_panel_is_its_symbols_one_by_one_with_gaps_taken_out(name: str) -> None:
    """Symbol 0 whole, 1 listed late, 2 halted for a while and again, 3 without any bar."""
    panel = market()
    panel["close"][:40, 1] = np.nan
    for field in FIELDS:
        panel[field][90:100, 2] = np.nan
    panel["open"][150, 2] = panel["close"][150, 2] = panel["volume"][150, 2] = np.inf
    panel["high"][150, 2] = np.nan
    for field in FIELDS:
        panel[field][:, 3] = np.nan
    found = compute(name, panel)
    entry = indicator(name)
    for symbol in range(4):
        rows = np.all([np.isfinite(panel[field][:, symbol]) for field in entry.inputs], axis=0)
        places = np.flatnonzero(rows)
        dense = {field: panel[field][places, symbol] for field in FIELDS}
        alone = compute(name, dense) if len(places) else {}
        for output in entry.outputs:
            expected = np.full(len(rows), np.nan)
            if len(places):
                expected[places] = alone[output.name]
            if "INDEX" in name:  # rows of the bars given
                expected = np.where(
                    np.isnan(expected),
                    np.nan,
                    places[np.nan_to_num(expected).astype(int)] if len(places) else np.nan,
                )
            np.testing.assert_allclose(found[output.name][:, symbol], expected, rtol=1e-13, atol=0)


@pytest.mark.parametrize("name", ["RSI", "MACD", "ATR", "BBANDS", "CDLENGULFING", "HT_TRENDMODE", "ADOSC"])
def test_values_are_ta_libs_own(name: str) -> None:
    bars = {field: np.ascontiguousarray(values[:, 0]) for field, values in market().items()}
    entry = indicator(name)
    own = getattr(talib, name)(*(bars[field] for field in entry.inputs))
    wait = entry.warm_up()
    for output, values in zip(entry.outputs, own if isinstance(own, tuple) else (own,), strict=True):
        mine = compute(name, bars)[output.name]
        assert np.isnan(mine[:wait]).all()
        np.testing.assert_array_equal(mine[wait:], values[wait:].astype(float))


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_the_first_value_comes_after_the_warm_up(name: str) -> None:
    bars = market(200, 1) | {"periods": np.full((200, 1), 5.0)}
    if name in ("ASIN", "ACOS"):
        bars["close"] = np.full((200, 1), 0.5)
    lines = compute(name, bars)
    first = min(int(np.isfinite(line[:, 0]).argmax()) for line in lines.values())
    assert any(np.isfinite(line).any() for line in lines.values())
    assert first == indicator(name).warm_up()


def test_places_are_rows_of_the_bars_given() -> None:
    close = np.array([np.nan, 5.0, 9.0, np.nan, 7.0, 8.0, 6.0, 10.0, 1.0])
    found = compute("MAXINDEX", {"close": close}, timeperiod=3)["row"]
    np.testing.assert_array_equal(found, [np.nan, np.nan, np.nan, np.nan, 2, 2, 5, 7, 7])


def test_shapes_and_memory_orders() -> None:
    close = market()["close"]
    whole = compute("SMA", {"close": close}, timeperiod=5)["sma"]
    assert whole.shape == close.shape
    np.testing.assert_array_equal(
        compute("SMA", {"close": np.asfortranarray(close)}, timeperiod=5)["sma"], whole
    )
    np.testing.assert_array_equal(compute("SMA", {"close": close[:, 1]}, timeperiod=5)["sma"], whole[:, 1])
    np.testing.assert_array_equal(compute("SMA", {"close": close[::-1][::-1]}, timeperiod=5)["sma"], whole)
    assert compute("SMA", {"close": close.astype(np.float32)}, timeperiod=5)["sma"].dtype == np.float64
    assert compute("SMA", {"close": np.empty((0, 3))})["sma"].shape == (0, 3)
    assert compute("SMA", {"close": np.empty(0)})["sma"].shape == (0,)
    assert compute("PARKINSON", {"high": np.empty(0), "low": np.empty(0)})["parkinson"].shape == (0,)
    assert compute("SMA", {"close": np.empty((5, 0))})["sma"].shape == (5, 0)
    assert np.isnan(compute("ICHIMOKU", dict.fromkeys(("high", "low", "close"), close[:3]))["base"]).all()


def test_prepared_bars_answer_the_same_and_are_not_changed() -> None:
    fields = market()
    kept = {name: values.copy() for name, values in fields.items()}
    bars = Bars(fields)
    for name in ("RSI", "MACD", "YANG_ZHANG", "CDLDOJI"):
        for output, line in compute(name, bars).items():
            np.testing.assert_array_equal(line, compute(name, fields)[output])
    for name, values in kept.items():
        np.testing.assert_array_equal(fields[name], values)


def test_other_inputs() -> None:
    fields = market()
    of_volume = compute("RSI", fields, inputs=("volume",))["rsi"]
    np.testing.assert_array_equal(of_volume, compute("RSI", {"close": fields["volume"]})["rsi"])
    same = compute("CORREL", fields, inputs=("close", "close"))["correl"]
    np.testing.assert_allclose(same[29:], 1.0, atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 30), st.integers(0, 60))
def test_bounded_indicators_keep_their_bounds(seed: int, length: int, gap: int) -> None:
    fields = market(120, 2, seed)
    fields["close"][20 : 20 + gap, 0] = np.nan
    for name in ("RSI", "WILLR", "MFI", "CMO", "ADX", "IMI", "AROONOSC", "CMF"):
        entry = indicator(name)
        values = next(iter(compute(name, fields, timeperiod=length).values()))
        known = values[np.isfinite(values)]
        assert entry.low is not None
        assert entry.high is not None
        assert (known >= entry.low - 1e-9).all(), name
        assert (known <= entry.high + 1e-9).all(), name


@pytest.mark.parametrize("name", sorted(set(CATALOGUE) - {"ASIN", "ACOS"}))
def test_seeded_says_what_depends_on_where_the_history_starts(name: str) -> None:
    fields = market(260, 1) | {"periods": np.full((260, 1), 5.0)}
    later = {field: values[37:] for field, values in fields.items()}
    entry = indicator(name)
    whole, short = compute(name, fields), compute(name, later)
    same = True
    for output in entry.outputs:
        moved = 37.0 if output.name.endswith("row") else 0.0
        a, b = whole[output.name][37:, 0], short[output.name][:, 0] + moved
        known = np.isfinite(b)
        same = same and bool(np.allclose(a[known], b[known], rtol=1e-7, atol=1e-7))
    assert same is not entry.seeded

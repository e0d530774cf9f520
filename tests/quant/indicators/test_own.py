"""What TA-Lib has not, against slow obvious twins and closed forms; and TA-Lib's channels against their own words."""

from __future__ import annotations

import numpy as np
import pytest

from engine.quant.indicators import compute
from tests.quant.indicators.test_compute import market

N = 21


def one(days: int = 120) -> dict[str, np.ndarray]:
    return {field: values[:, 0] for field, values in market(days).items()}


def twin(name: str, b: dict[str, np.ndarray], t: int) -> float:
    """The textbook's formula on the window that ends at ``t``, written out."""
    w = slice(t - N + 1, t + 1)
    o, h, low, c = (b[field][w] for field in ("open", "high", "low", "close"))
    before = b["close"][t - N : t] if t >= N else np.full(N, np.nan)
    rs = (np.log(h / c) * np.log(h / o) + np.log(low / c) * np.log(low / o)).mean()
    k = 0.34 / (1.34 + (N + 1) / (N - 1))
    variance = {
        "PARKINSON": (np.log(h / low) ** 2).mean() / (4 * np.log(2)),
        "GARMAN_KLASS": (0.5 * np.log(h / low) ** 2 - (2 * np.log(2) - 1) * np.log(c / o) ** 2).mean(),
        "ROGERS_SATCHELL": rs,
        "YANG_ZHANG": np.log(o / before).var(ddof=1) + k * np.log(c / o).var(ddof=1) + (1 - k) * rs,
        "CLOSE_VOL": np.log(c / before).var(ddof=1),
    }[name]
    return float(np.sqrt(252 * variance))


@pytest.mark.parametrize("name", ["PARKINSON", "GARMAN_KLASS", "ROGERS_SATCHELL", "YANG_ZHANG", "CLOSE_VOL"])
def test_range_volatilities_are_their_formulas(name: str) -> None:
    bars = one()
    (line,) = compute(name, bars, timeperiod=N).values()
    first = N if name in ("YANG_ZHANG", "CLOSE_VOL") else N - 1
    assert np.isnan(line[:first]).all()
    for t in range(first, len(line)):
        assert line[t] == pytest.approx(twin(name, bars, t), rel=1e-12)


@pytest.mark.parametrize("name", ["PARKINSON", "GARMAN_KLASS", "ROGERS_SATCHELL", "YANG_ZHANG", "CLOSE_VOL"])
def test_range_volatilities_find_the_volatility_that_was_simulated(name: str) -> None:
    """Brownian days of 800 steps, 20% a year. A path of steps never sees its true extremes: half a per cent low."""
    rng = np.random.default_rng(5)
    steps = rng.normal(0, 0.2 / np.sqrt(252 * 800), (2000, 800))
    path = np.cumsum(steps.ravel()).reshape(2000, 800)
    start = np.concatenate([[0.0], path[:-1, -1]])
    whole = np.column_stack([start, path])
    bars = {
        "open": np.exp(start), "high": np.exp(whole.max(axis=1)), "low": np.exp(whole.min(axis=1)),
        "close": np.exp(path[:, -1]),
    }  # fmt: skip
    (line,) = compute(name, bars, timeperiod=1900).values()
    assert line[-1] == pytest.approx(0.2, rel=0.05)


def test_prices_that_are_not_above_zero_have_no_volatility() -> None:
    bars = one()
    bars["low"][50] = -1.0
    (line,) = compute("PARKINSON", bars, timeperiod=5).values()
    assert np.isnan(line[50:55]).all()
    assert np.isfinite(line[55:]).all()


def test_a_flat_price_has_no_volatility() -> None:
    flat = dict.fromkeys(("open", "high", "low", "close"), np.full(40, 3.3))
    for name in ("PARKINSON", "GARMAN_KLASS", "ROGERS_SATCHELL", "YANG_ZHANG", "CLOSE_VOL"):
        (line,) = compute(name, flat).values()
        assert line[-1] == 0.0, name


def test_anchored_average_price() -> None:
    bars = one()
    bars["dates"] = np.datetime64("2020-01-01") + np.arange(120)
    (line,) = compute("AVWAP", bars, anchor="2020-02-10").values()
    typical = (bars["high"] + bars["low"] + bars["close"]) / 3
    assert np.isnan(line[:40]).all()
    for t in range(40, 120):
        assert line[t] == pytest.approx(np.average(typical[40 : t + 1], weights=bars["volume"][40 : t + 1]))
    since_the_first = compute("AVWAP", bars)["avwap"]
    np.testing.assert_allclose(since_the_first, compute("VWAP", bars)["vwap"], rtol=1e-12)


def test_nothing_traded_has_no_average_price() -> None:
    bars = one()
    bars["volume"][:7] = 0.0
    assert np.isnan(compute("AVWAP", bars)["avwap"][:7]).all()


def test_ichimoku_says_what_was_known_on_the_day() -> None:
    bars = one(150)
    lines = compute("ICHIMOKU", bars)

    def middle(t: int, n: int) -> float:
        w = slice(t - n + 1, t + 1)
        return float(bars["high"][w].max() + bars["low"][w].min()) / 2

    for t in range(80, 150):
        assert lines["conversion"][t] == middle(t, 9)
        assert lines["base"][t] == middle(t, 26)
        assert lines["span_a"][t] == (middle(t - 26, 9) + middle(t - 26, 26)) / 2
        assert lines["span_b"][t] == middle(t - 26, 52)
        assert lines["lagging"][t] == bars["close"][t] / bars["close"][t - 26] - 1
    assert np.isnan(lines["span_b"][: 51 + 26]).all()
    assert np.isfinite(lines["span_b"][51 + 26])
    flat = compute("ICHIMOKU", bars, displacement=0)
    np.testing.assert_array_equal(flat["span_b"][51:124], lines["span_b"][77:])


def test_channels_are_what_the_catalogue_says() -> None:
    bars = one(700)
    typical = {"close": compute("TYPPRICE", bars)["typprice"]}
    keltner, ema = compute("KELTNER", bars), compute("EMA", typical, timeperiod=20)["ema"]
    width = compute("ATR", bars, timeperiod=10)["atr"]
    np.testing.assert_allclose(keltner["middle"][40:], ema[40:], rtol=1e-12)
    # both ranges are Wilder's, begun differently: their starts are forgotten by and by
    np.testing.assert_allclose((keltner["upper"] - ema)[400:], 2 * width[400:], rtol=1e-9)
    donchian = compute("DONCHIAN", bars)
    for t in range(19, 120):
        assert donchian["upper"][t] == bars["high"][t - 19 : t + 1].max()
        assert donchian["lower"][t] == bars["low"][t - 19 : t + 1].min()


def test_supertrend_turns_where_the_close_crosses_it() -> None:
    bars = one(250)
    found = compute("SUPERTREND", bars)
    trend, line = found["trend"][10:], found["supertrend"][10:]
    close = bars["close"][10:]
    assert set(np.unique(trend)) == {-1.0, 1.0}
    assert (np.sign(close - line) == trend).all()

"""Exposure of option accounts: contracts by delta, shares at their value, premium as turnover."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from engine.backtest.options import parse, run_options
from engine.backtest.options.exposing import delta
from engine.backtest.result import Terms
from tests.backtest.options.chains import chain, priced, underlying

CLOSES = [100.0, 101.0, 99.0, 102.0, 98.0]
VOL = 0.25


def d1_of(close: float, strike: float, days: int) -> float:
    deviation = VOL * np.sqrt(days / 365)
    return float(np.log(close / strike) / deviation + deviation / 2)


def test_a_short_put_is_long_its_delta_and_turns_over_its_premium() -> None:
    bars = underlying(CLOSES)
    quotes = priced(bars, [100.0], ["2024-02-16"], VOL)
    rules = parse("sell put strike 100 expiry 45; size contracts(2)")
    result = run_options(quotes, bars, rules, terms=Terms(50_000.0)).result
    for row in range(1, 5):  # decided after the first close, filled at the second's quotes
        days = 46 - row  # 1 January to 16 February
        wanted = norm.cdf(-d1_of(CLOSES[row], 100.0, days)) * 200 * CLOSES[row] / result.equity[row]
        assert result.net[row] == pytest.approx(wanted, rel=1e-9)
        assert result.gross[row] == pytest.approx(wanted, rel=1e-9)
    assert result.gross[0] == result.net[0] == 0
    premium = -float(result.weights[1, 1]) * result.equity[1]  # two hundred units at the mid, filled at it
    assert result.turnover[1] == pytest.approx(premium / 50_000.0)
    assert result.turnover[2:].sum() == 0


def test_a_covered_call_nets_its_shares() -> None:
    bars = underlying(CLOSES)
    quotes = priced(bars, [100.0], ["2024-02-16"], VOL)
    rules = parse("sell call strike 100 expiry 45; hold shares; size contracts(1)")
    result = run_options(quotes, bars, rules, terms=Terms(50_000.0)).result
    short = norm.cdf(d1_of(CLOSES[2], 100.0, 44)) * 100 * CLOSES[2]
    assert result.net[2] * result.equity[2] == pytest.approx(100 * CLOSES[2] - short, rel=1e-9)
    assert result.gross[2] * result.equity[2] == pytest.approx(100 * CLOSES[2] + short, rel=1e-9)


def test_without_a_mark_of_its_own_the_volatility_of_the_last_one_stands() -> None:
    bars = underlying(CLOSES)
    full = priced(bars, [100.0], ["2024-02-16"], VOL)
    put = [full.quote(row, 1) for row in range(5)]
    quotes = chain(bars, {(-1, 100.0, "2024-02-16"): [put[0], put[1], None, None, put[4]]}, american=False)
    rules = parse("sell put strike 100 expiry 45; size contracts(1)")
    outcome = run_options(quotes, bars, rules, terms=Terms(50_000.0))
    result = outcome.result
    for row in (1, 2, 3, 4):
        wanted = norm.cdf(-d1_of(CLOSES[row], 100.0, 46 - row)) * 100 * CLOSES[row] / result.equity[row]
        assert result.gross[row] == pytest.approx(wanted, rel=1e-6)
    assert any("Exposure counts a contract by its delta" in each for each in outcome.told)


def test_deltas_where_no_volatility_is() -> None:
    """In the money, out of it, at expiry, and where nothing is known of it."""
    kind = np.array([1.0, 1.0, -1.0, -1.0, -1.0])
    forward = np.array([110.0, 90.0, 90.0, 110.0, 110.0])
    years = np.array([0.1, 0.1, 0.0, 0.0, 0.1])
    vol = np.array([0.0, 0.0, 0.2, 0.2, np.nan])
    assert delta(kind, forward, np.full(5, 100.0), years, vol).tolist() == [1.0, 0.0, -1.0, 0.0, -1.0]

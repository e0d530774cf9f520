"""Stops and targets of pairs worked by hand; fixings; pairs that begin on different days; margin that binds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.backtest import rules
from engine.backtest.fx import FxRun, FxTerms, Rollover, simulate
from engine.backtest.market import Market
from engine.backtest.result import Costs, Terms, Trade
from tests.backtest.fx.pairs import NAN, counted, market, table

WEEK = ("2024-03-04", "2024-03-05", "2024-03-06", "2024-03-07", "2024-03-08")


def run_of(bars: Market, text: str, **more: Any) -> FxRun:
    plan = rules.plan(rules.parse(text), bars)
    return simulate(bars, plan, more.pop("costs", Costs()), Terms(10_000.0), FxTerms("USD", **more))


def only(run: FxRun) -> Trade:
    (trade,) = run.result.trades
    return trade


def bars_of(low: list[float], high: list[float], opens: Any = None, closes: Any = None) -> Market:
    bars = market(WEEK[: len(low)], {"EURUSD": (opens or [1.1] * len(low), closes or [1.1] * len(low))})
    bars.low[:, 0], bars.high[:, 0] = np.fmin(bars.low[:, 0], low), np.fmax(bars.high[:, 0], high)
    return bars


def test_a_stop_of_a_pair_ends_its_rollover_and_pays_the_spread() -> None:
    bars = bars_of([1.1, 1.09, 1.07, 1.1], [1.1, 1.105, 1.1, 1.1])
    rollover = Rollover({"EUR": np.full(4, 0.036), "USD": np.full(4, 0.054)})
    run = run_of(bars, "long when close > 0; size shares(10000); stop 2%", pips=2.0, rollover=rollover)
    # bought at 1.1001, so the stop is at 1.078098; sold a pip worse on the third day, before its rollover
    assert (only(run).exit_price, only(run).exit_reason) == (pytest.approx(1.077998), "stop 2%")
    # the Tuesday is rolled for one night: 11,000 x (1 - 1.00015 / 1.0001) = -0.5499
    assert [row[3] for row in table(run)] == [0.0, -0.5499, 0.0, 0.0]
    assert run.result.equity[-1] == pytest.approx(10_000 - (1.1001 - 1.077998) * 10_000 - 0.5499, abs=1e-4)


def test_a_short_trails_and_a_gap_fills_at_the_open() -> None:
    bars = bars_of(
        [1.1, 1.05, 1.0, 1.0],
        [1.1, 1.105, 1.05, 1.0],
        opens=[1.1, 1.1, 1.05, 1.09],
        closes=[1.1, 1.05, 1.0, 1.08],
    )
    run = run_of(bars, "short when close > 1.09; size shares(1000); trail 5%")
    # 1.155 at first, then 5% above the lows of 1.05 and 1.00: 1.1025 and 1.05; the open of 1.09 is beyond
    assert (only(run).exit_price, only(run).exit_reason, only(run).shares) == (1.09, "trail 5%", -1_000.0)


def test_a_target_fills_at_its_price_whatever_the_spread() -> None:
    bars = bars_of([1.1, 1.1, 1.1], [1.1, 1.1, 1.2])
    run = run_of(bars, "long when close > 0; size shares(1000); take 5%", pips=10.0)
    assert only(run).exit_price == pytest.approx(1.1005 * 1.05)


def test_a_fixing_beyond_a_stop_is_where_it_fills() -> None:
    fixing = [1.1, 1.1, 1.09, 1.06, 1.07]
    run = run_of(
        market(WEEK, {"EURUSD": (fixing, fixing)}), "long when close > 1.08; size shares(1000); stop 2%"
    )
    assert (only(run).exit_price, str(only(run).exit_date)) == (1.06, "2024-03-07")


def test_a_pair_that_begins_later_waits_for_its_first_price() -> None:
    late = [NAN, NAN, 150.0, 150.0, 151.0]
    bars = market(WEEK, {"EURUSD": ([1.1] * 5, [1.1] * 5), "USDJPY": (late, late)})
    run = simulate(
        bars, counted([1_000, NAN, NAN, NAN, NAN], [1_000, NAN, NAN, NAN, NAN]), Costs(), Terms(10_000.0)
    )
    assert run.positions.tolist() == [[0, 0], [1_000, 0], [1_000, 1_000], [1_000, 1_000], [1_000, 1_000]]
    assert run.result.equity[-1] == pytest.approx(10_000 + 1_000 / 151, abs=1e-4)  # 1,000 yen


def test_what_is_held_is_kept_where_the_margin_lets_nothing_grow() -> None:
    bars = market(WEEK[:4], {"EURUSD": ([1.0] * 4, [1.0] * 4), "GBPUSD": ([1.0] * 4, [1.0] * 4)})
    run = simulate(
        bars, counted([200_000, NAN, 260_000, NAN], [NAN, 150_000, NAN, NAN]), Costs(), Terms(10_000.0),
        FxTerms(lot=1_000.0),
    )  # fmt: skip
    assert run.positions.tolist() == [[0, 0], [200_000, 0], [200_000, 100_000], [200_000, 100_000]]

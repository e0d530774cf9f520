"""Stops, targets and volume of coins and perpetuals, worked by hand; what comes first, a stop or a liquidation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backtest import rules
from engine.backtest.crypto import CryptoRun, CryptoTerms, simulate
from engine.backtest.guarded import run_guarded
from engine.backtest.market import Market
from engine.backtest.result import Costs, Signals, Terms, Trade
from tests.backtest.crypto.coins import NAN, counted, days, market, random_market

PERPETUAL = CryptoTerms(perpetual=True)
INVERSE = CryptoTerms(perpetual=True, face=10.0)


def run_of(
    bars: Market, text: str, crypto: CryptoTerms | None = None, capital: float = 1_000.0, **more: Any
) -> CryptoRun:
    plan = rules.plan(rules.parse(text), bars)
    return simulate(bars, plan, more.pop("costs", Costs()), Terms(capital), crypto, **more)


def only(run: CryptoRun) -> Trade:
    (trade,) = run.result.trades
    return trade


def test_a_stop_fills_at_its_level_a_gap_at_the_open_a_target_at_its_limit() -> None:
    up = "long when close > 99; size shares(2); stop 5%; take 10%"
    bars = market(days(3), [100, 100, 98], [100, 98, 90], high=[100, 101, 99], low=[100, 97, 94])
    run = run_of(bars, up, PERPETUAL)
    assert (only(run).exit_price, only(run).exit_reason) == (95.0, "stop 5%")
    assert run.result.equity[-1] == 990.0
    gap = market(days(3), [100, 100, 92], [100, 98, 93])
    assert only(run_of(gap, up, PERPETUAL)).exit_price == 92.0
    best = market(days(3), [100, 100, 98], [100, 98, 99], high=[100, 101, 111])
    run = run_of(best, up, PERPETUAL, costs=Costs(slippage=0.01))
    # bought at 101, so the target is 111.1: not reached by 111
    assert only(run).open
    best = market(days(3), [100, 100, 98], [100, 98, 99], high=[100, 101, 112])
    run = run_of(best, up, PERPETUAL, costs=Costs(slippage=0.01))
    assert (only(run).exit_price, only(run).exit_reason) == (pytest.approx(111.1), "take 10%")


def test_a_short_trails_downwards() -> None:
    bars = market(
        days(4), [100, 100, 90, 85], [100, 92, 84, 87], high=[100, 101, 91, 90], low=[100, 90, 80, 84]
    )  # fmt: skip
    run = run_of(bars, "short when close > 99; size shares(1); trail 10%", PERPETUAL)
    # 110 at first; after the lows of 90 and 80: 99, then 88
    assert (only(run).exit_price, only(run).exit_reason, only(run).shares) == (88.0, "trail 10%", -1.0)


def test_a_stop_nearer_than_the_liquidation_comes_first() -> None:
    bars = market(days(3), [100, 100, 99], [100, 99, 99], low=[100, 90, 99])
    near, far = (
        run_of(bars, f"long when close > 0; size shares(10); stop {at}", PERPETUAL, 100.0)
        for at in ("4%", "8%")
    )
    assert (only(near).exit_price, near.liquidations) == (96.0, 0)
    assert (only(far).exit_price, far.liquidations) == (pytest.approx(94.7368421), 1)  # 90 / 0.95
    down = market(days(3), [100, 100, 90], [100, 99, 90])  # the open is beyond both
    assert run_of(down, "long when close > 0; size shares(10); stop 4%", PERPETUAL, 100.0).liquidations == 1


def test_stops_of_an_inverse_perpetual_stand_in_its_price() -> None:
    bars = market(days(3), [20_000, 20_000, 20_000], [20_000, 20_000, 20_000], low=[20_000, 20_000, 18_000])
    run = run_of(bars, "long when close > 0; size shares(400); stop 5%", INVERSE, 10_000.0)
    assert only(run).exit_price == 19_000.0
    assert run.coins is not None
    assert run.coins[-1] == pytest.approx(0.5 + 4_000 / 20_000 - 4_000 / 19_000, abs=1e-8)


def test_held_for_so_many_bars_and_entered_again_once_the_condition_was_false() -> None:
    close = [100, 100, 100, 98, 100, 100]
    bars = market(days(6), [100] * 6, close, low=[100, 94, 100, 98, 100, 100])
    run = run_of(bars, "long when close > 99; size shares(1); stop 5%")
    assert [(int(run.result.trades.entry[at]), bool(run.result.trades.open[at])) for at in (0, 1)] == [
        (1, False),
        (5, True),
    ]
    held = run_of(
        market(days(6), [100] * 6, [100] * 6), "long when close > 99; size shares(1); hold 2; stop 50%"
    )
    assert (only(held).exit_reason, only(held).bars) == ("hold 2", 2)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["stop 3%", "trail 4%; take 6%", "stop 2*atr(5); take 4%"]))
def test_without_costs_trades_are_those_of_shares(seed: int, guard: str) -> None:
    """Coins with the guards of shares: the same fills at the same prices on the same bars."""
    bars = random_market(seed)
    text = f"long when close > sma(close, 3); size shares(3); {guard}"
    plan = rules.plan(rules.parse(text), bars)
    shares = run_guarded(bars, plan, Costs(spread=0.002), Terms(1e7, fractional=True)).trades
    ours = simulate(bars, plan, Costs(spread=0.002), Terms(1e7)).result.trades
    for name in ("entry", "exit", "entry_price", "exit_price", "shares", "pnl"):
        assert getattr(ours, name) == pytest.approx(getattr(shares, name), rel=1e-9, abs=1e-4)
    assert ours.exit_reasons == shares.exit_reasons


def voluminous(volume: list[float], low: float = 100.0) -> Market:
    rows = len(volume)
    bars = market(days(rows), [100] * rows, [100] * rows, low=[100] * (rows - 2) + [low, 100])
    bars.volume[:, 0] = volume
    return bars


def test_volume_fills_in_parts_and_impact_is_of_the_square_root() -> None:
    bars = voluminous([10, 10, 0, 30, 30])
    costs = Costs(participation=0.25)
    run = simulate(bars, counted([8, NAN, NAN, NAN, NAN]), costs, Terms(1_000.0), PERPETUAL)
    assert run.positions[:, 0].tolist() == [0.0, 2.5, 2.5, 8.0, 8.0]
    assert [each.text[:15] for each in run.result.events] == ["Filled 2.5 of 8", "Filled 0 of 5.5"]
    moved = np.full((5, 1), 0.02)
    bars = voluminous([10, 40, 0, 30, 30])
    run = simulate(
        bars, counted([10, *[NAN] * 4]), Costs(impact=0.5), Terms(10_000.0), PERPETUAL, moved=moved
    )
    assert only(run).entry_price == pytest.approx(100 * (1 + 0.5 * 0.02 * 0.5))  # a quarter of the volume
    with pytest.raises(ValueError, match="volume of C0USD, which these bars do not tell"):
        simulate(market(days(2), [1, 1], [1, 1]), counted([1, NAN]), costs)


def test_what_volume_leaves_of_a_stop_follows_at_the_next_open() -> None:
    bars = voluminous([40, 40, 10, 40], low=90.0)
    plan = rules.plan(rules.parse("long when close > 0; size shares(5); stop 5%"), bars)
    run = simulate(bars, plan, Costs(participation=0.25), Terms(1_000.0), PERPETUAL)
    assert run.positions[:, 0].tolist() == [0.0, 5.0, 2.5, 0.0]
    assert only(run).exit_price == pytest.approx(0.5 * 95 + 0.5 * 100)


def test_goals_are_multiples_of_the_least_that_is_traded() -> None:
    bars = market(days(2), [300, 300], [300, 300])
    run = run_of(bars, "long when close > 0; size weight(50%)", CryptoTerms(step=0.25))
    assert run.positions[:, 0].tolist() == [0.0, 1.5]  # 500 / 300


def test_what_is_held_is_kept_where_the_margin_lets_nothing_grow() -> None:
    bars = market(days(4), [[100, 100]] * 4, [[100, 100]] * 4)
    both = counted([60, NAN, 120, NAN])
    target = np.column_stack([both.signals.target[:, 0], [NAN, 30, NAN, NAN]])
    both = type(both)(
        type(both.signals)(target, np.ones(target.shape, dtype=int), ("", "because")), counted=True
    )
    run = simulate(bars, both, Costs(), Terms(1_000.0), PERPETUAL)
    assert run.positions.tolist() == [[0, 0], [60, 0], [60, 30], [70, 30]]  # 100 coins in all


def test_what_is_left_of_an_order_is_no_more_than_its_weight_by_then() -> None:
    price = [100, 100, 200, 200]
    bars = market(days(4), price, price)
    bars.volume[:, 0] = [40, 4, 100, 100]
    wants = Signals(np.array([[1.0], [NAN], [NAN], [NAN]]))
    run = simulate(bars, wants, Costs(participation=0.5), Terms(1_000.0), PERPETUAL)
    # two of ten coins at 100; at 200 the account is 1,200: six in all, not ten
    assert run.positions[:, 0].tolist() == [0.0, 2.0, 6.0, 6.0]

"""Rules over markets: worked by hand, against slow twins, and unchanged by what comes later."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backtest.market import Market
from engine.backtest.rules import (
    WARM_UP,
    Machine,
    RuleError,
    Values,
    characteristic,
    parse,
    plan,
    rebalances,
    signals,
    states,
)
from engine.backtest.strategy import altered, changes, shortened
from engine.quant import screener
from engine.quant.indicators import CATALOGUE
from tests.backtest.rules.markets import of_closes, random

NAN = float("nan")


def truth(text: str, market: Market) -> list[list[int]]:
    node = parse(f"long when {text}; hold 1").long
    assert node is not None
    return Values(market).truth(node).T.tolist()


def target(text: str, market: Market) -> list[list[float | None]]:
    found = signals(plan(parse(text), market)).target.T
    return [[None if np.isnan(each) else float(each) for each in row] for row in found]


# conditions, by hand ----------------------------------------------------------------------------------------


def test_comparisons_are_three_valued() -> None:
    market = of_closes([[1.0], [NAN], [3.0]])
    assert truth("close > 2", market) == [[-1, 0, 1]]
    assert truth("not close > 2", market) == [[1, 0, -1]]
    assert truth("close > 2 or 1 < 2", market) == [[1, 1, 1]]
    assert truth("close > 2 and 1 > 2", market) == [[-1, -1, -1]]
    assert truth("close > 2 and 1 < 2", market) == [[-1, 0, 1]]
    assert truth("close between 1 and 2", market) == [[1, 0, -1]]
    assert truth("known(close)", market) == [[1, -1, 1]]
    assert truth("1 / (close - 1) > 0", market) == [[0, 0, 1]]
    assert truth("larger(close, 2) = 2 and abs(-close) = close", market) == [[1, 0, -1]]


def test_a_crossing_is_the_first_bar_on_the_other_side() -> None:
    market = of_closes([[9.0], [10.0], [11.0], [12.0], [10.0], [9.0], [NAN], [11.0]])
    assert truth("close crosses above 10", market) == [[-1, -1, 1, -1, -1, -1, 0, 1]]
    assert truth("close crosses below 10", market) == [[0, -1, -1, -1, -1, 1, 0, -1]]


def test_bars_ago_are_the_symbols_own() -> None:
    market = of_closes([[1.0, 5.0], [NAN, 6.0], [3.0, 7.0], [4.0, 8.0]])
    node = parse("long when close[1] > 0; hold 1").long
    values = Values(market)
    found = values.previous(values.price("close"), 1)
    np.testing.assert_array_equal(found, [[NAN, NAN], [NAN, 5.0], [1.0, 6.0], [3.0, 7.0]])
    assert node is not None
    assert truth("close[2] = close - 2", of_closes([[1.0], [2.0], [3.0], [4.0]])) == [[0, 0, 1, 1]]


def test_prices_are_adjusted_forwards_for_splits() -> None:
    market = of_closes([[100.0], [102.0], [51.5], [52.0]])
    split = market.split.copy()
    split[2] = 2.0
    assert truth("close > close[1]", replace(market, split=split)) == [[0, 1, 1, 1]]


def test_fields_are_the_markets_signal_prices() -> None:
    market = random(80, 3)
    values = Values(market)
    for name, expected in market.signal_prices().items():
        np.testing.assert_array_equal(values.price(name), expected)


# positions, by hand -----------------------------------------------------------------------------------------

RISING = [[10.0], [11.0], [12.0], [9.0], [8.0], [13.0], [14.0]]


def test_without_another_way_out_a_position_lasts_while_its_condition_does() -> None:
    assert target("long when close > 10.5", of_closes(RISING)) == [[None, 1.0, None, 0.0, None, 1.0, None]]
    assert target("CLOSE>2SMA", of_closes(RISING)) == [[None, 1.0, None, 0.0, None, 1.0, None]]


def test_unknown_is_no_signal() -> None:
    market = of_closes([[11.0], [NAN], [12.0], [9.0], [NAN], [8.0]])
    assert target("long when close > 10.5", market) == [[1.0, None, None, 0.0, None, None]]


def test_enter_and_exit_and_turn() -> None:
    text = "long when close > 11.5; exit when close < 10; short when close < 8.5; cover when close > 9"
    assert target(text, of_closes(RISING)) == [[None, None, 1.0, 0.0, -1.0, 1.0, None]]
    found = signals(plan(parse(text), of_closes(RISING)))
    assert [found.reason(row, 0) for row in (2, 3, 4, 5)] == [
        "long when close > 11.5", "exit when close < 10", "short when close < 8.5", "long when close > 11.5"
    ]  # fmt: skip


def test_an_exit_that_is_true_too_forbids_the_entry() -> None:
    text = "long when close > 10.5; exit when close > 11.5"
    assert target(text, of_closes(RISING)) == [[None, 1.0, 0.0, None, None, None, None]]


def test_both_sides_at_once_are_neither() -> None:
    text = "long when close > 11.5; exit when close < 0; short when close > 11.5; cover when close < 0"
    assert target(text, of_closes(RISING)) == [[None] * 7]


def test_hold_closes_after_so_many_sessions_and_waits_for_a_new_signal() -> None:
    market = of_closes([[11.0], [11.0], [11.0], [11.0], [9.0], [11.0], [11.0], [11.0]])
    assert target("long when close > 10; hold 2", market) == [[1.0, None, 0.0, None, None, 1.0, None, 0.0]]
    assert signals(plan(parse("long when close > 10; hold 2"), market)).reason(2, 0) == "hold 2"


def test_delay_moves_everything_later() -> None:
    market = of_closes(RISING)
    late = signals(plan(parse("long when close > 10.5; delay 3"), market))
    assert np.isnan(late.target[:3]).all()
    assert late.target[3, 0] == 1.0
    assert late.target[5, 0] == 0.0
    assert late.reason(3, 0) == "long when close > 10.5"
    assert np.isnan(signals(plan(parse("long when close > 10.5; delay 30"), market)).target).all()


def test_a_stopped_position_is_entered_again_only_after_its_condition_ended() -> None:
    market = of_closes([[11.0], [11.0], [11.0], [9.0], [11.0]])
    machine = Machine(plan(parse("long when close > 10; stop 5%"), market))
    assert machine.step(0).tolist() == [1]
    assert machine.step(1, np.array([True])).tolist() == [0]
    assert machine.step(2).tolist() == [0]
    assert machine.step(3).tolist() == [0]
    assert machine.step(4).tolist() == [1]


def test_rules_that_need_fills_say_so() -> None:
    for text in ("stop 5%", "trail 2*atr(3)", "take 10%", "size shares(100)"):
        made = plan(parse(f"long when close > 10; exit when close < 5; {text}"), of_closes(RISING))
        assert made.needs_fills
        with pytest.raises(ValueError, match="depend on fills"):
            signals(made)


def test_distances_are_in_the_sessions_own_shares() -> None:
    market = random(60, 2, gaps=False)
    split = market.split.copy()
    split[30, 0] = 2.0
    market = replace(market, split=split)
    made = plan(parse("long when close > 0; stop 3*atr(5); take 10%; trail 2*sma(close, 2)"), market)
    assert made.take is not None
    assert made.take.fraction == pytest.approx(0.1)
    assert made.trail is not None
    assert made.trail.distance is not None
    np.testing.assert_allclose(made.trail.distance[40, 0], market.close[39:41, 0].sum(), rtol=1e-12)
    assert made.stop is not None
    assert made.stop.distance is not None
    assert not made.long.entry[:5].any(), "nothing is entered whose stop is unknown"
    assert made.long.entry[5:].all()


# portfolios -------------------------------------------------------------------------------------------------


def test_rebalance_days_are_the_first_of_their_period() -> None:
    dates = np.array(
        ["2020-01-30", "2020-01-31", "2020-02-03", "2020-02-04", "2020-04-01", "2021-01-04"], "datetime64[D]"
    )
    assert rebalances(dates, "daily").all()
    assert rebalances(dates, "weekly").tolist() == [True, False, True, False, True, True]
    assert rebalances(dates, "monthly").tolist() == [True, False, True, False, True, True]
    assert rebalances(dates, "quarterly").tolist() == [True, False, False, False, True, True]
    assert rebalances(dates, "yearly").tolist() == [True, False, False, False, False, True]
    assert not rebalances(dates, None).any()


def test_a_ranking_holds_its_selection_until_the_next_rebalance() -> None:
    closes = np.array([[1.0, 2.0, 3.0], [9.0, 2.0, 3.0], [9.0, 2.0, 3.0], [9.0, 2.0, 8.0], [9.0, 9.9, 8.0]])
    market = of_closes(closes, start="2020-01-30")  # Thursday, Friday, then February
    made = plan(parse("top 2 by close"), market)
    assert made.rebalance.tolist() == [True, False, True, False, False]
    assert made.long.selected is not None
    assert made.long.selected.tolist() == [[False, True, True]] * 2 + [[True, False, True]] * 3
    assert target("top 2 by close", market) == [
        [None, None, 0.5, None, None], [0.5, None, 0.0, None, None], [0.5, None, 0.5, None, None]
    ]  # fmt: skip
    found = signals(made)
    assert [found.reason(2, symbol) for symbol in range(3)] == [
        "long top 2 by close", "no longer top 2 by close", "rebalance monthly"
    ]  # fmt: skip


def test_members_of_the_day_only_are_ranked() -> None:
    market = of_closes(np.tile([1.0, 2.0, 3.0], (4, 1)))
    members = {"mine": np.array([[1, 1, 0], [1, 1, 0], [1, 1, 1], [1, 0, 0]], dtype=bool)}
    made = plan(parse("top 1 by close in mine; rebalance daily"), market, members=members)
    assert made.long.selected is not None
    assert made.long.selected.argmax(axis=1).tolist() == [1, 1, 2, 0]
    with pytest.raises(RuleError, match="Nobody told who was in mine"):
        plan(parse("top 1 by close in mine"), market)
    with pytest.raises(ValueError, match="shape"):
        plan(parse("top 1 by close in mine"), market, members={"mine": np.ones((2, 3), dtype=bool)})


def test_long_the_lowest_and_short_the_highest() -> None:
    market = of_closes(np.tile([1.0, 2.0, 3.0, NAN], (2, 1)))
    assert target("long bottom 1 by close; short top 50% by close; rebalance daily", market)[0] == [
        1 / 3,
        1 / 3,
    ]
    found = np.asarray(target("top 1 by close; bottom 1 by close; rebalance daily", market), dtype=np.float64)
    assert found[:, 0].tolist()[::2][:1] == [-0.5]
    assert found[2, 0] == 0.5


def test_ties_go_to_the_lower_id_in_whatever_order_symbols_stand() -> None:
    market = of_closes(np.tile([5.0, 5.0, 5.0], (2, 1)))
    turned = replace(market, ids=market.ids[::-1].copy())
    for each, first in ((market, 0), (turned, 2)):
        made = plan(parse("top 1 by close"), each)
        assert made.long.selected is not None
        assert made.long.selected[0].tolist() == [place == first for place in range(3)]


def test_a_condition_times_what_the_ranking_selects() -> None:
    market = of_closes(np.array([[1.0, 9.0], [9.0, 8.0], [9.0, 7.0], [5.0, 9.0]]))
    text = "long when close > 7.5; top 1 by close; rebalance weekly"
    assert target(text, market) == [[None] * 4, [1.0, None, 0.0, 1.0]]


def test_sizes() -> None:
    market = of_closes(np.array([[10.0, NAN], [10.0, 10.0], [10.0, 10.0]]))
    assert target("long when close > 5", market) == [[1.0, None, None], [None, 0.5, None]]
    assert target("long when close > 5; size weight(5%)", market) == [[0.05, None, None], [None, 0.05, None]]
    assert plan(parse("long when close > 5; size shares(100)"), market).shares == 100.0


def test_the_volatility_target_divides_by_what_was_realised() -> None:
    market = random(80, 2, gaps=False)
    made = plan(parse("long when close > 0; size volatility_target(10%, 20, 3)"), market)
    moves = market.close[31:51, 1] / market.close[30:50, 1] - 1.0
    assert made.weights is not None
    expected = 0.5 * min(0.10 / (np.std(moves, ddof=1) * np.sqrt(252)), 3.0)
    assert made.weights[50, 1] == pytest.approx(expected, rel=1e-9)
    assert not made.long.entry[:10].any(), "nothing is entered whose size is unknown"


def test_a_panel_that_nobody_gave_is_asked_for() -> None:
    market = of_closes(np.tile([1.0, 2.0], (3, 1)))
    with pytest.raises(RuleError, match="pe is not told by prices"):
        plan(parse("top 1 by pe"), market)
    made = plan(parse("bottom 1 by pe"), market, panels={"pe": np.tile([9.0, NAN], (3, 1))})
    assert made.short.entry[0].tolist() == [True, False]


# slow twins -------------------------------------------------------------------------------------------------


def test_characteristics_are_the_screeners_on_every_row() -> None:
    market = random(330, 3)
    closes, totals = market.signal_prices()["close"], market.signal_prices(dividends=True)["close"]
    names = tuple(WARM_UP)
    found = {name: characteristic(name, market) for name in names}
    for row in (60, 130, 255, 300, 329):
        rows = slice(0, row + 1)
        panels = screener.Panels(
            closes[rows], totals[rows], market.close[rows], market.volume[rows], closes[rows, 0], np.zeros(3)
        )
        told = screener.price_fields(names, panels)
        for name in names:
            np.testing.assert_allclose(
                found[name][row], told[name], rtol=1e-9, atol=1e-12, err_msg=f"{name} {row}"
            )


def stepped(entry: bool, way_out: bool, sells: bool, covers: bool, state: int) -> int:
    """One step as a sentence each."""
    if state == 1 and way_out:
        state = 0
    if state == -1 and covers:
        state = 0
    if entry:
        state = 1
    if sells:
        state = -1
    return state


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_positions_are_those_of_one_step_after_the_other(seed: int) -> None:
    market = random(60, 3, seed)
    text = (
        "long when close > close[1]; exit when close < close[3]; "
        "short when close < low[1]; cover when high > high[2]"
    )
    made = plan(parse(text), market)
    expected = np.zeros(market.close.shape, dtype=np.int8)
    for symbol in range(3):
        state = 0
        for row in range(60):
            long, short = made.long, made.short
            at = (row, symbol)
            state = stepped(long.entry[at], long.exit[at], short.entry[at], short.exit[at], state)
            expected[at] = state
    np.testing.assert_array_equal(states(made), expected)
    machine = Machine(made)
    np.testing.assert_array_equal([machine.step(row) for row in range(60)], expected)


def test_permuting_symbols_permutes_the_answer() -> None:
    market = random(300, 4)
    order = np.array([2, 0, 3, 1])
    panels = ("open", "high", "low", "close", "volume", "split", "dividend", "pay")
    turned = replace(
        market, symbols=tuple(market.symbols[at] for at in order), ids=market.ids[order], last=market.last[order],
        final_return=market.final_return[order], **{name: getattr(market, name)[:, order] for name in panels},
    )  # fmt: skip
    text = "long when close > sma(close, 10); top 2 by ret_1m; bottom 1 by vol_3m; rebalance weekly"
    one, other = signals(plan(parse(text), market)), signals(plan(parse(text), turned))
    np.testing.assert_array_equal(one.target[:, order], other.target)
    assert one.reasons is not None
    assert other.reasons is not None
    np.testing.assert_array_equal(one.reasons[:, order], other.reasons)


# causality --------------------------------------------------------------------------------------------------

BOOKS = (
    "50SMA.20EMA",
    "long when close crosses above highest(high, 20)[1]; exit when close < lowest(low, 10)[1]; delay 2",
    "long when rsi(14) < 40; hold 10; size volatility_target(10%, 30)",
    "long when close > sma(close, 20); short when close < sma(close, 20); rebalance weekly",
    "top 2 by mom_6_1; bottom 1 by adv_20 * ret_1w; rebalance monthly",
    "long top 50% by vol_3m; rebalance quarterly; size weight(20%)",
    "long when score > 0 and high_52w_pct > -20%; exit when sma_50_dist < 0; rebalance daily",
)


@pytest.mark.parametrize("text", BOOKS)
def test_what_comes_later_changes_no_decision(text: str) -> None:
    market = random(340, 4)
    panels = {"score": np.random.default_rng(3).normal(0.0, 1.0, market.close.shape)}
    rules = parse(text, panels=("score",))
    assert np.nansum(np.abs(signals(plan(rules, market, panels=panels)).target)) > 0, "it does something"
    for part in ("target", "reasons"):
        found = changes(
            lambda given_, seen: getattr(signals(plan(rules, given_, panels=seen)), part),  # noqa: B023
            market, cuts=6, panels=panels,
        )  # fmt: skip
        assert found == (), "; ".join(map(str, found))


def every_line() -> list[str]:
    """Each line of each indicator of the catalogue, as rules call it."""
    found = []
    for entry in CATALOGUE.values():
        inputs = "close, volume / volume + 8" if "periods" in entry.inputs else ""
        anchor = '"2020-03-02"' if any(each.kind == "date" for each in entry.parameters) else ""
        given_ = ", ".join(each for each in (inputs, anchor) if each)
        found += [f"{entry.name.lower()}({given_}).{each.name}" for each in entry.outputs]
    return found


def test_no_line_of_any_indicator_looks_ahead() -> None:
    market = random(200, 3)
    nodes = []
    for text in every_line():
        rules = parse(f"top 1 by {text}")
        assert rules.longs is not None
        nodes.append(rules.longs.of)
    assert len(nodes) > 200

    def lines(given_: Market, _: object) -> np.ndarray:
        values = Values(given_)
        return np.hstack([np.broadcast_to(values.number(each), given_.close.shape) for each in nodes])

    whole = lines(market, None)
    assert np.isfinite(whole).any(axis=0).mean() > 0.9
    for row in (90, 140, 198):
        rng = np.random.default_rng(row)
        for again in (lines(altered(market, row, rng), None), lines(shortened(market, row), None)):
            np.testing.assert_array_equal(again[: row + 1], whole[: row + 1])

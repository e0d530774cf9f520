"""Margin and volume that bind, in arrays against orders: every fill, every unit of cash, every word told of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.backtest import rules
from engine.backtest.guarded import run_guarded
from engine.backtest.kernel import run_fast
from engine.backtest.kernel_guarded import run_guarded_days
from engine.backtest.market import Market, Merger
from engine.backtest.result import Costs, Result, Signals, Terms
from engine.backtest.simulate import run_events
from tests.backtest.sim.markets import market, random_market, random_target
from tests.backtest.sim.test_agreement import COSTS
from tests.backtest.sim.test_guarded_agreement import ENTRIES, GUARDS, exactly

BOUND = st.builds(
    Terms,
    st.sampled_from([1e4, 1e5, 1e6]),
    st.booleans(),
    st.sampled_from([None, 0.3, 0.5, 1.0]),
    st.sampled_from([None, 0.1, 0.25, 0.5, 0.9]),
)
PARTS = st.sampled_from([None, 0.001, 0.005, 0.02, 0.1, 0.5])
WIDE = ("size equal", "size weight(40%)", "size weight(90%)", "size weight(150%)", "size shares(370)")


def rough(seed: int, actions: bool, holes: bool) -> Market:
    """Bars with gaps, and sessions in which nobody traded or told how much."""
    rng, bars = np.random.default_rng(seed), random_market(seed, 40, 4, actions, holes)
    jumps = rng.choice([0.6, 0.8, 1.3, 1.7], bars.close.shape)
    level = np.where(rng.random(bars.close.shape) < 0.04, jumps, 1.0).cumprod(axis=0)
    prices = {name: np.round(getattr(bars, name) * level, 2) for name in ("open", "high", "low", "close")}
    traded = rng.choice([1.0, 0.0, np.nan], bars.close.shape, p=[0.88, 0.08, 0.04])
    mergers = (Merger(0, 1, 0.37, 1.5),) if actions and seed % 2 else ()
    return replace(bars, **prices, volume=bars.volume * traded, mergers=mergers)


@given(
    st.integers(0, 10_000), st.booleans(), st.booleans(), st.booleans(), COSTS, BOUND, PARTS,
    st.sampled_from([0.1, 0.4, 1.0, 2.5]),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_weights_agree_to_the_last_unit(
    seed: int, actions: bool, holes: bool, accounts: bool, costs: Costs, terms: Terms, part: float | None,
    size: float,
) -> None:  # fmt: skip
    bars, costs = rough(seed, actions, holes), replace(costs, participation=part)
    signals = Signals(random_target(seed + 1, bars.close.shape, size))
    fast = run_fast(bars, signals, costs, terms, accounts=accounts)
    exactly(fast, run_events(bars, signals, costs, terms, accounts=accounts))


@given(
    st.integers(0, 10_000), st.booleans(), st.booleans(), st.booleans(), COSTS, BOUND, PARTS,
    st.sampled_from(ENTRIES), st.sampled_from(GUARDS), st.sampled_from(WIDE), st.booleans(), st.integers(1, 3),
)  # fmt: skip
@example(  # a stop that found no volume, in a position that a merger then turned round
    9_999, True, False, False, Costs(slippage=0.001), Terms(1e5), 0.001, ENTRIES[3], "stop 1%; trail 2%; take 4%",
    "size equal", False, 2
)  # fmt: skip
@settings(max_examples=45, deadline=None)
def test_stops_agree_to_the_last_unit(
    seed: int, actions: bool, holes: bool, accounts: bool, costs: Costs, terms: Terms, part: float | None,
    entry: str, guard: str, size: str, renewed: bool, delay: int,
) -> None:  # fmt: skip
    bars, costs = rough(seed, actions, holes), replace(costs, participation=part)
    go = np.random.default_rng(seed).normal(0.0, 0.6, bars.close.shape)
    renew = "rebalance weekly" if renewed and "rebalance" not in entry else ""
    text = "; ".join(each for each in (entry, guard, size, renew, f"delay {delay}") if each)
    plan = rules.plan(rules.parse(text, panels=("go",)), bars, panels={"go": go}, alone=accounts)
    if not plan.needs_fills:
        plan = replace(plan, stop=rules.Level(fraction=0.99))
    fast = run_guarded_days(bars, plan, costs, terms, accounts=accounts)
    exactly(fast, run_guarded(bars, plan, costs, terms, accounts=accounts))


def weights(bars: Market, wanted: dict[int, list[float]], costs: Costs, terms: Terms) -> Result:
    """Weights of one account by both simulations, which agree."""
    target = np.full(bars.close.shape, np.nan)
    for row, values in wanted.items():
        target[row] = values
    found = run_fast(bars, Signals(target), costs, terms)
    exactly(found, run_events(bars, Signals(target), costs, terms))
    return found


def held(found: Result, column: int = 0) -> list[float]:
    """Positions at their marks."""
    return [round(float(value), 6) for value in found.weights[:, column] * found.equity]


def told(found: Result) -> list[tuple[str, str]]:
    return [(event.kind, event.text) for event in found.events]


def test_a_call_cuts_no_more_than_the_volume_and_stands() -> None:
    """200 at 50 on 5,000 of equity: at 35 it is 2,000 over 7,000. That carries 4,000 at 50%, which is 114 shares: 86
    are to go. Volume lets 40 go that day; the call stands, and of 46 the next 40 go."""
    bars = market(5, close=[50, 50, 35, 35, 35], volume=[1e6, 1e6, 1e6, 400, 400])
    bars = replace(bars, open=np.array([[50], [50], [50], [35], [35.0]]))
    terms = Terms(5_000.0, initial_margin=0.5, maintenance_margin=0.3)
    found = weights(bars, {0: [2.0]}, Costs(participation=0.1), terms)
    assert held(found) == [0, 10_000, 7_000, 5_600, 4_200]
    calls = [text for kind, text in told(found) if kind == "margin call"]
    assert calls == ["Equity is 28.6% of the exposure, below 30.0%; cut at the next open."]
    parts = [text for kind, text in told(found) if kind == "partial"]
    assert parts == ["Filled 40 of 86 shares.", "Filled 40 of 46 shares."]
    assert found.trades[0].exit_reason == ""


def test_what_is_left_sells_before_it_buys_and_margin_sees_each_in_turn() -> None:
    """10,000 at margin 1: all of B is wanted to become A. Each day's 40 of B sold make room for 40 of A: what the
    margin does not carry of A on the first day is refused, not kept."""
    bars = market(5, 2, volume=400.0)
    found = weights(
        bars, {0: [0.0, 0.4], 1: [0.8, 0.0]}, Costs(participation=0.1), Terms(10_000.0, initial_margin=1.0)
    )
    assert held(found, 1) == [0, 4_000, 0, 0, 0]
    assert held(found, 0) == [0, 0, 4_000, 8_000, 8_000]
    bars = market(5, 2, volume=np.array([[1e6, 1e6], [1e6, 1e6], [1e6, 400], [1e6, 400], [1e6, 400]]))
    found = weights(
        bars, {0: [0.0, 1.0], 1: [1.0, 0.0]}, Costs(participation=0.1), Terms(10_000.0, initial_margin=1.0)
    )
    assert held(found, 1) == [0, 10_000, 6_000, 2_000, 0]
    assert held(found, 0) == [0, 0, 4_000, 4_000, 4_000]
    assert ("margin", "Cut to 40 shares by the initial margin.") in told(found)


def test_what_is_left_of_an_order_follows_a_split() -> None:
    """100 wanted at 100, 30 a day: after 60, two for one leaves 80 to buy of 50 each."""
    prices = np.array([100, 100, 100, 50, 50, 50.0])
    bars = market(6, close=prices, split=np.array([1, 1, 1, 2, 1, 1.0]), volume=300.0)
    found = weights(bars, {0: [1.0]}, Costs(participation=0.1), Terms(10_000.0))
    assert held(found) == [0, 3_000, 6_000, 7_500, 9_000, 10_000]


def followed(text: str, go: list[float], bars: Market, costs: Costs, terms: Terms) -> Result:
    plan = rules.plan(
        rules.parse(text, panels=("go",)), bars, panels={"go": np.array(go, dtype=float)[:, None]}
    )
    found = run_guarded_days(bars, plan, costs, terms)
    exactly(found, run_guarded(bars, plan, costs, terms))
    return found


GO = "long when go > 0; exit when go < 0"


def test_a_stop_that_the_open_meets_goes_before_what_is_left_of_its_entry() -> None:
    """30 of 100 bought at 100; the next open of 80 is below the stop: the 30 are sold, and nothing is bought."""
    flat = np.full(5, 100.0)
    opens, low = np.array([100, 100, 80, 80, 80.0]), np.array([100, 100, 79, 79, 79.0])
    bars = market(5, close=np.where(opens < 100, 80, flat), open=opens, low=low, volume=300.0)
    found = followed(f"{GO}; size shares(100); stop 10%", [1] * 5, bars, Costs(participation=0.1), Terms(2e4))
    assert held(found) == [0, 3_000, 0, 0, 0]
    assert [trade.exit_reason for trade in found.trades] == ["stop 10%"]


def test_an_entry_that_found_no_volume_outlives_a_change_of_size() -> None:
    """Nobody trades on the day of the entry; renewed that night, it is bought in full the day after, and guarded."""
    dates = np.array(["2024-01-30", "2024-01-31", "2024-02-01", "2024-02-02"], "M8[D]")
    volume, low = np.array([1e6, 0.0, 1e6, 1e6]), np.array([100, 100, 100, 80.0])
    bars = market(4, dates=dates, volume=volume, low=low)
    text = f"{GO}; size weight(50%); stop 10%; rebalance monthly"
    found = followed(text, [1] * 4, bars, Costs(participation=0.1), Terms(20_000.0))
    assert held(found) == [0, 0, 10_000, 0]
    assert found.trades[0].entry_reason == "long when go > 0"


def test_a_stop_without_volume_follows_at_the_next_open() -> None:
    """The bar of day 2 goes through the stop, but nobody is told to have traded: sold at the open of day 3."""
    low = np.array([100, 100, 85, 100.0])
    bars = market(4, low=low, volume=np.array([1e6, 1e6, np.nan, 1e6]))
    found = followed(f"{GO}; size shares(100); stop 10%", [1] * 4, bars, Costs(participation=0.1), Terms(2e4))
    assert held(found) == [0, 10_000, 10_000, 0]
    assert (found.trades[0].exit_price, found.trades[0].exit_reason) == (100.0, "stop 10%")


def test_a_call_of_an_account_says_whose() -> None:
    """A falls to 60 on twice its equity; the account of B is not called."""
    close = np.array([[100, 100], [100, 100], [60, 100], [60, 100.0]])
    terms = Terms(10_000.0, initial_margin=0.5, maintenance_margin=0.25)
    signals = Signals(np.array([[2.0, 2.0], *[[np.nan] * 2] * 3]))
    bars = market(4, 2, close=close)
    found = run_fast(bars, signals, None, terms, accounts=True)
    exactly(found, run_events(bars, signals, None, terms, accounts=True))
    assert [(event.kind, event.symbol) for event in found.events] == [("margin call", "A")]


def test_a_position_that_a_merger_turned_round_is_left_at_the_next_open() -> None:
    """100 of B are held with a stop, and 100 of A are owed; A becomes two of B each on day 2: 100 of B are owed,
    which nobody asked for and no stop guards. They are bought back on day 3."""
    close = np.full((5, 2), 100.0)
    close[3:, 0] = np.nan
    bars = market(5, 2, close=close, last=np.array([2, -1]), mergers=(Merger(0, 1, 2.0, 0.0),))
    go = np.array([[-1.0, 1.0]] * 5)
    text = "long when go > 0; short when go < 0; size shares(100); stop 10%"
    plan = rules.plan(rules.parse(text, panels=("go",)), bars, panels={"go": go})
    found = run_guarded_days(bars, plan, Costs(), Terms(50_000.0))
    exactly(found, run_guarded(bars, plan, Costs(), Terms(50_000.0)))
    assert held(found, 1) == [0, 10_000, -10_000, 0, 0]
    assert [trade.exit_reason for trade in found.trades if trade.symbol == "B"][-1] == "received in a merger"

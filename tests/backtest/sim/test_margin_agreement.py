"""Margin in arrays: where it never binds the account is that of orders; where it may, orders are what runs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backtest import rules
from engine.backtest.guarded import run_guarded
from engine.backtest.inputs import Inputs, RunSpec
from engine.backtest.kernel import run_fast
from engine.backtest.kernel_days import MarginBinds
from engine.backtest.kernel_guarded import run_guarded_days
from engine.backtest.result import Costs, Signals, Terms
from engine.backtest.run import run
from engine.backtest.simulate import run_events
from tests.backtest.sim.markets import random_market, random_target
from tests.backtest.sim.test_agreement import COSTS, same

MARGINS = st.tuples(st.sampled_from([None, 0.25, 0.5, 1.0]), st.sampled_from([None, 0.15, 0.25, 0.45]))
SIZES = st.sampled_from([0.1, 0.3, 0.5, 0.9, 1.5])


@given(
    st.integers(0, 10_000), st.booleans(), st.booleans(), st.booleans(), st.booleans(), COSTS, MARGINS, SIZES
)
@settings(max_examples=120, deadline=None)
def test_weights_agree_or_are_left_to_orders(
    seed: int, actions: bool, holes: bool, accounts: bool, fractional: bool, costs: Costs,
    margins: tuple[float | None, float | None], size: float,
) -> None:  # fmt: skip
    bars = random_market(seed, actions=actions, holes=holes)
    signals = Signals(random_target(seed + 1, bars.close.shape, size))
    terms = Terms(100_000.0, fractional, initial_margin=margins[0], maintenance_margin=margins[1])
    try:
        fast = run_fast(bars, signals, costs, terms, accounts=accounts)
    except MarginBinds:
        return
    slow = run_events(bars, signals, costs, terms, accounts=accounts)
    same(fast, slow)
    assert not any(event.kind in ("margin", "margin call") for event in slow.events)


@given(
    st.integers(0, 10_000), st.booleans(), st.booleans(), st.booleans(), COSTS, MARGINS,
    st.sampled_from(["size weight(20%)", "size weight(60%)", "size equal", "size weight(150%)"]),
    st.sampled_from(["stop 2%", "trail 2%", "stop 3%; take 2%", "stop 0.05%"]),
    st.sampled_from(["long when go > 0.3; exit when go < -0.6", "long when go > 0.3; short when go < -0.3"]),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_stops_agree_or_are_left_to_orders(
    seed: int, actions: bool, holes: bool, accounts: bool, costs: Costs,
    margins: tuple[float | None, float | None], size: str, guard: str, entry: str,
) -> None:  # fmt: skip
    bars = random_market(seed, actions=actions, holes=holes)
    go = np.random.default_rng(seed).normal(0.0, 1.0, bars.close.shape)
    plan = rules.plan(rules.parse(f"{entry}; {size}; {guard}", panels=("go",)), bars, panels={"go": go})
    terms = Terms(100_000.0, True, initial_margin=margins[0], maintenance_margin=margins[1])
    try:
        fast = run_guarded_days(bars, plan, costs, terms, accounts=accounts)
    except MarginBinds:
        return
    slow = run_guarded(bars, plan, costs, terms, accounts=accounts)
    same(fast, slow)
    assert not any(event.kind in ("margin", "margin call") for event in slow.events)


@pytest.mark.parametrize(("weight", "path"), [("40%", "fast"), ("190%", "events")])
def test_a_run_goes_order_by_order_only_where_margin_may_bind(weight: str, path: str) -> None:
    bars = random_market(5, actions=False, holes=False)
    text = f"long when close > 0; size weight({weight}); rebalance weekly"
    terms = Terms(100_000.0, True, initial_margin=0.5, maintenance_margin=0.25)
    assert run(Inputs(bars), RunSpec(text, terms=terms)).path == path

"""Many sessions at once are the sessions one by one: money of each currency, bookings and trades."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backtest import rules
from engine.backtest.following import Following
from engine.backtest.fx import Fixings, FxTerms, Rollover, simulate
from engine.backtest.fx.account import Account
from engine.backtest.result import Costs, Signals, Terms
from tests.backtest.fx.pairs import NAN, triangle


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000), st.sampled_from(["USD", "EUR", "JPY"]), st.sampled_from([1.0, 9.0]), st.booleans(),
    st.booleans(),
)  # fmt: skip
def test_quiet_sessions_are_the_sessions_one_by_one(
    seed: int, account: str, weight: float, known: bool, stops: bool
) -> None:
    bars, rng = triangle(seed, 60), np.random.default_rng(seed)
    choice = [NAN, 0.0, weight, -weight]
    wants: Any = Signals(rng.choice(choice, bars.close.shape, p=[0.94, 0.02, 0.02, 0.02]))
    if stops:
        text = (
            "long when close > sma(close, 9); short when close < sma(close, 9); stop 1%; trail 1.5%; take 2%"
        )
        wants = rules.plan(rules.parse(f"{text}; size weight({weight * 20}%)"), bars)
    rates = {code: np.full(60, rate) for code, rate in (("EUR", 0.03), ("USD", 0.05), ("JPY", 0.001))}
    if not known:
        rates["EUR"][20:30] = NAN
    fx = FxTerms(account, pips=1.0, rollover=Rollover(rates, 0.004))
    costs, terms = Costs(per_notional=1e-4), Terms(1e6, fractional=True)
    whole = simulate(bars, wants, costs, terms, fx)
    run = Account(bars, costs, terms, fx, Fixings(), np.zeros(bars.close.shape), Following(wants, bars))
    for row in range(len(bars.dates)):
        run.session(row)
    single = run.records.result(run.ledger)
    assert list(whole.result.ledger) == list(single.ledger)
    assert whole.result.equity.tolist() == single.equity.tolist()
    for code, balance in run.balances.items():
        assert whole.balances[code].tolist() == balance.tolist()
    assert whole.positions.tolist() == run.positions.tolist()
    assert whole.unrolled == run.unrolled
    assert whole.margin == pytest.approx(run.records.margin, rel=1e-12)
    assert [each.text for each in whole.result.events] == [each.text for each in single.events]
    for name in ("entry", "exit", "pnl", "mae", "mfe"):
        assert getattr(whole.result.trades, name) == pytest.approx(
            getattr(single.trades, name), rel=1e-9, abs=1e-5
        )

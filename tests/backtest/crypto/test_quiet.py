"""Many bars at once are the bars one by one: money, bookings and trades, to the last minor unit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backtest import rules
from engine.backtest.crypto import CryptoTerms, Funding, every, simulate
from engine.backtest.crypto.account import Account
from engine.backtest.following import Following
from engine.backtest.result import Costs, Result, Signals, Terms
from tests.backtest.crypto.coins import NAN, counted, days, market, random_market

RULES = (
    "", "", "long when close > sma(close, 9); stop 4%; trail 5%; size weight(40%)",
    "long when close > sma(close, 9); take 6%; hold 12; stop 2*atr(5); size weight(40%)",
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000), st.booleans(), st.booleans(), st.sampled_from([0.9, 2.5]), st.sampled_from(RULES)
)
def test_quiet_bars_are_the_bars_one_by_one(
    seed: int, perpetual: bool, holes: bool, weight: float, text: str
) -> None:
    bars, rng = random_market(seed, rows=80), np.random.default_rng(seed)
    if holes:
        gone = rng.random(bars.close.shape) < 0.1
        for each in (bars.open, bars.high, bars.low, bars.close):
            each[gone] = NAN
    choice = [NAN, 0.0, weight / 2, -weight if perpetual else weight / 3]
    wants: Any = Signals(rng.choice(choice, bars.close.shape, p=[0.94, 0.02, 0.02, 0.02]))
    if text:
        side = f"{text}; short when close < sma(close, 9)" if perpetual else text
        wants = rules.plan(rules.parse(side), bars)
    costs, terms = Costs(per_notional=0.001, spread=0.001), Terms(1e5)
    crypto, funding = CryptoTerms(perpetual), every(bars.dates, 0.0007, 2) if seed % 3 else None
    whole = simulate(bars, wants, costs, terms, crypto, funding)
    run = Account(bars, costs, terms, crypto, funding, np.zeros(bars.close.shape), Following(wants, bars))
    for row in range(len(bars.dates)):
        run.bar(row)
    single: Result = run.records.result(run.books)
    for name in ("equity", "cash", "weights"):
        assert getattr(whole.result, name).tolist() == getattr(single, name).tolist()
    assert list(whole.result.ledger) == list(single.ledger)
    assert whole.positions.tolist() == run.positions.tolist()
    assert whole.margin == pytest.approx(run.records.margin, rel=1e-12)
    assert [each.text for each in whole.result.events] == [each.text for each in single.events]
    for name in ("entry", "exit", "pnl", "mae", "mfe"):
        assert getattr(whole.result.trades, name) == pytest.approx(
            getattr(single.trades, name), rel=1e-9, abs=1e-6
        )


@pytest.mark.parametrize("text", ["", "long when close > 0; take 50%; size shares(1)"])
def test_funding_received_within_a_bar_saves_nothing_from_its_open(text: str) -> None:
    """Long one coin at 100 with 10: at an open of 94.7 there are 4.70, and 4.735 are to be maintained."""
    open_, low = [100.0, 100.0, 100.0, 94.7, 96.0], [100.0, 100.0, 95.0, 94.7, 96.0]
    bars = market(days(5), open_, [100.0, 100.0, 95.0, 96.0, 96.0], low=low)
    wants: Any = rules.plan(rules.parse(text), bars) if text else counted([1.0, NAN, NAN, NAN, NAN])
    noon = Funding(np.array(["2024-03-04T12:00"], dtype="datetime64[s]"), np.array([[-0.02]]))
    run = simulate(bars, wants, Costs(), Terms(10.0), CryptoTerms(True, liquidation_fee=0.0), noon)
    assert run.positions[:, 0].tolist()[:4] == [0, 1, 1, 0]
    assert run.result.equity[3] == pytest.approx(4.7)
    assert (run.liquidations, run.funding) == (1, 0.0)

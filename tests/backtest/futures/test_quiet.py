"""Sessions settled many at once against one by one: every booking, mark and margin the same."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backtest.futures import FuturesRun, Margin, Roll
from engine.backtest.result import Costs, Signals, Terms
from engine.backtest.targets import Targets
from tests.backtest.futures.boards import NAN, random_board
from tests.backtest.futures.test_pool import named, ruled, together, wishes


def one_by_one(given_: object, row: int) -> int:
    return row


RULES = (
    "", "long when close > sma(close, 5); short when close < sma(close, 5); stop 1*atr(3)",
    "long when close > sma(close, 5); exit when close < sma(close, 8); trail 1.5%; rebalance weekly",
    "long when close > 0; take 2%; stop 2*atr(3); trail 3*atr(3); hold 9", "short when close > 0; trail 1*atr(3)",
)  # fmt: skip


def run_of(seed: int, roll: Roll, counted: bool, thin: bool, fractional: bool, text: str = "") -> FuturesRun:
    boards = [named(random_board(seed + at), "AB"[at]) for at in range(2)]
    boards[1] = replace(
        boards[1], contracts=tuple(replace(each, multiplier=12.5) for each in boards[1].contracts)
    )
    if thin:  # sessions without a settlement, and without any bar
        rng = np.random.default_rng(seed)
        hole, gap = rng.random((60, 1)) < 0.1, rng.random((60, 1)) < 0.1
        boards[0] = replace(boards[0], settle=np.where(hole, NAN, boards[0].settle))
        panels = ("open", "high", "low", "close", "settle", "volume")
        boards[1] = replace(
            boards[1], **{name: np.where(gap, NAN, getattr(boards[1], name)) for name in panels}
        )
    target = wishes(seed, 5.0 if counted else 2.0)
    wants = Targets(Signals(target), counted=True) if counted else Signals(target)
    wants = ruled(f"{text}; size {'shares(2)' if counted else 'weight(90%)'}") if text else wants
    margins = [Margin(), Margin(600.0, 500.0, "contract")]
    return together(
        boards, wants, roll, margins=margins, costs=Costs(per_share=1.25, spread=0.001),
        terms=Terms(80_000.0, fractional),
    )  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000), st.sampled_from([Roll("calendar", 0), Roll("calendar", 3), Roll("volume", 2)]),
    st.booleans(), st.booleans(), st.booleans(), st.sampled_from(RULES),
)  # fmt: skip
def test_many_sessions_at_once_book_what_each_books(
    seed: int, roll: Roll, counted: bool, thin: bool, fractional: bool, text: str
) -> None:
    fast = run_of(seed, roll, counted, thin, fractional, text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules["engine.backtest.futures.simulate"], "quiet", one_by_one)
        slow = run_of(seed, roll, counted, thin, fractional, text)
    assert list(fast.result.ledger) == list(slow.result.ledger)
    for name in ("equity", "cash", "weights", "gross"):
        assert getattr(fast.result, name).tobytes() == getattr(slow.result, name).tobytes(), name
    for name in ("margin", "maintenance", "position"):
        assert getattr(fast, name).tolist() == getattr(slow, name).tolist(), name
    assert (fast.contracts, fast.rolls, fast.unsettled) == (slow.contracts, slow.rolls, slow.unsettled)
    assert fast.result.events == slow.result.events
    for ours, theirs in zip(fast.result.trades, slow.result.trades, strict=True):
        assert (ours.entry_date, ours.exit_date, ours.exit_reason) == (
            theirs.entry_date, theirs.exit_date, theirs.exit_reason,
        )  # fmt: skip
        for name in ("pnl", "costs", "mae", "mfe"):
            assert getattr(ours, name) == pytest.approx(getattr(theirs, name), rel=1e-9, abs=1e-9)

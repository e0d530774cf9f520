"""What is thrown out of a chain, and why: every fault that is put in is found, and nothing else goes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.options import black76
from engine.quant.surface import Chain, Reason, Rules, clean_chain, executable_arbitrage
from tests.quant.surface.chains import made

STRIKES = np.arange(80.0, 121.0, 2.0)


def calls(half: float = 0.02) -> tuple[np.ndarray, np.ndarray]:
    price = black76(1.0, 100.0, STRIKES, 0.5, 0.25, 0.99)
    return price - half, price + half


def test_a_clean_chain_stays_whole() -> None:
    chain = made()
    assert clean_chain(chain).kept.all()


def with_fault(chain: Chain, at: int, **changes: float) -> Chain:
    columns = {}
    for name, value in changes.items():
        column = getattr(chain, name).copy()
        column[at] = value
        columns[name] = column
    return replace(chain, **columns)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"bid": np.nan, "ask": np.nan}, Reason.NO_QUOTE),
        ({"bid": 0.0, "ask": 0.0}, Reason.NO_QUOTE),
        ({"bid": 0.0}, Reason.ZERO_BID),
        ({"bid": np.nan}, Reason.ZERO_BID),
        ({"ask": np.nan}, Reason.NO_ASK),
        ({"ask": 0.0}, Reason.NO_ASK),
        ({"ask": 0.01}, Reason.CROSSED),
        ({"ask": 90.0}, Reason.WIDE),
        ({"bid": 140.0, "ask": 141.0}, Reason.BOUND),
        ({"years": 0.0005}, Reason.EXPIRED),
    ],
)
def test_each_fault_has_its_reason(changes: dict[str, float], reason: Reason) -> None:
    chain = made()
    at = int(np.argmax((chain.kind > 0) & (chain.years == 0.3) & (abs(chain.strike - 100) < 3)))
    cleaned = clean_chain(with_fault(chain, at, **changes))
    assert cleaned.reason[at] == reason
    assert cleaned.counts == {reason: 1}


def test_an_american_ask_below_exercise_is_none() -> None:
    chain = made()
    at = int(np.argmax((chain.kind > 0) & (chain.years == 0.3)))
    low = with_fault(chain, at, strike=60.0, bid=30.0, ask=30.2)
    assert clean_chain(low, american=True).reason[at] == Reason.BOUND
    deep = np.flatnonzero((chain.kind < 0) & (chain.years == 2.0) & (chain.strike > 200))
    assert clean_chain(chain).kept[deep].all()  # a European put may well be worth less than strike - spot


def test_stale_quotes_are_those_behind_the_newest() -> None:
    chain = made()
    times = np.full(len(chain.strike), np.datetime64("2026-07-24T20:00:00"))
    times[[4, 9]] -= np.timedelta64(31, "m")
    times[5] -= np.timedelta64(29, "m")
    cleaned = clean_chain(replace(chain, quoted_at=times))
    assert np.flatnonzero(~cleaned.kept).tolist() == [4, 9]
    assert cleaned.counts == {Reason.STALE: 2}
    assert clean_chain(replace(chain, quoted_at=times), Rules(stale_seconds=3600)).kept.all()


def test_of_two_contracts_of_a_strike_the_one_with_more_interest_stays() -> None:
    chain = made()
    names = ("kind", "strike", "years", "bid", "ask")
    twice = Chain(
        *(np.append(getattr(chain, name), getattr(chain, name)[7]) for name in names),
        spot=100.0, open_interest=np.append(np.full(len(chain.strike), 10.0), 500.0),
    )  # fmt: skip
    cleaned = clean_chain(twice)
    assert cleaned.reason[7] == Reason.ADJUSTED
    assert cleaned.kept.sum() == len(chain.strike)


@pytest.mark.parametrize("at", [3, 10, 17])
@pytest.mark.parametrize("move", [-1.5, 1.5])
def test_a_price_that_can_be_traded_against_goes_alone(at: int, move: float) -> None:
    bid, ask = calls()
    bid[at] += move
    ask[at] += move
    vertical, butterfly = executable_arbitrage(1.0, STRIKES, bid, ask)
    assert [*vertical, *butterfly] == [at]


def test_puts_are_calls_mirrored() -> None:
    price = black76(-1.0, 100.0, STRIKES, 0.5, 0.25, 0.99)
    bid, ask = price - 0.02, price + 0.02
    bid[8] += 3.0
    ask[8] += 3.0
    vertical, butterfly = executable_arbitrage(-1.0, STRIKES, bid, ask)
    assert [*vertical, *butterfly] == [8]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_what_is_left_cannot_be_traded_for_a_gain(seed: int) -> None:
    """Checked the slow way: every pair and every three strikes within reach."""
    rng = np.random.default_rng(seed)
    price = black76(1.0, 100.0, STRIKES, 0.5, 0.25, 0.99) + rng.normal(0, 0.3, len(STRIKES))
    bid, ask = price - rng.uniform(0.01, 0.3, len(price)), price + rng.uniform(0.01, 0.3, len(price))
    gone = np.concatenate(executable_arbitrage(1.0, STRIKES, bid, ask))
    k, b, a = (np.delete(each, gone) for each in (STRIKES, bid, ask))
    for i in range(len(k)):
        for j in range(i + 1, len(k)):
            assert b[j] - a[i] <= 1e-9
            assert b[i] - a[j] <= k[j] - k[i] + 1e-9
    for m in range(1, len(k) - 1):
        for i in range(max(0, m - 6), m):
            for j in range(m + 1, min(len(k), m + 7)):
                share = (k[j] - k[m]) / (k[j] - k[i])
                assert share * a[i] + (1 - share) * a[j] >= b[m] - 1e-9


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        Chain(np.ones(2), np.ones(3), np.ones(2), np.ones(2), np.ones(2))

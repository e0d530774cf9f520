"""Other orders of the same trades, random entries: enumeration, slow twins, known truths."""

from __future__ import annotations

from itertools import combinations, permutations
from math import comb

import numpy as np
import pytest

from engine.backtest.honesty import random_entry, trade_order
from engine.backtest.honesty.monte_carlo import _gaps
from engine.quant.performance import max_drawdown


def test_orders_are_as_likely_as_enumeration_says() -> None:
    trades = np.array([0.1, -0.2, 0.05, -0.1, 0.3])
    every = np.array([max_drawdown(np.array(order)) for order in permutations(trades)])
    found = trade_order(trades, 6000, seed=1)
    assert found.observed == pytest.approx(max_drawdown(trades))
    assert found.worse == pytest.approx((every <= found.observed + 1e-12).mean(), abs=0.02)
    assert found.drawdowns.mean() == pytest.approx(every.mean(), abs=0.003)
    assert set(found.drawdowns.round(9)) == set(every.round(9))
    assert found.final == pytest.approx(np.prod(1 + trades) - 1)
    assert found.depth(0.95) <= found.depth(0.5) <= 0


def test_a_lucky_order_is_known_as_one() -> None:
    lucky = np.tile([0.05, -0.04], 40)  # losses never come together
    unlucky = np.sort(lucky)
    assert trade_order(lucky, 500).worse == 1
    assert trade_order(unlucky, 500).worse < 0.01
    assert trade_order(np.full(9, 0.02), 10).worse == 1


@pytest.mark.parametrize(("room", "trades"), [(4, 3), (5, 2), (0, 4), (0, 1), (6, 1)])
def test_gaps_are_every_sharing_out_alike(room: int, trades: int) -> None:
    every = {tuple(c - np.arange(trades)) for c in combinations(range(room + trades), trades)}
    found = _gaps(room, trades, 600 * len(every), np.random.default_rng(0))
    seen, counts = np.unique(found, axis=0, return_counts=True)
    assert {tuple(row) for row in seen} == every
    assert len(every) == comb(room + trades, trades)
    np.testing.assert_allclose(counts, 600, rtol=0.2)


def test_random_entry_is_enumeration_where_that_can_be_done() -> None:
    prices = np.array([10, 11, 9, 12, 12, 15, 14, 16.0])
    begin, end = np.array([0, 4]), np.array([2, 5])
    means = []
    for lengths in ((2, 1), (1, 2)):
        for a in range(8):
            for b in range(a + lengths[0], 8):
                if b + lengths[1] <= 7:
                    first = prices[a + lengths[0]] / prices[a] - 1
                    means.append((first + prices[b + lengths[1]] / prices[b] - 1) / 2)
    found = random_entry(prices[:, None], [0, 0], begin, end, replications=20_000)
    assert found.apart
    assert found.observed == pytest.approx((9 / 10 - 1 + 15 / 12 - 1) / 2)
    assert set(found.samples.round(9)) == set(np.round(means, 9))
    assert found.samples.mean() == pytest.approx(np.mean(means), abs=0.004)
    assert found.p_value == pytest.approx((np.array(means) >= found.observed - 1e-12).mean(), abs=0.015)


def market(rng: np.random.Generator, drift: float = 0.0003) -> np.ndarray:
    return 100 * np.exp(np.cumsum(rng.normal(drift, 0.01, (600, 4)), axis=0))


def test_random_trades_p_values_are_uniform() -> None:
    found = []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        begin = np.sort(rng.choice(np.arange(0, 580, 12), 20, replace=False))
        length = rng.integers(1, 12, 20)
        found.append(
            random_entry(
                market(rng), rng.integers(0, 4, 20), begin, begin + length, replications=99, seed=seed
            ).p_value
        )
    assert np.mean(found) == pytest.approx(0.5, abs=0.08)
    assert np.mean(np.array(found) < 0.1) == pytest.approx(0.1, abs=0.07)


def test_foresight_is_seen_and_so_is_its_opposite(rng: np.random.Generator) -> None:
    prices = market(rng)
    begin = np.arange(0, 590, 5)
    side = np.where(prices[begin + 5, 0] > prices[begin, 0], 1, -1)
    column = np.zeros(len(begin), dtype=int)
    assert random_entry(prices, column, begin, begin + 5, side, 300).p_value == pytest.approx(1 / 301)
    assert random_entry(prices, column, begin, begin + 5, -side, 300).p_value == 1


def test_always_in_the_market_is_no_choice_of_entry(rng: np.random.Generator) -> None:
    prices = market(rng)
    found = random_entry(prices, [0], [0], [599], replications=50)
    assert found.p_value == 1
    np.testing.assert_allclose(found.samples, found.observed)


def test_overlapping_trades_are_placed_by_themselves(rng: np.random.Generator) -> None:
    found = random_entry(market(rng), [0, 0], [10, 12], [30, 20], replications=50)
    assert not found.apart
    assert found.samples.std() > 0


def test_trades_stay_within_the_listing_and_carry_over_halts(rng: np.random.Generator) -> None:
    prices = market(rng)
    prices[:100, 1] = np.nan
    prices[500:, 1] = np.nan
    prices[200:210, 1] = np.nan
    found = random_entry(prices, [1, 1], [150, 205], [190, 260], replications=400)
    assert np.isfinite(found.samples).all()
    assert found.observed == pytest.approx(
        (prices[190, 1] / prices[150, 1] + prices[260, 1] / prices[199, 1]) / 2 - 1
    )
    with pytest.raises(ValueError, match="outside of the sessions"):
        random_entry(prices, [1], [90], [150])


def test_scale_of_prices_and_order_of_symbols_change_nothing(rng: np.random.Generator) -> None:
    prices = market(rng)
    args = ([0, 0, 0], [5, 40, 300], [20, 80, 310])
    one = random_entry(prices, *args, replications=60, seed=4)
    two = random_entry(prices * 7, *args, replications=60, seed=4)
    np.testing.assert_allclose(one.samples, two.samples)
    assert one.p_value == two.p_value


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: trade_order([]), "one or more"),
        (lambda: trade_order([0.1, np.nan]), "none missing"),
        (lambda: trade_order([-1.5]), "more than the equity"),
        (lambda: random_entry(np.ones((9, 1)), [0], [4], [4]), "exits after its entry"),
        (lambda: random_entry(np.ones((9, 1)), [0], [4], [9]), "within the sessions"),
        (lambda: random_entry(np.ones((9, 1)), [0], [4], [5], [2]), "1 .long."),
        (lambda: random_entry(np.ones((9, 1)), [], [], []), "at least one trade"),
    ],
)
def test_refusals_are_sentences(call, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()

"""Costs, delays, plateaus and capacity: closed forms and slow twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from engine.backtest.honesty import capacity, cost_delay_grid, cost_grid, impact_of_capital, plateau
from engine.quant.performance import cagr, sharpe_ratio


def test_costs_take_their_turnover_and_break_even_is_nothing_left(rng: np.random.Generator) -> None:
    gross, traded = rng.normal(0.001, 0.01, 500), rng.uniform(0, 0.4, 500)
    gross[7] = np.nan
    found = cost_grid(gross, traded, [0.0, 0.001, 0.01])
    for cost, sharpe, growth in zip(found.costs, found.sharpe, found.cagr, strict=True):
        assert sharpe == pytest.approx(sharpe_ratio(gross - traded * cost))
        assert growth == pytest.approx(cagr(gross - traded * cost))
    assert np.nanmean(gross - traded * found.break_even) == pytest.approx(0, abs=1e-15)
    assert cost_grid(np.full(9, 0.01), np.zeros(9), [0.1]).break_even == np.inf


def test_delays_slow_twin(rng: np.random.Generator) -> None:
    weights, returns = rng.normal(0, 0.3, (80, 3)), rng.normal(0, 0.01, (80, 3))
    weights[4, 1] = np.nan
    returns[50, 2] = np.nan
    found = cost_delay_grid(weights, returns, [0.0, 0.002], [1, 2, 5])
    held, earned = np.nan_to_num(weights), np.nan_to_num(returns)
    assert found.sessions == 75
    for i, lag in enumerate((1, 2, 5)):
        for j, cost in enumerate((0.0, 0.002)):
            net = []
            for t in range(5, 80):
                before = held[t - lag - 1] if t > lag else np.zeros(3)
                net.append(held[t - lag] @ earned[t] - cost * np.abs(held[t - lag] - before).sum())
            assert found.sharpe[i, j] == pytest.approx(sharpe_ratio(np.array(net)))
            assert found.cagr[i, j] == pytest.approx(cagr(np.array(net)))


def test_a_signal_good_for_one_day_is_gone_on_the_next(rng: np.random.Generator) -> None:
    returns = rng.normal(0, 0.01, (800, 2))
    weights = np.vstack([returns[1:], np.zeros((1, 2))]) * 10  # knows tomorrow
    found = cost_delay_grid(weights, returns, [0.0], [1, 2])
    assert found.sharpe[0, 0] > 10 > abs(found.sharpe[1, 0]) * 3
    with pytest.raises(ValueError, match="look ahead"):
        cost_delay_grid(weights, returns, [0.0], [0, 1])


def test_plateaus_and_needles() -> None:
    x, y = np.mgrid[-5:6, -5:6]
    hill = 2 - 0.01 * (x**2 + y**2)
    needle = np.where((x == 3) & (y == -2), 2.0, 0.1)
    flat, sharp = plateau(hill), plateau(needle)
    assert (flat.best, flat.kept, flat.value) == ((5, 5), 1.0, 2.0)
    assert flat.worst == pytest.approx(1.98)
    assert flat.robust == (5, 5)
    assert (sharp.best, sharp.kept, sharp.kept_of_all) == ((8, 3), 0.0, 0.0)
    assert sharp.smoothed[8, 3] == pytest.approx((2 + 8 * 0.1) / 9)
    mixed = needle + np.where(np.maximum(abs(x + 3), abs(y - 3)) <= 1, 1.2, 0)
    assert plateau(mixed).best == (8, 3)
    assert plateau(mixed).robust == (2, 8)


def test_roughness_is_that_of_noise_and_of_a_slope(rng: np.random.Generator) -> None:
    assert plateau(rng.normal(size=(120, 120))).roughness == pytest.approx(2 / np.sqrt(np.pi), rel=0.02)
    slope = np.arange(100.0)
    assert plateau(slope).roughness == pytest.approx(1 / slope.std())
    assert plateau(slope * 5 + 7).roughness == pytest.approx(plateau(slope).roughness)
    assert np.isnan(plateau(np.ones(5)).roughness)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 2), st.integers(0, 10_000), st.floats(0.3, 1))
def test_plateau_slow_twin(radius: int, seed: int, keep: float) -> None:
    rng = np.random.default_rng(seed)
    grid = rng.normal(0.5, 1, (6, 4, 3))
    grid[rng.random(grid.shape) < 0.15] = np.nan
    found = plateau(grid, radius, keep)
    best = np.unravel_index(np.nanargmax(grid), grid.shape)
    near = [
        grid[at]
        for at in np.ndindex(grid.shape)
        if at != best and max(abs(a - b) for a, b in zip(at, best, strict=True)) <= radius
    ]
    assert found.best == best
    assert found.kept == pytest.approx(np.mean([cell >= keep * grid[best] for cell in near]))
    for at in ((0, 0, 0), (3, 2, 1), (5, 3, 2)):
        box = [grid[b] for b in np.ndindex(grid.shape) if max(abs(np.subtract(at, b))) <= radius]
        wanted = np.nanmean(box) if np.isfinite(grid[at]) else np.nan
        assert found.smoothed[at] == pytest.approx(wanted, nan_ok=True)


def test_no_share_is_kept_of_a_loss() -> None:
    found = plateau(-np.ones((3, 3)))
    assert np.isnan(found.kept)
    with pytest.raises(ValueError, match="no optimum"):
        plateau(np.full(4, np.nan))


def book(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    trades = np.abs(rng.normal(0, 0.05, (400, 5)))
    return (
        rng.normal(0.0008, 0.008, 400),
        trades,
        rng.uniform(1e7, 5e8, (400, 5)),
        rng.uniform(0.01, 0.03, (400, 5)),
    )


def test_impact_slow_twin(rng: np.random.Generator) -> None:
    _, x, v, s = book(rng)
    slow = [
        sum(0.7 * s[t, i] * x[t, i] * np.sqrt(3e6 * x[t, i] / v[t, i]) for i in range(5)) for t in range(400)
    ]
    np.testing.assert_allclose(np.sqrt(3e6) * impact_of_capital(x, v, s, 0.7), slow)


def test_capacity_is_where_a_root_finder_says(rng: np.random.Generator) -> None:
    g, x, v, s = book(rng)
    cost = impact_of_capital(x, v, s)
    found = capacity(g, x, v, s, capitals=[0, 1e6, 1e8], limit=0.1)

    def net(c: float) -> float:
        return float(sharpe_ratio(g - np.sqrt(c) * cost))

    wanted = brentq(lambda c: net(c) - net(0) / 2, 1.0, 1e13, xtol=1e-3)
    assert found.halved == pytest.approx(wanted, rel=1e-6)
    assert found.sharpe == pytest.approx(net(0))
    np.testing.assert_allclose(found.net_sharpe, [net(0), net(1e6), net(1e8)])
    assert net(found.break_even) == pytest.approx(0, abs=1e-9)
    money = [c * (g - np.sqrt(c) * cost).mean() for c in found.most_money * np.array([0.99, 1, 1.01])]
    assert money[1] == max(money)
    assert found.limited == pytest.approx(0.1 * (v / x).min())
    assert found.participation == pytest.approx((found.halved * x / v).max())


def test_capacity_of_constant_trading_is_in_closed_form(rng: np.random.Generator) -> None:
    """With one cost every session, half of the ratio is half of the mean: sqrt(C) i = m / 2."""
    g = rng.normal(0.001, 0.01, 300)
    one = np.ones((300, 1))
    found = capacity(g, 0.2 * one, 1e8 * one, 0.02 * one)
    i = 0.02 * 0.2**1.5 / np.sqrt(1e8)
    assert found.halved == pytest.approx((g.mean() / (2 * i)) ** 2)
    assert found.most_money == pytest.approx((2 * g.mean() / (3 * i)) ** 2)
    assert found.break_even == pytest.approx(4 * found.halved)


def test_four_times_the_volume_is_four_times_the_capacity(rng: np.random.Generator) -> None:
    g, x, v, s = book(rng)
    assert capacity(g, x, 4 * v, s).halved == pytest.approx(4 * capacity(g, x, v, s).halved)
    assert capacity(g, x, v, s, coefficient=2).halved == pytest.approx(capacity(g, x, v, s).halved / 4)


def test_capacity_at_the_ends(rng: np.random.Generator) -> None:
    g, x, v, s = book(rng)
    assert capacity(-np.abs(g), x, v, s).halved == 0
    idle = capacity(g, 0 * x, v, s, limit=0.1)
    assert (idle.halved, idle.break_even, idle.participation, idle.limited) == (np.inf, np.inf, 0, np.inf)
    v[3, 2] = 0
    with pytest.raises(ValueError, match="Session 3 trades symbol 2"):
        capacity(g, x, v, s)
    x[3, 2] = np.nan
    assert np.isfinite(capacity(g, x, v, s).halved)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: cost_grid([0.1], [-1.0], [0.1]), "0 or more"),
        (lambda: cost_delay_grid(np.ones((5, 1)), np.ones((4, 1)), [0.1]), "one shape"),
        (lambda: cost_delay_grid(np.ones((5, 1)), np.ones((5, 1)), [0.1]), "fewer than two"),
        (lambda: plateau([1.0, 2.0], keep=0), "above 0"),
        (lambda: capacity(np.ones(9), *[np.ones((9, 1))] * 3), "never move"),
    ],
)
def test_refusals_are_sentences(call, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()

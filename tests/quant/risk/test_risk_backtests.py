"""Backtests: published answers, rejection rates by simulation, and forecasts that a slow twin makes too."""

from __future__ import annotations

import numpy as np
import pytest

from engine.quant import risk


def test_rolling_forecasts_are_the_estimates_of_the_days_before() -> None:
    r = np.random.default_rng(3).standard_t(4, 340) * 0.01
    window = 300
    twins = {
        "historical": risk.historical_risk, "normal": risk.normal_risk, "cornish_fisher": risk.cornish_fisher_risk,
        "age_weighted": risk.age_weighted_risk,
    }  # fmt: skip
    for method, twin in twins.items():
        made = risk.rolling_risk(r, method, 0.975, window=window)  # type: ignore[arg-type]
        assert np.isnan(made.value_at_risk[:window]).all()
        for day in (300, 317, 339):
            slow = twin(r[day - window : day], 0.975)
            assert made.value_at_risk[day] == pytest.approx(slow.value_at_risk, rel=1e-12), method
            assert made.expected_shortfall[day] == pytest.approx(slow.expected_shortfall, rel=1e-12), method


def test_fitted_forecasts_are_the_estimates_on_the_day_of_a_fit() -> None:
    r = np.random.default_rng(4).standard_t(5, 520) * 0.01
    window = 500
    for method, twin in (("filtered", risk.filtered_risk), ("conditional_evt", risk.conditional_evt_risk),
                         ("evt", risk.evt_risk)):  # fmt: skip
        made = risk.rolling_risk(r, method, 0.99, window=window, refit=20)  # type: ignore[arg-type]
        slow = twin(r[:window], 0.99)
        assert made.value_at_risk[window] == pytest.approx(slow.value_at_risk, rel=2e-3), method
        assert made.expected_shortfall[window] == pytest.approx(slow.expected_shortfall, rel=2e-3), method
    scaled = risk.rolling_risk(r, "volatility_scaled", 0.99, window=window)
    assert np.isfinite(scaled.value_at_risk).sum() == 0  # twenty days more are needed


def test_right_forecasts_are_seldom_rejected_and_wrong_ones_often() -> None:
    rng = np.random.default_rng(8)
    right = wrong = 0
    for _ in range(200):
        hits = rng.random(500) < 0.05
        right += risk.kupiec(int(hits.sum()), 500, 0.05).p_value < 0.05
        wrong += risk.kupiec(int((rng.random(500) < 0.10).sum()), 500, 0.05).p_value < 0.05
    assert right / 200 < 0.1
    assert wrong / 200 > 0.9
    clustered = np.repeat(rng.random(100) < 0.1, 5)
    assert risk.christoffersen_independence(*risk.passages(clustered)).p_value < 1e-6


def test_passages_are_counted() -> None:
    assert risk.passages([0, 1, 1, 0, 0, 1]) == (1, 2, 1, 1)


def test_edges_of_the_counts() -> None:
    assert risk.kupiec(0, 250, 0.01).statistic == pytest.approx(-2 * 250 * np.log(0.99))
    assert risk.kupiec_region(0.01, 100)[0] == -1
    assert risk.kupiec_region(0.01, 255)[0] == 0
    assert risk.christoffersen_independence(249, 0, 0, 0).statistic == 0
    assert risk.binomial_tail(0, 250, 0.01) == 1
    assert risk.traffic_light(5, 500).plus is None
    with pytest.raises(ValueError, match="cannot be"):
        risk.kupiec(5, 3, 0.01)


def test_acerbi_szekely_critical_values_of_the_paper() -> None:
    """Z2 at 5% is -0.70 for 250 days at 97.5%, whatever t is right (Acerbi and Szekely 2014, table 5)."""
    for degrees in (5, 10, 100):
        var, shortfall = risk.t_tail(0.0, 0.01, degrees, 0.975)
        x = np.random.default_rng(1).standard_t(degrees, 250) * 0.01
        tests = risk.acerbi_szekely(
            x, np.full(250, var), np.full(250, shortfall), 0.975, simulations=20000, seed=2
        )
        assert tests[1].critical == pytest.approx(-0.70, abs=0.06)


def test_acerbi_szekely_by_hand_and_when_shortfall_is_too_low() -> None:
    x = np.array([-0.05, 0.01, -0.03, 0.02])
    z1, z2 = risk.acerbi_szekely(x, np.full(4, 0.02), np.full(4, 0.04), 0.75, simulations=500)
    assert z1.statistic == pytest.approx((-0.05 - 0.03) / 0.04 / 2 + 1)
    assert z2.statistic == pytest.approx((-0.05 - 0.03) / 0.04 / (4 * 0.25) + 1)
    rng = np.random.default_rng(9)
    heavy = rng.standard_t(3, 1000) * 0.01
    var, shortfall = risk.normal_tail(0.0, 0.01, 0.975)
    low = risk.acerbi_szekely(heavy, np.full(1000, var), np.full(1000, shortfall), 0.975)
    assert low[0].p_value < 0.05
    assert low[1].p_value < 0.01
    none = risk.acerbi_szekely(np.full(50, 0.01), np.full(50, 0.02), np.full(50, 0.03), 0.975)
    assert np.isnan(none[0].statistic)
    with pytest.raises(ValueError, match="not below"):
        risk.acerbi_szekely(x, np.full(4, 0.02), np.full(4, 0.01), 0.75)


def test_rolling_copula_looks_only_at_its_window() -> None:
    rng = np.random.default_rng(6)
    r = rng.normal(0, 0.01, (280, 2))
    made = risk.rolling_copula(r, [0.5, 0.5], 0.95, window=250, refit=20, simulations=2000, seed=1)
    drawn = risk.copula_scenarios(r[20:270], simulations=2000, seed=1) @ [0.5, 0.5]
    assert made.value_at_risk[270] == pytest.approx(risk.sample_tail(-drawn, 0.95)[0])
    assert made.value_at_risk[279] == made.value_at_risk[270]

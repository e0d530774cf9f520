"""Options under stress: revaluation by hand, the volatility shock's shape, and the nearest way to lose."""

from __future__ import annotations

import numpy as np
import pytest

from engine.quant import risk
from engine.quant.options import bsm

CALL = risk.OptionLeg(0, 1, 100.0, 0.5, 3.0, 0.25, 0.02)
PUT = risk.OptionLeg(1, -1, 45.0, 0.25, -2.0, 0.4)


def test_a_book_is_worth_its_legs() -> None:
    found = risk.book_values([100.0, 50.0], [CALL, PUT])
    assert found[0] == pytest.approx(300 * float(bsm(1, 100.0, 100.0, 0.5, 0.02, 0.0, 0.25)))
    assert found[1] == pytest.approx(-200 * float(bsm(-1, 50.0, 45.0, 0.25, 0.0, 0.0, 0.4)))
    assert risk.book_values([100.0], []).shape == (0,)


def test_shock_moves_strikes_and_terms_as_it_says() -> None:
    shock = risk.VolatilityShock(0.05, -0.1, 0.06)
    expected = 0.4 + 0.05 - 0.1 * np.log(45 / 50) / np.sqrt(0.25) + 0.06 * np.sqrt(1 / 12 / 0.25)
    assert shock.of(PUT, 50.0) == pytest.approx(expected)
    assert risk.VolatilityShock(-1.0).of(CALL, 100.0) == 0.01
    assert risk.VolatilityShock(term=0.06).of(
        risk.OptionLeg(0, 1, 100, 1 / 365, 1, 0.2), 100.0
    ) == pytest.approx(0.26)


def test_change_is_full_revaluation() -> None:
    change = risk.book_change([100.0, 50.0], [10.0, 0.0], [CALL], [-0.2, 0.0], risk.VolatilityShock(0.1))
    after = 300 * float(bsm(1, 80.0, 100.0, 0.5, 0.02, 0.0, 0.35))
    before = 300 * float(bsm(1, 100.0, 100.0, 0.5, 0.02, 0.0, 0.25))
    assert change == pytest.approx(-200 + after - before)
    assert risk.book_change([100.0], [1.0], [], [0.0]) == 0


def test_reverse_of_a_straight_book_is_the_closed_form() -> None:
    cov = np.array([[4.0, 2.0], [2.0, 9.0]]) * 1e-3
    found = risk.reverse_book_stress([100.0, 50.0], [10.0, 20.0], [], cov, 100.0)
    linear = risk.reverse_stress(cov, [0.5, 0.5], 0.05)  # 1,000 in each
    np.testing.assert_allclose(found.scenario, linear.scenario, rtol=1e-5)
    assert found.distance == pytest.approx(linear.distance, rel=1e-6)


def test_reverse_of_a_short_straddle_finds_the_nearer_side() -> None:
    legs = [risk.OptionLeg(0, kind, 100.0, 0.25, -1.0, 0.3) for kind in (1, -1)]
    found = risk.reverse_book_stress([100.0], [0.0], legs, [[0.01]], 1000.0, seed=1)
    assert risk.book_change([100.0], [0.0], legs, found.scenario) == pytest.approx(-1000, rel=1e-5)
    grid = np.linspace(-0.9, 0.9, 3601)
    losing = grid[[risk.book_change([100.0], [0.0], legs, [x]) <= -1000 for x in grid]]
    assert abs(found.scenario[0]) == pytest.approx(np.abs(losing).min(), abs=1e-3)


def test_a_loss_that_cannot_be() -> None:
    bought = [risk.OptionLeg(0, 1, 100.0, 0.25, 1.0, 0.3)]
    with pytest.raises(ValueError, match="smaller loss"):
        risk.reverse_book_stress([100.0], [0.0], bought, [[0.01]], 1e6)

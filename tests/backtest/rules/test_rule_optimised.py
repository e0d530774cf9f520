"""Sizes by an optimiser: those of the library on the same window, by side, and nothing of what comes later."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.backtest import rules
from engine.backtest.rules.characteristics import standing
from engine.backtest.rules.optimised import OPTIMISERS
from engine.backtest.strategy import changes
from engine.quant.portfolio import Constraints, minimum_variance, risk_parity
from engine.quant.risk import ledoit_wolf_covariance
from tests.backtest.rules.markets import random

MARKET = random(300, 6, seed=3, gaps=False)


@pytest.mark.parametrize("kind", OPTIMISERS)
def test_weights_of_a_side_add_up_to_its_part(kind: str) -> None:
    plan = rules.plan(rules.parse(f"top 3 by ret_1m; bottom 2 by ret_1m; size {kind}(60)"), MARKET)
    assert plan.weights is not None
    rows = np.flatnonzero(plan.rebalance)
    late = [row for row in rows if row >= 60]
    assert late
    for row in late:
        longs = plan.long.selected[row]  # type: ignore[index]
        shorts = plan.short.selected[row]  # type: ignore[index]
        for side in (longs, shorts):
            given = plan.weights[row, side]
            if np.isfinite(given).all():  # maximum_sharpe may find none
                assert given.sum() == pytest.approx(0.5, abs=1e-6)


def test_they_are_those_of_the_library_on_the_window_up_to_the_day() -> None:
    plan = rules.plan(
        rules.parse("long when close > 0; size minimum_variance(50, 40%); rebalance weekly"), MARKET
    )
    parity = rules.plan(rules.parse("long when close > 0; size risk_parity(50); rebalance weekly"), MARKET)
    closes = standing(MARKET.signal_prices(dividends=True)["close"])
    row = int(np.flatnonzero(plan.rebalance)[20])
    window = (closes[1:] / closes[:-1] - 1)[row - 50 : row]
    covariance = ledoit_wolf_covariance(window).matrix * 252
    assert plan.weights is not None
    assert parity.weights is not None
    wanted = minimum_variance(covariance, Constraints(low=0.0, high=0.4))
    assert plan.weights[row] == pytest.approx(wanted, abs=1e-8)
    assert parity.weights[row] == pytest.approx(risk_parity(covariance), abs=1e-8)
    assert (plan.weights[row] <= 0.4 + 1e-6).all()


def test_they_hang_on_nothing_later() -> None:
    read = rules.parse("top 3 by ret_1m; size risk_parity(40); rebalance weekly")

    def answer(market: object, _: object) -> np.ndarray:
        found = rules.plan(read, market)  # type: ignore[arg-type]
        assert found.weights is not None
        return found.weights

    assert changes(answer, MARKET, 6) == ()  # type: ignore[arg-type]


def test_a_name_with_too_few_returns_is_left_out() -> None:
    closes = MARKET.close.copy()
    closes[:150, 0] = np.nan
    young = replace(MARKET, close=closes)
    plan = rules.plan(
        rules.parse("long when close > 0; size hierarchical_risk_parity(60); rebalance weekly"), young
    )
    assert plan.weights is not None
    row = int(np.flatnonzero(plan.rebalance & (np.arange(300) > 160))[0])
    assert np.isnan(plan.weights[row, 0])
    assert np.nansum(plan.weights[row]) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(
    "text", ["size risk_parity(1)", "size minimum_variance(60, 3)", "size risk_parity(60, 0.2)"]
)
def test_what_an_optimiser_does_not_take_is_told(text: str) -> None:
    with pytest.raises(rules.RuleError):
        rules.parse(f"top 3 by ret_1m; {text}")


def test_it_is_printed_and_rebalances_monthly_unless_said() -> None:
    read = rules.parse("long when close > 5; size maximum_sharpe")
    assert rules.parse(rules.write(read)) == read
    assert read.rebalance == "monthly"
    assert rules.warm_up(read) == 252

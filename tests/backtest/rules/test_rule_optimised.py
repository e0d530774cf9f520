"""Sizes by an optimiser: those of the library on the same window, by side, and nothing of what comes later."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.backtest import rules
from engine.backtest.rules.characteristics import standing
from engine.backtest.rules.optimised import AIMS, OF_OPT, OPTIMISERS
from engine.backtest.strategy import changes, shortened
from engine.quant import portfolio as q
from engine.quant.portfolio import Constraints, minimum_variance, risk_parity
from engine.quant.risk import ledoit_wolf_covariance
from tests.backtest.rules.markets import random

MARKET = random(300, 6, seed=3, gaps=False)
GOALS = {"mean_variance": "3, ", "mean_variance_return": "1%, ", "mean_variance_volatility": "90%, "}


def size(kind: str, window: int) -> str:
    return f"size {kind}({GOALS.get(kind, '')}{window})"


@pytest.mark.parametrize("kind", OPTIMISERS)
def test_weights_of_a_side_add_up_to_its_part(kind: str) -> None:
    plan = rules.plan(
        rules.parse(f"top 3 by ret_1m; bottom 2 by ret_1m; {size(kind, 60)}; rebalance quarterly"), MARKET
    )
    assert plan.weights is not None
    rows = np.flatnonzero(plan.rebalance)
    late = [row for row in rows if row >= 60]
    assert late
    for row in late:
        longs = plan.long.selected[row]  # type: ignore[index]
        shorts = plan.short.selected[row]  # type: ignore[index]
        for side in (longs, shorts):
            given = plan.weights[row, side]
            # where no mean return is above nothing there is no largest ratio, nor weights that earn a return
            if kind not in ("maximum_sharpe", "mean_variance_return"):
                assert np.isfinite(given).all()
            if np.isfinite(given).all():
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


def windowed(text: str) -> tuple[np.ndarray, np.ndarray]:
    """Weights on a rebalance day, and the returns of the 50 sessions up to it."""
    plan = rules.plan(rules.parse(f"long when close > 0; {text}; rebalance quarterly"), MARKET)
    assert plan.weights is not None
    row = int(np.flatnonzero(plan.rebalance & (np.arange(300) > 60))[0])
    closes = standing(MARKET.signal_prices(dividends=True)["close"])
    return plan.weights[row], (closes[1:] / closes[:-1] - 1)[row - 50 : row]


def test_every_aim_is_the_librarys_under_its_bounds() -> None:
    bounds = Constraints(low=0.1, high=0.3)
    found, returns = windowed("size minimum_shortfall(50, 30%, 10%)")
    assert found == pytest.approx(q.minimum_shortfall(returns, 0.95, bounds), abs=1e-6)
    covariance, means = ledoit_wolf_covariance(returns).matrix * 252, returns.mean(axis=0) * 252
    found, _ = windowed("size mean_variance(4, 50, 30%, 10%)")
    assert found == pytest.approx(q.mean_variance(means, covariance, bounds, risk_aversion=4.0), abs=1e-6)
    found, _ = windowed("size mean_variance_volatility(40%, 50)")
    wanted = q.mean_variance(means, covariance, Constraints(), target_volatility=0.4)
    assert found == pytest.approx(wanted, abs=1e-6)
    found, _ = windowed("size inverse_volatility(50)")
    apart = 1 / returns.std(axis=0, ddof=1)
    assert found == pytest.approx(apart / apart.sum(), abs=1e-12)
    found, _ = windowed("size hierarchical_risk_parity_ward(50)")
    assert found == pytest.approx(q.hierarchical_risk_parity(covariance, linkage="ward"), abs=1e-12)
    assert np.isnan(windowed("size mean_variance_return(5000%, 50)")[0]).all()  # nothing earns that


def test_a_short_side_earns_what_its_names_lose() -> None:
    plan = rules.plan(
        rules.parse("short when close > 0; size mean_variance(1, 50); rebalance quarterly"), MARKET
    )
    assert plan.weights is not None
    row = int(np.flatnonzero(plan.rebalance & (np.arange(300) > 60))[0])
    _, returns = windowed("size inverse_volatility(50)")
    covariance = ledoit_wolf_covariance(returns).matrix * 252
    wanted = q.mean_variance(-returns.mean(axis=0) * 252, covariance, Constraints(), risk_aversion=1.0)
    assert plan.weights[row] == pytest.approx(wanted, abs=1e-6)


def test_the_words_of_opt_are_the_same_aims() -> None:
    for word, kind in OF_OPT.items():
        goal = "(10%)" if AIMS[kind].goal else ""
        one, other = (rules.parse(f"top 3 by ret_1m; size {each}{goal}") for each in (word, kind))
        assert one == other
        assert rules.parse(rules.write(one)) == one


@pytest.mark.parametrize("kind", OPTIMISERS)
def test_they_hang_on_nothing_later(kind: str) -> None:
    read = rules.parse(f"top 3 by ret_1m; {size(kind, 30)}; rebalance monthly")
    market = shortened(MARKET, 129)

    def answer(market: object, _: object) -> np.ndarray:
        found = rules.plan(read, market)  # type: ignore[arg-type]
        assert found.weights is not None
        return found.weights

    assert changes(answer, market, 4) == ()  # type: ignore[arg-type]


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
    "text",
    [
        "size risk_parity(1)",
        "size minimum_variance(60, 3)",
        "size risk_parity(60, 0.2)",
        "size mean_variance",
        "size minimum_variance(60, 20%, 30%)",
        "size mean_variance(3, 1)",
        "size inverse_volatility(20, 1, 1)",
    ],
)
def test_what_an_optimiser_does_not_take_is_told(text: str) -> None:
    with pytest.raises(rules.RuleError):
        rules.parse(f"top 3 by ret_1m; {text}")


def test_it_is_printed_and_rebalances_monthly_unless_said() -> None:
    read = rules.parse("long when close > 5; size maximum_sharpe")
    assert rules.parse(rules.write(read)) == read
    assert read.rebalance == "monthly"
    assert rules.warm_up(read) == 252

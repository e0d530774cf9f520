"""BACKTEST's page of honesty: costs and delays of what was truly traded, against a plain loop."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engine.desk import Desk
from engine.figures import Heatmap
from engine.functions import _backtest_report as report
from engine.functions._backtest_found import Beside
from engine.page import Page
from engine.runs import carry

HELD = 'BACKTEST AAPL IBM MSFT "long when close > 0" 2005-01-03..2012-12-31 COST=0 SLIP=0 HONESTY'
MOVED = 'BACKTEST AAPL IBM MSFT "long when rsi(14) < 45; exit when rsi(14) > 55" 5Y COST=0 SLIP=0 HONESTY'


def grid(page: Page) -> Heatmap:
    panel = page.panel("robust")
    assert panel is not None
    assert isinstance(panel.figure, Heatmap)
    return panel.figure


def last_run() -> carry.Run:
    return next(reversed(carry._runs._held.values())).value


def test_weights_that_only_drift_are_not_traded(make_desk: Callable[[], Desk]) -> None:
    """Bought once and held: no cost of trading can change what came after."""
    found = grid(make_desk().run(HELD))
    assert found.rows[0] == "as run"
    assert found.values[0] == pytest.approx(np.full(len(found.columns), found.values[0, 0]), rel=1e-9)


def test_costs_and_delays_are_those_of_a_plain_loop(make_desk: Callable[[], Desk]) -> None:
    found = grid(make_desk().run(MOVED))
    run = last_run()
    result, market = run.outcome.result, run.market
    total, price = (market.signal_prices(dividends=each)["close"] for each in (True, False))
    weights = result.weights
    assert found.rows == ("as run", "1 later", "2 later", "5 later", "10 later")
    for down, late in enumerate((0, 1, 2, 5, 10)):
        for across, cost in enumerate((0.0, 5e-4, 10e-4)):
            made = []
            for day in range(11, len(weights)):
                held = (
                    day - 1 - late
                )  # decided the evening before ``held``, filled in it, earning from its close on
                gained = sum(weights[held, at] * (total[day, at] / total[day - 1, at] - 1) for at in range(3))
                before = weights[held - 1] if held else np.zeros(3)
                grown = (
                    before * price[held] / price[held - 1] / (1 + result.returns[held]) if held else before
                )
                made.append(gained - cost * float(np.abs(weights[held] - grown).sum()))
            sharpe = np.mean(made) / np.std(made, ddof=1) * np.sqrt(252)
            assert found.values[down, across] == pytest.approx(sharpe, rel=1e-9)


def test_what_fell_while_no_price_was_known_has_fallen() -> None:
    """The move over a gap belongs to no session's return, and to the drawdown all the same."""
    levels = np.array([np.nan, 1.0, 1.25, np.nan, np.nan, 0.5, 0.75])
    beside = Beside("SPX", "SPX held", levels)
    found: Any = SimpleNamespace(days=np.arange(7), rows=np.arange(7), returns=np.zeros(7), beside=(beside,))
    line = report.drawdown(found).series[1].values
    assert line == pytest.approx([np.nan, 0.0, 0.0, np.nan, np.nan, -60.0, -40.0], nan_ok=True)

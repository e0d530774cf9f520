"""BACKTEST's page of honesty: each cell of costs and delays is a run, and what cannot be told is told why."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engine.desk import Desk
from engine.figures import Heatmap
from engine.functions import _backtest_capacity as capacity
from engine.functions import _backtest_found as found
from engine.functions import _backtest_report as report
from engine.functions import _backtest_robust as robust
from engine.functions._backtest_found import Beside
from engine.page import Metrics, Page
from engine.runs import again, carry
from engine.runs.code import folder
from tests.engine.test_backtest_trials import metric

YEARS = "2007-01-03..2009-12-31"
HELD = f'BACKTEST AAPL IBM MSFT "long when close > 0" {YEARS} COST=0 SLIP=0 HONESTY'
MOVED = 'BACKTEST AAPL IBM MSFT "long when rsi(14) < 45; exit when rsi(14) > 55" 5Y COST=0 SLIP=0'
STOPPED = "BACKTEST AAPL long when rsi(14) < 50; exit when rsi(14) > 60; stop 4%"


def grid(page: Page) -> Heatmap:
    panel = page.panel("robust")
    assert panel is not None
    assert isinstance(panel.figure, Heatmap)
    return panel.figure


def cell(page: Page, row: str, column: str) -> float:
    found = grid(page)
    return float(found.values[found.rows.index(row), found.columns.index(column)])


def last_run() -> carry.Run:
    return next(reversed(carry._runs._held.values())).value


def notes(page: Page) -> str:
    return " ".join(each.text for each in page.notes)


def test_the_cell_of_its_own_costs_is_the_headline_and_each_other_the_run_of_its_line(
    make_desk: Callable[[], Desk],
) -> None:
    """What BACKTEST says of the dearer, the free and the later line, to the last bit."""
    desk = make_desk()
    page = desk.run(f"{STOPPED} {YEARS} HONESTY")
    assert grid(page).columns == ("no cost", "as run", "+5 bp", "+10 bp", "+25 bp", "+50 bp")
    assert grid(page).rows == ("as run", "1 later", "2 later", "5 later", "10 later")
    for row, column, line in (
        ("as run", "as run", f"{STOPPED} {YEARS}"),
        ("as run", "no cost", f"{STOPPED} {YEARS} COST=0 SLIP=0"),
        ("as run", "+25 bp", f"{STOPPED} {YEARS} SLIP=35"),
        ("2 later", "+5 bp", f"{STOPPED}; delay 3 {YEARS} SLIP=15"),
    ):
        assert cell(page, row, column) == metric(desk.run(line), "Sharpe ratio"), (row, column)


def test_run_again_as_it_was_it_is_the_same_run(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    desk.run(f"BACKTEST AAPL IBM 20SMA.50SMA {YEARS}")
    run = last_run()
    ways = again.varied(desk.context(None, None, None), run)
    assert ways is not None
    result = ways.trade(again.Variation(0.0, 0))
    assert result is not None
    assert (result.equity == run.outcome.result.equity).all()


def test_of_a_run_without_costs_there_is_none_without(make_desk: Callable[[], Desk]) -> None:
    """Bought once and held: dearer fills cost once."""
    found = grid(make_desk().run(HELD))
    assert found.columns[0] == "as run"
    assert (np.diff(found.values[0]) < 0).all()
    assert found.values[0] == pytest.approx(np.full(len(found.columns), found.values[0, 0]), abs=1e-2)


WEIGHTS = """class Weights:
    def __init__(self, late=0): self.late = late
    def decide(self, day):
        rows = len(day.close) - self.late
        if rows < 3: return None
        return {day.symbols[0]: 1.0 if day.close[rows - 1, 0] > day.close[rows - 3, 0] else 0.0}
"""
ORDERS = """from engine.backtest.strategy import Order
class Own:
    def orders(self, day, account):
        symbol, at = day.symbols[0], len(day.close) % 20
        if at == 5: return [Order(symbol, 1000, "market")]
        if at == 15 and account.held(symbol): return [Order(symbol, -1000, "market", closing=True)]
"""


def test_weights_of_code_come_later_and_orders_cannot(make_desk: Callable[[], Desk]) -> None:
    desk, year = make_desk(), "2005-01-03..2005-12-30"
    where = folder(desk.context(None, None, None))
    where.mkdir(parents=True)
    (where / "weights.py").write_text(WEIGHTS)
    (where / "own.py").write_text(ORDERS)
    page = desk.run(f"BACKTEST IBM FILE=weights WARMUP=20 {year} HONESTY")
    late = desk.run(f"BACKTEST IBM FILE=weights PARAMETERS=late=5 WARMUP=20 {year}")
    assert cell(page, "5 later", "as run") == metric(late, "Sharpe ratio")
    page = desk.run(f"BACKTEST IBM FILE=own {year} HONESTY")
    assert grid(page).rows == ("as run",)
    assert cell(page, "as run", "as run") == metric(desk.run(f"BACKTEST IBM FILE=own {year}"), "Sharpe ratio")
    dear = desk.run(f"BACKTEST IBM FILE=own {year} SLIP=20")
    assert cell(page, "as run", "+10 bp") == metric(dear, "Sharpe ratio")
    assert "Only costs are varied: orders given in Python" in notes(page)


def test_pairs_are_run_by_their_own_engine(make_desk: Callable[[], Desk]) -> None:
    desk, years = make_desk(), "2019-01-02..2020-06-30"
    page = desk.run(f"BACKTEST EURUSD 10SMA.30SMA {years} PIPS=2 HONESTY")
    assert "No capacity is told of currencies" in notes(page)
    later = last_run().asked.text.replace("delay 1", "delay 2")
    for row, column, line in (
        ("as run", "as run", f"10SMA.30SMA {years} PIPS=2"),
        ("as run", "no cost", f"10SMA.30SMA {years} COST=0 SLIP=0"),
        ("1 later", "+10 bp", f'"{later}" {years} PIPS=2 SLIP=20'),
    ):
        other = desk.run(f"BACKTEST EURUSD {line}")
        assert cell(page, row, column) == metric(other, "Sharpe ratio"), (row, column)


def test_what_is_too_long_to_run_is_approximated_by_a_plain_loop(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    desk.run(MOVED)
    run = last_run()
    result, market = run.outcome.result, run.market
    told: Any = SimpleNamespace(run=run, returns=result.returns)
    found = robust.approximated(told)
    total, price = (market.signal_prices(dividends=each)["close"] for each in (True, False))
    weights = result.weights
    assert found.rows == ("in time", "1 later", "2 later", "5 later", "10 later")
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


def test_few_trades_and_portfolios_are_told_why(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    page = desk.run(f"BACKTEST AAPL 50SMA.200EMA {YEARS} HONESTY")
    count = metric(desk.run(f"BACKTEST AAPL 50SMA.200EMA {YEARS}"), "trades")
    assert count is not None
    assert count < 5
    assert f"No random entries: {count:.0f} trades" in notes(page)
    assert "No other orders of the trades" in notes(page)
    told = notes(desk.run(f"BACKTEST AAPL IBM 10SMA.30SMA {YEARS} HONESTY"))
    assert "they overlap" in told
    assert "No random entries" not in told


def test_a_run_that_loses_bears_no_capital(make_desk: Callable[[], Desk]) -> None:
    page = make_desk().run(f"BACKTEST IBM 3SMA.5SMA {YEARS} COST=30 HONESTY")
    panel = page.panel("capacity")
    assert panel is not None
    assert isinstance(panel.figure, Metrics)
    values = {item.label: item.value for item in panel.figure.items}
    assert values["Sharpe ratio halves at"] == values["nothing is left at"] == "at no capital"


def test_money_traded_of_shares_is_volume_by_the_close() -> None:
    market = SimpleNamespace(close=np.array([[2.0], [3.0]]), volume=np.array([[10.0], [20.0]]))
    told: Any = SimpleNamespace(run=SimpleNamespace(traded=None, market=market))
    assert capacity.money_traded(told).tolist() == [[20.0], [60.0]]


def test_what_fell_while_no_price_was_known_has_fallen() -> None:
    """The move over a gap belongs to no session's return, and to the drawdown all the same."""
    levels = np.array([np.nan, 1.0, 1.25, np.nan, np.nan, 0.5, 0.75])
    beside = Beside("SPX", "SPX held", levels)
    told: Any = SimpleNamespace(days=np.arange(7), rows=np.arange(7), returns=np.zeros(7), beside=(beside,))
    line = report.drawdown(told).series[1].values
    assert line == pytest.approx([np.nan, 0.0, 0.0, np.nan, np.nan, -60.0, -40.0], nan_ok=True)


def test_a_benchmark_that_is_not_there_is_told(make_desk: Callable[[], Desk]) -> None:
    days = np.arange(np.datetime64("2020-01-01"), np.datetime64("2021-01-01"))
    levels = np.ones(len(days))
    assert found._missing("SPX", levels, days) == ""
    assert "no closes between 2020-01-01 and 2020-12-31" in found._missing("SPX", None, days)
    late = np.where(days > np.datetime64("2020-06-30"), np.nan, levels)
    assert "end on 2020-06-30, before the run does" in found._missing("SPX", late, days)
    assert "begin on 2020-06-30" in found._missing("SPX", np.where(np.isnan(late), 1.0, np.nan), days - 1)
    page = make_desk().run("BACKTEST EURUSD 10SMA.30SMA 2023-06-01..2024-06-28")
    assert "BENCHMARK= takes another ticker" in notes(page)


def test_every_headline_figure_has_its_error_or_is_a_count(make_desk: Callable[[], Desk]) -> None:
    panel = make_desk().run(f"BACKTEST AAPL 10SMA.30SMA {YEARS}").panel("headline")
    assert panel is not None
    assert isinstance(panel.figure, Metrics)
    for item in panel.figure.items:
        known = "95%" in item.note or "+-" in item.note or "counted" in item.formula
        assert known or item.label == "deflated Sharpe", item


def test_two_trades_that_won_prove_little(make_desk: Callable[[], Desk]) -> None:
    panel = make_desk().run(f"BACKTEST AAPL 50SMA.200EMA {YEARS}").panel("headline")
    assert panel is not None
    assert isinstance(panel.figure, Metrics)
    told = {item.label: item for item in panel.figure.items}
    assert "few: under 20" in told["trades"].note
    assert told["won"].note.startswith("95% ")
    assert "+- 0.0%" not in told["won"].note

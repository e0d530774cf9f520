"""QUANT: its numbers against the store's bars, and what it says where little is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from engine.desk import Desk
from engine.errors import CommandError, DataError
from engine.figures import Heatmap
from engine.page import Metrics, Page, Table


def figure(page: Page, name: str) -> object:
    panel = page.panel(name)
    assert panel is not None, name
    return panel.figure


def row(page: Page, name: str, label: str) -> dict[str, float]:
    table = figure(page, name)
    assert isinstance(table, Table)
    return next(each for each in table.frame.to_dicts() if each["label"] == label)


def test_its_numbers_are_those_of_the_bars(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    page = desk.run("MSFT QUANT 5Y")
    context = desk.context(None, None, None)
    number = context.directory.resolve("MSFT").security.ref.security_id
    closes = context.reader.bars([number], adjust="total")["close"].to_numpy()
    returns = closes[-1260:] / closes[-1261:-1] - 1
    found = row(page, "performance", "range")
    assert found["volatility"] == pytest.approx(returns.std(ddof=1) * np.sqrt(252), rel=2e-3)
    path = np.concatenate([[1.0], np.cumprod(1 + returns)])
    assert found["drawdown"] == pytest.approx((path / np.maximum.accumulate(path) - 1).min(), abs=1e-9)


def test_months_compound_to_years(make_desk: Callable[[], Desk]) -> None:
    grid = figure(make_desk().run("AAPL QUANT 5Y"), "months")
    assert isinstance(grid, Heatmap)
    for values in grid.values:
        known = values[:12][np.isfinite(values[:12])]
        assert values[12] == pytest.approx(np.prod(1 + known) - 1)
    assert grid.rows[0] > grid.rows[-1]


def test_the_benchmark_has_no_panel_against_itself(make_desk: Callable[[], Desk]) -> None:
    page = make_desk().run("SPX QUANT MONTHLY 10Y")
    assert page.panel("beside") is None
    assert row(page, "performance", "range")["volatility"] > 0


def test_factors_are_those_known_at_the_clock(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()

    def told(page: Page) -> dict[str, object]:
        found = figure(page, "now")
        assert isinstance(found, Metrics)
        return {item.label: item.value for item in found.items}

    assert told(desk.run("AAPL QUANT"))["factors"] == "three factors"
    desk.run("ASOF 2010-06-30")
    then = told(desk.run("AAPL QUANT"))  # the library was published to the store years later
    assert then["factors"] is None
    assert "MKTRF" not in then


def test_too_short_a_range_is_told(make_desk: Callable[[], Desk]) -> None:
    with pytest.raises(DataError, match="at least 24"):
        make_desk().run("AAPL QUANT 1M")


def test_a_window_of_one_return_is_refused_at_the_word(make_desk: Callable[[], Desk]) -> None:
    with pytest.raises(CommandError, match="WINDOW="):
        make_desk().run("AAPL QUANT WINDOW=1")


def test_the_rules_are_those_of_the_backtest_that_a_row_opens(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    table = figure(desk.run("IBM QUANT 5Y"), "rules")
    assert isinstance(table, Table)
    for told in table.frame.to_dicts():
        headline = figure(desk.run(told["command"]), "headline")
        assert isinstance(headline, Metrics)
        found = {item.label: item.value for item in headline.items}
        assert found["return a year"] == pytest.approx(told["annual"], rel=1e-6), told["rule"]
        assert found["trades"] == told["trades"]

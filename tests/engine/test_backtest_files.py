"""Rules in files: how lines become clauses, what a fault says, and that pages outlive their file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.desk import Desk
from engine.encode import page_hash
from engine.errors import AsofError, CommandError
from engine.page import Metrics, Page
from engine.runs.code import folder
from engine.runs.rule_files import parts

CROSS = """# a crossover
long when sma(close, 50) > ema(close, 200)
  and rsi(14) < 80   # not when it ran

exit when not sma(close, 50) > ema(close, 200);
stop 15%
"""
ORDERS = """
from engine.backtest.strategy import Order

class Dip:
    def orders(self, day, account):
        symbol, close = day.symbols[0], day.traded["close"][-1, 0]
        if account.held(symbol) or close != close:
            return None
        stop = Order(symbol, -1e9, "stop", stop=0.9 * close, closing=True, reason="stop")
        return [Order(symbol, account.shares(symbol, 1.0), "limit", limit=0.99 * close, sessions=1, then=(stop,))]
"""


@pytest.fixture
def desk(make_desk: Callable[[], Desk]) -> Desk:
    return make_desk()


def put(desk: Desk, name: str, text: str) -> Path:
    path = folder(desk.context(None, None, None)) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def metric(page: Page, label: str, panel: str = "headline") -> object:
    found = page.panel(panel)
    assert found is not None
    assert isinstance(found.figure, Metrics)
    return next(item.value for item in found.figure.items if item.label == label)


def canonical(page: Page) -> str:
    assert page.lineage is not None
    return page.lineage.command


def test_lines_are_clauses_and_indented_ones_go_on() -> None:
    read = parts("cross", CROSS)
    assert read.text == (
        "long when sma(close, 50) > ema(close, 200) and rsi(14) < 80; "
        "exit when not sma(close, 50) > ema(close, 200); stop 15%"
    )
    assert [read.line(read.text.index(word)) for word in ("long", "rsi", "exit", "stop")] == [2, 3, 5, 6]


def test_a_file_runs_as_its_rules_typed_and_outlives_its_change(desk: Desk) -> None:
    path = put(desk, "cross.rules", CROSS)
    page = desk.run("BACKTEST AAPL FILE=cross 5Y")
    typed = desk.run(f"BACKTEST AAPL {parts('cross', CROSS).text} 5Y")
    assert metric(page, "return") == metric(typed, "return")
    assert "FILE=" not in canonical(page)
    path.write_text("long when close > 1", "utf-8")
    assert page_hash(desk.run(canonical(page))) == page_hash(page)
    assert metric(desk.run("BACKTEST AAPL FILE=cross 5Y"), "return") != metric(page, "return")


def test_braces_in_a_file_are_swept(desk: Desk) -> None:
    put(desk, "grid.rules", "long when sma(close, {20,50}) > sma(close, 100)\n")
    panel = desk.run("SWEEP AAPL FILE=grid 5Y").panels[0]
    assert panel.title.startswith("2 points")


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        ("long when close > 1\nexit when smaa(close, 3) > 2\n", "BACKTEST AAPL FILE=own", "line 2, at smaa"),
        ("# nothing\n", "BACKTEST AAPL FILE=own", "holds no rule"),
        ("long when \x1b[31m > 1", "BACKTEST AAPL FILE=own", r"own.rules, line 1: U\+001B is no part"),
        ("long when close > 1", 'BACKTEST AAPL FILE=own "long when close > 2"', "one too many"),
        ("long when close > 1", "BACKTEST AAPL FILE=own PARAMETERS=n=3", "leave PARAMETERS= out"),
        ("long when {1,2} > close", "BACKTEST AAPL FILE=own", "SWEEP tries them all"),
        ("long when close > 1", "BACKTEST AAPL FILE=owm", "the nearest is own"),
    ],
)  # fmt: skip
def test_faults_tell_where(desk: Desk, content: str, line: str, said: str) -> None:
    put(desk, "own.rules", content)
    with pytest.raises(AsofError, match=said):
        desk.run(line)


def test_a_name_of_two_strategies_is_none(desk: Desk) -> None:
    put(desk, "two.rules", "long when close > 1")
    put(desk, "two.py", ORDERS)
    with pytest.raises(CommandError, match="two strategies"):
        desk.run("BACKTEST AAPL FILE=two")


def test_orders_in_python_run_open_again_and_are_proved(desk: Desk) -> None:
    path = put(desk, "dip.py", ORDERS)
    page = desk.run("BACKTEST AAPL FILE=dip 2Y")
    assert float(metric(page, "trades")) > 0  # type: ignore[arg-type]
    path.unlink()
    assert page_hash(desk.run(canonical(page))) == page_hash(page)
    proof = desk.run(canonical(page).replace("PAGE=REPORT", "PAGE=INPUTS"))
    assert metric(proof, "decisions up to them", "proof") == "none changed"

"""What averages were seeded with does not decide a run: a sweep and a run by itself give a point the same figures."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.backtest.rules import parse, settling, warm_up
from engine.desk import Desk
from engine.page import Metrics, Page, Table
from engine.runs.sweep_ask import days_before
from engine.runs.wanted import Warming
from tests.runs.sweeping import PRESENT, made_store

YEARS = "2018-12-03 2019-06-28"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(made_store(tmp_path / "home")[0], "tester", clock=lambda: PRESENT)


def notes(page: Page) -> str:
    return "\n".join(note.text for note in page.notes)


def figures(page: Page) -> dict[str, object]:
    panel = page.panel("headline")
    assert panel is not None
    assert isinstance(panel.figure, Metrics)
    return {item.label: item.value for item in panel.figure.items}


def test_a_point_of_a_sweep_is_the_run_by_itself(desk: Desk) -> None:
    page = desk.run(f"SWEEP AAA 3SMA.{{10,30}}EMA {YEARS}")
    points = page.panel("points")
    assert points is not None
    assert isinstance(points.figure, Table)
    for row in points.figure.frame.iter_rows(named=True):
        alone = figures(desk.run(f"BACKTEST AAA 3SMA.{row['p0']}EMA {YEARS}"))
        assert alone["return"] == pytest.approx(row["total_return"], rel=1e-6)
        assert alone["Sharpe ratio"] == pytest.approx(row["sharpe_ratio"], rel=1e-6)
    assert "begin with the first prices" not in notes(page)


def test_a_start_that_still_weighs_is_told(desk: Desk) -> None:
    # ema(30) knows a value after 29 sessions and forgets its seed after 208 more: on 2017-03-01 it has had 39, and
    # 1e-6 to the power of 10 / 208 is left
    told = notes(desk.run("BACKTEST AAA 3SMA.30EMA 2017-03-01 2019-06-28"))
    assert "begin with the first prices read, of 2017-01-03" in told
    assert "weighs up to 51%" in told
    assert "begin with the first prices" not in notes(desk.run(f"BACKTEST AAA 3SMA.30SMA {YEARS}"))


def test_the_line_may_ask_for_another_warm_up(desk: Desk) -> None:
    line = f"BACKTEST AAA 3SMA.30EMA {YEARS}"
    facts = {}
    for more in ("", " WARMUP=10", " WARMUP=100"):
        panel = desk.run(f"{line} PAGE=INPUTS{more}").panel("facts")
        assert panel is not None
        assert isinstance(panel.figure, Table)
        told = dict(panel.figure.frame.select("what", "value").iter_rows())
        facts[more] = told["sessions before it that warm up"]
    assert facts == {"": "237", " WARMUP=10": "29", " WARMUP=100": "100"}


def test_how_far_rules_read_back() -> None:
    assert (warm_up(parse("50SMA.200EMA")), settling(parse("50SMA.200EMA"))) == (199, 199 + 1382)
    assert settling(parse("50SMA.200SMA")) == 199
    assert settling(parse("long when ema(rsi(close, 14), 10) > 50")) == (9 + 69) + (14 + 187)
    assert settling(parse("50SMA.3000EMA")) == 2999 + 2520  # no more than ten years beyond
    warming = Warming(199, 1581)
    assert warming.read(date(2020, 1, 2)) == 1581
    assert warming.read(date(2020, 1, 2), 300) == 300
    assert warming.read(None) == 199
    assert days_before("5SMA.{20,200}EMA") == int(1581 * 1.6) + 10
    assert days_before("5SMA.20SMA") == days_before(None) == 400

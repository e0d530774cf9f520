"""RISK: a page of every method that is the library's own answer on the returns that were known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from engine.desk import Desk
from engine.encode import encode
from engine.errors import AsofError, CommandError
from engine.figures import Heatmap
from engine.page import Lines, Page, Table
from store import Batch, open_store

MakeDesk = Callable[..., Desk]


def rows(page: Page, name: str) -> list[Mapping[str, object]]:
    panel = page.panel(name)
    assert panel is not None, [each.name for each in page.panels]
    assert isinstance(panel.figure, Table)
    return list(panel.figure.frame.iter_rows(named=True))


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    return make_desk()


def returns(desk: Desk, *tickers: str) -> np.ndarray:
    """Simple total returns over common days, from the price tables of other pages."""
    frames = []
    for ticker in tickers:
        page = desk.run(f"{ticker} HP MAX TOTAL")
        table = page.panel("prices")
        assert table is not None
        assert isinstance(table.figure, Table)
        frames.append(table.figure.frame.select("session_date", "close").rename({"close": ticker}))
    joined = frames[0]
    for frame in frames[1:]:
        joined = joined.join(frame, on="session_date")
    closes = joined.sort("session_date").drop("session_date").to_numpy()
    return closes[1:] / closes[:-1] - 1


def test_every_method_at_both_levels_and_the_historical_one_by_hand(desk: Desk) -> None:
    page = desk.run("RISK AAPL MSFT IBM WEIGHTS=50,30,20 3Y SIMULATIONS=2000")
    table = rows(page, "risk")
    assert len(table) == 22
    assert {row["level"] for row in table} == {0.95, 0.99}
    tests = {row["method"]: row for row in rows(page, "backtests")}
    days = int(str(tests["historical"]["days"]))
    assert len(tests) == 11
    portfolio = (returns(desk, "AAPL", "MSFT", "IBM") @ [0.5, 0.3, 0.2])[-days - 500 :]
    found = {(row["method"], row["level"]): row for row in table}
    historical = found["historical", 0.99]
    assert historical["var"] == pytest.approx(-np.quantile(portfolio, 0.01), rel=1e-9)
    worst = np.sort(portfolio)
    tail = 0.01 * len(worst)
    by_hand = -(worst[: int(tail)].sum() + (tail - int(tail)) * worst[int(tail)]) / tail
    assert historical["es"] == pytest.approx(by_hand, rel=1e-9)
    for row in table:
        assert row["var_low"] <= row["var"] <= row["var_high"], row["method"]  # type: ignore[operator]
        assert row["es"] > row["var"]  # type: ignore[operator]
    parts = rows(page, "components")
    assert sum(row["component"] for row in parts[:-1]) == pytest.approx(parts[-1]["component"])  # type: ignore[misc]
    assert sum(row["es"] for row in parts[:-1]) == pytest.approx(found["historical", 0.99]["es"])  # type: ignore[misc]
    slow = sum(portfolio[t] < np.quantile(portfolio[t - 500 : t], 0.01) for t in range(500, len(portfolio)))
    assert tests["historical"]["exceptions"] == slow
    lines = page.panel("rolling")
    assert lines is not None
    assert isinstance(lines.figure, Lines)
    assert len(lines.figure.events) == slow


def test_money_horizon_and_level(desk: Desk) -> None:
    one = rows(desk.run("RISK AAPL SHARES=100 METHOD=NORMAL LEVEL=99"), "risk")
    ten = rows(desk.run("RISK AAPL SHARES=100 METHOD=NORMAL LEVEL=99 HORIZON=10"), "risk")
    assert len(one) == 1
    page = desk.run("RISK AAPL SHARES=100 METHOD=HISTORICAL LEVEL=99")
    assert rows(page, "risk")[0]["var_money"] == pytest.approx(
        43047 * float(rows(page, "risk")[0]["var"]), rel=1e-3
    )  # type: ignore[arg-type]
    drift = (float(ten[0]["var"]) - np.sqrt(10) * float(one[0]["var"])) / (np.sqrt(10) - 10)  # type: ignore[arg-type]
    assert drift == pytest.approx(returns(desk, "AAPL")[-1259:, 0].mean(), rel=0.02)


def test_the_page_opens_again_and_is_the_same(desk: Desk) -> None:
    page = desk.run("RISK AAPL IBM METHOD=COPULA SEED=7 SIMULATIONS=2000 2Y")
    assert page.lineage is not None
    again = desk.run(page.lineage.command)
    assert rows(again, "risk") == rows(page, "risk")
    other = desk.run("RISK AAPL IBM METHOD=COPULA SEED=8 SIMULATIONS=2000 2Y")
    assert rows(other, "risk") != rows(page, "risk")
    for kind in ("text", "json", "csv"):
        assert encode(page, kind)  # type: ignore[arg-type]


def test_nothing_after_the_clock_changes_it(desk: Desk) -> None:
    desk.run("ASOF 2008-09-12")
    before = rows(desk.run("RISK JPM XOM METHOD=FILTERED 3Y"), "risk")
    desk.run("ASOF 2008-10-31")
    after = rows(desk.run("RISK JPM XOM METHOD=FILTERED 3Y"), "risk")
    assert float(after[1]["var"]) > 1.5 * float(before[1]["var"])  # type: ignore[arg-type]
    desk.run("ASOF 2008-09-12")
    assert rows(desk.run("RISK JPM XOM METHOD=FILTERED 3Y"), "risk") == before


def test_too_few_days_for_a_backtest_are_told(desk: Desk) -> None:
    page = desk.run("AAPL RISK 1Y METHOD=HISTORICAL")
    assert page.panel("backtests") is None
    assert any("No backtest" in note.text for note in page.notes)
    short = desk.run("AAPL RISK 6M")
    assert any("left out" in note.text for note in short.notes)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("RISK", "needs securities"),
        ("RISK AAPL LEVEL=abc", "LEVEL="),
        ("RISK AAPL LEVEL=30", "80 to 99.99"),
        ("RISK AAPL 1M", "at least 60"),
        ("RISK AAPL HORIZON=0", "at least 1"),
        ("RISK UNRATE", "rate"),
    ],
)
def test_wrong_lines_say_what_is_right(desk: Desk, line: str, words: str) -> None:
    with pytest.raises((AsofError, CommandError), match=words):
        desk.run(line)


def test_a_method_that_fails_at_one_level_keeps_the_others(desk: Desk) -> None:
    page = desk.run("RISK AAPL METHOD=EVT LEVEL=80,99")
    assert [row["level"] for row in rows(page, "risk")] == [0.99]
    assert sum("left out" in note.text for note in page.notes) == 1


def test_weights_near_the_largest_number_are_fractions(desk: Desk) -> None:
    vast = rows(desk.run("RISK AAPL MSFT WEIGHTS=1e308,1e308 METHOD=NORMAL"), "risk")
    alike = rows(desk.run("RISK AAPL MSFT METHOD=NORMAL"), "risk")
    assert [row["var"] for row in vast] == pytest.approx([row["var"] for row in alike])


def test_a_holding_that_never_moves_has_no_correlation_and_breaks_nothing(
    make_desk: MakeDesk, home: Path
) -> None:
    store = open_store(home)
    number = store.identify(["us-equity:PEG"])["us-equity:PEG"]
    days = [day for n in range(400) if (day := date(2010, 1, 4) + timedelta(days=n)).weekday() < 5]
    told = {"security_id": number, "known_basis": "exact"}
    naming = told | {
        "valid_from": days[0], "ticker": "PEG", "name": "Pegged", "market": "US EQUITY", "asset_class": "equity",
        "currency": "USD", "calendar": "XNYS", "known_at": datetime.combine(days[0], time(21), UTC),
    }  # fmt: skip
    price = dict.fromkeys(("open", "high", "low", "close"), 7.0) | {"volume": 1}
    bars = [
        told | price | {"session_date": day, "known_at": datetime.combine(day, time(21), UTC)} for day in days
    ]
    frames = {"securities": pl.DataFrame([naming]), "bars": pl.DataFrame(bars)}
    store.append(Batch("a test", "flat", "1", frames))
    page = make_desk(store=store).run("RISK PEG AAPL MSFT METHOD=NORMAL MAX")
    panel = page.panel("correlation")
    assert panel is not None
    assert isinstance(panel.figure, Heatmap)
    assert panel.figure.rows[-1] == "PEG"
    assert np.isnan(panel.figure.values[-1]).all()
    assert 0 < panel.figure.values[0, 1] < 1
    assert encode(page, "json")


def test_the_answer_is_the_middle_of_the_methods_and_their_spread(make_desk: Callable[[], Desk]) -> None:
    from statistics import median

    from engine.page import Metrics, Table

    page = make_desk().run("RISK AAPL MSFT IBM 5Y")
    answer, table = page.panel("answer"), page.panel("risk")
    assert answer is not None
    assert table is not None
    assert isinstance(answer.figure, Metrics)
    assert isinstance(table.figure, Table)
    rows = [row for row in table.figure.frame.to_dicts() if row["level"] == 0.99]
    told = {item.label: item for item in answer.figure.items}
    assert told["VaR 99%"].value == pytest.approx(median(row["var"] for row in rows))
    assert f"{max(row['es'] for row in rows):.2%}" in told["ES 99%"].note

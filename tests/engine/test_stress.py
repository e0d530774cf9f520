"""STRESS: episodes that were over, shocks carried over, options revalued, and what loses so much."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from engine.desk import Desk
from engine.encode import encode
from engine.errors import AsofError
from engine.figures import Heatmap
from engine.page import Page, Table
from store import Batch, Store, open_store
from tests.engine.test_risk import returns, rows

MakeDesk = Callable[..., Desk]


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    return make_desk()


def heat(page: Page, name: str) -> Heatmap:
    panel = page.panel(name)
    assert panel is not None
    assert isinstance(panel.figure, Heatmap)
    return panel.figure


def test_episodes_are_replayed_from_the_stores_own_prices(desk: Desk) -> None:
    page = desk.run("STRESS JPM XOM WEIGHTS=60,40")
    table = {row["key"]: row for row in rows(page, "episodes")}
    # the S&P 500 between its closing high and low, as published
    for key, first, last in (
        ("2000", 1527.46, 776.76), ("2008", 1565.15, 676.53), ("2018", 2930.75, 2351.10), ("2020", 3386.15, 2237.40),
        ("2022", 4796.56, 3577.03),
    ):  # fmt: skip
        assert table[key]["market"] == pytest.approx(last / first - 1, abs=2e-4), key
    assert table["1987"]["change"] is None
    assert "nothing was known" in str(table["1987"]["basis"])
    parts = heat(page, "replay")
    row = next(i for i, name in enumerate(parts.rows) if name.startswith("2008 "))
    assert parts.values[row].sum() == pytest.approx(table["2008"]["change"])
    assert table["2008"]["deviation"] == 0


def test_what_did_not_trade_is_estimated_and_marked(desk: Desk) -> None:
    page = desk.run("STRESS GOOGL JPM")
    table = {row["key"]: row for row in rows(page, "episodes")}
    assert "GOOGL" in str(table["2000"]["basis"])
    assert float(table["2000"]["deviation"]) > 0.05  # type: ignore[arg-type]
    assert table["2008"]["basis"] == "own prices"
    guess = next(row for row in rows(page, "estimates") if row["key"] == "2000")
    assert guess["ticker"] == "GOOGL"
    assert -0.95 < float(guess["change"]) < 0  # type: ignore[arg-type]


def test_an_episode_is_unknown_until_it_was_over(desk: Desk) -> None:
    for day, newest in (
        ("2008-09-15", "2000"),
        ("2009-03-09", "2008L"),
        ("2009-03-10", "2008L"),
        ("2020-03-24", "2020"),
    ):
        desk.run(f"ASOF {day}")
        keys = [row["key"] for row in rows(desk.run("STRESS JPM XOM"), "episodes")]
        assert keys[-1] == newest, day
        assert ("2008" in keys) == (day >= "2009-03-10"), day


def test_shocks_are_carried_over_by_regression(desk: Desk) -> None:
    page = desk.run('STRESS AAPL IBM SHOCK="MSFT=-20%" MAX WEIGHTS=70,30')
    r = returns(desk, "AAPL", "IBM", "MSFT")
    cov = np.cov(r.T)
    table = {row["ticker"]: row for row in rows(page, "propagation")}
    beta = cov[0, 2] / cov[2, 2]
    assert table["AAPL"]["expected"] == pytest.approx(-0.2 * beta)
    left = np.sqrt((cov[0, 0] - cov[0, 2] ** 2 / cov[2, 2]) * 21)
    assert table["AAPL"]["deviation"] == pytest.approx(left)
    assert table["MSFT"]["basis"] == "shocked"
    total = 0.7 * float(table["AAPL"]["expected"]) + 0.3 * float(table["IBM"]["expected"])  # type: ignore[arg-type]
    assert table["portfolio"]["expected"] == pytest.approx(total)


def test_a_factor_of_the_library_may_be_shocked(desk: Desk) -> None:
    table = {
        row["ticker"]: row
        for row in rows(desk.run('STRESS JPM XOM MAX MONTHLY SHOCK="MKTRF=-10%"'), "propagation")
    }
    assert -0.25 < float(table["JPM"]["expected"]) < -0.05  # type: ignore[arg-type]
    assert table["MKTRF"]["weight"] == 0


def test_shifted_correlations_stay_correlations(desk: Desk) -> None:
    page = desk.run("STRESS AAPL MSFT IBM CORR=0.5 MAX")
    matrix = heat(page, "shifted").values
    assert np.linalg.eigvalsh(matrix)[0] > -1e-9
    before, after = rows(page, "shift")
    assert float(after["var"]) > float(before["var"])  # type: ignore[arg-type]


def test_reverse_stress_loses_what_was_asked(desk: Desk) -> None:
    table = rows(desk.run("STRESS AAPL MSFT IBM REVERSE=10"), "reverse")
    assert sum(float(row["part"]) for row in table[:-1]) == pytest.approx(-0.1)  # type: ignore[arg-type]


def test_options_are_revalued(desk: Desk) -> None:
    from engine.quant.options import bsm

    desk.run("ASOF 2013-03-01")
    line = 'STRESS AAPL SHARES=1000 LEGS="AAPL 400 P 2013-09-20 x10 @35%" SHOCK="AAPL=-20%" VOL=10 REVERSE=5'
    page = desk.run(line)
    put, shares, book = rows(page, "legs")
    years = (np.datetime64("2013-09-20") - np.datetime64("2013-03-01")).astype(int) / 365
    spot = 430.47
    assert put["value"] == pytest.approx(1000 * float(bsm(-1, spot, 400, years, 0, 0, 0.35)), rel=1e-4)
    assert put["after"] == pytest.approx(1000 * float(bsm(-1, 0.8 * spot, 400, years, 0, 0, 0.45)), rel=1e-4)
    assert shares["change"] == pytest.approx(-0.2 * 1000 * spot, rel=1e-6)
    assert float(book["change"]) > float(shares["change"])  # type: ignore[arg-type]
    grid = heat(page, "grid")
    assert grid.values[grid.rows.index("+0 pts"), grid.columns.index("+0%")] == pytest.approx(0, abs=1e-6)
    assert page.panel("book_reverse") is not None
    for kind in ("text", "json", "csv"):
        assert encode(page, kind)  # type: ignore[arg-type]
    told = desk.run('STRESS AAPL LEGS="AAPL 400 C 2013-09-20"')
    assert any("realised" in note.text for note in told.notes)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("STRESS", "needs securities"),
        ('STRESS AAPL SHOCK="FOO=-20%"', "cannot be shocked"),
        ('STRESS AAPL SHOCK="SPX=-20"', "percent sign"),
        ('STRESS AAPL SHOCK="SPX"', "is no shock"),
        ('STRESS AAPL SHOCK="SPX=-200%"', "between"),
        ('STRESS AAPL SHOCK="IBM=-2%, IBM=-3%"', "twice"),
        ('STRESS AAPL SHOCK="UNRATE=-2%"', "rate"),
        ('STRESS AAPL LEGS="AAPL call"', "is no leg"),
        ('STRESS AAPL LEGS="AAPL 100 C 2001-01-19"', "expired"),
        ("STRESS AAPL BENCHMARK=FOO", "benchmark FOO"),
    ],
)
def test_wrong_lines_say_what_is_right(desk: Desk, line: str, words: str) -> None:
    with pytest.raises(AsofError, match=words):
        desk.run(line)


def test_shocks_that_contradict_are_refused_and_no_loss_is_above_all_of_it(desk: Desk) -> None:
    with pytest.raises(AsofError, match="move as one"):
        desk.run('STRESS AAPL MSFT IBM CORR=1 SHOCK="AAPL=-10%,MSFT=-20%"')
    line = 'STRESS AAPL SHARES=1000 SHOCK="SPX=-99%" LEGS="AAPL 120 P 2026-12-18 x10 @30%"'
    page = desk.run(f"{line} PERIOD=2004-01-02..2007-12-31")
    assert any("total loss" in note.text for note in page.notes)
    moved = {row["ticker"]: row for row in rows(page, "propagation")}
    assert moved["AAPL"]["expected"] == -1.0
    legs = {row["leg"]: row for row in rows(page, "legs")}
    assert legs["shares"]["change"] == pytest.approx(-float(legs["shares"]["value"]))  # type: ignore[arg-type]
    put = next(row for name, row in legs.items() if str(name).startswith("AAPL 120 P"))
    assert put["after"] == pytest.approx(120 * 1000, rel=1e-6)  # worth its strike, at no rate


def flat(home: Path) -> Store:
    """Two securities of one price: whole books of them have no risk."""
    store = open_store(home)
    ids = store.identify(["us-equity:ONE", "us-equity:TWO"])
    days = [day for n in range(500) if (day := date(2010, 1, 4) + timedelta(days=n)).weekday() < 5]
    rows: list[dict[str, object]] = []
    names: list[dict[str, object]] = []
    for key, number in ids.items():
        names.append({
            "security_id": number, "valid_from": days[0], "ticker": key[-3:], "name": key[-3:], "market": "US EQUITY",
            "asset_class": "equity", "currency": "USD", "calendar": "XNYS", "known_basis": "exact",
            "known_at": datetime.combine(days[0], time(21), UTC),
        })  # fmt: skip
        for at, day in enumerate(days):
            price = 10.0 + at % 3
            rows.append({
                "security_id": number, "session_date": day, "open": price, "high": price, "low": price,
                "close": price,
                "volume": 1, "known_at": datetime.combine(day, time(21), UTC), "known_basis": "exact",
            })  # fmt: skip
    frames = {"securities": pl.DataFrame(names), "bars": pl.DataFrame(rows)}
    store.append(Batch("a test", "flat", "1", frames))
    return store


def test_a_book_without_risk_has_no_way_to_lose_and_says_so(make_desk: MakeDesk, home: Path) -> None:
    page = make_desk(store=flat(home)).run("STRESS ONE TWO WEIGHTS=1,-1")
    panel = page.panel("reverse")
    assert panel is not None
    assert isinstance(panel.figure, Table)
    assert panel.figure.frame.is_empty()
    assert "without risk" in panel.figure.empty


def test_a_loss_that_no_asset_can_take_is_said(desk: Desk) -> None:
    panel = desk.run("STRESS AAPL MSFT REVERSE=100").panel("reverse")
    assert panel is not None
    assert "cannot lose so much" in panel.title
    small = desk.run("STRESS AAPL REVERSE=0.5").panel("reverse")
    assert small is not None
    assert small.title.startswith("what loses 0.5% in")

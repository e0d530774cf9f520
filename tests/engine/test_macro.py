"""ECST, ECO and GC over a store of our own, and ECST against ALFRED's vintages read by other means."""

from __future__ import annotations

import csv
import gzip
import io
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from engine.desk import Desk
from engine.errors import AsofError
from engine.page import Curve, Lines, Metrics, Page, Table
from store import Batch, Store, open_store

PRESENT = datetime(2021, 3, 31, 22, 0, tzinfo=UTC)
ALFRED = Path(__file__).resolve().parents[3] / "shared" / "data" / "macro" / "alfred_GDP_all_vintages.csv.gz"
NEW_YORK = ZoneInfo("America/New_York")


def naming(number: int, ticker: str, name: str, unit: str, market: str = "MACRO") -> dict[str, object]:
    return {
        "security_id": number, "valid_from": date(1940, 1, 1), "ticker": ticker, "name": name, "market": market,
        "asset_class": "macro" if market == "MACRO" else "government", "exchange": "", "currency": "", "unit": unit,
        "calendar": "", "known_at": datetime(1960, 1, 1, tzinfo=UTC), "known_basis": "exact",
    }  # fmt: skip


def known(day: date) -> datetime:
    return datetime.combine(day, time(8, 30), NEW_YORK).astimezone(UTC)


def seen(number: int, period: date, value: float | None, day: date) -> dict[str, object]:
    return {
        "security_id": number, "period_date": period, "value": value, "known_at": known(day),
        "known_basis": "exact",
    }  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = open_store(tmp_path / "home")
    jobs, price, curve = store.identify(["jobs", "price", "curve"]).values()
    months = [date(2020, month, 1) for month in range(1, 13)] + [date(2021, 1, 1), date(2021, 2, 1)]
    observations = []
    after = [*months[1:], date(2021, 3, 1), date(2021, 4, 1)]
    for place, month in enumerate(months):
        following = after[place]
        observations.append(seen(jobs, month, 1000.0 + place, following + timedelta(days=4)))
        if place < len(months) - 1:  # revised by a half with the next release
            observations.append(seen(jobs, month, 1000.5 + place, after[place + 1] + timedelta(days=4)))
        observations.append(seen(price, month, 100.0 + place, following + timedelta(days=11)))
    curves = [
        {"security_id": curve, "session_date": day, "tenor": tenor, "years": years, "rate": rate + shift,
         "known_at": known(day) + timedelta(hours=10), "known_basis": "exact"}
        for day, shift in ((date(2020, 3, 30), 0.01), (date(2021, 3, 23), 0.001), (date(2021, 3, 30), 0.0))
        for tenor, years, rate in (("3M", 0.25, 0.0003), ("2Y", 2.0, 0.0016), ("10Y", 10.0, 0.0174))
    ]  # fmt: skip
    frames = {
        "securities": pl.DataFrame([
            naming(jobs, "JOBS", "All employees: total nonfarm payrolls", "thousands"),
            naming(price, "PRICE", "Consumer price index", "2015 = 100"),
            naming(curve, "UST", "US Treasury par yield curve", "fraction a year", "GOVT"),
        ]),
        "observations": pl.DataFrame(observations),
        "yield_curves": pl.DataFrame(curves),
    }  # fmt: skip
    store.append(Batch("test", "macro", "1", frames))
    return store


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store, "tester", clock=lambda: PRESENT)


def table(page: Page, name: str) -> pl.DataFrame:
    panel = page.panel(name)
    assert panel is not None
    assert isinstance(panel.figure, Table)
    return panel.figure.frame


def facts(page: Page) -> dict[str, object]:
    panel = page.panel("facts")
    assert panel is not None
    assert isinstance(panel.figure, Metrics)
    return {item.label: item.value for item in panel.figure.items}


def test_ecst_shows_first_release_revision_and_latest(desk: Desk) -> None:
    page = desk.run("ECST JOBS")
    rows = table(page, "observations")
    first = rows.row(1, named=True)
    assert (first["period_date"], first["first"], first["latest"], first["times"]) == (
        date(2021, 1, 1), 1012.0, 1012.5, 1,
    )  # fmt: skip
    assert first["revision"] == 0.5
    assert first["what"] == "release"
    assert rows["what"].to_list().count("oldest held") == 1  # the oldest vintage held
    told = facts(page)
    assert told["latest"] == 1013.0
    assert told["next expected"] == date(2021, 3, 1) + timedelta(
        days=35
    )  # 35 days from a month's first: median
    triangle = table(page, "triangle")
    assert triangle["v7"][0] == 1013.0
    assert triangle["v6"][0] is None
    chart = page.panel("chart")
    assert chart is not None
    assert isinstance(chart.figure, Lines)
    assert [series.name for series in chart.figure.series] == ["latest", "first"]


def test_ecst_as_of_an_earlier_day_is_the_vintage_of_that_day(desk: Desk) -> None:
    desk.run("ECST JOBS")
    page = desk.run("ASOF 2020-06-30")
    rows = table(page, "observations")
    assert rows["period_date"][0] == date(2020, 5, 1)
    assert rows["latest"].to_list()[:2] == [1004.0, 1003.5]
    assert rows["known_at"].max() <= known(date(2020, 6, 30))


def test_ecst_changes_are_of_one_vintage(desk: Desk) -> None:
    rows = table(desk.run("ECST JOBS CHANGE"), "observations")
    # January: 1012.0 against 1011.5, which December had become that day; then 1012.5
    january = rows.row(1, named=True)
    assert (january["first"], january["latest"]) == (0.5, 1.0)
    yoy = table(desk.run("ECST PRICE YOY"), "observations")
    assert yoy["latest"].to_list() == pytest.approx([113 / 101 - 1, 112 / 100 - 1])


def test_why_shows_every_version_of_a_cell(desk: Desk) -> None:
    desk.run("ECST JOBS")
    versions = table(desk.run("WHY 2 latest"), "versions")
    assert versions["value"].to_list() == [1012.5, 1012.0]


def test_eco_lists_releases_with_what_stood_then(desk: Desk) -> None:
    page = desk.run("ECO")
    rows = table(page, "released")
    newest = rows.filter(pl.col("ticker") == "JOBS").row(0, named=True)
    assert (newest["value"], newest["previous"], newest["what"], newest["revised"]) == (
        1013.0,
        1012.5,
        "new",
        1,
    )
    assert set(table(page, "latest")["ticker"]) == {"JOBS", "PRICE"}
    expected = table(page, "expected")
    assert expected["ticker"].to_list() == ["JOBS", "PRICE"]
    assert expected["expected"].min() >= date(2021, 3, 31)


@pytest.mark.parametrize(
    ("line", "tickers"),
    [
        ("ECO INFLATION", {"PRICE"}),
        ("ECO US JOBS", {"JOBS"}),
        ("ECO payrolls", {"JOBS"}),
        ("ECO JAPAN", set()),
    ],
)
def test_eco_by_country_and_topic(desk: Desk, line: str, tickers: set[str]) -> None:
    assert set(table(desk.run(line), "latest")["ticker"]) == tickers


def test_gc_compares_curves_in_basis_points(desk: Desk) -> None:
    page = desk.run("GC 1W 1Y")
    rows = table(page, "tenors")
    assert rows["rate"].to_list() == pytest.approx([0.0003, 0.0016, 0.0174])
    assert rows["change0"].to_list() == pytest.approx([-10.0, -10.0, -10.0])
    assert rows["change1"].to_list() == pytest.approx([-100.0, -100.0, -100.0])
    spreads = table(page, "spreads")
    assert spreads["at0"].to_list() == pytest.approx([158.0, 171.0, None])
    curve = page.panel("curve")
    assert curve is not None
    assert isinstance(curve.figure, Curve)
    assert [series.name for series in curve.figure.series] == ["2021-03-30", "2021-03-23", "2020-03-30"]
    versions = table(desk.run("WHY 2"), "versions")
    assert versions["rate"].to_list() == [0.0016]


def test_gc_as_of_a_day_without_its_evening_shows_the_day_before(desk: Desk) -> None:
    desk.run("GC 1W")
    page = desk.run('ASOF "2021-03-30 12:00"')
    assert table(page, "tenors")["rate"].to_list() == pytest.approx([0.0013, 0.0026, 0.0184])


def test_what_cannot_be_shown_is_said(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(AsofError, match="earlier day"):
        desk.run("GC 2021-03-31")
    with pytest.raises(AsofError, match="At most 5"):
        desk.run("GC 1W 2W 3W 4W 5W 6W")
    empty = Desk(open_store(tmp_path / "empty"), "tester", clock=lambda: PRESENT)
    with pytest.raises(AsofError, match="No yield curve"):
        empty.run("GC")
    page = empty.run("ECO")
    panel = page.panel("latest")
    assert panel is not None
    assert isinstance(panel.figure, Table)
    assert "BACKFILL" in panel.figure.empty


def _alfred() -> dict[date, list[tuple[date, float]]]:
    """ALFRED's own table by plain csv: (realtime_start, value) by period, those without a value left out."""
    if not ALFRED.is_file():
        pytest.skip("../shared/data/macro/alfred_GDP_all_vintages.csv.gz is not on this machine")
    found: dict[date, list[tuple[date, float]]] = defaultdict(list)
    for row in csv.DictReader(io.StringIO(gzip.decompress(ALFRED.read_bytes()).decode())):
        if row["value"]:
            day = date.fromisoformat(row["realtime_start"])
            found[date.fromisoformat(row["date"])].append((day, float(row["value"])))
    return {period: sorted(each) for period, each in found.items()}


@pytest.mark.parametrize("clock", ["2025-06-30", "2014-07-30", "2009-01-30"])
def test_ecst_agrees_with_alfreds_vintages(store: Store, clock: str) -> None:
    alfred = _alfred()
    number = store.identify(["gdp"])["gdp"]
    rows = [
        {**seen(number, period, value, day), "known_at": known(day)}
        for period, versions in alfred.items()
        for day, value in versions
    ]
    frames = {
        "securities": pl.DataFrame([naming(number, "GDP", "Gross domestic product", "billions of USD")]),
        "observations": pl.DataFrame(rows),
    }
    store.append(Batch("alfred", "GDP", "1", frames))
    desk = Desk(store, "tester", clock=lambda: datetime(2025, 7, 1, tzinfo=UTC))
    desk.run("GDP ECST MAX")
    shown = table(desk.run(f"ASOF {clock}"), "observations")
    by = date.fromisoformat(clock)
    expected = {
        period: [value for day, value in versions if day <= by]
        for period, versions in alfred.items()
        if versions[0][0] <= by
    }
    assert dict(shown.select("period_date", "first").iter_rows()) == {p: v[0] for p, v in expected.items()}
    assert dict(shown.select("period_date", "latest").iter_rows()) == {p: v[-1] for p, v in expected.items()}
    assert shown["period_date"].is_sorted(descending=True)


def test_why_takes_a_row_by_what_it_is_called(desk: Desk) -> None:
    desk.run("GC 1M")
    page = desk.run("WHY 10Y")
    about = page.panel("cell") or page.panels[0]
    assert isinstance(about.figure, Metrics)
    told = {metric.label: metric.value for metric in about.figure.items}
    assert told["key tenor"] == "10Y"
    assert told["table"] == "yield_curves.rate"

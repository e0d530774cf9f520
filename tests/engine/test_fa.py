"""FA's pages over a small company of our own: sources, restatements, blanks, what to type where nothing is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from engine.desk import Desk
from engine.encode import encode
from engine.errors import DataError
from engine.functions.fa import needs
from engine.page import Metric, Metrics, Page, SecurityRef, Table
from store import Batch, Store, open_store
from tests.quant.facts import fact, frame

PRESENT = datetime(2023, 9, 1, 22, 0, tzinfo=UTC)
ENDS = ("2022-03-31", "2022-06-30", "2022-09-30", "2022-12-31")
FILED = ("2022-05-02", "2022-08-01", "2022-11-01", "2023-02-15")


def at(day: str, hour: int = 21) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(hour), UTC)


def so_far(concept: str, values: tuple[float, ...], unit: str = "USD") -> list[dict[str, Any]]:
    """Years to date of 2022 as four filings tell them."""
    return [
        fact(concept, "2022-01-01", end, value, filed, form="10-K" if end == ENDS[3] else "10-Q", unit=unit,
             fiscal_year=2022)
        for end, value, filed in zip(ENDS, values, FILED, strict=True)
    ]  # fmt: skip


def the_facts() -> list[dict[str, Any]]:
    shares = "WeightedAverageNumberOfDilutedSharesOutstanding"
    rows = [
        *so_far("Revenues", (100e6, 210e6, 330e6, 460e6)),
        *so_far("NetIncomeLoss", (10e6, 25e6, 45e6, 70e6)),
        *so_far("EarningsPerShareDiluted", (0.1, 0.25, 0.45, 0.7), "USD/shares"),
        *so_far(shares, (100e6, 100e6, 100e6, 100e6), "shares"),
        fact(
            "dei:EntityCommonStockSharesOutstanding",
            "2023-02-01",
            "2023-02-01",
            100e6,
            FILED[3],
            unit="shares",
        ),
        fact(
            "Revenues",
            "2022-01-01",
            ENDS[3],
            450e6,
            "2023-06-01",
            form="10-K/A",
            accession="0000000000-23-RESTATED",
        ),
    ]
    for day, filed in zip(ENDS[2:], FILED[2:], strict=True):
        for concept, value in (
            ("Assets", 500e6),
            ("StockholdersEquity", -20e6),
            ("LiabilitiesAndStockholdersEquity", 500e6),
        ):
            rows.append(fact(concept, day, day, value, filed, form="10-K"))
    return rows


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = open_store(tmp_path / "home")
    one, two = made.identify(["us-equity:SML", "us-equity:NON"]).values()
    names = [
        {"security_id": number, "valid_from": date(2020, 1, 2), "ticker": ticker, "name": name, "market": "US EQUITY",
         "asset_class": "equity", "exchange": "XNYS", "currency": "USD", "unit": "USD a share", "calendar": "XNYS",
         "known_at": at("2020-01-02"), "known_basis": "exact"}
        for number, ticker, name in ((one, "SML", "Small Works"), (two, "NON", "Nothing Filed"))
    ]  # fmt: skip
    bars = [
        {"security_id": one, "session_date": day, "open": 7.0, "high": 7.0, "low": 7.0, "close": 7.0, "volume": 100,
         "known_at": datetime.combine(day, time(21), UTC), "known_basis": "exact"}
        for n in range(700)
        if (day := date(2021, 10, 1) + timedelta(days=n)).weekday() < 5
    ]  # fmt: skip
    filings = [
        {"security_id": one, "filed_date": date.fromisoformat(filed), "accession": f"0000000000-{n:02}-000001",
         "form": form, "accepted_at": at(filed), "report_date": date.fromisoformat(end), "items": "",
         "url": f"https://www.sec.gov/Archives/{n}", "known_at": at(filed), "known_basis": "exact"}
        for n, (form, filed, end) in enumerate([
            ("10-Q", FILED[0], ENDS[0]), ("8-K", "2022-06-03", "2022-06-02"), ("10-K", FILED[3], ENDS[3]),
            ("10-K/A", "2023-06-01", ENDS[3])])
    ]  # fmt: skip
    profiles = [
        {"security_id": one, "valid_from": date(2022, 5, 2), "industry": "Small works", "country": "US", "cik": "7",
         "known_at": at("2022-05-02"), "known_basis": "exact"}
    ]  # fmt: skip
    facts = frame(the_facts()).with_columns(security_id=pl.lit(one, pl.Int64), known_basis=pl.lit("exact"))
    tables = {"securities": names, "bars": bars, "filings": filings, "profiles": profiles}
    frames = {name: pl.DataFrame(rows, infer_schema_length=None) for name, rows in tables.items()}
    made.append(Batch("own company", "simulated", "1", frames | {"facts": facts}))
    return made


@pytest.fixture
def desk_at(store: Store) -> Iterator[Callable[[datetime], Desk]]:
    """Desks whose present stands still."""
    desks: list[Desk] = []

    def make(present: datetime) -> Desk:
        desks.append(Desk(store, "tester", clock=lambda: present))
        return desks[-1]

    yield make
    for each in desks:
        each.close()


@pytest.fixture
def desk(desk_at: Callable[[datetime], Desk]) -> Desk:
    return desk_at(PRESENT)


def table(page: Page, name: str) -> Table:
    panel = page.panel(name)
    assert panel is not None
    assert isinstance(panel.figure, Table)
    return panel.figure


def row(page: Page, name: str, line: str) -> dict[str, Any]:
    return table(page, name).frame.filter(pl.col("line") == line).row(0, named=True)


def metric(page: Page, label: str) -> Metric:
    items = [m for p in page.panels if isinstance(p.figure, Metrics) for m in p.figure.items]
    return next(m for m in items if m.label == label)


def test_a_statement_in_millions_with_its_restated_periods_told(desk: Desk) -> None:
    page = desk.run("SML FA INCOME")
    revenue = row(page, "income", "revenue")
    assert revenue["FY2022"] == 450.0
    assert revenue["restated"] == "FY2022"
    assert revenue["concept"] == "Revenues"
    assert row(page, "income", "net income")["restated"] == ""
    then = desk.run("ASOF 2023-05-31")
    assert row(then, "income", "revenue")["FY2022"] == 460.0


def test_why_shows_the_fact_and_the_filing_or_the_formula(desk: Desk) -> None:
    desk.run("SML FA INCOME Q")
    why = encode(desk.run("WHY 1 2022Q1"), "text")
    assert "us-gaap:Revenues, 2022-01-01 to 2022-03-31, as told in 10-Q" in " ".join(why.split())
    assert "in force" in why
    derived = " ".join(encode(desk.run("WHY 2 2022Q4"), "text").split())
    assert "FY 70000000 - 9M 45000000" in derived
    assert "known from 2023-02-15 21:00 UTC" in derived
    assert "in force" not in derived  # no one row says it


def test_diff_marks_what_was_restated_and_what_is_newly_known(desk: Desk) -> None:
    desk.run("SML FA INCOME")
    found = table(desk.run("ASOF DIFF 2023-05-31 2023-06-30"), "differences").frame
    marks = {(r["panel"], r["row"], r["column"]): r["mark"] for r in found.iter_rows(named=True)}
    assert marks["income", "revenue", "FY2022"] == "restated"
    assert (
        "income",
        "net income",
        "restated",
    ) not in marks  # a column that came with the other row, blank here
    assert not any(row == "net income" for _, row, _ in marks)
    desk.run("FA INCOME Q")
    found = table(desk.run("ASOF DIFF 2022-06-01 2022-09-01"), "differences").frame
    marks = {(r["row"], r["column"]): r["mark"] for r in found.iter_rows(named=True)}
    assert marks["revenue", "Q2 FY22"] == "newly known"


def test_the_overview_values_the_company_on_the_last_close(desk: Desk) -> None:
    page = desk.run("SML FA")
    assert metric(page, "market capitalisation").value == pytest.approx(700.0)
    assert metric(page, "price / earnings").value == pytest.approx(10.0)
    assert metric(page, "price / sales").value == pytest.approx(700 / 450)
    book = metric(page, "price / book")
    assert book.value is None
    assert "equity is not positive" in book.formula
    assert table(page, "filings").frame["form"].to_list() == ["10-K/A", "10-K", "8-K", "10-Q"]
    assert page.panel("share") is not None


def test_an_old_close_values_nothing(desk_at: Callable[[datetime], Desk]) -> None:
    close = metric(desk_at(PRESENT + timedelta(days=200)).run("SML FA"), "close")
    assert close.value is None
    assert "the last close known is of 2023-08-31" in close.note


def test_ratios_and_their_reasons(desk: Desk) -> None:
    page = desk.run("SML FA RATIOS")
    assert row(page, "margins", "net margin")["FY2022"] == pytest.approx(70 / 450)
    assert page.panel("returns") is None  # no balance sheet of a year before
    why = " ".join(encode(desk.run("WHY 1 FY2022 PANEL=margins"), "text").split())
    assert "net income / revenue (CFA Institute, Financial Analysis Techniques) = 70000000 / 450000000" in why
    leverage = row(page, "leverage", "liabilities / assets")
    assert leverage["FY2022"] == pytest.approx(520 / 500)


def test_filings_by_form_with_their_amendments(desk: Desk) -> None:
    found = table(desk.run("SML FA FILINGS 10-K"), "filings").frame
    assert found["form"].to_list() == ["10-K/A", "10-K"]
    assert found["accepted_at"][1] == at(FILED[3])
    none = table(desk.run("FA FILINGS FORM=4"), "filings")
    assert none.frame.is_empty()
    assert "10-Q: 1" in none.empty
    whole = desk.run(found["command"][0])  # the number before a filing shows it
    assert found["accession"][0] in encode(whole, "text")
    assert row_count(desk.run("FA FILINGS")) == 4


def row_count(page: Page) -> int:
    return table(page, "filings").frame.height


def test_the_profile(desk: Desk) -> None:
    page = desk.run("SML FA PROFILE")
    assert metric(page, "industry").value == "Small works"
    with pytest.raises(DataError, match="No profiles of SML US EQUITY are known as of"):
        run_at(desk, "2022-01-03", "SML FA PROFILE")


def run_at(desk: Desk, day: str, line: str) -> Page:
    desk.asof = at(day)
    return desk.run(line)


@pytest.mark.parametrize("line", ["NON FA", "NON FA INCOME", "NON FA FILINGS", "NON FA PROFILE"])
def test_where_nothing_is_known_it_says_what_to_type(desk: Desk, line: str) -> None:
    with pytest.raises(DataError) as raised:
        desk.run(line)
    assert "KEYS CONTACT" in str(raised.value)
    assert "this line again" in str(raised.value)  # FA fetches them itself; BACKFILL fetches prices


def test_a_balance_sheet_is_of_one_day(desk: Desk) -> None:
    page = desk.run("SML FA BALANCE TTM 2")
    assert [c.name for c in table(page, "balance").columns[1:3]] == ["2022Q4", "2022Q3"]
    assert any("of one day" in note.text for note in page.notes)
    assert row(page, "balance", "total liabilities")["2022Q4"] == 520.0


def test_what_it_wants_fetched() -> None:
    ref = SecurityRef(1, "SML", "US EQUITY", "Small Works", "equity")
    context: Any = SimpleNamespace(security=ref, today=date(2023, 9, 1))
    wanted = {need.dataset: need for need in needs(context, {"section": "INCOME"})}
    assert set(wanted) == {"facts", "filings", "actions", "bars"}
    assert wanted["facts"].max_age_seconds == 86_400
    assert wanted["bars"].end == date(2023, 9, 1)
    assert [need.dataset for need in needs(context, {"section": "FILINGS"})] == ["filings"]
    assert [need.dataset for need in needs(context, {"section": "PROFILE"})] == ["profile"]

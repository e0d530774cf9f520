"""From EDGAR's recorded answers through the source and the store to FA's pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime

import polars as pl
import pytest

from engine.desk import Desk
from engine.encode import encode
from engine.page import Metrics, Page, Table
from providers.edgar import SOURCE
from providers.source import Request, Subject
from store import Batch, Store, open_store
from tests.providers.sources.loopback import Asked, Said, ask, recorded, serving
from tests.providers.sources.samples.edgar import page as empty_page
from tests.quant.facts import APPLE, recorded_facts

pytestmark = pytest.mark.shared
PRESENT = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with Apple's recorded facts and filings, as the source maps them."""
    folder = tmp_path_factory.mktemp("edgar")
    submissions = recorded("edgar", f"data.sec.gov_submissions_CIK{APPLE}.json")
    facts = recorded("edgar", f"data.sec.gov_api_xbrl_companyfacts_CIK{APPLE}.json.gz")

    def answer(asked: Asked) -> Said:
        if asked.path.startswith("/api/"):
            return Said(facts)
        return Said(json.dumps(empty_page()).encode() if "-submissions-" in asked.path else submissions)

    made = open_store(folder / "home")
    identity = "us-equity:AAPL"
    (number,) = made.identify([identity]).values()
    frames: dict[str, pl.DataFrame] = {}
    with serving(answer) as server:
        for dataset in ("facts", "filings", "profile"):
            got = ask(SOURCE, Request(dataset, Subject(identity, f"CIK{APPLE}")), server, folder)
            frames |= dict(got.frames)
    named = pl.DataFrame([{
        "identity": identity, "valid_from": date(1980, 12, 12), "ticker": "AAPL", "name": "Apple Inc.",
        "market": "US EQUITY", "asset_class": "equity", "exchange": "XNAS", "currency": "USD", "calendar": "XNYS",
        "unit": "USD a share", "known_at": datetime(1980, 12, 12, 14, 30, tzinfo=UTC), "known_basis": "exact",
    }])  # fmt: skip
    frames["securities"] = named
    keyed = {
        name: frame.drop("identity").with_columns(security_id=pl.lit(number, pl.Int64))
        for name, frame in frames.items()
    }
    made.append(Batch("edgar", "facts", "recorded", keyed))
    return made


@pytest.fixture
def desk(store: Store) -> Iterator[Desk]:
    made = Desk(store, "tester", clock=lambda: PRESENT)
    yield made
    made.close()


def cell(page: Page, panel: str, line: str, column: str) -> float | None:
    found = page.panel(panel)
    assert found is not None
    assert isinstance(found.figure, Table)
    value: float | None = found.figure.frame.filter(pl.col("line") == line)[column].item()
    return value


def test_apple_through_the_source_and_the_store(desk: Desk) -> None:
    page = desk.run("AAPL FA INCOME A 8")
    assert cell(page, "income", "revenue", "FY2023") == 383_285
    assert cell(page, "income", "net income", "FY2023") == 96_995
    assert cell(page, "share", "earnings a share, diluted", "FY2023") == 6.13
    why = " ".join(encode(desk.run("WHY 1 FY2023"), "text").split())
    assert "10-K 0000320193-23-000106, accepted 2023-11-02 22:08 UTC, known from 2023-11-03 10:00 UTC" in why
    quarters = desk.run("AAPL FA INCOME Q 12")
    assert cell(quarters, "income", "net income", "2023Q4") == 22_956


def test_the_restatement_of_2010_through_the_pages(desk: Desk) -> None:
    desk.run("AAPL FA INCOME")
    assert cell(desk.run("ASOF 2010-01-24"), "income", "revenue", "FY2009") == 36_537
    after = desk.run("ASOF 2010-01-26")
    assert cell(after, "income", "revenue", "FY2009") == 42_905
    assert cell(after, "income", "revenue", "restated") == "FY2009, FY2008, FY2007"
    found = desk.run("ASOF DIFF 2010-01-24 2010-01-26").panel("differences")
    assert found is not None
    assert isinstance(found.figure, Table)
    marks = found.figure.frame.filter((pl.col("row") == "revenue") & (pl.col("column") == "FY2009"))
    assert marks["mark"].to_list() == ["restated"]


def test_splits_that_the_store_lacks_are_taken_from_the_filings_and_told(desk: Desk) -> None:
    page = desk.run("AAPL FA INCOME A 12")
    assert cell(page, "share", "earnings a share, diluted", "FY2018") == pytest.approx(2.98, abs=0.005)
    assert any("7 for 1" in note.text and "4 for 1" in note.text for note in page.notes)


def test_reading_as_of_is_cutting_by_known_at(store: Store) -> None:
    """The reader at a clock has exactly the rows of the source known by then."""
    whole = store.reader(PRESENT).rows("facts")
    for day in (datetime(2010, 1, 26, tzinfo=UTC), datetime(2019, 6, 1, tzinfo=UTC)):
        then = store.reader(day).rows("facts")
        assert then.equals(whole.filter(pl.col("known_at") <= day))
        assert then.height


def test_every_fact_of_the_raw_answer_is_there(store: Store) -> None:
    keys = ["concept", "unit", "period_start", "period_end", "accession"]
    ours = recorded_facts(APPLE)
    held = store.reader(PRESENT).rows("facts")
    joined = ours.join(held, on=keys, how="inner")
    assert joined.height >= 0.999 * ours.height
    assert joined.filter(pl.col("value") != pl.col("value_right")).is_empty()


def test_the_overview_without_a_price_says_so(desk: Desk) -> None:
    page = desk.run("AAPL FA")
    panel = page.panel("valuation")
    assert panel is not None
    assert isinstance(panel.figure, Metrics)
    (close,) = panel.figure.items
    assert close.value is None
    assert "No price of AAPL US EQUITY is known" in close.note

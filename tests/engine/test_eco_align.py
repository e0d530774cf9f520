"""ECO ALIGN: rows by date hold what stood at the clock, rows by knowledge what each evening's reader would see."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from engine.desk import Desk
from engine.encode import encode
from engine.errors import AsofError
from engine.page import Blank, Page, Table
from store import Batch, Store, open_store

PRESENT = datetime(2021, 3, 31, 22, 0, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")
MONTHS = [date(2020, month, 1) for month in range(1, 13)]
QUARTERS = MONTHS[::3]


def known(day: date) -> datetime:
    return datetime.combine(day, time(8, 30), NEW_YORK).astimezone(UTC)


def seen(number: int, period: date, value: float, day: date) -> dict[str, object]:
    row = {"security_id": number, "period_date": period, "value": value}
    return row | {"known_at": known(day), "known_basis": "exact"}


def naming(number: int, ticker: str) -> dict[str, object]:
    return {
        "security_id": number, "valid_from": date(1940, 1, 1), "ticker": ticker, "name": f"{ticker} of a country",
        "market": "MACRO", "asset_class": "macro", "exchange": "", "currency": "", "unit": "percent",
        "calendar": "", "known_at": datetime(1960, 1, 1, tzinfo=UTC), "known_basis": "exact",
    }  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(tmp_path / "home", clock=lambda: PRESENT)
    month, quarter = made.identify(["month", "quarter"]).values()
    rows = [seen(month, day, float(at), day + timedelta(days=36)) for at, day in enumerate(MONTHS)]
    rows += [seen(month, day, at + 0.5, day + timedelta(days=66)) for at, day in enumerate(MONTHS[:-1])]
    rows += [seen(quarter, day, 10.0 * at, day + timedelta(days=120)) for at, day in enumerate(QUARTERS[:3])]
    names = [naming(month, "JOBS"), naming(quarter, "NGDP")]
    frames = {"securities": pl.DataFrame(names), "observations": pl.DataFrame(rows)}
    made.append(Batch("a test", "macro", "1", frames))
    yield made
    made.close()


@pytest.fixture
def desk(store: Store) -> Iterator[Desk]:
    made = Desk(store, "tester", clock=lambda: PRESENT)
    yield made
    made.close()


def rows(page: Page) -> dict[date, dict[str, object]]:
    panel = page.panel("aligned")
    assert panel is not None
    assert isinstance(panel.figure, Table)
    return {row["session_date"]: row for row in panel.figure.frame.iter_rows(named=True)}


def test_by_date_each_period_stands_in_its_own_row_and_nothing_is_carried_on(desk: Desk) -> None:
    found = rows(desk.run("ECO ALIGN JOBS NGDP MAX"))
    assert list(found) == MONTHS[::-1]
    assert [found[day]["JOBS"] for day in MONTHS] == [n + 0.5 for n in range(11)] + [11.0]
    assert {day: row["NGDP"] for day, row in found.items() if row["NGDP"] is not None} == {
        QUARTERS[0]: 0.0, QUARTERS[1]: 10.0, QUARTERS[2]: 20.0,
    }  # fmt: skip
    assert found[date(2020, 8, 1)]["NGDP_blank"] == Blank.NEVER_EXISTED
    assert found[date(2020, 10, 1)]["NGDP_blank"] == Blank.NOT_YET_KNOWN


def test_by_date_at_an_earlier_clock_has_its_vintage(desk: Desk) -> None:
    desk.run("ASOF 2020-05-20")
    found = rows(desk.run("ECO ALIGN JOBS NGDP MAX"))
    assert [(row["JOBS"], row["NGDP"]) for row in found.values()] == [
        (3.0, None), (2.5, None), (1.5, None), (0.5, 0.0),
    ]  # fmt: skip


def test_rows_of_quarters_hold_the_last_month_of_each(desk: Desk) -> None:
    found = rows(desk.run("ECO ALIGN JOBS NGDP MAX QUARTERLY"))
    assert [(row["JOBS"], row["NGDP"]) for row in found.values()] == [
        (11.0, None), (8.5, 20.0), (5.5, 10.0), (2.5, 0.0),
    ]  # fmt: skip


@pytest.mark.parametrize("step", ["WEEKLY", "MONTHLY"])
def test_by_knowledge_each_row_is_what_a_reader_of_that_evening_sees(
    desk: Desk, store: Store, step: str
) -> None:
    found = rows(desk.run(f"ECO ALIGN JOBS NGDP MAX KNOWLEDGE {step}"))
    assert next(iter(found)) == date(2021, 3, 31)
    assert min(found) >= date(2020, 2, 6)
    names = dict(zip(store.identify(["month", "quarter"]).values(), ("JOBS", "NGDP"), strict=True))
    for day, row in found.items():
        evening = datetime.combine(day, time(23, 59, 59, 999999), NEW_YORK).astimezone(UTC)
        reader = store.reader(min(evening, PRESENT))
        for number, name in names.items():
            own = reader.rows("observations", number).sort("period_date")
            newest = own.row(-1, named=True) if own.height else {"value": None, "period_date": None}
            assert (row[name], row[f"{name}_period"]) == (newest["value"], newest["period_date"]), (day, name)
            if newest["period_date"] is not None:
                assert row[f"{name}_age"] == (day - newest["period_date"]).days


def test_exports_name_the_series_and_why_finds_the_observation(desk: Desk) -> None:
    page = desk.run("ECO ALIGN JOBS NGDP 1Y")
    text = encode(page, "csv")
    head = next(csv.reader(io.StringIO(text.split("\n", 1)[1])))
    assert head == ["session_date", "JOBS", "NGDP"]
    assert "observations.value" in encode(desk.run("WHY 1 JOBS"), "text")


def test_what_cannot_be_aligned_is_said(desk: Desk) -> None:
    with pytest.raises(AsofError, match="none is named"):
        desk.run("ECO ALIGN")
    page = desk.run("ECO ALIGN JOBS KNOWLEDGE 2019-01-01..2019-06-30")
    assert rows(page) == {}
    assert "known before 2020-02-06" in encode(page, "text").replace("\n", " ")
    desk.run("ASOF 2019-06-30")
    with pytest.raises(AsofError, match=r"No value of JOBS, NGDP is known"):
        desk.run("ECO ALIGN JOBS NGDP")

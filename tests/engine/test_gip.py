"""GIP: bars within sessions as known at the clock, on the exchange's clocks, by part of the day, in every encoder."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from engine.desk import Desk
from engine.encode import encode
from engine.errors import DataError
from engine.function import Args
from engine.functions.gip import needs
from engine.page import Candles, Page, Table
from engine.period import Period
from store import Batch, Store, open_store

NEW_YORK = ZoneInfo("America/New_York")
DAYS = (date(2024, 3, 6), date(2024, 3, 7), date(2024, 3, 8), date(2024, 3, 11))  # clocks went on on the 10th
PRESENT = datetime(2024, 3, 12, 12, tzinfo=UTC)


def bars_of(number: int, day: date, interval: str = "5m", minutes: int = 5) -> list[dict[str, object]]:
    """From 9:00, before the session, to 16:10, after it; the close counts the bars up."""
    start = datetime(day.year, day.month, day.day, 9, tzinfo=NEW_YORK)
    rows = []
    for at in range((7 * 60 + 10) // minutes):
        begins = (start + timedelta(minutes=minutes * at)).astimezone(UTC)
        price = 100.0 + day.day + at / 100
        rows.append({
            "security_id": number, "session_date": day, "interval": interval, "start_at": begins, "open": price,
            "high": price + 0.5, "low": price - 0.5, "close": price + 0.1, "volume": 10,
            "known_at": begins + timedelta(minutes=minutes), "known_basis": "exact",
        })  # fmt: skip
    return rows


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(tmp_path / "home", clock=lambda: PRESENT)
    one, two = made.identify(["us-equity:ONE", "us-equity:TWO"]).values()
    names = [
        {"security_id": number, "valid_from": date(2000, 1, 3), "ticker": ticker, "name": ticker,
         "market": "US EQUITY", "asset_class": "equity", "exchange": "XNYS", "currency": "USD", "calendar": "XNYS",
         "known_at": datetime(2000, 1, 3, tzinfo=UTC), "known_basis": "exact"}
        for number, ticker in ((one, "ONE"), (two, "TWO"))
    ]  # fmt: skip
    bars = [row for day in DAYS for row in bars_of(one, day)]
    bars += bars_of(one, DAYS[0], "1h", 60)
    split = [{"security_id": one, "kind": "split", "ex_date": DAYS[3], "ratio": 2.0,
              "known_at": datetime(2024, 3, 1, tzinfo=UTC), "known_basis": "exact"}]  # fmt: skip
    frames = {"securities": names, "bars_intraday": bars, "actions": split}
    made.append(Batch("a test", "bars", "1", {name: pl.DataFrame(rows) for name, rows in frames.items()}))
    yield made
    made.close()


@pytest.fixture
def desk(store: Store) -> Iterator[Desk]:
    made = Desk(store, "tester", clock=lambda: PRESENT)
    yield made
    made.close()


def candles(page: Page) -> Candles:
    figure = page.panels[0].figure
    assert isinstance(figure, Candles)
    return figure


def test_the_last_session_on_the_exchange_s_clocks(desk: Desk) -> None:
    page = desk.run("ONE GIP")
    figure = candles(page)
    assert figure.zone == "America/New_York"
    times = figure.frame["local_time"]
    assert (times[0], times[-1]) == (datetime(2024, 3, 11, 9, 30), datetime(2024, 3, 11, 15, 55))
    assert figure.frame.height == 78
    assert "America/New_York" in page.panels[0].title
    assert any("8 bars before and after the session are left out" in note.text for note in page.notes)


def test_days_are_sessions_and_a_month_is_a_minute(desk: Desk) -> None:
    page = desk.run("ONE GIP 3D ALL")
    frame = candles(page).frame
    assert frame["session_date"].unique().sort().to_list() == list(DAYS[1:])
    assert frame["phase"].value_counts().sort("phase").rows() == [
        ("after hours", 6), ("pre-market", 18), ("session", 3 * 78),
    ]  # fmt: skip
    by_session = page.panels[1].figure
    assert isinstance(by_session, Table)
    newest = by_session.frame.row(0, named=True)
    assert (newest["open"], newest["close"]) == (111.06, pytest.approx(111.0 + 0.83 + 0.1))
    assert (newest["volume"], newest["before"], newest["after"], newest["bars"]) == (780, 60, 20, 78)
    assert any("2024-03-11 shows as a jump" in note.text for note in page.notes)
    with pytest.raises(
        DataError, match=r"The store holds 5m from 2024-03-06 to 2024-03-11, 1h from .* GIP 5M 1D"
    ):
        desk.run("ONE GIP 1M")


def test_a_bar_is_known_at_its_end(desk: Desk) -> None:
    desk.run("ASOF 2024-03-11 10:02")
    frame = candles(desk.run("ONE GIP")).frame
    assert frame["local_time"][-1] == datetime(2024, 3, 11, 9, 55)
    assert frame["known_at"].max() <= datetime(2024, 3, 11, 14, 2, tzinfo=UTC)  # type: ignore[operator]
    desk.run("ASOF 2024-03-11 09:20")
    assert candles(desk.run("ONE GIP")).frame["session_date"].unique().to_list() == [DAYS[2]]
    with pytest.raises(DataError, match=r"ONE GIP 5M .* ALL draws them"):
        desk.run("ONE GIP 2024-03-11")
    assert candles(desk.run("ONE GIP 2024-03-11 ALL")).frame.height == 4


def test_one_date_is_that_day_alone(desk: Desk) -> None:
    frame = candles(desk.run("ONE GIP 2024-03-07")).frame
    assert frame["session_date"].unique().to_list() == [DAYS[1]]
    assert frame["start_at"][0] == datetime(2024, 3, 7, 14, 30, tzinfo=UTC)


def test_every_encoder_tells_the_instant(desk: Desk) -> None:
    page = desk.run("ONE GIP 2024-03-11")
    told_rows = encode(page, "csv").split("# panel")[1].split("\n", 1)[1].rstrip('\r\n"')
    rows = list(csv.DictReader(io.StringIO(told_rows)))
    assert rows[0]["session_date"] == "2024-03-11"
    assert rows[0]["start_at"].startswith("2024-03-11T13:30")
    assert len({row["start_at"] for row in rows}) == 78
    told = json.loads(encode(page, "json"))["panels"][0]["figure"]
    assert told["zone"] == "America/New_York"
    assert told["data"]["start_at"][0].startswith("2024-03-11T13:30")
    assert "09:30" in encode(page, "text")


def test_why_finds_the_bar_by_its_row(desk: Desk) -> None:
    desk.run("ONE GIP")
    why = encode(desk.run("WHY 3 high PANEL=price"), "text")
    assert "bars_intraday.high" in why
    assert "2024-03-11 09:40" in why
    assert "in force" in why


def test_nothing_held_says_what_to_type(desk: Desk) -> None:
    with pytest.raises(DataError, match=r"IMPORT, table bars_intraday.*TWO GP draws daily bars"):
        desk.run("TWO GIP")


def test_it_asks_for_the_days_of_the_range(desk: Desk) -> None:
    desk.run("ONE DES")

    class Asked:
        today = DAYS[3]
        security = desk.security

    def need(period: Period) -> tuple[object, ...]:
        args: Args = {"interval": "15M", "period": period}
        (found,) = needs(Asked(), args)  # type: ignore[arg-type]
        return found.dataset, found.start, found.end, found.detail

    assert need(Period("D", 3)) == ("intraday", date(2024, 2, 27), DAYS[3], "15m")
    assert need(Period("DATES", 1, DAYS[0])) == ("intraday", DAYS[0], DAYS[0], "15m")

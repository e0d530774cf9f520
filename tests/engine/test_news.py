"""NEWS and TREND: what was published by the clock, inert, and not a minute before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from engine.desk import Desk
from engine.encode import encode
from engine.errors import CommandError
from engine.functions._filing_items import named_items
from engine.page import Lines, Page, Table, Text
from store import Batch, open_store

MakeDesk = Callable[..., Desk]
EIGHT = datetime(2024, 5, 2, 12, 0, tzinfo=UTC)
NINE = datetime(2024, 5, 2, 13, 30, tzinfo=UTC)


@pytest.fixture
def desk(make_desk: MakeDesk, home: Path) -> Desk:
    store = open_store(home)
    apple, ibm = (
        store.identify([f"us-equity:{ticker}"])[f"us-equity:{ticker}"] for ticker in ("AAPL", "IBM")
    )

    def headline(number: int, name: str, at: datetime, title: str) -> dict[str, object]:
        return {
            "security_id": number, "session_date": at.date(), "headline_id": name, "published_at": at, "title": title,
            "publisher": "A paper", "url": "https://example.com/" + name, "summary": "More of it.", "known_at": at,
        }  # fmt: skip

    news = [
        headline(apple, "one", EIGHT, "Apple [bold]raises\x1b[31m its dividend"),
        headline(apple, "both", NINE, "Apple and IBM agree"),
        headline(ibm, "both", NINE, "Apple and IBM agree"),
    ]
    filing = {
        "security_id": apple, "filed_date": date(2024, 5, 3), "accession": "0000320193-24-000069", "form": "10-Q",
        "accepted_at": datetime(2024, 5, 2, 22, 4, 25, tzinfo=UTC), "report_date": date(2024, 3, 30),
        "description": "10-Q", "items": None, "url": "https://www.sec.gov/x",
        "known_at": datetime(2024, 5, 2, 22, 4, 25, tzinfo=UTC),
    }  # fmt: skip
    opinions = [
        {"security_id": apple, "session_date": date(2024, 5, day), "channel": "reddit:stocks", "mentions": 10 * day,
         "positive": 3, "negative": 1, "score": 0.2, "note": None,
         "known_at": datetime(2024, 5, day + 1, 4, tzinfo=UTC)}
        for day in (1, 2, 3)
    ]  # fmt: skip
    searches = [
        {"security_id": apple, "period_date": date(2024, 4, day), "term": "AAPL", "scale": "US 2024-04",
         "value": 50.0, "partial": False, "known_at": datetime(2024, 5, 1, tzinfo=UTC)}
        for day in (7, 14, 21)
    ]  # fmt: skip
    frames = {
        "headlines": pl.DataFrame(news),
        "filings": pl.DataFrame([filing], schema_overrides={"items": pl.String}),
        "sentiment": pl.DataFrame(opinions, schema_overrides={"note": pl.String}),
        "trends": pl.DataFrame(searches),
    }
    store.append(Batch("a test", "news", "1", frames, basis="exact"))
    return make_desk(store=store)


def listed(page: Page) -> pl.DataFrame:
    panel = page.panel("news")
    assert panel is not None
    assert isinstance(panel.figure, Table)
    return panel.figure.frame


def test_headlines_and_filings_by_the_clock(desk: Desk) -> None:
    desk.run('ASOF "2024-05-02 09:29"')
    assert listed(desk.run("AAPL NEWS"))["item"].to_list() == ["one"]
    desk.run('ASOF "2024-05-02 09:30"')
    assert listed(desk.run("AAPL NEWS"))["item"].to_list() == ["both", "one"]
    desk.run('ASOF "2024-05-02 18:04:24"')
    assert "0000320193-24-000069" not in encode(desk.run("AAPL NEWS"), "json")
    desk.run('ASOF "2024-05-02 18:04:25"')
    rows = listed(desk.run("AAPL NEWS"))
    assert rows["item"].to_list() == ["0000320193-24-000069", "both", "one"]
    assert rows["title"][0] == "10-Q"  # its description only repeats the form


def test_an_empty_list_says_what_was_looked_for(desk: Desk) -> None:
    page = desk.run('AAPL NEWS 1W FILINGS SEARCH="merger"')
    panel = page.panel("news")
    assert panel is not None
    assert isinstance(panel.figure, Table)
    assert "No filing about AAPL US EQUITY with 'merger' in it is in the store" in panel.figure.empty
    assert 'NEWS 1Y SEARCH="merger"' in panel.figure.empty
    assert panel.title == "no story"


def test_items_of_current_reports_are_told_in_words() -> None:
    assert named_items("2.02,9.01") == "results of operations (2.02), exhibits (9.01)"
    assert named_items("06b, ") == "item (06b)"
    assert named_items("") == ""


def test_the_market_shows_a_story_once(desk: Desk) -> None:
    desk.run("ASOF 2024-05-04")
    rows = listed(desk.run("NEWS ALL HEADLINES"))
    assert rows["item"].to_list() == ["both", "one"]
    assert listed(desk.run('NEWS ALL SEARCH="IBM agree"'))["item"].to_list() == ["both"]
    assert listed(desk.run("NEWS ALL FILINGS")).height == 1


def test_a_story_is_shown_whole_and_inert(desk: Desk) -> None:
    desk.run("ASOF 2024-05-04")
    desk.run("AAPL NEWS")
    page = desk.run("3")
    assert page.panel("summary") is not None
    text = encode(page, "text")
    assert "\x1b" not in text
    assert "[bold]" in text
    filing = desk.run("AAPL NEWS FILINGS")
    assert "2024-05-02 22:04:25 UTC" in encode(desk.run(listed(filing)["command"][0]), "text")
    with pytest.raises(CommandError, match="known at this clock"):
        desk.run("ASOF 2024-05-01")


def test_trend_draws_a_line_a_channel_and_a_scale(desk: Desk) -> None:
    desk.run('ASOF "2024-05-03 12:00"')
    page = desk.run("AAPL TREND")
    mentions, searches = page.panel("mentions"), page.panel("searches")
    assert mentions is not None
    assert isinstance(mentions.figure, Lines)
    assert mentions.figure.series[0].values.tolist() == [10.0, 20.0]  # the third day is not over
    assert searches is not None
    assert isinstance(searches.figure, Lines)
    assert searches.figure.series[0].name == "AAPL US 2024-04"
    elsewhere = desk.run("AAPL TREND 2020-01-01 2020-02-01").panel("nothing")
    assert elsewhere is not None
    assert isinstance(elsewhere.figure, Text)
    assert (
        "the store holds 2024-04-07 to 2024-05-02 at this clock: AAPL TREND MAX" in elsewhere.figure.lines[0]
    )
    nothing = desk.run("IBM TREND").panel("nothing")
    assert nothing is not None
    assert isinstance(nothing.figure, Text)

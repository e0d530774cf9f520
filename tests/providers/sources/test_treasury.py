"""The Treasury curve: tenors, clocks, refused XML, and the recorded months against the H.15 columns."""

from __future__ import annotations

import csv
import gzip
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from providers.errors import Kind, SourceError
from providers.source import Answer, Request, Subject
from providers.treasury import SOURCE
from providers.validate import check
from tests.providers.sources.loopback import SHARED, Said, ask, recorded, serving
from tests.providers.sources.samples.treasury import CURVE, FEED, SAMPLES, entry, feed

H15 = {"DGS1MO": "1M", "DGS3MO": "3M", "DGS6MO": "6M", "DGS1": "1Y", "DGS2": "2Y", "DGS3": "3Y", "DGS5": "5Y"} | {
    "DGS7": "7Y", "DGS10": "10Y", "DGS20": "20Y", "DGS30": "30Y",
}  # fmt: skip


def fetched(body: bytes, folder: Path, start: date, end: date, **more: datetime) -> Answer:
    with serving(lambda _: Said(body)) as server:
        return ask(SOURCE, Request("curve", CURVE, start, end), server, folder, **more)


def test_tenors_are_read_by_their_names_and_an_empty_one_is_not_quoted(tmp_path: Path) -> None:
    sample = SAMPLES[0]
    with serving(sample.behaviour()) as server:
        answer = ask(SOURCE, sample.request, server, tmp_path)
    assert server.asked[0].query["field_tdr_date_value_month"] == "202603"
    rows = answer.frames["yield_curves"]
    assert rows.select("session_date", "tenor", "years", "rate").rows() == [
        (date(2026, 3, 3), "10Y", 10.0, 0.0457),
        (date(2026, 3, 3), "1M", pytest.approx(1 / 12), 0.0422),
        (date(2026, 3, 3), "50Y", 50.0, 0.0499),
        (date(2026, 3, 4), "1.5M", 0.125, 0.042),
        (date(2026, 3, 4), "10Y", 10.0, 0.0455),
        (date(2026, 3, 4), "1M", pytest.approx(1 / 12), 0.0421),
    ]
    assert rows["known_at"][-1] == datetime(2026, 3, 4, 23, tzinfo=UTC)  # 18:00 in New York, winter
    for table, frame in answer.frames.items():
        assert not check(table, frame, positive=answer.positive).quarantined


def test_a_range_over_years_is_asked_year_by_year_and_cut(tmp_path: Path) -> None:
    bodies = {
        "2025": feed(entry("2025-12-30", BC_1YEAR="4.0"), entry("2025-12-31", BC_1YEAR="4.1")),
        "2026": feed(entry("2026-01-02", BC_1YEAR="4.2"), entry("2026-01-05", BC_1YEAR="4.3")),
    }
    with serving(lambda asked: Said(bodies[asked.query["field_tdr_date_value"]])) as server:
        answer = ask(SOURCE, Request("curve", CURVE, date(2025, 12, 31), date(2026, 1, 2)), server, tmp_path)
    assert answer.frames["yield_curves"]["rate"].to_list() == [0.041, 0.042]


def test_what_was_seen_before_six_is_known_by_the_fetch_and_never_later(tmp_path: Path) -> None:
    now = datetime(2026, 3, 4, 21, 30, tzinfo=UTC)
    rows = fetched(FEED, tmp_path, date(2026, 3, 4), date(2026, 3, 4), now=now).frames["yield_curves"]
    assert rows["known_at"].max() == now
    assert "by this fetch" in rows["known_basis"][0]


def test_contradictory_and_unreadable_quotes_are_set_aside(tmp_path: Path) -> None:
    twice = feed(
        entry("2026-03-04", BC_1YEAR="4.2", BC_2YEAR="n/a"),
        entry("2026-03-04", BC_1YEAR="4.3"),
        entry("yesterday", BC_1YEAR="4.2"),
    )
    answer = fetched(twice, tmp_path, date(2026, 3, 1), date(2026, 3, 5))
    assert answer.frames["yield_curves"].is_empty()
    assert {item.reason for item in answer.quarantined} == {
        "the answer has contradictory rows of one key", "the rate is no number", "no date that can be read"
    }  # fmt: skip


def test_an_empty_feed_is_an_answer_without_rows(tmp_path: Path) -> None:
    assert fetched(feed(), tmp_path, date(2026, 11, 20), date(2026, 11, 20)).frames["yield_curves"].is_empty()


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><html><body>maintenance</body></html>",
        b'<?xml version="1.0"?><!DOCTYPE f [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><feed>&b;</feed>',
        b'<!DOCTYPE f SYSTEM "http://127.0.0.1/evil.dtd"><feed/>',
        b"<a>" * 200 + b"</a>" * 200,
        b"<html><body>no</body></html>",
        FEED[:300],
        b"",
    ],
)
def test_what_is_no_feed_is_refused(body: bytes, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        fetched(body, tmp_path, date(2026, 3, 1), date(2026, 3, 5))
    assert caught.value.kind is Kind.MALFORMED


def test_another_curve_is_not_served(tmp_path: Path) -> None:
    with serving(lambda _: Said()) as server, pytest.raises(SourceError) as caught:
        ask(SOURCE, Request("curve", Subject("curve:DBR", "DBR", "GOVT", "government")), server, tmp_path)
    assert caught.value.kind is Kind.NOT_SERVED
    assert not server.asked


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "start", "end", "tenors"),
    [
        ("daily_treasury_yield_curve_2023-10.xml", date(2023, 10, 1), date(2023, 10, 31), 13),
        ("daily_treasury_yield_curve_2026-08_trimmed.xml", date(2026, 8, 1), date(2026, 8, 31), 14),
    ],
)
def test_recorded_months_agree_with_the_h15_columns(
    name: str, start: date, end: date, tenors: int, tmp_path: Path
) -> None:
    answer = fetched(recorded("treasury", name), tmp_path, start, end)
    rows = {(day, tenor): rate for day, tenor, rate in answer.frames["yield_curves"].select(
        "session_date", "tenor", "rate").rows()}  # fmt: skip
    assert not answer.quarantined
    assert len({tenor for _, tenor in rows}) == tenors
    path = SHARED.parent / "data/rates/us_treasury_constant_maturity_daily_1962_2026.csv.gz"
    if not path.is_file():
        pytest.skip("the H.15 columns are not on this machine")
    with gzip.open(path, "rt") as file:
        for line in csv.DictReader(file):
            for column, tenor in H15.items():
                told = rows.get((date.fromisoformat(line["date"]), tenor))
                if told is not None and line[column]:
                    assert told == pytest.approx(float(line[column]) / 100, abs=1e-4)

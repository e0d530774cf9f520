"""FRED: vintages, blocks of them, withdrawn values, series without any, and the recorded GDP."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from providers import fred
from providers import fred_rows as rows_of
from providers.clocks import END_OF_VINTAGE_DAY
from providers.errors import Kind, SourceError
from providers.source import Answer, Request, Subject
from providers.validate import check
from tests.providers.sources.loopback import SHARED, Asked, Said, Sample, ask, recorded, serving
from tests.providers.sources.samples.fred import (
    GRAPH,
    ROWS,
    SAMPLES,
    UNRATE,
    observations,
    series,
    vintages,
)

OBSERVED = "fred_series_observations_file_type=json_"
DGS10 = "fred_series_observations_aggregation_method=eop_file_type=json_limit=100000_series_id=DGS10.json.gz"
KEY = {"key": "loopback-key"}
SERIES, VINTAGES, ROUTE = "/fred/series", "/fred/series/vintagedates", "/fred/series/observations"


def fetched(
    folder: Path, routes: Mapping[str, bytes | Said], subject: Subject = UNRATE, **more: object
) -> tuple[Answer, list[Asked]]:
    def answer(asked: Asked) -> Said:
        body = routes[asked.path]
        return body if isinstance(body, Said) else Said(body)

    with serving(answer) as server:
        request = Request("observations", subject)
        return ask(fred.SOURCE, request, server, folder, **{"secrets": KEY, **more}), server.asked  # type: ignore[arg-type]


def versions(answer: Answer) -> list[tuple[date, float | None, date]]:
    rows = answer.frames["observations"].sort("period_date", "known_at")
    local = rows["known_at"].dt.convert_time_zone("America/New_York").dt.date()
    return list(zip(rows["period_date"].to_list(), rows["value"].to_list(), local.to_list(), strict=True))


def test_every_vintage_is_a_version_known_at_the_end_of_its_day(tmp_path: Path) -> None:
    answer, asked = fetched(tmp_path, SAMPLES[0].routes)
    assert versions(answer) == [
        (date(1989, 12, 1), 5.3, date(1990, 1, 5)),
        (date(1989, 12, 1), 5.4, date(1990, 2, 2)),
        (date(1989, 12, 1), None, date(1990, 3, 9)),  # withdrawn: a version without a value
        (date(1990, 1, 1), 5.3, date(1990, 2, 2)),
        (date(1990, 2, 1), 5.2, date(1990, 3, 9)),  # "." before any value is no row
    ]
    assert {request.query["api_key"] for request in asked} == {"loopback-key"}
    for table, frame in answer.frames.items():
        assert not check(table, frame, positive=answer.positive).quarantined


def test_a_series_is_named_as_it_was_at_each_time(tmp_path: Path) -> None:
    names = series(
        "M", ("1990-01-05", "Rate", "Percent"), ("2001-05-04", "Rate", "Percent"), ("2010-01-08", "New rate", "%")
    )  # fmt: skip
    answer, _ = fetched(tmp_path, {**SAMPLES[0].routes, SERIES: names})
    rows = answer.frames["securities"]
    assert rows["name"].to_list() == ["Rate", "New rate"]
    assert rows["valid_from"].to_list() == [date(1989, 12, 1), date(2010, 1, 8)]
    assert rows["known_at"][0] == answer.frames["observations"]["known_at"].min()
    assert rows["note"][0] == "Monthly. Seasonally Adjusted. From households"


def test_a_part_of_a_series_is_named_since_its_first_vintage(tmp_path: Path) -> None:
    late = {**SAMPLES[0].routes, ROUTE: observations(ROWS[-1])}
    rows = fetched(tmp_path, late)[0].frames["securities"]
    assert rows["known_at"][0].date() == date(1990, 1, 6)  # the end of the fifth in New York


def test_many_vintages_are_asked_in_blocks_that_say_nothing_twice(tmp_path: Path) -> None:
    blocks = fred._blocks(
        [date(1990, 1, 5), date(1990, 2, 2)] + [date(1991, 1, day) for day in range(1, 32)] * 40
    )
    assert len(blocks) == 2
    assert blocks[0]["realtime_start"] == "1990-01-05"
    assert blocks[-1]["realtime_end"] == "9999-12-31"

    days = [date.fromordinal(date(2000, 1, 1).toordinal() + n).isoformat() for n in range(1500)]

    def answer(asked: Asked) -> Said:
        if asked.path == ROUTE:  # the value holds across the cut: each block tells it from its own start
            return Said(observations((asked.query["realtime_start"], "1999-12-01", "4.0")))
        return Said({SERIES: series("M"), VINTAGES: vintages(*days)}[asked.path])

    with serving(answer) as server:
        got = ask(fred.SOURCE, Request("observations", UNRATE), server, tmp_path, secrets=KEY)
    assert [a.query["realtime_start"] for a in server.asked if a.path == ROUTE] == [days[0], days[1000]]
    assert versions(got) == [(date(1999, 12, 1), 4.0, date(2000, 1, 1))]


def test_pages_are_followed_to_the_end(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Said:
        if asked.path != ROUTE:
            return Said(SAMPLES[0].routes[asked.path])  # type: ignore[arg-type]
        offset = int(asked.query["offset"])
        page = json.loads(observations(*ROWS[offset : offset + 2]))
        return Said(json.dumps({**page, "count": len(ROWS)}).encode())

    with serving(answer) as server:
        got = ask(fred.SOURCE, Request("observations", UNRATE), server, tmp_path, secrets=KEY)
    assert got.frames["observations"].height == 5
    assert [a.query["offset"] for a in server.asked if a.path == ROUTE] == ["0", "2", "4"]


@pytest.mark.parametrize(
    ("frequency", "known"),
    [("D", date(2026, 1, 6)), ("W", date(2026, 1, 16)), ("M", date(2026, 5, 2)), ("A", date(2028, 1, 2))],
)
def test_without_vintages_a_value_is_known_by_a_rule(frequency: str, known: date, tmp_path: Path) -> None:
    routes = {
        SERIES: series(frequency), VINTAGES: vintages("2026-11-20"),
        ROUTE: observations(("2026-11-20", "2026-01-02", "4.1"), ("2026-11-20", "2026-01-05", ".")),
    }  # fmt: skip
    answer, asked = fetched(tmp_path, routes, now=datetime(2029, 1, 1, tzinfo=UTC))
    assert versions(answer) == [(date(2026, 1, 2), 4.1, known)]
    assert "realtime_start" not in asked[-1].query
    assert "estimated" in answer.frames["observations"]["known_basis"][0]


def test_a_series_that_alfred_does_not_keep_has_todays_values(tmp_path: Path) -> None:
    told = b'{"error_code":400,"error_message":"The series does not exist in ALFRED but may exist in FRED."}'

    def answer(asked: Asked) -> Said:
        if asked.path == VINTAGES or (asked.path == SERIES and "realtime_start" in asked.query):
            return Said(told, 400)
        return Said(
            {SERIES: series("D"), ROUTE: observations(("2026-11-20", "2026-11-18", "4.1"))}[asked.path]
        )

    with serving(answer) as server:
        got = ask(fred.SOURCE, Request("observations", UNRATE), server, tmp_path, secrets=KEY)
    assert versions(got) == [(date(2026, 11, 18), 4.1, date(2026, 11, 20))]
    assert got.frames["observations"]["known_at"][0] == datetime(2026, 11, 20, 22, tzinfo=UTC)  # seen by then


def test_contradictions_and_what_is_no_number_are_set_aside(tmp_path: Path) -> None:
    rows = (*ROWS, ("1990-01-05", "1989-12-01", "9.9"), ("1990-02-02", "1990-01-01", "5.3"), ("x", "y", "1"))
    routes = {**SAMPLES[0].routes, ROUTE: observations(*rows, ("1990-02-02", "1990-03-01", "five"))}
    answer, _ = fetched(tmp_path, routes)
    assert {item.reason: item.rows.height for item in answer.quarantined if item.rows is not None} == {
        "the answer has contradictory rows of one key": 2, "no date that can be read": 1, "the value is no number": 1
    }  # fmt: skip
    assert answer.frames["observations"].height == 4


def test_without_a_key_the_chart_has_latest_values_known_by_the_fetch(tmp_path: Path) -> None:
    answer, asked = fetched(tmp_path, {"/graph/fredgraph.csv": GRAPH}, secrets={})
    rows = answer.frames["observations"]
    assert rows.select("period_date", "value").rows() == [(date(2026, 8, 1), 4.2), (date(2026, 9, 1), 4.3)]
    assert rows["known_at"].unique().to_list() == [datetime(2026, 11, 20, 22, tzinfo=UTC)]
    assert asked[0].query == {"id": "UNRATE"}
    assert "key" in answer.note


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (Said(b'{"error_code":400,"error_message":"Bad Request.  The series does not exist."}', 400), Kind.NOT_FOUND),
        (Said(b'{"error_code":400,"error_message":"Bad Request.  The value for variable api_key is not registered."}',
              400), Kind.NEEDS_KEY),
        (Said(b'{"error_code":429,"error_message":"Too Many Requests."}'), Kind.RATE_LIMIT),
        (Said(b'{"error_code":400,"error_message":"Bad Request.  Too many vintage dates."}', 400), Kind.REFUSED),
        (Said(b"<html>maintenance</html>"), Kind.MALFORMED),
        (Said(b'{"seriess": "none"}'), Kind.MALFORMED),
        (Said(b"[]"), Kind.MALFORMED),
    ],
)  # fmt: skip
def test_errors_are_told_by_kind(said: Said, kind: Kind, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        fetched(tmp_path, {SERIES: said})
    assert caught.value.kind is kind
    assert "loopback-key" not in str(caught.value)


@pytest.mark.parametrize("body", [b"<html>not found</html>", b"", b"DATE,OTHER\n2026-01-01,1\n"])
def test_a_chart_that_is_no_table_of_the_series_is_refused(body: bytes, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        fetched(tmp_path, {"/graph/fredgraph.csv": body}, secrets={})
    assert caught.value.kind is Kind.MALFORMED


GDP = Subject("macro:GDP", "GDP", "MACRO", "macro")


def recorded_gdp(folder: Path) -> Answer:
    ever = OBSERVED + "realtime_end=9999-12-31_realtime_start=1776-07-04_series_id=GDP.json"
    answer, _ = fetched(
        folder,
        {
            SERIES: recorded("fred", "fred_series_file_type=json_series_id=GDP.json"),
            VINTAGES: recorded("fred", "fred_series_vintagedates_file_type=json_series_id=GDP.json"),
            ROUTE: recorded("fred", ever),
        },
        GDP,
    )
    return answer


@pytest.mark.shared
def test_recorded_gdp_has_the_vintages_of_the_alfred_table(tmp_path: Path) -> None:
    answer = recorded_gdp(tmp_path)
    assert not answer.quarantined
    told = {(period, day): value for period, value, day in versions(answer)}
    path = SHARED.parent / "data/macro/alfred_GDP_all_vintages.csv.gz"
    if not path.is_file():
        pytest.skip("the ALFRED table is not on this machine")
    with gzip.open(path, "rt") as file:
        table = [
            (date.fromisoformat(row["date"]), date.fromisoformat(row["realtime_start"]), row["value"])
            for row in csv.DictReader(file)
        ]
    assert len(table) == 3207
    seen: set[date] = set()
    for period, day, value in sorted(table):
        if value:
            assert told.pop((period, day)) == float(value)
            seen.add(period)
        elif period in seen:
            assert told.pop((period, day)) is None
    assert not told


@pytest.mark.shared
def test_recorded_first_releases_are_those_that_fred_calls_so(tmp_path: Path) -> None:
    first = recorded(
        "fred",
        "fred_series_observations_file_type=json_output_type=4_realtime_start=1776-07-04_series_id=GDP.json",
    )
    rows = recorded_gdp(tmp_path).frames["observations"].sort("known_at").group_by("period_date").first()
    ours = dict(rows.select("period_date", "value").iter_rows())
    told = json.loads(first)["observations"]
    assert len(told) == 134
    assert all(ours[date.fromisoformat(row["date"])] == float(row["value"]) for row in told)


@pytest.mark.parametrize("route", [ROUTE, VINTAGES])
def test_pages_that_repeat_are_not_followed_for_ever(route: str, tmp_path: Path) -> None:
    body = json.loads(SAMPLES[0].routes[route])  # type: ignore[arg-type]
    routes = {**SAMPLES[0].routes, route: json.dumps({**body, "count": 10**9}).encode()}
    with pytest.raises(SourceError) as raised:
        fetched(tmp_path, routes)
    assert raised.value.kind is Kind.MALFORMED


def daily(*told: tuple[str, str, str], more: int = 300) -> Mapping[str, bytes]:
    """A daily series with vintages since 2005: ``told``, and a value a day, each with its vintage the day after."""
    first = date(2005, 1, 3).toordinal()
    days = [date.fromordinal(first + n).isoformat() for n in range(more + 1)]
    own = [(after, day, "4.0") for day, after in pairwise(days)]
    names = vintages(*sorted({row[0] for row in (*told, *own)}))
    return {SERIES: series("D"), VINTAGES: names, ROUTE: observations(*told, *own)}


OLD = ("2005-01-04", "1999-12-01", "5.0")


def test_quotes_that_no_vintage_changed_are_known_the_next_days(tmp_path: Path) -> None:
    frame = fetched(tmp_path, daily(OLD))[0].frames["observations"]
    row = frame.row(0, named=True)
    assert row["known_at"] == datetime(1999, 12, 4, 4, 59, 59, 999999, tzinfo=UTC)
    assert row["known_basis"] == rows_of.UNREVISED
    assert frame.row(5, named=True)["known_basis"] == END_OF_VINTAGE_DAY


@pytest.mark.parametrize(
    ("more", "count"), [((("2005-06-01", "2005-01-10", "3.5"),), 300), ((), 20)], ids=["revised", "too few"]
)
def test_daily_values_that_may_have_been_others_are_known_with_their_vintage(
    more: tuple[tuple[str, str, str], ...], count: int, tmp_path: Path
) -> None:
    """A daily series that is revised (the broad dollar's index) had other values before its first vintage."""
    frame = fetched(tmp_path, daily(OLD, *more, more=count))[0].frames["observations"]
    assert frame.row(0, named=True)["known_at"] == datetime(2005, 1, 5, 4, 59, 59, 999999, tzinfo=UTC)
    assert frame.filter(pl.col("period_date") == date(2005, 1, 10)).height == 1 + len(more)


@pytest.mark.shared
def test_recorded_daily_yields_are_known_by_the_rule(tmp_path: Path) -> None:
    told = json.loads(recorded("fred", DGS10))["observations"]
    first = date(2005, 1, 3)
    for row in told:  # as the API tells them by vintage: what is older came with the first
        after = date.fromordinal(date.fromisoformat(row["date"]).toordinal() + 1)
        row["realtime_start"] = max(first, after).isoformat()
    days = sorted({row["realtime_start"] for row in told})
    routes = {
        SERIES: recorded("fred", "fred_series_file_type=json_series_id=DGS10.json"),
        ROUTE: json.dumps({"count": len(told), "observations": told}).encode(),
        VINTAGES: vintages(*days),
    }
    answer, asked = fetched(tmp_path, routes, Subject("macro:DGS10", "DGS10", "MACRO", "macro"))
    frame = answer.frames["observations"]
    assert len([one for one in asked if one.path == ROUTE]) > 2
    assert frame.height == len([row for row in told if row["value"] != "."])
    old = frame.filter(pl.col("period_date") < date(2004, 12, 20))
    assert (old["known_at"].dt.date() - old["period_date"]).min().days >= 2  # type: ignore[union-attr]
    assert old["known_basis"].unique().to_list() == [rows_of.UNREVISED]
    assert frame["period_date"].n_unique() == frame.height


def test_a_history_that_ends_before_its_count_is_no_history(tmp_path: Path) -> None:
    page = json.loads(observations(*ROWS))
    routes = {
        SERIES: series(),
        VINTAGES: vintages("1990-01-05", "1990-02-02"),
        f"{ROUTE}?offset=6": json.dumps({**page, "count": 9, "observations": []}).encode(),
        ROUTE: json.dumps({**page, "count": 9}).encode(),
    }
    sample = Sample("fred", Request("observations", UNRATE), routes, {})
    with serving(sample.behaviour()) as server, pytest.raises(SourceError, match="counts 9 rows") as told:
        ask(fred.SOURCE, sample.request, server, tmp_path, secrets=sample.secrets)
    assert told.value.kind is Kind.MALFORMED

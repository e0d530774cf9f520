"""Google Trends: the token's steps, the prefix, what is partial, and a scale that names the request."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from providers.errors import Kind, SourceError
from providers.google_trends import SOURCE
from providers.source import Request, Subject
from providers.validate import check
from tests.providers.sources.loopback import SHARED, Asked, Said, ask, day, recorded, serving
from tests.providers.sources.samples.google_trends import SAMPLES, line, point, widgets

SAMPLE = SAMPLES[0]


def test_the_token_is_fetched_and_used(tmp_path: Path) -> None:
    with serving(SAMPLE.behaviour()) as server:
        answer = ask(SOURCE, SAMPLE.request, server, tmp_path)
    frame = answer.frames["trends"]
    assert frame["period_date"].to_list() == [date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 3)]
    assert frame["value"].to_list() == [41.0, 100.0, 63.0]
    assert frame["partial"].to_list() == [False, False, True]
    assert frame["scale"].unique().to_list() == ["US 2026-11-01 2026-11-20 DAY asked 2026-11-20"]
    assert check("trends", frame).good.height == 3
    first, explore, data = server.asked
    assert (first.method, explore.method, data.method) == ("GET", "POST", "GET")
    assert explore.headers["cookie"] == data.headers["cookie"] == "NID=511=abc"
    assert data.query.get("token") == "loopback-widget"
    asked = json.loads(explore.query["req"])["comparisonItem"]
    assert asked == [{"keyword": "AAPL", "time": "2026-11-01 2026-11-20", "geo": "US"}]


def test_no_value_is_known_before_its_window_ended(tmp_path: Path) -> None:
    past = Request("trends", SAMPLE.request.subject, day("2026-10-01"), day("2026-10-31"))
    with serving(SAMPLE.behaviour()) as server:
        settled = ask(SOURCE, past, server, tmp_path).frames["trends"]
        fresh = ask(SOURCE, SAMPLE.request, server, tmp_path).frames["trends"]
    assert settled["known_at"].unique().to_list() == [datetime(2026, 11, 4, 4, 59, 59, 999999, UTC)]
    assert fresh["known_at"].unique().to_list() == [datetime(2026, 11, 20, 22, 0, tzinfo=UTC)]


def test_points_that_are_none_are_set_aside(tmp_path: Path) -> None:
    points = [
        point(1793491200, 41), point(1793491200, 41), point(1793577600, 0, hasData=[False]),
        point(1793664000, 300), {"time": "now", "value": [1]}, {"time": "1793750400", "value": []},
    ]  # fmt: skip
    routes = {**SAMPLE.routes, "/api/widgetdata/multiline": line(points)}

    def behaviour(asked: Asked) -> Said:
        body = routes[asked.path]
        return body if isinstance(body, Said) else Said(body)

    with serving(behaviour) as server:
        answer = ask(SOURCE, SAMPLE.request, server, tmp_path)
    assert answer.frames["trends"]["value"].to_list() == [41.0]
    assert len(answer.quarantined) == 4


@pytest.mark.parametrize("body", [b"<html>sorry</html>", b')]}\'\n{"widgets": []}', b")]}'\n[1]"])
def test_another_answer_is_malformed(tmp_path: Path, body: bytes) -> None:
    with serving(lambda _: Said(body)) as server, pytest.raises(SourceError) as error:
        ask(SOURCE, SAMPLE.request, server, tmp_path)
    assert error.value.kind is Kind.MALFORMED


def test_the_recorded_answers(tmp_path: Path) -> None:
    folder = SHARED / "google_trends"
    explored = next(folder.glob("POST_api_explore*aebe96d4.txt"), folder / "absent")
    data = next(folder.glob("api_widgetdata_multiline*d3946731.txt"), folder / "absent")
    bodies = {
        "/api/explore": recorded("google_trends", explored.name),
        "/api/widgetdata/multiline": recorded("google_trends", data.name),
    }
    pizza = Subject("us-equity:PIZZA", "pizza")
    request = Request("trends", pizza, day("2018-03-26"), day("2023-03-26"))
    now = datetime(2023, 3, 26, 8, 0, tzinfo=UTC)
    with serving(lambda asked: Said(bodies.get(asked.path, b""))) as server:
        frame = ask(SOURCE, request, server, tmp_path, now=now).frames["trends"]
    assert frame.row(0, named=True)["value"] == 81.0
    assert frame["partial"].sum() == 1
    assert frame["scale"][0] == "world 2018-03-26 2023-03-26 WEEK asked 2023-03-26"
    assert widgets().startswith(b")]}'")

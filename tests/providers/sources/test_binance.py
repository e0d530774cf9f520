"""Binance: UTC days, turnover, paging, errors told apart."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from providers.binance import SOURCE
from providers.errors import Kind, SourceError
from providers.source import Request
from providers.validate import check
from tests.providers.sources.loopback import Asked, Said, ask, recorded, serving
from tests.providers.sources.samples.binance import BTCUSDT, DAYS, SAMPLES, kline


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.request.dataset)
def test_samples(sample, tmp_path: Path) -> None:
    with serving(sample.behaviour()) as server:
        answer = ask(SOURCE, sample.request, server, tmp_path, now=sample.now)
    assert {name: frame.height for name, frame in answer.frames.items()} == dict(sample.rows)
    for name, frame in answer.frames.items():
        assert check(name, frame).quarantined == ()
        assert frame["known_at"].max() <= sample.now


def test_a_day_is_known_at_its_end_and_the_running_one_is_left_out(tmp_path: Path) -> None:
    with serving(SAMPLES[0].behaviour()) as server:
        bars = ask(SOURCE, SAMPLES[0].request, server, tmp_path).frames["bars"]
    assert bars["session_date"].to_list() == [date(2026, 11, 17), date(2026, 11, 18), date(2026, 11, 19)]
    assert bars["known_at"][2] == datetime(2026, 11, 20, tzinfo=UTC)
    assert bars["volume"][0] == 1_234_568


def test_pages_follow_one_another_to_the_end(tmp_path: Path) -> None:
    first = datetime(2023, 1, 1, tzinfo=UTC)
    every = [kline(first + timedelta(days=at), 86_400, "10", "11", "9", "10.5") for at in range(1_200)]

    def behaviour(asked: Asked) -> Said:
        low, high = int(asked.query["startTime"]), int(asked.query["endTime"])
        page = [row for row in every if low <= int(str(row[0])) <= high][: int(asked.query["limit"])]
        return Said(json.dumps(page).encode())

    with serving(behaviour) as server:
        request = Request("bars", BTCUSDT, date(2023, 1, 1), date(2026, 4, 14))
        bars = ask(SOURCE, request, server, tmp_path).frames["bars"]
    assert len(server.asked) == 2
    assert bars.height == 1_200
    assert bars["session_date"].is_sorted()
    assert bars["session_date"].n_unique() == 1_200


def test_a_page_that_repeats_itself_ends(tmp_path: Path) -> None:
    """A server that ignores startTime must not be asked for ever."""
    first = datetime(2020, 1, 1, tzinfo=UTC)
    page = [kline(first + timedelta(days=at), 86_400, "10", "11", "9", "10.5") for at in range(1_000)]
    with serving(lambda _: Said(json.dumps(page).encode())) as server:
        request = Request("bars", BTCUSDT, date(2020, 1, 1), date(2026, 1, 1))
        bars = ask(SOURCE, request, server, tmp_path).frames["bars"]
    assert len(server.asked) == 2
    assert bars.height == 1_000


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (Said(b'{"code": -1121, "msg": "Invalid symbol."}', 400), Kind.NOT_FOUND, "does not trade"),
        (Said(b'{"code": -1003, "msg": "Too many requests"}', 400), Kind.RATE_LIMIT, "Too many"),
        (Said(b'{"code": -1100, "msg": "Illegal characters"}', 400), Kind.REFUSED, "-1100"),
        (Said(b"", 418, {"retry-after": "120"}), Kind.RATE_LIMIT, "banned"),
        (Said(b"{}", 451), Kind.FORBIDDEN, "country"),
        (Said(b'{"rows": []}'), Kind.MALFORMED, "no list"),
    ],
)
def test_errors_are_told_apart(said: Said, kind: Kind, words: str, tmp_path: Path) -> None:
    with serving(lambda _: said) as server, pytest.raises(SourceError, match=words) as caught:
        ask(SOURCE, SAMPLES[0].request, server, tmp_path)
    assert caught.value.kind == kind
    assert caught.value.retry_after == (120 if said.status == 418 else None)


def test_the_dollar_is_not_the_tether(tmp_path: Path) -> None:
    bare = replace(BTCUSDT, identity="crypto:BTCUSD", ticker="BTCUSD")
    invalid = Said(b'{"code": -1121, "msg": "Invalid symbol."}', 400)
    with serving(lambda _: invalid) as server, pytest.raises(SourceError, match="BTCUSDT"):
        ask(SOURCE, Request("bars", bare), server, tmp_path)


def test_candles_off_the_utc_day_are_set_aside(tmp_path: Path) -> None:
    """As they come where a time zone was asked for, or with microseconds."""
    shifted = kline(datetime(2026, 11, 18, 8, tzinfo=UTC), 86_400, "1", "1", "1", "1")
    micros = [int(str(DAYS[0][0])) * 1000, *DAYS[0][1:]]
    body = json.dumps([*DAYS, shifted, micros, "x", []]).encode()
    with serving(lambda _: Said(body)) as server:
        answer = ask(SOURCE, SAMPLES[0].request, server, tmp_path)
    assert answer.frames["bars"].height == 3
    assert answer.quarantined[0].rows is not None
    assert answer.quarantined[0].rows.height == 4


@pytest.mark.shared
def test_recorded_answers(tmp_path: Path) -> None:
    body = recorded("binance", "nautilus_http_spot_market_klines.json")
    rows = json.loads(body)
    with serving(lambda _: Said(body)) as server:
        request = Request("intraday", BTCUSDT, date(2021, 10, 22), date(2021, 10, 23), "1m")
        bars = ask(SOURCE, request, server, tmp_path).frames["bars_intraday"]
    assert bars.height == len(rows)
    assert bars["open"][0] == float(rows[0][1])
    assert check("bars_intraday", bars).quarantined == ()

"""CoinGecko: which coin, which day, which host."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from providers.coingecko import SOURCE
from providers.errors import Kind, SourceError
from providers.source import Request
from providers.validate import check
from tests.providers.sources.loopback import Asked, Said, Sample, ask, recorded, serving
from tests.providers.sources.samples.coingecko import BTCUSD, CANDLES, FOUND, SAMPLES, SECRETS, millis

RANGE = "/coins/bitcoin/market_chart/range"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.request.dataset)
def test_samples(sample, tmp_path: Path) -> None:
    with serving(sample.behaviour()) as server:
        answer = ask(SOURCE, sample.request, server, tmp_path, secrets=sample.secrets, now=sample.now)
    assert {name: frame.height for name, frame in answer.frames.items()} == dict(sample.rows)
    for name, frame in answer.frames.items():
        assert check(name, frame).quarantined == ()
        assert frame["known_at"].max() <= sample.now
    assert "Bitcoin (bitcoin)" in answer.note  # of two coins called BTC
    assert {asked.headers["x-cg-demo-api-key"] for asked in server.asked} == {"loopback-demo"}


def test_midnight_closes_the_day_before(tmp_path: Path) -> None:
    with serving(SAMPLES[0].behaviour()) as server:
        closes = ask(SOURCE, SAMPLES[0].request, server, tmp_path, secrets=SECRETS).frames["closes"]
    assert closes["session_date"].to_list() == [date(2026, 11, 17), date(2026, 11, 18), date(2026, 11, 19)]
    assert closes["close"].to_list() == [99100.5, 98750.25, 101000.75]
    assert closes["known_at"][0] == datetime(2026, 11, 18, tzinfo=UTC)
    span = server.asked[-1].query
    assert int(span["to"]) - int(span["from"]) > 90 * 86_400  # days, not hours


def test_hours_are_taken_down_to_days(tmp_path: Path) -> None:
    start = datetime(2026, 11, 18, 0, 0, 21, tzinfo=UTC)
    prices = [[millis(start + timedelta(hours=at)), 100.0 + at] for at in range(49)]
    sample = Sample(
        "coingecko", SAMPLES[0].request, {**FOUND, RANGE: json.dumps({"prices": prices}).encode()}, {}
    )
    with serving(sample.behaviour()) as server:
        closes = ask(SOURCE, SAMPLES[0].request, server, tmp_path, secrets=SECRETS).frames["closes"]
    assert closes["close"].to_list() == [100.0, 124.0, 148.0]


def test_a_day_of_four_hours_each_is_whole_with_six(tmp_path: Path) -> None:
    with serving(SAMPLES[1].behaviour()) as server:
        bars = ask(SOURCE, SAMPLES[1].request, server, tmp_path, secrets=SECRETS).frames["bars"]
    assert bars.row(0)[1:6] == (date(2026, 11, 18), 100.0, 108.0, 99.0, 106.0)
    assert bars["known_at"][0] == datetime(2026, 11, 19, tzinfo=UTC)


def test_candles_that_contradict_one_another_make_no_day(tmp_path: Path) -> None:
    twice = [*CANDLES, [CANDLES[0][0], 90, 95, 80, 92]]
    routes = {**FOUND, "/coins/bitcoin/ohlc": json.dumps(twice).encode()}
    sample = Sample("coingecko", SAMPLES[1].request, routes, {})
    with serving(sample.behaviour()) as server:
        answer = ask(SOURCE, SAMPLES[1].request, server, tmp_path, secrets=SECRETS)
    assert answer.frames["bars"].height == 0
    assert "contradict" in answer.quarantined[0].reason


def of_pro(sample: Sample) -> Callable[[Asked], Said]:
    """A pro key is sent on by the host of demo keys."""
    other = Said(b'{"status": {"error_code": 10010, "error_message": "change your root URL"}}', 400)
    usual = sample.behaviour()
    return lambda asked: other if "x-cg-demo-api-key" in asked.headers else usual(asked)


def test_a_pro_key_goes_to_the_pro_host_and_all_the_way_back(tmp_path: Path) -> None:
    request = Request("closes", BTCUSD, date(2015, 1, 1), date(2026, 11, 20))
    with serving(of_pro(SAMPLES[0])) as server:
        answer = ask(SOURCE, request, server, tmp_path, secrets={"key": "loopback-pro"})
    assert answer.start is None
    sent = [asked.headers.get("x-cg-pro-api-key") for asked in server.asked]
    assert sent == [None, "loopback-pro", "loopback-pro", "loopback-pro"]  # found out once
    assert datetime.fromtimestamp(int(server.asked[-1].query["from"]), UTC).year == 2015


def test_a_demo_key_says_how_far_back_it_reaches(tmp_path: Path) -> None:
    request = Request("closes", BTCUSD, date(2015, 1, 1), date(2026, 11, 20))
    with serving(SAMPLES[0].behaviour()) as server:
        answer = ask(SOURCE, request, server, tmp_path, secrets=SECRETS)
    assert answer.start == date(2025, 11, 22)
    assert "365 days" in answer.note


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (Said(b'{"status": {"error_code": 429, "error_message": "Rate Limit"}}'), Kind.RATE_LIMIT),
        (Said(b'{"status": {"error_code": 10010, "error_message": "pro key"}}', 400), Kind.NEEDS_KEY),
        (Said(b'{"error": {"status": {"error_code": 10012, "error_message": "365"}}}', 401), Kind.REFUSED),
        (Said(b'{"error": "coin not found"}', 404), Kind.NOT_FOUND),
        (Said(b'{"status": {"error_code": 10002, "error_message": "key missing"}}', 401), Kind.NEEDS_KEY),
        (Said(b"<html>", 403), Kind.FORBIDDEN),
        (Said(b"<html>"), Kind.MALFORMED),
        (Said(b'{"prices": []}'), Kind.MALFORMED),
    ],
)
def test_errors_are_told_apart_also_inside_a_200(said: Said, kind: Kind, tmp_path: Path) -> None:
    with serving(lambda _: said) as server, pytest.raises(SourceError) as caught:
        ask(SOURCE, SAMPLES[0].request, server, tmp_path, secrets=SECRETS)
    assert caught.value.kind == kind


def test_pairs_that_it_does_not_price(tmp_path: Path) -> None:
    for identity in ("crypto:BTCUSDT", "crypto:NOSUCHUSD"):
        with serving(SAMPLES[0].behaviour()) as server, pytest.raises(SourceError) as caught:
            ask(SOURCE, Request("closes", replace(BTCUSD, identity=identity)), server, tmp_path)
        assert caught.value.kind == Kind.NOT_FOUND


@pytest.mark.shared
def test_recorded_answers(tmp_path: Path) -> None:
    """The chart of another library's documentation: days, and a last point of now."""
    routes = {
        "/coins/list": json.dumps([{"id": "ethereum", "symbol": "eth", "name": "Ethereum"}]).encode(),
        "/coins/ethereum/market_chart/range": recorded("coingecko", "GetMarketChart.json"),
    }
    subject = replace(BTCUSD, identity="crypto:ETHUSD", ticker="ETHUSD")
    request = Request("closes", subject, date(2024, 3, 1), date(2024, 4, 1))
    with serving(of_pro(Sample("coingecko", request, routes, {}))) as server:
        answer = ask(SOURCE, request, server, tmp_path, secrets={"key": "loopback-pro"})
    closes = answer.frames["closes"]
    assert closes["session_date"].to_list() == [date(2024, 3, 30), date(2024, 3, 31)]
    error = recorded("coingecko", "error_429.json")
    with serving(lambda _: Said(error)) as server, pytest.raises(SourceError) as caught:
        ask(SOURCE, request, server, tmp_path)
    assert caught.value.kind == Kind.RATE_LIMIT

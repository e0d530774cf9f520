"""OANDA: sessions to 17:00 New York, hosts, tokens, paging."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from providers.access import WebAccess
from providers.embedded.loader import StoreCalendars
from providers.errors import Kind, SourceError
from providers.http import Client
from providers.oanda import SOURCE
from providers.source import Request
from providers.validate import check
from store.sessions import Calendars
from tests.providers.sources.loopback import Asked, Said, ask, recorded, serving
from tests.providers.sources.samples.oanda import CANDLES, DAYS, EURUSD, SAMPLES, SECRETS, candle


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.request.dataset)
def test_samples(sample, tmp_path: Path) -> None:
    with serving(sample.behaviour()) as server:
        answer = ask(SOURCE, sample.request, server, tmp_path, secrets=sample.secrets, now=sample.now)
    assert {name: frame.height for name, frame in answer.frames.items()} == dict(sample.rows)
    for name, frame in answer.frames.items():
        assert check(name, frame).quarantined == ()
        assert frame["known_at"].max() <= sample.now
    assert {asked.headers["authorization"] for asked in server.asked} == {"Bearer loopback-token"}


def test_sunday_evening_is_monday(tmp_path: Path) -> None:
    with serving(SAMPLES[0].behaviour()) as server:
        bars = ask(SOURCE, SAMPLES[0].request, server, tmp_path, secrets=SECRETS).frames["bars"]
    assert bars["session_date"].to_list() == [date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 18)]
    assert bars["known_at"][0] == datetime(2026, 11, 16, 22, tzinfo=UTC)
    assert bars.row(0)[2:6] == (1.1610, 1.1652, 1.1598, 1.1644)
    assert bars["volume"].to_list() == [None] * 3


def test_summer_and_winter_time_both_end_at_17_in_new_york(tmp_path: Path) -> None:
    """The week in which clocks go back (1 November 2026): sessions begin at 21:00 UTC, then at 22:00."""
    days = {
        "granularity": "D",
        "candles": [
            candle("2026-10-29T21:00:00", "1", "1", "1", "1"),
            candle("2026-11-01T22:00:00", "1", "1", "1", "1"),
        ],
    }
    with serving(lambda _: Said(json.dumps(days).encode())) as server:
        request = Request("bars", EURUSD, date(2026, 10, 30), date(2026, 11, 2))
        bars = ask(SOURCE, request, server, tmp_path, secrets=SECRETS).frames["bars"]
    assert bars["session_date"].to_list() == [date(2026, 10, 30), date(2026, 11, 2)]
    assert [at.hour for at in bars["known_at"].to_list()] == [21, 22]


def test_hour_before_17_belongs_to_the_session_that_ends(tmp_path: Path) -> None:
    with serving(SAMPLES[1].behaviour()) as server:
        bars = ask(SOURCE, SAMPLES[1].request, server, tmp_path, secrets=SECRETS).frames["bars_intraday"]
    assert bars["session_date"].to_list() == [date(2026, 11, 18), date(2026, 11, 19)]
    assert bars["known_at"][1] == datetime(2026, 11, 18, 23, tzinfo=UTC)


def test_a_session_still_running_is_left_out(tmp_path: Path) -> None:
    """Also where OANDA calls its candle complete."""
    with serving(SAMPLES[0].behaviour()) as server:
        now = datetime(2026, 11, 18, 21, 0, tzinfo=UTC)
        answer = ask(SOURCE, SAMPLES[0].request, server, tmp_path, secrets=SECRETS, now=now)
    assert answer.frames["bars"].height == 2


def test_twenty_years_take_several_pages(tmp_path: Path) -> None:
    def behaviour(asked: Asked) -> Said:
        first = {
            "granularity": "D",
            "candles": [candle(asked.query["from"][:10] + "T22:00:00", "1", "2", "1", "2")],
        }
        return Said(json.dumps(first).encode())

    with serving(behaviour) as server:
        request = Request("bars", EURUSD, date(2005, 1, 3), date(2026, 11, 18))
        bars = ask(SOURCE, request, server, tmp_path, secrets=SECRETS).frames["bars"]
    assert len(server.asked) == 2
    assert server.asked[1].query["from"] == server.asked[0].query["to"]
    assert bars.height == 1  # the other starts before what was asked for


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (Said(b'{"errorMessage": "Insufficient authorization to perform request."}', 401), Kind.NEEDS_KEY),
        (Said(b'{"errorMessage": "Invalid value specified for \'instrument\'"}', 400), Kind.NOT_FOUND),
        (Said(b'{"errorMessage": "\'to\' is in the future"}', 400), Kind.REFUSED),
        (Said(b'{"candles": "none"}'), Kind.MALFORMED),
        (Said(b'{"candles": [], "granularity": "H1"}'), Kind.MALFORMED),
    ],
)
def test_errors_are_told_apart(said: Said, kind: Kind, tmp_path: Path) -> None:
    with serving(lambda _: said) as server, pytest.raises(SourceError) as caught:
        ask(SOURCE, SAMPLES[0].request, server, tmp_path, secrets=SECRETS)
    assert caught.value.kind == kind
    assert "loopback-token" not in str(caught.value)


def test_the_live_host_has_its_own_address(tmp_path: Path) -> None:
    """The two are told apart by what the key says, and a token never goes to the other."""
    asked_of: dict[str, list[str]] = {}
    for environment in ("practice", "live"):
        with serving(SAMPLES[0].behaviour()) as own, serving(SAMPLES[0].behaviour()) as other:
            access = WebAccess(
                info=SOURCE.info,
                client=Client(user_agent="asof-tests/1.0"),
                now=SAMPLES[0].now,
                calendars=StoreCalendars(Calendars(tmp_path).get),
                secrets={"key": "t", "environment": environment},
                base_urls={"": own.url, "live": other.url},
            )
            SOURCE.fetch(SAMPLES[0].request, access)
            asked_of[environment] = [asked.path for asked in own.asked]
    assert asked_of == {"practice": [CANDLES], "live": []}


def test_an_unknown_environment_is_said(tmp_path: Path) -> None:
    with serving(SAMPLES[0].behaviour()) as server, pytest.raises(SourceError, match="practice or live"):
        ask(SOURCE, SAMPLES[0].request, server, tmp_path, secrets={"key": "t", "environment": "demo"})


def test_odd_candles_are_set_aside(tmp_path: Path) -> None:
    odd = [*DAYS["candles"], {"time": "2026-11-19T17:00:00-05:00", "mid": {}}, {"time": "x", "mid": {}}, 7]
    nan = candle("2026-11-12T22:00:00", "NaN", "1", "1", "1")
    body = json.dumps({**DAYS, "candles": [*odd, nan]}).encode()
    with serving(lambda _: Said(body)) as server:
        request = replace(SAMPLES[0].request, start=date(2026, 11, 10))
        answer = ask(SOURCE, request, server, tmp_path, secrets=SECRETS)
    assert answer.quarantined[0].rows is not None
    assert answer.quarantined[0].rows.height == 3
    checked = check("bars", answer.frames["bars"])
    assert checked.good.height == 3
    assert "finite" in checked.quarantined[0].reason


def test_pairs_only(tmp_path: Path) -> None:
    request = Request("bars", replace(EURUSD, identity="us-equity:IBM", ticker="IBM"))
    with serving(SAMPLES[0].behaviour()) as server, pytest.raises(SourceError) as caught:
        ask(SOURCE, request, server, tmp_path, secrets=SECRETS)
    assert caught.value.kind == Kind.NOT_FOUND


@pytest.mark.shared
def test_recorded_answers(tmp_path: Path) -> None:
    """Five-minute candles as OANDA's own documentation shows them, of 2016."""
    body = recorded("oanda", "instruments_v3_instruments_instrument_candles.json")
    with serving(lambda _: Said(body)) as server:
        request = Request("intraday", EURUSD, date(2016, 10, 17), date(2016, 10, 17), "5m")
        bars = ask(SOURCE, request, server, tmp_path, secrets=SECRETS).frames["bars_intraday"]
    assert bars.height == 5
    assert bars["close"].to_list() == [10506.0, 10504.9, 10505.0, 10509.0, 10507.8]

"""Cboe: every contract, the session that its quotes are of, what zero means."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from providers.cboe import SOURCE
from providers.errors import Kind, SourceError
from providers.source import Request, Subject
from providers.validate import check
from tests.providers.sources.loopback import Said, ask, recorded, serving
from tests.providers.sources.samples.cboe import CHAIN, SAMPLES, XYZ, option


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.request.subject.ticker)
def test_samples(sample, tmp_path: Path) -> None:
    with serving(sample.behaviour()) as server:
        answer = ask(SOURCE, sample.request, server, tmp_path, now=sample.now)
    assert {name: frame.height for name, frame in answer.frames.items()} == dict(sample.rows)
    assert check("option_quotes", answer.frames["option_quotes"]).quarantined == ()
    assert answer.frames["option_quotes"]["known_at"].max() <= sample.now


def test_a_chain_after_the_close_is_of_the_close(tmp_path: Path) -> None:
    with serving(SAMPLES[0].behaviour()) as server:
        chain = ask(SOURCE, SAMPLES[0].request, server, tmp_path).frames["option_quotes"]
    assert set(chain["session_date"]) == {date(2026, 11, 20)}
    assert set(chain["quoted_at"]) == {datetime(2026, 11, 20, 21, tzinfo=UTC)}
    assert set(chain["known_at"]) == {datetime(2026, 11, 20, 21, 40, tzinfo=UTC)}


def test_a_chain_within_the_session_is_fifteen_minutes_old(tmp_path: Path) -> None:
    body = json.dumps({**CHAIN, "timestamp": "2026-11-20 16:00:00"}).encode()
    with serving(lambda _: Said(body)) as server:
        chain = ask(SOURCE, SAMPLES[0].request, server, tmp_path).frames["option_quotes"]
    assert set(chain["quoted_at"]) == {datetime(2026, 11, 20, 15, 45, tzinfo=UTC)}


def test_before_the_open_it_is_of_the_session_before(tmp_path: Path) -> None:
    body = json.dumps({**CHAIN, "timestamp": "2026-11-20 14:40:00"}).encode()  # 09:40 New York
    with serving(lambda _: Said(body)) as server:
        chain = ask(SOURCE, SAMPLES[0].request, server, tmp_path).frames["option_quotes"]
    assert set(chain["session_date"]) == {date(2026, 11, 19)}


def test_zeros_that_are_no_values(tmp_path: Path) -> None:
    with serving(SAMPLES[0].behaviour()) as server:
        chain = ask(SOURCE, SAMPLES[0].request, server, tmp_path).frames["option_quotes"]
    rows = {row["contract"]: row for row in chain.iter_rows(named=True)}
    assert rows["XYZ261218C00060000"]["implied_volatility"] is None
    assert rows["XYZ261218C00060000"]["delta"] is None
    assert rows["XYZ261218P00100000"]["last"] is None
    call = rows["XYZ261218C00100000"]
    assert (call["strike"], call["right"], call["expiry"]) == (100.0, "call", date(2026, 12, 18))
    assert call["last_traded_at"] == datetime(2026, 11, 20, 20, 31, 2, tzinfo=UTC)
    assert (call["multiplier"], call["exercise"], call["underlying_price"]) == (100.0, "american", 101.5)
    adjusted = rows["XYZ1261218C00100000"]  # delivers something else than 100 shares
    assert (adjusted["strike"], adjusted["multiplier"]) == (100.0, None)


def test_an_index_is_european_and_has_its_weeklies(tmp_path: Path) -> None:
    with serving(SAMPLES[1].behaviour()) as server:
        chain = ask(SOURCE, SAMPLES[1].request, server, tmp_path).frames["option_quotes"]
    assert set(chain["exercise"]) == {"european"}
    assert set(chain["contract"].str.slice(0, 4)) == {"SPX2", "SPXW"}


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (Said(b"<Error><Code>AccessDenied</Code></Error>", 403), Kind.NOT_FOUND),
        (Said(b"blocked", 403), Kind.FORBIDDEN),
        (Said(b"", 404), Kind.NOT_FOUND),
        (Said(b'{"data": null}'), Kind.MALFORMED),
        (Said(json.dumps({**CHAIN, "timestamp": "soon"}).encode()), Kind.MALFORMED),
        (Said(json.dumps({**CHAIN, "timestamp": "2027-01-04 16:00:00"}).encode()), Kind.MALFORMED),
    ],
)
def test_errors_are_told_apart(said: Said, kind: Kind, tmp_path: Path) -> None:
    with serving(lambda _: said) as server, pytest.raises(SourceError) as caught:
        ask(SOURCE, SAMPLES[0].request, server, tmp_path)
    assert caught.value.kind == kind


def test_unreadable_contracts_are_set_aside(tmp_path: Path) -> None:
    options = [option("XYZ261218C00100000"), option("XYZ269918C00100000"), option("?"), 5]
    body = json.dumps({**CHAIN, "data": {"current_price": 1.0, "options": options}}).encode()
    with serving(lambda _: Said(body)) as server:
        answer = ask(SOURCE, Request("options", XYZ), server, tmp_path)
    assert answer.frames["option_quotes"].height == 1
    assert answer.quarantined[0].rows is not None
    assert answer.quarantined[0].rows.height == 3


@pytest.mark.shared
def test_recorded_answers(tmp_path: Path) -> None:
    """The whole chain of AAPL after the close of 24 July 2026."""
    body = recorded("cboe", "delayed_quotes_options_AAPL.json.json.gz")
    apple = Subject("us-equity:AAPL", "AAPL", name="Apple")
    with serving(lambda _: Said(body)) as server:
        chain = ask(SOURCE, Request("options", apple), server, tmp_path).frames["option_quotes"]
    assert chain.height == 3_576
    assert set(chain["quoted_at"]) == {datetime(2026, 7, 24, 20, tzinfo=UTC)}
    assert check("option_quotes", chain).quarantined == ()
    assert chain["implied_volatility"].null_count() == 354

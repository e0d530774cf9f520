"""Massive: bars as traded, actions when announced, tickers as they were, pages to their end."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from providers.errors import Kind, SourceError
from providers.massive import SOURCE
from providers.source import Request, Subject
from providers.vendor_securities import ANOTHERS
from providers.vendor_values import SNAPSHOT
from tests.providers.sources.loopback import Asked, Said, Sample, ask, recorded, serving
from tests.providers.sources.samples import massive as samples
from tests.providers.sources.samples.massive import NOW, SAMPLES, asked
from tests.providers.sources.vendors import answer_to, answered, counts, rows

AAPL = Subject("us-equity:AAPL", "AAPL")
LATER = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)


def sample_of(dataset: str) -> Sample:
    return next(each for each in SAMPLES if each.request.dataset == dataset)


@pytest.mark.parametrize(
    "sample", SAMPLES, ids=lambda each: f"{each.request.dataset}-{each.request.subject.ticker}"
)
def test_samples_make_their_rows(sample: Sample, tmp_path: Path) -> None:
    assert counts(answer_to(sample, SOURCE, tmp_path)) == dict(sample.rows)


def test_prices_are_asked_for_as_traded_and_the_key_is_in_no_address(tmp_path: Path) -> None:
    with serving(sample_of("bars").behaviour()) as server:
        answer = ask(SOURCE, asked("bars"), server, tmp_path, secrets={"key": "k-1"}, now=NOW)
        (question,) = server.asked
    assert question.query["adjusted"] == "false"
    assert question.headers["authorization"] == "Bearer k-1"
    assert "apiKey" not in question.query
    last = rows(answer, "bars")[-1]
    assert (last["session_date"], last["known_at"]) == (
        date(2026, 11, 18),
        datetime(2026, 11, 18, 21, tzinfo=UTC),
    )


def test_pages_are_followed_with_the_key_again(tmp_path: Path) -> None:
    first, second = json.loads(samples.DAILY)["results"][:2], json.loads(samples.DAILY)["results"][1:3]

    def behaviour(question: Asked) -> Said:
        if question.headers.get("authorization") != "Bearer loopback-key":
            return Said(b"{}", 401)
        if question.query.get("cursor") == "two":
            return Said(samples.answer(second))
        following = f"https://api.massive.com:443{question.path}?cursor=two"
        return Said(samples.answer(first, next_url=following))

    answer = answered(SOURCE, asked("bars"), behaviour, tmp_path, NOW)
    assert [row["session_date"].day for row in rows(answer, "bars")] == [16, 17, 18]
    assert answer.quarantined == ()


@pytest.mark.parametrize(
    "following", ["https://elsewhere.example/v2?cursor=1", "https://api.massive.com/v2/x?cursor=1"]
)
def test_pages_that_lead_astray_or_in_a_circle_are_not_followed(following: str, tmp_path: Path) -> None:
    said = Said(samples.answer([], next_url=following))
    with pytest.raises(SourceError) as raised:
        answered(SOURCE, asked("bars"), lambda _: said, tmp_path, NOW)
    assert raised.value.kind is Kind.MALFORMED


def test_dividends_of_one_day_add_up_and_are_known_when_declared(tmp_path: Path) -> None:
    split, dividend = rows(answer_to(sample_of("actions"), SOURCE, tmp_path), "actions")[::-1]
    assert (dividend["amount"], dividend["note"]) == (1.25, "0.25 regular + 1 special")
    assert dividend["announced_date"] == date(2026, 11, 2)
    assert dividend["known_at"] == datetime(2026, 11, 3, 4, 59, 59, 999999, tzinfo=UTC)
    assert (split["ratio"], split["known_at"]) == (4.0, datetime(2026, 11, 17, 14, 30, tzinfo=UTC))


def test_lookup_tells_tickers_as_they_were_and_no_name_before_its_time(tmp_path: Path) -> None:
    found = rows(answer_to(sample_of("lookup"), SOURCE, tmp_path), "securities")
    assert [(row["valid_from"], row["ticker"], row["name"]) for row in found] == [
        (date(2012, 5, 18), "YYY", "YYY"), (date(2022, 6, 9), "ZZZ", "ZZZ"),
        (date(2026, 11, 19), "ZZZ", "Zzz Corporation"),
    ]  # fmt: skip
    assert found[0]["known_at"] == datetime(2012, 5, 18, 13, 30, tzinfo=UTC)


def test_recorded_renaming_of_facebook(tmp_path: Path) -> None:
    served = {
        "/v3/reference/tickers/META": samples.DETAILS,
        "/vX/reference/tickers/META/events": recorded(
            "massive_polygon", "vX_reference_tickers_META_events_types=ticker_change.json"
        ),
    }
    subject = Subject("us-equity:FB", "META")
    found = rows(answered(SOURCE, Request("lookup", subject), served, tmp_path, LATER), "securities")
    assert [(row["ticker"], row["valid_from"]) for row in found[:2]] == [
        ("FB", date(2012, 5, 18)), ("META", date(2022, 6, 11)),
    ]  # fmt: skip
    assert {row["identity"] for row in found} == {"us-equity:FB"}


def test_a_listing_that_ended_before_ours_began_is_left_out(tmp_path: Path) -> None:
    sample = sample_of("listings")
    (ended, running) = rows(answer_to(sample, SOURCE, tmp_path), "listings")
    assert (ended["delisting_date"], ended["exchange"]) == (date(2009, 3, 2), "XNYS")
    assert (running["listing_date"], running["exchange"]) == (date(2012, 5, 18), "XNAS")
    subject = Subject("us-equity:YYY", "ZZZ", first_day=date(2012, 5, 18))
    request = Request("listings", subject)
    assert len(rows(answered(SOURCE, request, sample.routes, tmp_path, NOW), "listings")) == 1


def test_a_listing_of_another_company_is_set_aside_and_the_first_day_has_the_first_ticker(
    tmp_path: Path,
) -> None:
    routes = {
        **sample_of("listings").routes,
        "/v3/reference/tickers?active=false": samples.DELISTED.replace(b'"Zzz"', b'"Zzz of old"'),
    }
    request = Request("listings", Subject("us-equity:YYY", "ZZZ"))
    answer = answered(SOURCE, request, routes, tmp_path, NOW)
    (running,) = rows(answer, "listings")
    assert (running["listing_date"], running["ticker"]) == (date(2012, 5, 18), "YYY")
    assert [each.reason for each in answer.quarantined] == [ANOTHERS]


def test_recorded_answers(tmp_path: Path) -> None:
    path = "/v2/aggs/ticker/AAPL/range/1/day/2005-04-01/2005-04-05"
    name = "v2_aggs_ticker_AAPL_range_1_day_2005-04-01_2005-04-04.json"
    request = Request("bars", AAPL, date(2005, 4, 1), date(2005, 4, 4))
    bars = rows(answered(SOURCE, request, {path: recorded("massive_polygon", name)}, tmp_path, LATER), "bars")
    assert [(row["session_date"], row["close"]) for row in bars] == [
        (date(2005, 4, 1), 1.4604), (date(2005, 4, 4), 1.4675),
    ]  # fmt: skip

    served = {"/v3/snapshot/options/AAPL": recorded("massive_polygon", "v3_snapshot_options_AAPL.json")}
    (quote,) = rows(answered(SOURCE, Request("options", AAPL), served, tmp_path, LATER), "option_quotes")
    assert (quote["contract"], quote["bid"], quote["delta"]) == (
        "AAPL230616C00150000",
        28.9,
        0.6436614934293701,
    )

    nflx = Subject("us-equity:NFLX", "NFLX")
    served = {"/v2/reference/news": recorded("massive_polygon", "v2_reference_news_ticker=NFLX.json")}
    (item,) = rows(answered(SOURCE, Request("news", nflx), served, tmp_path, LATER), "headlines")
    assert item["known_at"] == datetime(2022, 4, 28, 17, 8, tzinfo=UTC)

    served = {"/v3/reference/tickers/AAPL": recorded("massive_polygon", "v3_reference_tickers_AAPL.json")}
    (profile,) = rows(answered(SOURCE, Request("profile", AAPL), served, tmp_path, LATER), "profiles")
    assert (profile["cik"], profile["employees"]) == ("0000320193", 154000)


def test_recorded_actions(tmp_path: Path) -> None:
    served = {
        "/v3/reference/splits": recorded("massive_polygon", "v3_reference_splits.json"),
        "/v3/reference/dividends": recorded("massive_polygon", "v3_reference_dividends.json"),
    }
    googl = Request("actions", Subject("us-equity:GOOG", "GOOGL"))
    (split,) = rows(answered(SOURCE, googl, served, tmp_path, LATER), "actions")
    assert (split["ex_date"], split["ratio"]) == (date(2022, 7, 18), 20.0)
    cssen = Request("actions", Subject("us-equity:CSSEN", "CSSEN"))
    told = rows(answered(SOURCE, cssen, served, tmp_path, datetime(2021, 1, 4, tzinfo=UTC)), "actions")
    assert len(told) >= 6  # declared in 2020 for years ahead: known then
    assert {row["announced_date"] for row in told} == {date(2020, 9, 9)}


def test_days_on_which_the_ticker_was_anothers_are_not_taken(tmp_path: Path) -> None:
    renamed = replace(samples.STOCK, first_day=date(2026, 11, 17))
    sample = sample_of("bars")
    routes = {path.replace("2026-11-16", "2026-11-17"): body for path, body in sample.routes.items()}
    request = replace(sample.request, subject=renamed)
    answer = answered(SOURCE, request, routes, tmp_path, NOW)
    assert [row["session_date"].day for row in rows(answer, "bars")] == [17, 18]
    assert answer.start == date(2026, 11, 17)  # the day before is still to be had elsewhere
    with pytest.raises(SourceError) as raised:
        answered(SOURCE, replace(request, end=date(2026, 11, 16)), routes, tmp_path, NOW)
    assert raised.value.kind is Kind.NOT_SERVED


def test_a_snapshot_is_known_when_it_was_taken(tmp_path: Path) -> None:
    call, _ = rows(answer_to(sample_of("options"), SOURCE, tmp_path), "option_quotes")
    assert call["quoted_at"] == datetime(2026, 11, 19, 14, 45, tzinfo=UTC)
    assert (call["known_at"], call["known_basis"]) == (NOW, SNAPSHOT)


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (Said(b'{"status":"ERROR","error":"You\'ve exceeded the maximum requests per minute"}'), Kind.RATE_LIMIT, ""),
        (Said(b'{"status":"NOT_AUTHORIZED","message":"Your plan doesn\'t include this data timeframe."}', 403),
         Kind.FORBIDDEN, "timeframe"),
        (Said(b'{"status":"NOT_AUTHORIZED","message":"Your plan does not include it."}'), Kind.FORBIDDEN, "plan"),
        (Said(b'{"status":"ERROR","error":"Unknown API Key"}', 401), Kind.NEEDS_KEY, ""),
        (Said(b"<html>maintenance</html>"), Kind.MALFORMED, ""),
        (Said(b"[]"), Kind.MALFORMED, ""),
    ],
)  # fmt: skip
def test_refusals_are_told_apart(said: Said, kind: Kind, words: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as raised:
        answered(SOURCE, asked("bars"), lambda _: said, tmp_path, NOW)
    assert raised.value.kind is kind
    assert words in str(raised.value)


def test_no_results_is_an_answer_and_a_day_that_begins_at_noon_is_set_aside(tmp_path: Path) -> None:
    assert counts(answered(SOURCE, asked("bars"), lambda _: Said(b'{"status":"OK"}'), tmp_path, NOW)) == {}
    noon = samples.answer([samples.bar(samples.millis(17, 12), 100)])
    answer = answered(SOURCE, asked("bars"), lambda _: Said(noon), tmp_path, NOW)
    assert counts(answer) == {}
    assert "midnight" in answer.quarantined[0].reason

"""Alpha Vantage: text for numbers, errors inside a 200, the market's own time."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from providers.alpha_vantage import SOURCE
from providers.errors import Kind, SourceError
from providers.source import Request, Subject
from providers.vendor_securities import ANOTHERS, ticker_on
from tests.providers.sources.loopback import Asked, Said, Sample, ask, recorded, serving
from tests.providers.sources.samples import alpha_vantage as samples
from tests.providers.sources.samples.alpha_vantage import NOW, SAMPLES, asked
from tests.providers.sources.vendors import answer_to, answered, counts, rows

LATER = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)


def sample_of(dataset: str) -> Sample:
    return next(each for each in SAMPLES if each.request.dataset == dataset)


@pytest.mark.parametrize(
    "sample", SAMPLES, ids=lambda each: f"{each.request.dataset}-{each.request.subject.ticker}"
)
def test_samples_make_their_rows(sample: Sample, tmp_path: Path) -> None:
    assert counts(answer_to(sample, SOURCE, tmp_path)) == dict(sample.rows)


def test_newest_first_comes_out_sorted_without_the_running_session(tmp_path: Path) -> None:
    bars = rows(answer_to(sample_of("bars"), SOURCE, tmp_path), "bars")
    assert [(bar["session_date"].day, bar["close"], bar["volume"]) for bar in bars] == [
        (16, 100.5, 1000), (17, 101.5, 1000), (18, 102.5, 1000),
    ]  # fmt: skip
    assert bars[-1]["known_at"] == datetime(2026, 11, 18, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "size"), [(date(2026, 11, 16), "compact"), (date(2016, 1, 4), "full"), (None, "full")]
)
def test_the_free_size_is_asked_for_where_it_is_enough(start: date | None, size: str, tmp_path: Path) -> None:
    with serving(sample_of("bars").behaviour()) as server:
        request = Request("bars", samples.STOCK, start, None)
        ask(SOURCE, request, server, tmp_path, secrets={"key": "k"}, now=NOW)
        assert server.asked[0].query["outputsize"] == size


def test_intraday_is_asked_by_month_and_told_in_new_york_time(tmp_path: Path) -> None:
    with serving(sample_of("intraday").behaviour()) as server:
        request = Request("intraday", samples.STOCK, date(2026, 9, 30), date(2026, 11, 19), "1m")
        answer = ask(SOURCE, request, server, tmp_path, secrets={"key": "k"}, now=NOW)
        months = [question.query["month"] for question in server.asked]
        assert {question.query["adjusted"] for question in server.asked} == {"false"}
    assert months == ["2026-09", "2026-10", "2026-11"]
    first = rows(answer, "bars_intraday")[0]
    assert first["start_at"] == datetime(2026, 11, 18, 14, 30, tzinfo=UTC)
    assert first["known_at"] == datetime(2026, 11, 18, 14, 31, tzinfo=UTC)


def test_dividends_without_a_declaration_are_known_on_their_ex_date(tmp_path: Path) -> None:
    told = {
        row["ex_date"].day: row for row in rows(answer_to(sample_of("actions"), SOURCE, tmp_path), "actions")
    }
    assert told[18]["known_at"] == datetime(2026, 10, 30, 3, 59, 59, 999999, tzinfo=UTC)
    assert told[16]["known_at"] == datetime(2026, 11, 16, 14, 30, tzinfo=UTC)
    assert (told[17]["kind"], told[17]["ratio"], told[16]["record_date"]) == ("split", 4.0, None)


def test_open_interest_is_known_the_next_morning(tmp_path: Path) -> None:
    found = rows(answer_to(sample_of("options"), SOURCE, tmp_path), "option_quotes")
    assert {(row["open_interest"], row["known_at"]) for row in found} == {
        (None, datetime(2026, 11, 18, 21, tzinfo=UTC)), (40, datetime(2026, 11, 19, 14, 30, tzinfo=UTC)),
    }  # fmt: skip
    sample = sample_of("options")
    that_evening = datetime(2026, 11, 18, 23, tzinfo=UTC)
    found = rows(answered(SOURCE, sample.request, sample.routes, tmp_path, that_evening), "option_quotes")
    assert [row["open_interest"] for row in found] == [None, None]


def test_a_chain_of_the_past_is_known_at_its_close(tmp_path: Path) -> None:
    call, _, put, _ = rows(answer_to(sample_of("options"), SOURCE, tmp_path), "option_quotes")
    assert (call["right"], put["right"], call["known_at"]) == (
        "call",
        "put",
        datetime(2026, 11, 18, 21, tzinfo=UTC),
    )
    assert (call["last"], call["bid"], call["implied_volatility"]) == (
        None,
        8.0,
        0.4,
    )  # last 0.00: never traded


def test_a_listing_that_ended_was_there_before_it_ended(tmp_path: Path) -> None:
    found = rows(answer_to(sample_of("listings"), SOURCE, tmp_path), "listings")
    assert [(row["listing_date"], row["delisting_date"], row["known_at"]) for row in found] == [
        (date(1990, 1, 2), None, datetime(1990, 1, 2, 14, 30, tzinfo=UTC)),
        (date(1990, 1, 2), date(2009, 3, 2), datetime(2009, 3, 3, 4, 59, 59, 999999, tzinfo=UTC)),
        (date(2012, 5, 18), None, datetime(2012, 5, 18, 13, 30, tzinfo=UTC)),
    ]


def test_a_namesakes_listing_is_set_aside_and_no_later_ticker_is_dated_back(tmp_path: Path) -> None:
    sample = sample_of("listings")
    routes = {
        path: body.replace(b"Zzz Corp,NYSE", b"Zzz of old,NYSE") for path, body in sample.routes.items()
    }  # type: ignore[union-attr]
    request = Request("listings", Subject("us-equity:YYY", "ZZZ"))
    answer = answered(SOURCE, request, routes, tmp_path, NOW)
    assert [(row["listing_date"], row["ticker"]) for row in rows(answer, "listings")] == [
        (date(2012, 5, 18), "YYY")
    ]
    assert [(each.reason, each.rows.height) for each in answer.quarantined] == [(ANOTHERS, 2)]  # type: ignore[union-attr]


def test_the_first_day_is_told_under_the_first_ticker(tmp_path: Path) -> None:
    request = Request("lookup", Subject("us-equity:YYY", "ZZZ"))
    found = rows(answered(SOURCE, request, sample_of("lookup").routes, tmp_path, NOW), "securities")
    assert [(row["valid_from"].year, row["ticker"], row["name"]) for row in found] == [
        (2012, "YYY", "YYY"), (2026, "ZZZ", "Zzz Corp"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("identity", "ticker", "first"),
    [("us-equity:FB", "META", "FB"), ("us-equity:GOOG-C", "GOOG", "GOOG"), ("us-equity:DELL-2013", "DELL", "DELL"),
     ("us-equity:BRK.B", "BRK.B", "BRK.B"), ("us-equity:TT-2008", "TTQ", "TT")],
)  # fmt: skip
def test_what_a_security_was_called_on_its_first_day(identity: str, ticker: str, first: str) -> None:
    assert ticker_on(Subject(identity, ticker), date(2012, 5, 18)) == first


def test_sentiment_counts_what_is_about_the_security(tmp_path: Path) -> None:
    first, second = rows(answer_to(sample_of("sentiment"), SOURCE, tmp_path), "sentiment")
    assert (first["mentions"], first["positive"], first["score"]) == (2, 1, pytest.approx(0.3))
    assert (second["negative"], second["channel"]) == (1, "news:alpha_vantage")


def test_none_and_dash_are_no_values(tmp_path: Path) -> None:
    (profile,) = rows(answer_to(sample_of("profile"), SOURCE, tmp_path), "profiles")
    assert (profile["website"], profile["shares_outstanding"]) == (None, 1_000_000.0)


def test_recorded_intraday_of_microsoft(tmp_path: Path) -> None:
    served = {"/query": recorded("alpha_vantage", "mock_time_series.json")}
    request = Request(
        "intraday", Subject("us-equity:MSFT", "MSFT"), date(2017, 12, 18), date(2017, 12, 18), "1m"
    )
    told = rows(answered(SOURCE, request, served, tmp_path, LATER), "bars_intraday")
    last = next(row for row in told if row["start_at"] == datetime(2017, 12, 18, 19, 56, tzinfo=UTC))
    assert (last["close"], last["volume"]) == (86.5, 10494)


def test_recorded_overview(tmp_path: Path) -> None:
    served = {"/query": recorded("alpha_vantage", "mock_company_overview.json")}
    request = Request("profile", Subject("us-equity:IBM", "IBM"))
    (profile,) = rows(answered(SOURCE, request, served, tmp_path, LATER), "profiles")
    assert (profile["employees"], profile["fiscal_year_end"]) == (352600, "December")


def test_recorded_quota_is_a_rate_limit_and_its_key_is_not_told(tmp_path: Path) -> None:
    body = recorded("alpha_vantage", "error_rate_limit_information.json").replace(
        b"REDACTED", b"loopback-key"
    )
    with pytest.raises(SourceError) as raised:
        answered(SOURCE, asked("bars"), {"/query": body}, tmp_path, NOW)
    assert raised.value.kind is Kind.RATE_LIMIT
    assert "loopback-key" not in str(raised.value)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"Note": "Thank you for using Alpha Vantage!"}', Kind.RATE_LIMIT),
        (b'{"Information": "Please consider spreading out your free API requests (1 request per second)."}',
         Kind.RATE_LIMIT),
        (b'{"Information": "This is a premium endpoint."}', Kind.FORBIDDEN),
        (b'{"Error Message": "the parameter apikey is invalid or missing."}', Kind.NEEDS_KEY),
        (b'{"Error Message": "Invalid API call. Please retry for TIME_SERIES_DAILY."}', Kind.NOT_FOUND),
        (b"{}", Kind.NOT_FOUND),
        (b'{"Information": "Something else."}', Kind.REFUSED),
        (b"<html></html>", Kind.MALFORMED),
        (b'{"Meta Data": {"5. Time Zone": "US/Eastern"}, "Weekly": {}}', Kind.MALFORMED),
        (samples.series("Time Series (Daily)", {}, "Mars/Olympus"), Kind.MALFORMED),
    ],
)  # fmt: skip
def test_errors_inside_a_200_are_told_apart(body: bytes, kind: Kind, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as raised:
        answered(SOURCE, asked("bars"), {"/query": Said(body)}, tmp_path, NOW)
    assert raised.value.kind is kind


@pytest.mark.parametrize(
    ("dataset", "body", "kind"),
    [
        (
            "listings",
            b'{"Information": "our standard API rate limit is 25 requests per day"}',
            Kind.RATE_LIMIT,
        ),
        ("listings", b"<html></html>", Kind.MALFORMED),
        ("listings", samples.ACTIVE + b"ZZZ,short\n", Kind.MALFORMED),
        ("profile", b"{}", Kind.NOT_FOUND),
    ],
)
def test_refusals_elsewhere(dataset: str, body: bytes, kind: Kind, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as raised:
        answered(SOURCE, asked(dataset), {"/query": body}, tmp_path, NOW)
    assert raised.value.kind is kind


def test_no_articles_is_an_answer(tmp_path: Path) -> None:
    body = b'{"Information": "No articles found. Please adjust the time range."}'
    assert counts(answered(SOURCE, asked("news"), {"/query": body}, tmp_path, NOW)) == {}


def test_older_headlines_are_asked_for_where_an_answer_is_full(tmp_path: Path) -> None:
    full = [
        samples.item(f"n{at}", f"20261118T{at // 60:02d}{at % 60:02d}00", "0.1")
        for at in range(1399, 399, -1)
    ]
    rest = [full[-1], samples.item("old", "20261117T140000", "0.1")]

    def behaviour(question: Asked) -> Said:
        older = question.query["time_to"] == "20261118T0640"
        return Said(json.dumps({"feed": rest if older else full}).encode())

    told = rows(answered(SOURCE, asked("news"), behaviour, tmp_path, NOW), "headlines")
    assert len(told) == 1001
    assert told[0]["title"] == "About Zzz, old"


def test_what_the_last_hundred_bars_do_not_reach_stays_open_for_others(tmp_path: Path) -> None:
    sample = sample_of("bars")
    body = json.loads(samples.DAILY)
    request = replace(sample.request, start=date(2010, 1, 4))
    for size, start in (("Full size", None), ("Compact", date(2026, 11, 16))):
        body["Meta Data"]["4. Output Size"] = size
        served = {"/query": json.dumps(body).encode()}
        assert answered(SOURCE, request, served, tmp_path, NOW).start == start

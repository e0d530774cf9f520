"""Alpaca: the IEX feed as traded, both parts of the key, pages to their end."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from providers.alpaca import SOURCE
from providers.embedded.loader import StoreCalendars
from providers.errors import Kind, SourceError
from providers.merge import Asked as Asking
from providers.merge import merged
from providers.source import Request, Subject
from providers.vendor_values import SNAPSHOT
from store import open_store
from store.vintages import known_ids
from tests.providers.sources.loopback import Asked, Said, Sample, ask, recorded, serving
from tests.providers.sources.samples import alpaca as samples
from tests.providers.sources.samples.alpaca import KEY, NOW, SAMPLES, asked
from tests.providers.sources.vendors import answer_to, answered, counts, rows

LATER = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)


def sample_of(dataset: str) -> Sample:
    return next(each for each in SAMPLES if each.request.dataset == dataset)


@pytest.mark.parametrize(
    "sample", SAMPLES, ids=lambda each: f"{each.request.dataset}-{each.request.subject.ticker}"
)
def test_samples_make_their_rows(sample: Sample, tmp_path: Path) -> None:
    assert counts(answer_to(sample, SOURCE, tmp_path)) == dict(sample.rows)


def test_the_iex_feed_is_asked_for_as_traded_with_both_parts_of_the_key(tmp_path: Path) -> None:
    with serving(sample_of("bars").behaviour()) as server:
        answer = ask(SOURCE, asked("bars"), server, tmp_path, secrets=KEY, now=NOW)
        (question,) = server.asked
    assert (question.query["feed"], question.query["adjustment"]) == ("iex", "raw")
    assert question.headers["apca-api-key-id"] == "loopback-id"
    assert question.headers["apca-api-secret-key"] == "loopback-secret"
    assert "IEX" in answer.note
    last = rows(answer, "bars")[-1]
    assert (last["session_date"], last["close"]) == (date(2026, 11, 18), 102.5)
    assert last["known_at"] == datetime(2026, 11, 18, 21, tzinfo=UTC)


def test_a_missing_part_of_the_key_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as raised:
        answered(SOURCE, asked("bars"), {}, tmp_path, NOW, {"id": "only"})
    assert raised.value.kind is Kind.NEEDS_KEY


def test_pages_are_followed(tmp_path: Path) -> None:
    def behaviour(question: Asked) -> Said:
        if question.query.get("page_token") == "two":
            return Said(samples.bars("ZZZ", samples.bar("2026-11-17T05:00:00Z", 101)))
        return Said(samples.bars("ZZZ", samples.bar("2026-11-16T05:00:00Z", 100), token="two"))

    answer = answered(SOURCE, asked("bars"), behaviour, tmp_path, NOW, KEY)
    assert [row["session_date"].day for row in rows(answer, "bars")] == [16, 17]

    circle = Said(samples.bars("ZZZ", token="again"))
    with pytest.raises(SourceError) as raised:
        answered(SOURCE, asked("bars"), lambda _: circle, tmp_path, NOW, KEY)
    assert raised.value.kind is Kind.MALFORMED


def test_crypto_days_are_made_of_hours_from_midnight_utc(tmp_path: Path) -> None:
    sample = next(each for each in SAMPLES if each.request.subject.asset_class == "crypto")
    first, second = rows(answer_to(sample, SOURCE, tmp_path), "bars")
    assert (first["open"], first["high"], first["low"], first["close"]) == (100, 111, 99, 105.5)
    assert (first["volume"], first["known_at"]) == (2, datetime(2026, 11, 18, tzinfo=UTC))
    assert second["session_date"] == date(2026, 11, 18)


def test_a_time_without_a_zone_and_a_day_that_begins_at_noon_are_set_aside(tmp_path: Path) -> None:
    told = samples.bars(
        "ZZZ", samples.bar("2026-11-16T05:00:00", 1), samples.bar("2026-11-17T17:00:00Z", 2),
        samples.bar("2026-11-18T05:00:00Z", 3),
    )  # fmt: skip
    answer = answered(SOURCE, asked("bars"), lambda _: Said(told), tmp_path, NOW, KEY)
    assert counts(answer) == {"bars": 1}
    assert answer.quarantined[0].rows is not None
    assert answer.quarantined[0].rows.height == 2


def test_the_assets_of_a_funded_account_are_asked_of_the_other_host(tmp_path: Path) -> None:
    told = iter([Said(b'{"message": "forbidden."}', 403), Said(samples.ASSET)])
    answer = answered(SOURCE, asked("lookup"), lambda _: next(told), tmp_path, NOW, KEY)
    (row,) = rows(answer, "securities")
    assert (row["name"], row["exchange"], row["known_at"]) == ("Zzz Corp. Common Stock", "XNAS", NOW)


def test_recorded_bars(tmp_path: Path) -> None:
    body = json.loads(recorded("alpaca", "test_historical_stock_data__test_get_bars.json"))
    body["next_page_token"] = None
    request = Request("bars", Subject("us-equity:AAPL", "AAPL"), date(2022, 2, 1), date(2022, 2, 2))
    served = {"/v2/stocks/bars": json.dumps(body).encode()}
    found = rows(answered(SOURCE, request, served, tmp_path, LATER, KEY), "bars")
    assert [(row["session_date"].day, row["close"]) for row in found] == [(1, 174.61), (2, 175.84)]
    empty = recorded("alpaca", "test_historical_stock_data__test_get_bars_single_empty_response.json")
    assert counts(answered(SOURCE, request, {"/v2/stocks/bars": empty}, tmp_path, LATER, KEY)) == {}


def test_recorded_actions_on_two_pages(tmp_path: Path) -> None:
    pages = [
        recorded("alpaca", "test_corporate_actions__test_get_corporate_actions.json"),
        recorded("alpaca", "test_corporate_actions__test_get_corporate_actions_1.json"),
    ]
    for symbol, kind, value in (("MNTS", "split", 1 / 50), ("SRE", "split", 2.0), ("FCF", "dividend", 0.125)):
        told = iter(pages)
        request = Request("actions", Subject(f"us-equity:{symbol}", symbol))
        (row,) = rows(
            answered(SOURCE, request, lambda _, t=told: Said(next(t)), tmp_path, LATER, KEY), "actions"
        )
        assert (row["kind"], row["ratio"] or row["amount"]) == (kind, pytest.approx(value))


def recorded_merger(symbol: str, tmp_path: Path) -> dict[str, Any]:
    told = iter(
        [
            recorded("alpaca", "test_corporate_actions__test_get_corporate_actions.json"),
            recorded("alpaca", "test_corporate_actions__test_get_corporate_actions_1.json"),
        ]
    )
    request = Request("actions", Subject(f"us-equity:{symbol}", symbol))
    answer = answered(SOURCE, request, lambda _: Said(next(told)), tmp_path, LATER, KEY)
    assert counts(answer) == {"mergers": 1}
    (row,) = rows(answer, "mergers")
    return row


@pytest.mark.parametrize(
    ("symbol", "day", "successor", "ratio", "cash"),
    [
        ("LSI", date(2023, 7, 20), "EXR", 0.895, None),
        ("GLOP", date(2023, 7, 17), None, None, 5.37),
        ("MLVF", date(2023, 7, 18), "FRBA", 0.7733, 7.8),
        ("ATNXQ", date(2023, 10, 11), None, None, 0.0),
    ],
)
def test_recorded_mergers_and_a_worthless_removal(
    symbol: str, day: date, successor: str | None, ratio: float | None, cash: float | None, tmp_path: Path
) -> None:
    row = recorded_merger(symbol, tmp_path)
    assert (row["effective_date"], row["successor"]) == (day, successor)
    assert (row["exchange_ratio"], row["cash_per_share"]) == (ratio, cash)
    assert row["known_at"] == datetime(day.year, day.month, day.day, 13, 30, tzinfo=UTC)
    assert row["known_basis"].startswith("estimated: 09:30 New York")


def test_a_merger_is_of_who_was_taken_over_and_says_how_much_a_share(tmp_path: Path) -> None:
    sample = sample_of("actions")
    body = json.loads(sample.routes["/v1/corporate-actions"])  # type: ignore[arg-type]
    (merger,) = body["corporate_actions"]["stock_and_cash_mergers"]
    for change, good, aside in (
        ({"acquiree_symbol": "YYY", "acquirer_symbol": "ZZZ"}, 0, ""),
        ({"acquiree_rate": 2}, 0, "cash for other than one share"),
        ({"effective_date": None}, 0, "no effective date"),
        ({"effective_date": "2026-11-13"}, 0, ""),  # before what was asked
        ({"acquirer_rate": 0.25}, 1, ""),
    ):
        body["corporate_actions"]["stock_and_cash_mergers"] = [merger | change]
        served = {"/v1/corporate-actions": json.dumps(body).encode()}
        answer = answered(SOURCE, sample.request, served, tmp_path, NOW, KEY)
        assert counts(answer).get("mergers", 0) == good
        assert [each.reason for each in answer.quarantined] == ([aside] if aside else [])


def test_a_merger_reaches_the_store_with_the_id_of_its_successor(tmp_path: Path) -> None:
    sample = sample_of("actions")
    store = open_store(tmp_path / "home", clock=lambda: NOW)
    asked_of = Asking("alpaca", "actions", sample.request.subject, sample.request.start, sample.request.end)
    calendars = StoreCalendars(store.reader(NOW).calendars.get)
    store.append(merged(store, answer_to(sample, SOURCE, tmp_path), asked_of, NOW, calendars))
    (row,) = store.reader(NOW).rows("mergers").to_dicts()
    assert known_ids(store, ["us-equity:ZZZ", "us-equity:YYY"]) == {
        "us-equity:ZZZ": row["security_id"], "us-equity:YYY": row["successor_id"],
    }  # fmt: skip
    assert (row["exchange_ratio"], row["cash_per_share"], row["currency"]) == (0.5, 7.25, "USD")
    store.close()


def test_a_share_that_left_the_market_became_anothers_after_its_last_day(tmp_path: Path) -> None:
    sample = sample_of("actions")
    last = replace(sample.request, end=date(2026, 11, 17))  # the split's ex-date; the merger is of the 19th
    asked_of: list[str] = []

    def behaviour(question: Asked) -> Said:
        asked_of.append(question.query["end"])
        return Said(samples.ACTIONS)

    answer = answered(SOURCE, last, behaviour, tmp_path, NOW, KEY)
    assert counts(answer) == {"actions": 1, "mergers": 1}
    assert asked_of == ["2026-11-27"]


def test_recorded_chain_and_news(tmp_path: Path) -> None:
    subject = Subject("us-equity:AAPL", "AAPL")
    served = {
        "/v1beta1/options/snapshots/AAPL": recorded(
            "alpaca", "test_historical_option_data__test_get_option_chain.json"
        )
    }
    (quote,) = rows(
        answered(SOURCE, Request("options", subject), served, tmp_path, LATER, KEY), "option_quotes"
    )
    assert (quote["expiry"], quote["strike"], quote["right"]) == (date(2024, 5, 3), 155.0, "put")
    assert quote["quoted_at"] == datetime(2024, 4, 25, 20, 0, 0, 259610, tzinfo=UTC)
    assert (quote["known_at"], quote["known_basis"]) == (LATER, SNAPSHOT)

    body = json.loads(recorded("alpaca", "test_historical_news_data__test_get_news.json"))
    body["next_page_token"] = None
    served = {"/v1beta1/news": json.dumps(body).encode()}
    (item,) = rows(answered(SOURCE, Request("news", subject), served, tmp_path, LATER, KEY), "headlines")
    assert (item["headline_id"], item["title"]) == ("40432158", "headline")


def test_a_headline_is_known_when_its_text_was_last_changed(tmp_path: Path) -> None:
    sample = next(each for each in SAMPLES if each.request.dataset == "news")
    body = json.loads(sample.routes["/v1beta1/news"])  # type: ignore[arg-type]
    body["news"][0]["updated_at"] = "2026-11-19T03:00:00Z"
    served = {"/v1beta1/news": json.dumps(body).encode()}
    found = rows(answered(SOURCE, sample.request, served, tmp_path, NOW, KEY), "headlines")
    item = next(row for row in found if row["headline_id"] == str(body["news"][0]["id"]))
    assert item["published_at"] < item["known_at"] == datetime(2026, 11, 19, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (Said(b'{"message": "subscription does not permit querying recent SIP data"}', 403), Kind.FORBIDDEN),
        (Said(b'{"message": "invalid symbol: ZZZ"}', 422), Kind.NOT_FOUND),
        (Said(b'{"message": "invalid start"}', 422), Kind.REFUSED),
        (Said(b'{"message": "not found"}', 404), Kind.NOT_FOUND),
        (Said(b'{"message": "unauthorized."}', 401), Kind.NEEDS_KEY),
        (Said(b'{"message": "something is wrong"}'), Kind.REFUSED),
        (Said(b"<html></html>"), Kind.MALFORMED),
    ],
)
def test_refusals_are_told_apart(said: Said, kind: Kind, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as raised:
        answered(SOURCE, asked("bars"), lambda _: said, tmp_path, NOW, KEY)
    assert raised.value.kind is kind


def test_days_before_the_vendors_first_stay_open_for_others(tmp_path: Path) -> None:
    sample = sample_of("bars")
    request = replace(sample.request, start=date(2010, 1, 4))
    assert answered(SOURCE, request, sample.routes, tmp_path, NOW, KEY).start == date(2016, 1, 1)

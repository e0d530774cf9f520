"""EDGAR: tickers, names over time, acceptance clocks, facts and their filings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from providers.clocks import EXACT
from providers.edgar import SOURCE
from providers.edgar.acceptance import LATER, NEXT_MORNING, NO_HOUR, UNDECIDED
from providers.edgar.facts import FILED_DAY
from providers.errors import Kind, SourceError
from providers.source import Answer, Request, Subject
from providers.validate import check
from tests.providers.sources.loopback import Asked, Said, Sample, ask, serving
from tests.providers.sources.samples.edgar import (
    FACTS,
    META,
    OLDER,
    PAGE,
    RECENT,
    REVENUES,
    ROUTES,
    SAMPLES,
    SUBMISSIONS,
    TICKERS_PATH,
    fact,
    facts,
    page,
    submissions,
)

TEN_K, AMENDED = RECENT[2][0], RECENT[0][0]


def fetched(
    folder: Path, dataset: str, changed: Mapping[str, bytes | Said] | None = None, **more: object
) -> tuple[Answer, list[Asked]]:
    routes = {**ROUTES, **(changed or {})}

    def answer(asked: Asked) -> Said:
        body = routes.get(asked.path, Said(b"<Error><Code>NoSuchKey</Code></Error>", 404))
        return body if isinstance(body, Said) else Said(body)

    subject, start, end = more.pop("subject", META), more.pop("start", None), more.pop("end", None)
    with serving(answer) as server:
        got = ask(SOURCE, Request(dataset, subject, start, end), server, folder, **more)  # type: ignore[arg-type]
        return got, server.asked


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.request.dataset)
def test_samples_have_their_rows_and_pass_every_check(sample: Sample, tmp_path: Path) -> None:
    with serving(sample.behaviour()) as server:
        answer = ask(SOURCE, sample.request, server, tmp_path)
    assert {name: frame.height for name, frame in answer.frames.items()} == dict(sample.rows)
    for table, frame in answer.frames.items():
        assert not check(table, frame, positive=answer.positive).quarantined
        assert frame["known_at"].max() <= sample.now  # type: ignore[operator]


def test_a_company_was_called_what_it_was_called_then(tmp_path: Path) -> None:
    rows = fetched(tmp_path, "lookup")[0].frames["securities"]
    assert rows.select("valid_from", "ticker", "name", "exchange").rows() == [
        (date(2005, 5, 5), "FB", "Facebook Inc", ""),
        (date(2021, 12, 1), "FB", "Meta Platforms, Inc.", ""),  # META, then a fund's, was its ticker in 2022
        (date(2026, 11, 20), "META", "Meta Platforms, Inc.", "XNAS"),
    ]
    assert rows["known_at"][0] == datetime(2005, 5, 6, 3, 59, 59, 999999, UTC)
    assert rows["known_at"][2] == datetime(2026, 11, 20, 22, tzinfo=UTC)
    assert rows["identity"].unique().to_list() == ["us-equity:FB"]


def test_a_ticker_known_to_have_held_stands_with_the_name_that_began_under_it(tmp_path: Path) -> None:
    subject = replace(META, first_day=date(2021, 1, 4))
    rows = fetched(tmp_path, "lookup", subject=subject)[0].frames["securities"]
    assert rows["ticker"].to_list() == ["FB", "META", "META"]


def test_a_name_within_anothers_time_is_set_aside(tmp_path: Path) -> None:
    former = [
        {"name": "SPACE & CO", "from": "2006-01-01T00:00:00.000Z", "to": "2006-01-01T00:00:00.000Z"},
        {"name": "Facebook Inc", "from": "2005-05-05T00:00:00.000Z", "to": "2021-10-26T00:00:00.000Z"},
        {"name": "No days"},
    ]
    answer, _ = fetched(tmp_path, "lookup", {SUBMISSIONS: submissions(*RECENT, formerNames=former)})
    assert answer.frames["securities"]["name"].to_list() == ["Facebook Inc", *["Meta Platforms, Inc."] * 2]
    assert len(answer.quarantined) == 2


def test_the_profile_is_of_today(tmp_path: Path) -> None:
    row = fetched(tmp_path, "profile")[0].frames["profiles"].row(0, named=True)
    assert (row["cik"], row["sic"], row["fiscal_year_end"]) == ("0001326801", "7370", "12-31")
    assert (row["country"], row["city"], row["valid_from"]) == (
        "United States", "MENLO PARK", date(2026, 11, 20)
    )  # fmt: skip
    assert row["summary"] == "operating; incorporated in DE; Large accelerated filer"
    assert row["known_at"] == datetime(2026, 11, 20, 22, tzinfo=UTC)


def test_filings_are_known_when_they_could_be_read(tmp_path: Path) -> None:
    rows = fetched(tmp_path, "filings")[0].frames["filings"]
    known = {
        accession: (at, basis)
        for accession, at, basis in rows.select("accession", "known_at", "known_basis").iter_rows()
    }
    assert known[TEN_K] == (datetime(2022, 2, 3, 21, 5, tzinfo=UTC), EXACT)
    assert known[AMENDED] == (datetime(2022, 4, 29, 10, tzinfo=UTC), NEXT_MORNING)
    assert known["0001326801-22-000040"] == (datetime(2022, 3, 2, 1, 30, tzinfo=UTC), EXACT)
    assert known["0001193125-05-000001"] == (datetime(2005, 5, 6, 3, 59, 59, 999999, UTC), NO_HOUR)
    assert rows.filter(pl.col("accession") == TEN_K)["url"].item() == (
        "https://www.sec.gov/Archives/edgar/data/1326801/000132680122000018/d2.htm"
    )


def clocks(folder: Path, *recent: tuple[str, str, str, str]) -> list[tuple[datetime, datetime, str]]:
    changed: dict[str, bytes | Said] = {SUBMISSIONS: submissions(*recent, pages=False)}
    rows = fetched(folder, "filings", changed)[0].frames["filings"].sort("accession")
    return rows.select("accepted_at", "known_at", "known_basis").rows()


def test_stamps_on_new_yorks_clock_are_read_so_although_they_end_in_z(tmp_path: Path) -> None:
    told = clocks(
        tmp_path,
        ("1", "2026-02-26", "2026-02-26T18:34:19.000Z", "4"),
        ("2", "2026-02-26", "2026-02-26T08:00:00.000Z", "8-K"),  # as UTC 03:00 in New York
    )
    assert told[0] == (*[datetime(2026, 2, 26, 23, 34, 19, tzinfo=UTC)] * 2, EXACT)


def test_where_the_hours_do_not_tell_the_later_reading_is_taken(tmp_path: Path) -> None:
    told = clocks(tmp_path, ("1", "2026-02-26", "2026-02-26T15:00:00.000Z", "8-K"))
    assert told[0] == (*[datetime(2026, 2, 26, 20, tzinfo=UTC)] * 2, UNDECIDED)


def test_letters_to_the_staff_are_known_by_the_fetch(tmp_path: Path) -> None:
    told = clocks(tmp_path, *RECENT, ("9", "2022-05-02", "2022-05-02T20:00:00.000Z", "CORRESP"))
    assert told[-1][1:] == (datetime(2026, 11, 20, 22, tzinfo=UTC), LATER)


def test_older_pages_are_asked_only_where_the_range_reaches_them(tmp_path: Path) -> None:
    _, asked = fetched(tmp_path, "filings", start=date(2022, 1, 1))
    assert [request.path for request in asked] == [TICKERS_PATH, SUBMISSIONS]
    answer, asked = fetched(tmp_path, "filings", start=date(2021, 10, 1), end=date(2021, 12, 31))
    assert asked[-1].path.endswith(PAGE)
    assert answer.frames["filings"]["filed_date"].to_list() == [date(2021, 10, 26), date(2021, 12, 1)]


def test_a_filing_on_two_pages_is_one_and_one_of_two_forms_is_none(tmp_path: Path) -> None:
    older = f"/submissions/{PAGE}"
    changed: dict[str, bytes | Said] = {older: json.dumps(page(*OLDER, RECENT[2])).encode()}
    answer, _ = fetched(tmp_path, "filings", changed)
    assert answer.frames["filings"].height == 6
    assert not answer.quarantined
    changed = {older: json.dumps(page(*OLDER, (*RECENT[2][:3], "8-K"))).encode()}
    answer, _ = fetched(tmp_path, "filings", changed)
    assert answer.frames["filings"].height == 5
    assert len(answer.quarantined) == 1


def test_a_page_elsewhere_is_not_followed(tmp_path: Path) -> None:
    body = json.loads(submissions(*RECENT))
    body["filings"]["files"][0]["name"] = "../../evil.json"
    with pytest.raises(SourceError) as caught:
        fetched(tmp_path, "filings", {SUBMISSIONS: json.dumps(body).encode()})
    assert caught.value.kind is Kind.MALFORMED


def test_a_fact_is_known_with_its_filing_and_an_amendment_with_its_own(tmp_path: Path) -> None:
    rows = fetched(tmp_path, "facts")[0].frames["facts"].sort("known_at")
    assert rows.select("concept", "accession", "value", "known_at").rows() == [
        ("us-gaap:Revenues", TEN_K, 117_929_000_000, datetime(2022, 2, 3, 21, 5, tzinfo=UTC)),
        ("us-gaap:Revenues", AMENDED, 117_930_000_000, datetime(2022, 4, 29, 10, tzinfo=UTC)),
    ]
    assert rows["known_basis"][0] == EXACT


def test_a_fact_whose_filing_is_not_listed_is_known_at_the_end_of_the_filed_day(tmp_path: Path) -> None:
    told = [fact(1.0, "0000000000-22-000001", "2022-02-03")]
    shares = [{**fact(9.0, TEN_K, "2022-02-03"), "start": None, "end": "2022-01-28"}]
    rows = fetched(tmp_path, "facts", {FACTS: facts(told, shares)})[0].frames["facts"]
    odd = rows.filter(pl.col("accession") == "0000000000-22-000001").row(0, named=True)
    assert odd["known_at"] == datetime(2022, 2, 4, 4, 59, 59, 999999, UTC)
    assert odd["known_basis"] == FILED_DAY
    instant = rows.filter(pl.col("unit") == "shares").row(0, named=True)
    assert instant["concept"] == "dei:EntityCommonStockSharesOutstanding"
    assert instant["period_start"] == instant["period_end"] == date(2022, 1, 28)


def test_one_fact_told_twice_in_a_filing_is_one_row_and_two_values_are_none(tmp_path: Path) -> None:
    again = fact(117_929_000_000, TEN_K, "2022-02-03", fy=2022)
    answer, _ = fetched(tmp_path, "facts", {FACTS: facts([again, *REVENUES])})
    assert answer.frames["facts"].height == 2
    assert answer.frames["facts"].filter(pl.col("accession") == TEN_K)["frame"].item() == "CY2021"
    other = fact(1.0, TEN_K, "2022-02-03", fy=2022)
    answer, _ = fetched(tmp_path, "facts", {FACTS: facts([other, *REVENUES])})
    assert answer.frames["facts"]["accession"].to_list() == [AMENDED]
    assert [item.rows.height for item in answer.quarantined if item.rows is not None] == [2]


def test_what_is_no_number_is_left_to_the_check(tmp_path: Path) -> None:
    odd = [{**fact(1.0, TEN_K, "2022-02-03"), "val": None}, {**REVENUES[1], "end": "soon", "start": None}]
    answer, _ = fetched(tmp_path, "facts", {FACTS: facts(odd)})
    result = check("facts", answer.frames["facts"], positive=False)
    assert {item.reason for item in result.quarantined} == {"value is empty", "period_end is empty"}


def test_a_cik_can_be_typed_and_class_shares_are_found(tmp_path: Path) -> None:
    subject = Subject("us-equity:FB", "CIK1326801")
    _, asked = fetched(tmp_path, "profile", subject=subject)
    assert [request.path for request in asked] == [SUBMISSIONS]
    with pytest.raises(SourceError) as caught:
        fetched(tmp_path, "profile", subject=Subject("us-equity:BRK.B", "BRK.B"))
    assert "0001067983" in str(caught.value)  # found in the list; its submissions are not on this server


@pytest.mark.parametrize(
    ("dataset", "changed", "kind"),
    [
        ("facts", {FACTS: Said(b"<Error/>", 404)}, Kind.NOT_FOUND),
        ("profile", {TICKERS_PATH: b"{}"}, Kind.NOT_FOUND),
        ("profile", {TICKERS_PATH: b'{"0": "x"}'}, Kind.MALFORMED),
        ("profile", {TICKERS_PATH: b"<html>Your Request Originates from an Undeclared Automated Tool</html>"},
         Kind.FORBIDDEN),
        ("filings", {SUBMISSIONS: b"{}"}, Kind.MALFORMED),
        ("filings", {SUBMISSIONS: b"<html>SEC.gov | File Unavailable</html>"}, Kind.MALFORMED),
        ("filings", {SUBMISSIONS: submissions(*RECENT)[:500]}, Kind.MALFORMED),
        ("facts", {FACTS: b'{"facts": []}'}, Kind.MALFORMED),
        ("facts", {FACTS: b'{"facts": {"us-gaap": {"Revenues": {"units": {"USD": ["x"]}}}}}'}, Kind.MALFORMED),
        ("bars", {}, Kind.NOT_SERVED),
    ],
)  # fmt: skip
def test_errors_are_told_by_kind(
    dataset: str, changed: dict[str, bytes | Said], kind: Kind, tmp_path: Path
) -> None:
    with pytest.raises(SourceError) as caught:
        fetched(tmp_path, dataset, changed)
    assert caught.value.kind is kind


def test_blocks_are_told_as_what_they_are(tmp_path: Path) -> None:
    often = Said(b"<html><title>SEC.gov | Request Rate Threshold Exceeded</title></html>", 403)
    with pytest.raises(SourceError) as caught:
        fetched(tmp_path, "profile", {TICKERS_PATH: often})
    assert caught.value.kind is Kind.RATE_LIMIT
    unknown = Said(b"<html>Your Request Originates from an Undeclared Automated Tool</html>", 403)
    with pytest.raises(SourceError) as caught:
        fetched(tmp_path, "profile", {TICKERS_PATH: unknown})
    assert "KEYS CONTACT" in str(caught.value)


def test_a_company_without_filings_or_facts_is_an_answer_without_rows(tmp_path: Path) -> None:
    changed: dict[str, bytes | Said] = {SUBMISSIONS: submissions(pages=False), FACTS: facts([])}
    assert fetched(tmp_path, "filings", changed)[0].frames["filings"].is_empty()
    answer, _ = fetched(tmp_path, "facts", changed)
    assert answer.frames["facts"].is_empty()
    assert check("facts", answer.frames["facts"]).good.is_empty()

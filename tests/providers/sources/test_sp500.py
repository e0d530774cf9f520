"""The S&P 500 list: renames, tickers of other companies, counts, and nothing before its day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from providers.errors import Kind, SourceError
from providers.merge import Asked, merged
from providers.source import Request, Subject
from providers.sp500 import SOURCE
from providers.sp500_spells import Spell, continued, parse_changes, parse_spells, spells_of
from store import open_store
from tests.providers.sources.loopback import SHARED, Said, ask, serving
from tests.providers.sources.samples.sp500 import CHANGES, SAMPLES, SPELLS, SPX

REFERENCE = SHARED.parent / "data" / "reference"
SAMPLE = SAMPLES[0]


def spells() -> dict[str, list[Spell]]:
    found: dict[str, list[Spell]] = {}
    for spell in spells_of(continued(parse_spells(SPELLS.decode()), parse_changes(CHANGES.decode()))):
        found.setdefault(spell.identity, []).append(spell)
    return found


def test_the_sample_as_the_source_answers_it(tmp_path: Path) -> None:
    with serving(SAMPLE.behaviour()) as server:
        answer = ask(SOURCE, SAMPLE.request, server, tmp_path, now=SAMPLE.now)
    assert {name: frame.height for name, frame in answer.frames.items()} == dict(SAMPLE.rows)
    assert all(frame["known_basis"].str.starts_with("estimated").all() for frame in answer.frames.values())


def test_a_rename_is_one_member() -> None:
    (meta,) = spells()["us-equity:FB"]
    assert (meta.start, meta.end) == (date(2013, 12, 23), None)
    assert meta.tickers == ((date(2013, 12, 23), "FB"), (date(2022, 6, 9), "META"))


def test_a_ticker_given_to_another_company_is_another_member() -> None:
    assert spells()["us-equity:AAL-1997"][0].end == date(1997, 1, 15)
    assert spells()["us-equity:AAL"][0].start == date(2015, 3, 23)


def test_a_ticker_that_came_with_bankruptcy_is_not_shown_before() -> None:
    (lehman,) = spells()["us-equity:LEH"]
    assert lehman.tickers == ((date(1998, 1, 12), "LEH"),)


def test_changes_continue_the_list_and_do_not_repeat_it() -> None:
    assert "us-equity:KDP" not in spells()  # a change of a day that the list covers
    assert spells()["us-equity:GE"][0].end == date(2025, 7, 18)
    assert spells()["us-equity:SOLS"][0].start == date(2025, 10, 30)


def test_each_fact_waits_for_its_morning(tmp_path: Path) -> None:
    now = datetime(2008, 9, 17, 13, 29, tzinfo=UTC)  # a minute before 09:30 in New York
    with serving(SAMPLE.behaviour()) as server:
        before = ask(SOURCE, SAMPLE.request, server, tmp_path, now=now).frames["membership"]
        after = ask(SOURCE, SAMPLE.request, server, tmp_path, now=now.replace(minute=30)).frames["membership"]
    lehman = pl.col("member") == "us-equity:LEH"
    assert before.filter(lehman)["end_date"].to_list() == [None]
    assert after.filter(lehman)["end_date"].to_list() == [None, date(2008, 9, 17)]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (Said(b"<html>not found</html>"), Kind.MALFORMED),
        (Said(b"ticker;start;end\n"), Kind.MALFORMED),
        (Said(b"ticker,start_date,end_date\nAAL,1996-01-02\n"), Kind.MALFORMED),
        (Said(b"ticker,start_date,end_date\nAAL,01/02/1996,\n"), Kind.MALFORMED),
        (Said(b"", 404), Kind.NOT_FOUND),
    ],
)
def test_another_text_is_refused(said: Said, kind: Kind, tmp_path: Path) -> None:
    with serving(lambda _: said) as server, pytest.raises(SourceError) as caught:
        ask(SOURCE, SAMPLE.request, server, tmp_path)
    assert caught.value.kind == kind


def test_other_indices_are_not_served(tmp_path: Path) -> None:
    request = Request("membership", Subject("index:NDX", "NDX", "INDEX", "index"))
    with serving(SAMPLE.behaviour()) as server, pytest.raises(SourceError, match="S&P 500"):
        ask(SOURCE, request, server, tmp_path)


def test_it_is_written_once(tmp_path: Path) -> None:
    """Through the merge that the router uses: ids for members, and nothing new the second time."""
    store = open_store(tmp_path / "home")
    with serving(SAMPLE.behaviour()) as server:
        answer = ask(SOURCE, SAMPLE.request, server, tmp_path)
    asked = Asked("sp500", "membership", SPX)
    calendars = type("None", (), {"sessions": None})()
    batch = merged(store, answer, asked, SAMPLE.now, calendars)
    store.append(batch)
    held = store.reader(SAMPLE.now).rows("membership")
    assert held.height == 7  # of each member's stays the latest version
    assert set(held["member_id"]) == set(store.reader(SAMPLE.now).securities()["security_id"]) - set(
        held["security_id"]
    )
    assert merged(store, answer, asked, SAMPLE.now, calendars).frames == {}
    store.close()


@pytest.fixture(scope="module")
def whole() -> list[Spell]:
    if not (REFERENCE / "sp500_membership_spells_1996_2025.csv").is_file():
        pytest.skip("../shared/data/reference is not on this machine")
    listed = parse_spells((REFERENCE / "sp500_membership_spells_1996_2025.csv").read_text())
    changes = parse_changes((REFERENCE / "sp500_changes_since_2019.csv").read_text())
    return spells_of(continued(listed, changes))


def members(whole: list[Spell], day: date) -> list[Spell]:
    return [s for s in whole if s.start <= day and (s.end is None or day < s.end)]


@pytest.mark.shared
def test_about_five_hundred_on_every_day_and_each_once(whole: list[Spell]) -> None:
    days = pl.date_range(date(1996, 1, 2), date(2025, 11, 14), "5d", eager=True).to_list()
    for day in days:
        found = members(whole, day)
        assert 485 <= len(found) <= 507, day
        assert len({s.identity for s in found}) == len(found), day


@pytest.mark.shared
def test_joins_and_leaves_agree_with_the_list_of_changes(whole: list[Spell]) -> None:
    """Each ticker that the changes add is a member from that day on, each that they remove is none."""

    def called(day: date) -> set[str]:
        return {[t for since, t in s.tickers if since <= day][-1] for s in members(whole, day)}

    changes = parse_changes((REFERENCE / "sp500_changes_since_2019.csv").read_text())
    missing = [(day, t) for day, added, _ in changes for t in added if t not in called(day)]
    staying = [(day, t) for day, _, gone in changes for t in gone if t in called(day)]
    # the two files differ by ten days on one rename: WLTW, WTW since
    assert missing == [(date(2022, 1, 10), "WTW")]
    assert staying == [(date(2022, 1, 10), "WLTW")]


@pytest.mark.shared
def test_the_latest_members_are_those_that_the_encyclopedia_lists(whole: list[Spell]) -> None:
    table = pl.read_csv(REFERENCE / "sp500_constituents_2025-11-16.csv", infer_schema=False)
    ours = {s.tickers[-1][1] for s in members(whole, date(2025, 11, 16))}
    assert ours == set(table["Symbol"])

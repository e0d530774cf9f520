"""Words remember where they stood; dates and ranges mean what analysts mean by them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clock import end_of_day, parse_instant, write_instant
from engine.errors import CommandError
from engine.period import Period, months_before, parse_date, parse_period
from engine.words import quote, split_words

NEW_YORK = ZoneInfo("America/New_York")


def test_words_know_their_place() -> None:
    line = "  AAPL gp  name=\"two words\" 'x y'"
    words = split_words(line)
    assert [w.text for w in words] == ["AAPL", "gp", "name=two words", "x y"]
    assert [w.quoted for w in words] == [False, False, False, True]
    assert [line[w.start : w.end] for w in words] == ["AAPL", "gp", 'name="two words"', "'x y'"]


def test_an_apostrophe_inside_a_name_is_a_letter() -> None:
    assert [w.text for w in split_words("McDonald's GP")] == ["McDonald's", "GP"]


def test_an_open_quotation_points_at_its_opening() -> None:
    with pytest.raises(CommandError) as fault:
        split_words('AAPL "open')
    assert (fault.value.start, fault.value.suggestions) == (5, ('AAPL "open"', "AAPL open"))


@pytest.mark.parametrize("bad", ["\ud800", "\ud83d\ude00", "\x00"])
def test_what_is_no_text_is_pointed_at(bad: str) -> None:
    """Half a character, or NUL: no file, terminal or hash takes it, so that it stops here."""
    with pytest.raises(CommandError, match="is no text") as fault:
        split_words(f'AAPL "x{bad}y" GP')
    error = fault.value
    assert (error.start, error.end) == (7, 8)
    assert error.suggestions == ('AAPL "xy" GP',)
    assert error.pointer().encode("utf-8")


def test_a_line_too_long_is_shown_as_text() -> None:
    with pytest.raises(CommandError, match="longer") as fault:
        split_words("\ud800" * 5000)
    assert fault.value.pointer().encode("utf-8")


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=80))
def test_a_quoted_text_reads_back_unchanged(text: str) -> None:
    assert [w.text for w in split_words(quote(text))] == [text]


@given(st.text(max_size=200))
def test_words_never_overlap_and_cover_every_letter(line: str) -> None:
    try:
        words = split_words(line)
    except CommandError:
        return
    assert all(a.end <= b.start for a, b in pairwise(words))
    outside = line
    for word in reversed(words):
        outside = outside[: word.start] + outside[word.end :]
    assert not outside.strip()


@pytest.mark.parametrize(
    ("word", "first"),
    [
        ("5D", date(2013, 2, 24)),
        ("1M", date(2013, 2, 1)),
        ("6M", date(2012, 9, 1)),
        ("YTD", date(2013, 1, 1)),
        ("MTD", date(2013, 3, 1)),
        ("1Y", date(2012, 3, 1)),
        ("10Y", date(2003, 3, 1)),
        ("MAX", None),
        ("2008-01-01..2009-06-30", date(2008, 1, 1)),
        ("..2009-06-30", None),
    ],
)
def test_ranges_count_back_from_the_last_session(word: str, first: date | None) -> None:
    period = parse_period(word)
    assert period is not None
    assert period.bounds(date(2013, 3, 1))[0] == first


@pytest.mark.parametrize(
    "word", ["0Y", "201Y", "2401M", "2009-01-01..2008-01-01", "2009-02-30..", "20090230.."]
)
def test_impossible_ranges_say_why(word: str) -> None:
    with pytest.raises(ValueError, match=r"must lie between|runs backwards|no such day"):
        parse_period(word)


@pytest.mark.parametrize("word", ["", "Y", "5", "5YY", "..", "AAPL", "-5Y", "1.5Y", "²Y", "5Y5"])
def test_what_is_no_range_is_left_to_others(word: str) -> None:
    assert parse_period(word) is None


def test_a_month_before_the_31st_is_the_last_of_the_shorter_month() -> None:
    assert months_before(date(2012, 3, 31), 1) == date(2012, 2, 29)
    assert months_before(date(2013, 1, 31), 12 * 200) == date(1813, 1, 31)


@given(st.dates(), st.integers(0, 2400))
def test_months_before_never_leaves_the_calendar(day: date, months: int) -> None:
    earlier = months_before(day, months)
    assert earlier <= day
    assert earlier == date.min or (day.year * 12 + day.month) - (earlier.year * 12 + earlier.month) == months


@given(st.integers(1, 9999), st.sampled_from("DWMY"))
def test_a_period_writes_itself(count: int, unit: str) -> None:
    try:
        period = parse_period(f"{count}{unit}")
    except ValueError:
        return
    assert period is not None
    assert parse_period(str(period)) == period


@given(st.dates(date(1700, 1, 1), date(2200, 12, 31)), st.dates(date(1700, 1, 1), date(2200, 12, 31)))
def test_dates_write_themselves(one: date, other: date) -> None:
    period = Period("DATES", 1, *sorted((one, other)))
    assert parse_period(str(period)) == period


@pytest.mark.parametrize("text", ["2020-03-16", "20200316", "16MAR2020", "16-mar-2020"])
def test_dates_in_the_forms_of_the_trade(text: str) -> None:
    assert parse_date(text) == date(2020, 3, 16)


def test_as_of_a_date_is_its_evening_where_the_desk_is() -> None:
    # daylight saving: 15 September 2008 ends at 04:00 UTC, 15 January at 05:00 UTC
    assert end_of_day(date(2008, 9, 15), NEW_YORK) == datetime(2008, 9, 16, 3, 59, 59, 999999, tzinfo=UTC)
    assert end_of_day(date(2008, 1, 15), NEW_YORK) == datetime(2008, 1, 16, 4, 59, 59, 999999, tzinfo=UTC)


@given(
    st.datetimes(datetime(1700, 1, 2), datetime(2200, 12, 30)),
    st.sampled_from(["America/New_York", "Asia/Tokyo"]),
)
def test_instants_write_themselves(naive: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    instant = naive.replace(tzinfo=UTC)
    assert parse_instant(write_instant(instant, zone), zone) == instant


@given(st.dates(date(1700, 1, 1), date(2200, 12, 31)))
def test_evenings_are_written_as_dates(day: date) -> None:
    evening = end_of_day(day, NEW_YORK)
    assert write_instant(evening, NEW_YORK) == day.isoformat()
    assert parse_instant(day.isoformat(), NEW_YORK) == evening


@pytest.mark.parametrize("text", ["2008-09-15 25:00", "1066-10-14", "9999-12-31", "2008-02-30"])
def test_impossible_instants_say_why(text: str) -> None:
    with pytest.raises(ValueError, match=r"no such|only"):
        parse_instant(text, NEW_YORK)

"""When a row could be known: by the calendar, by the hour of a place, by the day of a vintage."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from providers.clocks import (
    EXACT,
    FRANKFURT,
    NEW_YORK,
    OFF_CALENDAR,
    end_of_day,
    known_at_close,
    known_at_open,
    local_instant,
)
from providers.embedded.ecb import BASIS_BEFORE, BASIS_SINCE, published
from providers.versions import only_news


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2012, 11, day, hour, minute, tzinfo=UTC)


class TwoSessions:
    """A calendar of one full session and one that closes early."""

    def sessions(self, calendar: str, start: date, end: date) -> pl.DataFrame:
        rows = {
            date(2012, 11, 21): (at(21, 14, 30), at(21, 21)),
            date(2012, 11, 23): (at(23, 14, 30), at(23, 18)),
        }
        kept = [(day, *hours) for day, hours in rows.items() if start <= day <= end]
        instants = pl.Datetime("us", "UTC")
        schema = {"session_date": pl.Date, "open_at": instants, "close_at": instants}
        return pl.DataFrame(kept, schema=schema, orient="row")


DAYS = pl.DataFrame({"session_date": [date(2012, 11, 21), date(2012, 11, 22), date(2012, 11, 23)]})


def test_a_session_is_known_at_its_close_and_a_holiday_by_rule() -> None:
    known = known_at_close(DAYS, TwoSessions())
    assert known["known_at"].to_list() == [
        datetime(2012, 11, 21, 21, tzinfo=UTC),
        datetime(2012, 11, 22, 21, tzinfo=UTC),  # Thanksgiving: 16:00 New York, by the rule
        datetime(2012, 11, 23, 18, tzinfo=UTC),  # closed early
    ]
    assert known["known_basis"].to_list() == [EXACT, OFF_CALENDAR, EXACT]


def test_an_action_is_known_at_the_open() -> None:
    known = known_at_open(DAYS, "session_date", "estimated: x", TwoSessions())
    assert known["known_at"].to_list()[::2] == [
        datetime(2012, 11, 21, 14, 30, tzinfo=UTC),
        datetime(2012, 11, 23, 14, 30, tzinfo=UTC),
    ]


def test_no_rows_are_no_rows() -> None:
    assert known_at_close(DAYS.clear(), TwoSessions()).height == 0


def test_local_hours_follow_summer_time() -> None:
    days = pl.DataFrame({"day": [date(2024, 1, 15), date(2024, 7, 15)]})
    new_york = days.select(local_instant("day", 16, 0, NEW_YORK)).to_series().to_list()
    assert [instant.hour for instant in new_york] == [21, 20]
    frankfurt = days.select(local_instant("day", 16, 0, FRANKFURT)).to_series().to_list()
    assert [instant.hour for instant in frankfurt] == [15, 14]


def test_the_end_of_a_day_is_its_last_microsecond() -> None:
    day = pl.DataFrame({"day": [date(2009, 12, 15)]})
    last = day.select(end_of_day("day", NEW_YORK)).item()
    assert last == datetime(2009, 12, 16, 5, tzinfo=UTC) - timedelta(microseconds=1)


def test_the_ecb_published_earlier_until_july_2016() -> None:
    days = pl.DataFrame({"session_date": [date(2016, 6, 30), date(2016, 7, 1)]})
    rows = published(days).select("known_at", "known_basis").rows()
    assert rows == [
        (datetime(2016, 6, 30, 13, 30, tzinfo=UTC), BASIS_BEFORE),
        (datetime(2016, 7, 1, 15, tzinfo=UTC), BASIS_SINCE),
    ]


def vintage(known: int, **values: float | None) -> pl.DataFrame:
    at = datetime(2020, 1, known, tzinfo=UTC)
    rows = [
        {"key": key, "value": value, "known_at": at, "known_basis": f"v{known}"}
        for key, value in values.items()
    ]
    return pl.DataFrame(rows, schema_overrides={"value": pl.Float64})


def test_of_a_later_vintage_only_news_is_kept() -> None:
    first, second, third = (
        vintage(1, a=1.0, b=2.0),
        vintage(2, a=1.0, b=2.5, c=9.0),
        vintage(3, a=1.0, b=2.0, c=None),
    )
    kept = only_news([third, first, second], ["key"])
    assert [sorted(frame["key"].to_list()) for frame in kept] == [["b", "c"], ["a", "b"], ["b", "c"]]


def test_a_value_that_comes_back_is_news_again() -> None:
    kept = only_news([vintage(1, a=1.0), vintage(2, a=2.0), vintage(3, a=1.0)], ["key"])
    assert [frame.height for frame in kept] == [1, 1, 1]


@pytest.mark.parametrize(
    ("zone", "day", "utc"),
    [
        ("America/Sao_Paulo", date(2018, 2, 17), "2018-02-18 02:59:59.999999"),  # 23:00 to 24:00 come twice
        ("America/Santiago", date(2024, 4, 6), "2024-04-07 03:59:59.999999"),
        ("Asia/Beirut", date(2024, 10, 26), "2024-10-26 21:59:59.999999"),
        ("America/New_York", date(2024, 11, 3), "2024-11-04 04:59:59.999999"),
    ],
)
def test_the_end_of_a_day_whose_last_hour_comes_twice_is_the_later(zone: str, day: date, utc: str) -> None:
    frame = pl.DataFrame({"day": [day]}).select(at=end_of_day("day", zone))
    assert frame["at"][0] == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_an_hour_that_clocks_leap_over_is_the_one_after() -> None:
    frame = pl.DataFrame({"day": [date(2024, 3, 10)]}).select(
        at=local_instant("day", 2, 30, "America/New_York")
    )
    assert frame["at"][0] == datetime(2024, 3, 10, 7, 30, tzinfo=UTC)

"""Vintages: what stood when, changes within a vintage, rhythms; against slow twins."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.quant.vintages import (
    compared_with,
    frequency,
    next_period,
    next_release,
    released,
    settle,
    standing,
    transformed,
)


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2020, 1, 1, hour, tzinfo=UTC) + timedelta(days=day)


JAN, FEB, MAR = date(2020, 1, 1), date(2020, 2, 1), date(2020, 3, 1)


def test_settle_keeps_what_changed_and_the_last_written_of_one_instant() -> None:
    rows = [
        (JAN, at(30), 1.0, "a"), (JAN, at(60), 1.0, "b"), (JAN, at(90), 2.0, "c"), (JAN, at(90), 3.0, "d"),
        (FEB, at(60), None, "a"), (FEB, at(61), 5.0, "a"), (FEB, at(70), None, "a"),
    ]  # fmt: skip
    settled = settle(rows)
    assert [(v.known_at, v.value, v.basis) for v in settled[JAN]] == [(at(30), 1.0, "a"), (at(90), 3.0, "d")]
    assert [v.value for v in settled[FEB]] == [5.0, None]


def test_growth_as_released_compares_values_of_one_vintage() -> None:
    """Payrolls: 100 and then 103 printed as +3; when 100 became 102, the same month was +1; then 104 is +2."""
    settled = settle([(JAN, at(30), 100.0, ""), (JAN, at(90), 102.0, ""), (FEB, at(60), 103.0, ""),
                      (FEB, at(120), 104.0, "")])  # fmt: skip
    changes = transformed(settled, "CHANGE", rate=False)
    assert [(v.known_at, v.value) for v in changes[FEB]] == [(at(60), 3.0), (at(90), 1.0), (at(120), 2.0)]
    assert JAN not in changes
    shares = transformed(settled, "PCT", rate=False)
    assert [v.value for v in shares[FEB]] == pytest.approx([0.03, 1 / 102, 2 / 102])


def test_the_year_before_of_rates_is_a_difference() -> None:
    settled = settle([(JAN, at(400), 5.0, ""), (date(2021, 1, 1), at(401), 6.0, "")])
    assert transformed(settled, "YOY", rate=True)[date(2021, 1, 1)][0].value == 1.0
    assert transformed(settled, "YOY", rate=False)[date(2021, 1, 1)][0].value == pytest.approx(0.2)


def test_a_gap_has_no_change_and_a_leap_day_its_year_before() -> None:
    months = [JAN, FEB, MAR, date(2020, 6, 1)]
    assert compared_with(months, "CHANGE") == {FEB: JAN, MAR: FEB}
    days = [date(2023, 2, 27), date(2023, 2, 28), date(2023, 3, 1), date(2024, 2, 29)]
    assert compared_with(days, "YOY") == {date(2024, 2, 29): date(2023, 2, 28)}


@pytest.mark.parametrize(
    ("periods", "word", "following"),
    [
        ([date(2020, 1, 2), date(2020, 1, 3)], "daily", date(2020, 1, 6)),
        ([date(2020, 1, 3), date(2020, 1, 10)], "weekly", date(2020, 1, 17)),
        ([date(2020, 11, 1), date(2020, 12, 1)], "monthly", date(2021, 1, 1)),
        ([date(2020, 7, 1), date(2020, 10, 1)], "quarterly", date(2021, 1, 1)),
        ([date(2020, 1, 1)], "yearly", date(2021, 1, 1)),
    ],
)
def test_frequencies(periods: list[date], word: str, following: date) -> None:
    assert frequency(periods) == word
    assert next_period(periods) == following


def test_a_rhythm_needs_three_releases_and_is_their_median() -> None:
    months = [date(2020, month, 1) for month in range(1, 7)]
    delays = [40, 40, 35, 36, 50]
    bulk = [(months[0], at(40), 1.0, "")]
    rows = [
        (
            period,
            datetime(period.year, period.month, 1, 13, tzinfo=UTC) + timedelta(days=delay),
            2.0 + place,
            "",
        )
        for place, (period, delay) in enumerate(zip(months[1:], delays, strict=True))
    ]
    assert next_release(settle([*bulk, *rows[:2]])) is None
    settled = settle([*bulk, *rows])
    assert released(settled) == months[1:]
    assert next_release(settled) == date(2020, 7, 1) + timedelta(days=40)


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 50), st.one_of(st.none(), st.integers(1, 4))), max_size=25
    )
)
def test_transformed_is_what_a_look_at_every_instant_finds(drawn: list[tuple[int, int, int | None]]) -> None:
    """The twin: at every hour in question, the change of what stood then."""
    rows = sorted(
        {(date(2020, month + 1, 1), at(200 + day)): value for month, day, value in drawn}.items(),
        key=lambda row: row[0],
    )
    settled = settle((period, known, None if v is None else float(v), "") for (period, known), v in rows)
    changes = transformed(settled, "CHANGE", rate=True)
    before = compared_with(tuple(settled), "CHANGE")
    for instant in [at(200 + day, 1) for day in range(51)]:
        for period, base in before.items():
            now, then = standing(settled[period], instant), standing(settled[base], instant)
            values = (now.value if now else None, then.value if then else None)
            expected = None if None in values else values[0] - values[1]  # type: ignore[operator]
            found = standing(changes.get(period, ()), instant)
            assert (found.value if found else None) == expected

"""Resampling against a slow, obvious twin."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.quant.resample import Ohlcv, aggregate, by_period, every, from_frame, resample_frame

NAN = float("nan")
VALUES = st.one_of(st.just(NAN), st.floats(0.01, 1e6))


@st.composite
def bars(draw: st.DrawFn) -> Ohlcv:
    size = draw(st.integers(1, 60))
    gaps = draw(st.lists(st.integers(1, 40), min_size=size, max_size=size))
    days = np.datetime64("1999-12-20") + np.cumsum(gaps)
    columns = [np.array(draw(st.lists(VALUES, min_size=size, max_size=size))) for _ in range(5)]
    return Ohlcv(days, days, *columns)


def same(a: float, b: float) -> bool:
    return (math.isnan(a) and math.isnan(b)) or a == pytest.approx(b)


def slow(values: list[float], how: str) -> float:
    known = [value for value in values if not math.isnan(value)]
    if not known:
        return NAN
    return {"first": known[0], "last": known[-1], "max": max(known), "min": min(known), "sum": sum(known)}[
        how
    ]


@given(bars(), st.integers(1, 70))
def test_aggregate_is_its_slow_twin(data: Ohlcv, count: int) -> None:
    starts = every(len(data), count)
    out = aggregate(data, starts)
    assert len(out) == math.ceil(len(data) / count)
    for index in range(len(out)):
        rows = slice(index * count, (index + 1) * count)
        assert out.first_dates[index] == data.dates[rows][0]
        assert out.dates[index] == data.dates[rows][-1]
        for name, how in (
            ("open", "first"),
            ("high", "max"),
            ("low", "min"),
            ("close", "last"),
            ("volume", "sum"),
        ):
            assert same(float(getattr(out, name)[index]), slow(getattr(data, name)[rows].tolist(), how)), name


@given(bars(), st.sampled_from(["week", "month", "quarter", "year"]))
def test_every_bar_falls_into_one_period(data: Ohlcv, period: str) -> None:
    def key(day: date) -> tuple[int, ...]:
        if period == "week":
            return day.isocalendar()[:2]
        if period == "year":
            return (day.year,)
        return (day.year, day.month if period == "month" else (day.month - 1) // 3)

    keys = [key(day) for day in data.dates.tolist()]
    expected = [row for row in range(len(keys)) if row == 0 or keys[row] != keys[row - 1]]
    assert by_period(data.dates, period).tolist() == expected  # type: ignore[arg-type]


@given(bars(), st.integers(1, 20), st.integers(1, 5))
def test_resampling_twice_is_resampling_once(data: Ohlcv, inner: int, outer: int) -> None:
    once = aggregate(data, every(len(data), inner * outer))
    first = aggregate(data, every(len(data), inner))
    twice = aggregate(first, every(len(first), outer))
    for name in ("open", "high", "low", "close", "volume"):
        np.testing.assert_allclose(getattr(twice, name), getattr(once, name))
    assert (twice.dates == once.dates).all()
    assert (twice.first_dates == once.first_dates).all()


def test_a_frame_of_sessions_becomes_a_frame_of_weeks() -> None:
    monday = date(2013, 2, 25)
    frame = pl.DataFrame(
        {
            "session_date": [monday + timedelta(days=n) for n in (0, 1, 2, 3, 4, 7)],
            "open": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            "high": [9.0, 8.0, 7.0, 6.0, 5.5, 6.5],
            "low": [0.5, 1.0, 0.2, 3.0, 4.0, 5.0],
            "close": [2.0, 3.0, 4.0, 5.0, 5.2, 6.1],
            "volume": [10, None, 30, 40, 50, None],
        }
    )
    weeks = resample_frame(frame, "week")
    assert weeks.row(0) == (date(2013, 3, 1), 1.0, 9.0, 0.2, 5.2, 130.0, 5)
    assert weeks.row(1) == (date(2013, 3, 4), 6.0, 6.5, 5.0, 6.1, None, 1)


def test_nothing_stays_nothing() -> None:
    columns = dict.fromkeys(("open", "high", "low", "close", "volume"), pl.Float64)
    empty = pl.DataFrame(schema={"session_date": pl.Date, **columns})
    assert resample_frame(empty, "month").height == 0
    assert len(aggregate(from_frame(empty), every(0, 3))) == 0

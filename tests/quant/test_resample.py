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
    weeks = resample_frame(frame, "week").select(*frame.columns, "sessions")
    assert weeks.row(0) == (date(2013, 3, 1), 1.0, 9.0, 0.2, 5.2, 130.0, 5)
    assert weeks.row(1) == (date(2013, 3, 4), 6.0, 6.5, 5.0, 6.1, None, 1)


PERIODS = ["week", "month", "quarter", "year"]


@given(bars(), st.sampled_from(PERIODS))
def test_a_bar_names_the_sessions_and_factors_that_made_it(data: Ohlcv, period: str) -> None:
    factors = np.linspace(0.25, 1.0, len(data))
    columns = {name: getattr(data, name) for name in ("open", "high", "low", "close", "volume")}
    frame = pl.DataFrame({"session_date": data.dates, **columns}).with_columns(
        pl.col("session_date").cast(pl.Date), split_factor=factors, dividend_factor=pl.lit(0.5)
    )
    by_day = {row["session_date"]: row for row in frame.iter_rows(named=True)}
    for row in resample_frame(frame, period).iter_rows(named=True):  # type: ignore[arg-type]
        days = [day for day in by_day if row["first_date"] <= day <= row["session_date"]]
        assert len(days) == row["sessions"]
        assert row["bucket"] <= row["first_date"]
        for name in ("open", "high", "low", "close"):
            day = row[f"{name}_date"]
            if row[name] is None:
                assert day is None
                continue
            assert day in days
            assert by_day[day][name] == row[name]
            assert row[f"{name}_factor"] == pytest.approx(by_day[day]["split_factor"] * 0.5)
        known = [
            (by_day[d]["volume"], by_day[d]["split_factor"])
            for d in days
            if by_day[d]["volume"] == by_day[d]["volume"]
        ]
        if known and row["volume_factor"] is not None:
            assert row["volume"] / row["volume_factor"] == pytest.approx(sum(v * f for v, f in known))


def test_a_period_is_named_by_its_first_day() -> None:
    days = [date(2008, 2, 29), date(2008, 3, 2), date(2008, 3, 3), date(2008, 12, 31)]
    frame = pl.DataFrame({"session_date": days, **dict.fromkeys(("open", "high", "low", "close"), [1.0] * 4)})
    starts = {period: resample_frame(frame, period)["bucket"].to_list() for period in PERIODS}  # type: ignore[arg-type]
    assert starts["week"] == [date(2008, 2, 25), date(2008, 3, 3), date(2008, 12, 29)]
    assert starts["month"] == [date(2008, 2, 1), date(2008, 3, 1), date(2008, 12, 1)]
    assert starts["quarter"] == [date(2008, 1, 1), date(2008, 10, 1)]
    assert starts["year"] == [date(2008, 1, 1)]


def test_nothing_stays_nothing() -> None:
    columns = dict.fromkeys(("open", "high", "low", "close", "volume"), pl.Float64)
    empty = pl.DataFrame(schema={"session_date": pl.Date, **columns})
    assert resample_frame(empty, "month").height == 0
    assert len(aggregate(from_frame(empty), every(0, 3))) == 0

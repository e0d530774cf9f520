"""Splits undone: what a vendor's adjustment did to prices, volumes and dividends comes out as traded."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.base import InstalledPackages
from providers.embedded.bokeh import STOCKS
from providers.source import Request, Subject
from providers.vendor_bars import PRICES, later_ratio, one_dividend_a_day, undo_splits
from providers.vendor_values import from_epoch, instant_of, number, whole
from providers.yahoo import SOURCE
from tests.providers.sources.samples.yahoo import chart
from tests.providers.sources.vendors import answered, rows

FIRST = date(2000, 1, 3)
RATIOS = (2.0, 3.0, 1.5, 4.0, 7.0, 10.0, 20.0, 0.5, 0.1, 0.05, 1.281)
days = st.integers(0, 400).map(lambda after: FIRST + timedelta(days=after))
splits = st.lists(st.tuples(days, st.sampled_from(RATIOS)), max_size=5, unique_by=lambda split: split[0])


def adjusted(bars: pl.DataFrame, told: list[tuple[date, float]]) -> pl.DataFrame:
    """What a vendor does, the slow way: each split in turn, over every bar before it."""
    made: list[dict[str, Any]] = list(bars.iter_rows(named=True))
    for ex_date, ratio in told:
        for bar in made:
            if bar["session_date"] < ex_date:
                for name in PRICES:
                    bar[name] /= ratio
                bar["volume"] = bar["volume"] * ratio
    return pl.DataFrame(made, schema={**bars.schema, "volume": pl.Float64})


@st.composite
def traded(draw: st.DrawFn) -> pl.DataFrame:
    sessions = sorted(draw(st.sets(days, min_size=1, max_size=12)))
    price = st.floats(0.01, 500_000, allow_nan=False)
    return pl.DataFrame(
        [
            {
                "session_date": day, **{name: draw(price) for name in PRICES},
                "volume": draw(st.integers(0, 10**10)),
            }
            for day in sessions
        ],
        schema={"session_date": pl.Date, **dict.fromkeys(PRICES, pl.Float64), "volume": pl.Int64},
    )  # fmt: skip


@given(traded(), splits)
def test_adjusting_and_undoing_is_the_identity(bars: pl.DataFrame, told: list[tuple[date, float]]) -> None:
    undone = undo_splits(adjusted(bars, told), told)
    for name in PRICES:
        assert undone[name].to_list() == pytest.approx(bars[name].to_list(), rel=1e-12)
    assert undone["volume"].to_list() == bars["volume"].to_list()


@given(traded(), splits)
def test_the_order_in_which_splits_are_told_does_not_matter(
    bars: pl.DataFrame, told: list[tuple[date, float]]
) -> None:
    assert undo_splits(bars, told).equals(undo_splits(bars, told[::-1]))


@given(st.lists(days, min_size=1, max_size=20), splits)
def test_later_ratio_is_the_product_of_the_splits_after_the_day(
    asked: list[date], told: list[tuple[date, float]]
) -> None:
    slow = [float(np.prod([ratio for ex_date, ratio in told if ex_date > day])) for day in asked]
    assert later_ratio(pl.Series(asked), told).to_list() == pytest.approx(slow)


def test_on_the_ex_date_nothing_is_undone() -> None:
    told = [(date(2020, 8, 31), 4.0)]
    around = pl.Series([date(2020, 8, 30), date(2020, 8, 31), date(2020, 9, 1)])
    assert later_ratio(around, told).to_list() == [4.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("ticker", "told"),
    [
        ("AAPL", [(date(2000, 6, 21), 2.0), (date(2005, 2, 28), 2.0), (date(2014, 6, 9), 7.0),
                  (date(2020, 8, 31), 4.0)]),
        ("IBM", [(date(2021, 11, 4), 1.046)]),  # a spin-off, which Yahoo tells as a split
    ],
)  # fmt: skip
def test_thirteen_years_as_yahoo_would_tell_them_come_out_as_traded(
    ticker: str, told: list[tuple[date, float]], tmp_path: Path
) -> None:
    """Prices as traded from another source, adjusted as Yahoo does and kept as it does, in 32 bits."""
    traded_bars = (
        pl.read_csv(InstalledPackages().read(STOCKS), schema_overrides={"Ticker": pl.String, "Date": pl.Date})
        .filter(pl.col("Ticker") == ticker)
        .select(session_date="Date", open="Open", high="High", low="Low", close="Close", volume="Volume")
    )
    vendor = adjusted(traded_bars, told)
    stamps = [
        int(datetime(d.year, d.month, d.day, 15, tzinfo=UTC).timestamp()) for d in vendor["session_date"]
    ]
    quote = {name: [float(np.float32(value)) for value in vendor[name]] for name in PRICES}
    events = {
        str(at): {
            "date": int(datetime(day.year, day.month, day.day, 15, tzinfo=UTC).timestamp()),
            "numerator": ratio, "denominator": 1,
        }
        for at, (day, ratio) in enumerate(told)
    }  # fmt: skip
    body = chart(stamps, {**quote, "volume": [round(v) for v in vendor["volume"]]}, {"splits": events})
    answer = answered(
        SOURCE, Request("bars", Subject(f"us-equity:{ticker}", ticker)),
        {f"/v8/finance/chart/{ticker}": body}, tmp_path, datetime(2026, 11, 20, 22, tzinfo=UTC),
    )  # fmt: skip
    bars = {row["session_date"]: row for row in rows(answer, "bars")}
    assert len(bars) > 3_200
    for row in traded_bars.iter_rows(named=True):
        bar = bars.get(row["session_date"])
        if bar is not None:  # what the source has wrong is set aside, whoever tells it
            assert bar["close"] == pytest.approx(row["close"], abs=1e-4)
            assert bar["volume"] == pytest.approx(row["volume"], abs=1)
    assert sum(aside.rows.height for aside in answer.quarantined if aside.rows is not None) <= 5
    assert all(first < second for first, second in pairwise(sorted(bars)))


def test_dividends_of_one_day_are_one_amount() -> None:
    base = {"identity": "a", "ex_date": FIRST, "currency": "USD", "note": None, "announced_date": None}
    regular = {**base, "amount": 0.25, "announced_date": date(1999, 12, 1)}
    special = {**base, "amount": 1.0, "note": "special", "announced_date": date(1999, 12, 9)}
    (one,) = one_dividend_a_day([regular, special, dict(regular)])
    assert (one["amount"], one["announced_date"], one["note"]) == (
        1.25,
        date(1999, 12, 9),
        "0.25 regular + 1 special",
    )
    (unsaid,) = one_dividend_a_day([regular, {**special, "announced_date": None}])
    assert unsaid["announced_date"] is None  # one part's announcement is not the whole's
    assert len(one_dividend_a_day([regular, {**regular, "currency": "EUR"}])) == 2


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("1,234.5", 1234.5),
        ("None", None),
        ("-", None),
        (" ", None),
        (True, None),
        (7, 7.0),
        ("x", None),
        (None, None),
    ],
)
def test_numbers_told_as_text(told: object, found: float | None) -> None:
    assert number(told) == found


def test_times_and_whole_numbers() -> None:
    assert instant_of("2024-04-25T20:00:00.259610112Z") == datetime(2024, 4, 25, 20, 0, 0, 259610, tzinfo=UTC)
    assert instant_of("2024-04-25T20:00:00.5+02:00") == datetime(2024, 4, 25, 18, 0, 0, 500000, tzinfo=UTC)
    assert instant_of("2024-04-25T20:00:00") is None
    assert from_epoch(1651254260800059648, 1_000_000_000) == datetime(
        2022, 4, 29, 17, 44, 20, 800059, tzinfo=UTC
    )
    assert from_epoch(10**30) is None
    assert from_epoch("5") is None
    assert from_epoch(float("nan")) is None
    assert (whole("1234.0"), whole(float("nan")), whole("-")) == (1234, None, None)

"""Adjustment as of T, each case worked by hand. The prices are made up except where named."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from store import Store, StoreError
from store.adjust import unpriced
from tests.store.rows import append, at, bar, dividend, frame, split

# Apple's split of 2014: announced 23 April, 7 new shares for one old from 9 June on.
APPLE = (bar(1, "2014-06-05", 647.35), bar(1, "2014-06-06", 645.57), bar(1, "2014-06-09", 93.70))
SEVEN = split(1, "2014-06-09", 7.0, known="2014-04-23")


def closes(store: Store, asof: str, adjust: str = "splits", **window: date) -> list[float]:
    bars = store.reader(at(asof)).bars(1, adjust=adjust, **window)  # type: ignore[arg-type]
    return bars["close"].to_list()


def test_a_split_not_yet_announced_changes_nothing(store: Store) -> None:
    append(store, bars=frame(bar(1, "2014-04-22", 531.70)), actions=frame(SEVEN))
    assert closes(store, "2014-04-22") == [531.70]


def test_a_split_announced_but_not_yet_ex_does_not_apply(store: Store) -> None:
    append(store, bars=frame(*APPLE), actions=frame(SEVEN))
    assert closes(store, "2014-06-06") == [647.35, 645.57]


def test_a_seven_for_one_split_applies_from_its_ex_date(store: Store) -> None:
    append(store, bars=frame(*APPLE), actions=frame(SEVEN))
    bars = store.reader(at("2014-06-09")).bars(1)
    assert bars["close"].to_list() == pytest.approx([647.35 / 7, 645.57 / 7, 93.70], rel=1e-15)
    assert bars["split_factor"].to_list() == [1 / 7, 1 / 7, 1.0]
    assert bars["volume"].to_list() == [4900, 4900, 700]
    assert bars["dividend_factor"].to_list() == [1.0, 1.0, 1.0]


def test_on_the_morning_of_the_ex_date_yesterdays_prices_are_already_in_new_shares(store: Store) -> None:
    append(store, bars=frame(*APPLE), actions=frame(SEVEN))
    assert closes(store, "2014-06-09T13:00") == pytest.approx([647.35 / 7, 645.57 / 7])


def test_late_evening_in_new_york_is_still_the_day_before_the_ex_date(store: Store) -> None:
    append(store, bars=frame(*APPLE), actions=frame(SEVEN))
    assert closes(store, "2014-06-09T03:59") == [647.35, 645.57]


def test_as_traded_prices_are_never_touched(store: Store) -> None:
    append(store, bars=frame(*APPLE), actions=frame(SEVEN))
    assert closes(store, "2014-06-10", "none") == [647.35, 645.57, 93.70]


def test_splits_multiply(store: Store) -> None:
    append(
        store,
        bars=frame(bar(1, "2020-01-02", 120.0), bar(1, "2020-01-03", 61.0), bar(1, "2020-01-06", 20.0)),
        actions=frame(
            split(1, "2020-01-03", 2.0, known="2020-01-01"), split(1, "2020-01-06", 3.0, known="2020-01-01")
        ),
    )
    bars = store.reader(at("2020-01-06")).bars(1)
    assert bars["split_factor"].to_list() == [1 / 6, 1 / 3, 1.0]
    assert bars["close"].to_list() == pytest.approx([20.0, 61 / 3, 20.0])


def test_a_reverse_split_raises_old_prices(store: Store) -> None:
    append(
        store,
        bars=frame(bar(1, "2020-01-02", 0.5), bar(1, "2020-01-03", 5.1)),
        actions=frame(split(1, "2020-01-03", 0.1, known="2020-01-01")),
    )
    bars = store.reader(at("2020-01-03")).bars(1)
    assert bars["close"].to_list() == pytest.approx([5.0, 5.1])
    assert bars["volume"].to_list() == [70, 700]


def test_a_cancelled_split_applies_only_while_it_was_believed(store: Store) -> None:
    believed = split(1, "2020-01-03", 2.0, known="2020-01-01")
    append(store, bars=frame(bar(1, "2020-01-02", 10.0), bar(1, "2020-01-03", 10.0)), actions=frame(believed))
    append(store, actions=frame(split(1, "2020-01-03", 2.0, known="2020-01-06", deleted=True)))
    assert closes(store, "2020-01-03") == [5.0, 10.0]
    assert closes(store, "2020-01-06") == [10.0, 10.0]


def test_a_revised_ratio_holds_from_its_own_time(store: Store) -> None:
    append(
        store,
        bars=frame(bar(1, "2020-01-02", 12.0), bar(1, "2020-01-03", 4.0)),
        actions=frame(split(1, "2020-01-03", 2.0, known="2020-01-01")),
    )
    append(store, actions=frame(split(1, "2020-01-03", 3.0, known="2020-01-07")))
    assert closes(store, "2020-01-06") == [6.0, 4.0]
    assert closes(store, "2020-01-07") == pytest.approx([4.0, 4.0])


def test_a_dividend_takes_its_share_of_the_close_before(store: Store) -> None:
    append(
        store,
        bars=frame(bar(1, "2020-01-02", 50.0), bar(1, "2020-01-03", 100.0), bar(1, "2020-01-06", 98.0)),
        actions=frame(dividend(1, "2020-01-06", 2.0, known="2020-01-01")),
    )
    bars = store.reader(at("2020-01-06")).bars(1, adjust="total")
    assert bars["dividend_factor"].to_list() == [0.98, 0.98, 1.0]
    assert bars["close"].to_list() == pytest.approx([49.0, 98.0, 98.0])
    assert bars["volume"].to_list() == [700, 700, 700]
    assert closes(store, "2020-01-06") == [50.0, 100.0, 98.0]


def test_a_dividend_before_a_split_is_measured_as_traded(store: Store) -> None:
    # 2 of 100 on 3 January (0.98), then 2:1 on 7 January: 100 -> 100 * 0.98 / 2 = 49.
    append(
        store,
        bars=frame(bar(1, "2020-01-02", 100.0), bar(1, "2020-01-03", 98.0), bar(1, "2020-01-07", 49.0)),
        actions=frame(
            dividend(1, "2020-01-03", 2.0, known="2020-01-01"),
            split(1, "2020-01-07", 2.0, known="2020-01-01"),
        ),
    )
    assert closes(store, "2020-01-03", "total") == pytest.approx([98.0, 98.0])
    assert closes(store, "2020-01-07", "total") == pytest.approx([49.0, 49.0, 49.0])


def test_a_dividend_on_a_splits_ex_date_is_per_new_share(store: Store) -> None:
    # 100 before is 50 a new share; 1 of 50 is a fiftieth.
    append(
        store,
        bars=frame(bar(1, "2020-01-02", 100.0), bar(1, "2020-01-03", 49.0)),
        actions=frame(
            dividend(1, "2020-01-03", 1.0, known="2020-01-01"),
            split(1, "2020-01-03", 2.0, known="2020-01-01"),
        ),
    )
    bars = store.reader(at("2020-01-03")).bars(1, adjust="total")
    assert bars["dividend_factor"].to_list() == [0.98, 1.0]
    assert bars["close"].to_list() == pytest.approx([49.0, 49.0])


def test_a_window_is_adjusted_as_the_whole_is(store: Store) -> None:
    append(
        store,
        bars=frame(*[bar(1, f"2020-01-{day:02d}", 100.0 - day) for day in (2, 3, 6, 7, 8, 9)]),
        actions=frame(
            dividend(1, "2020-01-06", 2.0, known="2020-01-01"),
            split(1, "2020-01-08", 2.0, known="2020-01-01"),
            dividend(1, "2020-01-09", 1.0, known="2020-01-01"),
        ),
    )
    whole = closes(store, "2020-01-09", "total")
    window = closes(store, "2020-01-09", "total", start=date(2020, 1, 3), end=date(2020, 1, 7))
    assert window == whole[1:4]


def test_a_dividend_as_large_as_the_price_makes_no_number(store: Store) -> None:
    append(
        store,
        bars=frame(bar(1, "2020-01-02", 2.0), bar(1, "2020-01-03", 1.0)),
        actions=frame(dividend(1, "2020-01-03", 2.0, known="2020-01-01")),
    )
    bars = store.reader(at("2020-01-03")).bars(1, adjust="total")
    assert bars["close"].to_list() == [None, 1.0]


def test_each_security_has_its_own_actions(store: Store) -> None:
    days = ("2020-01-02", "2020-01-03")
    append(
        store,
        bars=frame(*[bar(security, day, 8.0) for security in (1, 2, 3) for day in days]),
        actions=frame(
            split(1, "2020-01-03", 2.0, known="2020-01-01"), split(3, "2020-01-03", 4.0, known="2020-01-01")
        ),
    )
    bars = store.reader(at("2020-01-03")).bars([3, 1, 2])
    assert bars["close"].to_list() == [4.0, 8.0, 8.0, 8.0, 2.0, 8.0]


def test_vendor_adjusted_closes_show_only_their_ratios(store: Store) -> None:
    rows = [
        {"security_id": 1, "session_date": date(2020, 1, day), "basis": basis, "close": close}
        for basis, series in (("adjusted", (4.0, 5.0, 6.0)), ("fixing", (1.1, 1.2, 1.3)))
        for day, close in zip((2, 3, 6), series, strict=True)
    ]
    instants = pl.col("session_date").cast(pl.Datetime("us")).dt.replace_time_zone("UTC").alias("known_at")
    append(store, closes=pl.DataFrame(rows).with_columns(instants))
    reader = store.reader(at("2020-01-07"))
    assert reader.closes(1, basis="adjusted")["close"].to_list() == pytest.approx([100.0, 125.0, 150.0])
    later = reader.closes(1, start=date(2020, 1, 3), basis="adjusted")
    assert later["close"].to_list() == pytest.approx([125.0, 150.0])
    assert reader.closes(1, basis="fixing")["close"].to_list() == [1.1, 1.2, 1.3]
    assert reader.closes(1, start=date(2020, 1, 6))["basis"].to_list() == ["adjusted", "fixing"]


def test_an_unknown_adjustment_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="none, splits or total"):
        store.reader(at("2020-01-03")).bars(1, adjust="all")  # type: ignore[arg-type]


def test_a_split_between_the_last_bar_and_a_later_ex_date_is_in_the_factor(store: Store) -> None:
    # Apple's own: 7:1 from 9 June 2014, 0.47 a new share ex 7 August; here the bars end days before, at 420
    append(
        store,
        bars=frame(bar(1, "2014-06-05", 410.0), bar(1, "2014-06-06", 420.0)),
        actions=frame(
            split(1, "2014-06-09", 7.0, known="2014-04-23"),
            dividend(1, "2014-06-16", 0.47, known="2014-06-01"),
        ),
    )
    bars = store.reader(at("2014-09-01")).bars(1, adjust="total")
    assert bars["dividend_factor"].to_list() == pytest.approx([1 - 0.47 / 60.0] * 2)  # 420 is 60 a new share
    assert bars["close"][-1] == pytest.approx(60.0 - 0.47)


def test_several_splits_between_close_and_ex_date_multiply_and_later_ones_do_not(store: Store) -> None:
    append(
        store,
        bars=frame(bar(1, "2020-01-02", 60.0), bar(1, "2020-01-10", 9.0)),
        actions=frame(
            split(1, "2020-01-03", 2.0, known="2020-01-01"),
            split(1, "2020-01-06", 3.0, known="2020-01-01"),
            dividend(1, "2020-01-06", 1.0, known="2020-01-01"),
            split(1, "2020-01-13", 5.0, known="2020-01-01"),
        ),
    )
    bars = store.reader(at("2020-01-13")).bars(1, adjust="total")
    assert bars["dividend_factor"].to_list() == pytest.approx([0.9, 1.0])  # 1 of 60 / (2 x 3)


def test_a_dividend_long_after_the_last_close_changes_nothing_and_is_named(store: Store) -> None:
    rows = (bar(1, "2013-02-28", 410.0), bar(1, "2013-03-01", 420.0))
    late, fresh = (dividend(1, day, 0.5, known=day) for day in ("2013-03-18", "2013-03-15"))
    before_all = dividend(1, "2013-02-01", 0.5, known="2013-01-02")
    append(store, bars=frame(*rows), actions=frame(before_all, fresh, late))
    reader = store.reader(at("2014-09-01"))
    bars = reader.bars(1, adjust="total")
    assert bars["dividend_factor"].to_list() == pytest.approx([1 - 0.5 / 420.0] * 2)
    left_out = unpriced(bars, reader.actions(1))
    assert left_out["ex_date"].to_list() == [date(2013, 3, 18)]
    assert left_out["before"].to_list() == [date(2013, 3, 1)]

"""What is older than the packages: bars made of bars, futures joined, vintages, statements, cross rates."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from engine.quant.resample import Ohlcv, aggregate, by_period, every
from engine.quant.rolls import schedule
from tests.quant.causal import DAYS, Floats, Market


def finished(data: Market, starts: np.ndarray) -> Floats:
    """On each day the bar of the last bucket that was over by then."""
    whole = aggregate(
        Ohlcv(data.dates, data.dates, data.open, data.high, data.low, data.close, data.volume), starts
    )
    table = np.column_stack([whole.open, whole.high, whole.low, whole.close, whole.volume])
    ends = np.append(starts[1:], DAYS) - 1
    over = np.searchsorted(ends, np.arange(DAYS), side="right") - 1
    return np.where(over[:, None] >= 0, table[np.maximum(over, 0)], np.nan)


def held(data: Market) -> Floats:
    """The contract of each session, by volume: each contract's is at its highest 30 days before it ends."""
    days = [day.astype(object) for day in data.dates]
    ends = [days[0] + timedelta(days=90 * (at + 1)) for at in range(7)]
    rows = [
        {"session_date": day, "contract": f"C{at}", "open_interest": 1.0,
         "volume": float(data.volume[row] * np.exp(-abs((end - day).days - 30) / 20))}
        for row, day in enumerate(days)
        for at, end in enumerate(ends)
        if day <= end
    ]  # fmt: skip
    terms = pl.DataFrame(
        {"contract": [f"C{at}" for at in range(7)], "delivery_month": ends, "first_notice_date": ends,
         "last_trade_date": ends}
    )  # fmt: skip
    found = schedule(pl.DataFrame(rows), terms, "volume")
    by_day: dict[date, float] = {
        day: float(name[1:])
        for day, name in zip(found["session_date"], found["contract"], strict=True)
        if name
    }
    return np.array([by_day.get(day, np.nan) for day in days])


CASES = {
    "resample.aggregate": lambda data: finished(data, by_period(data.dates, "month")),
    "resample.aggregate[every]": lambda data: finished(data, every(DAYS, 7)),
    "rolls.schedule": held,
}
_BUCKETS = "of one bucket's rows: a bucket under way grows, and is told by its last session"
_VERSIONS = "of versions that each have their own known_at: the clock's tests hold them"
TIMELESS = {
    **{
        f"resample.{name}": _BUCKETS
        for name in (
            "by_period", "every", "extreme_row", "first_valid", "first_valid_row", "from_frame", "last_valid",
            "last_valid_row", "resample_frame", "sum_valid",
        )
    },
    "rolls.continuous": "its levels change with every roll to come, and it says so; what is held does not",
    **{
        f"vintages.{name}": _VERSIONS
        for name in (
            "compared_with", "first_vintage", "frequency", "next_period", "next_release", "released", "settle",
            "standing", "transformed",
        )
    },
    **{f"fundamentals.{name}": _VERSIONS for name in ("read", "read_books")},
    "crosses.crosses": "of one moment's rates",
}  # fmt: skip

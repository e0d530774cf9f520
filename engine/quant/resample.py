"""OHLC resampling: several bars into one, by equal counts or by calendar week, month, quarter, year.

One bar made of many opens where the first of them opened, closes where the last of them closed,
reaches as high and as low as any of them, and trades the sum of their volumes. Every bar falls into
exactly one bucket; nothing is dropped, nothing is interpolated. NaN is "no value": it never wins a
maximum or a sum, and a bucket of nothing but NaN stays NaN.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

Floats: TypeAlias = "NDArray[np.float64]"
Index: TypeAlias = "NDArray[np.int64]"
Dates: TypeAlias = "NDArray[np.datetime64]"
Period: TypeAlias = Literal["week", "month", "quarter", "year"]


@dataclass(frozen=True, slots=True)
class Ohlcv:
    """Bars as arrays of one length, shape (n,).

    ``dates`` is the last session of each bar (datetime64[D], ascending), ``first_dates`` its first;
    they differ only where bars were resampled. Prices and volume are float64, NaN where missing.
    """

    dates: Dates
    first_dates: Dates
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats

    def __len__(self) -> int:
        return len(self.dates)


def from_frame(frame: pl.DataFrame) -> Ohlcv:
    """Arrays of a frame with session_date, open, high, low, close and perhaps volume."""
    dates = frame["session_date"].to_numpy().astype("datetime64[D]")

    def column(name: str) -> Floats:
        if name not in frame.columns:
            return np.full(len(dates), np.nan)
        # a null becomes NaN on the way to numpy, also out of an integer column
        return frame[name].cast(float).to_numpy().astype(np.float64)

    return Ohlcv(dates, dates, *(column(name) for name in ("open", "high", "low", "close", "volume")))


def every(length: int, count: int) -> Index:
    """First rows of buckets of ``count`` rows: bucket of row i is i // count, whatever part is looked at.

    Buckets are anchored at the first row, so that panning never regroups them; the last may be short.
    """
    return np.arange(0, length, max(1, count), dtype=np.int64)


def by_period(dates: Dates, period: Period) -> Index:
    """First rows of buckets of one calendar period each (weeks begin on Monday, ISO 8601)."""
    if not len(dates):
        return np.zeros(0, dtype=np.int64)
    days = dates.astype("datetime64[D]")
    if period == "week":  # day 0 of the epoch was a Thursday
        ids = (days.astype(np.int64) + 3) // 7
    elif period == "year":
        ids = days.astype("datetime64[Y]").astype(np.int64)
    else:
        ids = days.astype("datetime64[M]").astype(np.int64) // (3 if period == "quarter" else 1)
    return np.concatenate(([0], np.flatnonzero(np.diff(ids)) + 1)).astype(np.int64)


def first_valid(values: Floats, starts: Index) -> Floats:
    """The first value of each bucket that is not NaN."""
    size = len(values)
    rows = np.where(np.isnan(values), size, np.arange(size))
    picked = np.minimum.reduceat(rows, starts)
    return np.where(picked < size, values[np.minimum(picked, size - 1)], np.nan)


def last_valid(values: Floats, starts: Index) -> Floats:
    """The last value of each bucket that is not NaN."""
    rows = np.where(np.isnan(values), -1, np.arange(len(values)))
    picked = np.maximum.reduceat(rows, starts)
    return np.where(picked >= 0, values[np.maximum(picked, 0)], np.nan)


def sum_valid(values: Floats, starts: Index) -> Floats:
    """The sum of each bucket, NaN left out; NaN where the bucket holds nothing else."""
    missing = np.isnan(values)
    sums = np.add.reduceat(np.where(missing, 0.0, values), starts)
    counts = np.add.reduceat(np.where(missing, 0, 1), starts)
    return np.where(counts > 0, sums, np.nan)


def aggregate(bars: Ohlcv, starts: Index) -> Ohlcv:
    """One bar a bucket; ``starts`` are the buckets' first rows: ascending, the first of them 0."""
    if not len(bars):
        return bars
    ends = np.concatenate((starts[1:], [len(bars)])) - 1
    return Ohlcv(
        dates=bars.dates[ends],
        first_dates=bars.first_dates[starts],
        open=first_valid(bars.open, starts),
        high=np.fmax.reduceat(bars.high, starts),
        low=np.fmin.reduceat(bars.low, starts),
        close=last_valid(bars.close, starts),
        volume=sum_valid(bars.volume, starts),
    )


def resample_frame(frame: pl.DataFrame, period: Period) -> pl.DataFrame:
    """A frame of bars of one calendar period each, dated by their last session.

    Returns session_date, open, high, low, close, volume and ``sessions`` (how many went into the bar).
    """
    import polars as pl

    bars = from_frame(frame)
    starts = by_period(bars.dates, period)
    out = aggregate(bars, starts)
    sizes = np.diff(np.concatenate((starts, [len(bars)])).astype(np.int64))
    columns: dict[str, Any] = {"session_date": out.dates}
    columns |= {name: getattr(out, name) for name in ("open", "high", "low", "close", "volume")}
    columns["sessions"] = sizes
    result = pl.DataFrame(columns).with_columns(pl.col("session_date").cast(pl.Date))
    return result.with_columns(pl.col("open", "high", "low", "close", "volume").fill_nan(None))

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

__all__ = [
    "Ohlcv",
    "aggregate",
    "by_period",
    "every",
    "extreme_row",
    "first_valid",
    "first_valid_row",
    "from_frame",
    "last_valid",
    "last_valid_row",
    "resample_frame",
    "sum_valid",
]

Floats: TypeAlias = "NDArray[np.float64]"
Index: TypeAlias = "NDArray[np.int64]"
Dates: TypeAlias = "NDArray[np.datetime64]"
Period: TypeAlias = Literal["week", "month", "quarter", "year"]


@dataclass(frozen=True, slots=True)
class Ohlcv:
    """Bars as arrays of one length, shape (n,).

    ``dates`` is the last session of each bar (datetime64[D], ascending; of bars within sessions their start on
    the exchange's clocks, datetime64[m]), ``first_dates`` its first; they differ only where bars were resampled.
    Prices and volume are float64, NaN where missing.
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
    """Arrays of a frame with session_date (or local_time, within sessions), open, high, low, close and perhaps
    volume."""
    within = "local_time" in frame.columns
    dates = frame["local_time" if within else "session_date"].to_numpy()
    dates = dates.astype("datetime64[m]" if within else "datetime64[D]")

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


def first_valid_row(values: Floats, starts: Index) -> Index:
    """The first row of each bucket whose value is not NaN; -1 where there is none."""
    size = len(values)
    picked = np.minimum.reduceat(np.where(np.isnan(values), size, np.arange(size)), starts)
    return np.where(picked < size, picked, -1).astype(np.int64)


def last_valid_row(values: Floats, starts: Index) -> Index:
    """The last row of each bucket whose value is not NaN; -1 where there is none."""
    rows = np.where(np.isnan(values), -1, np.arange(len(values)))
    return np.maximum.reduceat(rows, starts).astype(np.int64)


def extreme_row(values: Floats, starts: Index, extremes: Floats) -> Index:
    """The first row of each bucket that reaches the bucket's extreme; -1 where there is none."""
    sizes = np.diff(np.append(starts, len(values)))
    reached = np.where(values == np.repeat(extremes, sizes), values, np.nan)
    return first_valid_row(reached, starts)


def first_valid(values: Floats, starts: Index) -> Floats:
    """The first value of each bucket that is not NaN."""
    return _taken(values, first_valid_row(values, starts))


def last_valid(values: Floats, starts: Index) -> Floats:
    """The last value of each bucket that is not NaN."""
    return _taken(values, last_valid_row(values, starts))


def _taken(values: Floats, rows: Index) -> Floats:
    return np.where(rows >= 0, values[np.maximum(rows, 0)], np.nan)


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

    Returns session_date, open, high, low, close, volume; ``sessions`` (how many went into the bar),
    ``first_date`` (the first of them) and ``bucket`` (the period's first day, a bar's name while it grows);
    and for each price the session that made it (``high_date``) and, where the frame has factors, what its
    source was multiplied by there (``high_factor``; ``volume_factor`` is of the sums).
    """
    import polars as pl

    bars = from_frame(frame)
    starts = by_period(bars.dates, period)
    out = aggregate(bars, starts)
    columns: dict[str, Any] = {"session_date": out.dates}
    columns |= {name: getattr(out, name) for name in ("open", "high", "low", "close", "volume")}
    columns["sessions"] = np.diff(np.append(starts, len(bars))) if len(bars) else starts
    columns["first_date"] = out.first_dates
    columns["bucket"] = _period_start(out.dates, period)
    if len(bars):
        columns |= _made_by(frame, bars, out, starts)
    result = pl.DataFrame(columns)
    days = [name for name in result.columns if name.endswith("_date") or name == "bucket"]
    floats = [name for name in result.columns if result.schema[name].is_float()]
    return result.with_columns(pl.col(days).cast(pl.Date), pl.col(floats).fill_nan(None))


def _period_start(dates: Dates, period: Period) -> Dates:
    days = dates.astype("datetime64[D]")
    if period == "week":
        into: Dates = days - ((days.astype(np.int64) + 3) % 7).astype("timedelta64[D]")
        return into
    if period == "quarter":
        months = days.astype("datetime64[M]").astype(np.int64)
        return (months // 3 * 3).astype("datetime64[M]").astype("datetime64[D]")
    return days.astype("datetime64[Y]" if period == "year" else "datetime64[M]").astype("datetime64[D]")


def _made_by(frame: pl.DataFrame, bars: Ohlcv, out: Ohlcv, starts: Index) -> dict[str, Any]:
    """Which session made each price of a bucket, and the factor it was adjusted by."""
    rows = {
        "open": first_valid_row(bars.open, starts),
        "high": extreme_row(bars.high, starts, out.high),
        "low": extreme_row(bars.low, starts, out.low),
        "close": last_valid_row(bars.close, starts),
    }
    never = np.datetime64("NaT", "D")
    columns: dict[str, Any] = {
        f"{name}_date": np.where(row >= 0, bars.dates[np.maximum(row, 0)].astype("datetime64[D]"), never)
        for name, row in rows.items()
    }
    if {"split_factor", "dividend_factor"} <= set(frame.columns):
        split = frame["split_factor"].cast(float).to_numpy()
        factor = split * frame["dividend_factor"].cast(float).to_numpy()
        columns |= {f"{name}_factor": _taken(factor, row) for name, row in rows.items()}
        traded = sum_valid(bars.volume * split, starts)
        columns["volume_factor"] = np.divide(
            out.volume, traded, out=np.full(len(traded), np.nan), where=traded > 0
        )
    return columns

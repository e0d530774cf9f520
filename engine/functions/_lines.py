"""Rows of a history as bars of a week or month, and as lines that remember their sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.history import Frequency, History
from engine.page import Series

if TYPE_CHECKING:
    from datetime import date

    import numpy as np
    import polars as pl

    from engine.quant.resample import Period as CalendarPeriod

_EVERY: dict[str, Frequency] = {"D": "daily", "W": "weekly", "M": "monthly"}
_CALENDAR: dict[str, CalendarPeriod] = {"W": "week", "M": "month"}
_ORDER: tuple[Frequency, ...] = ("daily", "weekly", "monthly", "quarterly", "yearly")


def every(history: History, interval: str) -> Frequency:
    """How far apart the rows drawn are: as asked, but no closer than the series' own."""
    return max(_EVERY[interval], history.frequency, key=_ORDER.index)


def in_bars(history: History, rows: pl.DataFrame, interval: str, base: date | None = None) -> pl.DataFrame:
    """Bars of the asked length made of ``rows`` alone; of closes, the last of each week or month.

    ``base`` is the session that the range's change is measured from: it stands alone, so that a weekly
    chart's change is the daily one's.
    """
    import polars as pl

    if interval == "D" or rows.is_empty():
        return rows
    if base is None or rows["session_date"][0] != base:
        return _merged(history, rows, interval)
    first = _merged(history, rows.head(1), interval)
    if "bucket" in first.columns:
        first = first.with_columns(bucket=pl.col("session_date"))
    rest = rows.slice(1)
    return pl.concat([first, _merged(history, rest, interval)]) if rest.height else first


def _merged(history: History, rows: pl.DataFrame, interval: str) -> pl.DataFrame:
    import polars as pl

    if history.shape == "bars":
        from engine.quant.resample import resample_frame

        return resample_frame(rows, _CALENDAR[interval])
    every = {"W": "1w", "M": "1mo"}[interval]
    last = rows.group_by(pl.col("session_date").dt.truncate(every).alias("bucket"), maintain_order=True)
    return last.agg(pl.all().last()).drop("bucket")


def factors(history: History, frame: pl.DataFrame) -> np.ndarray | None:
    """What the closes of ``frame`` were multiplied by; None where only the vendor knows."""
    import numpy as np

    if "close_factor" in frame.columns:
        return frame["close_factor"].to_numpy()
    if "split_factor" in frame.columns:
        return (frame["split_factor"] * frame["dividend_factor"]).to_numpy()
    return None if history.basis == "adjusted" else np.ones(frame.height)


def line(history: History, frame: pl.DataFrame, name: str) -> Series:
    """The closes of ``frame``."""
    return Series(
        name,
        frame["session_date"].to_numpy().astype("datetime64[D]"),
        frame["close"].to_numpy(),
        history.unit,
        history.formula,
        None if history.rolling is not None else history.source("close"),  # a line's dates name no contract
        factors(history, frame),
    )

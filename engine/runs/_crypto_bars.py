"""Bars within days of coins, named by their start (UTC)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.backtest.inputs import Inputs
from engine.backtest.market import Market
from engine.errors import DataError
from engine.runs import listed
from engine.runs.market_told import Telling

if TYPE_CHECKING:
    import polars as pl

    from store.reader import AsOfReader

_PRICES = ("open", "high", "low", "close", "volume")
MINUTES = {"1m": 1, "5m": 5, "15m": 15, "30m": 30, "1h": 60}


def intraday(
    reader: AsOfReader, ids: tuple[int, ...], start: date | None, end: date | None, warm_up: int, interval: str,
    telling: Telling,
) -> Inputs:  # fmt: skip
    """Bars named by their start (UTC), those known when they ended or within one bar after."""
    import polars as pl

    if interval not in MINUTES:
        raise DataError(f"Bars are of 1d, {', '.join(MINUTES)}, not of {interval!r}.")
    names = listed.named(reader, ids, {})
    currency = listed.one_currency(names)
    step = timedelta(minutes=MINUTES[interval])
    telling.step(0, 2, "reading prices")
    first = None if start is None else start - timedelta(days=int(warm_up * MINUTES[interval] / 1440) + 1)
    rows = reader.rows("bars_intraday", ids, first, end).filter(pl.col("interval") == interval)
    if rows.is_empty():
        raise DataError(
            f"No bars of {interval} of {', '.join(each.ticker for each in names.values())} are known at this clock. "
            "BACKFILL fetches them, asof import --table bars_intraday brings them from a file."
        )
    telling.table("bars_intraday", reader.reads, int(rows["known_basis"].str.starts_with("estimated").sum()))
    in_time = _in_time(rows, reader, ids, first, end, interval, step)
    keys = ["security_id", "start_at"]
    late = rows.join(in_time, on=keys, how="anti").height
    telling.fact("bars known too late for the decision after them", late)
    if late:
        telling.note(
            f"{late:,} bars became known more than a bar after they had ended: decisions go without them.",
            "warning",
        )
    both = rows.join(in_time, on=keys, how="inner").height
    agree = rows.select(*keys, *_PRICES).join(
        in_time.select(*keys, *_PRICES), on=[*keys, *_PRICES], how="semi", nulls_equal=True
    )
    telling.fact("corrections kept out of earlier decisions", both - agree.height)
    # a bar that was withdrawn later was one to the decisions of its moment
    dates = np.unique(np.concatenate([_starts(rows), _starts(in_time)]))
    telling.step(1, 2, "reading prices")
    tickers = listed.symbols(np.array(ids), names, [dates[-1].astype("datetime64[D]").item()] * len(ids))
    market = _market(rows, ids, tickers, dates, currency)
    begin = (
        min(warm_up, len(dates) - 1)
        if start is None
        else int(np.searchsorted(dates, np.datetime64(start, "m")))
    )
    if begin >= len(dates):
        raise DataError(f"The bars of {interval} end on {dates[-1]}, before {start}.")
    gaps = int((np.diff(dates) > np.timedelta64(step)).sum())
    if gaps:
        telling.note(
            f"{gaps:,} times bars are missing in a row of {interval}: nothing trades in between.", "warning"
        )
    telling.fact("bars", len(dates) - begin)
    telling.fact("first bar", str(dates[begin]))
    telling.fact("last bar", str(dates[-1]))
    same = agree.height == rows.height == in_time.height
    seen = None if same else _market(in_time, ids, tickers, dates, currency)
    return Inputs(market, begin=begin, seen=seen)


def _in_time(
    rows: pl.DataFrame, reader: AsOfReader, ids: tuple[int, ...], first: date | None, end: date | None,
    interval: str, step: timedelta,
) -> pl.DataFrame:  # fmt: skip
    """Of each bar the newest version known when it ended or within one bar after: a later correction or withdrawal
    changes nothing that was decided."""
    import polars as pl

    gone = reader.withdrawn("bars_intraday", ids, first, end)
    known = pl.col("known_at") <= pl.col("start_at") + 2 * step
    if gone.is_empty() and rows.select(known.all()).item():
        return rows
    versions = reader.vintages("bars_intraday", ids, first, end).filter(pl.col("interval") == interval)
    keys = ["security_id", "start_at"]
    newest = versions.filter(known).unique(keys, keep="last", maintain_order=True)
    return newest.filter(~pl.col("deleted")).select(rows.columns).sort(keys)


def _starts(rows: pl.DataFrame) -> NDArray[np.datetime64]:
    found: NDArray[np.datetime64] = (
        rows["start_at"].dt.replace_time_zone(None).to_numpy().astype("datetime64[m]")
    )
    return found


def _market(
    rows: pl.DataFrame,
    ids: tuple[int, ...],
    tickers: tuple[str, ...],
    dates: NDArray[np.datetime64],
    currency: str,
) -> Market:
    """Bars scattered by start and coin."""
    import polars as pl

    shape = (len(dates), len(ids))
    places = {number: at for at, number in enumerate(ids)}
    down = np.searchsorted(dates, _starts(rows))
    across = np.array([places[number] for number in rows["security_id"].to_list()], dtype=np.int64)

    def panel(name: str) -> NDArray[np.float64]:
        found = np.full(shape, np.nan)
        found[down, across] = rows[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        return found

    return Market(
        dates, tickers, np.array(ids, dtype=np.int64), panel("open"), panel("high"), panel("low"), panel("close"),
        panel("volume"), np.ones(shape), np.zeros(shape), np.zeros(shape, dtype=np.int64), np.full(shape[1], -1),
        np.full(shape[1], np.nan), currency,
    )  # fmt: skip

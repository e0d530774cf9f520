"""Bars as vendors tell them: days and instants, when each was known, a split adjustment undone.

A vendor that adjusts for splits divides every price before a split of ``r`` new shares for one old by ``r``
(and multiplies the volume). With the splits of the same answer, for a bar of day ``d``::

    price as traded = price * product of the ratios of all splits with ex-date after d
    volume as traded = volume / the same product
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from providers.clocks import EXACT, IN_USE, NEW_YORK, SAID_THAT_DAY, end_of_day, known_at_close, known_at_open
from providers.errors import Kind, SourceError
from providers.source import Request

if TYPE_CHECKING:
    import polars as pl

    from providers.clocks import Calendars

PRICES = ("open", "high", "low", "close")
INTERVALS = {"1m": 60, "5m": 300, "15m": 900, "30m": 1800, "1h": 3600}
LOCAL_DAY_END = "estimated: end of the day in the market's own time zone, which has no calendar of sessions"


def interval_of(request: Request) -> str:
    """The interval of intraday bars that is asked for; SourceError where it is none that the store has."""
    interval = request.detail or "1m"
    if interval not in INTERVALS:
        raise SourceError(
            Kind.NOT_SERVED, f"bars of {interval!r} are not kept; type one of {', '.join(INTERVALS)}"
        )
    return interval


def later_ratio(days: pl.Series, splits: Sequence[tuple[date, float]]) -> pl.Series:
    """For each day the product of the ratios of the splits whose ex-date comes after it."""
    import numpy as np
    import polars as pl

    ordered = sorted(splits)
    ratios = np.array([ratio for _, ratio in ordered], dtype=np.float64)
    after = np.append(np.cumprod(ratios[::-1])[::-1], 1.0)  # from each split to the last; then nothing
    ex_dates = np.array([day for day, _ in ordered], dtype="datetime64[D]")
    places = np.searchsorted(ex_dates, days.to_numpy().astype("datetime64[D]"), side="right")
    return pl.Series("ratio", after[places], dtype=pl.Float64)


def undo_splits(bars: pl.DataFrame, splits: Sequence[tuple[date, float]]) -> pl.DataFrame:
    """Bars as traded, from bars adjusted for ``splits`` (ex-date, new shares for one old)."""
    import polars as pl

    if bars.is_empty() or not splits:
        return bars
    factor = later_ratio(bars["session_date"], splits)
    return bars.with_columns(
        *[pl.col(name) * factor for name in PRICES],
        volume=(pl.col("volume") / factor).round().cast(pl.Int64, strict=False),
    )


def known_daily(
    bars: pl.DataFrame, calendars: Calendars, *, asset_class: str, calendar: str, zone: str
) -> pl.DataFrame:
    """Daily bars with the instant at which their day was over: crypto at midnight UTC, what has a calendar at
    its session's close, the rest at the end of the day in ``zone``."""
    import polars as pl

    bars = bars.drop("known_at", "known_basis", strict=False)
    if asset_class == "crypto":
        midnight = (
            pl.col("session_date").dt.offset_by("1d").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
        )
        return bars.with_columns(known_at=midnight, known_basis=pl.lit(EXACT))
    if calendar:
        return known_at_close(bars, calendars, calendar)
    basis = EXACT if asset_class == "currency" else LOCAL_DAY_END
    return bars.with_columns(known_at=end_of_day("session_date", zone), known_basis=pl.lit(basis))


def known_intraday(rows: Sequence[dict[str, Any]], interval: str) -> list[dict[str, Any]]:
    """Rows of ``bars_intraday``, each known when its interval was over."""
    length = timedelta(seconds=INTERVALS[interval])
    return [
        {**row, "interval": interval, "known_at": row["start_at"] + length, "known_basis": EXACT}
        for row in rows
    ]


def known_actions(actions: pl.DataFrame, calendars: Calendars, calendar: str) -> pl.DataFrame:
    """Actions known at the end of the day of their announcement, or where the vendor does not tell that day at
    the open of the ex-date. An announcement told as later than the ex-date is taken for what it says."""
    import polars as pl

    actions = actions.drop("known_at", "known_basis", strict=False)
    announced = pl.col("announced_date").is_not_null()
    told = actions.filter(announced).with_columns(
        known_at=end_of_day("announced_date", NEW_YORK), known_basis=pl.lit(SAID_THAT_DAY)
    )
    rest = known_at_open(actions.filter(~announced), "ex_date", IN_USE, calendars, calendar or "XNYS")
    return pl.concat([told, rest], how="diagonal_relaxed")


def one_dividend_a_day(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Dividends of one ex-date in one row: a special one beside the regular one adds up, since what the holder
    gets that day is one amount. The row is known when its last part was announced. Repeated rows count once, and
    the row says the same in whatever order the parts came."""
    days: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        parts = days.setdefault((row["identity"], row["ex_date"], row["currency"]), [])
        if row not in parts:
            parts.append(row)
    summed = []
    for told in days.values():
        parts = sorted(
            told, key=lambda part: (part["note"] not in (None, "regular"), str(sorted(part.items())))
        )
        first = parts[0]
        if len(parts) == 1 or any(part["amount"] is None for part in parts):
            summed += parts
            continue
        said = [part["announced_date"] for part in parts]
        note = " + ".join(f"{part['amount']:g} {part['note'] or 'regular'}" for part in parts)
        last = None if None in said else max(said)
        amount = round(sum(part["amount"] for part in parts), 8)
        summed.append({**first, "amount": amount, "note": note, "announced_date": last})
    return summed

"""Bars within sessions as GIP draws them: read as of the clock, on the exchange's clocks, by part of the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from engine.errors import DataError
from engine.page import SecurityRef
from engine.period import Period

if TYPE_CHECKING:
    import polars as pl

    from engine.context import Context

NEW_YORK = "America/New_York"
ZONES = {  # of calendars; those without one here are drawn in UTC, and the page says so
    "": NEW_YORK, "24/5": NEW_YORK, "24/7": "UTC", "XNYS": NEW_YORK, "XNAS": NEW_YORK, "XTSE": "America/Toronto",
    "XLON": "Europe/London", "XPAR": "Europe/Paris", "XAMS": "Europe/Amsterdam", "XETR": "Europe/Berlin",
    "XFRA": "Europe/Berlin", "XSWX": "Europe/Zurich", "XMIL": "Europe/Rome", "XMAD": "Europe/Madrid",
    "XTKS": "Asia/Tokyo", "XHKG": "Asia/Hong_Kong", "XASX": "Australia/Sydney",
}  # fmt: skip
INTERVALS = {"1M": (), "5M": (), "15M": (), "30M": (), "1H": ("60M",)}  # as they are typed
ROUND_THE_CLOCK = ("", "24/5", "24/7")
REGULAR, BEFORE, AFTER = "session", "pre-market", "after hours"


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars of one interval in a range. ``frame`` is what ``Candles`` takes; ``outside``: bars left out because
    they lie before or after the session."""

    frame: pl.DataFrame
    interval: str
    zone: str
    phased: bool
    outside: int


def read_bars(context: Context, ref: SecurityRef, interval: str, period: Period, hours: str) -> Bars:
    """The bars of a range that were over by the clock.

    Raises
    ------
    DataError
        There are none: what there is instead, and what to type.
    """
    import polars as pl

    calendar = _calendar(context, ref)
    zone = ZONES.get(calendar, "UTC")
    rows = _read(context, ref, interval, period)
    frame = _placed(context, rows, calendar, zone)
    phased = calendar not in ROUND_THE_CLOCK
    kept = frame.filter(pl.col("phase") == REGULAR) if phased and hours == "REGULAR" else frame
    if kept.is_empty():
        raise DataError(
            f"All bars of {ref.label} in {period} lie before or after the session: {ref.ticker} GIP "
            f"{interval.upper()} {period} ALL draws them."
        )
    kept = _last_sessions(kept, period)
    left_out = frame.filter(pl.col("session_date") >= kept["session_date"][0]).height - kept.height
    return Bars(kept if phased else kept.drop("phase"), interval, zone, phased, left_out)


def first_day(period: Period, last: date) -> date | None:
    """From which day on bars are read: of counted days so many sessions, with room for holidays."""
    if period.unit == "D":
        return last - timedelta(days=2 * period.count + 7)
    return period.bounds(last)[0]


def last_day(period: Period, today: date) -> date:
    """A range that is one day alone ends on it."""
    if period.unit == "DATES" and period.end is None and period.start is not None:
        return min(period.start, today)
    return min(period.bounds(today)[1], today)


def _calendar(context: Context, ref: SecurityRef) -> str:
    security = context.directory.by_id(ref.security_id)
    return (security.current.calendar if security is not None else "") or ""


def _read(context: Context, ref: SecurityRef, interval: str, period: Period) -> pl.DataFrame:
    """Rows of the interval in the range; a counted range ends with the last bar known."""
    import polars as pl

    until = last_day(period, context.today)
    own = pl.col("interval") == interval
    rows = context.reader.rows("bars_intraday", ref.security_id, first_day(period, until), until).filter(own)
    if rows.height:
        return rows
    held = context.reader.rows("bars_intraday", ref.security_id)
    same = held.filter(own)
    if same.is_empty() or period.unit == "DATES":
        raise DataError(_nothing(context, ref, interval, period, held))
    last: date = same["session_date"].max()  # type: ignore[assignment]
    first = first_day(period, last)
    return same if first is None else same.filter(pl.col("session_date") >= first)


def _nothing(context: Context, ref: SecurityRef, interval: str, period: Period, held: pl.DataFrame) -> str:
    import polars as pl

    when = "" if context.live else f" as of {context.show(context.asof)}"
    if held.is_empty():
        ahead = (
            "Sources that serve them are asked where one is set up (KEYS shows which); a file of your own is read by "
            "IMPORT, table bars_intraday."
            if context.live
            else "ASOF NOW looks from today."
        )
        return f"No bars within sessions of {ref.label} are known{when}. {ahead} {ref.ticker} GP draws daily bars."
    spans = held.group_by("interval").agg(
        pl.col("session_date").min().alias("a"), pl.col("session_date").max().alias("b")
    )
    rows = sorted(spans.rows(), key=lambda row: list(INTERVALS).index(row[0].upper()))
    told = ", ".join(f"{name} from {first} to {last}" for name, first, last in rows)
    best = next((row for row in rows if row[0] == interval), rows[0])
    return (
        f"No bars of {interval} of {ref.label} lie within {period}{when}. The store holds {told}: "
        f"try {ref.ticker} GIP {best[0].upper()} 1D."
    )


def _placed(context: Context, rows: pl.DataFrame, calendar: str, zone: str) -> pl.DataFrame:
    """With the exchange's time of each bar and its part of the day."""
    import polars as pl

    rows = rows.sort("start_at").unique("start_at", keep="last", maintain_order=True)
    local = pl.col("start_at").dt.convert_time_zone(zone).dt.replace_time_zone(None)
    return rows.with_columns(local_time=local, phase=_phases(context, rows, calendar))


def _phases(context: Context, rows: pl.DataFrame, calendar: str) -> pl.Series:
    """Whether each bar lies before, within or after its session."""
    import polars as pl

    if calendar in ROUND_THE_CLOCK or rows.is_empty():
        return pl.Series("phase", [REGULAR] * rows.height, pl.String)
    sessions = context.reader.calendars.get(calendar)
    known = pl.DataFrame({
        "session_date": pl.Series(sessions.days, dtype=pl.Date),
        "_open": pl.Series(sessions.opens).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
        "_close": pl.Series(sessions.closes).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
    })  # fmt: skip
    at = pl.col("start_at")
    phase = (
        pl.when(at < pl.col("_open")).then(pl.lit(BEFORE)).when(at >= pl.col("_close")).then(pl.lit(AFTER))
    )
    joined = rows.select("session_date", "start_at").join(
        known, on="session_date", how="left", maintain_order="left"
    )
    return joined.select(phase=phase.otherwise(pl.lit(REGULAR)))["phase"]


def _last_sessions(frame: pl.DataFrame, period: Period) -> pl.DataFrame:
    """Of a range of so many days, the last so many sessions that have bars."""
    import polars as pl

    if period.unit != "D":
        return frame
    days = frame["session_date"].unique().sort().tail(period.count)
    return frame.filter(pl.col("session_date") >= days[0])

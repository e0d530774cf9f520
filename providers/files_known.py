"""When the rows of a user's file were known: what the file says, or the table's rule; never earlier than that.

A file brought today does not show when its rows could first be read. Where a row carries an instant at which it
was public (a session's close, a filing's acceptance, a headline's publication) that is taken; of all else the
store only knows that it was there at the import.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from providers.clocks import EXACT, NEW_YORK, OFF_CALENDAR, end_of_day, known_at_close, known_at_open
from providers.files_spec import ImportSpec
from providers.parsing import INTERVALS

if TYPE_CHECKING:
    import polars as pl

    from providers.clocks import Calendars

IMPORTED = "estimated: the time of the import; the file does not say when it was known"
TOLD = "estimated: as the imported file says"
UTC_DAY = "exact"
AT_OPEN = "estimated: 09:30 New York of the ex-date at the latest"
IN_FORCE = "estimated: 09:30 New York of the effective date at the latest"
SAID = "estimated: end of the day in New York on which it was announced"
FILED = "estimated: end of the day in New York on which it was filed"
DAY_OVER = "estimated: end of the session's day in New York"

RULES = {
    "bars": "the close of the session",
    "closes": "the close of the session",
    "futures_bars": "the end of the session's day in New York",
    "bars_intraday": "the end of the bar",
    "option_quotes": "the time of the quote",
    "filings": "the filing's acceptance",
    "headlines": "the headline's publication",
    "facts": "the end of the day of filing, where the file has filed_date; else the time of the import",
    "actions": "the end of the day of announcement, where the file has announced_date; else the morning of the "
    "ex-date, or the import if that is earlier",
    "mergers": "the end of the day of announcement, where the file has announced_date; else the morning of the "
    "effective date, or the import if that is earlier",
}  # fmt: skip


def rule(spec: ImportSpec) -> str:
    """Which rule dates the rows, in words."""
    if spec.known_at:
        return f"the file's column {spec.known_at}, but never before the row could exist"
    return RULES.get(spec.table, "the time of the import")


def dated(frame: pl.DataFrame, spec: ImportSpec, calendars: Calendars, now: datetime) -> pl.DataFrame:
    """``frame`` with known_at, known_basis and ``_early``, a reason to set a row aside, or null.

    With ``spec.known_at`` the frame holds the file's word in ``known_at`` already.
    """
    import polars as pl

    said = frame["known_at"] if spec.known_at else None
    ruled = _by_rule(frame.drop("known_at", strict=False), spec, calendars, now)
    off = pl.col("known_basis") == OFF_CALENDAR
    reason = pl.when(off).then(pl.lit(f"the day is no session of the calendar {spec.sessions}"))
    if said is None:
        late = pl.when(pl.col("known_at") > now).then(pl.lit("it could not be known yet at the import"))
        return ruled.with_columns(_early=pl.coalesce(reason, late))
    floored = spec.table in RULES and spec.table not in ("facts", "actions", "mergers")
    floor = pl.col("known_at") if floored else pl.lit(None, pl.Datetime("us", "UTC"))
    marked = ruled.with_columns(_floor=floor, known_at=said, known_basis=pl.lit(TOLD))
    early = pl.when(pl.col("known_at") < pl.col("_floor")).then(
        pl.lit(f"the file says that it was known before {RULES.get(spec.table, '')}")
    )
    late = pl.when(pl.col("known_at") > now).then(
        pl.lit("the file says that it will be known later than now")
    )
    return marked.with_columns(_early=pl.coalesce(early, late)).drop("_floor")


def _by_rule(frame: pl.DataFrame, spec: ImportSpec, calendars: Calendars, now: datetime) -> pl.DataFrame:
    import polars as pl

    instants = pl.Datetime("us", "UTC")
    imported = pl.lit(now).cast(instants)
    match spec.table:
        case "bars" | "closes":
            return at_close(frame, spec.sessions, calendars)
        case "futures_bars":
            return frame.with_columns(
                known_at=end_of_day("session_date", NEW_YORK), known_basis=pl.lit(DAY_OVER)
            )
        case "bars_intraday":
            step = pl.col("interval").replace_strict(
                dict(INTERVALS), default=None, return_dtype=pl.Duration("us")
            )
            return frame.with_columns(known_at=pl.col("start_at") + step, known_basis=pl.lit(EXACT))
        case "option_quotes" | "filings" | "headlines":
            at = {"option_quotes": "quoted_at", "filings": "accepted_at", "headlines": "published_at"}
            return frame.with_columns(known_at=pl.col(at[spec.table]), known_basis=pl.lit(EXACT))
        case "facts":
            filed = end_of_day("filed_date", NEW_YORK)
            return frame.with_columns(
                known_at=pl.coalesce(filed, imported),
                known_basis=pl.when(filed.is_null()).then(pl.lit(IMPORTED)).otherwise(pl.lit(FILED)),
            )
        case "actions" | "mergers":
            latest = AT_OPEN if spec.table == "actions" else IN_FORCE
            at_open = known_at_open(frame, spec.spec.session, latest, calendars)
            announced = end_of_day("announced_date", NEW_YORK)
            coming = pl.col("known_at") > imported
            basis = pl.when(coming).then(pl.lit(IMPORTED)).otherwise(pl.lit(latest))
            return at_open.with_columns(
                known_at=pl.coalesce(announced, pl.min_horizontal("known_at", imported)),
                known_basis=pl.when(announced.is_null()).then(basis).otherwise(pl.lit(SAID)),
            )
    return frame.with_columns(known_at=imported, known_basis=pl.lit(IMPORTED))


def at_close(frame: pl.DataFrame, calendar: str, calendars: Calendars) -> pl.DataFrame:
    """Known at the end of the session: of FX 17:00 New York, of crypto the UTC day's, else the exchange's close;
    without a calendar the end of the day in New York."""
    import polars as pl

    day = pl.col("session_date")
    if calendar == "24/7":
        ends = (day + pl.duration(days=1)).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
        return frame.with_columns(known_at=ends, known_basis=pl.lit(UTC_DAY))
    if calendar == "24/5":
        local = day.dt.combine(pl.time(17), time_unit="us").dt.replace_time_zone(NEW_YORK)
        weekend = day.dt.weekday() > 5
        basis = pl.when(weekend).then(pl.lit(OFF_CALENDAR)).otherwise(pl.lit(EXACT))
        return frame.with_columns(known_at=local.dt.convert_time_zone("UTC"), known_basis=basis)
    if not calendar:
        return frame.with_columns(known_at=end_of_day("session_date", NEW_YORK), known_basis=pl.lit(DAY_OVER))
    return known_at_close(frame, calendars, calendar)

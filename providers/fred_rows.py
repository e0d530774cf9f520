"""FRED's rows as observations: which were told when, and by what rule that is known."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from providers.clocks import END_OF_VINTAGE_DAY, NEW_YORK, end_of_day
from providers.seen import known_by
from providers.series import LAG, one_a_key, set_aside
from store.batch import Quarantined

if TYPE_CHECKING:
    import polars as pl

LATEST = (
    "estimated: known from this fetch; FRED's chart has the latest values only and not since when they hold"
)
# H.15 and its like come out on the next business day; one day more allows for a holiday in between.
NEXT_DAY = (
    "estimated: end of the second weekday after its day in New York; out the next business day, no vintages"
)
UNREVISED = (
    "estimated: end of the second weekday after its day in New York; of before FRED's first vintage, and no vintage "
    "since changed a value"
)
_ENOUGH = 250  # days with vintages of their own: a year without a change is a series of quotes
_LATE = (
    "estimated: end of the day in New York {months} months after the end of the period; FRED has no vintages"
)
_WEEK = "estimated: end of the day in New York two weeks after its date; FRED has no vintages of it"
_PERIODS = {"M": ("1mo", "M"), "Q": ("3mo", "Q"), "SA": ("6mo", "S")}


def parse(told: list[dict[str, Any]]) -> tuple[pl.DataFrame, list[Quarantined]]:
    """Columns period_date, told_date (null where not said), value (null where FRED says "."), sorted, one row a
    (period, day told); contradictory and unreadable rows aside."""
    import polars as pl

    texts = {name: [_text(row.get(name)) for row in told] for name in ("date", "realtime_start", "value")}
    frame = pl.DataFrame(texts, schema=dict.fromkeys(texts, pl.String)).with_columns(
        period_date=pl.col("date").str.to_date("%Y-%m-%d", strict=False),
        told_date=pl.col("realtime_start").str.to_date("%Y-%m-%d", strict=False),
        number=pl.col("value").str.strip_chars().cast(pl.Float64, strict=False),
    )
    no_day = pl.col("period_date").is_null()
    no_number = pl.col("number").is_null() & (pl.col("value").str.strip_chars() != ".")
    reason = (
        pl.when(no_day)
        .then(pl.lit("no date that can be read"))
        .when(no_number.fill_null(value=True))
        .then(pl.lit("the value is no number"))
    )
    marked = frame.with_columns(reason.alias("reason"))
    raw = marked.filter(pl.col("reason").is_not_null()).select("reason", *texts)
    aside = set_aside("observations", [(row.pop("reason"), row) for row in raw.to_dicts()])
    good = marked.filter(pl.col("reason").is_null()).select(
        "period_date", "told_date", pl.col("number").alias("value")
    )
    good, contradicted = one_a_key(good, ["period_date", "told_date"], "observations")
    return good, [*aside, *contradicted]


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def by_vintage(frame: pl.DataFrame) -> pl.DataFrame:
    """Versions by the day on which they were told.

    Blocks of vintages cut real time into parts, so that a value that holds across a cut comes twice: only
    changes are kept. "." before any value means that there was none yet, and makes no row. "." after a value
    means that FRED withdrew it (GDP of 1946 came and went twice with benchmark revisions): a version without a
    value, so that the withdrawn figure is seen until that day and not after it.
    """
    import polars as pl

    before = pl.col("value").shift(1).over("period_date")
    first = pl.int_range(pl.len()).over("period_date") == 0
    kept = (
        frame.filter(pl.col("told_date").is_not_null())
        .sort("period_date", "told_date")
        .filter((first & pl.col("value").is_not_null()) | (~first & pl.col("value").ne_missing(before)))
    )
    return kept.with_columns(
        known_at=end_of_day("told_date", NEW_YORK), known_basis=pl.lit(END_OF_VINTAGE_DAY)
    )


def as_quoted(versions: pl.DataFrame, first: date) -> pl.DataFrame:
    """Daily values from before the first vintage at the rule for quotes, where none was ever changed.

    A market's quotes stand as they were made. Of a series that is revised (an index of the dollar) only what its
    first vintage told is known of the days before, and that is known with it.
    """
    import polars as pl

    early = (pl.col("told_date") == first) & pl.col("value").is_not_null()
    own = versions.filter(~early)["period_date"]
    if versions["period_date"].is_duplicated().any() or own.len() < _ENOUGH:
        return versions
    ruled = by_lag(versions.filter(early).drop("known_at", "known_basis"), "D").with_columns(
        known_basis=pl.lit(UNREVISED)
    )
    at_vintage = versions.filter(early).select("period_date", vintage="known_at")
    sooner = ruled.join(at_vintage, on="period_date", how="left", maintain_order="left").with_columns(
        known_at=pl.min_horizontal("known_at", "vintage"),
        known_basis=pl.when(pl.col("vintage") < pl.col("known_at"))
        .then(pl.lit(END_OF_VINTAGE_DAY))
        .otherwise("known_basis"),
    )
    return pl.concat([sooner.select(versions.columns), versions.filter(~early)]).sort("period_date")


def by_lag(frame: pl.DataFrame, frequency: str) -> pl.DataFrame:
    """Of a series without vintages, when each value was surely out, by its frequency."""
    import polars as pl

    day = pl.col("period_date")
    if frequency == "D":
        known, basis = day.dt.add_business_days(2, roll="forward"), NEXT_DAY
    elif frequency in ("W", "BW"):  # dated by the end of the week, a few by its beginning
        known, basis = day.dt.offset_by("2w"), _WEEK
    else:
        length, letter = _PERIODS.get(frequency, ("1y", "A"))
        known = day.dt.offset_by(length).dt.offset_by(f"{LAG[letter]}mo")
        basis = _LATE.format(months=LAG[letter])
    return (
        frame.filter(pl.col("value").is_not_null())
        .with_columns(surely=known)
        .with_columns(known_at=end_of_day("surely", NEW_YORK), known_basis=pl.lit(basis))
    )


def by_fetch(frame: pl.DataFrame, now: datetime) -> pl.DataFrame:
    import polars as pl

    return frame.filter(pl.col("value").is_not_null()).with_columns(
        known_at=pl.lit(now).cast(pl.Datetime("us", "UTC")), known_basis=pl.lit(LATEST)
    )


def named(frame: pl.DataFrame, identity: str, now: datetime) -> pl.DataFrame:
    """Rows of ``observations``, none known later than they were seen."""
    import polars as pl

    return known_by(frame, now).select(
        pl.lit(identity).alias("identity"), "period_date", "value", "known_at", "known_basis"
    )


def securities(
    identity: str, series: str, entries: list[dict[str, Any]], first_known: Any, now: datetime
) -> pl.DataFrame:
    """What the series was called and measured in, over time: a row whenever title, units or adjustment changed.

    FRED tells entries by real-time period. The first holds from the series' first period, known with the first
    of its values where that is earlier.
    """
    import polars as pl

    told: list[dict[str, Any]] = []
    for entry in sorted(entries, key=lambda entry: str(entry.get("realtime_start", ""))):
        begins = _day(entry.get("realtime_start"))
        known = min(end_in_new_york(begins), now) if begins else now
        valid = begins or _day(entry.get("observation_start"))
        if not told:
            known = min(known, first_known) if isinstance(first_known, datetime) else known
            days = [day for day in (valid, _day(entry.get("observation_start"))) if day is not None]
            valid = min(days) if days else now.date()
        words = [str(entry.get(name) or "") for name in ("frequency", "seasonal_adjustment")]
        row = {
            "identity": identity, "ticker": series, "name": str(entry.get("title") or series), "market": "MACRO",
            "asset_class": "macro", "exchange": "", "calendar": "", "unit": str(entry.get("units") or ""),
            "note": ". ".join([word for word in words if word] + [str(entry.get("notes") or "")[:600]]).strip(". "),
        }  # fmt: skip
        if not told or any(told[-1][name] != value for name, value in row.items() if name != "note"):
            told.append({**row, "valid_from": valid, "known_at": known, "known_basis": END_OF_VINTAGE_DAY})
    instants: dict[str, Any] = {"valid_from": pl.Date, "known_at": pl.Datetime("us", "UTC")}
    return pl.DataFrame(told, schema_overrides=instants).unique(
        "valid_from", keep="last", maintain_order=True
    )


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def end_in_new_york(day: date) -> datetime:
    return datetime.combine(day, time.max, ZoneInfo(NEW_YORK)).astimezone(UTC)

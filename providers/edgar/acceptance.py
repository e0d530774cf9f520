"""When a filing was accepted, and when the world could read it.

``acceptanceDateTime`` of the submissions ends in Z, and is not always UTC. EDGAR accepts from 06:00 to 22:00 New
York. Read as UTC, the recorded answers of NVIDIA, Microsoft, Tesla (2026) and others keep to these hours (0 to 3 of
about 1,000 filings do not) and read as New York's clock they do not (297 to 651 fall into the night). Apple's,
Siemens' and Tesla's of 2022 are the other way round: 68, 14 and 149 at night if read as UTC, 0 to 2 if read as New
York's clock; Tesla's filings in both answers then are the same instants. Within one page nearly all filings are told
one way. So the filings of each page vote by the hours; where they do not decide, New York's clock is taken, since
it is the later of the two: late, never early.

Two more findings. Filings before about 2002 have no hour (midnight in New York): the end of the filed day is taken.
And a filing accepted after 17:30 that bears the next business day's date is not out that evening: the recorded feeds
of current filings of 2025-12-12, taken at 18:02 and 18:04, have none, where the evenings before had 54 and 145. They
are known from 06:00 of the filed day. Ownership forms (3, 4, 5, 144, 13D, 13G) bear the day itself until 22:00.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

from providers.clocks import EXACT, NEW_YORK, end_of_day, local_instant

if TYPE_CHECKING:
    import polars as pl

UNDECIDED = (
    "estimated: the hours do not tell whether EDGAR's stamp is UTC or New York's clock; the later one taken"
)
NO_HOUR = "estimated: end of the filed day in New York; EDGAR has no hour of it"
NEXT_MORNING = (
    "estimated: 06:00 New York of the filed day; accepted after 17:30 the day before, out the next morning"
)
LATER = (
    "estimated: by this fetch; letters and drafts are put out weeks after they were filed, on a day not told"
)
# Letters between company and staff, and draft registrations: accepted in private.
PRIVATE = ("CORRESP", "UPLOAD", "LETTER", "DRS", "DRS/A", "DRSLTR")
OPENS, CLOSES = time(6), time(22, 10)  # the last minutes are what was on its way at 22:00
_SURE = 5  # times as many filings at impossible hours on the other reading


def with_acceptance(frame: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """``frame`` (page, accession, stamp, filed_date, form) with accepted_at, known_at and known_basis."""
    import polars as pl

    raw = pl.col("stamp").str.head(19).str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us", strict=False)
    read = frame.with_columns(
        clock=raw.dt.replace_time_zone(NEW_YORK, ambiguous="latest", non_existent="null"),
        utc=raw.dt.replace_time_zone("UTC").dt.convert_time_zone(NEW_YORK),
    ).with_columns(_hour_missing().alias("no_hour"))
    # Orders and notices of the SEC itself (9999999...) come at any hour, so that they have no vote.
    votes = ~pl.col("no_hour") & ~pl.col("accession").str.starts_with("9999999")
    clock_bad = (votes & ~_open("clock")).sum().over("page").cast(pl.Int64)
    utc_bad = (votes & ~_open("utc")).sum().over("page").cast(pl.Int64)
    is_utc = (clock_bad > _SURE * utc_bad) & (clock_bad > 1)  # one alone does not make it the earlier reading
    is_clock = ~is_utc & (utc_bad > _SURE * clock_bad)
    # At night by UTC and in hours by the clock is an exception, told the other way: the later one again.
    by_utc = is_utc & ~(~_open("utc") & _open("clock"))
    instant = pl.when(by_utc).then(pl.col("utc")).otherwise(pl.col("clock"))
    basis = pl.when(by_utc | is_clock).then(pl.lit(EXACT)).otherwise(pl.lit(UNDECIDED))
    end, unknown = end_of_day("filed_date", NEW_YORK), pl.col("no_hour")
    accepted = read.with_columns(
        accepted_at=pl.when(unknown).then(end).otherwise(instant.dt.convert_time_zone("UTC")),
        basis=pl.when(unknown).then(pl.lit(NO_HOUR)).otherwise(basis),
    )
    return _known(accepted, now).drop("clock", "utc", "no_hour", "basis")


def _hour_missing() -> pl.Expr:
    import polars as pl

    midnight = time(0)
    return (
        pl.col("utc").is_null()
        | pl.col("clock").is_null()
        | (pl.col("utc").dt.time() == midnight)
        | (pl.col("clock").dt.time() == midnight)
    )


def _open(reading: str) -> pl.Expr:
    import polars as pl

    return pl.col(reading).dt.time().is_between(OPENS, CLOSES)


def _known(frame: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Known when accepted; the next morning where it bears a later date; letters and drafts by the fetch."""
    import polars as pl

    private = pl.col("form").is_in(PRIVATE)
    day = pl.col("accepted_at").dt.convert_time_zone(NEW_YORK).dt.date()
    overnight = pl.col("filed_date") > day
    seen = pl.lit(now).cast(pl.Datetime("us", "UTC"))
    return frame.with_columns(
        known_at=pl.when(private)
        .then(seen)
        .when(overnight)
        .then(local_instant("filed_date", 6, 0, NEW_YORK))
        .otherwise("accepted_at"),
        known_basis=pl.when(private)
        .then(pl.lit(LATER))
        .when(overnight)
        .then(pl.lit(NEXT_MORNING))
        .otherwise("basis"),
    )

"""Macro series side by side, aligned by date and by knowledge: on each date the value that was known then.

A regression on today's values of the past would see revisions that nobody had. Here each date has, of each series,
the newest period that had been published by that date's evening, at the vintage of that evening.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from store.vintages import versions_of

if TYPE_CHECKING:
    import polars as pl

    from store.reader import AsOfReader

ZONE = "America/New_York"


def aligned(
    reader: AsOfReader, ids: Sequence[int], dates: Sequence[date], *, most_days: int | None = None
) -> pl.DataFrame:
    """The panel of ``ids`` (macro series) on ``dates``, in long form.

    Parameters
    ----------
    reader : pins the clock and the snapshot; dates after the clock's day have no rows
    dates : evenings (the end of the day in New York) at which values are taken
    most_days : periods that began so many days before the date, or more, are too old to stand for it

    Returns
    -------
    polars.DataFrame
        date, security_id, period_date, value, known_at: one row a date and series where something was known,
        sorted by date and series. The latest period first, then its latest vintage: a late revision of an old
        quarter never stands in front of a newer quarter.
    """
    import polars as pl

    days = sorted({day for day in dates if day <= reader.session_date})
    asked = pl.DataFrame({"date": days}, schema={"date": pl.Date}).with_columns(
        _evening=pl.col("date")
        .dt.combine(pl.time(23, 59, 59, 999999), time_unit="us")
        .dt.replace_time_zone(ZONE)
        .dt.convert_time_zone("UTC")
        .clip(upper_bound=pl.lit(reader.asof).cast(pl.Datetime("us", "UTC")))
    )
    reader.rows("observations", list(ids), columns=())  # what was read stands on the reader's record
    rows = versions_of(reader, "observations", list(ids)).sort("known_at", "seq")
    parts = []
    for (number,), versions in rows.partition_by("security_id", as_dict=True).items():
        at = _standing(versions)
        found = asked.join_asof(
            at, left_on="_evening", right_on="_from", strategy="backward", check_sortedness=False
        ).with_columns(security_id=pl.lit(number, pl.Int64))
        parts.append(found)
    names = ["date", "security_id", "period_date", "value", "known_at"]
    if not parts:
        kinds = (pl.Date, pl.Int64, pl.Date, pl.Float64, rows.schema["known_at"])
        return pl.DataFrame(schema=dict(zip(names, kinds, strict=True)))
    panel = pl.concat(parts).drop_nulls("period_date").select(names)
    if most_days is not None:
        panel = panel.filter((pl.col("date") - pl.col("period_date")).dt.total_days() < most_days)
    return panel.sort("date", "security_id")


def _standing(versions: pl.DataFrame) -> pl.DataFrame:
    """What one series' newest value was, from each moment on at which something became known.

    Walked in order of knowledge: a version of the newest period (or of a newer one) changes what stands; one that
    withdraws it gives way to the period before.
    """
    import polars as pl

    known: dict[date, tuple[float | None, object]] = {}
    newest: date | None = None
    rows: list[tuple[object, date, float | None, object]] = []
    columns = versions.select("known_at", "period_date", "value", "deleted")
    for known_at, period, value, deleted in columns.iter_rows():
        if deleted or value is None:
            known.pop(period, None)
        else:
            known[period] = (value, known_at)
        if newest is None or period >= newest or newest not in known:
            newest = max(known, default=None)
            if newest is not None:
                rows.append((known_at, newest, *known[newest]))
    schema = {
        "_from": versions.schema["known_at"],
        "period_date": pl.Date(),
        "value": pl.Float64(),
        "known_at": versions.schema["known_at"],
    }
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.group_by("_from", maintain_order=True).last().sort("_from")

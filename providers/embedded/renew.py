"""A source told again: what it adds to the store, and when a difference could be known.

A newer release of a package repeats the history that the store has. Rows that say the same are dropped;
rows of new keys keep their clock; a row that says something else is a correction whose own time nobody
gives, so it is known from our seeing it, and the past is shown as it was shown.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from store import Batch, Store
from store.schema import TABLES

if TYPE_CHECKING:
    import polars as pl

    from store.reader import AsOfReader

VINTAGES = ("observations", "securities")
BASIS = "estimated: differs from what the source said before; known from when we first read it so"


def news(store: Store, batch: Batch, now: datetime) -> Batch:
    """The batch with only what the store does not hold already."""
    frames = {table: _news(store, table, frame, now) for table, frame in batch.frames.items()}
    return replace(batch, frames={table: frame for table, frame in frames.items() if frame.height})


def _news(store: Store, table: str, frame: pl.DataFrame, now: datetime) -> pl.DataFrame:
    import polars as pl

    if table == "closes" and (frame["basis"] == "adjusted").any():
        # Another fetch's adjusted closes have another level: two levels in one series would make false
        # returns where they meet, so the series is replaced as a whole.
        return frame
    spec = TABLES[table]
    told = [name for name in spec.payload if name in frame.columns and name != "note"]
    joined = _beside(store, table, frame, now)
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_held")) for name in told)
    is_new = pl.col("known_at_held").is_null()
    # A vintage later than the one held is a version with a clock of its own, and no correction.
    corrects = ~is_new & (pl.col("known_at") <= pl.col("known_at_held"))
    return (
        joined.filter(is_new | ~same)
        .with_columns(
            known_at=pl.when(corrects).then(pl.lit(now, pl.Datetime("us", "UTC"))).otherwise("known_at"),
            known_basis=pl.when(corrects).then(pl.lit(BASIS)).otherwise("known_basis"),
        )
        .select(frame.columns)
    )


def _beside(store: Store, table: str, frame: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Each row with what the store holds for its key (columns ``*_held``, null where nothing).

    Of tables with vintages each row is laid beside what was known at its own clock; elsewhere a key has
    one version and its corrections, and beside it lies the last.
    """
    import polars as pl

    def laid(rows: pl.DataFrame, asof: datetime) -> pl.DataFrame:
        held = _held(store.reader(asof), table, rows["security_id"].unique().to_list())
        return rows.join(held, on=TABLES[table].key, how="left", suffix="_held", maintain_order="left")

    if table not in VINTAGES:
        return laid(frame, now)
    vintages = frame.partition_by("known_at", maintain_order=True)
    return pl.concat(laid(rows, rows["known_at"][0]) for rows in vintages)


def _held(reader: AsOfReader, table: str, ids: list[int]) -> pl.DataFrame:
    if table == "bars":
        return reader.bars(ids, adjust="none")
    if table == "closes":
        return reader.closes(ids)
    if table == "actions":
        return reader.actions(ids)
    if table == "observations":
        return reader.observations(ids)
    return reader.securities(ids)

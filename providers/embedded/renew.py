"""A source told again: what it adds to the store, and when a difference could be known.

A newer release of a package repeats the history that the store has. Rows that say the same are dropped;
rows of new keys keep their clock; a row that says something else is a correction whose own time nobody
gives, so it is known from our seeing it, and the past is shown as it was shown.

Clocks are another matter: no source gives them, our rules do. Where a rule of now says that a row was known
later than it is shown, it was shown too early, and is withdrawn from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from providers.embedded.retell import retold, told_by
from store import Batch, Store
from store.schema import TABLES

if TYPE_CHECKING:
    import polars as pl

    from store.reader import AsOfReader

BASIS = "estimated: differs from what the source said before; known from when we first read it so"
TOO_EARLY = "estimated: withdrawn here, where it stood too early; it is told at its own clock"


def renewed(store: Store, batches: Sequence[Batch], now: datetime) -> list[Batch]:
    """Batches for a store that has some already: those it has as they are (append will see that), of the
    others what they say anew."""
    there = [store.has_ingest(batch.source, batch.dataset, batch.answer_hash) for batch in batches]
    if all(there):
        return list(batches)
    changed = retold(store, batches, now)
    return [
        batch if held else news(store, change, now)
        for batch, change, held in zip(batches, changed, there, strict=True)
    ]


def news(store: Store, batch: Batch, now: datetime) -> Batch:
    """The batch with only what the store does not hold already; ``securities`` are told again elsewhere."""
    frames = {
        table: frame if table == "securities" else _news(store, batch, table, now)
        for table, frame in batch.frames.items()
    }
    return replace(batch, frames={table: frame for table, frame in frames.items() if frame.height})


def _news(store: Store, batch: Batch, table: str, now: datetime) -> pl.DataFrame:
    import polars as pl

    frame = batch.frames[table]
    if table == "closes" and (frame["basis"] == "adjusted").any():
        # Another fetch's adjusted closes have another level: two levels in one series would make false
        # returns where they meet, so the series is replaced as a whole.
        return frame.clear() if _same_returns(store, frame, now) else frame
    told = [name for name in TABLES[table].payload if name in frame.columns and name != "note"]
    joined = _beside(store, table, frame, now)
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_held")) for name in told)
    is_new = pl.col("known_at_held").is_null()
    too_early = ~is_new & (pl.col("known_at") > pl.col("known_at_held"))
    if table == "observations":
        # A later vintage is a version with a clock of its own; only a vintage's own row was told too early.
        too_early = too_early & same & pl.col("known_at_held").is_in(_own_clocks(store, batch, joined, now))
    corrects = ~is_new & (pl.col("known_at") <= pl.col("known_at_held"))
    rows = joined.with_columns(too_early=too_early).filter(is_new | ~same | "too_early")
    instants = pl.Datetime("us", "UTC")
    anew = rows.with_columns(
        known_at=pl.when(corrects).then(pl.lit(now, instants)).otherwise("known_at"),
        known_basis=pl.when(corrects).then(pl.lit(BASIS)).otherwise("known_basis"),
        deleted=pl.lit(False),
    )
    withdrawn = rows.filter("too_early").with_columns(
        known_at="known_at_held", known_basis=pl.lit(TOO_EARLY), deleted=pl.lit(True)
    )
    return pl.concat([withdrawn, anew]).select(*frame.columns, "deleted")


def _same_returns(store: Store, frame: pl.DataFrame, now: datetime) -> bool:
    """Whether adjusted closes have the same ratios as those held, which is all that is read of them."""
    import polars as pl

    held = store.reader(now).closes(frame["security_id"].unique().to_list(), basis="adjusted")
    first = pl.col("close").first().over("security_id", "basis")
    rebased = frame.sort("security_id", "session_date").with_columns(close=pl.col("close") / first * 100.0)
    return rebased.select(held.columns).equals(held)


def _own_clocks(store: Store, batch: Batch, joined: pl.DataFrame, now: datetime) -> list[datetime]:
    """Of the instants at which rows are held, those at which this batch's own data set told them: a vintage
    has one instant for all its rows, so one row of each says whose it is."""
    reader = store.reader(now)
    samples = joined.drop_nulls("known_at_held").unique("known_at_held", keep="first", maintain_order=True)
    own = []
    for row in samples.iter_rows(named=True):
        versions = reader.versions("observations", {name: row[name] for name in TABLES["observations"].key})
        for version in versions.iter_rows(named=True):
            if version["known_at"] == row["known_at_held"] and told_by(version["dataset"], batch):
                own.append(row["known_at_held"])
                break
    return own


def _beside(store: Store, table: str, frame: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Each row with what the store holds for its key (columns ``*_held``, null where nothing).

    Of tables with vintages each row is laid beside what was known at its own clock; elsewhere a key has
    one version and its corrections, and beside it lies the last.
    """
    import polars as pl

    def laid(rows: pl.DataFrame, asof: datetime) -> pl.DataFrame:
        held = _held(store.reader(asof), table, rows["security_id"].unique().to_list())
        return rows.join(held, on=TABLES[table].key, how="left", suffix="_held", maintain_order="left")

    if table != "observations":
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
    return reader.observations(ids)

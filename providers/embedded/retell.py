"""Who the securities are, told again: our own mistakes are put right at the clocks where they stood.

The rows of ``securities`` are our words, not a source's. Where they change, the earlier ones were wrong when they
were written: a ticker too early, a name with a later word in it. Known only from now on, the correction would
leave them on the screen at every earlier clock. So each row is told at its own clock, and what stood there and
is told no more gives way to what is told of that time, or to nothing. Snapshots of before keep what they showed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from store import Batch, Store
from store.schema import CLOCKS, TABLES, polars_schema

if TYPE_CHECKING:
    import polars as pl

WITHDRAWN = "estimated: put right at the clock of the row that it withdraws"

_SPEC = TABLES["securities"]
_KEY = list(_SPEC.key)
_VERSION = [*_KEY, "known_at"]
_TOLD = [*_SPEC.names, *(column.name for column in CLOCKS)]


def retold(store: Store, batches: Sequence[Batch], now: datetime) -> list[Batch]:
    """The batches with only those rows of ``securities`` that change what the store says, at any clock."""
    import polars as pl

    speaking = [batch for batch in batches if "securities" in batch.frames]
    if not speaking:
        return list(batches)
    told = pl.concat([_full(batch.frames["securities"]) for batch in speaking])
    held = _held(store, told["security_id"].unique().to_list(), now)
    datasets = held["dataset"].unique().to_list()
    changed = []
    for batch in batches:
        frames = dict(batch.frames)
        own = held.filter(pl.col("dataset").is_in([name for name in datasets if told_by(name, batch)]))
        fresh = _full(frames["securities"]) if "securities" in frames else told.clear()
        new = fresh.join(held, on=_TOLD, how="anti", nulls_equal=True)
        rows = pl.concat([new, _withdrawn(own.join(told, on=_VERSION, how="anti"), told)])
        frames.pop("securities", None)
        changed.append(replace(batch, frames=frames | ({"securities": rows} if rows.height else {})))
    return changed


def told_by(dataset: str, batch: Batch) -> bool:
    """Whether a row's commit carried the batch's data set (whose name once ended in a version)."""
    return dataset == batch.dataset or dataset.startswith(f"{batch.dataset}, version ")


def _full(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame in all columns of the table."""
    import polars as pl

    schema = polars_schema("securities")
    absent = [pl.lit(None, schema[name]).alias(name) for name in _TOLD if name not in frame.columns]
    full = frame.with_columns(absent).select(pl.col(name).cast(schema[name]) for name in _TOLD)
    return full.with_columns(pl.col("deleted").fill_null(value=False))


def _held(store: Store, ids: list[int], now: datetime) -> pl.DataFrame:
    """Every version that the store shows at some clock, with the data set that brought it."""
    import polars as pl

    reader = store.reader(now)
    keys = reader.securities(ids).select(_KEY).iter_rows(named=True)
    versions = [reader.versions("securities", key) for key in keys]
    if not versions:
        return pl.DataFrame(schema={**polars_schema("securities"), "dataset": pl.String})
    last = pl.concat(versions).sort("seq").unique(_VERSION, keep="last", maintain_order=True)
    return last.select(*_TOLD, "dataset")


def _withdrawn(gone: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """For versions told no more: what is told of their time instead, or that there is nothing."""
    import polars as pl

    instead = (
        gone.select(_VERSION)
        .sort("known_at")
        .join_asof(told.sort("known_at"), on="known_at", by=_KEY, strategy="backward", check_sortedness=False)
    )
    nothing = pl.col("ticker").is_null()
    return (
        instead.join(gone, on=_VERSION, suffix="_held", maintain_order="left")
        .filter(
            ~(nothing & pl.col("deleted_held")),
            ~pl.all_horizontal(
                pl.col(name).eq_missing(pl.col(f"{name}_held")) for name in (*_SPEC.payload, "deleted")
            ),
        )
        .with_columns(known_basis=pl.lit(WITHDRAWN), deleted=nothing)
        .select(_TOLD)
    )

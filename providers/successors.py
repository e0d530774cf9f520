"""Successors of mergers, told by ticker or identity, as the securities that the store numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from store.batch import Quarantined

if TYPE_CHECKING:
    import polars as pl

    from providers.source import Answer
    from store import Store

ITSELF = "the successor is the security itself"


def with_successor_ids(store: Store, answer: Answer, now: datetime) -> Answer:
    """The answer with permanent ids of the successors of its ``mergers``.

    A successor with a colon is an identity (``us-equity:EXR``); else it is the ticker of the security that the store
    knows under it on the effective date, or of one new to it. Rows that name the security itself are set aside.
    """
    import polars as pl

    frame = answer.frames.get("mergers")
    if frame is None or frame["successor"].drop_nulls().is_empty():
        return answer
    named = _identified(store, frame, now)
    own = (pl.col("_successor") == pl.col("identity")).fill_null(value=False)
    bad, named = named.filter(own).drop("_successor"), named.filter(~own)
    ids = store.identify(sorted(named["_successor"].drop_nulls().unique().to_list()))
    number = pl.col("_successor").replace_strict(ids, default=None, return_dtype=pl.Int64)
    numbered = named.with_columns(successor_id=number).drop("_successor")
    aside = (*answer.quarantined, *([Quarantined("mergers", ITSELF, bad)] if bad.height else []))
    return replace(answer, frames={**answer.frames, "mergers": numbered}, quarantined=aside)


def _identified(store: Store, frame: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """``frame`` with the identity of each successor in ``_successor``, null where none is told."""
    import polars as pl

    from providers.files_names import names_of
    from providers.files_spec import ImportSpec

    told = pl.col("successor").str.strip_chars()
    told = pl.when(told != "").then(told)
    identity = told.str.contains(":", literal=True)
    asked = frame.with_row_index("_line").select(
        "_line", "effective_date", ticker=pl.when(~identity).then(told), identity=pl.when(identity).then(told)
    )
    wanted = asked.filter(pl.col("ticker").is_not_null() | pl.col("identity").is_not_null())
    found = names_of(store.reader(now)).identified(wanted, ImportSpec("mergers"))
    pairs = found.select("_line", _successor="identity")
    return (
        frame.with_row_index("_line").join(pairs, on="_line", how="left", maintain_order="left").drop("_line")
    )

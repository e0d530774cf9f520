"""Members of an index named by identity until the store has allotted their ids."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from providers.source import Answer
    from store import Store

MEMBER = "member"  # the column of ``membership`` that stands for member_id in a source's answer


def with_member_ids(store: Store, answer: Answer) -> Answer:
    """The answer with permanent ids of the members of its ``membership``, where it names them."""
    import polars as pl

    frame = answer.frames.get("membership")
    if frame is None or MEMBER not in frame.columns:
        return answer
    ids = store.identify(sorted(frame[MEMBER].drop_nulls().unique().to_list()))
    numbered = frame.with_columns(
        pl.col(MEMBER).replace_strict(ids, default=None, return_dtype=pl.Int64).alias("member_id")
    ).drop(MEMBER)
    return replace(answer, frames={**answer.frames, "membership": numbered})

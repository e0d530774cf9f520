"""Members of an index: the words for it, and members named by identity until the store has allotted their ids."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from providers.source import Answer
    from store import Store

WORDS = {"SP500": "SPX", "S&P500": "SPX", "S&P 500": "SPX"}  # what people call an index beside its ticker
MEMBER = "member"  # the column of ``membership`` that stands for member_id in a source's answer


def ticker_of(word: str) -> str:
    """The ticker of the index that ``word`` names: sp500, SP500 and SPX are one."""
    return WORDS.get(word.strip().upper(), word.strip().upper())


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

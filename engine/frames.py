"""Frames built from rows, their columns typed by word, so that an empty one has the same types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    import polars as pl

TypeWord: TypeAlias = Literal["text", "integer", "number", "date", "instant"]


def frame_of(rows: Sequence[Mapping[str, Any]], /, **types: TypeWord) -> pl.DataFrame:
    """A frame of ``rows`` with exactly the columns named; a row without one holds null there."""
    import polars as pl

    known: dict[str, pl.DataType] = {
        "text": pl.String(),
        "integer": pl.Int64(),
        "number": pl.Float64(),
        "date": pl.Date(),
        "instant": pl.Datetime("us", "UTC"),
    }
    schema = pl.Schema({name: known[word] for name, word in types.items()})
    return pl.DataFrame(
        [{name: row.get(name) for name in types} for row in rows], schema=schema, strict=False
    )

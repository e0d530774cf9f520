"""The bitemporal tables: their columns, keys, and what a row must have.

Every table also carries ``known_at`` (when the world could know the row), ``known_basis`` (``exact``, or
``estimated: <rule>``) and ``deleted`` (a tombstone: from ``known_at`` on, the key has no row). What the
store itself knows of a row (sequence number, recorded_at, source) is its commit's, kept in the catalog.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from store import market_tables, other_tables
from store.columns import CLOCKS, ColumnSpec, TableSpec, TypeWord
from store.errors import StoreError

if TYPE_CHECKING:
    import polars as pl

__all__ = ["CLOCKS", "TABLES", "ColumnSpec", "TableSpec", "TypeWord", "polars_schema", "polars_type", "table"]

TABLES: dict[str, TableSpec] = {spec.name: spec for spec in (*market_tables.SPECS, *other_tables.SPECS)}


def table(name: str) -> TableSpec:
    """The declaration of a table; a name that is not declared never reaches a path or a query."""
    spec = TABLES.get(name)
    if spec is None:
        raise StoreError(f"there is no table {name!r}; there are {', '.join(sorted(TABLES))}")
    return spec


def polars_type(word: TypeWord) -> pl.DataType:
    import polars as pl

    types: dict[str, pl.DataType] = {
        "integer": pl.Int64(),
        "number": pl.Float64(),
        "text": pl.String(),
        "date": pl.Date(),
        "instant": pl.Datetime("us", "UTC"),
        "flag": pl.Boolean(),
    }
    return types[word]


@cache
def polars_schema(name: str) -> pl.Schema:
    """Columns of a table with its clocks, as they lie in a fragment."""
    import polars as pl

    spec = table(name)
    return pl.Schema({column.name: polars_type(column.type) for column in spec.columns + CLOCKS})

"""The bitemporal tables: their columns, keys, and what a row must have.

Every table also carries ``known_at`` (when the world could know the row), ``known_basis`` (``exact``, or
``estimated: <rule>``) and ``deleted`` (a tombstone: from ``known_at`` on, the key has no row). What the
store itself knows of a row (sequence number, recorded_at, source) is its commit's, kept in the catalog.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from store.errors import StoreError

if TYPE_CHECKING:
    import polars as pl

TypeWord: TypeAlias = Literal["integer", "number", "text", "date", "instant", "flag"]


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column. ``required`` columns hold a value in every row that is not a tombstone."""

    name: str
    type: TypeWord
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table. ``key`` names a row across its versions; ``session`` is its column of valid time."""

    name: str
    columns: tuple[ColumnSpec, ...]
    key: tuple[str, ...]
    session: str

    @property
    def payload(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.name not in self.key)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def order(self) -> tuple[str, ...]:
        """How rows are sorted: by security, then session, then what else the key has."""
        first = ("security_id", self.session)
        return first + tuple(name for name in self.key if name not in first)


CLOCKS: tuple[ColumnSpec, ...] = (
    ColumnSpec("known_at", "instant", required=True),
    ColumnSpec("known_basis", "text", required=True),
    ColumnSpec("deleted", "flag", required=True),
)


def _text(*names: str) -> tuple[ColumnSpec, ...]:
    return tuple(ColumnSpec(name, "text") for name in names)


_SECURITY = ColumnSpec("security_id", "integer", required=True)

_SPECS = (
    TableSpec(
        "securities",
        (
            _SECURITY,
            ColumnSpec("valid_from", "date", required=True),
            ColumnSpec("ticker", "text", required=True),
            ColumnSpec("name", "text", required=True),
            ColumnSpec(
                "market",
                "text",
                required=True,
                choices=("US EQUITY", "INDEX", "CURNCY", "COMDTY", "GOVT", "CRYPTO", "MACRO"),
            ),
            ColumnSpec(
                "asset_class",
                "text",
                required=True,
                choices=(
                    "equity",
                    "index",
                    "currency",
                    "commodity",
                    "government",
                    "crypto",
                    "macro",
                    "factor",
                    "fund",
                ),
            ),
            *_text("exchange", "currency", "unit", "calendar"),
            ColumnSpec("listing_date", "date"),
            ColumnSpec("delisting_date", "date"),
            *_text("delisting_reason", "identity", "note"),
        ),
        key=("security_id", "valid_from"),
        session="valid_from",
    ),
    TableSpec(
        "bars",
        (
            _SECURITY,
            ColumnSpec("session_date", "date", required=True),
            ColumnSpec("open", "number", required=True),
            ColumnSpec("high", "number", required=True),
            ColumnSpec("low", "number", required=True),
            ColumnSpec("close", "number", required=True),
            ColumnSpec("volume", "integer"),
        ),
        key=("security_id", "session_date"),
        session="session_date",
    ),
    TableSpec(
        "closes",
        (
            _SECURITY,
            ColumnSpec("session_date", "date", required=True),
            ColumnSpec("basis", "text", required=True, choices=("fixing", "adjusted", "close")),
            ColumnSpec("close", "number", required=True),
        ),
        key=("security_id", "session_date", "basis"),
        session="session_date",
    ),
    TableSpec(
        "actions",
        (
            _SECURITY,
            ColumnSpec("kind", "text", required=True, choices=("split", "dividend")),
            ColumnSpec("ex_date", "date", required=True),
            ColumnSpec("ratio", "number"),
            ColumnSpec("amount", "number"),
            *_text("currency"),
            ColumnSpec("announced_date", "date"),
            ColumnSpec("record_date", "date"),
            ColumnSpec("pay_date", "date"),
            *_text("note"),
        ),
        key=("security_id", "kind", "ex_date"),
        session="ex_date",
    ),
    TableSpec(
        "observations",
        (
            _SECURITY,
            ColumnSpec("period_date", "date", required=True),
            ColumnSpec("value", "number"),
        ),
        key=("security_id", "period_date"),
        session="period_date",
    ),
)

TABLES: dict[str, TableSpec] = {spec.name: spec for spec in _SPECS}


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

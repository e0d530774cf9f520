"""What a table is declared with: columns, keys, and the clocks that every row has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

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

SECURITY = ColumnSpec("security_id", "integer", required=True)


def text(*names: str) -> tuple[ColumnSpec, ...]:
    """Optional columns of text."""
    return tuple(ColumnSpec(name, "text") for name in names)


def number(*names: str) -> tuple[ColumnSpec, ...]:
    """Optional columns of numbers."""
    return tuple(ColumnSpec(name, "number") for name in names)


def integer(*names: str) -> tuple[ColumnSpec, ...]:
    """Optional columns of whole numbers."""
    return tuple(ColumnSpec(name, "integer") for name in names)


def required(type_: TypeWord, *names: str) -> tuple[ColumnSpec, ...]:
    """Columns that hold a value in every row."""
    return tuple(ColumnSpec(name, type_, required=True) for name in names)

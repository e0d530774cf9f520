"""Frames on their way into the store: made to fit the declaration, or refused with the reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from store.errors import BadBatch
from store.schema import CLOCKS, ColumnSpec, TableSpec, polars_schema, table

if TYPE_CHECKING:
    import polars as pl

SKEW = timedelta(minutes=5)  # how far ahead of ours another machine's clock may run


def fitted(name: str, frame: pl.DataFrame, basis: str, now: datetime) -> pl.DataFrame:
    """The frame with exactly the table's columns and types, checked, and sorted by key and known_at."""
    spec = table(name)
    frame = _with_columns(spec, frame, basis)
    if frame.height == 0:
        return frame
    _check_values(spec, frame)
    _check_clock(spec, frame, now)
    frame = frame.sort(*spec.order, "known_at")
    _check_versions(spec, frame)
    return frame


def one_version(spec: TableSpec, frame: pl.DataFrame) -> bool:
    """Whether no key of a sorted frame occurs twice, so that reading it needs no choice of versions."""
    return frame.height == 0 or not _same_as_next(frame, spec.key).any()


def _with_columns(spec: TableSpec, frame: pl.DataFrame, basis: str) -> pl.DataFrame:
    import polars as pl

    schema = polars_schema(spec.name)
    unknown = [name for name in frame.columns if name not in schema]
    if unknown:
        raise BadBatch(f"{spec.name}: no such column: {', '.join(unknown)}")
    if frame.height == 0:
        return pl.DataFrame(schema=schema)
    columns = []
    for column in spec.columns + CLOCKS:
        wanted = schema[column.name]
        if column.name in frame.columns:
            columns.append(_cast(spec, frame, column).alias(column.name))
        elif column.name == "deleted":
            columns.append(pl.lit(False).alias(column.name))
        elif column.name == "known_basis" and basis:
            columns.append(pl.lit(basis).alias(column.name))
        elif column.required:
            raise BadBatch(f"{spec.name}: the column {column.name} is missing")
        else:
            columns.append(pl.lit(None, dtype=wanted).alias(column.name))
    return frame.select(columns)


def _cast(spec: TableSpec, frame: pl.DataFrame, column: ColumnSpec) -> pl.Expr:
    """Only casts that lose nothing; an instant without a zone is refused."""
    import polars as pl

    have = frame.schema[column.name]
    wanted = polars_schema(spec.name)[column.name]
    expression = pl.col(column.name)
    if have == wanted:
        return expression
    allowed = (
        have == pl.Null
        or (column.type == "integer" and have.is_integer())
        or (column.type == "number" and have.is_numeric())
        or (column.type == "text" and have in (pl.Categorical, pl.Enum))
        or (column.type == "instant" and isinstance(have, pl.Datetime) and have.time_zone == "UTC")
    )
    if not allowed:
        raise BadBatch(f"{spec.name}: the column {column.name} is {have}, the store keeps {wanted}")
    return expression.cast(wanted)


def _check_values(spec: TableSpec, frame: pl.DataFrame) -> None:
    import polars as pl

    live = frame if not frame["deleted"].any() else frame.filter(~pl.col("deleted"))
    always = set(spec.key) | {column.name for column in CLOCKS}
    for column in spec.columns + CLOCKS:
        values = frame[column.name]
        required = values if column.name in always else live[column.name]
        if column.required and required.null_count():
            raise BadBatch(f"{spec.name}: {required.null_count()} rows have no {column.name}")
        if column.type == "number" and not values.is_finite().all():
            raise BadBatch(f"{spec.name}: {column.name} has values that are not finite; leave them null")
        if column.choices:
            strange = set(values.drop_nulls().unique().to_list()) - set(column.choices)
            if strange:
                raise BadBatch(
                    f"{spec.name}: {column.name} has {sorted(strange)[0]!r}; "
                    f"it is one of {', '.join(column.choices)}"
                )
    if spec.name == "actions":
        _check_actions(live)


def _check_actions(live: pl.DataFrame) -> None:
    import polars as pl

    bad_split = (pl.col("kind") == "split") & ~(pl.col("ratio") > 0).fill_null(value=False)
    bad_dividend = (pl.col("kind") == "dividend") & pl.col("amount").is_null()
    if live.select((bad_split | bad_dividend).any()).item():
        raise BadBatch("actions: a split needs a ratio above zero (new shares per old), a dividend an amount")


def _check_clock(spec: TableSpec, frame: pl.DataFrame, now: datetime) -> None:
    latest = frame["known_at"].max()
    if isinstance(latest, datetime) and latest > now + SKEW:
        raise BadBatch(
            f"{spec.name}: a row is known at {latest:%Y-%m-%d %H:%M} UTC, which has not come yet: "
            "known_at is when the world knew the row, not what it is about"
        )


def _check_versions(spec: TableSpec, frame: pl.DataFrame) -> None:
    twice = _same_as_next(frame, (*spec.key, "known_at"))
    if twice.any():
        row = frame.filter(twice).row(0, named=True)
        named = ", ".join(f"{name} {row[name]}" for name in (*spec.key, "known_at"))
        raise BadBatch(
            f"{spec.name}: two rows for one key known at one instant ({named}): "
            "nothing would say which of them holds"
        )


def _same_as_next(frame: pl.DataFrame, columns: tuple[str, ...]) -> pl.Series:
    import polars as pl

    same = pl.all_horizontal(pl.col(name) == pl.col(name).shift(-1) for name in columns)
    return frame.select(same.fill_null(value=False).alias("same")).to_series()

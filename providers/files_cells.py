"""Cells of a user's file into the store's types. A cell that cannot be read sets its row aside, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from providers.files_read import FileError
from providers.files_spec import ImportSpec
from store.schema import polars_type

if TYPE_CHECKING:
    import polars as pl

    from store.columns import TypeWord

EMPTY = ("", "NA", "N/A", "n/a", "null", "NULL", "None", "#N/A")
ISO_DATES = ("%Y-%m-%d", "%Y%m%d")


@dataclass(frozen=True, slots=True)
class Cells:
    """A column read: its values, and where a cell that says something could not be read."""

    values: pl.Expr
    failed: pl.Expr
    reason: str


def read_column(raw: pl.Series, name: str, word: TypeWord, spec: ImportSpec) -> Cells:
    """Expressions over ``raw`` (under its own name in a frame) for a column of the table."""
    import polars as pl

    cell = pl.col(raw.name)
    if raw.dtype == pl.String:
        text = cell.str.strip_chars()
        text = pl.when(~text.is_in(EMPTY)).then(text)
        values = _from_text(text, name, word, spec)
    else:
        text, values = cell, _from_typed(cell, raw.dtype, name, word, spec)
    failed = text.is_not_null() & values.is_null()
    return Cells(values.cast(polars_type(word)).alias(name), failed, f"{name} {_wanted(word, spec)}")


def _wanted(word: TypeWord, spec: ImportSpec) -> str:
    form = spec.date_format or "2020-01-31"
    return {
        "number": "is no number",
        "integer": "is no whole number",
        "date": f"is no date in the form {form}",
        "instant": "is no instant such as 2020-01-31T16:00:00Z",
        "flag": "is neither true nor false",
        "text": "cannot be read",
    }[word]


def _from_text(text: pl.Expr, name: str, word: TypeWord, spec: ImportSpec) -> pl.Expr:
    import polars as pl

    if word == "text":
        return text
    if word == "flag":
        low = text.str.to_lowercase()
        yes, no = low.is_in(("true", "t", "1", "yes")), low.is_in(("false", "f", "0", "no"))
        return pl.when(yes).then(pl.lit(value=True)).when(no).then(pl.lit(value=False))
    if word == "date":
        return _date(text, spec)
    if word == "instant":
        return instant(text, spec)
    number = text
    if spec.thousands:
        number = number.str.replace_all(spec.thousands, "", literal=True)
    if spec.decimal != ".":
        number = number.str.replace(spec.decimal, ".", literal=True)
    if name in spec.percent:
        number = number.str.strip_suffix("%").str.strip_chars()
    value = number.cast(pl.Float64, strict=False)
    if name in spec.percent:
        value = value / 100
    return _whole(value) if word == "integer" else value


def _whole(value: pl.Expr) -> pl.Expr:
    import polars as pl

    inside = value.is_finite() & (value.abs() < 2.0**63) & (value == value.round())
    return pl.when(inside).then(value).cast(pl.Int64, strict=False)


def _date(text: pl.Expr, spec: ImportSpec) -> pl.Expr:
    import polars as pl

    if spec.date_format:
        return text.str.to_date(spec.date_format, strict=False)
    midnight = text.str.strip_suffix("T00:00:00").str.strip_suffix(" 00:00:00")
    return pl.coalesce(*[midnight.str.to_date(form, strict=False, exact=True) for form in ISO_DATES])


def instant(text: pl.Expr, spec: ImportSpec) -> pl.Expr:
    """Instants with their own zone, or in the one that was said. A date alone is the end of that day."""
    import polars as pl

    shaped = text.str.replace(" ", "T", literal=True).str.replace(r"[Zz]$", "+00:00")
    shaped = shaped.str.replace(r"([+-]\d{2}):?(\d{2})$", "$1:$2")
    zoned = shaped.str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    if not spec.zone:
        return zoned
    forms = (spec.date_format,) if spec.date_format else ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M")
    source = text if spec.date_format else shaped
    local = pl.coalesce(*[source.str.to_datetime(form, time_unit="us", strict=False) for form in forms])
    ends = _date(text, spec).dt.combine(pl.time(23, 59, 59, 999_999), time_unit="us")
    naive = pl.coalesce(local, ends) if not spec.date_format else local
    there = naive.dt.replace_time_zone(spec.zone, ambiguous="latest", non_existent="null")
    return pl.coalesce(zoned, there.dt.convert_time_zone("UTC"))


def needs_zone(raw: pl.Series, name: str, spec: ImportSpec) -> None:
    """FileError where instants of a column name no zone and none was said: it is never guessed."""
    import polars as pl

    if spec.zone:
        return
    naive = isinstance(raw.dtype, pl.Datetime) and raw.dtype.time_zone is None
    if raw.dtype == pl.String:
        text = raw.str.strip_chars()
        shaped = text.str.contains(r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?$").fill_null(
            value=False
        )
        naive = bool(shaped.any())
    if naive or raw.dtype == pl.Date:
        raise FileError(
            f"The times in {raw.name!r} ({name}) name no time zone. Say which clocks showed them: "
            "--zone America/New_York, or --zone UTC."
        )


def _from_typed(cell: pl.Expr, kind: pl.DataType, name: str, word: TypeWord, spec: ImportSpec) -> pl.Expr:
    """A column that Parquet typed already."""
    import polars as pl

    if word == "text":
        return cell.cast(pl.String, strict=False)
    if word == "flag":
        return cell.cast(pl.Boolean, strict=False)
    if word in ("number", "integer"):
        if not kind.is_numeric():
            return pl.lit(None, pl.Float64)
        value = cell.cast(pl.Float64, strict=False)
        value = value / 100 if name in spec.percent else value
        if word == "integer":
            return cell.cast(pl.Int64, strict=False) if kind.is_integer() else _whole(value)
        return value
    if word == "date":
        if kind == pl.Date or isinstance(kind, pl.Datetime):
            return cell.cast(pl.Date, strict=False)
        return cell.cast(pl.String, strict=False).str.to_date("%Y%m%d", strict=False)
    if isinstance(kind, pl.Datetime):
        zoned = cell.cast(pl.Datetime("us", kind.time_zone))
        if kind.time_zone is None:
            zoned = zoned.dt.replace_time_zone(spec.zone, ambiguous="latest", non_existent="null")
        return zoned.dt.convert_time_zone("UTC")
    if kind == pl.Date:
        ends = cell.dt.combine(pl.time(23, 59, 59, 999_999), time_unit="us")
        return ends.dt.replace_time_zone(spec.zone).dt.convert_time_zone("UTC")
    return pl.lit(None, pl.Datetime("us", "UTC"))

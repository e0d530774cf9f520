"""Rows out of data files: predicates pushed down, damage named, commits told apart."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from store.clock import to_days, to_micros
from store.errors import Damaged
from store.files import LiveFile
from store.paths import Layout
from store.schema import TableSpec, polars_schema
from store.ticks import as_prices

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Request:
    """The rows asked for. ``ids`` None is every security; the dates are inclusive."""

    spec: TableSpec
    ids: tuple[int, ...] | None
    start: date | None
    end: date | None
    asof: datetime
    snapshot: int


def predicates(request: Request, files: Sequence[LiveFile]) -> list[pl.Expr]:
    """What rows must fulfil beyond what the files' statistics already say of all their rows."""
    import polars as pl

    where = []
    if any(file.max_known > to_micros(request.asof) for file in files):
        where.append(pl.col("known_at") <= request.asof)
    ids = request.ids
    if ids is not None:
        column = pl.col("security_id")
        where.append(column == ids[0] if len(ids) == 1 else column.is_in(ids))
    start, end = request.start, request.end
    if start is not None and any(file.min_session < to_days(start) for file in files):
        where.append(pl.col(request.spec.session) >= start)
    if end is not None and any(file.max_session > to_days(end) for file in files):
        where.append(pl.col(request.spec.session) <= end)
    return where


def scan(layout: Layout, files: Sequence[LiveFile], paths_as: str | None = None) -> pl.LazyFrame:
    """A lazy read of files in their order, whatever form their prices have. Names are never taken for
    patterns."""
    import polars as pl

    runs = [(form, list(run)) for form, run in groupby(files, key=lambda file: file.form)]
    parts = []
    for form, run in runs:
        paths = [layout.file(file.path) for file in run]
        part = pl.scan_parquet(
            paths, glob=False, hive_partitioning=False, cache=False, include_file_paths=paths_as
        )
        parts.append(as_prices(part, form))
    return parts[0] if len(parts) == 1 else pl.concat(parts, how="diagonal")


def filtered(source: pl.LazyFrame, where: Sequence[pl.Expr]) -> pl.LazyFrame:
    """polars 2.1 fails on an empty list of predicates where file paths are included."""
    return source.filter(where) if where else source


def collect(layout: Layout, files: Sequence[LiveFile], source: pl.LazyFrame) -> pl.DataFrame:
    """The rows of a lazy read; a file that cannot be read is named."""
    import polars as pl

    try:
        return source.collect()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise _damage(layout, files, str(error)) from error


def collect_fragments(
    layout: Layout, fragments: Sequence[LiveFile], where: Sequence[pl.Expr], columns: Sequence[str]
) -> pl.DataFrame:
    """Rows of fragments; ``seq``, where asked for, is that of the commit each row's file came with."""
    import polars as pl

    stored = [name for name in columns if name != "seq"]
    if "seq" not in columns:
        return collect(layout, fragments, filtered(scan(layout, fragments), where).select(stored))
    # One scan over all files is twice as fast as one each; which file a row is from comes in runs.
    source = filtered(scan(layout, fragments, "_file"), where).select(*stored, "_file")
    frame = collect(layout, fragments, source)
    runs = frame["_file"].rle().struct.unnest()
    seq_of = {str(layout.file(file.path)): file.added_seq for file in fragments}
    seqs = runs.select(
        pl.col("value").replace_strict(seq_of, return_dtype=pl.Int64).repeat_by("len").explode()
    )
    return frame.drop("_file").with_columns(seqs.to_series().alias("seq")).select(columns)


def scan_versions(layout: Layout, spec: TableSpec, files: Sequence[LiveFile]) -> pl.LazyFrame:
    """All rows of some files, each with the ``seq`` of the commit that brought it."""
    import polars as pl

    parts = []
    for file in files:
        part = scan(layout, [file])
        if file.layout == "fragment":
            part = part.with_columns(pl.lit(file.added_seq, dtype=pl.Int64).alias("seq"))
        parts.append(part.select(version_columns(spec)))
    return pl.concat(parts)


def version_columns(spec: TableSpec) -> list[str]:
    return [*spec.names, "known_at", "known_basis", "deleted", "seq"]


def empty(spec: TableSpec, columns: Sequence[str]) -> pl.DataFrame:
    import polars as pl

    schema = polars_schema(spec.name)
    return pl.DataFrame(schema={name: schema.get(name, pl.Int64()) for name in columns})


def check_files(layout: Layout, files: Sequence[LiveFile]) -> None:
    """Every file is there with its length, and holds what was written: damage must not answer.

    The hash is compared when a process first reads a file (a millisecond for 2 MB); the length each time. Files of a
    published store are fetched here, before the first read of them.
    """
    if layout.fetch is not None:
        layout.fetch(files)
    for file in files:
        path = layout.file(file.path)
        try:
            size = path.stat().st_size
            whole = size == file.bytes and (file.path in layout.verified or sha256_of(path) == file.sha256)
        except FileNotFoundError:
            raise Damaged(f"the data file {path} is missing: `asof store check` lists the damage") from None
        except OSError as error:
            raise Damaged(f"the data file {path} cannot be read: {error.strerror}") from error
        if not whole:
            raise Damaged(
                f"the data file {path} is damaged, it does not hold what was written: "
                "`asof store check` lists the damage"
            )
        layout.verified.add(file.path)


def sha256_of(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _damage(layout: Layout, files: Sequence[LiveFile], reason: str) -> Damaged:
    """The error that names the file at fault, found by reading them one by one."""
    import polars as pl

    for file in files:
        path = layout.file(file.path)
        try:
            pl.read_parquet(path, glob=False, hive_partitioning=False)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            return Damaged(f"the data file {path} is damaged: {error}")
    return Damaged(f"the data files of a read could not be read: {reason}")

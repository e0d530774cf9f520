"""Which rows of which files hold as of T in snapshot S.

A key's row as of T is its latest version by (known_at, seq) among those known at T and committed by S;
where that version is a tombstone the key has no row. Compacted files say until when each row held
(``known_to``), which answers without comparing, unless they hold commits later than S.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from store.errors import Damaged
from store.files import LiveFile
from store.paths import Layout
from store.schema import TableSpec

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


def visible(
    layout: Layout, files: Sequence[LiveFile], request: Request, columns: Sequence[str]
) -> pl.DataFrame:
    """Rows that hold, one a key, sorted as the table is; ``columns`` beside the key."""
    import polars as pl

    settled, unsettled, fragments = _grouped(files, request.snapshot)
    wanted = list(dict.fromkeys([*request.spec.order, *columns]))
    single = not unsettled and (
        not fragments or (not settled and len(fragments) == 1 and fragments[0].one_version)
    )
    needed = wanted if single else list(dict.fromkeys([*wanted, "known_at", "seq", "deleted"]))
    where = _where(request)
    parts = []
    if settled:
        held = pl.col("known_to") > request.asof
        parts.append(_scan(layout, settled).filter([*where, held]))
    if unsettled:
        parts.append(_scan(layout, unsettled).filter([*where, pl.col("seq") <= request.snapshot]))
    for file in fragments:
        scan = _scan(layout, [file]).filter(where)
        parts.append(scan.with_columns(pl.lit(file.added_seq, dtype=pl.Int64).alias("seq")))
    if single:
        parts = [part.filter(~pl.col("deleted")) for part in parts]
    frame = _collect(layout, files, [part.select(needed) for part in parts], request.spec, needed)
    if single:
        return frame if _is_sorted(files) else frame.sort(*request.spec.order)
    return latest(request.spec, frame).select(wanted)


def every_version(layout: Layout, files: Sequence[LiveFile], request: Request) -> pl.DataFrame:
    """All versions known at T and committed by S, oldest first, with the ``seq`` of their commits."""
    import polars as pl

    check_files(layout, files)
    if not files:
        return empty(request.spec, version_columns(request.spec))
    where = [*_where(request), pl.col("seq") <= request.snapshot]
    frame = scanned(layout, files, scan_versions(layout, request.spec, files).filter(where))
    return frame.sort(*request.spec.order, "known_at", "seq")


def version_columns(spec: TableSpec) -> list[str]:
    return [*spec.names, "known_at", "known_basis", "deleted", "seq"]


def scan_versions(layout: Layout, spec: TableSpec, files: Sequence[LiveFile]) -> pl.LazyFrame:
    """All rows of some files, each with the ``seq`` of the commit that brought it."""
    import polars as pl

    parts = []
    for file in files:
        scan = _scan(layout, [file])
        if file.layout == "fragment":
            scan = scan.with_columns(pl.lit(file.added_seq, dtype=pl.Int64).alias("seq"))
        parts.append(scan.select(version_columns(spec)))
    return pl.concat(parts)


def scanned(layout: Layout, files: Sequence[LiveFile], source: pl.LazyFrame) -> pl.DataFrame:
    """The rows of a scan; a file that cannot be read is named."""
    import polars as pl

    try:
        return source.collect()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise damage(layout, files, str(error)) from error


def latest(spec: TableSpec, frame: pl.DataFrame) -> pl.DataFrame:
    """The newest version of each key by (known_at, seq), without the deleted."""
    import polars as pl

    frame = frame.sort(*spec.order, "known_at", "seq")
    superseded = pl.all_horizontal(pl.col(name) == pl.col(name).shift(-1) for name in spec.key)
    return frame.filter(~superseded.fill_null(value=False) & ~pl.col("deleted"))


def _grouped(
    files: Sequence[LiveFile], snapshot: int
) -> tuple[list[LiveFile], list[LiveFile], list[LiveFile]]:
    settled, unsettled, fragments = [], [], []
    for file in files:
        if file.layout == "fragment":
            fragments.append(file)
        elif file.max_seq <= snapshot:
            settled.append(file)
        else:
            unsettled.append(file)
    return settled, unsettled, fragments


def _where(request: Request) -> list[pl.Expr]:
    import polars as pl

    where = [pl.col("known_at") <= request.asof]
    ids = request.ids
    if ids is not None:
        column = pl.col("security_id")
        where.append(column == ids[0] if len(ids) == 1 else column.is_in(ids))
    if request.start is not None:
        where.append(pl.col(request.spec.session) >= request.start)
    if request.end is not None:
        where.append(pl.col(request.spec.session) <= request.end)
    return where


def _scan(layout: Layout, files: Sequence[LiveFile]) -> pl.LazyFrame:
    import polars as pl

    paths = [layout.file(file.path) for file in files]
    return pl.scan_parquet(paths, glob=False, hive_partitioning=False, cache=False)


def _collect(
    layout: Layout,
    files: Sequence[LiveFile],
    parts: list[pl.LazyFrame],
    spec: TableSpec,
    columns: list[str],
) -> pl.DataFrame:
    import polars as pl

    check_files(layout, files)
    if not parts:
        return empty(spec, columns)
    return scanned(layout, files, pl.concat(parts) if len(parts) > 1 else parts[0])


def empty(spec: TableSpec, columns: Sequence[str]) -> pl.DataFrame:
    import polars as pl

    from store.schema import polars_schema

    schema = polars_schema(spec.name)
    return pl.DataFrame(schema={name: schema.get(name, pl.Int64()) for name in columns})


def check_files(layout: Layout, files: Sequence[LiveFile]) -> None:
    """Every file is there with its length: a cut file must not answer with fewer rows."""
    for file in files:
        path = layout.file(file.path)
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            raise Damaged(f"the data file {path} is missing: `asof store check` lists the damage") from None
        except OSError as error:
            raise Damaged(f"the data file {path} cannot be read: {error.strerror}") from error
        if size != file.bytes:
            raise Damaged(
                f"the data file {path} is damaged: {size:,} bytes, {file.bytes:,} were written; "
                "`asof store check` lists the damage"
            )


def damage(layout: Layout, files: Sequence[LiveFile], reason: str) -> Damaged:
    """The error that names the file at fault, found by reading them one by one."""
    import polars as pl

    for file in files:
        path = layout.file(file.path)
        try:
            pl.read_parquet(path, glob=False, hive_partitioning=False)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            return Damaged(f"the data file {path} is damaged: {error}")
    return Damaged(f"the data files of a read could not be read: {reason}")


def _is_sorted(files: Sequence[LiveFile]) -> bool:
    """Whether the files, read one after another, come in the table's order."""
    if len(files) <= 1:
        return not files or files[0].layout != "by_year"
    return all(
        file.layout == "by_security" and (i == 0 or files[i - 1].max_security < file.min_security)
        for i, file in enumerate(files)
    )

"""Where rows came from: the commits behind sequence numbers, the bases and sources of a read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from store.catalog import Catalog
from store.clock import from_micros
from store.files import LiveFile

if TYPE_CHECKING:
    import polars as pl

_PART = 500


def bases(frame: pl.DataFrame, files: Sequence[LiveFile]) -> tuple[str, ...]:
    """Known-bases of the rows; where the files have only one between them, it is theirs."""
    if frame.height == 0:
        return ()
    if "known_basis" in frame.columns:
        return tuple(sorted(frame["known_basis"].unique().to_list()))
    return tuple(sorted({base for file in files for base in file.bases}))


def sources(catalog: Catalog, frame: pl.DataFrame, files: Sequence[LiveFile]) -> tuple[str, ...]:
    """Sources of the rows, through their commits where the files have more than one."""
    if frame.height == 0:
        return ()
    if "seq" in frame.columns:
        named = commit_sources(catalog, frame["seq"].unique().to_list())
        return tuple(sorted(set(named.values())))
    return tuple(sorted({source for file in files for source in file.sources}))


def commit_sources(catalog: Catalog, seqs: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    with catalog.read() as connection:
        for start in range(0, len(seqs), _PART):
            part = list(seqs[start : start + _PART])
            marks = ",".join("?" * len(part))
            query = f"select seq, source from commits where seq in ({marks})"  # noqa: S608 - marks only
            found.update(connection.execute(query, part).fetchall())
    return found


def with_sources(catalog: Catalog, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with ``source`` in place of ``seq``."""
    import polars as pl

    named = commit_sources(catalog, frame["seq"].unique().to_list())
    source = pl.col("seq").replace_strict(named, return_dtype=pl.String, default="").alias("source")
    return frame.with_columns(source if named else pl.lit("").alias("source")).drop("seq")


def with_commits(catalog: Catalog, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with recorded_at, source, dataset, answer_hash and batch_note of each row's commit."""
    import polars as pl

    seqs = frame["seq"].unique().to_list()
    rows: list[tuple[object, ...]] = []
    with catalog.read() as connection:
        for start in range(0, len(seqs), _PART):
            part = seqs[start : start + _PART]
            marks = ",".join("?" * len(part))
            query = (
                "select seq, recorded_at, source, dataset, answer_hash, note from commits "  # noqa: S608
                f"where seq in ({marks})"
            )
            rows += [(row[0], from_micros(row[1]), *row[2:]) for row in connection.execute(query, part)]
    schema = {
        "seq": pl.Int64(),
        "recorded_at": pl.Datetime("us", "UTC"),
        "source": pl.String(),
        "dataset": pl.String(),
        "answer_hash": pl.String(),
        "batch_note": pl.String(),
    }
    commits = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.join(commits, on="seq", how="left", maintain_order="left")

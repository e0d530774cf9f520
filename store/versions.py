"""Which rows of which files hold as of T in snapshot S.

A key's row as of T is its latest version by (known_at, seq) among those known at T and committed by S;
where that version is a tombstone the key has no row. Compacted files say until when each row held
(``known_to``), which answers without comparing, unless they hold commits later than S.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from store.files import LiveFile
from store.joined import scan_together
from store.paths import Layout
from store.scan import (
    Request,
    check_files,
    collect,
    collect_fragments,
    empty,
    predicates,
    scan,
    scan_versions,
    version_columns,
)
from store.schema import TableSpec

if TYPE_CHECKING:
    import polars as pl


def visible(
    layout: Layout, files: Sequence[LiveFile], request: Request, columns: Sequence[str]
) -> pl.DataFrame:
    """Rows that hold, one a key, sorted as the table is; ``columns`` beside the key."""
    import polars as pl

    spec = request.spec
    wanted = list(dict.fromkeys([*spec.order, *columns]))
    if not files:
        return empty(spec, wanted)
    check_files(layout, files)
    settled, unsettled, fragments = _grouped(files, request.snapshot)
    where = predicates(request, files)
    held = [*where, pl.col("known_to") > request.asof]
    if not unsettled and not fragments:
        source = scan_together(layout, settled).filter(*held, ~pl.col("deleted")).select(wanted)
        frame = collect(layout, settled, source)
        return frame if _in_order(settled) else frame.sort(*spec.order)
    if not unsettled and not settled and _one_version_a_key(fragments):
        return collect_fragments(layout, fragments, [*where, ~pl.col("deleted")], wanted)
    needed = list(dict.fromkeys([*wanted, "known_at", "seq", "deleted"]))
    parts = []
    if settled:
        parts.append(collect(layout, settled, scan_together(layout, settled).filter(held).select(needed)))
    if unsettled:
        committed = [*where, pl.col("seq") <= request.snapshot]
        parts.append(collect(layout, unsettled, scan(layout, unsettled).filter(committed).select(needed)))
    if fragments:
        parts.append(collect_fragments(layout, fragments, where, needed))
    return latest(spec, pl.concat(parts)).select(wanted)


def every_version(layout: Layout, files: Sequence[LiveFile], request: Request) -> pl.DataFrame:
    """All versions known at T and committed by S, oldest first, with the ``seq`` of their commits."""
    import polars as pl

    if not files:
        return empty(request.spec, version_columns(request.spec))
    check_files(layout, files)
    where = [*predicates(request, files), pl.col("seq") <= request.snapshot]
    frame = collect(layout, files, scan_versions(layout, request.spec, files).filter(where))
    return frame.sort(*request.spec.order, "known_at", "seq")


def withdrawals(layout: Layout, files: Sequence[LiveFile], request: Request) -> pl.DataFrame:
    """Keys that were withdrawn by T, and when that was known: a row each time."""
    import polars as pl

    wanted = [*request.spec.order, "known_at"]
    if not files:
        return empty(request.spec, wanted)
    check_files(layout, files)
    where = [*predicates(request, files), pl.col("seq") <= request.snapshot, pl.col("deleted")]
    source = scan_versions(layout, request.spec, files).filter(where).select(wanted)
    return collect(layout, files, source).sort(*wanted)


def latest(spec: TableSpec, frame: pl.DataFrame) -> pl.DataFrame:
    """The newest version of each key by (known_at, seq), without the deleted."""
    import polars as pl

    frame = frame.sort(*spec.order, "known_at", "seq")
    superseded = pl.all_horizontal(pl.col(name) == pl.col(name).shift(-1) for name in spec.key)
    return frame.filter(~superseded.fill_null(value=False) & ~pl.col("deleted"))


def _grouped(
    files: Sequence[LiveFile], snapshot: int
) -> tuple[list[LiveFile], list[LiveFile], list[LiveFile]]:
    """Compacted files that S has all of, those it has some of, and fragments."""
    settled, unsettled, fragments = [], [], []
    for file in files:
        if file.layout == "fragment":
            fragments.append(file)
        elif file.max_seq <= snapshot:
            settled.append(file)
        else:
            unsettled.append(file)
    return settled, unsettled, sorted(fragments, key=lambda file: (file.min_security, file.added_seq))


def _one_version_a_key(fragments: Sequence[LiveFile]) -> bool:
    """Whether no two rows of the fragments share a key, as after a first load: one file a security."""
    return all(file.one_version for file in fragments) and _ascending(fragments)


def _in_order(files: Sequence[LiveFile]) -> bool:
    """Whether the compacted files, read one after another, come in the table's order."""
    return all(file.layout == "by_security" for file in files) and _ascending(files)


def _ascending(files: Sequence[LiveFile]) -> bool:
    return all(one.max_security < other.min_security for one, other in pairwise(files))

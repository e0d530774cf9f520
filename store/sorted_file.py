"""Files of the sorted copies: column by column in the encoding that makes it small and quick to read.

Written by pyarrow, since polars chooses its encodings itself. Whole numbers, days and instants lie as the
differences between neighbours (sorted, they hardly differ), words and what repeats as a dictionary.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from store.columns import CLOCKS
from store.schema import TableSpec
from store.ticks import PRICES, UNIT

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

ROW_GROUP = 20_000  # rows at most: larger groups make one security's read slow
SECURITY_ROWS = 2_000  # a row group of the copy by security ends with the security that brings it to these

_DIFFERENCES = "DELTA_BINARY_PACKED"
_REPEATED = ("seq", "known_to", UNIT)  # these hardly vary


def write(path: Path, spec: TableSpec, frame: pl.DataFrame, *, by_security: bool) -> None:
    """Write a sorted frame, as ``ticks.in_units`` gives it."""
    import polars as pl
    import pyarrow.parquet as pq

    table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    options = _options(spec, frame, by_security=by_security)
    with pq.ParquetWriter(path, table.schema, **options) as writer:
        for low, high in _groups(frame, by_security=by_security):
            writer.write_table(table.slice(low, high - low), row_group_size=ROW_GROUP)


def _options(spec: TableSpec, frame: pl.DataFrame, *, by_security: bool) -> dict[str, Any]:
    words = {column.name: column.type for column in (*spec.columns, *CLOCKS)}
    words |= {f"{name}_ticks": "integer" for name in PRICES}
    repeated = {*_REPEATED, "security_id"} if by_security else set(_REPEATED)
    differences = {
        name
        for name in frame.columns
        if words.get(name) in ("integer", "date", "instant") and name not in repeated
    }
    # zstd takes half again of clocks and words; of the bits that differences leave it takes nothing.
    packed = {name for name in frame.columns if words.get(name) not in ("integer", "flag")} - {"seq", UNIT}
    return {
        "compression": {name: "zstd" if name in packed else "lz4" for name in frame.columns},
        "compression_level": dict.fromkeys(packed, 9),  # no slower to read
        "use_dictionary": [
            name for name in frame.columns if name not in differences and words.get(name) != "flag"
        ],
        "column_encoding": dict.fromkeys(differences, _DIFFERENCES),
        # Reads are narrowed by these; of other columns they would only lengthen the footer.
        "write_statistics": ["security_id", spec.session, "known_at"],
        "store_schema": False,
    }


def _groups(frame: pl.DataFrame, *, by_security: bool) -> list[tuple[int, int]]:
    """Row groups, from row to row. By security they hold whole securities: many securities picked out of
    a file are then read without their neighbours."""
    import numpy as np

    if not by_security or frame.height == 0:
        return [(0, frame.height)]
    ids: np.ndarray = frame["security_id"].to_numpy()
    groups, start = [], 0
    for end in [*np.flatnonzero(ids[1:] != ids[:-1]) + 1, frame.height]:
        if end - start >= SECURITY_ROWS or end == frame.height:
            groups.append((int(start), int(end)))
            start = end
    return groups

"""A hash of rows in a canonical form, the same whatever library, version or file they came through.

Rows are sorted by a unique key and columns by name; each column gives its name, a type tag, a bitmap of
its nulls and its values, little-endian, with nulls as zeros, -0.0 as 0 and one NaN. Text is 64-bit
offsets and UTF-8.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from store.errors import StoreError

if TYPE_CHECKING:
    import numpy as np
    import polars as pl


def content_hash(frame: pl.DataFrame, key: Sequence[str]) -> str:
    """Sixty-four hex digits for the content of ``frame``; ``key`` names its rows uniquely."""
    frame = frame.sort(*key, maintain_order=True) if key and frame.height else frame
    digest = hashlib.sha256(b"asof rows 1" + frame.height.to_bytes(8, "little"))
    for name in sorted(frame.columns):
        encoded = name.encode()
        digest.update(len(encoded).to_bytes(8, "little") + encoded)
        for part in _column(frame[name]):
            digest.update(part)
    return digest.hexdigest()


def _column(series: pl.Series) -> list[bytes]:
    import numpy as np
    import polars as pl

    kind = series.dtype
    nulls = np.packbits(series.is_null().to_numpy(), bitorder="little").tobytes()
    if kind == pl.String:
        filled = series.fill_null("")
        offsets = np.zeros(len(series) + 1, dtype="<i8")
        np.cumsum(filled.str.len_bytes().to_numpy(), out=offsets[1:])
        text = "".join(filled.to_list()).encode()
        return [b"text", nulls, offsets.tobytes(), text]
    if kind.is_float():
        return [b"f8..", nulls, _floats(series).tobytes()]
    if kind == pl.Boolean:
        return [b"flag", nulls, series.fill_null(value=False).to_numpy().astype("u1").tobytes()]
    if kind == pl.Date:
        return [b"date", nulls, _integers(series.cast(pl.Int32))]
    if isinstance(kind, pl.Datetime):
        return [b"time", nulls, _integers(series.dt.cast_time_unit("us").cast(pl.Int64))]
    if kind.is_integer():
        return [b"i8..", nulls, _integers(series)]
    raise StoreError(f"rows of type {kind} have no canonical form")


def _floats(series: pl.Series) -> np.ndarray:
    import numpy as np
    import polars as pl

    values = series.cast(pl.Float64).fill_null(0.0).to_numpy().astype("<f8", copy=True)
    values += 0.0  # -0.0 becomes 0.0
    values[np.isnan(values)] = np.nan
    return values


def _integers(series: pl.Series) -> bytes:
    import polars as pl

    return series.cast(pl.Int64).fill_null(0).to_numpy().astype("<i8").tobytes()

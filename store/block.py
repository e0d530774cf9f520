"""Closes of one sorted file as plain arrays, kept beside the store: what large panels are made of.

A Parquet file of the copy by security never changes, so neither does its block: a matrix (securities, sessions)
of the closes that hold, and when each became known, with the rows that no longer hold or withdraw one beside it.
Taking rows out of a matrix in memory costs a tenth of decoding them. A block can be lost at any time: the file
says the same. It is named by the file's hash, each security in it has a hash of its own, and a process compares
it when it first uses it.

On disk: magic, length and SHA-256 of the head, the head (a line of JSON, then arrays), the body: for each
security its closes, the instants they became known and, where the rows have several origins, the numbers of these.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import mmap
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from store.clock import FOREVER
from store.errors import StoreError
from store.paths import Layout, make_folder, replace_atomically
from store.room import make_room

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import polars as pl

NEVER = -(2**63)  # known_at of a cell without a row
MOST_BYTES = 2 << 30  # of all blocks; the oldest go first
_MAGIC = b"asofblk2"
_SPARSE = 8  # cells a row from which on a matrix is not worth its space
_ORIGINS = 255


@dataclass(frozen=True, slots=True)
class Block:
    """``body`` is (securities, 2 or 3, sessions): closes as bits, known_at, and the number of the row's origin.
    ``others`` is (rows, 7): security, session, known_at, known_to, close as bits, whether deleted, origin."""

    name: str
    ids: np.ndarray
    days: np.ndarray  # since 1970
    origins: tuple[tuple[str, str], ...]  # basis and source
    replaced_until: int  # from then on no version holds but the newest
    unpriced: bool  # whether a row that holds has no close
    others: np.ndarray
    body: np.ndarray
    digests: np.ndarray

    def whole(self, layout: Layout, places: np.ndarray) -> bool:
        """Whether the rows of these securities are what was written."""
        known = layout.verified
        for place in places.tolist():
            mark = f"{self.name} {place}"
            if mark not in known:
                if hashlib.sha256(self.body[place]).digest() != self.digests[place].tobytes():
                    return False
                known.add(mark)
        return True


def path_of(layout: Layout, sha256: str) -> Path:
    return layout.cache / "blocks" / f"{sha256}.block"


def keep(layout: Layout, sha256: str, frame: pl.DataFrame, sources: dict[int, str]) -> None:
    """Keep the block of a file that holds ``frame``, all versions with known_to, sorted; ``sources`` are those
    of its commits. A full disk, or a matrix with few rows for its size, keeps none."""
    data = _encoded(frame, sources)
    if data is None:
        return
    path = path_of(layout, sha256)
    with contextlib.suppress(OSError, StoreError):
        make_folder(path.parent)
        make_room(path.parent, ".block", len(data), MOST_BYTES)
        replace_atomically(path, data)


def load(layout: Layout, sha256: str) -> Block | None:
    """The block of a file; None where it is not kept or not whole."""
    import numpy as np

    if not sha256.isalnum():  # the catalog is shared: what it says becomes no path of its own
        return None
    name = f"{sha256}.block"
    try:
        with open(os.path.join(layout.home, "cache", "blocks", name), "rb", buffering=0) as handle:
            data = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
        length = int.from_bytes(data[8:16], "little")
        start = 48 + length
        if data[:8] != _MAGIC:
            return None
        if name not in layout.verified:
            if hashlib.sha256(memoryview(data)[48:start]).digest() != data[16:48]:
                return None
            layout.verified.add(name)
        end = data.find(b"\n", 48)
        told = json.loads(data[48:end])
        at, arrays = end + 1, []
        high, wide = told["securities"], told["sessions"]
        for shape, kind in (
            ((high,), "<i8"),
            ((wide,), "<i8"),
            ((told["others"], 7), "<i8"),
            ((high, 32), "u1"),
        ):
            count = math.prod(shape)
            arrays.append(np.frombuffer(data, kind, count, at).reshape(shape))
            at += arrays[-1].nbytes
        layers = 2 if len(told["origins"]) == 1 else 3
        body = np.frombuffer(data, "<i8", high * layers * wide, start).reshape(high, layers, wide)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    ids, days, others, digests = arrays
    origins = tuple((str(basis), str(source)) for basis, source in told["origins"])
    return Block(name, ids, days, origins, told["replaced_until"], told["unpriced"], others, body, digests)


def discard(layout: Layout, live: set[str], grace: float) -> None:
    """Delete the blocks of files that are no longer live; a young one may be of a compaction that is under way."""
    for path in (layout.cache / "blocks").glob("*.block"):
        with contextlib.suppress(FileNotFoundError):
            if path.stem not in live and time.time() - path.stat().st_mtime >= grace:
                path.unlink()


def _encoded(frame: pl.DataFrame, sources: dict[int, str]) -> bytes | None:
    import numpy as np
    import polars as pl

    ids, row = _numbered(frame["security_id"].to_numpy())
    days, column = _numbered(frame["session_date"].cast(pl.Int32).to_numpy())
    origins, number = _origins(frame, sources)
    if len(ids) * len(days) > _SPARSE * frame.height or len(origins) > _ORIGINS:
        return None
    bits = frame["close"].cast(pl.Float64).fill_null(float("nan")).to_numpy().astype("<f8").view("<i8")
    known = frame["known_at"].cast(pl.Int64).to_numpy()
    known_to = frame["known_to"].cast(pl.Int64).to_numpy()
    deleted = frame["deleted"].to_numpy()
    layers = 2 if len(origins) == 1 else 3
    body = np.zeros((len(ids), layers, len(days)), dtype="<i8")
    body[:, 0] = np.array(np.nan, dtype="<f8").view("<i8")
    body[:, 1] = NEVER
    holds = (known_to == FOREVER) & ~deleted
    for layer, values in enumerate((bits, known, number)[:layers]):
        body[row[holds], layer, column[holds]] = values[holds]
    rest = ~holds
    others = np.stack([each[rest] for each in (row, column, known, known_to, bits, deleted, number)], axis=1)
    ended = known_to[known_to != FOREVER]
    told = {
        "securities": len(ids),
        "sessions": len(days),
        "others": len(others),
        "origins": origins,
        "unpriced": bool(frame["close"].null_count()),
        "replaced_until": int(ended.max()) if len(ended) else NEVER,
    }
    digests = b"".join(hashlib.sha256(body[place]).digest() for place in range(len(ids)))
    line = json.dumps(told).encode()
    arrays = [array.astype("<i8").tobytes() for array in (ids, days, others)]
    head = b"".join([line, b" " * (-(len(line) + 1) % 8), b"\n", *arrays, digests])
    length = len(head).to_bytes(8, "little")
    return b"".join([_MAGIC, length, hashlib.sha256(head).digest(), head, body.tobytes()])


def _numbered(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The values there are, ascending, and which of them each is: a look-up, where ``np.unique`` sorts."""
    import numpy as np

    low = int(values.min())
    seen = np.zeros(int(values.max()) - low + 1, dtype=bool)
    seen[values - low] = True
    number = np.cumsum(seen) - 1
    return np.flatnonzero(seen).astype(np.int64) + low, number[values - low]


def _origins(frame: pl.DataFrame, sources: dict[int, str]) -> tuple[list[tuple[str, str]], np.ndarray]:
    """The (basis, source) pairs of the rows, and which of them each row has."""
    import polars as pl

    named_by = set(sources.values())
    if len(named_by) == 1 and frame["known_basis"].n_unique() == 1:
        return [(frame["known_basis"][0], *named_by)], pl.zeros(frame.height, pl.Int64, eager=True).to_numpy()
    source = pl.col("seq").replace_strict(sources, return_dtype=pl.String).alias("source")
    pairs = frame.select("known_basis", source)
    named = pairs.unique().sort("known_basis", "source")
    numbered = pairs.join(
        named.with_row_index("number"), on=["known_basis", "source"], how="left", maintain_order="left"
    )
    return list(named.iter_rows()), numbered["number"].cast(pl.Int64).to_numpy()

"""Price panels kept as arrays that processes map into memory: a panel asked for again costs milliseconds.

A panel is named by everything that it follows from: the store, the snapshot, the clock, what was asked. Pinned
so, it never changes, and nothing here needs to be thrown away but for space. Beside the array lie the records of
the reads that made it, so that a page made from it says the same of its sources.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from store.clock import from_micros, to_micros
from store.errors import StoreError
from store.paths import make_folder, replace_atomically
from store.reads import Digest, Read
from store.room import make_room

if TYPE_CHECKING:
    import numpy as np

LEAST_CELLS = 100_000  # smaller panels are read as fast
MOST_BYTES = 2 << 30  # of all panels kept; the longest unused go first


@dataclass(frozen=True, slots=True)
class PanelCache:
    """Panels under one folder. ``verified``: those whose content this process has compared with its hash."""

    folder: Path
    verified: set[str]

    def load(self, name: str) -> tuple[np.ndarray, list[dict[str, Any]]] | None:
        """The panel, read-only, and its reads; None where it is not kept or not whole."""
        import numpy as np

        path = self.folder / f"{name}.npy"
        try:
            told = json.loads((self.folder / f"{name}.json").read_bytes())
            if name not in self.verified and _digest(path.read_bytes()) != told["sha256"]:
                return None
            matrix = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        self.verified.add(name)
        with contextlib.suppress(OSError):
            os.utime(path)
        reads: list[dict[str, Any]] = told["reads"]
        return matrix, reads

    def keep(self, name: str, matrix: np.ndarray, reads: Sequence[Read]) -> None:
        """Keep a panel. A store that may only be read, or a full disk, keeps none."""
        import numpy as np

        content = io.BytesIO()
        np.save(content, matrix, allow_pickle=False)
        data = content.getvalue()
        told = {"sha256": _digest(data), "reads": [_told(read) for read in reads]}
        with contextlib.suppress(OSError, StoreError):
            make_folder(self.folder)
            make_room(self.folder, ".npy", len(data), MOST_BYTES)
            replace_atomically(self.folder / f"{name}.npy", data)
            replace_atomically(self.folder / f"{name}.json", json.dumps(told).encode())


def panel_name(*parts: object, arrays: Sequence[np.ndarray]) -> str:
    """The hash of what a panel follows from."""
    digest = hashlib.sha256(repr(parts).encode())
    for array in arrays:
        digest.update(array.dtype.str.encode() + array.tobytes())
    return digest.hexdigest()


def read_again(told: dict[str, Any], ids: tuple[int, ...], asof: datetime, digest: Callable[[], str]) -> Read:
    """The record of a read that made a kept panel, at the clock of the reader that asks for it now."""

    def day(text: str | None) -> date | None:
        return None if text is None else date.fromisoformat(text)

    newest = told["newest_known_at"]
    return Read(
        table=told["table"],
        ids=ids,
        start=day(told["start"]),
        end=day(told["end"]),
        columns=tuple(told["columns"]),
        rows=told["rows"],
        asof=asof,
        newest_known_at=None if newest is None else from_micros(newest),
        bases=tuple(told["bases"]),
        sources=tuple(told["sources"]),
        files=told["files"],
        seconds=0.0,
        digest=Digest(digest),
    )


def _told(read: Read) -> dict[str, Any]:
    return {
        "table": read.table,
        "start": None if read.start is None else read.start.isoformat(),
        "end": None if read.end is None else read.end.isoformat(),
        "columns": list(read.columns),
        "rows": read.rows,
        "newest_known_at": None if read.newest_known_at is None else to_micros(read.newest_known_at),
        "bases": list(read.bases),
        "sources": list(read.sources),
        "files": read.files,
    }


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

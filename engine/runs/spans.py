"""What filings told, kept beside the store: worked out once, by whichever process asks.

A company's figures follow from the versions of facts that were known at an instant, of the periods that are looked
at, and from the splits then in force: their key is the hash of all that. Between two keys nothing changes. A clock
that moves, a range that grows and another rule find what was worked out before; a filing adds one entry; a correction
that was recorded later has a key of its own, so that older snapshots find theirs. What is damaged, or cannot be
written, is worked out anew.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MOST_BYTES = 256 << 20  # of all companies; the longest unused go first
_MOST = 2_000  # companies that are kept in memory
_MOST_ENTRIES = 400  # of a company: the newest written, at four filings a year and some snapshots
_SUFFIX = ".told"
_CODE = ("quant/fundamentals", "quant/screener", "runs/panels.py", "runs/filings.py", "runs/spans.py")


@dataclass(frozen=True, slots=True)
class Entry:
    """``values`` of fields, in the order that the asker keeps, and the last day on which they speak (as days since
    1970)."""

    values: Floats
    until: int


def name_of(*parts: object) -> str:
    """The name of what is kept: a hash of whom it is about, how it was asked, and of the code that answers."""
    import polars as pl

    from engine.runs.source_of import source_of

    return sha256(repr((source_of(*_CODE), pl.__version__, *parts)).encode()).hexdigest()


# By folder and name. Rules that are edited run quickly.
_held: OrderedDict[tuple[Path, str], Mapping[str, Entry]] = OrderedDict()
_lock = threading.Lock()  # desks of one process share it


def forget() -> None:
    """What this process holds in memory."""
    _held.clear()


@dataclass(slots=True)
class SpanCache:
    """Entries under one folder, a file a company."""

    folder: Path
    _written: bool = field(default=False)

    def load(self, name: str) -> Mapping[str, Entry]:
        """Entries by key; none where they are not kept, or not as they were written."""
        with _lock:
            held = _held.get((self.folder, name))
            if held is not None:
                _held.move_to_end((self.folder, name))
        if held is None:
            held = self._read(name)
            self._hold(name, held)
        return held

    def keep(self, name: str, entries: Mapping[str, Entry]) -> None:
        """Keep entries. A store that may only be read, or a full disk, keeps none."""
        from store.errors import StoreError
        from store.paths import make_folder, replace_atomically

        newest = dict(list(entries.items())[-_MOST_ENTRIES:])
        self._hold(name, newest)
        with contextlib.suppress(OSError, StoreError):
            make_folder(self.folder)
            replace_atomically(self.folder / f"{name}{_SUFFIX}", _packed(newest))
            self._written = True

    def tidy(self) -> None:
        """Make room where something was written."""
        from store.room import make_room

        if self._written:
            with contextlib.suppress(OSError):
                make_room(self.folder, _SUFFIX, 0, MOST_BYTES)

    def _hold(self, name: str, entries: Mapping[str, Entry]) -> None:
        with _lock:
            _held[self.folder, name] = entries
            _held.move_to_end((self.folder, name))
            while len(_held) > _MOST:
                _held.popitem(last=False)

    def _read(self, name: str) -> Mapping[str, Entry]:
        path = self.folder / f"{name}{_SUFFIX}"
        try:
            found = _unpacked(path.read_bytes())
            with contextlib.suppress(OSError):
                os.utime(path)  # in use
            return found
        except (OSError, ValueError, KeyError, TypeError):
            return {}


def _packed(entries: Mapping[str, Entry]) -> bytes:
    """A line that says what follows and its hash, and the values."""
    values = np.array([each.values for each in entries.values()], dtype="<f8")
    head = {"keys": list(entries), "until": [each.until for each in entries.values()], "shape": values.shape}
    told = json.dumps(head).encode()
    return b"\n".join((sha256(told + values.tobytes()).hexdigest().encode(), told, values.tobytes()))


def _unpacked(data: bytes) -> Mapping[str, Entry]:
    digest, told, plain = data.split(b"\n", 2)
    if sha256(told + plain).hexdigest().encode() != digest:
        raise ValueError("not as it was written")
    head = json.loads(told)
    values = np.frombuffer(plain, dtype="<f8").reshape(head["shape"])
    rows: Sequence[Floats] = list(values)
    return {key: Entry(row, until) for key, row, until in zip(head["keys"], rows, head["until"], strict=True)}

"""What filings told over stretches of sessions, kept beside the store: worked out once, by whichever process asks.

A company's spans follow from rows of facts and splits, sessions, names and code alone; their name is the hash of
all that, so that nothing kept ever grows old. What is damaged, or cannot be written, is worked out anew.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from math import isnan, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

MOST_BYTES = 256 << 20  # of all companies; the longest unused go first


@dataclass(frozen=True, slots=True)
class Span:
    """Rows from ``row`` up to ``after``, none later than ``until``: fields at the two probing prices."""

    row: int
    after: int
    one: Mapping[str, float]
    two: Mapping[str, float]
    until: date


def name_of(frames: Sequence[pl.DataFrame], *parts: object) -> str:
    """The hash of what spans follow from: every row of the frames, the parts, and the code that reads them."""
    import polars as pl

    from engine.version import VERSION

    digest = sha256(repr((VERSION, pl.__version__, *parts)).encode())
    for frame in frames:
        digest.update(repr(frame.schema).encode())
        digest.update(frame.hash_rows(seed=7).to_numpy().tobytes())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class SpanCache:
    """Spans under one folder, a file a company and what was asked of it."""

    folder: Path

    def load(self, name: str) -> tuple[Span, ...] | None:
        """The spans; None where they are not kept, or not as they were written."""
        path = self.folder / f"{name}.json"
        try:
            told = json.loads(path.read_bytes())
            if _digest(told["spans"]) != told["sha256"]:
                return None
            with contextlib.suppress(OSError):
                os.utime(path)  # in use
            return tuple(
                Span(row, after, _numbers(one), _numbers(two), date.fromisoformat(until))
                for row, after, one, two, until in told["spans"]
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, name: str, spans: Sequence[Span]) -> None:
        """Keep spans. A store that may only be read, or a full disk, keeps none."""
        from store.errors import StoreError
        from store.paths import make_folder, replace_atomically
        from store.room import make_room

        plain = [
            [each.row, each.after, _plain(each.one), _plain(each.two), each.until.isoformat()]
            for each in spans
        ]
        data = json.dumps({"sha256": _digest(plain), "spans": plain}).encode()
        with contextlib.suppress(OSError, StoreError):
            make_folder(self.folder)
            make_room(self.folder, ".json", len(data), MOST_BYTES)
            replace_atomically(self.folder / f"{name}.json", data)


def _digest(plain: Any) -> str:
    return sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _plain(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: None if isnan(value) else value for name, value in values.items()}


def _numbers(plain: Mapping[str, float | None]) -> dict[str, float]:
    return {name: nan if value is None else float(value) for name, value in plain.items()}

"""What goes into the store in one commit, and what comes back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Rows of an answer that failed a check: kept beside the store for a look, never read as data."""

    table: str
    reason: str
    rows: pl.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a source was asked for and has answered, kept with the commit: from ``start`` to ``end`` (both
    included) nothing of this needs asking again, also where the answer had no rows.

    ``detail`` tells apart what one data set has several of (``1m`` bars of ``intraday``).
    """

    dataset: str
    security_id: int
    start: date
    end: date
    detail: str = ""


@dataclass(frozen=True, slots=True)
class FetchedRecord:
    """A ``Fetched`` as the catalog lists it, with who answered and when."""

    source: str
    dataset: str
    security_id: int
    detail: str
    start: date
    end: date
    fetched_at: datetime
    seq: int


@dataclass(frozen=True, slots=True)
class Batch:
    """One outside answer, in canonical frames.

    ``source`` says who answered, ``dataset`` what was asked, ``answer_hash`` what came back: the three
    name the batch, and the same batch twice is written once. ``basis`` is the ``known_basis`` of frames
    that carry none of their own.
    """

    source: str
    dataset: str
    answer_hash: str
    frames: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    basis: str = ""
    note: str = ""
    quarantined: tuple[Quarantined, ...] = ()
    fetched: tuple[Fetched, ...] = ()

    @property
    def ingest_key(self) -> str:
        return ingest_key(self.source, self.dataset, self.answer_hash)


def ingest_key(source: str, dataset: str, answer_hash: str) -> str:
    """One text for the three; lengths stand before the parts so that no two triples meet."""
    parts = (source.encode(), dataset.encode(), answer_hash.encode())
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class CommitResult:
    """An acknowledged commit. ``duplicate``: the batch was there already, and this is its first commit."""

    seq: int
    duplicate: bool
    rows: Mapping[str, int]
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class BatchInfo:
    """A commit as the catalog lists it."""

    seq: int
    kind: str  # "append" or "compact"
    source: str
    dataset: str
    answer_hash: str
    basis: str
    note: str
    user: str
    recorded_at: datetime
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class TableSize:
    """What a table's files take on disk: fragments as fetched, and the two sorted copies."""

    table: str
    rows: int  # all versions; of two copies one
    fragments: int
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Answered:
    """What one source has answered of one data set: about how many securities, from when to when, last when."""

    source: str
    dataset: str
    securities: int
    start: date
    end: date
    last_at: datetime


@dataclass(frozen=True, slots=True)
class QuarantineRecord:
    """Rows set aside: where they are and why."""

    id: int
    seq: int
    source: str
    dataset: str
    table: str
    reason: str
    rows: int
    path: str | None  # relative to the store's home
    recorded_at: datetime

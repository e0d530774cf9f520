"""The canonical form of a snapshot, and the hash over it that is the snapshot's id. docs/snapshots.md says it
in words: whoever changes one changes the other, and the format's number."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from store.clock import from_micros, to_micros

FORMAT = "asof snapshot 1"


@dataclass(frozen=True, slots=True)
class Selection:
    """Rows of one table: of which securities (None: all), over which days (both included; None: open), and
    which columns beside the key (None: all). ``asof`` is T where it is not the snapshot's own."""

    table: str
    ids: tuple[int, ...] | None = None
    start: date | None = None
    end: date | None = None
    columns: tuple[str, ...] | None = None
    asof: datetime | None = None


@dataclass(frozen=True, slots=True)
class SnapshotRead:
    """One read of a snapshot: the question, and what identifies its rows."""

    table: str
    ids: tuple[int, ...] | None
    start: date | None
    end: date | None
    columns: tuple[str, ...]  # beside the key, in the order asked for
    asof: datetime
    rows: int
    commits: tuple[tuple[int, int], ...]  # (commit, how many of the rows it brought), ascending
    hash: str  # of the rows' content, with known_at and commit of each


@dataclass(frozen=True, slots=True)
class SnapshotBody:
    """All that the id is made from."""

    snapshot: int
    recorded: datetime | None
    reads: tuple[SnapshotRead, ...]
    commits: tuple[tuple[int, str], ...]  # (commit, hash of its entry in the catalog), ascending

    def text(self) -> str:
        """The canonical JSON."""
        fields = {
            "commits": [list(each) for each in self.commits],
            "format": FORMAT,
            "reads": [_read_fields(read) for read in self.reads],
            "recorded": None if self.recorded is None else to_micros(self.recorded),
            "snapshot": self.snapshot,
        }
        return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _read_fields(read: SnapshotRead) -> dict[str, object]:
    return {
        "asof": to_micros(read.asof),
        "columns": list(read.columns),
        "commits": [list(each) for each in read.commits],
        "end": None if read.end is None else read.end.isoformat(),
        "hash": read.hash,
        "ids": None if read.ids is None else list(read.ids),
        "rows": read.rows,
        "start": None if read.start is None else read.start.isoformat(),
        "table": read.table,
    }


def id_of(text: str) -> str:
    """The snapshot's id: SHA-256 over its canonical JSON."""
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def parse_body(text: str) -> SnapshotBody:
    """The body that a canonical text says; ValueError, KeyError or TypeError where it says none."""
    fields: dict[str, Any] = json.loads(text)
    if fields["format"] != FORMAT:
        raise ValueError(f"format {fields['format']!r}")
    recorded = fields["recorded"]
    return SnapshotBody(
        fields["snapshot"],
        None if recorded is None else from_micros(recorded),
        tuple(_parse_read(read) for read in fields["reads"]),
        tuple((seq, digest) for seq, digest in fields["commits"]),
    )


def _parse_read(fields: Mapping[str, Any]) -> SnapshotRead:
    return SnapshotRead(
        table=fields["table"],
        ids=None if fields["ids"] is None else tuple(fields["ids"]),
        start=_day(fields["start"]),
        end=_day(fields["end"]),
        columns=tuple(fields["columns"]),
        asof=from_micros(fields["asof"]),
        rows=fields["rows"],
        commits=tuple((seq, rows) for seq, rows in fields["commits"]),
        hash=fields["hash"],
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def hash_parts(tag: str, parts: Iterable[str]) -> str:
    """SHA-256 over a tag and texts, each after its length, so that no two lists of texts meet."""
    digest = hashlib.sha256(tag.encode())
    for part in parts:
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(8, "little") + encoded)
    return digest.hexdigest()


def commit_hash(row: Sequence[object]) -> str:
    """Of a commit's entry: seq, kind, source, dataset, answer_hash, basis, note, user, recorded_at, rows."""
    return hash_parts("asof commit 1", (str(value) for value in row))

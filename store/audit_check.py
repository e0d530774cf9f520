"""Checking the audit: each line against its own hash, the one before it, and what the catalog noted; and each
commit of the catalog against the line that tells of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from store.audit import Audit
from store.audit_lines import BEGINNING, AuditEvent, files_of, is_stray, own_hash, parsed
from store.catalog import Catalog
from store.clock import to_micros
from store.locks import in_turn

_TELL = frozenset(("write", "compact", "untold"))  # events that tell of a commit
SETTLES = timedelta(minutes=5)  # between a commit and its line; longer, and nobody is about to write it


def verify(
    audit: Audit, catalog: Catalog, progress: Callable[[int, int, str], None] | None = None
) -> list[str]:
    """Problems as sentences that name file and line; none where nothing was changed. Safe beside writers."""
    with catalog.read() as connection:  # before the files are measured: what is noted is in them
        heads = {
            lines: (digest, seq)
            for lines, digest, seq in connection.execute("select lines, hash, seq from audit_heads")
        }
        commits = settled_commits(connection, audit.clock())
        kept: dict[str, str] = dict(connection.execute("select id, seal from snapshots").fetchall())
    with in_turn(audit.lock, shared=True):  # between two lines
        sizes = [(path, path.stat().st_size) for path in files_of(audit.layout.audit)]
    stray = sorted(path.name for path in audit.layout.audit.iterdir() if is_stray(path))
    walk = _Walk(heads, problems=[f"{name} is no file of the audit: it was put in" for name in stray])
    done, total = 0, sum(size for _, size in sizes)
    for path, size in sizes:
        if progress is not None:
            progress(done, total, f"audit {path.name}")
        walk.file(path, size, last=path == sizes[-1][0])
        done += size
    if progress is not None:
        progress(total, total, "audit")
    problems = walk.finish(commits)
    wrong = _snapshots(kept, walk.seals)
    if wrong:  # once more: one that was kept while the files were measured is told by now
        late = {str(one.facts.get("id")): str(one.facts.get("seal")) for one in audit.events(100, "snapshot")}
        wrong = {id_: why for id_, why in wrong.items() if id_ not in late or late[id_] != kept.get(id_)}
    return [*problems, *wrong.values()]


def _snapshots(kept: Mapping[str, str], told: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the catalog's entries of snapshots, by id: each line of one holds the entry's seal."""
    changed = (
        "is not what its line in the audit says: its name, note, user or time was changed, or its writer was "
        "killed before it could tell of it"
    )
    wrong = {
        id_: f"the catalog's entry of snapshot {id_[:12]} {changed}"
        for id_, seal in kept.items()
        if told.get(id_) != seal
    }
    gone = (id_ for id_ in told if id_ not in kept)
    return wrong | {id_: f"snapshot {id_[:12]} was removed from the catalog" for id_ in gone}


def settled_commits(connection: sqlite3.Connection, now: datetime) -> list[int]:
    """Commits whose writers must have told of them by now."""
    before = to_micros(now - SETTLES)
    return [
        seq
        for (seq,) in connection.execute(
            "select seq from commits where recorded_at < ? order by seq", (before,)
        )
    ]


def untold(commits: Iterable[int], told: set[int]) -> list[int]:
    """Commits without a line; those from before there was an audit have none to miss."""
    first = min(told, default=None)
    return [] if first is None else [seq for seq in commits if seq > first and seq not in told]


def told_by(event: AuditEvent) -> int | None:
    """The commit that an event tells of."""
    seq = event.facts.get("seq")
    return seq if event.event in _TELL and isinstance(seq, int) else None


@dataclass(slots=True)
class _Walk:
    """Goes along the chain; after a problem it takes the chain up again, so that each is told once."""

    heads: dict[int, tuple[str, int]]
    due: int = 1  # the number of the next line
    follows: frozenset[str] | None = frozenset((BEGINNING,))  # what it may name as previous; None: unknown
    problems: list[str] = field(default_factory=list)
    rewritten: int = 0
    told: set[int] = field(default_factory=set)
    seals: dict[str, str] = field(default_factory=dict)  # of snapshots, as they were told last

    def file(self, path: Path, size: int, *, last: bool) -> None:
        read, number = 0, 0
        with path.open("rb") as handle:
            while read < size:
                raw = handle.readline(size - read)
                if not raw:
                    self.problems.append(f"{path.name} became shorter while it was checked")
                    return
                read, number = read + len(raw), number + 1
                where = f"{path.name} line {number}"
                if raw.endswith(b"\n"):
                    self.line(where, raw)
                elif last:
                    self.problems.append(
                        f"{where} is cut short: its writer was killed, or the end of the file was cut. "
                        "The next event written mends it and tells of it"
                    )
                else:
                    self.problems.append(f"{where} is cut short: the end of the file was cut")

    def line(self, where: str, raw: bytes) -> None:
        one = parsed(raw)
        if one is None:
            self.problems.append(f"{where} was changed or put in: it is not written as the audit writes")
            self.due, self.follows = self.due + 1, None
            return
        content = own_hash(raw)
        if content != one.hash:
            self.problems.append(f"{where} was changed: its hash does not fit what it says")
        elif (seq := told_by(one)) is not None:
            self.told.add(seq)
        elif one.event == "snapshot":
            self.seals[str(one.facts.get("id"))] = str(one.facts.get("seal"))
        self._place(where, one, untouched=content == one.hash)
        noted = self.heads.pop(one.seq, None)
        if noted is not None and noted[0] != one.hash:
            self.rewritten += 1
            if self.rewritten == 1 and content == one.hash:
                self.problems.append(
                    f"{where} is not the line that the catalog noted at commit {noted[1]}: "
                    "the audit was written anew from here or from before"
                )
        self.due = one.seq + 1
        self.follows = frozenset((one.hash, content))

    def _place(self, where: str, one: AuditEvent, *, untouched: bool) -> None:
        """Whether the line stands where it was written."""
        if one.seq > self.due:
            gap = f"event {self.due}" if one.seq == self.due + 1 else f"events {self.due} to {one.seq - 1}"
            self.problems.append(
                f"{where} holds event {one.seq}: {gap} before it {_was(one.seq - self.due)} removed or moved"
            )
        elif one.seq < self.due:
            self.problems.append(
                f"{where} holds event {one.seq} where event {self.due} is due: it was moved, repeated or put in"
            )
        elif self.follows is not None and one.previous not in self.follows and untouched:
            self.problems.append(
                f"{where} does not follow the line before it: that one was changed or replaced"
            )

    def finish(self, commits: list[int]) -> list[str]:
        last = max(self.heads, default=0)
        if last >= self.due:
            self.problems.append(
                f"the end of the audit was cut: at commit {self.heads[last][1]} there were {last:,} events, "
                f"now the last one is {self.due - 1:,}"
            )
        self.problems += [
            f"commit {seq} has no line: its writer was killed before it could tell of it, or the line was removed; "
            "asof store vacuum writes that down"
            for seq in untold(commits, self.told)
        ]
        return self.problems


def _was(count: int) -> str:
    return "was" if count == 1 else "were"

"""Checking the audit: each line against its own hash, the one before it, and what the catalog noted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from store.audit import Audit
from store.audit_lines import BEGINNING, AuditEvent, files_of, own_hash, parsed
from store.catalog import Catalog
from store.locks import in_turn


def verify(
    audit: Audit, catalog: Catalog, progress: Callable[[int, int, str], None] | None = None
) -> list[str]:
    """Problems as sentences that name file and line; none where nothing was changed. Safe beside writers."""
    with catalog.read() as connection:  # before the files are measured: what is noted is in them
        heads = {
            lines: (digest, seq)
            for lines, digest, seq in connection.execute("select lines, hash, seq from audit_heads")
        }
    with in_turn(audit.lock, shared=True):  # between two lines
        sizes = [(path, path.stat().st_size) for path in files_of(audit.layout.audit)]
    walk = _Walk(heads)
    done, total = 0, sum(size for _, size in sizes)
    for path, size in sizes:
        if progress is not None:
            progress(done, total, f"audit {path.name}")
        walk.file(path, size, last=path == sizes[-1][0])
        done += size
    if progress is not None:
        progress(total, total, "audit")
    return walk.finish()


@dataclass(slots=True)
class _Walk:
    """Goes along the chain; after a problem it takes the chain up again, so that each is told once."""

    heads: dict[int, tuple[str, int]]
    due: int = 1  # the number of the next line
    follows: frozenset[str] | None = frozenset((BEGINNING,))  # what it may name as previous; None: unknown
    problems: list[str] = field(default_factory=list)
    rewritten: int = 0

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

    def finish(self) -> list[str]:
        last = max(self.heads, default=0)
        if last >= self.due:
            self.problems.append(
                f"the end of the audit was cut: at commit {self.heads[last][1]} there were {last:,} events, "
                f"now the last one is {self.due - 1:,}"
            )
        return self.problems


def _was(count: int) -> str:
    return "was" if count == 1 else "were"

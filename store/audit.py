"""The audit: who did what to this store and when, in lines that hold on to one another by their hashes.

``audit/2024-06.jsonl`` and so on: a file a month, so that old ones can be put away; the chain runs on over
them. Writers of all processes take turns under a lock. A line is in the kernel's hands when ``record``
answers, so that a killed process loses none; lines of writes are also on the disk by then, and every line is
before a commit anchors it. Each commit notes in the catalog how many lines there were and the last one's
hash (``audit_heads``): from then on also a cut end is found.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from store.audit_lines import (
    BEGINNING,
    LONGEST,
    AuditEvent,
    Fact,
    backward,
    files_of,
    line_of,
    own_hash,
    parsed,
    plain_facts,
)
from store.clock import utc_now
from store.errors import StoreError
from store.locks import in_turn
from store.paths import Layout, fsync_folder, make_empty_file
from store.who import user_name

Event = tuple[str, Mapping[str, Fact]]
_APPENDING = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW


@dataclass(frozen=True, slots=True)
class Head:
    """The last line: its number (the count of lines) and its hash."""

    count: int = 0
    hash: str = BEGINNING


@dataclass(frozen=True, slots=True)
class Audit:
    """The audit of one store; may be shared between threads."""

    layout: Layout
    clock: Callable[[], datetime] = utc_now

    def record(self, event: str, **facts: Fact) -> None:
        """Append one event. Facts are plain values and never a secret."""
        self.record_all([(event, facts)])

    def record_all(self, events: Sequence[Event], *, durable: bool = False) -> None:
        """Append events together; ``durable`` waits until they are on the disk."""
        plain = [(name, plain_facts(facts)) for name, facts in events]
        if not plain:
            return
        try:
            with in_turn(self.lock):
                descriptor = self._append(plain)
            try:
                if durable:
                    os.fdatasync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise StoreError(
                f"the audit in {self.layout.audit} cannot be written: {error.strerror or error}"
            ) from error

    def head(self) -> Head:
        """The last whole line, once it is on the disk. Where the next could not be written there is none."""
        try:
            with in_turn(self.lock):
                head = self._last()
                path = self._file(self.clock())
            _sync(path)
        except OSError as error:
            raise StoreError(
                f"the audit in {self.layout.audit} cannot be written: {error.strerror or error}; "
                "nothing is committed without it"
            ) from error
        return head

    def events(
        self, limit: int = 100, event: str | None = None, *, user: str | None = None
    ) -> list[AuditEvent]:
        """The newest events, newest first, of one kind or user where asked."""
        found: list[AuditEvent] = []
        for path in reversed(files_of(self.layout.audit)):
            for raw in backward(path):
                one = parsed(raw)
                if one is None:
                    continue  # torn or damaged: ``verify_audit`` names the line
                if (event is None or one.event == event) and (user is None or one.user == user):
                    found.append(one)
                    if len(found) >= limit:
                        return found
        return found

    @property
    def lock(self) -> Path:
        return self.layout.locks / "audit.lock"

    def _append(self, events: Sequence[Event]) -> int:
        """Under the lock: mend, write, and answer the descriptor of the file written to."""
        now, user = self.clock(), user_name()
        events = (*self._mend(), *events)
        path = self._file(now)
        head, lines = self._last(), []
        count, previous = head.count, head.hash
        for event, facts in events:
            count += 1
            line, previous = line_of(count, previous, now, user, event, facts)
            lines.append(line)
        descriptor = os.open(path, _APPENDING)
        size = os.fstat(descriptor).st_size
        try:
            _write(descriptor, b"".join(lines))
        except BaseException:
            os.ftruncate(descriptor, size)  # a full disk leaves no half of a line
            os.close(descriptor)
            raise
        return descriptor

    def _file(self, now: datetime) -> Path:
        """The month's file, made where missing; a clock that runs behind does not go back to an older one."""
        files = files_of(self.layout.audit)
        path = self.layout.audit / f"{now:%Y-%m}.jsonl"
        if files and files[-1].name >= path.name:
            return files[-1]
        if files:
            _sync(files[-1])
        make_empty_file(path)
        fsync_folder(self.layout.audit)
        return path

    def _mend(self) -> list[Event]:
        """Take away the half line of a killed writer and answer the event that tells of it. A line that
        lacks nothing but its newline is completed."""
        files = files_of(self.layout.audit)
        torn = next(backward(files[-1]), b"\n") if files else b"\n"
        if torn.endswith(b"\n"):
            return []
        path, head, whole = files[-1], self._last(), torn + b"\n"
        one = parsed(whole)
        follows = one is not None and (one.seq, one.previous) == (head.count + 1, head.hash)
        descriptor = os.open(path, _APPENDING)
        try:
            if one is not None and follows and own_hash(whole) == one.hash:
                _write(descriptor, b"\n")
                return []
            os.ftruncate(descriptor, os.fstat(descriptor).st_size - len(torn))
        finally:
            os.close(descriptor)
        text = torn.decode("utf-8", "backslashreplace")[:LONGEST]
        return [("torn", {"file": path.name, "bytes": len(torn), "text": text})]

    def _last(self) -> Head:
        """The last line that can be read as one. A damaged line behind it stays for ``verify`` to find."""
        for path in reversed(files_of(self.layout.audit)):
            for raw in backward(path):
                one = parsed(raw)
                if one is not None:
                    return Head(one.seq, one.hash)
        return Head()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)


def anchor(connection: sqlite3.Connection, head: Head, seq: int) -> None:
    """Note the head within a commit's transaction. What was noted once stays, whatever the file says later."""
    if head.count:
        connection.execute("insert or ignore into audit_heads values (?, ?, ?)", (head.count, head.hash, seq))


def _write(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]

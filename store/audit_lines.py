"""The form of an audit line, and how lines are read from the end of a file.

A line is one JSON object in a canonical form: names sorted, no blanks, everything outside printable ASCII
escaped. Its ``hash`` is SHA-256 over the same object without ``hash``; ``previous`` is the hash of the line
before it (zeros for the first), so that a line cannot be changed, removed, moved or put in unseen.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from store.errors import StoreError

Fact: TypeAlias = str | int | float | bool | None

BEGINNING = "0" * 64  # what the first line follows
LONGEST = 4_000  # characters of one fact
_NAMES = frozenset(("at", "event", "facts", "hash", "previous", "seq", "user"))
_FILE = re.compile(r"^\d{4}-\d{2}\.jsonl$")
_BLOCKS = (2_048, 65_536)  # bytes: mostly the last line alone is wanted
_AFTER_NEWLINE = re.compile(rb"(?<=\n)")
# A fact of such a name would hold what nobody may read here.
_SECRET = re.compile(r"(^|_)(key|secret|token|password|passphrase|authorization)$")


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One line of the audit, read back."""

    seq: int
    at: datetime
    user: str
    event: str
    facts: Mapping[str, Fact]
    previous: str
    hash: str


def canonical(fields: Mapping[str, object]) -> bytes:
    """The one form in which an object is written and hashed."""
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return text.replace("\x7f", "\\u007f").encode("ascii")


def line_of(
    seq: int, previous: str, at: datetime, user: str, event: str, facts: Mapping[str, Fact]
) -> tuple[bytes, str]:
    """A line with its newline, and its hash."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    fields = {
        "at": moment, "event": event, "facts": facts, "previous": previous, "seq": seq, "user": user,
    }  # fmt: skip
    digest = hashlib.sha256(canonical(fields)).hexdigest()
    return canonical({**fields, "hash": digest}) + b"\n", digest


def plain_facts(facts: Mapping[str, object]) -> dict[str, Fact]:
    """Facts as JSON can hold them; what is no plain value, or named like a secret, is refused."""
    plain: dict[str, Fact] = {}
    for name, value in facts.items():
        if _SECRET.search(name.lower()):
            raise StoreError(f"the audit keeps no secrets: a fact may not be named {name!r}")
        if isinstance(value, str) and len(value) > LONGEST:
            plain[name] = f"{value[:LONGEST]}... ({len(value):,} characters)"
        elif isinstance(value, float) and not math.isfinite(value):
            plain[name] = str(value)
        elif value is None or isinstance(value, str | int | float):
            plain[name] = value
        else:
            raise StoreError(f"the audit keeps plain values: {name} is a {type(value).__name__}")
    return plain


def parsed(raw: bytes) -> AuditEvent | None:
    """The event of a line (its newline included), or None where it is not written in the canonical form."""
    try:
        fields = json.loads(raw)
        if not isinstance(fields, dict) or fields.keys() != _NAMES or raw != canonical(fields) + b"\n":
            return None
        at = datetime.fromisoformat(fields["at"])
        typed = type(fields["seq"]) is int and isinstance(fields["facts"], dict)
        texts = all(isinstance(fields[name], str) for name in ("event", "hash", "previous", "user"))
    except (ValueError, TypeError, RecursionError):
        return None
    if not typed or not texts or at.tzinfo is None:
        return None
    return AuditEvent(
        fields["seq"],
        at,
        fields["user"],
        fields["event"],
        fields["facts"],
        fields["previous"],
        fields["hash"],
    )


def own_hash(raw: bytes) -> str:
    """What the hash of a well-formed line ought to be, by its content."""
    fields = json.loads(raw)
    del fields["hash"]
    return hashlib.sha256(canonical(fields)).hexdigest()


def files_of(folder: Path) -> list[Path]:
    """The audit's files, oldest month first."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if _FILE.match(path.name) and not is_stray(path))


def is_stray(path: Path) -> bool:
    """Whether something that is no file has a file's name: a link that was put there would lead lines elsewhere,
    and the end of another's file into the audit."""
    return bool(_FILE.match(path.name)) and (path.is_symlink() or not path.is_file())


def backward(path: Path, size: int | None = None) -> Iterator[bytes]:
    """Lines from the last to the first, each with its newline; what stands behind the last newline comes
    first, without one."""
    with path.open("rb") as handle:
        position = handle.seek(0, 2) if size is None else size
        held, block = b"", _BLOCKS[0]
        while position > 0:
            step, block = min(block, position), _BLOCKS[1]
            position -= step
            handle.seek(position)
            held = handle.read(step) + held
            lines = [part for part in _AFTER_NEWLINE.split(held) if part]
            held = lines[0]
            yield from reversed(lines[1:])
        if held:
            yield held

"""Documents of a user: workspaces, watchlists, preferences, history. JSON bodies in the catalog.

A body that cannot be read, or whose fields are not of the declared kinds, counts as absent: a damaged
document must not keep anyone from working. It stays where it is until something is written over it, and
even then its text is kept aside.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store.catalog import Catalog
from store.clock import to_micros

ASIDE = "aside"  # kind of the documents that hold what was written over unread

Change = Callable[[dict[str, Any] | None], Mapping[str, Any] | None]


def _list_of(kind: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, list) and all(type(each) is kind for each in value)


def _of(kind: type) -> Callable[[object], bool]:
    return lambda value: type(value) is kind


# Fields by kind of document; a field may be missing, and others may stand beside them.
SHAPES: Mapping[str, Mapping[str, Callable[[object], bool]]] = {
    "watchlist": {"ids": _list_of(int)},
    "portfolio": {"ids": _list_of(int), "weights": _list_of(float), "shares": _list_of(float)},
    "screen": {"expression": _of(str)},
    "history": {"lines": _list_of(str)},
    "workspace": {
        "visits": _list_of(dict),
        "position": _of(int),
        "history": _list_of(str),
        **{name: _of(str) for name in ("asof", "security", "theme", "draft", "worked_at")},
    },
}


@dataclass(frozen=True, slots=True)
class UserState:
    """One user's documents, each named by a kind and a name."""

    catalog: Catalog
    user: str
    clock: Callable[[], datetime]

    def get(self, kind: str, name: str = "") -> dict[str, Any] | None:
        """The body; None where there is none or it cannot be read."""
        with self.catalog.read() as connection:
            held = self._held(connection, kind, name)
        return None if held is None else readable(kind, held)

    def damaged(self, kind: str, name: str = "") -> bool:
        """Whether there is a body that cannot be read."""
        with self.catalog.read() as connection:
            held = self._held(connection, kind, name)
        return held is not None and readable(kind, held) is None

    def put(self, kind: str, name: str, body: Mapping[str, Any]) -> None:
        """Replace the document, whatever it held. What depends on what it held goes through ``update``."""
        self.update(kind, name, lambda _: body)

    def update(self, kind: str, name: str, change: Change) -> dict[str, Any] | None:
        """Read, change and write in one transaction, so that no other process's change is lost.

        ``change`` is given the body (None where there is none) and answers the new one, or None to leave
        the document as it is; it must be quick, since everybody else waits. Answers the body now in force.
        """
        with self.catalog.write() as connection:
            held = self._held(connection, kind, name)
            before = None if held is None else readable(kind, held)
            after = change(before)
            if after is None:
                return before
            if held is not None and before is None:
                text = held.decode("utf-8", "backslashreplace")
                self._write(connection, ASIDE, f"{kind}/{name}", {"body": text})
            body = dict(after)
            self._write(connection, kind, name, body)
        return body

    def names(self, kind: str) -> list[str]:
        with self.catalog.read() as connection:
            rows = connection.execute(
                "select name from documents where user = ? and kind = ? order by name", self._key(kind)
            ).fetchall()
        return [row[0] for row in rows]

    def delete(self, kind: str, name: str = "") -> None:
        with self.catalog.write() as connection:
            connection.execute(
                "delete from documents where user = ? and kind = ? and name = ?", self._key(kind, name)
            )

    def _key(self, *words: str) -> tuple[str, ...]:
        """User and words as SQLite takes them: no lone surrogate, and different words stay different."""
        return tuple(w.encode("utf-8", "backslashreplace").decode() for w in (self.user, *words))

    def _held(self, connection: sqlite3.Connection, kind: str, name: str) -> bytes | None:
        row = connection.execute(
            "select cast(body as blob) from documents where user = ? and kind = ? and name = ?",
            self._key(kind, name),
        ).fetchone()
        return None if row is None else row[0]

    def _write(self, connection: sqlite3.Connection, kind: str, name: str, body: dict[str, Any]) -> None:
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        connection.execute(
            "insert into documents values (?, ?, ?, ?, ?) on conflict do update "
            "set body = excluded.body, changed_at = excluded.changed_at",
            (*self._key(kind, name), _valid(text), to_micros(self.clock())),
        )


def readable(kind: str, held: bytes) -> dict[str, Any] | None:
    """The body that ``held`` is, or None where it is none of its kind."""
    try:
        body = json.loads(held.decode())
        if isinstance(body, dict) and "\\u" in held.decode():  # an escape may hide half a character
            body = json.loads(_valid(json.dumps(body, ensure_ascii=False)))
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict):
        return None
    shape = SHAPES.get(kind, {})
    return body if all(fits(body[name]) for name, fits in shape.items() if name in body) else None


def _valid(text: str) -> str:
    """``text`` with a question mark for each half of a character, which no encoding can write."""
    return text.encode("utf-8", "replace").decode()

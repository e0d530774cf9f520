"""Documents of a user: workspaces, watchlists, preferences, history. JSON bodies in the catalog."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store.catalog import Catalog
from store.clock import to_micros


@dataclass(frozen=True, slots=True)
class UserState:
    """One user's documents, each named by a kind and a name. The last writer wins."""

    catalog: Catalog
    user: str
    clock: Callable[[], datetime]

    def get(self, kind: str, name: str = "") -> dict[str, Any] | None:
        with self.catalog.read() as connection:
            row = connection.execute(
                "select body from documents where user = ? and kind = ? and name = ?", (self.user, kind, name)
            ).fetchone()
        if row is None:
            return None
        body: dict[str, Any] = json.loads(row[0])
        return body

    def put(self, kind: str, name: str, body: Mapping[str, Any]) -> None:
        text = json.dumps(dict(body), ensure_ascii=False, separators=(",", ":"))
        with self.catalog.write() as connection:
            connection.execute(
                "insert into documents values (?, ?, ?, ?, ?) on conflict do update "
                "set body = excluded.body, changed_at = excluded.changed_at",
                (self.user, kind, name, text, to_micros(self.clock())),
            )

    def names(self, kind: str) -> list[str]:
        with self.catalog.read() as connection:
            rows = connection.execute(
                "select name from documents where user = ? and kind = ? order by name", (self.user, kind)
            ).fetchall()
        return [row[0] for row in rows]

    def delete(self, kind: str, name: str = "") -> None:
        with self.catalog.write() as connection:
            connection.execute(
                "delete from documents where user = ? and kind = ? and name = ?", (self.user, kind, name)
            )

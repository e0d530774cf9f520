"""The record of a read: what LEAK shows and WHY starts from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime


class Digest:
    """A hash worked out when it is first asked for: most reads are never looked at."""

    __slots__ = ("_compute", "_value")

    def __init__(self, compute: Callable[[], str]) -> None:
        self._compute: Callable[[], str] | None = compute
        self._value = ""

    def value(self) -> str:
        compute = self._compute
        if compute is not None:
            self._value = compute()
            self._compute = None  # lets the rows go
        return self._value


@dataclass(frozen=True, slots=True)
class Read:
    """One read of one table as of a reader's clock and snapshot."""

    table: str
    ids: tuple[int, ...]  # empty: every security
    start: date | None
    end: date | None
    columns: tuple[str, ...]
    rows: int
    asof: datetime  # the clock of the reader that made it
    newest_known_at: datetime | None
    bases: tuple[str, ...]
    sources: tuple[str, ...]
    files: int
    seconds: float
    digest: Digest = field(repr=False, compare=False)

    @property
    def hash(self) -> str:
        """Canonical content hash of the rows."""
        return self.digest.value()

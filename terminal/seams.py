"""What the terminal asks of the desk, of kept state and of a completion: handed in, faked in tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from engine.page import Page, SecurityRef

Progress: TypeAlias = Callable[[int, int, str], None]  # done, total (0: not known), what
Cancelled: TypeAlias = Callable[[], bool]


class CompletionLike(Protocol):
    """One row of the drop-down; ``insert`` is the whole line after choosing it."""

    @property
    def insert(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def detail(self) -> str: ...
    @property
    def kind(self) -> str: ...


class DeskLike(Protocol):
    """One analyst's desk, as far as a front end knows it."""

    asof: datetime | None
    security: SecurityRef | None
    page: Page | None

    @property
    def preferences(self) -> Mapping[str, Any]: ...

    def run(
        self, line: str, *, progress: Progress | None = None, cancelled: Cancelled | None = None
    ) -> Page: ...

    def save_history(self) -> None: ...

    def complete(self, line: str, cursor: int, limit: int = 8) -> Sequence[CompletionLike]: ...


class StateLike(Protocol):
    """A user's JSON documents by kind and name."""

    def get(self, kind: str, name: str = "") -> dict[str, Any] | None: ...

    def put(self, kind: str, name: str, body: dict[str, Any]) -> None: ...


DeskFactory: TypeAlias = Callable[[Progress, Cancelled], DeskLike]
StateFactory: TypeAlias = Callable[[], StateLike]

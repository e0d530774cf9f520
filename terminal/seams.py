"""What the terminal asks of the desk, of kept state and of a completion: handed in, faked in tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
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


class StandingLike(Protocol):
    """Where a desk stood between two lines: all that the screen's thread ever sees of it."""

    @property
    def asof(self) -> datetime | None: ...
    @property
    def security(self) -> SecurityRef | None: ...
    @property
    def zone(self) -> tzinfo: ...
    @property
    def preferences(self) -> Mapping[str, Any]: ...
    @property
    def working(self) -> str: ...

    def complete(self, line: str, cursor: int, limit: int = 8) -> Sequence[CompletionLike]: ...

    def repeats(self, mnemonic: str) -> bool: ...

    def edited(self, line: str, name: str, text: str) -> str: ...


class DeskLike(Protocol):
    """One analyst's desk, asked by the desk's thread alone."""

    def run(
        self,
        line: str,
        *,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
        asked: bool = True,
    ) -> Page: ...

    def show(self, page: Page) -> None: ...

    def standing(self) -> StandingLike: ...

    def save_history(self) -> None: ...


Change: TypeAlias = Callable[[dict[str, Any] | None], Mapping[str, Any] | None]


class StateLike(Protocol):
    """A user's JSON documents by kind and name."""

    def get(self, kind: str, name: str = "") -> dict[str, Any] | None: ...

    def update(self, kind: str, name: str, change: Change) -> dict[str, Any] | None: ...


DeskFactory: TypeAlias = Callable[[Progress, Cancelled], DeskLike]

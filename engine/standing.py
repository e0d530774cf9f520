"""Where a desk stands between two lines: looked at from any thread while the desk runs the next one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from engine.completion import Completion, complete
from engine.page import SecurityRef
from engine.registry import Registry
from engine.securities import Directory


@dataclass(frozen=True, slots=True)
class Standing:
    """Nothing in it changes: a desk replaces its lists and its directory whole."""

    asof: datetime | None  # None is NOW
    security: SecurityRef | None  # loaded, as it is called at this clock; None where not known at it
    zone: ZoneInfo
    preferences: Mapping[str, str]
    functions: Registry
    names: Directory | None
    recent: tuple[SecurityRef, ...]
    history: tuple[str, ...]
    working: str = ""  # what runs beside the desk, for the status line: "1 job running"

    def complete(self, line: str, cursor: int, limit: int = 8) -> list[Completion]:
        """What could be typed next."""
        return complete(line, cursor, self.functions, self.names, self.recent, self.history, limit)

    def repeats(self, mnemonic: str) -> bool:
        """Whether the function's page may be run again by itself: it writes nothing and speaks of no other page."""
        function = self.functions.get(mnemonic)
        return function is None or not (function.changes or function.on_page)

    def edited(self, line: str, name: str, text: str) -> str:
        """The command ``line`` with one argument as it was typed into a field of its page.

        Raises CommandError where the argument does not take it.
        """
        from engine.edit import with_argument

        return with_argument(line, name, text, self.functions)

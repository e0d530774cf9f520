"""What a desk reads of its user's documents, and how its changes join those of other desks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engine.preferences import PREFERENCES, checked

if TYPE_CHECKING:
    from store.state import UserState

HISTORY_KEPT = 500
PREFERENCES_KIND, HISTORY_KIND = "preferences", "history"


def read_preferences(state: UserState) -> tuple[dict[str, str], tuple[str, ...]]:
    """The preferences in force, and a sentence for all that is kept but cannot be."""
    kept = state.get(PREFERENCES_KIND)
    values, faults = checked(kept or {})
    if kept is None and state.damaged(PREFERENCES_KIND):
        return values, ("The settings that were kept cannot be read: defaults hold.",)
    return values, tuple(
        f"The setting kept is not valid: {fault}. The default holds: {PREFERENCES[name].default}."
        for name, fault in faults.items()
    )


def keep_preference(state: UserState, name: str, text: str) -> str:
    """Check and write one preference; the others stay as any desk of the user left them.

    Raises ValueError with a sentence.
    """
    value = PREFERENCES[name].check(text)
    state.update(PREFERENCES_KIND, "", lambda body: {**(body or {}), name: value})
    return value


def read_lines(state: UserState) -> list[str]:
    """Lines run before, oldest first, each once."""
    return list((state.get(HISTORY_KIND) or {}).get("lines", []))


def keep_lines(state: UserState, opened_with: Sequence[str], now: Sequence[str]) -> list[str]:
    """Add the lines that a desk ran since it read ``opened_with``; answers the history with every desk's."""
    new = run_since(opened_with, now)
    if not new:
        return list(now)

    def joined(held: dict[str, Any] | None) -> dict[str, Any]:
        others = [line for line in (held or {}).get("lines", []) if line not in new]
        return {"lines": [*others, *new][-HISTORY_KEPT:]}

    return list((state.update(HISTORY_KIND, "", joined) or {})["lines"])


def run_since(opened_with: Sequence[str], now: Sequence[str]) -> list[str]:
    """What follows in ``now`` after the lines that came over, in their order, from ``opened_with``.

    A line run again moves to the end, so the lines that came over lose some of their number, not their order.
    """
    older = iter(opened_with)
    for at, line in enumerate(now):
        if line not in older:  # looks on from where the line before was found
            return list(now[at:])
    return []

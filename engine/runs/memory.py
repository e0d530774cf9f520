"""What the last pages of this process were made of, for the next page that asks the same at the same clock.

An answer is named by the store's id, the snapshot, when that was recorded, and the clock: commits make new names, and
so does another store at the same place, so that what is kept is never wrong, only no longer asked for. What an answer
read, noted and found stale is on the next page's record too.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from engine.context import Context
    from engine.page import Note
    from store.reads import Read

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Answer(Generic[T]):
    value: T
    reads: tuple[Read, ...]
    notes: tuple[Note, ...]
    stale: tuple[tuple[str, str], ...]


class Memory(Generic[T]):
    """The last ``most`` answers, fewer where their sizes, told by ``weigh``, pass ``heaviest`` together."""

    def __init__(self, most: int, weigh: Callable[[T], int] = lambda _: 0, heaviest: int = 3_000_000) -> None:
        self._most, self._weigh, self._heaviest = most, weigh, heaviest
        self._held: OrderedDict[tuple[object, ...], _Answer[T]] = OrderedDict()
        self._lock = threading.Lock()

    def recall(self, context: Context, question: tuple[object, ...], make: Callable[[], T]) -> T:
        """What ``make`` answers, or answered to the same question; what it raises is not kept."""
        name = (*clock(context), *question)
        with self._lock:
            held = self._held.get(name)
            if held is not None:
                self._held.move_to_end(name)
        if held is None:
            held = _made(context, make)
            self._keep(name, held)
        else:
            reader = context.reader
            for read in held.reads:
                reader.enter(replace(read, asof=reader.asof))
        for note in held.notes:
            context.note(note.text, note.level, passing=note.passing)
        context.stale.extend(held.stale)
        return held.value

    def forget(self) -> None:
        """Keeps nothing."""
        with self._lock:
            self._held.clear()

    def _keep(self, name: tuple[object, ...], answer: _Answer[T]) -> None:
        with self._lock:
            self._held[name] = answer
            while len(self._held) > self._most or (len(self._held) > 1 and self._weight() > self._heaviest):
                self._held.popitem(last=False)

    def _weight(self) -> int:
        return sum(self._weigh(each.value) for each in self._held.values())


def _made(context: Context, make: Callable[[], T]) -> _Answer[T]:
    """An answer with all that was noted on the way to it, also what the page says already."""
    before, notes, stale = len(context.reader.reads), list(context.notes), list(context.stale)
    context.notes.clear()
    context.stale.clear()
    try:
        value = make()
        said, late = tuple(context.notes), tuple(context.stale)
    except BaseException:
        notes += [each for each in context.notes if each not in notes]
        stale += context.stale
        raise
    finally:
        context.notes[:], context.stale[:] = notes, stale
    return _Answer(value, context.reader.reads[before:], said, late)


def clock(context: Context) -> tuple[object, ...]:
    """What of clock and snapshot an answer hangs on: after the newest row known, only the day."""
    from store.clock import to_micros
    from store.hot import newest_known, state_of
    from store.schema import TABLES

    reader = context.reader
    tables, hot = tuple(TABLES), reader.hot
    newest = newest_known(reader, tables) if hot is None else hot.end(reader, tables)
    known = min(to_micros(reader.asof), newest)
    recorded = reader.recorded.isoformat() if reader.recorded else ""
    return *state_of(reader), known, reader.session_date, recorded

"""What happened on the way, kept as arrays: most of it is fills in parts, whose words are made when they are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, overload

import numpy as np

from engine.backtest.broker import partial_text
from engine.backtest.inputs import Bools
from engine.backtest.market import Floats, Market
from engine.backtest.result import Event, Ints

PARTIAL = "partial"


class Happened:
    """Collects events of arrays, in order. Columns are symbols, -1 is the account."""

    def __init__(self) -> None:
        self.count = 0
        self.singles: list[tuple[int, int, int]] = []  # turn, session, symbol
        self.told: list[tuple[str, str]] = []  # kind and words of each
        self.parts: list[tuple[int, int, Ints, Floats, Floats]] = []  # turn, session, symbols, filled, wanted

    def tell(self, row: int, column: int, kind: str, text: str) -> None:
        """One event."""
        self.singles.append((self.count, row, column))
        self.told.append((kind, text))
        self.count += 1

    def partly(self, row: int, columns: Ints, filled: Floats, wanted: Floats) -> None:
        """Fills of some shares of those wanted, of one session."""
        self.parts.append((self.count, row, columns, filled, wanted))
        self.count += 1

    def among(self, began: int, columns: Ints, symbols: int) -> None:
        """Puts the fills in parts that were told last among what was told one by one from ``began`` on, in the order
        of ``columns``."""
        if not self.parts or self.parts[-1][0] < max(began + 1, self.count - 1):
            return
        _, row, own, filled, wanted = self.parts[-1]
        self.parts.pop()
        place = np.empty(symbols, dtype=np.int64)
        place[columns] = np.arange(len(columns))
        alone = self.singles[began - self.count + 1 :]
        bounds = [0, *np.searchsorted(place[own], place[[each[2] for each in alone]]).tolist(), len(own)]
        turn = began
        for at, (begin, end) in enumerate(pairwise(bounds)):
            if end > begin:
                self.parts.append((turn, row, own[begin:end], filled[begin:end], wanted[begin:end]))
                turn += 1
            if at < len(alone):
                self.singles[at - len(alone)] = (turn, row, alone[at][2])
                turn += 1
        self.count = turn

    def events(self, market: Market, more: Sequence[Event], accounts: bool) -> Events:
        """By session; those of accounts then by account, what was lost last. ``more``: what the result adds."""
        place = {symbol: column for column, symbol in enumerate(market.symbols)}
        added = np.searchsorted(market.dates, np.array([each.date for each in more], market.dates.dtype))
        own = [place.get(each.symbol, -1) for each in more]
        later = zip(range(self.count, self.count + len(more)), added.tolist(), own, strict=True)
        alone = np.array([*self.singles, *later], dtype=np.int64).reshape(-1, 3)
        told = [*self.told, *((each.kind, each.text) for each in more)]
        sizes = [len(each[2]) for each in self.parts]
        nothing: list[Any] = [(np.empty(0, np.int64), np.empty(0), np.empty(0))]
        columns, filled, wanted = (
            np.concatenate(each) for each in zip(*nothing, *(each[2:] for each in self.parts), strict=True)
        )
        turns, rows = (
            np.repeat(np.array([each[at] for each in self.parts], np.int64), sizes) for at in (0, 1)
        )
        turns, rows, columns = (
            np.concatenate([each, alone[:, at]]) for at, each in enumerate((turns, rows, columns))
        )
        found = np.concatenate([np.arange(len(filled)), -1 - np.arange(len(alone))])
        order = np.lexsort((turns, rows))
        if accounts:
            lost = np.zeros(len(rows), dtype=bool)
            lost[len(rows) - len(more) :] = [each.kind == "ruin" for each in more]
            order = np.lexsort((turns, columns, lost, rows))
        return Events(market, rows[order], columns[order], found[order], (filled, wanted), told)


class Events(Sequence[Event]):
    """Events in order; equal to a tuple of the same."""

    __slots__ = ("_columns", "_dates", "_found", "_rows", "_sizes", "_symbols", "_told")
    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self,
        market: Market,
        rows: Ints,
        columns: Ints,
        found: Ints,
        sizes: tuple[Floats, Floats],
        told: list[Any],
    ) -> None:
        """``found``: places in ``sizes`` of fills in parts; others' are -1 - place in ``told``."""
        self._dates, self._symbols = list(market.dates), (*market.symbols, "")
        self._rows, self._columns, self._found, self._sizes, self._told = rows, columns, found, sizes, told

    def _built(self, at: Any) -> Iterator[Event]:
        rows, columns, found = self._rows[at], self._columns[at], self._found[at]
        filled, wanted = self._sizes
        dates, symbols, told = self._dates, self._symbols, self._told
        places = np.maximum(found, 0)
        sizes: Iterable[Any] = [(0.0, 0.0)] * len(found)
        if len(filled):
            sizes = zip(filled[places].tolist(), wanted[places].tolist(), strict=True)
        for row, column, place, size in zip(
            rows.tolist(), columns.tolist(), found.tolist(), sizes, strict=True
        ):
            kind, text = (PARTIAL, partial_text(*size)) if place >= 0 else told[-1 - place]
            yield Event(dates[row], kind, symbols[column], text)

    def having(self, kind: str) -> list[Event]:
        """Those of a kind, without the words of the others."""
        some = [k == kind for k, _ in self._told]
        wanted: Bools = np.append(some[::-1], kind == PARTIAL)  # of -n ... -1, and of what is in parts
        return list(self._built(np.flatnonzero(wanted[np.minimum(self._found, 0) - 1])))

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Event]:
        return self._built(slice(None))

    @overload
    def __getitem__(self, at: int) -> Event: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Event, ...]: ...
    def __getitem__(self, at: int | slice) -> Event | tuple[Event, ...]:
        if isinstance(at, slice):
            return tuple(self._built(at))
        return next(self._built([range(len(self))[at]]))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and tuple(self) == tuple(other)

    def __repr__(self) -> str:
        return f"Events({len(self)})"


def of_kind(events: Sequence[Event], kind: str) -> list[Event]:
    """Those of a kind."""
    if isinstance(events, Events):
        return events.having(kind)
    return [each for each in events if each.kind == kind]

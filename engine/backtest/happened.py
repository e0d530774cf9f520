"""What happened on the way, kept as arrays: most of it is fills in parts, whose words are made when they are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

import numpy as np

from engine.backtest.broker import called_text, cut_text, partial_text
from engine.backtest.inputs import Bools
from engine.backtest.market import Floats, Market
from engine.backtest.result import Event, Ints

PARTIAL, CUT, CALL = range(3)  # what is told of many symbols of a session at once, by two numbers each
KINDS = ("partial", "margin", "margin call")


class Happened:
    """Collects events of arrays, in order. Columns are symbols, -1 is the account."""

    def __init__(self) -> None:
        self.count = 0
        self.singles: list[tuple[int, int, int]] = []  # turn, session, symbol
        self.told: list[tuple[str, str]] = []  # kind and words of each
        self.blocks: list[
            tuple[int, int, Ints, Ints | int, Floats, Floats]
        ] = []  # turn, session, as ``many`` has it

    def tell(self, row: int, column: int, kind: str, text: str) -> None:
        """One event."""
        self.singles.append((self.count, row, column))
        self.told.append((kind, text))
        self.count += 1

    def many(self, row: int, columns: Ints, codes: Ints | int, first: Floats, second: Floats) -> None:
        """Events of a session, each of a code: shares filled of those wanted, shares that an order was cut to, or
        equity over exposure and how much it should be."""
        each = np.full(len(columns), codes) if isinstance(codes, int) else codes
        self.blocks.append((self.count, row, columns, each, first, second))
        self.count += 1

    def events(self, market: Market, more: Sequence[Event], accounts: bool) -> Events:
        """By session; those of accounts then by account, what was lost last. ``more``: what the result adds."""
        place = {symbol: column for column, symbol in enumerate(market.symbols)}
        added = np.searchsorted(market.dates, np.array([each.date for each in more], market.dates.dtype))
        own = [place.get(each.symbol, -1) for each in more]
        later = zip(range(self.count, self.count + len(more)), added.tolist(), own, strict=True)
        alone = np.array([*self.singles, *later], dtype=np.int64).reshape(-1, 3)
        told = [*self.told, *((each.kind, each.text) for each in more)]
        sizes = [len(each[2]) for each in self.blocks]
        turns, rows = (
            np.repeat(np.array([each[at] for each in self.blocks], np.int64), sizes) for at in (0, 1)
        )
        columns, codes = (
            np.concatenate([np.empty(0, np.int64), *(each[at] for each in self.blocks)]) for at in (2, 3)
        )
        first, second = (np.concatenate([np.empty(0), *(each[at] for each in self.blocks)]) for at in (4, 5))
        turns, rows, columns = (
            np.concatenate([each, alone[:, at]]) for at, each in enumerate((turns, rows, columns))
        )
        found = np.concatenate([np.arange(len(first)), -1 - np.arange(len(alone))])
        order = np.lexsort((turns, rows))
        if accounts:
            lost = np.zeros(len(rows), dtype=bool)
            lost[len(rows) - len(more) :] = [each.kind == "ruin" for each in more]
            order = np.lexsort((turns, columns, lost, rows))
        return Events(market, rows[order], columns[order], found[order], (codes, first, second), told)


class Events(Sequence[Event]):
    """Events in order; equal to a tuple of the same."""

    __slots__ = ("_columns", "_dates", "_found", "_many", "_rows", "_symbols", "_told")
    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self,
        market: Market,
        rows: Ints,
        columns: Ints,
        found: Ints,
        many: tuple[Ints, Floats, Floats],
        told: list[tuple[str, str]],
    ) -> None:
        """``found``: places in ``many`` (codes and numbers), or -1 - place in ``told``."""
        self._dates, self._symbols = list(market.dates), (*market.symbols, "")
        self._rows, self._columns, self._found, self._many, self._told = rows, columns, found, many, told

    def _built(self, at: Any) -> Iterator[Event]:
        rows, columns, found = self._rows[at], self._columns[at], self._found[at]
        dates, symbols, told = self._dates, self._symbols, self._told
        own = np.maximum(found, 0) if len(self._many[0]) else np.empty(0, np.int64)
        numbers: Iterable[Any] = zip(*(each[own].tolist() for each in self._many), strict=True)
        if not len(own):
            numbers = [(0, 0.0, 0.0)] * len(found)
        lists = (each.tolist() for each in (rows, columns, found))
        for row, column, place, (code, *given) in zip(*lists, numbers, strict=True):
            kind, text = (KINDS[code], _text(code, *given)) if place >= 0 else told[-1 - place]
            yield Event(dates[row], kind, symbols[column], text)

    def having(self, kind: str) -> list[Event]:
        """Those of a kind, without the words of the others."""
        own = [name == kind for name in KINDS]
        some = [name == kind for name, _ in self._told]
        many = np.array(own)[self._many[0]] if any(own) else np.zeros(len(self._many[0]), dtype=bool)
        wanted: Bools = np.concatenate([many, np.array(some[::-1], dtype=bool)])  # the last: of -n ... -1
        return list(self._built(np.flatnonzero(wanted[self._found])))

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


def _text(code: int, first: float, second: float) -> str:
    if code == PARTIAL:
        return partial_text(first, second)
    return cut_text(first) if code == CUT else called_text(first, second)


def of_kind(events: Sequence[Event], kind: str) -> list[Event]:
    """Those of a kind."""
    if isinstance(events, Events):
        return events.having(kind)
    return [each for each in events if each.kind == kind]

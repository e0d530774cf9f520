"""Bars made ready for indicators: each field as contiguous rows, a symbol a row, and where its values are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]


class Bars:
    """Fields (open, high, low, close, volume, ...) of one symbol (n,) or of a panel (n, k).

    Made once and given to ``compute`` as often as wanted: what TA-Lib needs of memory is done here once. Values
    that are NaN or infinite are missing. ``dates``, where given, is datetime64 (n,), shared by all symbols.

    Raises
    ------
    ValueError
        No field, or fields of different shapes.
    """

    def __init__(self, fields: Mapping[str, ArrayLike]) -> None:
        arrays = {name: np.asarray(values) for name, values in fields.items()}
        dates = arrays.pop("dates", None)
        shapes = {array.shape for array in arrays.values()}
        if not arrays or len(shapes) > 1 or len(next(iter(shapes))) not in (1, 2):
            told = ", ".join(f"{name} {array.shape}" for name, array in arrays.items()) or "none"
            raise ValueError(f"Bars need fields of one shape, (bars,) or (bars, symbols): {told} were given.")
        self.single = len(next(iter(shapes))) == 1
        self._rows = {name: _rows(array) for name, array in arrays.items()}
        self._views: dict[str, list[Floats]] = {}
        self._known: dict[tuple[str, ...], NDArray[np.bool_]] = {}
        self._spans: dict[tuple[str, ...], list[tuple[int, int]]] = {}
        self._dense: dict[tuple[tuple[str, ...], int], tuple[NDArray[np.intp], tuple[Floats, ...]]] = {}
        first = next(iter(self._rows.values()))
        self.symbols, self.bars = first.shape
        self.dates: NDArray[np.datetime64] | None = None if dates is None else dates.astype("datetime64[D]")
        if self.dates is not None and self.dates.shape != (self.bars,):
            raise ValueError(f"One date a bar is needed: {self.dates.shape} dates for {self.bars} bars.")

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(self._rows)

    def rows(self, name: str) -> Floats:
        """A field, (symbols, bars), C-contiguous."""
        if name not in self._rows:
            raise ValueError(f"This needs the field {name!r}; the bars have {', '.join(self._rows)}.")
        return self._rows[name]

    def views(self, name: str) -> list[Floats]:
        """A field as one contiguous array a symbol."""
        if name not in self._views:
            self._views[name] = list(self.rows(name))
        return self._views[name]

    def known(self, names: Sequence[str]) -> NDArray[np.bool_]:
        """Where all these fields have a value, (symbols, bars)."""
        key = tuple(names)
        if key not in self._known:
            found = np.isfinite(self.rows(names[0]))
            for name in names[1:]:
                found &= np.isfinite(self.rows(name))
            self._known[key] = found
        return self._known[key]

    def spans(self, names: Sequence[str]) -> list[tuple[int, int]]:
        """Of each symbol the first bar at which all these fields have a value, and how many bars have."""
        key = tuple(names)
        if key not in self._spans:
            known = self.known(names)
            first = known.argmax(axis=1) if self.bars else np.zeros(self.symbols, dtype=np.int64)
            counts = known.sum(axis=1)
            self._spans[key] = list(zip(first.tolist(), counts.tolist(), strict=True))
        return self._spans[key]

    def dense(self, names: Sequence[str], symbol: int) -> tuple[NDArray[np.intp], tuple[Floats, ...]]:
        """Bars of a symbol on which all these fields have a value, and the fields on them alone."""
        key = (tuple(names), symbol)
        if key not in self._dense:
            places = np.flatnonzero(self.known(names)[symbol])
            self._dense[key] = places, tuple(self.views(name)[symbol][places] for name in names)
        return self._dense[key]

    def shaped(self, rows: Floats) -> Floats:
        """Rows (symbols, bars) in the shape of the fields: (n,) or (n, k), a view."""
        return rows[0] if self.single else rows.T


def _rows(array: NDArray[np.generic]) -> Floats:
    """(symbols, bars): a panel that lies column by column in memory is not copied."""
    if array.ndim == 1:
        return np.ascontiguousarray(array, dtype=np.float64)[None, :]
    return np.ascontiguousarray(array.T, dtype=np.float64)

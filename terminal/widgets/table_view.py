"""What a table shows, apart from how it is drawn: rows in order, cells as text, widths that fit.

Holds the sorted order of a Table figure and hands out formatted rows in slices, so that ten thousand rows cost
what the window shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Any

from engine.format import NUMERIC_KINDS, format_cell
from engine.page import Blank
from terminal.strips import cell_len, plain
from terminal.widgets.column_fit import GAP, fit_columns

if TYPE_CHECKING:
    from engine.page import Column, Table

_SLICE = 64  # rows formatted at a time
_KEPT = 64  # slices kept
_WIDEST = 48  # cells a text column asks for at most
_DECENT = 16  # cells below which a text is not worth a column of its own
_SHORT = 20  # identifiers and words up to here are never cut
_ARROW = 2  # cells of the sort arrow, for which a label keeps room while there is any
_SOFT = ("text", "mark")  # kinds whose cells may be cut


class TableView:
    """Rows of a figure in the order shown. Row numbers are the figure's own, whatever the order."""

    def __init__(self, figure: Table, zone: tzinfo | None = None) -> None:
        self.figure = figure
        self.zone = zone
        self.height: int = figure.frame.height
        self.columns: tuple[Column, ...] = figure.columns
        self.sorted_by: int | None = None
        self.descending = False
        self._order: Sequence[int] = range(self.height)
        self._slices: dict[int, list[tuple[list[str], str]]] = {}
        self.has_change = any(column.kind == "change" for column in self.columns)
        self._widest = [self._measure(column) for column in self.columns]
        self.naturals = [self._natural(number, column) for number, column in enumerate(self.columns)]
        names = [column.name for column in self.columns]
        self.pinned = names.index(figure.pinned) if figure.pinned in names else 0
        self._fits: dict[tuple[int, int], tuple[list[int], list[int]]] = {}

    # -- order -------------------------------------------------------------------------------------

    def sort(self, column: int) -> None:
        """Cycle a column: ascending, descending, as the function gave it. Nulls and NaN stand last."""
        if self.sorted_by != column:
            self.sorted_by, self.descending = column, False
        elif not self.descending:
            self.descending = True
        else:
            self.sorted_by = None
        self._slices.clear()
        if self.sorted_by is None:
            self._order = range(self.height)
            return
        import polars as pl

        name = self.columns[column].name
        frame = self.figure.frame.select(pl.col(name)).with_row_index("__row")
        if frame.schema[name].is_float():
            frame = frame.with_columns(pl.col(name).fill_nan(None))
        ordered = frame.sort([name, "__row"], descending=[self.descending, False], nulls_last=True)
        self._order = ordered["__row"].to_list()

    def sort_as(self, other: TableView) -> None:
        """In the order in which another state of the same table stands."""
        if other.sorted_by is not None:
            for _ in range(1 + other.descending):
                self.sort(other.sorted_by)

    def key_of(self, row: int) -> tuple[object, ...] | None:
        """What names a row of the figure, where its table says what does."""
        names = self.figure.key
        if not names or any(name not in self.figure.frame.columns for name in names):
            return None
        return tuple(self.figure.frame[name][row] for name in names)

    def row_with(self, key: tuple[object, ...]) -> int | None:
        """The figure's row of that name."""
        if self.height and self.key_of(0) is not None:
            rows = self.figure.frame.select(self.figure.key).rows()
            return rows.index(key) if key in rows else None
        return None

    def row_of(self, line: int) -> int:
        """The figure's row (from 0) that stands on a line."""
        return self._order[line]

    def line_of(self, row: int) -> int:
        """The line on which a row of the figure stands."""
        return self._order.index(row)

    # -- cells -------------------------------------------------------------------------------------

    def line(self, number: int) -> tuple[list[str], str]:
        """The formatted cells of a line, and its emphasis."""
        block, within = divmod(number, _SLICE)
        if block not in self._slices:
            if len(self._slices) >= _KEPT:
                self._slices.pop(next(iter(self._slices)))
            self._slices[block] = self._format(range(block * _SLICE, min((block + 1) * _SLICE, self.height)))
        return self._slices[block][within]

    def _format(self, lines: Sequence[int]) -> list[tuple[list[str], str]]:
        figure, frame = self.figure, self.figure.frame
        rows = [self._order[line] for line in lines]
        taken = frame.slice(rows[0], len(rows)) if isinstance(self._order, range) else frame[rows]
        columns = [self._cells(column, taken) for column in self.columns]
        marks = taken[figure.emphasis].to_list() if figure.emphasis in frame.columns else [""] * len(rows)
        return [([cells[i] for cells in columns], str(marks[i] or "")) for i in range(len(rows))]

    def _cells(self, column: Column, frame: Any) -> list[str]:
        if column.name not in frame.columns:
            return [self._cell(column, None, None, None)] * frame.height
        values = frame[column.name].to_list()
        none: list[Any] = [None] * len(values)
        has_blanks = column.blank is not None and column.blank in frame.columns
        blanks = frame[column.blank].to_list() if has_blanks else none
        own = frame[column.decimals_from].to_list() if column.decimals_from in frame.columns else none
        return [self._cell(column, *cell) for cell in zip(values, blanks, own, strict=True)]

    def _cell(self, column: Column, value: object, blank: Any, own: int | None) -> str:
        kind = Blank(blank) if blank else column.default_blank
        unit = "" if self.unit_in_label(column) else column.unit
        decimals = column.decimals if own is None else own
        return plain(format_cell(value, column.kind, decimals, unit, kind, tz=self.zone))

    @staticmethod
    def unit_in_label(column: Column) -> bool:
        """A unit of letters is said once, in the header, not in every cell."""
        return column.kind in NUMERIC_KINDS and column.unit[:1].isalpha() and column.unit != "x"

    def label(self, number: int) -> str:
        """What the header says of a column."""
        column = self.columns[number]
        label = plain(column.label)
        return f"{label} {plain(column.unit)}" if self.unit_in_label(column) else label

    def command(self, row: int) -> str | None:
        """The line that choosing a row of the figure runs."""
        name = self.figure.command
        if name is None or name not in self.figure.frame.columns:
            return None
        value = self.figure.frame[name][row]
        return str(value) if value else None

    # -- widths ------------------------------------------------------------------------------------

    def _measure(self, column: Column) -> int:
        """Cells of a column's widest values, found without formatting all rows."""
        if column.name not in self.figure.frame.columns:
            return 1
        soft = column.kind in _SOFT
        texts = (
            [plain(value) for value in self._longest(column.name)]
            if soft
            else self._cells(column, self._telling(column.name))
        )
        return max((cell_len(text) for text in texts), default=0)

    def _natural(self, number: int, column: Column) -> int:
        """Cells that a column asks for: its label with room for the sort arrow, and its widest cells."""
        label = cell_len(self.label(number)) + _ARROW
        return min(max(label, self._widest[number], 3), max(label, column.width or _WIDEST))

    def _longest(self, name: str) -> list[str]:
        import polars as pl

        values = self.figure.frame[name].cast(pl.String, strict=False).drop_nulls()
        longest = values.str.len_chars().arg_sort(descending=True).head(8)
        return values.gather(longest).to_list()

    def _telling(self, name: str) -> Any:
        """Rows that show how wide a numeric column gets: its ends, its extremes."""
        frame = self.figure.frame
        if frame.height <= 200:
            return frame
        values = frame[name]
        picks = {0, frame.height - 1, values.arg_min() or 0, values.arg_max() or 0}
        step = max(1, frame.height // 100)
        return frame[sorted(picks | set(range(0, frame.height, step)))]

    @property
    def _wants(self) -> list[int]:
        """Cells in which not even a long text is cut, for windows with room left over."""
        return [
            natural if column.width is not None else max(natural, widest)
            for column, natural, widest in zip(self.columns, self.naturals, self._widest, strict=True)
        ]

    @cached_property
    def leasts(self) -> list[int]:
        """Cells below which a column is rather not shown: numbers, dates and identifiers stand whole."""
        first = next((i for i, column in enumerate(self.columns) if column.kind in _SOFT), None)
        return [self._least(i, column, first=i == first) for i, column in enumerate(self.columns)]

    @cached_property
    def _floors(self) -> list[int]:
        """Cells below which not even the last column shown is worth its place: texts may be cut there."""
        return [
            min(least, _DECENT) if column.kind in _SOFT else least
            for column, least in zip(self.columns, self.leasts, strict=True)
        ]

    def _least(self, number: int, column: Column, *, first: bool) -> int:
        label = cell_len(self.label(number))
        widest = min(self._widest[number], self.naturals[number])
        if column.kind in _SOFT and column.name in self.figure.frame.columns:
            apart = column.least or (self._telling_apart(column.name) if first else 0)
            widest = widest if widest <= _SHORT else min(widest, max(_DECENT, apart))
        return max(label, widest, 3)

    def _telling_apart(self, name: str) -> int:
        """Cells at which the cut texts of a column differ wherever the whole ones do."""
        import polars as pl

        values = self.figure.frame[name].cast(pl.String, strict=False).drop_nulls().unique()
        low, high = 1, _WIDEST
        while low < high:
            middle = (low + high) // 2
            if values.str.slice(0, middle).n_unique() == len(values):
                high = middle
            else:
                low = middle + 1
        return low + 1  # and the mark of the cut

    def fit(self, room: int, left: int = 0) -> tuple[list[int], list[int]]:
        """The columns that stand in ``room`` cells, scrolled by ``left``, and the widths of all."""
        if (room, left) not in self._fits:
            whole = sum(self.naturals) + GAP * len(self.naturals) <= room
            leasts = self.naturals if whole else self.leasts
            self._fits[room, left] = fit_columns(self._wants, leasts, room, left, self._floors, self.pinned)
        return self._fits[room, left]

    def flush_right(self, column: int) -> bool:
        return self.columns[column].kind in NUMERIC_KINDS

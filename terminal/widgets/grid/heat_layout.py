"""Where the titles, the cells and the lines of text of a grid of values stand: pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from terminal.widgets.grid.numbers import Form

Wish: TypeAlias = Literal["fitting", "numbers", "colours"]
Titles: TypeAlias = Literal[
    "each", "stacked", "sparse"
]  # over every column; letter below letter; where room is

WIDEST = 14  # cells beyond which a column is not spread
_TITLES = 24  # cells that the titles of rows take at most
_TALLEST = 3  # lines of a row where there are more than enough
_STACKED = 6  # lines of a column's title set letter below letter


@dataclass(frozen=True, slots=True)
class HeatLayout:
    """A grid in a window. ``form`` None: colour alone. ``shown`` columns from ``left`` on stand whole."""

    width: int
    height: int
    numbers: int  # cells before the row's title: its number where it has one, a blank at least
    titles: int  # cells of the row's title, with the blank after it
    cell: int
    form: Form | None
    shown: int
    top_lines: int  # the readout
    head: int  # lines of the columns' titles
    titling: Titles
    body: int  # rows of cells that are seen
    tall: int  # lines a row takes
    legend: int

    @property
    def body_top(self) -> int:
        return self.top_lines + self.head

    @property
    def cells_left(self) -> int:
        return self.numbers + self.titles


def lay_out_heat(
    width: int,
    height: int,
    rows: int,
    row_titles: int,
    column_titles: Sequence[int],
    forms: Sequence[Form],
    *,
    numbered: bool = False,
    ordered: bool = False,
    wish: Wish = "fitting",
    bare: int = 1,
) -> HeatLayout:
    """The fullest form in which all columns stand; where none does, colour alone, or numbers and scrolling.

    ``row_titles`` is the longest title's cells, ``column_titles`` each one's; ``ordered`` columns are places on an
    axis, some of whose titles may be left out; ``bare`` is the narrowest cell that tells its colour.
    """
    count = max(1, len(column_titles))
    numbers = max(2, len(str(rows))) + 2 if numbered else 1  # a blank at the edge, as texts have
    titles = min(row_titles, _TITLES, max(4, width // 3)) + 2
    room = max(1, width - numbers - titles)
    cell, form = _cell(room, count, forms, wish, bare)
    shown = max(1, min(count, room // cell))
    longest = max(column_titles, default=0)
    readout = 1 if height >= 4 else 0
    legend = 1 if height >= 6 else 0
    lines = max(1, height - readout - legend)
    crowded = longest >= cell and (ordered or cell < 5 or longest > 2 * cell)
    titling: Titles = "each" if not crowded else "sparse" if ordered else "stacked"
    deep = min(longest, _STACKED, max(1, lines // 4)) if titling == "stacked" else 1
    head = 0 if lines < 2 else deep
    tall = max(1, min(_TALLEST, (lines - head) // max(1, rows)))
    return HeatLayout(
        width, height, numbers, titles, cell, form, shown, readout, head, titling,
        max(1, min(rows, (lines - head) // tall)), tall, legend,
    )  # fmt: skip


def _cell(room: int, count: int, forms: Sequence[Form], wish: Wish, bare: int) -> tuple[int, Form | None]:
    """The width of a cell and the form of its number, None for colour alone."""
    each = room // count
    if wish != "colours":
        for form in forms:
            if form.width + 1 <= each:
                return min(each, max(form.width + 2, WIDEST)), form
    if wish != "numbers" and each >= bare:
        return min(each, WIDEST), None
    if wish == "colours":
        return bare, None
    scrolled = forms[min(1, len(forms) - 1)]  # where it scrolls anyway the digits stay, the percent sign goes
    return min(scrolled.width + 2, max(1, room)), scrolled

"""The lines of a grid of values: titles, coloured cells, the legend of the scale, the cell read out.

No widget: heatmaps and surfaces both draw with it. A line is made once for each place of the window and kept.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from rich.style import Style

from engine.format import format_cell
from terminal.strips import cell_len, fit, plain, strip
from terminal.widgets.colours import ramp
from terminal.widgets.grid.heat_layout import HeatLayout, Wish, lay_out_heat
from terminal.widgets.grid.numbers import BLANK, forms
from terminal.widgets.grid.scale import Scale

if TYPE_CHECKING:
    import numpy as np
    from textual.strip import Strip

    from engine.figures import Heatmap
    from terminal.theme import Ink
    from terminal.widgets.colours import Depth, Ramp
    from terminal.widgets.grid.numbers import Form

_BOLD = Style(bold=True)
_KEPT = 512  # lines


class HeatView:
    """A Heatmap figure, its texts made inert, in the lines of a window."""

    def __init__(self, figure: Heatmap, *, ordered: bool = False) -> None:
        self.figure = figure
        self._ordered = ordered
        self.rows = [plain(title) for title in figure.rows]
        self.columns = [plain(title) for title in figure.columns]
        self._layouts: dict[tuple[int, int, Wish, Depth], HeatLayout] = {}
        self._lines: dict[tuple[object, ...], Strip] = {}

    # -- values ------------------------------------------------------------------------------------

    @cached_property
    def values(self) -> np.ndarray:
        import numpy as np

        return np.asarray(self.figure.values, dtype=float)

    @property
    def empty(self) -> bool:
        """Whether there is no cell at all, or no value in any."""
        import numpy as np

        return not (self.rows and self.columns and bool(np.isfinite(self.values).any()))

    @cached_property
    def scale(self) -> Scale:
        figure = self.figure
        return Scale.of(self.values, figure.scale, figure.center, figure.low, figure.high)

    @cached_property
    def forms(self) -> list[Form]:
        import numpy as np

        known = self.values[np.isfinite(self.values)]
        low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
        return forms(low, high, self.figure.kind, self.figure.decimals)

    @cached_property
    def extremes(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Row and column of the lowest value and of the highest."""
        return _ends(self.values)

    @cached_property
    def telling(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """The same without a diagonal that tells nothing: that of what goes with itself."""
        import numpy as np

        own = np.diagonal(self.values)
        if self.rows != self.columns or len(own) < 2 or not np.all(own == own[0]):
            return self.extremes
        values = self.values.copy()
        np.fill_diagonal(values, np.nan)
        return _ends(values) if np.isfinite(values).any() else self.extremes

    def exact(self, row: int, column: int) -> str:
        """A value with two decimals more than its cell shows, but for prices, and its unit."""
        figure = self.figure
        more = 0 if figure.kind == "price" else 2
        decimals = 0 if figure.kind == "integer" else figure.decimals + more
        return plain(format_cell(float(self.values[row, column]), figure.kind, decimals, figure.unit))

    # -- layout ------------------------------------------------------------------------------------

    def layout(self, width: int, height: int, wish: Wish, depth: Depth) -> HeatLayout:
        key = (width, height, wish, depth)
        if key not in self._layouts:
            self._layouts[key] = lay_out_heat(
                width,
                height,
                len(self.rows),
                max([*map(cell_len, self.rows), cell_len(self.corner)], default=0),
                [cell_len(title) for title in self.columns],
                self.forms,
                numbered=bool(self.figure.commands),
                ordered=self.ordered,
                wish=wish,
            )
        return self._layouts[key]

    @cached_property
    def ordered(self) -> bool:
        """Whether the columns are places on an axis (strikes, years): some of their titles tell the others."""
        return self._ordered or all(title[:1] in "+-.0123456789$<>" for title in self.columns if title)

    @property
    def corner(self) -> str:
        """What stands above the titles of the rows."""
        return plain(self.figure.row_title)

    # -- lines -------------------------------------------------------------------------------------

    def head(self, line: int, layout: HeatLayout, left: int, cursor: int | None, ink: Ink) -> Strip:
        """A line of the columns' titles; that of the cursor's column stands out."""
        corner = self.corner if line == layout.head - 1 else ""
        parts = [
            (" " * layout.numbers, ink.base),
            (fit(corner, layout.titles - 1) + " ", ink.muted),
        ]
        if layout.titling == "sparse":
            return strip([*parts, *self._sparse(layout, left, cursor, ink)], layout.width, ink.base)
        for column in range(left, min(left + layout.shown, len(self.columns))):
            style = ink.cell if column == cursor else ink.label
            text = self._head_text(column, line, layout)
            parts.append((text, style if text.strip() else ink.base))
        if left + layout.shown < len(self.columns):
            parts.append(("›", ink.muted))
        return strip(parts, layout.width, ink.base)

    def _head_text(self, column: int, line: int, layout: HeatLayout) -> str:
        title, cell = self.columns[column], layout.cell
        if layout.titling == "each":
            pad = 1 if cell > 2 else 0
            return fit(title, cell - pad, right=cell_len(title) < cell - pad) + " " * pad
        letters = stacked(title, layout.head)
        letter = letters[line] if line < len(letters) else ""
        return _centred(letter, cell)

    def _sparse(self, layout: HeatLayout, left: int, cursor: int | None, ink: Ink) -> list[tuple[str, Style]]:
        """Titles where there is room for them whole: the cursor's first, then from the left."""
        last = min(left + layout.shown, len(self.columns))
        room = layout.width - layout.cells_left
        taken: list[tuple[int, int, int]] = []
        for column in (
            *([] if cursor is None or not left <= cursor < last else [cursor]),
            *range(left, last),
        ):
            size = cell_len(self.columns[column])
            start = (column - left) * layout.cell + (layout.cell - size) // 2
            start = max(0, min(start, room - size))
            if all(start > end + 1 or start + size + 1 < begin for begin, end, _ in taken):
                taken.append((start, start + size, column))
        parts: list[tuple[str, Style]] = []
        at = 0
        for start, end, column in sorted(taken):
            parts += [(" " * (start - at), ink.base)]
            parts.append((self.columns[column], ink.cell if column == cursor else ink.label))
            at = end
        return parts

    def row(
        self,
        row: int,
        layout: HeatLayout,
        left: int,
        cursor: int | None,
        ink: Ink,
        depth: Depth,
        *,
        dark: bool,
        written: bool = True,
    ) -> Strip:
        """A line of a row of cells; ``cursor`` is the column under the cursor, where it is in this row.

        ``written`` is the line that holds the title and the numbers, others of a tall row only grounds.
        """
        key = (row, layout, left, cursor, depth, dark, written)
        made = self._lines.get(key)
        if made is None:
            if len(self._lines) >= _KEPT:
                self._lines.clear()
            colours = ramp(self.figure.scale, dark, depth)
            parts = self._row(row, layout, left, cursor, ink, colours)
            if not written:
                parts = [(" " * cell_len(text), style) for text, style in parts]
            made = self._lines[key] = strip(parts, layout.width, ink.base)
        return made

    def _row(
        self, row: int, layout: HeatLayout, left: int, cursor: int | None, ink: Ink, colours: Ramp
    ) -> list[tuple[str, Style]]:
        own = row < len(self.figure.commands) and bool(self.figure.commands[row])
        titles = ink.cursor if cursor is not None else ink.text
        number = (f"{row + 1} " if self.figure.commands else "").rjust(layout.numbers)
        numbers = ink.cursor if cursor is not None else ink.label if own else ink.muted
        parts = [(number, numbers), (fit(self.rows[row], layout.titles - 1) + " ", titles)]
        last = min(left + layout.shown, len(self.columns))
        steps = self.scale.steps(self.values[row, left:last], len(colours)).tolist()
        for column, step in zip(range(left, last), steps, strict=True):
            text, style = self._cell(row, column, step, layout, colours, ink)
            parts.append((text, ink.cell if column == cursor else style))
        return parts

    def _cell(
        self, row: int, column: int, step: int, layout: HeatLayout, colours: Ramp, ink: Ink
    ) -> tuple[str, Style]:
        cell = layout.cell
        if step < 0:
            return (_centred(BLANK, cell) if layout.form is None else _right(BLANK, cell)), ink.muted
        if layout.form is None:
            return _centred(colours.glyphs[step], cell), colours.styles[step]
        return _right(layout.form.text(float(self.values[row, column])), cell), colours.styles[step]

    # -- the lines of text -------------------------------------------------------------------------

    def readout(self, row: int, column: int, width: int, ink: Ink) -> Strip:
        """The cell under the cursor: its row, its column, its exact value."""
        parts = [(" ", ink.base)]
        for title, name in ((self.corner, self.rows[row]), (self.columns_title, self.columns[column])):
            parts += [(title + " ", ink.label)] if title else []
            parts.append((name + "  ", ink.strong))
        parts.append((self.exact(row, column), ink.strong))
        return strip(parts, width, ink.base)

    def summary(self, width: int, ink: Ink) -> Strip:
        """Where no cell is pointed at: the lowest and the highest value and where they stand."""
        parts = [(" ", ink.base)]
        for word, (row, column) in zip(("lowest ", "highest "), self.telling, strict=True):
            where = f" {self.rows[row]} · {self.columns[column]}   "
            parts += [(word, ink.label), (self.exact(row, column), ink.text), (where, ink.muted)]
        return strip(parts, width, ink.base)

    def _reach(self, count: int) -> tuple[int, int, float, float]:
        """First and last step of the legend, and their ends: those of the values where the figure names none."""
        import numpy as np

        (low_at, high_at), figure, scale = self.extremes, self.figure, self.scale
        low = scale.low if figure.low is not None else max(scale.low, float(self.values[low_at]))
        high = scale.high if figure.high is not None else min(scale.high, float(self.values[high_at]))
        if scale.kind != "diverging":
            return 0, count - 1, low, high
        first, last = scale.steps(np.array([low, high]), count).tolist()
        return min(first, count // 2), max(last, count // 2), low, high

    @property
    def columns_title(self) -> str:
        return plain(self.figure.column_title)

    def legend(self, layout: HeatLayout, ink: Ink, colours: Ramp, extra: str = "") -> Strip:
        """The scale: its ends and middle in figures, its steps between them, the unit, what a blank is."""
        scale, full = self.scale, self.forms[0]
        each = 2 if layout.width >= 60 else 1
        first, last, low, high = self._reach(len(colours))
        parts = [(" " + full.text(low) + " ", ink.muted)]
        middle = len(colours) // 2
        bare = layout.form is not None and len({style.bgcolor for style in colours.styles}) == 1
        parts += [("to ", ink.muted)] if bare else []
        for place in () if bare else range(first, last + 1):
            if scale.kind == "diverging" and place == middle:
                parts.append((f" {full.text(scale.center)} ", ink.muted))
                continue
            glyph = colours.glyphs[place] if layout.form is None or len(colours) <= 5 else " "
            parts.append((glyph * each, colours.styles[place]))
        parts.append((" " + full.text(high) + " ", ink.muted))
        percent = (
            layout.form is not None and not layout.form.sign and self.figure.kind in ("percent", "change")
        )
        unit = plain(self.figure.unit) or ("%" if percent else "")
        blank = f"{BLANK} no value" if bool((self.scale.steps(self.values, 3) < 0).any()) else ""
        axes = f"{self.corner or 'rows'} ↓ {self.columns_title} →" if self.columns_title else ""
        words = " · ".join(word for word in (unit, axes, blank, extra) if word)
        return strip([*parts, (" " + words, ink.muted)], layout.width, ink.base)


def _ends(values: np.ndarray) -> tuple[tuple[int, int], tuple[int, int]]:
    """Row and column of the lowest and the highest of the values that are known."""
    import numpy as np

    low = np.where(np.isfinite(values), values, np.inf)
    high = np.where(np.isfinite(values), values, -np.inf)
    return divmod(int(low.argmin()), values.shape[1]), divmod(int(high.argmax()), values.shape[1])


def stacked(title: str, lines: int) -> list[str]:
    """A title set letter below letter, cut with a mark where it is longer than there are lines."""
    letters: list[str] = []
    for character in title:
        if cell_len(character) or not letters:
            letters.append(character)
        else:
            letters[-1] += character
    if len(letters) > lines:
        letters = [*letters[: max(0, lines - 1)], "›"]
    return [" "] * (lines - len(letters)) + letters


def _right(text: str, cell: int) -> str:
    """A number flush right, a blank after it where there is room for one."""
    return fit(text + " ", cell, right=True) if len(text) < cell else fit(text, cell)


def _centred(text: str, cell: int) -> str:
    """A sign in the middle of its cell; cut where it is wider."""
    size = cell_len(text)
    if size > cell:
        return "›" * cell if cell < 2 else fit(text, cell)
    return fit(" " * ((cell - size) // 2) + text, cell)

"""The treemap widget: areas of a whole, coloured by a second value, with a cursor that goes from tile to tile."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region
from textual.strip import Strip

from engine.format import format_cell
from terminal.messages import WhyAsked
from terminal.strips import cell_len, fit, plain, strip
from terminal.widgets.colours import PAPER, WRITING, ramp
from terminal.widgets.grid.numbers import Form
from terminal.widgets.grid.panel import GridPanel
from terminal.widgets.grid.scale import Scale
from terminal.widgets.grid.tiles import Area, Heading, drawable, lay_tiles, words
from terminal.widgets.nearest import nearest
from terminal.widgets.table import TablePanel

if TYPE_CHECKING:
    from engine.figures import Treemap

_NEUTRAL = {True: "#303030", False: "#d7d7d7"}  # a tile without a colour is still a tile
_EDGE, _FOOT = "▏", "▁"
_SIXTEEN = {True: "#555555", False: "#aaaaaa"}


class TreemapPanel(GridPanel):
    """Arrows go to the next tile, Enter runs its command."""

    scrolls_itself = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(0, -1)", "Tile"),
        Binding("right", "move(0, 1)", "Tile"),
        Binding("up", "move(-1, 0)", "Tile"),
        Binding("down", "move(1, 0)", "Tile"),
        Binding("home", "largest", "Largest", show=False),
        Binding("enter", "choose", "Run tile"),
        Binding("w", "why", "Why", show=False),
    ]

    def __init__(self, figure: Treemap) -> None:
        super().__init__()
        self.figure = figure
        self._sized = drawable(figure.tiles)
        self.at = 0  # the area under the cursor
        self._made: tuple[tuple[int, int], list[Area], list[list[Area | Heading]]] | None = None
        self._scale: Scale | None = None
        self._lines: dict[tuple[object, ...], Strip] = {}

    def renew(self, figure: Treemap) -> None:
        """A newer state of the figure; the cursor stays on the tile of the same label."""
        held = None if self.empty or not self.size.width else self.areas[self.at].label
        self.figure, self._sized, self._made = figure, drawable(figure.tiles), None
        self._lines.clear()
        if self.size.width:
            self.at = next((place for place, area in enumerate(self.areas) if area.label == held), 0)
        self.refresh(layout=True)

    def notify_style_update(self) -> None:
        self._lines.clear()
        super().notify_style_update()

    # -- layout --------------------------------------------------------------------------------------

    @property
    def empty(self) -> bool:
        return not self._sized

    def natural_height(self, _width: int) -> int | None:
        return 1 if self.empty else None

    def least_width(self) -> int:
        """Cells below which it is not set beside another panel."""
        return 48

    def extent(self) -> tuple[int, int]:
        return (0, 0) if self.empty else (1, 1)

    def seen(self) -> tuple[int, int]:
        return 1, 1

    @property
    def _top(self) -> int:
        return 1 if self.size.height >= 4 else 0

    @property
    def _bottom(self) -> int:
        return 1 if self.size.height >= 6 else 0

    @property
    def areas(self) -> list[Area]:
        return self._picture()[0]

    def _picture(self) -> tuple[list[Area], list[list[Area | Heading]]]:
        """The areas, and those of each line from the left, made once a size."""
        width, height = self.size.width, max(0, self.size.height - self._top - self._bottom)
        if self._made is None or self._made[0] != (width, height):
            areas, headings = lay_tiles(self.figure.tiles, width, height)
            rows: list[list[Area | Heading]] = [[] for _ in range(height)]
            for piece in sorted([*areas, *headings], key=lambda piece: piece.box.left):
                for y in range(int(piece.box.top), int(piece.box.bottom)):
                    rows[y].append(piece)
            self._made, self._scale = ((width, height), areas, rows), None
            self._lines.clear()
            self.at = min(self.at, max(0, len(areas) - 1))
        return self._made[1], self._made[2]

    @property
    def scale(self) -> Scale:
        """The scale of the areas' values, made with them."""
        self._picture()
        if self._scale is None:
            self._scale = self._scaled()
        return self._scale

    def _scaled(self) -> Scale:
        import numpy as np

        values = np.array([area.value for area in self.areas if area.value is not None], dtype=float)
        return Scale.of(values, "diverging", self.figure.center)

    # -- drawing -------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        if not width or y >= height:
            return Strip.blank(width)
        if self.empty:
            return self.sentence(y, "Nothing has a size to show.")
        if y < self._top:
            return self._readout()
        if y == height - 1 and self._bottom:
            return self._legend()
        areas, rows = self._picture()
        row = rows[y - self._top]
        under = areas[self.at] if self.has_focus else None
        key = (y, under if any(piece is under for piece in row) else None)
        if key not in self._lines:
            self._lines[key] = self._row(row, y - self._top, under)
        return self._lines[key]

    def _row(self, row: list[Area | Heading], y: int, under: Area | None) -> Strip:
        parts: list[tuple[str, Style]] = []
        for piece in row:
            if isinstance(piece, Heading):
                parts += self._heading(piece)
            else:
                parts += self._part(piece, y, under=piece is under)
        return strip(parts, self.size.width, self.ink.base)

    def _heading(self, heading: Heading) -> list[tuple[str, Style]]:
        width, total = heading.box.width, self._told_size(heading.size)
        text = f"{heading.group} {total}"
        shown = text if cell_len(text) <= width - 2 else heading.group
        return [(_EDGE, self._edge(self.ink.head)), (fit(shown, width - 1), self.ink.head)]

    def _part(self, area: Area, y: int, *, under: bool) -> list[tuple[str, Style]]:
        """A line of an area: its edge, then what is written there, or its ground."""
        box, style = area.box, self._style(area)
        inner, line = box.width - 1, y - int(box.top)
        edge = self._edge(style)
        # under the cursor only the words and the foot change: edges all around would cost a kilobyte a key
        foot_style = Style(color=self.ink.label.color, bgcolor=style.bgcolor, bold=True) if under else edge
        texts = words(area.label, self._told_value(area.value), self._told_size(area.size), inner, box.height)
        first = (box.height - (box.height > 2) - len(texts)) // 2
        if under and not texts:
            return [(" " * box.width, self.ink.cell)]
        if not first <= line < first + len(texts):
            foot = line == box.height - 1 and box.height > 1
            return [(_EDGE, edge), (_FOOT * inner, foot_style) if foot else (" " * inner, edge)]
        text = texts[line - first]
        if under:  # what stands out is one block
            block = max(map(cell_len, texts))
            text = fit(" " * ((block - cell_len(text)) // 2) + text, block)
        before = (inner - cell_len(text)) // 2
        bold = Style(bold=True) if line == first and box.height > 3 else Style()
        written = self.ink.cell if under else style + bold
        return [
            (_EDGE, edge),
            (" " * before, style),
            (text, written),
            (" " * (inner - before - cell_len(text)), style),
        ]

    def _edge(self, style: Style) -> Style:
        """Between two tiles: the page's ground; a line where there are no grounds."""
        dark = self.dark
        return Style(color=WRITING[dark] if self.depth == "none" else PAPER[dark], bgcolor=style.bgcolor)

    def _style(self, area: Area) -> Style:
        dark, depth = self.dark, self.depth
        neutral = PAPER[dark] if depth == "none" else (_SIXTEEN if depth == "sixteen" else _NEUTRAL)[dark]
        plain_style = Style(color=WRITING[dark], bgcolor=neutral)
        if area.value is None:
            return plain_style
        colours = ramp("diverging", dark, depth)
        style = colours.styles[self._step(area.value, len(colours))]
        return plain_style if style.bgcolor == Style(bgcolor=PAPER[dark]).bgcolor else style

    def _step(self, value: float, count: int) -> int:
        import numpy as np

        return int(self.scale.steps(np.array([value]), count)[0])

    def _told_size(self, size: float) -> str:
        figure = self.figure
        return plain(format_cell(size, figure.size_kind, figure.size_decimals))

    def _told_value(self, value: float | None, more: int = 0) -> str:
        """A value with its sign; around a centre that is not nought a number needs none."""
        figure = self.figure
        if value is None:
            return ""
        kind = "percent" if figure.value_kind == "change" else figure.value_kind
        text = Form(kind, figure.value_decimals + more).text(value)
        signed = value > 0 and figure.center == 0 and any(digit in text for digit in "123456789")
        return plain(f"{'+' if signed else ''}{text}")

    def _readout(self) -> Strip:
        ink, figure = self.ink, self.figure
        if not self.has_focus:
            return self._summary()
        area = self.areas[self.at]
        label = plain(figure.tiles[area.members[0]].label) if area.single else area.label
        parts = [(f" {area.group} · " if area.group else " ", ink.label), (label + "  ", ink.strong)]
        size = format_cell(area.size, figure.size_kind, figure.size_decimals + 1, figure.unit)
        parts += [(plain(figure.size_title) + " ", ink.label), (plain(size) + "  ", ink.strong)]
        told = self._told_value(area.value, 1) if area.value is not None else "no value"
        if figure.value_title or area.value is not None:
            mean = "" if area.single else "mean "
            parts += [(f"{mean}{plain(figure.value_title)} ", ink.label), (told + "  ", ink.strong)]
        if not area.single:
            names = ", ".join(plain(figure.tiles[place].label) for place in area.members[:12])
            parts.append((names + (", …" if len(area.members) > 12 else ""), ink.muted))
        return strip(parts, self.size.width, ink.base)

    def _summary(self) -> Strip:
        ink, tiles = self.ink, self.figure.tiles
        sized = self._sized
        told = f" {len(sized)} by {plain(self.figure.size_title)}"
        told += (
            f" · {len(tiles) - len(sized)} without a size are not drawn" if len(sized) < len(tiles) else ""
        )
        return strip([(told, ink.muted)], self.size.width, ink.base)

    def _legend(self) -> Strip:
        ink, figure, scale = self.ink, self.figure, self.scale
        title = plain(figure.value_title)
        if all(area.value is None for area in self.areas):
            return strip((), self.size.width, ink.base)
        colours = ramp("diverging", self.dark, self.depth)
        parts = [(f" {title} {self._told_value(scale.low)} ", ink.muted)]
        for place, style in enumerate(colours.styles):
            middle = place == len(colours) // 2
            parts.append(
                (f" {self._told_value(scale.center)} " if middle else "  ", ink.muted if middle else style)
            )
        if self.depth == "none":
            parts = [parts[0], ("to ", ink.muted)]
        parts.append((f" {self._told_value(scale.high)}", ink.muted))
        if any(area.value is None for area in self.areas):
            parts.append((" · grey: no value", ink.muted))
        return strip(parts, self.size.width, ink.base)

    def moved(self, _row: int, _column: int) -> None:
        """The focus came or went: the readout and the tile under the cursor change."""
        if not self.empty and self.size.width:
            self._refresh_areas(self.at)

    def _refresh_areas(self, *places: int) -> None:
        regions = [Region(0, 0, self.size.width, self._top)] if self._top else []
        for place in places:
            box = self.areas[place].box
            regions.append(Region(int(box.left), int(box.top) + self._top, box.width, box.height))
        self.refresh(*regions)

    # -- keys ----------------------------------------------------------------------------------------

    def action_move(self, rows: int, columns: int) -> None:
        if self.empty:
            raise SkipAction
        self._go(nearest([area.box for area in self.areas], self.at, columns, rows))

    def action_largest(self) -> None:
        if not self.empty:
            self._go(max(range(len(self.areas)), key=lambda place: self.areas[place].size))

    def _go(self, place: int) -> None:
        before, self.at = self.at, place
        if before != place:
            self._refresh_areas(before, place)

    def action_choose(self) -> None:
        area = self.areas[self.at] if not self.empty else None
        if area is not None and area.single and (line := self.figure.tiles[area.members[0]].command):
            self.post_message(TablePanel.Chosen(line))

    def action_why(self) -> None:
        """Ask where the value of the tile under the cursor comes from, or its size where it has none."""
        area = self.areas[self.at] if not self.empty else None
        if area is not None and area.single:
            column = self.figure.value_title or self.figure.size_title
            self.post_message(WhyAsked(self, str(area.members[0] + 1), column))

    def copied_text(self) -> str:
        """What Ctrl+C copies where nothing is selected: the tile under the cursor."""
        area = self.areas[self.at] if not self.empty else None
        return (
            ""
            if area is None
            else f"{area.label} {self._told_size(area.size)} {self._told_value(area.value)}".strip()
        )

    def on_click(self, event: Click) -> None:
        y = event.y - self._top
        for place, area in enumerate([] if self.empty else self.areas):
            box = area.box
            if box.left <= event.x < box.right and box.top <= y < box.bottom:
                if event.chain == 2 and place == self.at:
                    self.action_choose()
                self._go(place)

"""Writing only differences shows what writing everything shows: checked against a terminal emulator."""

from __future__ import annotations

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style

from terminal.paint import Painting

WIDTH, HEIGHT = 24, 4
STYLES = [
    Style(),
    Style(color="red", bgcolor="black"),
    Style(color="blue", bgcolor="black", bold=True),
    Style(reverse=True),
    Style(color="green", bgcolor="white", underline=True),
]
pieces = st.lists(st.tuples(st.text("ab …é日本 ", max_size=9), st.sampled_from(STYLES)), max_size=5)
updates = st.lists(st.tuples(st.integers(0, HEIGHT - 1), st.integers(0, WIDTH - 1), pieces), max_size=8)


def drawn(screen: pyte.Screen) -> list[list[tuple[object, ...]]]:
    """The cells of an emulated screen; of a blank only what can be seen of it."""
    rows = []
    for y in range(HEIGHT):
        cells = [screen.buffer[y][x] for x in range(WIDTH)]
        rows.append([
            (c.data, c.bg, c.reverse, c.underscore, *(() if c.data == " " and not c.reverse else (c.fg, c.bold)))
            for c in cells
        ])  # fmt: skip
    return rows


@settings(max_examples=200, deadline=None)
@given(updates)
def test_differences_show_what_whole_lines_show(steps: list) -> None:
    thrifty, plain = pyte.Screen(WIDTH, HEIGHT), pyte.Screen(WIDTH, HEIGHT)
    thrifty_stream, plain_stream = pyte.Stream(thrifty), pyte.Stream(plain)
    painting = Painting()
    painting.resize(WIDTH, HEIGHT)
    first = [(y, 0, [(" " * WIDTH, Style(bgcolor="black"))]) for y in range(HEIGHT)]
    for y, x, parts in [*first, *steps]:
        segments = fitting([Segment(text, style) for text, style in parts], WIDTH - x)
        sequence = painting.update(y, x, segments, ColorSystem.TRUECOLOR)
        thrifty_stream.feed(sequence + painting.lift())
        whole = Painting()
        whole.resize(WIDTH, HEIGHT)
        plain_stream.feed(whole.update(y, x, segments, ColorSystem.TRUECOLOR) + whole.lift())
        assert painting.update(y, x, segments, ColorSystem.TRUECOLOR) == ""
    assert drawn(thrifty) == drawn(plain)


def fitting(segments: list[Segment], width: int) -> list[Segment]:
    """Segments cut at the edge of the screen, as the compositor cuts them."""
    return [*Segment.adjust_line_length(segments, min(width, Segment.get_line_length(segments)), pad=False)]


def test_a_row_moved_to_costs_little() -> None:
    painting = Painting()
    painting.resize(120, 1)
    row = "value 123.45 " * 9
    painting.update(0, 0, [Segment(row, STYLES[1])], ColorSystem.TRUECOLOR)
    changed = painting.update(
        0, 0, [Segment(row.replace("123.45", "123.46", 1), STYLES[1])], ColorSystem.TRUECOLOR
    )
    assert len(changed) < 40
    assert "6" in changed

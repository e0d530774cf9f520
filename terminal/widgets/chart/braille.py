"""Lines in braille: two dots across and four down in a cell, drawn for all dot columns at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from textual.app import App

    from terminal.widgets.chart.canvas import Canvas
    from terminal.widgets.chart.price_axis import PriceAxis

# the bit of each dot, by row and column within the cell (Unicode chart U+2800)
BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
BRAILLE = 0x2800
# how many dot columns are drawn and left out in turn, by series, where colours cannot tell them apart
DASHES = ((1, 0), (6, 2), (3, 3), (10, 2), (2, 2), (8, 4))


def dash(place: int, app: App[object]) -> tuple[int, int]:
    """The pattern of a series: solid where there are colours, else one of its own."""
    return DASHES[place % len(DASHES)] if app.no_color else DASHES[0]


def dot_columns(x: np.ndarray, values: np.ndarray, dots: int) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest value of the line within each dot column, NaN where there is none.

    ``x`` are places in dot columns (float, ascending), ``values`` may hold NaN: the line stops there
    and goes on after it. Neighbouring points are joined by straight lines.
    """
    import numpy as np

    low, high = np.full(dots, np.inf), np.full(dots, -np.inf)
    finite = np.isfinite(values)
    shown = finite & (x > -0.5) & (x < dots - 0.5)
    if shown.any():
        at = np.round(x[shown]).astype(np.int64)
        np.minimum.at(low, at, values[shown])
        np.maximum.at(high, at, values[shown])
    joined = finite[:-1] & finite[1:]
    if joined.any():
        # the middle of each pair of neighbouring dot columns: the line's value there belongs to both
        edges = np.arange(dots - 1) + 0.5
        after = np.searchsorted(x, edges)
        inside = (after > 0) & (after < len(x))
        right = np.clip(after, 1, len(x) - 1)
        inside &= joined[right - 1]
        span = np.where(x[right] > x[right - 1], x[right] - x[right - 1], 1.0)
        part = (edges - x[right - 1]) / span
        with np.errstate(invalid="ignore"):
            value = values[right - 1] + part * (values[right] - values[right - 1])
        columns = np.flatnonzero(inside)
        for side in (0, 1):
            np.minimum.at(low, columns + side, value[columns])
            np.maximum.at(high, columns + side, value[columns])
    return np.where(np.isfinite(low), low, np.nan), np.where(np.isfinite(high), high, np.nan)


def rasterise(
    low: np.ndarray, high: np.ndarray, axis: PriceAxis, dash: tuple[int, int] = (1, 0)
) -> np.ndarray:
    """Dots (bool, shape (rows * 4, dot columns)) of a line given by its reach within each dot column."""
    import numpy as np

    drawn = np.isfinite(low)
    on, off = dash
    if off:
        drawn &= np.arange(len(low)) % (on + off) < on
    top = np.where(drawn, axis.slot(np.where(drawn, high, axis.high), 4), 1)
    end = np.where(drawn, axis.slot(np.where(drawn, low, axis.high), 4), 0)
    rows = np.arange(axis.rows * 4)[:, None]
    outside = (high < axis.low) | (low > axis.high)
    return (rows >= top) & (rows <= end) & drawn & ~outside


def cells(dots: np.ndarray) -> np.ndarray:
    """Braille bits of each cell (uint32, shape (rows, columns)) of a grid of dots."""
    import numpy as np

    bits = np.zeros((dots.shape[0] // 4, dots.shape[1] // 2), np.uint32)
    for row, pair in enumerate(BITS):
        for column, bit in enumerate(pair):
            bits |= dots[row::4, column::2].astype(np.uint32) * bit
    return bits


def paint_line(
    canvas: Canvas, top: int, width: int, bits: np.ndarray, ink: int, over: np.ndarray | None = None
) -> None:
    """A line over what is there. Cells that already hold braille keep their dots and gain these.

    ``over`` (bool, same shape) says which cells may be painted over; all may where it is not given.
    """
    import numpy as np

    chars = canvas.chars[top : top + len(bits), :width]
    styles = canvas.styles[top : top + len(bits), :width]
    mark = bits > 0 if over is None else (bits > 0) & over
    held = np.where((chars >= BRAILLE) & (chars < BRAILLE + 256), chars - BRAILLE, 0).astype(np.uint32)
    chars[mark] = (BRAILLE | bits | held)[mark]
    styles[mark] = ink

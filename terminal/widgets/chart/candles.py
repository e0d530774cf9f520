"""Painting candles and volume: glyph tables looked up for all cells of the plot at once.

Each cell of a candle's middle column is two halves, each empty, wick or body; nine combinations,
one table for rising bars (hollow) and one for falling bars (filled). So a body or a wick ends at
half a cell, and direction is told by shape: it reads without any colour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from terminal.widgets.chart.palette import Ink

if TYPE_CHECKING:
    import numpy as np

    from engine.quant.resample import Ohlcv
    from terminal.widgets.chart.canvas import Canvas
    from terminal.widgets.chart.price_axis import PriceAxis

# indexed by upper half * 3 + lower half; halves: 0 empty, 1 wick, 2 body
HOLLOW = " ╷╻╵│╽╹╿┃"
FILLED_DENSE = " ╷╻╵│╽╹╿▊"  # three quarters wide: neighbours do not run into one block
FILLED_APART = " ╷▄╵│╽▀╿█"
FILLED_WIDE = " ╷▄╵│█▀██"
EIGHTHS = " ▁▂▃▄▅▆▇█"


def body_width(columns: int) -> int:
    """How wide a body is drawn where a candle takes this many columns: odd, so that the wick is central."""
    return 1 if columns <= 3 else (columns - 1) // 2 * 2 - 1


def _codes(text: str) -> np.ndarray:
    import numpy as np

    return np.array([ord(char) for char in text], np.uint32)


def paint_candles(
    canvas: Canvas, top: int, bars: Ohlcv, middles: np.ndarray, columns: int, axis: PriceAxis
) -> None:
    """Candles of ``bars`` with their wicks at columns ``middles``, into rows ``top`` and below."""
    import numpy as np

    drawn = ~(np.isnan(bars.high) | np.isnan(bars.low) | np.isnan(bars.close))
    if not drawn.any():
        return
    middles = middles[drawn]
    close, high, low = bars.close[drawn], bars.high[drawn], bars.low[drawn]
    opened = np.where(np.isnan(bars.open[drawn]), close, bars.open[drawn])
    rising = close >= opened
    high_at, low_at = axis.slot(high, 2), axis.slot(low, 2)
    body_top = axis.slot(np.maximum(opened, close), 2)
    body_end = axis.slot(np.minimum(opened, close), 2)
    halves = np.arange(axis.rows * 2)[:, None]
    state = ((halves >= high_at) & (halves <= low_at)).astype(np.uint8)
    state += (halves >= body_top) & (halves <= body_end)
    cells = state[0::2] * 3 + state[1::2]
    wide = body_width(columns) >= 3
    filled = _codes(FILLED_DENSE if columns == 1 else FILLED_WIDE if wide else FILLED_APART)
    glyphs = np.where(rising, _codes(HOLLOW)[cells], filled[cells])
    inks = np.where(rising, np.uint8(Ink.UP), np.uint8(Ink.DOWN))
    rows, which = np.nonzero(cells)
    canvas.chars[top + rows, middles[which]] = glyphs[rows, which]
    canvas.styles[top + rows, middles[which]] = inks[which]
    if wide:
        _paint_sides(canvas, top, middles, body_width(columns) // 2, rising, state)


def _paint_sides(
    canvas: Canvas, top: int, middles: np.ndarray, reach: int, rising: np.ndarray, state: np.ndarray
) -> None:
    """Bodies wider than a column: boxes for rising bars, blocks for falling ones."""
    upper, lower = state[0::2] == 2, state[1::2] == 2
    wick_over, wick_under = state[0::2] == 1, state[1::2] == 1
    ends_above, begins_below = state[1::2] > 0, state[0::2] > 0
    for index, middle in enumerate(middles.tolist()):
        rows = (upper[:, index] | lower[:, index]).nonzero()[0].tolist()
        first, last = rows[0], rows[-1]
        left, right = max(0, middle - reach), min(canvas.width - 1, middle + reach)
        if not rising[index]:
            for row in rows:
                # a cell that the wick shares is filled: half a cell of body cannot hold a thin line as well
                full = state[row * 2, index] and state[row * 2 + 1, index]
                glyph = "█" if full else "▀" if upper[row, index] else "▄"
                canvas.put(left, top + row, glyph * (middle - left), Ink.DOWN)
                canvas.put(middle + 1, top + row, glyph * (right - middle), Ink.DOWN)
            continue
        inner = right - left - 1
        over = (first > 0 and ends_above[first - 1, index]) or wick_over[first, index]
        under = (last + 1 < len(state) // 2 and begins_below[last + 1, index]) or wick_under[last, index]
        if first == last:
            joint = "┼" if over and under else "┴" if over else "┬" if under else "─"
            canvas.put(left, top + first, "─" * (inner // 2 + 1) + joint + "─" * (inner // 2 + 1), Ink.UP)
            continue
        half = "─" * (inner // 2)
        canvas.put(left, top + first, "┌" + half + ("┴" if over else "─") + half + "┐", Ink.UP)
        for row in range(first + 1, last):
            canvas.put(left, top + row, "│" + " " * inner + "│", Ink.UP)
        canvas.put(left, top + last, "└" + half + ("┬" if under else "─") + half + "┘", Ink.UP)


def paint_columns(
    canvas: Canvas, top: int, values: np.ndarray, middles: np.ndarray, reach: int, axis: PriceAxis, ink: Ink
) -> None:
    """Solid columns from the bottom of an axis that starts at 0, to an eighth of a cell."""
    import numpy as np

    heights = np.nan_to_num((1 - axis.fraction(values)) * axis.rows * 8)
    # what traded at all is seen, be it a hundredth of the highest
    heights = np.where(values > 0, np.maximum(np.round(heights), 1), 0)
    from_bottom = np.arange(axis.rows - 1, -1, -1)[:, None] * 8
    level = np.clip(heights - from_bottom, 0, 8).astype(np.int64)
    rows, which = np.nonzero(level)
    glyphs = _codes(EIGHTHS)[level]
    for offset in range(-reach, reach + 1):
        columns = np.clip(middles[which] + offset, 0, canvas.width - 1)
        canvas.chars[top + rows, columns] = glyphs[rows, which]
        canvas.styles[top + rows, columns] = ink

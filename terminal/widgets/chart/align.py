"""Series brought onto the rows of a chart: by date, once for each figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terminal.widgets.chart.palette import Ink

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from engine.page import Event, Series
    from terminal.widgets.chart.canvas import Canvas
    from terminal.widgets.chart.layout import Layout
    from terminal.widgets.chart.picture import Part
    from terminal.widgets.chart.price_axis import PriceAxis

# several events in one column: the one that moves the price most is shown
LETTERS = {
    "entry, long": "▲",
    "entry, short": "▼",
    "exit": "◆",
    "roll": "R",
    "split": "S",
    "dividend": "D",
    "delisting": "X",
    "listing": "L",
    "earnings": "E",
    "loss beyond VaR": "V",
}
ORDER = "▲▼◆XLSED"


def on_rows(series: Series, dates: np.ndarray) -> np.ndarray:
    """Values of a series at ``dates`` (ascending), NaN where it has none."""
    import numpy as np

    out = np.full(len(dates), np.nan)
    own = np.asarray(series.dates).astype(dates.dtype)
    if len(own) and len(dates):
        at = np.searchsorted(dates, own)
        hit = (at < len(dates)) & (dates[np.minimum(at, len(dates) - 1)] == own)
        out[at[hit]] = np.asarray(series.values, dtype=float)[hit]
    return out


def union(series: tuple[Series, ...]) -> np.ndarray:
    """All dates of several series, ascending, each once."""
    import numpy as np

    parts = [np.asarray(one.dates).astype("datetime64[D]") for one in series]
    return np.unique(np.concatenate(parts)) if parts else np.zeros(0, "datetime64[D]")


def event_rows(events: tuple[Event, ...], dates: np.ndarray) -> list[tuple[int, str]]:
    """Each event's row (its own session, or the next one there is) and letter."""
    import numpy as np

    if not len(dates) or not events:
        return []
    days = np.array([event.date for event in events], "datetime64[D]")
    rows = np.searchsorted(dates, days)
    inside = (days >= dates[0]) & (rows < len(dates))
    pairs = zip(rows.tolist(), events, inside.tolist(), strict=True)
    return [(row, LETTERS.get(event.kind, event.kind[:1].upper() or "•")) for row, event, ok in pairs if ok]


def levels(events: tuple[Event, ...], dates: np.ndarray) -> list[tuple[int, str, float]]:
    """Row, letter and value of the events that stand in the figure too."""
    placed = [event for event in events if event.level is not None]
    return [
        (row, letter, float(event.level))
        for event in placed
        if event.level is not None
        for row, letter in event_rows((event,), dates)
    ]


def paint_levels(
    canvas: Canvas, layout: Layout, axis: PriceAxis, column_of: Callable[[int], int],
    placed: list[tuple[int, str, float]],
) -> None:  # fmt: skip
    """Marks at their values, over what is drawn; what lies outside of the axis stands on the rule only."""
    for row, letter, value in placed:
        column = column_of(row)
        if 0 <= column < layout.plot_width and axis.low <= value <= axis.high:
            canvas.put(column, layout.plot_top + axis.row(value), letter, Ink.EVENT)


def marks(
    events: list[tuple[int, str]], column_of: Callable[[int], int], width: int
) -> list[tuple[int, str]]:
    """One letter a column, the weightiest."""
    best: dict[int, str] = {}
    rank = {letter: place for place, letter in enumerate(ORDER)}
    for row, letter in events:
        column = column_of(row)
        if 0 <= column < width and rank.get(letter, 9) <= rank.get(best.get(column, ""), 99):
            best[column] = letter
    return sorted(best.items())


def bar_word(dates: np.ndarray, count: int) -> str:
    """What the bars are called by their spacing: sessions, weeks, months, quarters or years, bars within days."""
    import numpy as np

    if dates.dtype == np.dtype("datetime64[m]"):
        return "bar" if count == 1 else "bars"
    days = float(np.median(np.diff(dates).astype(float))) if len(dates) > 1 else 1.0
    limits = ((5, "session"), (15, "week"), (60, "month"), (200, "quarter"))
    word = next((word for limit, word in limits if days < limit), "year")
    return word if count == 1 else word + "s"


def legend(events: list[tuple[int, str]]) -> list[Part]:
    """What the letters on the date axis stand for, those that occur."""
    occurring = {letter for _, letter in events}
    parts: list[Part] = []
    for word, letter in LETTERS.items():
        if letter in occurring:
            parts += [(letter, Ink.EVENT), (f" {word}  ", Ink.AXIS)]
    return parts

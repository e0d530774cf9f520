"""A page as plain aligned text, for terminals and pipes: no escape codes, every figure readable.

Charts are told as a summary, a sparkline and their last rows; the footer says as of when, from which
snapshot and from which sources.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import tzinfo
from math import isfinite
from typing import Any

from engine.encode.grid import align, cell_width
from engine.encode.prose import PARAGRAPH, summary, wrapped
from engine.encode.tabular import GridColumn, tabular
from engine.encode.text_figures import WRITERS
from engine.format import format_cell
from engine.page import (
    Bars,
    Candles,
    Curve,
    Event,
    Figure,
    Lineage,
    Lines,
    Metrics,
    Page,
    Panel,
    Series,
    Table,
    Text,
)
from engine.sanitize import clean

__all__ = ["encode"]

LAST_ROWS = 10  # rows of a chart that are written out
LAST_EVENTS = 8
_LEVELS = {"info": "note", "warning": "warning", "error": "error"}


def encode(
    page: Page, *, panel: str | None = None, width: int | None = None, tz: tzinfo | None = None
) -> str:
    """The page's panels (or the one named ``panel``), at most ``width`` cells wide, ending in a newline.

    Without ``width`` tables are as wide as they are. Raises KeyError where there is no such panel.
    """
    panels: Sequence[Panel] = page.panels
    if panel is not None:
        chosen = page.panel(panel)
        if chosen is None:
            raise KeyError(panel)
        panels = (chosen,)
    wrap = width or PARAGRAPH
    lines = wrapped(page.title, wrap)
    lines += ["═" * min(wrap, max(map(cell_width, lines), default=0))]
    for note in page.notes:
        lines += wrapped(f"{_LEVELS[note.level]}: {note.text}", wrap, indent="  ")
    for one in panels:
        lines.append("")
        if one.title and one.title != page.title:
            lines += wrapped(one.title, wrap)
        lines += _figure(one.figure, width, tz)
    if page.lineage is not None:
        lines += ["", *_footer(page.lineage, wrap, tz)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _figure(figure: Figure, width: int | None, tz: tzinfo | None) -> list[str]:
    return _WRITERS[type(figure)](figure, width, tz)


def _table(figure: Table, width: int | None, tz: tzinfo | None) -> list[str]:
    if figure.frame.height == 0:
        return wrapped(figure.empty, width or PARAGRAPH)
    return align(tabular(figure), width=width, tz=tz)


def _metrics(figure: Metrics, width: int | None, tz: tzinfo | None) -> list[str]:
    if not figure.items:
        return []
    labels = [clean(item.label) for item in figure.items]
    margin = min(max(map(cell_width, labels)), 40) + 2
    lines = []
    for label, item in zip(labels, figure.items, strict=True):
        shown = format_cell(item.value, item.kind, item.decimals, item.unit, item.blank, tz=tz)
        if item.value is None:
            shown = f"{shown} {item.blank.value}"
        if item.note:
            shown = f"{shown}  ({clean(item.note)})"
        told = wrapped(shown, max(20, (width or PARAGRAPH) - margin)) or [""]
        lines.append(label + " " * max(2, margin - cell_width(label)) + told[0])
        lines += [" " * margin + rest for rest in told[1:]]
    return lines


def _candles(figure: Candles, width: int | None, _tz: tzinfo | None) -> list[str]:
    columns = tabular(figure)
    if not columns[0].values:
        return ["No sessions."]
    frame = figure.frame
    days = frame.get_column("local_time" if figure.zone else "session_date").to_numpy()
    close, high, low = (
        Series(figure.name, days, frame.get_column(name).to_numpy()) for name in ("close", "high", "low")
    )
    lines = summary(close, figure.decimals, figure.unit, width, high=high, low=low)
    # the summary has said units, the exchange's time which bar it is
    told = ("session_date", "start_at") if figure.zone else ()
    columns = tuple(replace(column, unit="") for column in columns if column.name not in told)
    return [*lines, *_events(figure.events, width), "", *_last(columns, width)]


def _lines(figure: Lines, width: int | None, _tz: tzinfo | None) -> list[str]:
    columns = tabular(figure)
    if not columns[0].values:
        return ["No observations."]
    lines: list[str] = []
    for series in figure.series:
        lines += summary(series, figure.decimals, series.unit or figure.unit, width)
    return [*lines, *_events(figure.events, width), "", *_last(columns, width)]


def _bars(figure: Bars, width: int | None, _tz: tzinfo | None) -> list[str]:
    if not figure.values:
        return ["Nothing to show."]
    labels = [clean(label) for label in figure.labels]
    shown = [format_cell(value, "number", figure.decimals, figure.unit) for value in figure.values]
    if figure.errors:
        told = [format_cell(error, "number", figure.decimals) for error in figure.errors]
        shown = [f"{value} ± {error}" for value, error in zip(shown, told, strict=True)]
    margin, room = max(map(cell_width, labels)), max(map(cell_width, shown))
    length = max(4, min(40, (width or 80) - margin - room - 4))
    most = max((abs(value) for value in figure.values if isfinite(value)), default=0.0)
    lines = []
    for label, text, value in zip(labels, shown, figure.values, strict=True):
        share = abs(value) / most if most and isfinite(value) else 0.0
        bar = "█" * max(round(share * length), 1 if share else 0)
        pads = " " * (margin - cell_width(label)), " " * (room - cell_width(text))
        lines.append(f"{label}{pads[0]}  {pads[1]}{text}  {bar}")
    return lines


def _curve(figure: Curve, width: int | None, tz: tzinfo | None) -> list[str]:
    columns = tabular(figure)
    if not columns[0].values:
        return ["No curve."]
    return align(columns, width=width, tz=tz)


def _text(figure: Text, width: int | None, _tz: tzinfo | None) -> list[str]:
    wrap = width or PARAGRAPH
    lines: list[str] = []
    for line in figure.lines:
        text = clean(line)
        if text.startswith("# "):
            lines += ["", text[2:].upper()] if lines else [text[2:].upper()]
        elif cell_width(text) <= wrap:
            lines.append(text)
        else:
            lines += wrapped(text, wrap, indent=" " * (len(text) - len(text.lstrip())))
    return lines


def _events(events: Sequence[Event], width: int | None) -> list[str]:
    if not events:
        return []
    told = [f"{event.date} {clean(event.label)}" for event in events[-LAST_EVENTS:]]
    more = f"{len(events) - LAST_EVENTS} earlier, " if len(events) > LAST_EVENTS else ""
    return wrapped(f"events: {more}{', '.join(told)}", width or PARAGRAPH, indent="  ")


def _last(columns: Sequence[GridColumn], width: int | None) -> list[str]:
    total = len(columns[0].values)
    lines = align(columns, width=width, rows=slice(max(0, total - LAST_ROWS), None))
    if total > LAST_ROWS:
        told = f"last {LAST_ROWS} of {total:,} rows; all of them with --csv or --json"
        lines += wrapped(told, width or PARAGRAPH)
    return lines


def _footer(lineage: Lineage, wrap: int, tz: tzinfo | None) -> Iterator[str]:
    asof = format_cell(lineage.asof, "instant", tz=tz)
    clock = f"as of now, {asof}" if lineage.live else f"AS OF {asof}"
    if lineage.recorded is not None:
        clock += f", as recorded on {format_cell(lineage.recorded, 'instant', tz=tz)}"
    newest = max(
        (read.newest_known_at for read in lineage.figure_reads if read.newest_known_at), default=None
    )
    if newest is not None:
        clock += f"; newest fact known {format_cell(newest, 'instant', tz=tz)}"
    yield from wrapped(clock, wrap)
    yield from wrapped(f"snapshot {lineage.snapshot} ({clean(lineage.snapshot_id)}): {lineage.command}", wrap)
    if lineage.sources:
        yield from wrapped(f"sources: {', '.join(lineage.sources)}", wrap, indent="  ")


_WRITERS: dict[type, Callable[[Any, int | None, tzinfo | None], list[str]]] = {
    Table: _table,
    Metrics: _metrics,
    Candles: _candles,
    Lines: _lines,
    Bars: _bars,
    Curve: _curve,
    Text: _text,
    **WRITERS,
}

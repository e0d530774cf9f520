"""Grids, surfaces, scatters, areas, steps, states and forms as aligned text that reads in a pipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import tzinfo
from math import isfinite
from typing import Any

from engine.cells import axis_labels
from engine.encode.columns import GridColumn
from engine.encode.grid import align, cell_width, fit
from engine.encode.prose import PARAGRAPH, summary, wrapped
from engine.encode.tabular_figures import MAKERS, shares
from engine.figures import Form, Heatmap, Scatter, Surface, Timeline, Treemap, Waterfall
from engine.format import format_cell
from engine.sanitize import clean
from engine.spells import current, spells
from engine.waterfall import Span, share, spans, told

__all__ = ["WRITERS"]

_ACROSS, _DOWN = 11, 31  # places of a surface's axes that are written out
_LAST_SPELLS = 20
_BAR = 36  # cells of a bar of text, where there is room
_CAPTION = 32  # cells that a step's label or a field's may take


def _heatmap(figure: Heatmap, width: int | None, tz: tzinfo | None) -> list[str]:
    if not figure.rows or not figure.columns:
        return ["Nothing to show."]
    caption = _caption(figure.row_title, figure.column_title, figure.unit)
    return [*wrapped(caption, width or PARAGRAPH), *align(MAKERS[Heatmap](figure), width=width, tz=tz)]


def _caption(down: str, across: str, unit: str) -> str:
    axes = f"{down or 'rows'} down, {across or 'columns'} across" if down or across else ""
    return ", ".join(part for part in (axes, _measured(unit)) if part)


def _measured(unit: str) -> str:
    """``in USD``, but ``a year``."""
    return f"in {unit}" if unit and not unit.startswith(("a ", "an ", "per ", "of ")) else unit


def _surface(figure: Surface, width: int | None, tz: tzinfo | None) -> list[str]:
    """The surface at evenly picked places, and how many quotes it rests on."""
    if not len(figure.x) or not len(figure.y):
        return ["No surface.", *_quotes(figure, width)]
    across, down = _picked(len(figure.x), _ACROSS), _picked(len(figure.y), _DOWN)
    names = axis_labels(figure.y_labels, figure.y.tolist())
    columns = [GridColumn("y", figure.y_title, "text", [names[at] for at in down])]
    for at, name in enumerate(axis_labels(figure.x_labels, figure.x.tolist())):
        if at in across:
            values = [float(figure.values[row, at]) for row in down]
            columns.append(GridColumn(name, name, figure.kind, values, figure.decimals))
    lines = wrapped(_caption(figure.y_title, figure.x_title, figure.unit), width or PARAGRAPH)
    lines += align(columns, width=width, tz=tz)
    if len(across) < len(figure.x) or len(down) < len(figure.y):
        shown = f"{len(down)} of {len(figure.y)} rows and {len(across)} of {len(figure.x)} columns"
        lines += wrapped(f"{shown}; all of them with --csv or --json", width or PARAGRAPH)
    return lines + _quotes(figure, width)


def _picked(count: int, most: int) -> list[int]:
    """At most ``most`` places, evenly spread, the first and the last among them."""
    if count <= most:
        return list(range(count))
    return [round(number * (count - 1) / (most - 1)) for number in range(most)]


def _quotes(figure: Surface, width: int | None) -> list[str]:
    if not figure.points:
        return []
    left = [clean(point.label) for point in figure.points if not point.used]
    out = f"; left out: {', '.join(left)}" if left else ""
    return wrapped(f"{len(figure.points) - len(left)} quotes fitted{out}", width or PARAGRAPH, indent="  ")


def _scatter(figure: Scatter, width: int | None, tz: tzinfo | None) -> list[str]:
    if not figure.marks and not figure.lines:
        return ["Nothing to show."]
    of_marks = MAKERS[Scatter](replace(figure, lines=()))
    unused = {"line"} | {
        name
        for name, used in (
            ("label", any(mark.label for mark in figure.marks)),
            ("group", any(mark.group for mark in figure.marks)),
            ("size", any(mark.size != 1.0 for mark in figure.marks)),
        )
        if not used
    }
    lines: list[str] = []
    if figure.marks:
        lines = align([column for column in of_marks if column.name not in unused], width=width, tz=tz)
    for line in figure.lines:
        lines += wrapped(
            _course(figure, line.name, line.x, line.y, line.formula), width or PARAGRAPH, indent="  "
        )
    return lines


def _course(figure: Scatter, name: str, xs: Sequence[float], ys: Sequence[float], formula: str) -> str:
    """A line in words: what it is and where it begins and ends."""
    ends = [
        f"({format_cell(xs[at], figure.x_kind, figure.x_decimals)}, "
        f"{format_cell(ys[at], figure.y_kind, figure.y_decimals)})"
        for at in (0, -1)
        if xs
    ]
    path = f"from {ends[0]} to {ends[1]} in {len(xs)} points" if ends else "no points"
    return f"line {name}: {path}{f'; {formula}' if formula else ''}"


def _treemap(figure: Treemap, width: int | None, tz: tzinfo | None) -> list[str]:
    """Largest first, with shares of the whole where sizes are not shares already."""
    if not figure.tiles:
        return ["Nothing to show."]
    parts = dict(zip(map(id, figure.tiles), shares(figure), strict=True))
    tiles = tuple(sorted(figure.tiles, key=lambda tile: _rank(parts[id(tile)])))
    columns = MAKERS[Treemap](replace(figure, tiles=tiles))
    same = all(abs(parts[id(tile)] - tile.size) < 5e-4 for tile in tiles)
    unused = {
        name
        for name, used in (
            ("group", any(tile.group for tile in tiles)),
            ("share", not same),
            ("value", any(tile.value is not None for tile in tiles)),
        )
        if not used
    }
    return align([column for column in columns if column.name not in unused], width=width, tz=tz)


def _rank(share: float) -> tuple[bool, float]:
    return (not isfinite(share), -share if isfinite(share) else 0.0)


def _waterfall(figure: Waterfall, width: int | None, _tz: tzinfo | None) -> list[str]:
    """A line a step: label, value with its sign, and a bar from the level before to the level after."""
    if not figure.steps:
        return ["Nothing to show."]
    made = spans(figure.steps)
    labels = [clean(step.label) for step in figure.steps]
    shown = [told(step, figure) for step in figure.steps]
    margin = min(_CAPTION, max(map(cell_width, labels)), max(8, (width or 100) // 3))
    room = max(map(cell_width, shown))
    length = max(6, min(_BAR, (width or 100) - margin - room - 4))
    lines = [clean(_measured(figure.unit))] if figure.unit else []
    for label, value, span in zip(labels, shown, made, strict=True):
        lines.append(f"{fit(label, margin)}  {fit(value, room, right=True)}  {_bar(span, made, length)}")
        if span.step.note:
            lines += wrapped("    " + span.step.note, max(20, width or PARAGRAPH), indent="    ")
    return lines


def _bar(span: Span, made: Sequence[Span], length: int) -> str:
    """The step's stretch on an axis shared by all: ``█`` a total, ``▓`` a rise, ``░`` a fall."""
    if not isfinite(span.start):
        return ""
    known = [one for one in made if isfinite(one.start)]
    low, high = min(one.low for one in known), max(one.high for one in known)
    start, end = (round(share(level, low, high) * length) for level in (span.low, span.high))
    if end <= start:
        start = min(start, length - 1)
        end = start + 1
    glyph = "█" if span.step.total else "▓" if span.end >= span.start else "░"
    return " " * start + glyph * (end - start)


def _timeline(figure: Timeline, width: int | None, tz: tzinfo | None) -> list[str]:
    """Spells newest last, what each state was given on the last date, and the line above them."""
    every = spells(figure)
    lines: list[str] = []
    if figure.line is not None:
        lines += summary(figure.line, 2, figure.line.unit, width)
    if not every:
        return [*lines, "No states."]
    newest = every[-_LAST_SPELLS:]
    names = [figure.names[spell.state] if spell.state >= 0 else "none" for spell in newest]
    columns = (
        GridColumn("state", "State", "text", names),
        GridColumn("from", "From", "date", [spell.first for spell in newest]),
        GridColumn("to", "To", "date", [spell.last for spell in newest]),
        GridColumn("days", "Days", "integer", [spell.days for spell in newest]),
    )
    lines += align(columns, width=width, tz=tz)
    if len(every) > len(newest):
        what = f"last {len(newest)} of {len(every):,} spells; all dates with --csv or --json"
        lines += wrapped(what, width or PARAGRAPH)
    probable = [f"{name} {format_cell(value, 'percent', 1)}" for name, value in current(figure)]
    if probable:
        told_now = f"probabilities on {every[-1].last}: {', '.join(probable)}"
        lines += wrapped(told_now, width or PARAGRAPH, indent="  ")
    return lines


def _form(figure: Form, width: int | None, _tz: tzinfo | None) -> list[str]:
    """``label: value unit (basis)``, under the name of its group."""
    if not figure.fields:
        return ["No assumptions."]
    return list(_form_lines(figure, width or PARAGRAPH))


def _form_lines(figure: Form, width: int) -> Iterator[str]:
    margin = min(_CAPTION, max(cell_width(clean(field.label)) for field in figure.fields)) + 2
    group = ""
    for field in figure.fields:
        if field.group != group:
            group = field.group
            yield from wrapped(group.upper(), width)
        basis = f"given: {field.name.upper()}={field.text}" if field.given else field.basis
        value = " ".join(filter(None, (field.shown, field.unit, f"({basis})" if basis else "")))
        told_value = wrapped(value, max(20, width - margin)) or [""]
        yield fit(f"{clean(field.label)}:", margin) + told_value[0]
        yield from (" " * margin + rest for rest in told_value[1:])


WRITERS: dict[type, Callable[[Any, int | None, tzinfo | None], list[str]]] = {
    Heatmap: _heatmap,
    Surface: _surface,
    Scatter: _scatter,
    Treemap: _treemap,
    Waterfall: _waterfall,
    Timeline: _timeline,
    Form: _form,
}

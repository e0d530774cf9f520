"""Grids, surfaces, scatters, areas, steps, states and forms as columns of values: a row a value that is shown."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite, nan
from typing import Any

from engine.cells import axis_labels
from engine.encode.columns import GridColumn, aligned
from engine.figures import Form, Heatmap, Scatter, Surface, Timeline, Treemap, Waterfall
from engine.waterfall import spans

__all__ = ["MAKERS", "shares"]


def _heatmap(figure: Heatmap) -> tuple[GridColumn, ...]:
    """Rows by columns, as it is drawn."""
    columns = [GridColumn("row", figure.row_title, "text", figure.rows)]
    for at, name in enumerate(figure.columns):
        values = figure.values[:, at].tolist()
        columns.append(GridColumn(name, name, figure.kind, values, figure.decimals))
    return tuple(columns)


def _surface(figure: Surface) -> tuple[GridColumn, ...]:
    """Long: a row a place of the grid, then a row a quote; ``what`` says which."""
    down = axis_labels(figure.y_labels, figure.y.tolist())
    across = axis_labels(figure.x_labels, figure.x.tolist())
    grid = [
        ("surface", named, y, label, x, value)
        for named, y, row in zip(down, figure.y.tolist(), figure.values.tolist(), strict=True)
        for label, x, value in zip(across, figure.x.tolist(), row, strict=True)
    ]
    quotes = [
        ("quote" if point.used else "quote left out", point.label, point.y, "", point.x, point.value)
        for point in figure.points
    ]
    what, named, y, label, x, value = ([row[at] for row in (*grid, *quotes)] for at in range(6))
    return (
        GridColumn("what", "What", "text", what),
        GridColumn("y_label", figure.y_title, "text", named),
        GridColumn("y", f"{figure.y_title} (number)", "number", y),
        GridColumn("x_label", figure.x_title, "text", label),
        GridColumn("x", f"{figure.x_title} (number)", "number", x),
        GridColumn("value", "Value", figure.kind, value, figure.decimals, figure.unit),
    )


def _scatter(figure: Scatter) -> tuple[GridColumn, ...]:
    """A row a mark, then a row a point of each line, under the line's name."""
    rows: list[tuple[object, ...]] = [
        (mark.label, mark.group, mark.x, mark.y, mark.size, "") for mark in figure.marks
    ]
    for line in figure.lines:
        rows += [("", "", x, y, None, line.name) for x, y in zip(line.x, line.y, strict=True)]
    label, group, x, y, size, name = ([row[at] for row in rows] for at in range(6))
    return (
        GridColumn("label", "Label", "text", label),
        GridColumn("group", "Group", "text", group),
        GridColumn("x", figure.x_title, figure.x_kind, x, figure.x_decimals, figure.x_unit),
        GridColumn("y", figure.y_title, figure.y_kind, y, figure.y_decimals, figure.y_unit),
        GridColumn("size", "Size", "number", size),
        GridColumn("line", "Line", "text", name),
    )


def _treemap(figure: Treemap) -> tuple[GridColumn, ...]:
    tiles = figure.tiles
    return (
        GridColumn("group", "Group", "text", [tile.group for tile in tiles]),
        GridColumn("label", "Label", "text", [tile.label for tile in tiles]),
        GridColumn(
            "size", figure.size_title, figure.size_kind, [tile.size for tile in tiles],
            figure.size_decimals, figure.unit,
        ),
        GridColumn("share", "Share", "percent", shares(figure), 1),
        GridColumn(
            "value", figure.value_title or "Value", figure.value_kind, [tile.value for tile in tiles],
            figure.value_decimals,
        ),
    )  # fmt: skip


def shares(figure: Treemap) -> list[float]:
    """Each tile's part of all sizes; NaN of one that has no area."""
    sizes = [tile.size if isfinite(tile.size) and tile.size > 0 else nan for tile in figure.tiles]
    whole = sum(size for size in sizes if isfinite(size))
    return [size / whole if whole else nan for size in sizes]


def _waterfall(figure: Waterfall) -> tuple[GridColumn, ...]:
    steps = figure.steps
    ends = [span.end for span in spans(steps)]
    return (
        GridColumn("label", "Step", "text", [step.label for step in steps]),
        GridColumn("what", "What", "text", ["total" if step.total else "change" for step in steps]),
        GridColumn(
            "value", "Value", figure.kind, [step.value for step in steps], figure.decimals, figure.unit
        ),
        GridColumn("level", "Level", figure.kind, ends, figure.decimals, figure.unit),
        GridColumn("note", "Note", "text", [step.note for step in steps]),
    )


def _timeline(figure: Timeline) -> tuple[GridColumn, ...]:
    """A row a date of the states, and of the line drawn above them where there is one."""
    days = figure.dates.astype("datetime64[D]").tolist()
    at = {day: number for number, day in enumerate(days)}
    line = figure.line
    dates = sorted({*days, *(line.dates.astype("datetime64[D]").tolist() if line is not None else ())})
    rows = [at.get(day) for day in dates]
    states = figure.states.tolist()
    names = [figure.names[states[row]] if row is not None and states[row] >= 0 else None for row in rows]
    columns = [GridColumn("date", "Date", "date", dates), GridColumn("state", "State", "text", names)]
    if figure.probabilities is not None:
        for number, name in enumerate(figure.names):
            told = figure.probabilities[:, number].tolist()
            values = [told[row] if row is not None else None for row in rows]
            columns.append(GridColumn(f"probability of {name}", name, "percent", values, 1))
    return (*columns, *(() if line is None else (aligned(line, dates, None, ""),)))


def _form(figure: Form) -> tuple[GridColumn, ...]:
    fields = figure.fields
    return (
        GridColumn("group", "Group", "text", [field.group for field in fields]),
        GridColumn("name", "Name", "text", [field.name for field in fields]),
        GridColumn("label", "Label", "text", [field.label for field in fields]),
        GridColumn("text", "Typed", "text", [field.text for field in fields]),
        GridColumn("shown", "Value", "text", [field.shown for field in fields]),
        GridColumn("unit", "Unit", "text", [field.unit for field in fields]),
        GridColumn("given", "Given", "text", [field.given for field in fields]),
        GridColumn("basis", "Basis", "text", [field.basis for field in fields]),
    )


MAKERS: dict[type, Callable[[Any], tuple[GridColumn, ...]]] = {
    Heatmap: _heatmap,
    Surface: _surface,
    Scatter: _scatter,
    Treemap: _treemap,
    Waterfall: _waterfall,
    Timeline: _timeline,
    Form: _form,
}

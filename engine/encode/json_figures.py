"""Grids, surfaces, scatters, areas, steps, states and forms in the schema ``asof.page/1``.

Arrays are nested lists, row by row; what a value is (percent, price) is ``kind_of_values``, since ``kind``
is the figure's own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.encode.json_parts import plain, plain_values, series_object
from engine.figures import Form, Heatmap, Scatter, Surface, Timeline, Treemap, Waterfall

__all__ = ["WRITERS"]


def _heatmap(figure: Heatmap) -> dict[str, Any]:
    return {
        "rows": plain_values(figure.rows),
        "columns": plain_values(figure.columns),
        "values": _matrix(figure.values),
        "kind_of_values": figure.kind,
        "decimals": figure.decimals,
        "unit": plain(figure.unit),
        "scale": figure.scale,
        "center": plain(figure.center),
        "low": plain(figure.low),
        "high": plain(figure.high),
        "row_title": plain(figure.row_title),
        "column_title": plain(figure.column_title),
        "formula": plain(figure.formula),
        "commands": plain_values(figure.commands),
    }


def _surface(figure: Surface) -> dict[str, Any]:
    return {
        "x": plain_values(figure.x.tolist()),
        "y": plain_values(figure.y.tolist()),
        "values": _matrix(figure.values),
        "x_title": plain(figure.x_title),
        "y_title": plain(figure.y_title),
        "x_labels": plain_values(figure.x_labels),
        "y_labels": plain_values(figure.y_labels),
        "kind_of_values": figure.kind,
        "decimals": figure.decimals,
        "unit": plain(figure.unit),
        "formula": plain(figure.formula),
        "points": [_fields(point, "x", "y", "value", "label", "used") for point in figure.points],
    }


def _scatter(figure: Scatter) -> dict[str, Any]:
    return {
        "marks": [_fields(mark, "x", "y", "label", "group", "size", "command") for mark in figure.marks],
        "lines": [
            {
                **_fields(line, "name", "formula"),
                "x": plain_values(line.x),
                "y": plain_values(line.y),
            }
            for line in figure.lines
        ],
        "x_title": plain(figure.x_title),
        "y_title": plain(figure.y_title),
        "x_kind": figure.x_kind,
        "y_kind": figure.y_kind,
        "x_decimals": figure.x_decimals,
        "y_decimals": figure.y_decimals,
        "x_unit": plain(figure.x_unit),
        "y_unit": plain(figure.y_unit),
    }


def _treemap(figure: Treemap) -> dict[str, Any]:
    return {
        "tiles": [_fields(tile, "label", "size", "value", "group", "command") for tile in figure.tiles],
        "size_title": plain(figure.size_title),
        "value_title": plain(figure.value_title),
        "size_kind": figure.size_kind,
        "value_kind": figure.value_kind,
        "size_decimals": figure.size_decimals,
        "value_decimals": figure.value_decimals,
        "unit": plain(figure.unit),
        "center": plain(figure.center),
        "formula": plain(figure.formula),
    }


def _waterfall(figure: Waterfall) -> dict[str, Any]:
    return {
        "steps": [_fields(step, "label", "value", "total", "formula", "note") for step in figure.steps],
        "kind_of_values": figure.kind,
        "decimals": figure.decimals,
        "unit": plain(figure.unit),
    }


def _timeline(figure: Timeline) -> dict[str, Any]:
    """``states`` are indices into ``names``, null where there is none."""
    return {
        "dates": plain_values(figure.dates.astype("datetime64[D]").tolist()),
        "names": plain_values(figure.names),
        "states": [state if state >= 0 else None for state in figure.states.tolist()],
        "probabilities": None if figure.probabilities is None else _matrix(figure.probabilities),
        "line": None if figure.line is None else series_object(figure.line),
        "line_scale": figure.line_scale,
        "tones": list(figure.tones),
        "formula": plain(figure.formula),
    }


def _form(figure: Form) -> dict[str, Any]:
    names = ("name", "label", "text", "shown", "unit", "help", "given", "basis", "group")
    return {
        "fields": [
            {**_fields(field, *names), "choices": plain_values(field.choices)} for field in figure.fields
        ]
    }


def _matrix(values: Any) -> list[list[Any]]:
    return [plain_values(row) for row in values.tolist()]


def _fields(one: object, *names: str) -> dict[str, Any]:
    return {name: plain(getattr(one, name)) for name in names}


WRITERS: dict[type, tuple[str, Callable[[Any], dict[str, Any]]]] = {
    Heatmap: ("heatmap", _heatmap),
    Surface: ("surface", _surface),
    Scatter: ("scatter", _scatter),
    Treemap: ("treemap", _treemap),
    Waterfall: ("waterfall", _waterfall),
    Timeline: ("timeline", _timeline),
    Form: ("form", _form),
}

"""Figures without a frame as rows of named cells: what ASOF DIFF compares and WHY is asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.figures import Form, Heatmap, Scatter, Surface, Timeline, Treemap, Waterfall
from engine.format import format_cell
from engine.page import ColumnKind
from engine.waterfall import spans

__all__ = ["CellRow", "FigureCell", "axis_labels", "cell_rows"]


@dataclass(frozen=True, slots=True)
class FigureCell:
    """One value and how it is formatted; None is a blank."""

    value: Any
    kind: ColumnKind = "text"
    decimals: int | None = None
    unit: str = ""
    formula: str = ""


@dataclass(frozen=True, slots=True)
class CellRow:
    """A row that its name finds again at another clock; the first of its cells is what it is about."""

    name: str
    cells: Mapping[str, FigureCell]
    day: date | None = None


def cell_rows(figure: object) -> tuple[CellRow, ...] | None:
    """The rows of ``figure``, each under a name of its own; None of a kind that is addressed otherwise."""
    make = _MAKERS.get(type(figure))
    return None if make is None else tuple(_told_apart(make(figure)))


def axis_labels(labels: tuple[str, ...], values: Iterable[float]) -> tuple[str, ...]:
    """What the places of an axis are called: their labels, else their numbers."""
    return labels or tuple(f"{value:.6g}" for value in values)


def _told_apart(rows: Iterable[CellRow]) -> Iterable[CellRow]:
    """A name that stands twice is numbered from its second row on."""
    seen: dict[str, int] = {}
    for row in rows:
        seen[row.name] = seen.get(row.name, 0) + 1
        number = seen[row.name]
        yield row if number == 1 else CellRow(f"{row.name} ({number})", row.cells, row.day)


def _known(value: Any) -> float | None:
    """``value`` as a number; NaN is a blank."""
    number = None if value is None else float(value)
    return None if number is None or number != number else number  # noqa: PLR0124 - NaN


def _heatmap(figure: Heatmap) -> Iterable[CellRow]:
    for name, row in zip(figure.rows, figure.values.tolist(), strict=True):
        cells = (
            FigureCell(_known(value), figure.kind, figure.decimals, figure.unit, figure.formula)
            for value in row
        )
        yield CellRow(name, dict(zip(figure.columns, cells, strict=True)))


def _surface(figure: Surface) -> Iterable[CellRow]:
    across = axis_labels(figure.x_labels, figure.x.tolist())
    for name, row in zip(
        axis_labels(figure.y_labels, figure.y.tolist()), figure.values.tolist(), strict=True
    ):
        cells = (
            FigureCell(_known(value), figure.kind, figure.decimals, figure.unit, figure.formula)
            for value in row
        )
        yield CellRow(name, dict(zip(across, cells, strict=True)))
    for point in figure.points:
        quoted = FigureCell(_known(point.value), figure.kind, figure.decimals, figure.unit, "as quoted")
        used = FigureCell("fitted" if point.used else "left out", formula="whether the fit used the quote")
        yield CellRow(point.label, {"quote": quoted, "use": used})


def _scatter(figure: Scatter) -> Iterable[CellRow]:
    for number, mark in enumerate(figure.marks, 1):
        yield CellRow(
            mark.label or f"point {number}",
            {
                figure.x_title: FigureCell(_known(mark.x), figure.x_kind, figure.x_decimals, figure.x_unit),
                figure.y_title: FigureCell(_known(mark.y), figure.y_kind, figure.y_decimals, figure.y_unit),
            },
        )
    for line in figure.lines:
        for x, y in zip(line.x, line.y, strict=True):
            place = format_cell(x, figure.x_kind, figure.x_decimals)
            cell = FigureCell(_known(y), figure.y_kind, figure.y_decimals, figure.y_unit, line.formula)
            yield CellRow(f"{line.name} at {place}", {figure.y_title: cell})


def _treemap(figure: Treemap) -> Iterable[CellRow]:
    for tile in figure.tiles:
        size = FigureCell(_known(tile.size), figure.size_kind, figure.size_decimals, figure.unit)
        cells = {figure.size_title: size}
        if figure.value_title:
            cells[figure.value_title] = FigureCell(
                _known(tile.value), figure.value_kind, figure.value_decimals, "", figure.formula
            )
        yield CellRow(f"{tile.group} {tile.label}".strip(), cells)


def _waterfall(figure: Waterfall) -> Iterable[CellRow]:
    for span in spans(figure.steps):
        step = span.step
        formula = step.formula or step.note
        value = FigureCell(_known(step.value), figure.kind, figure.decimals, figure.unit, formula)
        level = FigureCell(
            _known(span.end), figure.kind, figure.decimals, figure.unit, "the sum of the steps up to this one"
        )
        yield CellRow(step.label, {"value": value, "level": level})


def _timeline(figure: Timeline) -> Iterable[CellRow]:
    told = None if figure.probabilities is None else figure.probabilities.tolist()
    for at, (day, state) in enumerate(zip(_days(figure.dates), figure.states.tolist(), strict=True)):
        name = figure.names[state] if 0 <= state < len(figure.names) else None
        cells = {"state": FigureCell(name, formula=figure.formula)}
        if told is not None:
            for each, value in zip(figure.names, told[at], strict=True):
                cells[each] = FigureCell(_known(value), "percent", 1, "", figure.formula)
        yield CellRow(str(day), cells, day)
    if (line := figure.line) is not None:
        for day, value in zip(_days(line.dates), line.values.tolist(), strict=True):
            cell = FigureCell(_known(value), "price", None, line.unit, line.formula)
            yield CellRow(f"{line.name} {day}", {"value": cell}, day)


def _days(dates: Any) -> list[date]:
    days: list[date] = dates.astype("datetime64[D]").tolist()
    return days


def _form(figure: Form) -> Iterable[CellRow]:
    for field in figure.fields:
        origin = f"given as {field.name.upper()}={field.text}" if field.given else field.basis or "default"
        formula = ". ".join(part.rstrip(".") for part in (origin, field.help) if part)
        yield CellRow(field.name, {"value": FigureCell(field.shown, unit=field.unit, formula=formula)})


_MAKERS: dict[type, Callable[[Any], Iterable[CellRow]]] = {
    Heatmap: _heatmap,
    Surface: _surface,
    Scatter: _scatter,
    Treemap: _treemap,
    Waterfall: _waterfall,
    Timeline: _timeline,
    Form: _form,
}

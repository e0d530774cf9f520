"""Any figure as named columns of plain values: what CSV writes and the text encoder aligns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from engine.encode.columns import GridColumn, aligned
from engine.encode.tabular_figures import MAKERS
from engine.page import (
    Bars,
    Blank,
    Candles,
    Column,
    Curve,
    Figure,
    Lines,
    Metrics,
    Table,
    Text,
)

__all__ = ["GridColumn", "tabular"]


def tabular(figure: Figure) -> tuple[GridColumn, ...]:
    """The columns of ``figure``, all of one length."""
    return _MAKERS[type(figure)](figure)


def _table(figure: Table) -> tuple[GridColumn, ...]:
    return tuple(_table_column(figure, column) for column in figure.columns)


def _table_column(figure: Table, column: Column) -> GridColumn:
    blanks: tuple[Blank, ...] = ()
    if column.blank is not None:
        told = figure.frame.get_column(column.blank).to_list()
        blanks = tuple(Blank(one) if one else column.default_blank for one in told)
    own = figure.frame.get_column(column.decimals_from).to_list() if column.decimals_from else ()
    return GridColumn(
        name=column.name,
        label=column.label,
        kind=column.kind,
        own_decimals=tuple(own),
        values=figure.frame.get_column(column.name).to_list(),
        decimals=column.decimals,
        unit=column.unit,
        blanks=blanks,
        default_blank=column.default_blank,
        width=column.width,
    )


def _metrics(figure: Metrics) -> tuple[GridColumn, ...]:
    items = figure.items
    return (
        GridColumn("label", "Label", "text", [item.label for item in items]),
        GridColumn("value", "Value", "number", [item.value for item in items]),
        GridColumn("unit", "Unit", "text", [item.unit for item in items]),
        GridColumn("note", "Note", "text", [item.note for item in items]),
    )


def _candles(figure: Candles) -> tuple[GridColumn, ...]:
    dates = figure.frame.get_column("session_date").to_list()
    columns = [GridColumn("session_date", "Session", "date", dates)]
    if figure.zone:
        starts = figure.frame.get_column("start_at").to_list()
        columns.append(GridColumn("start_at", "Start", "instant", starts))
        local = figure.frame.get_column("local_time").dt.strftime("%Y-%m-%d %H:%M").to_list()
        columns.append(GridColumn("local_time", figure.zone, "text", local))
        if "phase" in figure.frame.columns:
            columns.append(GridColumn("phase", "Phase", "text", figure.frame.get_column("phase").to_list()))
    for name in ("open", "high", "low", "close"):
        values = figure.frame.get_column(name).to_list()
        columns.append(GridColumn(name, name.title(), "price", values, figure.decimals, figure.unit))
    if "volume" in figure.frame.columns:
        columns.append(GridColumn("volume", "Volume", "integer", figure.frame.get_column("volume").to_list()))
    overlays = (aligned(overlay, dates, figure.decimals, figure.unit) for overlay in figure.overlays)
    return (*columns, *overlays)


def _lines(figure: Lines) -> tuple[GridColumn, ...]:
    dates: list[date] = sorted({day for series in figure.series for day in series.dates.tolist()})
    shown = [aligned(series, dates, figure.decimals, figure.unit) for series in figure.series]
    return (GridColumn("date", "Date", "date", dates), *shown)


def _bars(figure: Bars) -> tuple[GridColumn, ...]:
    return (
        GridColumn("label", "Label", "text", figure.labels),
        GridColumn("value", "Value", "number", figure.values, figure.decimals, figure.unit),
        *(
            (
                GridColumn(
                    "error", figure.error or "Error", "number", figure.errors, figure.decimals, figure.unit
                ),
            )
            if figure.errors
            else ()
        ),
    )


def _curve(figure: Curve) -> tuple[GridColumn, ...]:
    """A row a place on the axis that any of the curves has."""
    places = sorted(
        {(x, label) for series in figure.series for x, label in zip(series.x, series.labels, strict=True)}
    )
    columns = [
        GridColumn("label", "Label", "text", [label for _, label in places]),
        GridColumn("x", figure.x_unit or "x", "number", [x for x, _ in places]),
    ]
    for series in figure.series:
        known = dict(zip(zip(series.x, series.labels, strict=True), series.values, strict=True))
        values = [known.get(place) for place in places]
        columns.append(
            GridColumn(series.name, series.name, figure.kind, values, figure.decimals, figure.unit)
        )
    return tuple(columns)


def _text(figure: Text) -> tuple[GridColumn, ...]:
    return (GridColumn("line", "Line", "text", figure.lines),)


_MAKERS: dict[type, Callable[[Any], tuple[GridColumn, ...]]] = {
    Table: _table,
    Metrics: _metrics,
    Candles: _candles,
    Lines: _lines,
    Bars: _bars,
    Curve: _curve,
    Text: _text,
    **MAKERS,
}

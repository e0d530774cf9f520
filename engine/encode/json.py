"""A page as JSON, schema ``asof.page/1``, canonical: the same page is the same bytes.

Keys are sorted, floats are the shortest text that reads back the same, NaN and infinities are null,
dates and instants are ISO 8601 (instants UTC, ending in Z). Tables are rows of objects, with the
blanks that are not their column's default listed beside; charts are columns of equal length.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from math import isfinite
from typing import TYPE_CHECKING, Any

from engine.encode.csv import instant
from engine.encode.tabular import tabular
from engine.page import (
    Bars,
    Candles,
    CellSource,
    Column,
    Curve,
    Event,
    Figure,
    Lineage,
    Lines,
    Metric,
    Metrics,
    Page,
    Panel,
    SecurityRef,
    Series,
    Table,
    Text,
)
from engine.sanitize import clean

if TYPE_CHECKING:
    from store.reads import Read

__all__ = ["SCHEMA", "as_document", "encode", "page_hash"]

SCHEMA = "asof.page/1"


def encode(page: Page, *, panel: str | None = None, indent: int | None = None) -> str:
    """The page (or only its panel named ``panel``) as one canonical JSON text; one line unless ``indent``.

    Raises KeyError where the page has no such panel.
    """
    document = as_document(page)
    if panel is not None:
        document["panels"] = [one for one in document["panels"] if one["name"] == panel]
        if not document["panels"]:
            raise KeyError(panel)
    return _dump(document, indent)


def page_hash(page: Page) -> str:
    """sha256 over what the page shows: title, security, panels and notes.

    Not over lineage, where timings, the user and the run's instant differ between two equal pages, nor over
    notes in passing, which speak of the line that was run.
    """
    lasting = tuple(note for note in page.notes if not note.passing)
    shown = _content(replace(page, notes=lasting))
    return sha256(_dump(shown).encode()).hexdigest()


def as_document(page: Page) -> dict[str, Any]:
    """The page as dicts, lists and plain values."""
    return {**_content(page), "lineage": _lineage(page.lineage) if page.lineage else None}


def _dump(document: Mapping[str, Any], indent: int | None = None) -> str:
    separators = (",", ":") if indent is None else (",", ": ")
    return json.dumps(
        document, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=separators, indent=indent
    )


def _content(page: Page) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "title": _plain(page.title),
        "function": page.function,
        "security": _security(page.security) if page.security else None,
        "securities": [_security(one) for one in page.securities],
        "panels": [_panel(panel) for panel in page.panels],
        "notes": [
            {"text": _plain(note.text), "level": note.level, "passing": note.passing} for note in page.notes
        ],
    }


def _security(security: SecurityRef) -> dict[str, Any]:
    names = ("security_id", "ticker", "market", "name", "asset_class", "currency", "exchange")
    return {name: _plain(getattr(security, name)) for name in names}


def _panel(panel: Panel) -> dict[str, Any]:
    return {"name": panel.name, "title": _plain(panel.title), "figure": _figure(panel.figure)}


def _figure(figure: Figure) -> dict[str, Any]:
    kind, write = _WRITERS[type(figure)]
    return {"kind": kind, **write(figure)}


def _table(figure: Table) -> dict[str, Any]:
    names = list(dict.fromkeys((*(column.name for column in figure.columns), *figure.key)))
    values = [_values(figure.frame.get_column(name).to_list()) for name in names]
    return {
        "columns": [_column(column) for column in figure.columns],
        "key": list(figure.key),
        "rows": [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)],
        "blanks": list(_blanks(figure)),
        "empty": _plain(figure.empty),
    }


def _blanks(figure: Table) -> Iterable[dict[str, Any]]:
    """The null cells whose kind of blank is not their column's default."""
    for column in tabular(figure):
        for row, value in enumerate(column.values):
            if value is None and column.blank(row) != column.default_blank:
                yield {"row": row, "column": column.name, "kind": column.blank(row).value}


def _column(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "label": _plain(column.label),
        "kind": column.kind,
        "decimals": column.decimals,
        "unit": _plain(column.unit),
        "formula": _plain(column.formula),
        "source": _source(column.source),
        "default_blank": column.default_blank.value,
    }


def _metrics(figure: Metrics) -> dict[str, Any]:
    return {"items": [_metric(item) for item in figure.items]}


def _metric(item: Metric) -> dict[str, Any]:
    value = _plain(item.value)
    return {
        "label": _plain(item.label),
        "value": value,
        "kind": item.kind,
        "decimals": item.decimals,
        "unit": _plain(item.unit),
        "formula": _plain(item.formula),
        "source": _source(item.source),
        "note": _plain(item.note),
        "blank": item.blank.value if value is None else None,
    }


def _candles(figure: Candles) -> dict[str, Any]:
    names = [
        name for name in ("session_date", "open", "high", "low", "close", "volume") if name in figure.frame
    ]
    return {
        "name": _plain(figure.name),
        "unit": _plain(figure.unit),
        "decimals": figure.decimals,
        "scale": figure.scale,
        "data": {name: _values(figure.frame.get_column(name).to_list()) for name in names},
        "overlays": [_series(series) for series in figure.overlays],
        "events": [_event(event) for event in figure.events],
        "source": _source(figure.source),
        "formula": _plain(figure.formula),
    }


def _lines(figure: Lines) -> dict[str, Any]:
    return {
        "unit": _plain(figure.unit),
        "decimals": figure.decimals,
        "scale": figure.scale,
        "series": [_series(series) for series in figure.series],
        "events": [_event(event) for event in figure.events],
    }


def _series(series: Series) -> dict[str, Any]:
    return {
        "name": _plain(series.name),
        "unit": _plain(series.unit),
        "dates": _values(series.dates.tolist()),
        "values": _values(series.values.tolist()),
        "formula": _plain(series.formula),
        "source": _source(series.source),
    }


def _event(event: Event) -> dict[str, Any]:
    return {"date": event.date.isoformat(), "kind": event.kind, "label": _plain(event.label)}


def _bars(figure: Bars) -> dict[str, Any]:
    return {
        "labels": _values(figure.labels),
        "values": _values(figure.values),
        "unit": _plain(figure.unit),
        "decimals": figure.decimals,
    }


def _curve(figure: Curve) -> dict[str, Any]:
    return {
        "x_unit": _plain(figure.x_unit),
        "unit": _plain(figure.unit),
        "kind_of_values": figure.kind,
        "decimals": figure.decimals,
        "scale": figure.scale,
        "series": [
            {
                "name": _plain(series.name),
                "x": _values(series.x),
                "labels": _values(series.labels),
                "values": _values(series.values),
                "formula": _plain(series.formula),
                "source": _source(series.source),
            }
            for series in figure.series
        ],
    }


def _text(figure: Text) -> dict[str, Any]:
    return {"lines": _values(figure.lines)}


def _source(source: CellSource | None) -> dict[str, Any] | None:
    if source is None:
        return None
    constants = {name: _plain(value) for name, value in source.constants.items()}
    table = {"table": source.table} | ({"table_from": source.table_from} if source.table_from else {})
    return {**table, "column": source.column, "keys": dict(source.keys), "constants": constants}


def _lineage(lineage: Lineage) -> dict[str, Any]:
    return {
        "asof": instant(lineage.asof),
        "live": lineage.live,
        "snapshot": lineage.snapshot,
        "snapshot_id": lineage.snapshot_id,
        "command": _plain(lineage.command),
        "version": lineage.version,
        "user": _plain(lineage.user),
        "recorded": _plain(lineage.recorded),
        "reads": [_read(read) for read in lineage.reads],
        "sources": _values(lineage.sources),
        "seconds": lineage.seconds,
    }


def _read(read: Read) -> dict[str, Any]:
    return {
        "table": read.table,
        "ids": list(read.ids),
        "start": _plain(read.start),
        "end": _plain(read.end),
        "columns": list(read.columns),
        "rows": read.rows,
        "asof": _plain(read.asof),
        "newest_known_at": _plain(read.newest_known_at),
        "bases": _values(read.bases),
        "sources": _values(read.sources),
        "files": read.files,
        "seconds": read.seconds,
        "hash": read.hash,
    }


def _values(values: Iterable[object]) -> list[Any]:
    return [_plain(value) for value in values]


def _plain(value: object) -> Any:
    """``value`` as JSON knows it."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value + 0.0 if isfinite(value) else None  # -0.0 and 0.0 are one number
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return clean(value, newlines=True)
    if hasattr(value, "item"):  # a numpy scalar
        return _plain(value.item())
    return clean(str(value), newlines=True)


_WRITERS: dict[type, tuple[str, Callable[[Any], dict[str, Any]]]] = {
    Table: ("table", _table),
    Metrics: ("metrics", _metrics),
    Candles: ("candles", _candles),
    Lines: ("lines", _lines),
    Bars: ("bars", _bars),
    Curve: ("curve", _curve),
    Text: ("text", _text),
}

"""A page as JSON, schema ``asof.page/1``, canonical: the same page is the same bytes.

Keys are sorted, floats are the shortest text that reads back the same, NaN and infinities are null,
dates and instants are ISO 8601 (instants UTC, ending in Z). Tables are rows of objects, with the
blanks that are not their column's default listed beside; charts are columns of equal length.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from engine.encode.csv import instant
from engine.encode.json_figures import WRITERS
from engine.encode.json_parts import cell_source, plain, plain_values, series_object
from engine.encode.tabular import tabular
from engine.page import (
    Bars,
    Candles,
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
    Table,
    Text,
)

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
        "title": plain(page.title),
        "function": page.function,
        "security": _security(page.security) if page.security else None,
        "securities": [_security(one) for one in page.securities],
        "panels": [_panel(panel) for panel in page.panels],
        "notes": [
            {"text": plain(note.text), "level": note.level, "passing": note.passing} for note in page.notes
        ],
    }


def _security(security: SecurityRef) -> dict[str, Any]:
    names = ("security_id", "ticker", "market", "name", "asset_class", "currency", "exchange")
    return {name: plain(getattr(security, name)) for name in names}


def _panel(panel: Panel) -> dict[str, Any]:
    return {"name": panel.name, "title": plain(panel.title), "figure": _figure(panel.figure)}


def _figure(figure: Figure) -> dict[str, Any]:
    kind, write = _WRITERS[type(figure)]
    return {"kind": kind, **write(figure)}


def _table(figure: Table) -> dict[str, Any]:
    names = list(dict.fromkeys((*(column.name for column in figure.columns), *figure.key)))
    values = [plain_values(figure.frame.get_column(name).to_list()) for name in names]
    return {
        "columns": [_column(column) for column in figure.columns],
        "key": list(figure.key),
        "rows": [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)],
        "blanks": list(_blanks(figure)),
        "empty": plain(figure.empty),
        **_row_by_row(figure),
    }


def _row_by_row(figure: Table) -> dict[str, Any]:
    """Of tables that have them: decimals of single cells by column, and the emphasis of each row."""
    own = {column.name: column.decimals_from for column in figure.columns if column.decimals_from}
    decimals = {name: plain_values(figure.frame.get_column(held).to_list()) for name, held in own.items()}
    emphasis = plain_values(figure.frame.get_column(figure.emphasis).to_list()) if figure.emphasis else []
    told = {"decimals": decimals, "emphasis": emphasis}
    return {name: values for name, values in told.items() if values}


def _blanks(figure: Table) -> Iterable[dict[str, Any]]:
    """The null cells whose kind of blank is not their column's default."""
    for column in tabular(figure):
        for row, value in enumerate(column.values):
            if value is None and column.blank(row) != column.default_blank:
                yield {"row": row, "column": column.name, "kind": column.blank(row).value}


def _column(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "label": plain(column.label),
        "kind": column.kind,
        "decimals": column.decimals,
        "unit": plain(column.unit),
        "formula": plain(column.formula),
        "source": cell_source(column.source),
        "default_blank": column.default_blank.value,
    }


def _metrics(figure: Metrics) -> dict[str, Any]:
    return {"items": [_metric(item) for item in figure.items]}


def _metric(item: Metric) -> dict[str, Any]:
    value = plain(item.value)
    return {
        "label": plain(item.label),
        "value": value,
        "kind": item.kind,
        "decimals": item.decimals,
        "unit": plain(item.unit),
        "formula": plain(item.formula),
        "source": cell_source(item.source),
        "note": plain(item.note),
        "blank": item.blank.value if value is None else None,
    }


def _candles(figure: Candles) -> dict[str, Any]:
    within = ("start_at", "phase") if figure.zone else ()
    wanted = ("session_date", *within, "open", "high", "low", "close", "volume")
    names = [name for name in wanted if name in figure.frame]
    zone = {"zone": figure.zone} if figure.zone else {}
    return zone | {
        "name": plain(figure.name),
        "unit": plain(figure.unit),
        "decimals": figure.decimals,
        "scale": figure.scale,
        "data": {name: plain_values(figure.frame.get_column(name).to_list()) for name in names},
        "overlays": [series_object(series) for series in figure.overlays],
        "events": [_event(event) for event in figure.events],
        "source": cell_source(figure.source),
        "formula": plain(figure.formula),
    }


def _lines(figure: Lines) -> dict[str, Any]:
    return {
        "unit": plain(figure.unit),
        "decimals": figure.decimals,
        "scale": figure.scale,
        "series": [series_object(series) for series in figure.series],
        "events": [_event(event) for event in figure.events],
    }


def _event(event: Event) -> dict[str, Any]:
    level = {} if event.level is None else {"level": plain(event.level)}
    return {"date": event.date.isoformat(), "kind": event.kind, "label": plain(event.label), **level}


def _bars(figure: Bars) -> dict[str, Any]:
    errors = {"errors": plain_values(figure.errors), "error": plain(figure.error)} if figure.errors else {}
    return errors | {
        "labels": plain_values(figure.labels),
        "values": plain_values(figure.values),
        "unit": plain(figure.unit),
        "decimals": figure.decimals,
    }


def _curve(figure: Curve) -> dict[str, Any]:
    return {
        "x_unit": plain(figure.x_unit),
        "unit": plain(figure.unit),
        "kind_of_values": figure.kind,
        "decimals": figure.decimals,
        "scale": figure.scale,
        "series": [
            {
                "name": plain(series.name),
                "x": plain_values(series.x),
                "labels": plain_values(series.labels),
                "values": plain_values(series.values),
                "formula": plain(series.formula),
                "source": cell_source(series.source),
            }
            for series in figure.series
        ],
    }


def _text(figure: Text) -> dict[str, Any]:
    return {"lines": plain_values(figure.lines)}


def _lineage(lineage: Lineage) -> dict[str, Any]:
    return {
        "asof": instant(lineage.asof),
        "live": lineage.live,
        "snapshot": lineage.snapshot,
        "snapshot_id": lineage.snapshot_id,
        "command": plain(lineage.command),
        "version": lineage.version,
        "user": plain(lineage.user),
        "recorded": plain(lineage.recorded),
        "reads": [_read(read) for read in lineage.reads],
        "sources": plain_values(lineage.sources),
        "seconds": lineage.seconds,
    }


def _read(read: Read) -> dict[str, Any]:
    return {
        "table": read.table,
        "ids": list(read.ids),
        "start": plain(read.start),
        "end": plain(read.end),
        "columns": list(read.columns),
        "rows": read.rows,
        "asof": plain(read.asof),
        "newest_known_at": plain(read.newest_known_at),
        "bases": plain_values(read.bases),
        "sources": plain_values(read.sources),
        "files": read.files,
        "seconds": read.seconds,
        "hash": read.hash,
    }


_WRITERS: dict[type, tuple[str, Callable[[Any], dict[str, Any]]]] = {
    Table: ("table", _table),
    Metrics: ("metrics", _metrics),
    Candles: ("candles", _candles),
    Lines: ("lines", _lines),
    Bars: ("bars", _bars),
    Curve: ("curve", _curve),
    Text: ("text", _text),
    **WRITERS,
}

"""A page as CSV (RFC 4180): one header row and plain values, ready for a frame or a spreadsheet.

Numbers are written in full and unformatted (a percent stays a fraction), dates and instants in ISO
form, blanks empty. Text that a spreadsheet would run as a formula gets a leading apostrophe.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime
from math import isfinite

from engine.encode.tabular import GridColumn, tabular
from engine.page import Page, Panel
from engine.sanitize import clean

__all__ = ["comment", "encode", "guard"]

# What spreadsheets take for the start of a formula, full-width forms included.
_STARTERS = frozenset("=+-@\t\r＝＋－＠")
_NUMBER = re.compile(r"[+-]?(\d[\d,]*\.?\d*|\.\d+)([eE][+-]?\d+)?%?")


def encode(page: Page, *, panel: str | None = None) -> str:
    """The page's panels, or the one named ``panel``.

    A single panel is pure CSV; several stand one below the other, each after a ``# panel`` row.
    Raises KeyError where the page has no such panel.
    """
    panels = page.panels
    if panel is not None:
        chosen = page.panel(panel)
        if chosen is None:
            raise KeyError(panel)
        panels = (chosen,)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for number, one in enumerate(panels):
        if len(panels) > 1:
            if number:
                out.write("\r\n")
            out.write(comment(f"panel {one.name}: {one.title}"))
        _write(writer, one)
    return out.getvalue()


def comment(text: str) -> str:
    """A row of one cell that starts with ``#``: names what follows, quoted where it must be."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([f"# {clean(text)}"])
    return out.getvalue()


def guard(text: str) -> str:
    """``text`` cleaned, and no formula in any spreadsheet; what is a number is left as it is."""
    cleaned = clean(text, newlines=True)
    if cleaned.lstrip()[:1] in _STARTERS and cleaned.strip() and not _NUMBER.fullmatch(cleaned):
        return "'" + cleaned
    return cleaned


def _write(writer: csv._writer, panel: Panel) -> None:  # type: ignore[name-defined]  # typeshed hides it
    columns = tabular(panel.figure)
    writer.writerow([guard(column.name) for column in columns])
    cells = [[_cell(value, column) for value in column.values] for column in columns]
    writer.writerows(zip(*cells, strict=True))


def _cell(value: object, column: GridColumn) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not isfinite(value):
            return "" if value != value else str(value)  # noqa: PLR0124 - NaN
        return str(int(value)) if column.kind == "integer" and value.is_integer() else repr(value + 0.0)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    return guard(str(value))


def instant(value: datetime) -> str:
    """UTC, ISO 8601, ending in Z."""
    aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")

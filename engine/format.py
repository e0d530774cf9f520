"""How a value reads, the same on every front end that shows text.

Never raises: a cell that cannot be told in its kind is told as plain, cleaned text. Up and down are
told by arrow and sign, never by colour alone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from math import isfinite, isinf
from typing import SupportsFloat, SupportsIndex, cast

from engine.page import BLANK_GLYPHS, Blank, ColumnKind
from engine.sanitize import clean

__all__ = ["NUMERIC_KINDS", "compact_number", "format_cell"]

UP, DOWN = "▲", "▼"

# Kinds whose cells are set flush right.
NUMERIC_KINDS: frozenset[str] = frozenset({"integer", "number", "price", "percent", "change", "ratio"})

_SCALES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"))
_TIGHT_UNITS = frozenset({"%", "x", "°"})  # written against the number
_MOST_DECIMALS = 12


def format_cell(
    value: object,
    kind: ColumnKind,
    decimals: int | None = None,
    unit: str = "",
    blank: Blank = Blank.NEVER_EXISTED,
    *,
    tz: tzinfo | None = None,
    compact: bool = False,
) -> str:
    """``value`` as a cell of ``kind`` reads.

    ``decimals`` None takes the kind's own; ``unit`` follows the number; None and NaN show the glyph of
    ``blank``; instants are shown in ``tz`` (UTC where not given); ``compact`` writes 1.23M.
    """
    try:
        if value is None or value != value:  # noqa: PLR0124 - only NaN and NaT differ from themselves
            return BLANK_GLYPHS[blank]
        shown = _shown(value, kind, decimals, tz, compact)
        return f"{shown}{'' if unit in _TIGHT_UNITS else ' '}{clean(unit)}" if unit else shown
    except Exception:  # a cell is never worth a crash: show the value as the text it has
        return _plain(value)


def compact_number(value: float) -> str:
    """Three significant digits and a scale: 1.23M, 45.6K, 999."""
    size = abs(value)
    for scale, letter in _SCALES:
        if size >= scale * 0.9995:  # what would round up to 1,000 belongs to the next scale
            scaled = value / scale
            digits = 2 if abs(scaled) < 9.995 else 1 if abs(scaled) < 99.95 else 0
            return f"{scaled:z,.{digits}f}{letter}"
    return f"{value:z,.0f}" if float(value).is_integer() else f"{value:z,.2f}"


def _shown(value: object, kind: ColumnKind, decimals: int | None, tz: tzinfo | None, compact: bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) or kind in ("text", "mark"):
        return clean(str(value))
    if kind == "date":
        return _date(value, tz)
    if kind == "instant" or isinstance(value, date):  # also an instant in a column of another kind
        return _instant(value, tz)
    if kind == "integer" and not compact and not isinstance(value, float):
        return f"{int(cast(SupportsIndex, value)):,}"
    return _number(float(cast(SupportsFloat, value)), kind, decimals, compact)


def _number(number: float, kind: ColumnKind, decimals: int | None, compact: bool) -> str:
    if isinf(number):
        shown = "+∞" if number > 0 and kind == "change" else "∞" if number > 0 else "-∞"
        return f"{_arrow(number)}{shown}" if kind == "change" else shown
    places = None if decimals is None else min(max(decimals, 0), _MOST_DECIMALS)
    if kind in ("percent", "change"):
        return _percent(number, kind, 2 if places is None else places)
    if compact:
        return compact_number(number)
    if kind == "integer":
        places = 0
    if places is None:
        places = _own_places(number, kind)
    return f"{number:.6g}" if abs(number) >= 1e15 else f"{number:z,.{places}f}"


def _percent(number: float, kind: ColumnKind, places: int) -> str:
    scaled = number * 100
    if not isfinite(scaled) or abs(scaled) >= 1e15:
        shown = f"{number:.6g}"
    else:
        shown = f"{scaled:z,.{places}f}%"
    if kind == "percent":
        return shown
    if not any(digit in shown for digit in "123456789"):
        return shown  # rounds to nothing: neither up nor down
    return f"{_arrow(number)}{'+' if number > 0 else ''}{shown}"


def _arrow(number: float) -> str:
    return f"{UP} " if number > 0 else f"{DOWN} "


def _own_places(number: float, kind: ColumnKind) -> int:
    """Decimals that a value asks for where the column names none: small values keep their digits,
    and a price below 2 its pips (1.1172 dollars a euro)."""
    size = abs(number)
    if size == 0 or size >= (2 if kind == "price" else 1):
        return 2
    if kind == "price" or size >= 0.01:
        return 4
    return 6


def _date(value: object, tz: tzinfo | None) -> str:
    if isinstance(value, datetime):
        return _zoned(value, tz).date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return _plain(value)


def _instant(value: object, tz: tzinfo | None) -> str:
    if isinstance(value, datetime):
        local = _zoned(value, tz)
        clock = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
        return f"{local.date().isoformat()} {clock} {clean(local.tzname() or '')}".rstrip()
    if isinstance(value, date):
        return value.isoformat()
    return _plain(value)


def _zoned(value: datetime, tz: tzinfo | None) -> datetime:
    aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    try:
        return aware.astimezone(tz or UTC)
    except OverflowError:  # the first and last hours of the calendar
        return aware


def _plain(value: object) -> str:
    try:
        return clean(str(value))
    except Exception:  # an integer of more digits than Python will write, or a broken __str__
        return f"<{type(value).__name__}>"

"""Wrapped sentences, and a line's course in words: what the text writers of all figures share."""

from __future__ import annotations

import textwrap
from datetime import date
from math import isfinite

from engine.encode.grid import sparkline
from engine.format import format_cell
from engine.page import Series
from engine.sanitize import clean

__all__ = ["PARAGRAPH", "summary", "wrapped"]

PARAGRAPH = 100  # cells a paragraph is wrapped at where no width is given


def wrapped(text: str, width: int, *, indent: str = "") -> list[str]:
    """``text`` cleaned, in lines of at most ``width`` cells."""
    return textwrap.wrap(clean(text), width, subsequent_indent=indent, break_on_hyphens=False)


def summary(
    series: Series,
    decimals: int,
    unit: str,
    width: int | None,
    *,
    high: Series | None = None,
    low: Series | None = None,
) -> list[str]:
    """Span, last, change and extremes of a line, and its sparkline; the extremes those of ``high`` and
    ``low`` where a bar has them."""
    known = _points(series)
    name = clean(series.name)
    if not known:
        return [f"{name}  no values"]
    (first_day, first), (last_day, last) = known[0], known[-1]
    low_day, lowest = min(_points(low or series) or known, key=_value)
    high_day, highest = max(_points(high or series) or known, key=_value)

    def shown(value: float) -> str:
        return format_cell(value, "price", decimals)

    # a rate's change is a difference of percentages, not a percentage of one
    change = format_cell(last / first - 1, "change") if first > 0 and not unit.startswith("percent") else ""
    tail = f" {clean(unit)}" if unit else ""
    return [
        *wrapped(
            f"{name}  {len(known):,} values, {first_day} to {last_day}; last {shown(last)}{tail} {change}; "
            f"high {shown(highest)} on {high_day}, low {shown(lowest)} on {low_day}",
            width or PARAGRAPH,
            indent="  ",
        ),
        "  " + sparkline(series.values.tolist(), min(60, (width or 62) - 2)),
    ]


def _points(series: Series) -> list[tuple[date, float]]:
    pairs = zip(series.dates.tolist(), series.values.tolist(), strict=True)
    return [(day, value) for day, value in pairs if value is not None and isfinite(value)]


def _value(point: tuple[date, float]) -> float:
    return point[1]

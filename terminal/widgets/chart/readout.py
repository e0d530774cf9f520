"""The line above a chart: the bar under the crosshair in words and figures."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from rich.cells import cell_len

from terminal.widgets.chart.palette import SERIES, Ink
from terminal.widgets.chart.ticks import compact, price

if TYPE_CHECKING:
    import numpy as np

    from engine.quant.resample import Ohlcv
    from terminal.widgets.chart.picture import Part

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def moment(date: np.datetime64) -> str:
    """2013-02-28, with 09:35 where it is a time of that day."""
    return str(date).replace("T", " ")


def day(date: np.datetime64) -> str:
    """2013-02-28 Thu, with 09:35 where it is a time of that day."""
    number = int(date.astype("datetime64[D]").astype(int))
    on, _, time = moment(date).partition(" ")
    return f"{on} {WEEKDAYS[(number + 3) % 7]} {time}".rstrip()


def span(first: np.datetime64, last: np.datetime64) -> str:
    """2008-08-20…09-15: a range of days, its year said once; of times within a day, the day."""
    start, end = moment(first), moment(last)
    if start[10:] and start[:10] == end[:10]:
        return f"{start}…{end[11:]}"
    return f"{start}…{end[5:] if start[:4] == end[:4] else end}"


def change(before: float, now: float, decimals: int, *, share: bool = True) -> list[Part]:
    """▲ +3.17 (+0.71%): arrow, sign and colour say the same thing."""
    if not (isfinite(before) and isfinite(now)):
        return []
    moved = now - before
    arrow, ink = ("▲", Ink.UP) if moved > 0 else ("▼", Ink.DOWN) if moved < 0 else ("=", Ink.TEXT)
    part = f" ({moved / before:+.2%})" if before and share else ""
    return [(f"{arrow} {moved:+,.{decimals}f}{part}  ", ink)]


def candle(bars: Ohlcv, index: int, decimals: int, width: int, title: str = "") -> list[Part]:
    """Date (or range), O H L C, change against the close before, volume: as much as ``width`` holds."""
    first, last = bars.first_dates[index], bars.dates[index]
    single = first == last
    full: Part = ((day(last) if single else f"{moment(first)} – {moment(last)}") + "  ", Ink.TEXT)
    brief: Part = ((moment(last) if single else span(first, last)) + "  ", Ink.TEXT)
    before = float(bars.close[index - 1]) if index else float("nan")
    now = float(bars.close[index])
    moved, points = change(before, now, decimals), change(before, now, decimals, share=False)

    def field(letter: str, text: str) -> list[Part]:
        return [(letter + " ", Ink.AXIS), (text + "  ", Ink.TEXT)]

    close = field("C", price(now, decimals))
    others = [
        part
        for letter, column in (("O", bars.open), ("H", bars.high), ("L", bars.low))
        for part in field(letter, price(float(column[index]), decimals))
    ]
    traded = float(bars.volume[index])
    volume = field("V", compact(traded)) if isfinite(traded) else []
    heading: list[Part] = [(title + "  ", Ink.EVENT)] if title else []
    # what goes first: the title, the weekday or repeated year, the percentage, the volume
    forms = (
        [*heading, full, *others, *close, *moved, *volume],
        [full, *others, *close, *moved, *volume],
        [brief, *others, *close, *moved, *volume],
        [brief, *others, *close, *points, *volume],
        [brief, *others, *close, *points],
        [brief, *close, *moved],
        [brief, *close, *points],
        [brief, *close],
    )
    return next((form for form in forms if cells(form) <= width), forms[-1])


def cells(parts: list[Part]) -> int:
    """Cells a line takes, the blanks at its end left out."""
    return cell_len("".join(text for text, _ in parts).rstrip())


def lines(names: list[str], figures: list[float], decimals: int) -> list[Part]:
    """Each line's sample, name and value."""
    parts: list[Part] = []
    for place, (name, value) in enumerate(zip(names, figures, strict=True)):
        ink = SERIES[place % len(SERIES)]
        parts += [(f"━ {name} ", ink), (price(value, decimals) + "  ", Ink.TEXT)]
    return parts

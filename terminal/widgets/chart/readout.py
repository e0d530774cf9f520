"""The line above a chart: the bar under the crosshair in words and figures."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from terminal.widgets.chart.palette import SERIES, Ink
from terminal.widgets.chart.ticks import compact, price

if TYPE_CHECKING:
    import numpy as np

    from engine.quant.resample import Ohlcv
    from terminal.widgets.chart.picture import Part

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def day(date: np.datetime64) -> str:
    """2013-02-28 Thu."""
    number = int(date.astype("datetime64[D]").astype(int))
    return f"{date.astype('datetime64[D]')} {WEEKDAYS[(number + 3) % 7]}"


def change(before: float, now: float, decimals: int) -> list[Part]:
    """▲ +3.17 (+0.71%): arrow, sign and colour say the same thing."""
    if not (isfinite(before) and isfinite(now)):
        return []
    moved = now - before
    arrow, ink = ("▲", Ink.UP) if moved > 0 else ("▼", Ink.DOWN) if moved < 0 else ("=", Ink.TEXT)
    share = f" ({moved / before:+.2%})" if before else ""
    return [(f"{arrow} {moved:+,.{decimals}f}{share}  ", ink)]


def candle(bars: Ohlcv, index: int, decimals: int, *, short: bool) -> list[Part]:
    """Date (or range), O H L C, change against the close before, volume."""
    first, last = bars.first_dates[index], bars.dates[index]
    label = day(last) if first == last else f"{first} – {last}"
    parts: list[Part] = [(label + "  ", Ink.TEXT)]
    before = float(bars.close[index - 1]) if index else float("nan")
    moved = change(before, float(bars.close[index]), decimals)
    closing: list[Part] = [("C ", Ink.AXIS), (price(float(bars.close[index]), decimals) + "  ", Ink.TEXT)]
    if short:
        return [*parts, *closing, *moved]
    for letter, values in (("O", bars.open), ("H", bars.high), ("L", bars.low)):
        parts += [(letter + " ", Ink.AXIS), (price(float(values[index]), decimals) + "  ", Ink.TEXT)]
    parts += closing + moved
    volume = float(bars.volume[index])
    return [*parts, ("V ", Ink.AXIS), (compact(volume) + "  ", Ink.TEXT)] if isfinite(volume) else parts


def values(names: list[str], figures: list[float], decimals: int) -> list[Part]:
    """Each line's name in its colour with its value."""
    parts: list[Part] = []
    for place, (name, value) in enumerate(zip(names, figures, strict=True)):
        parts += [(name + " ", SERIES[place % len(SERIES)]), (price(value, decimals) + "  ", Ink.TEXT)]
    return parts

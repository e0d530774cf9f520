"""Indicators on a price chart: those in the price's unit over it, others in panes below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.history import History
from engine.page import Lines, Panel, Series

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from engine.context import Context
    from engine.quant.indicators import Indicator
    from engine.values import Overlay

_FIELDS = ("open", "high", "low", "close", "volume")
_OWN_SETTINGS = 130  # bars after which those without a length are warm


def bars_before(asked: tuple[Overlay, ...]) -> int:
    """Bars before a range that its indicators look back on."""
    return max((each.length or _OWN_SETTINGS for each in asked), default=0)


def drawn(
    context: Context, history: History, whole: pl.DataFrame, visible: pl.DataFrame, asked: tuple[Overlay, ...]
) -> tuple[tuple[Series, ...], tuple[Panel, ...]]:
    """Lines over the prices, and panes, computed over the whole history, so that a short range starts with full
    windows. What the bars have no field for is left out, with a note."""
    if not asked:
        return (), ()
    import numpy as np
    import polars as pl

    from engine.quant.indicators import Bars
    from engine.quant.overlays import overlay_lines

    held = [name for name in _FIELDS if name in whole.columns]
    bars = Bars({name: whole[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in held})
    dates = whole["session_date"].to_numpy().astype("datetime64[D]")
    keep = np.isin(dates, visible["session_date"].to_numpy().astype("datetime64[D]"))
    over: list[Series] = []
    panes: list[Panel] = []
    for each in asked:
        try:
            entry, lines = overlay_lines(each.name, each.length, bars)
        except ValueError as fault:
            context.note(f"{each} is left out. {fault}", "warning")
            continue
        series = tuple(
            _series(history, entry, label, dates[keep], values[keep]) for label, values in lines.items()
        )
        if entry.over_price:
            over += series
        else:
            panes.append(_pane(history, entry, str(each), series))
    return tuple(over), tuple(panes)


def _series(history: History, entry: Indicator, label: str, dates: np.ndarray, values: np.ndarray) -> Series:
    unit = history.unit if entry.unit == "price" else entry.unit
    what = "closes shown" if entry.inputs == ("close",) else f"{', '.join(entry.inputs)} shown"
    return Series(label, dates, values, unit, f"{label} of the {what}: {entry.formula}")


def _pane(history: History, entry: Indicator, name: str, series: tuple[Series, ...]) -> Panel:
    unit = history.unit if entry.unit == "price" else entry.unit
    decimals = history.decimals if entry.unit == "price" else 4 if entry.unit == "fraction" else 2
    return Panel(name.lower(), f"{name}: {entry.title}", Lines(series, unit, decimals), 1)

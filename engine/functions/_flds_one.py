"""One indicator of one security: its chart, its latest values, its method, its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from engine.figures import Field, Form
from engine.functions._flds_data import Seen, given, lines, settings_of
from engine.functions._flds_list import places
from engine.functions._flds_names import AVERAGES
from engine.functions._lines import line
from engine.page import Candles, Column, Event, Figure, Lines, Metric, Metrics, Panel, Series, Table, Text

if TYPE_CHECKING:
    from engine.function import Args
    from engine.quant.indicators import Indicator

_ROWS = 250  # newest bars in the table
_COUNTED = {
    "daily": "sessions",
    "weekly": "weeks",
    "monthly": "months",
    "quarterly": "quarters",
    "yearly": "years",
}


def panels(seen: Seen, entry: Indicator, args: Args) -> tuple[Panel, ...]:
    settings = settings_of(entry, args, seen.step)
    found = lines(seen, entry, settings)
    told = _told(settings)
    name = f"{entry.name}({told})" if told else entry.name
    formula = f"{entry.formula}; {name}, of {seen.history.told or 'values as published'}"
    drawn = {key: values for key, values in found.items() if _style(entry, key) not in ("mark", "aside")}
    marks = {key: values for key, values in found.items() if _style(entry, key) == "mark"}
    over = entry.over_price and bool(drawn)
    series = tuple(_series(seen, entry, key, values, formula, over) for key, values in drawn.items())
    events = tuple(event for key, values in marks.items() for event in _events(seen, entry, key, values))
    first, last = seen.dates[seen.shown][0], seen.dates[-1]
    title = f"{seen.history.ref.ticker}, {seen.step}, {first} to {last}, {seen.history.told}"
    price = Panel("price", title, _price(seen, series if over else (), events), 3)
    now = Panel("now", f"on {last}", _now(seen, entry, found, settings, formula), 1, side=True)
    shown = [price, now]
    if drawn and not over:
        pane = Panel("indicator", f"{name}: {entry.title}", _pane(seen, entry, series, drawn), 2)
        shown = [pane, now, price]
    count = min(_ROWS, int(seen.shown.sum()))
    shown += [
        Panel("settings", "settings: Tab goes to them, Enter applies", _form(seen, entry, args, settings), 1),
        Panel("values", f"newest {count} {_COUNTED[seen.step]}", _table(seen, entry, found, formula), 2),
        Panel("method", f"{entry.name}: method", _method(seen, entry, settings), 1),
    ]
    return tuple(shown)


def _pane(seen: Seen, entry: Indicator, series: tuple[Series, ...], drawn: dict[str, np.ndarray]) -> Lines:
    unit = seen.history.unit if entry.unit == "price" else _unit(entry)
    return Lines((*series, *_levels(seen, entry)), unit, _digits(seen, entry, *next(iter(drawn.items()))))


def _told(settings: dict[str, Any]) -> str:
    return " ".join(f"{key.upper()}={value}" for key, value in settings.items() if value != "")


def _style(entry: Indicator, output: str) -> str:
    return next(each.style for each in entry.outputs if each.name == output)


def _unit(entry: Indicator) -> str:
    return {"price": "", "fraction": "a year, as a fraction"}.get(entry.unit, entry.unit)


def _series(seen: Seen, entry: Indicator, key: str, values: np.ndarray, formula: str, over: bool) -> Series:
    name = key if key.lower() == entry.name.lower() else f"{entry.name} {key}"
    unit = seen.history.unit if over or entry.unit == "price" else _unit(entry)
    return Series(
        name.upper() if name == key else name, seen.dates[seen.shown], values[seen.shown], unit, formula
    )


def _levels(seen: Seen, entry: Indicator) -> tuple[Series, ...]:
    """What readers compare it with, as flat lines."""
    dates = seen.dates[seen.shown]
    return tuple(
        Series(f"{level:g}", dates, np.full(len(dates), level), _unit(entry), "a level by convention")
        for level in entry.levels
    )


def _events(seen: Seen, entry: Indicator, key: str, values: np.ndarray) -> tuple[Event, ...]:
    """Bars of the range at which a pattern ends, or a trend or turn changes."""
    if entry.group != "candlestick patterns" and not key.startswith("swing"):
        changed = np.flatnonzero(seen.shown[1:] & (values[1:] != values[:-1]) & np.isfinite(values[:-1])) + 1
    else:
        changed = np.flatnonzero(seen.shown & np.isfinite(values) & (values != 0))
    label = entry.title if entry.group == "candlestick patterns" else key.replace("_", " ")
    return tuple(
        Event(seen.dates[at].astype(object), entry.name.lower(), f"{label} {values[at]:+g}") for at in changed
    )


def _price(seen: Seen, overlays: tuple[Series, ...], events: tuple[Event, ...]) -> Figure:
    history, frame = seen.history, seen.frame.filter(seen.shown)
    if history.shape != "bars":
        return Lines((line(history, frame, history.ref.ticker), *overlays), history.unit, history.decimals,
                     events=events)  # fmt: skip
    return Candles(
        frame, history.ref.ticker, history.unit, history.decimals, "linear", overlays, events,
        history.source("close"), history.formula,
    )  # fmt: skip


def _now(
    seen: Seen, entry: Indicator, found: dict[str, np.ndarray], settings: dict[str, Any], formula: str
) -> Metrics:
    items = []
    for key, values in found.items():
        value = float(values[-1])
        items.append(
            Metric(
                key.replace("_", " "), value if np.isfinite(value) else None, _kind(entry, key),
                places(entry, key, value, seen.history.decimals), _metric_unit(seen, entry, key), formula,
            )
        )  # fmt: skip
    items += [
        Metric("close", float(seen.frame["close"][-1]), "price", seen.history.decimals, seen.history.unit,
               seen.history.formula),
        Metric("warm-up", entry.warm_up(**settings), "integer", unit="bars",
               formula="bars before the first value with these settings"),
        Metric("history", len(seen.dates), "integer", unit="bars", note=f"from {seen.dates[0]}"),
    ]  # fmt: skip
    if entry.low is not None:
        items.append(Metric("lies between", f"{entry.low:g} and {entry.high:g}"))
    return Metrics(tuple(items))


def _digits(seen: Seen, entry: Indicator, key: str, values: np.ndarray) -> int:
    """Decimals for a whole line, by its usual size."""
    known = values[np.isfinite(values)]
    size = float(np.median(np.abs(known))) if len(known) else 1.0
    return places(entry, key, size, seen.history.decimals)


def _kind(entry: Indicator, output: str) -> Any:
    if _style(entry, output) in ("mark", "aside"):
        return "number"
    return "percent" if entry.unit == "fraction" else "price" if entry.unit == "price" else "number"


def _metric_unit(seen: Seen, entry: Indicator, output: str) -> str:
    if _style(entry, output) in ("mark", "aside"):
        return ""
    if entry.unit == "price":
        return seen.history.unit
    return "a year" if entry.unit == "fraction" else entry.unit


def _form(seen: Seen, entry: Indicator, args: Args, settings: dict[str, Any]) -> Form:
    typed = given(args)
    fields = [
        Field(
            each.name, each.name, str(settings[each.name]), str(settings[each.name]) or "the first bar",
            help=each.takes, given=each.name in typed, basis="" if each.name in typed else "default",
            group=entry.name, choices=AVERAGES if each.kind == "average" else (),
        )
        for each in entry.parameters
    ]  # fmt: skip
    fields += [
        Field("interval", "bars", args["interval"], _COUNTED[seen.step], group="bars", choices=("D", "W", "M")),
        Field("adjust", "prices", args["adjust"], args["adjust"].lower(), group="bars",
              choices=("SPLITS", "TOTAL", "NONE")),
        Field("period", "range", str(args["period"]), str(args["period"]), group="bars"),
    ]  # fmt: skip
    return Form(tuple(fields))


def _table(seen: Seen, entry: Indicator, found: dict[str, np.ndarray], formula: str) -> Table:
    import polars as pl

    wanted = {
        f"line {key}": pl.Series(values, dtype=pl.Float64).fill_nan(None) for key, values in found.items()
    }
    frame = seen.frame.with_columns(**wanted).filter(seen.shown).tail(_ROWS).reverse()
    history = seen.history
    columns = [
        Column("session_date", "session", "date"),
        Column("close", "close", "price", history.decimals, history.unit, history.formula,
               history.source("close") if seen.step == history.frequency else None),
    ]  # fmt: skip
    for key, values in found.items():
        columns.append(
            Column(
                f"line {key}", key.replace("_", " "), _kind(entry, key), _digits(seen, entry, key, values),
                _metric_unit(seen, entry, key), formula,
            )
        )  # fmt: skip
    return Table(frame, tuple(columns), key=("session_date",))


def _method(seen: Seen, entry: Indicator, settings: dict[str, Any]) -> Text:
    told = [
        f"# {entry.name}: {entry.title}",
        f"{entry.formula[:1].upper()}{entry.formula[1:]}.",
        f"Of {', '.join(entry.inputs)}. Source: {entry.source or 'standard'}; computed by "
        f"{'TA-Lib' if entry.maths is None else 'asof'}.",
        f"The value of a bar uses that bar and earlier ones only. The first {entry.warm_up(**settings):,} bars have "
        "none. A bar without one of the inputs is left out, and the next one continues from the last known.",
    ]
    if entry.seeded:
        told.append(
            f"It depends on where the history starts, here {seen.dates[0]}: its first value is a seed which it "
            "forgets by and by (exponential and Wilder's means), or never (cumulated lines, stops)."
        )
    return Text(tuple(told))

"""What FLDS computes: a security's bars known at the clock, and indicators over all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from engine.errors import CommandError, DataError
from engine.function import Args
from engine.functions._flds_names import SETTINGS
from engine.functions._lines import every, in_bars
from engine.history import Adjust, Frequency, History, read_history
from engine.quant.indicators import Bars, Indicator, compute

if TYPE_CHECKING:
    import polars as pl

    from engine.context import Context

PERIODS_A_YEAR = {"daily": 252, "weekly": 52, "monthly": 12, "quarterly": 4, "yearly": 1}
FIELDS = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True)
class Seen:
    """A security's bars up to the range's end, and which of them the range shows."""

    history: History
    frame: pl.DataFrame  # all bars of the asked length, ascending
    dates: np.ndarray
    bars: Bars
    shown: np.ndarray  # (n,) whether the range shows the bar
    step: Frequency  # how far apart the bars are

    @property
    def fields(self) -> tuple[str, ...]:
        return self.bars.fields

    @property
    def last(self) -> date:
        day: date = self.dates[-1].astype(object)
        return day


def see(context: Context, args: Args) -> Seen:
    """All bars known at the clock up to the end of the range, so that a short range starts warmed up."""
    import polars as pl

    adjust = cast("Adjust", args["adjust"].lower())
    history = read_history(context, context.security, adjust, args["series"])
    period, interval = args["period"], args["interval"]
    within = history.within(period)
    if within.is_empty():
        raise history.nothing_in(period)
    last = within["session_date"][-1]
    frame = in_bars(history, history.frame.filter(pl.col("session_date") <= last), interval)
    dates = frame["session_date"].to_numpy().astype("datetime64[D]")
    fields = {
        name: frame[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
        for name in FIELDS
        if name in frame.columns and frame[name].null_count() < frame.height
    }
    shown = dates >= np.datetime64(within["session_date"][0], "D")
    return Seen(history, frame, dates, Bars(fields | {"dates": dates}), shown, every(history, interval))


def given(args: Args) -> dict[str, Any]:
    """The settings that were typed, as the catalogue takes them."""
    return {
        each.name: value.isoformat() if isinstance(value, date) else value
        for each in SETTINGS
        if (value := args[each.name]) is not None
    }


def settings_of(entry: Indicator, args: Args, step: Frequency = "daily") -> dict[str, Any]:
    """Every parameter's value. Bars in a year are those of the interval where none are given.

    Raises
    ------
    CommandError
        A setting that the indicator has not, or one out of its bounds, at the word.
    """
    typed = given(args)
    names = [each.name for each in entry.parameters]
    for name, value in typed.items():
        try:
            entry.settings({name: value})
        except ValueError as fault:
            fitting = [f"{key.upper()}={entry.defaults[key]}" for key in names if entry.defaults[key] != ""]
            line = f"FLDS {entry.name} {' '.join(fitting[:1])}".strip()
            raise CommandError(
                _upper(str(fault), [*names, name]), argument=name, suggestions=(line,)
            ) from fault
    if "periods" in names:
        typed.setdefault("periods", PERIODS_A_YEAR[step])
    return entry.settings(typed)


def _upper(sentence: str, names: list[str]) -> str:
    """The sentence with its parameters as one types them."""
    for name in sorted(names, key=len, reverse=True):
        for after in (",", ".", ":", " as"):
            sentence = sentence.replace(f" {name}{after}", f" {name.upper()}{after}")
    return sentence


def missing(entry: Indicator, fields: tuple[str, ...]) -> list[str]:
    """The inputs that these bars have not."""
    return [name for name in entry.inputs if name not in fields]


def lines(seen: Seen, entry: Indicator, settings: dict[str, Any]) -> dict[str, np.ndarray]:
    """The indicator's outputs over all bars.

    Raises
    ------
    DataError
        The bars lack an input, or are too few for one value.
    CommandError
        Settings that do not go together.
    """
    lacking = missing(entry, seen.fields)
    ref = seen.history.ref
    if lacking:
        raise DataError(
            f"{entry.name} is computed from {_and(entry.inputs)}; of {ref.label} the store holds no "
            f"{_and(lacking)} at this clock. FLDS {ref.ticker} lists what can be computed."
        )
    wait = entry.warm_up(**settings)
    if len(seen.dates) <= wait:
        raise DataError(
            f"{entry.name} with these settings has its first value after {wait:,} bars; {ref.label} has "
            f"{len(seen.dates):,} up to {seen.last}. Take fewer, or a closer INTERVAL."
        )
    try:
        return compute(entry.name, seen.bars, **settings)
    except ValueError as fault:
        raise CommandError(str(fault), argument="indicator") from fault


def _and(words: tuple[str, ...] | list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))

"""TA-Lib over panels: one call a symbol, gaps compressed out before and scattered back after."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.quant.indicators.bars import Bars, Floats
from engine.quant.indicators.indicator import AVERAGES, Indicator, Value
from engine.quant.indicators.library import talib

_ROWS = frozenset({"MAXINDEX", "MININDEX", "MINMAXINDEX"})  # answer places, not values


@cache
def lookback(name: str, settings: tuple[tuple[str, Value], ...]) -> int:
    """Bars that TA-Lib needs before its first value."""
    function: Any = talib().abstract.Function(name)
    function.set_parameters({key: _number(value) for key, value in settings})
    return int(function.lookback)


def _number(value: Value) -> int | float:
    return AVERAGES[value] if isinstance(value, str) else value


def columns(
    indicator: Indicator, bars: Bars, fields: Sequence[str], settings: Mapping[str, Value]
) -> dict[str, Floats]:
    """The indicator's outputs, each (symbols, bars).

    Raises
    ------
    ValueError
        Settings that are fine each but not together (a minperiod above the maxperiod).
    """
    call = getattr(talib(), indicator.name)
    call = getattr(call, "__wrapped__", call)  # past a look for pandas and polars, a third of a short call
    values = tuple(_number(value) for value in settings.values())
    wait = lookback(indicator.name, tuple(settings.items()))
    names = [output.name for output in indicator.outputs]
    found = [np.empty((bars.symbols, bars.bars)) for _ in names]
    views = list(zip(*(bars.views(field) for field in fields), strict=True))
    spans = bars.spans(fields)
    whole = Caller(call, values, wait, len(names), indicator.name in _ROWS)
    if bars.bars > wait and all(count == bars.bars for _, count in spans):
        whole.all_into(found, views)
    else:
        whole.each_into(found, views, bars, fields)
    return dict(zip(names, found, strict=True))


def _blank(out: Sequence[Floats]) -> None:
    for each in out:
        each.fill(np.nan)


class Caller:
    """One TA-Lib function with its settings."""

    __slots__ = ("call", "many", "places", "values", "wait")

    def __init__(
        self, call: Callable[..., Any], values: tuple[int | float, ...], wait: int, outputs: int, places: bool
    ) -> None:
        self.call, self.values, self.wait = call, values, wait
        self.many, self.places = outputs > 1, places

    def all_into(self, found: Sequence[Floats], views: Sequence[tuple[Floats, ...]]) -> None:
        """Values of symbols without a gap: as little as can be around each call."""
        call, values = self.call, self.values
        answers: Any = ()
        if self.many:
            for *targets, series in zip(*found, views, strict=True):
                answers = call(*series, *values)
                for target, answer in zip(targets, answers, strict=True):
                    target[:] = answer
        else:
            for target, series in zip(found[0], views, strict=True):
                target[:] = answers = call(*series, *values)
            answers = (answers,)
        for target, answer in zip(found, answers, strict=False):
            if answer.dtype != np.float64:  # integers: TA-Lib writes 0 where it has no value yet
                target[:, : self.wait] = np.nan

    def each_into(
        self, found: Sequence[Floats], views: Sequence[tuple[Floats, ...]], bars: Bars, fields: Sequence[str]
    ) -> None:
        """Values of symbols some of which begin later, or have gaps."""
        for symbol, (first, count) in enumerate(bars.spans(fields)):
            out = [each[symbol] for each in found]
            if count <= self.wait:
                _blank(out)
            elif count == bars.bars - first:
                _blank([each[:first] for each in out])
                series = tuple(view[first:] for view in views[symbol])
                self.into([each[first:] for each in out], series, first)
            else:
                self.scattered(out, *bars.dense(fields, symbol))

    def into(self, out: Sequence[Floats], series: tuple[Floats, ...], first: int = 0) -> None:
        """Values of gapless ``series`` written to ``out``; what TA-Lib counts in rows moved by ``first``."""
        answers = self.call(*series, *self.values)
        if not self.many:
            answers = (answers,)
        for target, answer in zip(out, answers, strict=True):
            target[:] = answer
            if answer.dtype != np.float64:  # integers, as above
                target[: self.wait] = np.nan
                if self.places and first:
                    np.add(target, first, out=target)

    def scattered(self, out: Sequence[Floats], places: NDArray[np.intp], series: tuple[Floats, ...]) -> None:
        """Values of the bars at ``places`` alone; NaN at the others."""
        dense = [np.empty(len(places)) for _ in out]
        self.into(dense, series)
        for target, values in zip(out, dense, strict=True):
            target.fill(np.nan)
            if self.places:
                there = np.isfinite(values)
                values[there] = places[values[there].astype(np.int64)]
            target[places] = values

"""One indicator over bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.indicators import kernel
from engine.quant.indicators.bars import Bars, Floats
from engine.quant.indicators.catalogue import indicator
from engine.quant.indicators.indicator import Indicator, Maths, Value


def compute(
    name: str,
    bars: Mapping[str, ArrayLike] | Bars,
    *,
    inputs: Sequence[str] | None = None,
    **params: object,
) -> dict[str, Floats]:
    """An indicator's lines, by the names that the catalogue gives them.

    Parameters
    ----------
    name : of the catalogue, in any case (``RSI``)
    bars : fields by name (open, high, low, close, volume; "dates" where the indicator counts from one), each (n,)
        or (n, k); give a ``Bars`` to compute many indicators of the same bars
    inputs : which fields to take in place of the indicator's own: ``compute("RSI", bars, inputs=("volume",))``
    params : its parameters by name (timeperiod=21); what is not given is the default

    Returns
    -------
    Each output in the shape of the fields, float64. Of a panel they are views that lie column by column in memory.

    Raises
    ------
    ValueError
        No such indicator, parameter or field, or a value out of its bounds (the sentence names them).

    Notes
    -----
    The value at a bar uses that bar and earlier ones only. The first ``warm_up`` bars are NaN, also where TA-Lib
    itself writes 0 (patterns, rows).

    Missing values: a bar on which any input is NaN or infinite answers NaN, and is no bar for that symbol: it is
    taken out before and put back after, so that the next value continues from the last known bar. (TA-Lib answers
    NaN for ever after a NaN within.) A late listing starts its warm-up with its first bar.

    What is ``seeded`` depends on where the history starts: exponential and Wilder means begin with the first simple
    mean and forget it only by and by (TA-Lib's unstable period, left at 0: after about 3.5 timeperiods an EMA's
    start weighs under 0.1%, Wilder's after 7), cumulated lines (OBV, AD, VWAP) keep it for ever, and SAR and
    supertrend choose their first side by it. Give the same history to get the same values.
    """
    entry = indicator(name)
    settings = entry.settings(params)
    prepared = bars if isinstance(bars, Bars) else Bars(bars)
    fields = tuple(inputs) if inputs else entry.inputs
    if len(fields) != len(entry.inputs):
        raise ValueError(f"{entry.name} takes {len(entry.inputs)} inputs ({', '.join(entry.inputs)}).")
    if entry.maths is not None:
        return _own(entry, entry.maths, prepared, fields, settings)
    try:
        rows = kernel.columns(entry, prepared, fields, settings)
    except Exception as fault:  # TA-Lib raises nothing more particular
        if "TA_BAD_PARAM" not in str(fault) and "Bad Parameter" not in str(fault):
            raise
        told = ", ".join(f"{key}={value}" for key, value in settings.items())
        raise ValueError(f"{entry.name} cannot be computed with {told} together.") from fault
    return {output: prepared.shaped(values) for output, values in rows.items()}


def _own(
    entry: Indicator, maths: Maths, bars: Bars, fields: Sequence[str], settings: Mapping[str, Value]
) -> dict[str, Floats]:
    """Our own maths, over all gapless symbols at once, and over those with gaps one by one."""
    found = {output.name: np.full((bars.symbols, bars.bars), np.nan) for output in entry.outputs}
    every, known = np.arange(bars.bars), bars.known(fields)
    whole = [symbol for symbol, (_, count) in enumerate(bars.spans(fields)) if count == bars.bars]
    gapped = [symbol for symbol, (_, count) in enumerate(bars.spans(fields)) if 0 < count < bars.bars]
    groups = [(whole, every)] if whole else []
    groups += [([symbol], np.flatnonzero(known[symbol])) for symbol in gapped]
    for symbols, places in groups:
        at = np.ix_(np.asarray(symbols), places)
        series = [bars.rows(field)[at].T for field in fields]
        dates = {} if bars.dates is None or "anchor" not in settings else {"dates": bars.dates[places]}
        for output, values in maths(settings, *series, **dates).items():
            found[output][at] = values.T
    return {output: bars.shaped(values) for output, values in found.items()}

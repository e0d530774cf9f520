"""Technical indicators: one typed catalogue of TA-Lib's functions and what it lacks, over series and panels.

    >>> import numpy as np
    >>> from engine.quant import indicators
    >>> close = np.cumprod(1 + np.random.default_rng(1).normal(0, 0.01, (500, 3)), axis=0)  # (bars, symbols)
    >>> entry = indicators.indicator("MACD")
    >>> entry.defaults
    {'fastperiod': 12, 'slowperiod': 26, 'signalperiod': 9}
    >>> entry.warm_up(), [each.name for each in entry.outputs]
    (33, ['macd', 'signal', 'histogram'])
    >>> lines = indicators.compute("MACD", {"close": close}, signalperiod=5)
    >>> lines["macd"].shape
    (500, 3)

To compute many indicators of the same bars, prepare them once: ``indicators.Bars({"open": ..., "close": ...})``.
``compute`` says what is done with gaps and what depends on where a history starts.
"""

from engine.quant.indicators.bars import Bars
from engine.quant.indicators.catalogue import CATALOGUE, GROUPS, indicator, search
from engine.quant.indicators.computing import compute
from engine.quant.indicators.indicator import AVERAGES, Indicator, Output, Parameter

__all__ = [
    "AVERAGES",
    "CATALOGUE",
    "GROUPS",
    "Bars",
    "Indicator",
    "Output",
    "Parameter",
    "compute",
    "indicator",
    "search",
]

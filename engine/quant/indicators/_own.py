"""What TA-Lib has not: range volatilities, the anchored average price, Ichimoku.

How to read the table: ``engine.quant.indicators._table``. "timeperiod" bars of 252 a year unless told otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.quant.indicators import levels, ranges
from engine.quant.indicators.indicator import Maths, Value

ROWS = """
== volatility
CLOSE_VOL | close-to-close volatility | c | timeperiod=21:2 periods=252:1 | realized | unit fraction |
    sd(ln(C / C before)) x sqrt(periods)
PARKINSON | Parkinson volatility | hl | timeperiod=21:2 periods=252:1 | parkinson | unit fraction | Parkinson 1980
    sqrt(periods x mean(ln(H / L)**2) / (4 ln 2))
GARMAN_KLASS | Garman-Klass volatility | ohlc | timeperiod=21:2 periods=252:1 | garman_klass | unit fraction \
 | Garman & Klass 1980
    sqrt(periods x mean(ln(H / L)**2 / 2 - (2 ln 2 - 1) ln(C / O)**2))
ROGERS_SATCHELL | Rogers-Satchell volatility | ohlc | timeperiod=21:2 periods=252:1 | rogers_satchell \
 | unit fraction | Rogers & Satchell 1991
    sqrt(periods x mean(ln(H / C) ln(H / O) + ln(L / C) ln(L / O)))
YANG_ZHANG | Yang-Zhang volatility | ohlc | timeperiod=21:2 periods=252:1 | yang_zhang | unit fraction \
 | Yang & Zhang 2000
    sqrt(periods x (overnight variance + k open-to-close variance + (1 - k) Rogers-Satchell))
== moving averages and bands
ICHIMOKU | Ichimoku | hlc | conversion=9:1 base=26:1 span=52:1 displacement=26:0 \
 | conversion base~ span_a span_b lagging? | price | Hosoda 1968
    middles of 9, 26 and 52 bars' ranges; spans as drawn at the bar, computed 26 bars before; lagging a return
== volume
AVWAP | anchored volume weighted average price | hlcv | anchor= | avwap | price seeded | Shannon 2008
    sum of typical price x volume / sum of volume since the anchor
"""
MATHS: Mapping[str, Maths] = {
    "CLOSE_VOL": ranges.close_to_close,
    "PARKINSON": ranges.parkinson,
    "GARMAN_KLASS": ranges.garman_klass,
    "ROGERS_SATCHELL": ranges.rogers_satchell,
    "YANG_ZHANG": ranges.yang_zhang,
    "ICHIMOKU": levels.ichimoku,
    "AVWAP": levels.anchored_vwap,
}


def _window(settings: Mapping[str, Value]) -> int:
    return int(settings["timeperiod"]) - 1


def _after(settings: Mapping[str, Value]) -> int:
    """A window of changes: one bar more."""
    return int(settings["timeperiod"])


WAITS: Mapping[str, Callable[[Mapping[str, Value]], int]] = {
    "CLOSE_VOL": _after,
    "PARKINSON": _window,
    "GARMAN_KLASS": _window,
    "ROGERS_SATCHELL": _window,
    "YANG_ZHANG": _after,
    "ICHIMOKU": lambda settings: min(int(settings["conversion"]), int(settings["base"])) - 1,
    "AVWAP": lambda _: 0,
}

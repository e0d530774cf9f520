"""How long an indicator remembers what it was seeded with: bars until its start no longer weighs.

A smoothing by a part a of each new value, x + a (y - x), leaves (1 - a)^w of its seed after w bars: an exponential
mean of n bars takes a = 2 / (n + 1), Wilder's a = 1 / n (Wilder 1978, "New Concepts in Technical Trading Systems").
Of k such means one after the other as much is left as the chance of fewer than k successes in w draws of chance a.
TA-Lib calls these bars the unstable period, and leaves them to its caller.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from math import ceil, exp, lgamma, log, log1p

from engine.quant.indicators.catalogue import indicator
from engine.quant.indicators.indicator import Value

LEFT = 1e-6  # of the seed
TURNS = 250  # bars in which what chooses a side by its start (SAR, supertrend) has turned, as a rule
CYCLES = 200  # bars after which the smoothings of the Hilbert transform, of 0.2 and 0.33, are done
# cumulated from the first bar on: their level keeps it for ever, whatever differences of them do
FOREVER = frozenset({"OBV", "AD", "NVI", "PVI", "PVT", "VWAP", "AVWAP", "CUMSUM", "WAD"})


def forgets(name: str, settings: Mapping[str, Value]) -> int:
    """Bars after the first value until less than ``LEFT`` of an indicator's seed is left in it.

    0 where it has none (windows), and where no number of bars would do (``FOREVER``). KAMA's own smoothing follows
    prices: taken as over a random walk, whose efficiency over n bars is 1 / sqrt(n).

    Raises
    ------
    ValueError
        No such indicator, or a setting that it has not.
    """
    entry = indicator(name)
    return _forgets(entry.name, tuple(entry.settings(settings).items()))


@lru_cache(maxsize=4_096)
def _forgets(name: str, settings: tuple[tuple[str, Value], ...]) -> int:
    told = _MEMORIES.get(name)
    return 0 if told is None else told(dict(settings))


@lru_cache(maxsize=4_096)
def _smoothed(part: float, times: int = 1) -> int:
    """Bars until ``times`` smoothings by ``part`` have forgotten their seeds."""
    if part >= 1.0:
        return 0
    low = high = ceil(log(LEFT) / log1p(-part))
    while times > 1 and _left(part, times, high) > LEFT:
        low, high = high, 2 * high
    while low + 1 < high:
        middle = (low + high) // 2
        low, high = (middle, high) if _left(part, times, middle) > LEFT else (low, middle)
    return high


def _left(part: float, times: int, bars: int) -> float:
    """The chance of fewer than ``times`` successes in so many draws."""
    return sum(
        exp(
            lgamma(bars + 1) - lgamma(k + 1) - lgamma(bars - k + 1) + k * log(part) + (bars - k) * log1p(-part)
        )
        for k in range(times)
    )  # fmt: skip


def _ema(bars: Value, times: int = 1) -> int:
    return _smoothed(2.0 / (int(bars) + 1.0), times)


def _wilder(bars: Value, times: int = 1) -> int:
    return _smoothed(1.0 / max(int(bars), 1), times)


def _kama(bars: Value) -> int:
    return _smoothed(((2 / 3 - 2 / 31) / max(int(bars), 1) ** 0.5 + 2 / 31) ** 2)


_KINDS: Mapping[str, Callable[[Value], int]] = {
    "EMA": _ema, "DEMA": lambda n: _ema(n, 2), "TEMA": lambda n: _ema(n, 3), "T3": lambda n: _ema(n, 6),
    "ZLEMA": _ema, "RMA": _wilder, "KAMA": _kama, "MAMA": lambda _: _smoothed(0.05) + _smoothed(0.025),
}  # fmt: skip


def _kind(word: Value, bars: Value) -> int:
    """Of a mean that a setting chooses."""
    told = _KINDS.get(str(word))
    return 0 if told is None else told(bars)


Settings = Mapping[str, Value]


def _named(kind: str) -> Callable[[Settings], int]:
    return lambda s: _kind(kind, s["timeperiod"])


def _two(s: Settings) -> int:
    return max(_kind(s["matype"], s["fastperiod"]), _kind(s["matype"], s["slowperiod"]))


def _chosen(s: Settings) -> int:
    both = max(_kind(s["fastmatype"], s["fastperiod"]), _kind(s["slowmatype"], s["slowperiod"]))
    return both + _kind(s["signalmatype"], s["signalperiod"])


def _stochastic(s: Settings) -> int:
    return _kind(s["slowk_matype"], s["slowk_period"]) + _kind(s["slowd_matype"], s["slowd_period"])


_MEMORIES: Mapping[str, Callable[[Settings], int]] = {
    **{each: _named(each) for each in ("EMA", "DEMA", "TEMA", "T3", "ZLEMA", "RMA", "KAMA")},
    **dict.fromkeys(("ERI", "EFI", "CVI"), _named("EMA")),
    **dict.fromkeys(
        ("RSI", "CMO", "ATR", "NATR", "DX", "PLUS_DI", "MINUS_DI", "PLUS_DM", "MINUS_DM", "RVI"), _named("RMA")
    ),
    **dict.fromkeys(("ADX", "ADXR"), lambda s: _wilder(s["timeperiod"], 2)),
    **dict.fromkeys(("APO", "PPO", "PVO"), _two),
    **dict.fromkeys(("STOCH", "KDJ"), _stochastic),
    **dict.fromkeys(("SAR", "SAREXT"), lambda _: TURNS),
    **dict.fromkeys(
        ("HT_TRENDLINE", "HT_DCPERIOD", "HT_DCPHASE", "HT_PHASOR", "HT_SINE", "HT_TRENDMODE"), lambda _: CYCLES
    ),
    "TRIX": lambda s: _ema(s["timeperiod"], 3),
    "MA": lambda s: _kind(s["matype"], s["timeperiod"]),
    "BBANDS": lambda s: _kind(s["matype"], s["timeperiod"]),
    "MAVP": lambda s: _kind(s["matype"], s["maxperiod"]),
    "MAMA": lambda s: CYCLES + _smoothed(float(s["slowlimit"])) + _smoothed(float(s["slowlimit"]) / 2),
    "KC": lambda s: max(_ema(s["timeperiod"]), _wilder(s["atrperiod"])),
    "SUPERTREND": lambda s: _wilder(s["timeperiod"]) + TURNS,
    "HA": lambda _: _smoothed(0.5),
    "MACD": lambda s: max(_ema(s["fastperiod"]), _ema(s["slowperiod"])) + _ema(s["signalperiod"]),
    "MACDFIX": lambda s: _smoothed(0.075) + _ema(s["signalperiod"]),
    "MACDEXT": _chosen,
    "STOCHF": lambda s: _kind(s["fastd_matype"], s["fastd_period"]),
    "STOCHRSI": lambda s: _wilder(s["timeperiod"]) + _kind(s["fastd_matype"], s["fastd_period"]),
    "TSI": lambda s: _ema(s["firstperiod"]) + _ema(s["secondperiod"]),
    "SMI": lambda s: _ema(s["fastperiod"]) + _ema(s["slowperiod"]) + _ema(s["signalperiod"]),
    "MASSI": lambda s: _ema(s["fastperiod"], 2),
    "ADOSC": lambda s: max(_ema(s["fastperiod"]), _ema(s["slowperiod"])),
}  # fmt: skip

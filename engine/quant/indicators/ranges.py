"""Volatility from the day's range: far less noisy than from closes alone, a year's, fractions.

Each is sqrt(periods x mean of a daily term over ``timeperiod`` bars). Bars with a missing field are left out of the
window's rows for that symbol by the caller; logarithms of prices that are not above zero are missing.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.quant.indicators.bars import Floats
from engine.quant.indicators.indicator import Value
from engine.quant.performance._panels import ratio
from engine.quant.performance.windows import window_moments


def parkinson(settings: Mapping[str, Value], high: Floats, low: Floats) -> dict[str, Floats]:
    """ln(H / L)**2 / (4 ln 2): Parkinson (1980). Five times as efficient as closes; no drift, no overnight jump."""
    term = _log(high, low) ** 2 / (4 * np.log(2))
    return {"parkinson": _yearly(_mean(term, settings), settings)}


def garman_klass(
    settings: Mapping[str, Value], open_: Floats, high: Floats, low: Floats, close: Floats
) -> dict[str, Floats]:
    """ln(H / L)**2 / 2 - (2 ln 2 - 1) ln(C / O)**2: Garman & Klass (1980). No drift, no overnight jump."""
    term = _log(high, low) ** 2 / 2 - (2 * np.log(2) - 1) * _log(close, open_) ** 2
    return {"garman_klass": _yearly(_mean(term, settings), settings)}


def rogers_satchell(
    settings: Mapping[str, Value], open_: Floats, high: Floats, low: Floats, close: Floats
) -> dict[str, Floats]:
    """ln(H / C) ln(H / O) + ln(L / C) ln(L / O): Rogers & Satchell (1991). Any drift; no overnight jump."""
    return {"rogers_satchell": _yearly(_mean(_drift_free(open_, high, low, close), settings), settings)}


def yang_zhang(
    settings: Mapping[str, Value], open_: Floats, high: Floats, low: Floats, close: Floats
) -> dict[str, Floats]:
    """Overnight variance + k open-to-close variance + (1 - k) Rogers-Satchell: Yang & Zhang (2000).

    k = 0.34 / (1.34 + (n + 1) / (n - 1)); variances over n - 1. Any drift, and overnight jumps.
    """
    n = _period(settings)
    night = np.full_like(close, np.nan)
    night[1:] = _log(open_[1:], close[:-1])
    k = 0.34 / (1.34 + (n + 1) / (n - 1))
    over = window_moments(night, n, n, 2).squares / (n - 1)
    day = window_moments(_log(close, open_), n, n, 2).squares / (n - 1)
    mixed = over + k * day + (1 - k) * _mean(_drift_free(open_, high, low, close), settings)
    return {"yang_zhang": _yearly(mixed, settings)}


def close_to_close(settings: Mapping[str, Value], close: Floats) -> dict[str, Floats]:
    """Standard deviation (n - 1) of log returns of closes, a year's: what the others are measured against."""
    n = _period(settings)
    returns = np.full_like(close, np.nan)
    returns[1:] = _log(close[1:], close[:-1])
    return {"realized": _yearly(window_moments(returns, n, n, 2).squares / (n - 1), settings)}


def _drift_free(open_: Floats, high: Floats, low: Floats, close: Floats) -> Floats:
    return _log(high, close) * _log(high, open_) + _log(low, close) * _log(low, open_)


def _log(above: Floats, below: Floats) -> Floats:
    fine = (above > 0) & (below > 0)
    return np.log(ratio(np.where(fine, above, np.nan), np.where(fine, below, np.nan)))


def _mean(term: Floats, settings: Mapping[str, Value]) -> Floats:
    n = _period(settings)
    return window_moments(term, n, n, 1).mean


def _yearly(variance: Floats, settings: Mapping[str, Value]) -> Floats:
    return np.asarray(np.sqrt(np.maximum(variance, 0.0) * float(settings["periods"])))


def _period(settings: Mapping[str, Value]) -> int:
    return int(settings["timeperiod"])

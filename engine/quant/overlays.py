"""Lines drawn over prices: moving averages and Bollinger's bands, by TA-Lib.

Causal: the value at a bar uses that bar and earlier ones only. Values before enough bars are NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def overlay(name: str, length: int, close: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Lines by label, each of shape (n,) like ``close``, in its unit.

    Parameters
    ----------
    name : "SMA" (simple mean of ``length`` bars), "EMA" (exponential, smoothing 2 / (length + 1), seeded
        with the first simple mean as TA-Lib does), "BB" (mean plus and minus two population standard
        deviations; Bollinger, 2001)
    length : bars, 2 or more
    close : shape (n,), finite

    Raises
    ------
    ValueError
        An unknown name.
    """
    import talib

    values = np.ascontiguousarray(close, dtype=np.float64)
    if len(values) < length:  # TA-Lib answers all-NaN, but not for empty input
        blank = np.full(len(values), np.nan)
        return {f"{length}{name}": blank}
    match name:
        case "SMA":
            return {f"{length}SMA": talib.SMA(values, timeperiod=length)}
        case "EMA":
            return {f"{length}EMA": talib.EMA(values, timeperiod=length)}
        case "BB":
            upper, middle, lower = talib.BBANDS(values, timeperiod=length, nbdevup=2.0, nbdevdn=2.0)
            return {f"{length}BB upper": upper, f"{length}BB": middle, f"{length}BB lower": lower}
    raise ValueError(f"unknown overlay {name!r}")

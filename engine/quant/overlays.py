"""Lines drawn over prices: moving averages and Bollinger's bands, of the catalogue of indicators.

Causal: the value at a bar uses that bar and earlier ones only. Values before enough bars are NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.quant.indicators import compute

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["overlay"]
_CATALOGUE = {"SMA": "SMA", "EMA": "EMA", "BB": "BBANDS"}


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
    if name not in _CATALOGUE:
        raise ValueError(f"unknown overlay {name!r}")
    lines = compute(_CATALOGUE[name], {"close": close}, timeperiod=length)
    if name != "BB":
        return {f"{length}{name}": line for line in lines.values()}
    return {
        f"{length}BB upper": lines["upper"], f"{length}BB": lines["middle"], f"{length}BB lower": lines["lower"],
    }  # fmt: skip

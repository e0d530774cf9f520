"""Lines drawn over prices or below them: indicators of the catalogue, by a name and a length.

Causal: the value at a bar uses that bar and earlier ones only. Values before enough bars are NaN.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.quant.indicators import Bars, Indicator, compute, indicator

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

__all__ = ["overlay", "overlay_lines"]
_SHORT = {"BB": "BBANDS"}


def overlay(name: str, length: int, close: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Lines by label of an indicator that takes closes alone, each of shape (n,) like ``close``, in its unit.

    Parameters
    ----------
    name : of the catalogue, or "BB" (Bollinger's bands: mean plus and minus two population deviations)
    length : bars, as the indicator bounds its timeperiod
    close : shape (n,)

    Raises
    ------
    ValueError
        An unknown name, or a length out of bounds.
    """
    return overlay_lines(name, length, {"close": close})[1]


def overlay_lines(
    name: str, length: int, bars: Mapping[str, ArrayLike] | Bars
) -> tuple[Indicator, dict[str, NDArray[np.float64]]]:
    """The catalogue's entry and its lines by label, (n,) or (n, k) like the bars.

    A label is the length and the name ("50SMA"), and the line's own name where there are several ("14KC upper";
    the middle of bands goes without). Marks and what is aside are no lines. ``length`` 0 is the entry's own settings.

    Raises
    ------
    ValueError
        An unknown name, a length out of bounds, or a field that the bars have not.
    """
    entry = indicator(_SHORT.get(name.upper(), name))
    settings: dict[str, Any] = {"timeperiod": length} if length else {}
    label = f"{length or ''}{name.upper()}"
    found = compute(entry.name, bars, **settings)
    drawn = [each.name for each in entry.outputs if each.style not in ("mark", "aside")]
    plain = drawn[0] if len(drawn) == 1 else "middle"
    return entry, {label if each == plain else f"{label} {each}": found[each] for each in drawn}

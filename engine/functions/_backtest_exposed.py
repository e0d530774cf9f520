"""What exposure and turnover of a backtest count, and with how many digits they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.functions._backtest_found import Found

_DELTA = (
    "positions of contracts: delta x units of the underlying x its close, delta at the volatility that the mark "
    "implies (Black 1976), whole where it implies none; of shares their value"
)


def holding(found: Found) -> NDArray[np.bool_]:
    """Sessions (n,) with a position, whatever its delta is."""
    result = found.run.outcome.result
    held: NDArray[np.bool_] = result.gross > 1e-9
    return held | (result.weights != 0).any(axis=1) if _options(found) else held


def counted(found: Found) -> str:
    """What a position counts, where that is not its value: the end of a formula."""
    return f"; {_DELTA}" if _options(found) else ""


def bought(found: Found) -> str:
    """What is bought and sold."""
    return "premium of contracts, and shares, bought and sold" if _options(found) else "bought and sold"


def titles(found: Found) -> tuple[str, str]:
    """Of the panels of exposure and of turnover."""
    by = "exposure by delta, % of equity" if _options(found) else "exposure, % of equity"
    what = "premium and shares traded" if _options(found) else "bought and sold"
    return by, f"{what} in 21 sessions, % of equity"


def places(value: float, usual: int) -> int:
    """Decimals that leave a small figure two digits: what is not nothing is not told as 0."""
    if not abs(value) > 0 or abs(value) >= 10.0 ** (1 - usual):
        return usual
    more = usual
    while more < usual + 4 and abs(value) < 10.0 ** (1 - more):
        more += 1
    return more


def _options(found: Found) -> bool:
    return found.run.asked.kind == "options"

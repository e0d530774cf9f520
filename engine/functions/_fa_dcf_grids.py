"""FA DCF's what-ifs: scenarios side by side, and maps of value over two assumptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.figures import Heatmap
from engine.frames import frame_of
from engine.function import Args
from engine.functions._fa_dcf_found import Found
from engine.functions._fa_dcf_panels import command
from engine.functions._fa_dcf_terms import TERM
from engine.page import Column, Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_HALF = 0.5  # a map's step: half of what the scenarios differ by
_NAMES = {
    "growth": "growth",
    "target": "target_margin",
    "rate": "discount_rate",
    "terminal": "terminal_growth",
}


def scenarios(args: Args, found: Found) -> Table:
    """Bear, base and bull: growth, target margin and discount rate moved together."""
    from math import isfinite

    from engine.quant.valuation import value

    rows = []
    for name, sign in (("bear", -1), ("base", 0), ("bull", 1)):
        changed = {
            "growth": _moved(found, "growth", sign * found.value_of("growthby")),
            "target": _moved(found, "target", sign * found.value_of("marginby")),
            "rate": _moved(found, "rate", -sign * found.value_of("rateby")),
        }
        typed = {key: level for key, level in changed.items() if level != found.value_of(key)}
        valued = value(found.assumptions.varied(**{_NAMES[key]: level for key, level in changed.items()}))
        per_share = float(valued.value_per_share)
        known = isfinite(per_share)
        against = per_share / found.price[0] - 1.0 if known and found.price is not None else None
        rows.append({
            "scenario": name, **changed, "value": per_share if known else None, "against": against,
            "perpetuity": float(valued.terminal_share) if known else None,
            "command": command(args, found, typed),
            "emphasis": "" if sign else "strong",
        })  # fmt: skip
    frame = frame_of(
        rows, scenario="text", growth="number", target="number", rate="number", value="number", against="number",
        perpetuity="number", command="text", emphasis="text",
    )  # fmt: skip
    columns = (
        Column("scenario", "scenario", formula="all other assumptions are the same in the three"),
        Column("growth", "growth", "percent", 1, formula=_apart("growth", "GROWTHBY")),
        Column("target", "target margin", "percent", 1, formula=_apart("target margin", "MARGINBY")),
        Column("rate", "discounted at", "percent", 2, formula=_apart("discount rate", "RATEBY")),
        Column("value", "a share", "price", 2, found.currency, "value per share with these three changed"),
        Column("against", "against price", "change", 1, formula="value per share / close - 1"),
        Column("perpetuity", "perpetuity", "percent", 1, formula="share of enterprise value after the years"),
    )
    return Table(frame, columns, key=("scenario",), command="command", emphasis="emphasis")


def _moved(found: Found, name: str, by: float) -> float:
    """As far as the argument may be typed, so that every scenario is a page of its own."""
    term, level = TERM[name], found.value_of(name)
    low = level if term.minimum is None else min(term.minimum * term.scale, level)
    high = level if term.maximum is None else max(term.maximum * term.scale, level)
    return min(max(level + by, low), high)


def _apart(what: str, argument: str) -> str:
    return f"{what} of the assumptions, and {argument}= points apart from it"


def rate_map(found: Found) -> Heatmap:
    """Value per share over discount rate and terminal growth."""
    return _map(found, "rate", "rateby", "discount rate", "terminal", "rateby", "terminal growth")


def growth_map(found: Found) -> Heatmap:
    """Value per share over growth of the first years and target margin."""
    return _map(found, "target", "marginby", "target margin", "growth", "growthby", "growth, first years")


def _map(
    found: Found, across: str, across_by: str, across_title: str, down: str, down_by: str, down_title: str
) -> Heatmap:
    from engine.quant.valuation import sensitivity

    x, y = _levels(found, across, across_by, 3), _levels(found, down, down_by, 2)
    values = sensitivity(found.assumptions, _NAMES[across], x, _NAMES[down], y)
    told = f"value per share with the {across_title} above and {down_title} at the left, all else standing"
    center = found.per_share if found.price is None else found.price[0]
    least = "value per share" if found.price is None else "the close"
    return Heatmap(
        tuple(f"{each:.2%}" for each in y), tuple(f"{each:.2%}" for each in x), values, "price", 2, found.currency,
        "diverging", center, row_title=down_title, column_title=across_title,
        formula=f"{told}. Coloured around {least}. Blank where the rate is not above terminal growth",
    )  # fmt: skip


def _levels(found: Found, name: str, by: str, many: int) -> NDArray[np.float64]:
    """So many half spreads to either side, within what the assumption may be, each level once."""
    import numpy as np

    term = TERM[name]
    step = max(_HALF * found.value_of(by), 1e-4)
    levels = np.asarray(found.value_of(name) + step * np.arange(-many, many + 1), dtype=np.float64)
    low = -np.inf if term.minimum is None else term.minimum * term.scale
    high = np.inf if term.maximum is None else term.maximum * term.scale
    kept: NDArray[np.float64] = levels[(levels >= low - 1e-12) & (levels <= high + 1e-12)]
    return kept

"""The catalogue as a table: by group, with parameters, warm-up, and the latest value of the loaded security."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.frames import frame_of
from engine.function import Args
from engine.functions._flds_data import PERIODS_A_YEAR, Seen, missing
from engine.page import Blank, Column, Table
from engine.quant.indicators import Indicator, compute

if TYPE_CHECKING:
    from engine.context import Context


def table(context: Context, entries: Sequence[Indicator], seen: Seen | None, args: Args) -> Table:
    rows = []
    for at, entry in enumerate(entries):
        if at % 25 == 0:
            context.check_cancelled()
            context.progress(at, len(entries), entry.name)
        rows.append(_row(entry, seen, args))
    frame = frame_of(
        rows, name="text", title="text", group="text", parameters="text", warm_up="integer", value="number",
        others="text", unit="text", places="integer", blank="text", why="text", command="text",
    )  # fmt: skip
    columns = [
        Column("name", "indicator"),
        Column("title", "what it is", width=44, least=18),
        Column("value", "latest", "number", 2, decimals_from="places", formula_from="why", blank="blank"),
        Column("others", "its other lines", width=44),
        Column("unit", "unit"),
        Column("parameters", "parameters", width=52, least=12),
        Column("warm_up", "warm-up", "integer", unit="bars",
               formula="bars before the first value, with the parameters shown"),
        Column("group", "group"),
    ]  # fmt: skip
    if seen is None:
        columns = [each for each in columns if each.name not in ("value", "others")]
    return Table(
        frame, tuple(columns), key=("name",), command="command",
        empty="No indicator matches. FLDS lists all; FIND=wilder looks through names, titles and authors.",
    )  # fmt: skip


def _row(entry: Indicator, seen: Seen | None, args: Args) -> dict[str, Any]:
    settings = entry.defaults
    if seen is not None and "periods" in settings:
        settings["periods"] = PERIODS_A_YEAR[seen.step]
    told = " ".join(f"{key.upper()}={value}" for key, value in settings.items() if value != "")
    row: dict[str, Any] = {
        "name": entry.name, "title": entry.title, "group": entry.group, "parameters": told, "unit": entry.unit,
        "warm_up": entry.warm_up(**settings), "why": f"{entry.formula} ({told})" if told else entry.formula,
        "command": f"FLDS INDICATOR={entry.name}",
    }  # fmt: skip
    if seen is None:
        return row
    ref = seen.history.ref
    row["command"] = (
        f"FLDS {ref.label} INDICATOR={entry.name} PERIOD={args['period']} ADJUST={args['adjust']} "
        f"INTERVAL={args['interval']} SERIES={args['series']}"
    )
    if missing(entry, seen.fields):
        return row | {"blank": Blank.NEVER_EXISTED.value}
    if len(seen.dates) <= row["warm_up"]:
        return row | {"blank": Blank.NOT_YET_KNOWN.value}
    return row | _latest(seen, entry, settings)


def _latest(seen: Seen, entry: Indicator, settings: dict[str, Any]) -> dict[str, Any]:
    latest = {name: float(line[-1]) for name, line in compute(entry.name, seen.bars, **settings).items()}
    (first, value), *others = latest.items()
    digits = {name: places(entry, name, each, seen.history.decimals) for name, each in latest.items()}
    told = ", ".join(f"{name} {each:,.{digits[name]}f}" for name, each in others if np.isfinite(each))
    return {
        "value": value if np.isfinite(value) else None, "places": digits[first], "others": told,
        "blank": Blank.NEVER_EXISTED.value, "why": f"{first}: {entry.formula}" if others else entry.formula,
    }  # fmt: skip


def places(entry: Indicator, output: str, value: float, of_price: int) -> int:
    """Decimals that tell a value: the price's, none of marks and rows, more of small numbers."""
    style = next(each.style for each in entry.outputs if each.name == output)
    if style == "mark" or entry.unit in ("row", "shares"):
        return 0
    if entry.unit == "price" and style != "aside":
        return max(of_price, 2)
    if entry.high is not None and abs(entry.high) >= 100:
        return 2
    size = abs(value) if np.isfinite(value) else 1.0
    return 0 if size >= 1e6 else 2 if size >= 10 or size == 0 else 4

"""SCREEN's panels: the results, how many pass each condition, the scatter, the assumptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.figures import Field as FormField
from engine.figures import Form, Mark, Scatter, Step, Waterfall
from engine.frames import TypeWord, frame_of
from engine.functions._screen_data import Columns
from engine.functions._screen_universe import Day
from engine.page import Column, ColumnKind, Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.quant.screener import Condition, Field, Screened

MILLION = 1e6
_DECIMALS = {"percent": 1, "change": 1, "ratio": 2, "price": 2, "number": 2, "integer": 0}


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of the scatter: its values over the whole universe."""

    title: str
    values: NDArray[np.float64]
    kind: ColumnKind
    decimals: int
    formula: str


def results(columns: Columns, names: Sequence[str], score: Sequence[float] | None) -> Table:
    """The rows of ``columns`` in their order, with rank and chart."""
    from engine.quant.screener import FIELDS

    shown = [FIELDS[name] for name in names]
    rows = []
    for at, ref in enumerate(columns.refs):
        row: dict[str, Any] = {
            "rank": at + 1, "security_id": ref.security_id, "symbol": ref.ticker, "command": f"{ref.label} GP",
        }  # fmt: skip
        if score is not None:
            row["score"] = _number(score[at])
        for each in shown:
            row[each.name] = _cell(each, columns.values[each.name][at])
            row[f"{each.name}_why"] = columns.why[each.name][at] if each.name in columns.why else each.formula
        rows.append(row)
    types: dict[str, TypeWord] = {
        "rank": "integer",
        "security_id": "integer",
        "symbol": "text",
        "command": "text",
    }
    types |= {"score": "number"} if score is not None else {}
    for each in shown:
        types |= {each.name: "text" if each.type == "text" else "number", f"{each.name}_why": "text"}
    listed = [
        Column("rank", "rank", "integer"),
        Column("symbol", "ticker", formula="the ticker of the clock's day"),
    ]
    if score is not None:
        listed.append(Column("score", "score", "number", 3, formula="SCORE= over the day's universe"))
    return Table(
        frame_of(rows, **types), (*listed, *(_column(each) for each in shown)), key=("security_id",),
        command="command", pinned="symbol",
        empty="Nothing passes. The conditions below say where the universe falls out: soften one or take it away.",
    )  # fmt: skip


def _column(each: Field) -> Column:
    if each.type == "text":
        return Column(each.name, each.label, width=28, formula=each.formula)
    money = each.unit == "money"
    kind: ColumnKind = "number" if money or each.kind == "integer" else each.kind
    label = f"{each.label}, m" if money else each.label
    return Column(
        each.name, label, kind, _DECIMALS.get(each.kind, 2), formula=each.formula + (", in millions" * money),
        formula_from=f"{each.name}_why",
    )  # fmt: skip


def _cell(each: Field, value: Any) -> float | str | None:
    if each.type == "text":
        return str(value) or None
    found = _number(value)
    return found / MILLION if found is not None and each.unit == "money" else found


def _number(value: Any) -> float | None:
    return float(value) if value == value else None  # noqa: PLR0124 - NaN alone differs from itself


def funnel(day: Day, told: Sequence[Condition]) -> Table:
    rows = [
        {
            "condition": f"{day.title}",
            "passes": len(day.refs),
            "fails": 0,
            "unknown": 0,
            "left": len(day.refs),
        }
    ]
    rows += [
        {"condition": each.text, "passes": each.passes, "fails": each.fails, "unknown": each.unknown,
         "left": each.left}
        for each in told
    ]  # fmt: skip
    counted = "of the whole universe, by this condition alone"
    return Table(
        frame_of(rows, condition="text", passes="integer", fails="integer", unknown="integer", left="integer"),
        (Column("condition", "condition", least=20),
         Column("passes", "pass", "integer", formula=counted), Column("fails", "fail", "integer", formula=counted),
         Column("unknown", "unknown", "integer", formula=f"a value that it takes is not known; {counted}"),
         Column("left", "left", "integer", formula="those that pass this condition and all before it")),
        key=("condition",),
    )  # fmt: skip


def steps(day: Day, told: Sequence[Condition]) -> Waterfall:
    """From the universe to what passes, by what each condition takes away in turn."""
    found, left = [Step(day.title, float(len(day.refs)), total=True)], len(day.refs)
    for each in told:
        why = f"{left} - {each.left}: those left that fail the condition, or of which it is not known"
        found.append(Step(each.text, float(each.left - left), formula=why))
        left = each.left
    found.append(Step("passes", float(left), total=True))
    return Waterfall(tuple(found), "integer", 0)


def scatter(day: Day, found: Screened, x: Axis, y: Axis, most: int = 1_500) -> Scatter:
    """The universe over two values, those that pass marked; none of an unknown value."""
    import numpy as np

    known = np.flatnonzero(np.isfinite(x.values) & np.isfinite(y.values))
    passes = found.passes
    known = np.array([*known[passes[known]], *known[~passes[known]]][:most], dtype=np.intp)
    marks = tuple(
        Mark(float(x.values[at]), float(y.values[at]), day.refs[at].ticker, "passes" if passes[at] else "other",
             2.0 if passes[at] else 1.0, f"{day.refs[at].label} GP")
        for at in known.tolist()
    )  # fmt: skip
    return Scatter(marks, x.title, y.title, (), x.kind, y.kind, x.decimals, y.decimals)


def axis(title: str, values: NDArray[np.float64]) -> Axis:
    """A field's, or an expression's."""
    from engine.quant.screener import FIELDS

    each = FIELDS.get(title)
    if each is None:
        return Axis(title, values, "number", 2, title)
    money = each.unit == "money"
    kind: ColumnKind = "number" if money or each.kind == "integer" else each.kind
    name = f"{each.label}, m" if money else each.label
    return Axis(name, values / MILLION if money else values, kind, _DECIMALS.get(each.kind, 2), each.formula)


def form(args: Mapping[str, Any], day: Day, columns: Sequence[str]) -> Form:
    def one(name: str, label: str, text: str, told: str, basis: str = "") -> FormField:
        given = args[name] is not None and not (name == "limit" and args[name] == 50)
        return FormField(
            name, label, text, text or "none", help=told, given=given, basis="" if given else basis
        )

    listed = ",".join(columns)
    return Form(
        (
            one("expression", "condition", str(args["expression"]), "SCREEN FIELDS lists the fields"),
            one("universe", "universe", day.word, "SP500, an index, a watchlist, a file, tickers, ALL",
                "the S&P 500's members where they are known, else all equities"),
            one("score", "score", args["score"] or "", "0.5*z(mom_12_1) - 0.5*z(pe); highest first", "none given"),
            one("sort", "sort", args["sort"] or "", "lowest first; -mktcap is highest first",
                "the score, else market cap"),
            one("columns", "columns", listed, "fields parted by commas", "those of the condition"),
            one("limit", "rows", str(args["limit"]), "1 to 2000"),
        )
    )  # fmt: skip

"""FA's wide tables: lines down, periods across, every cell with its source or its formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.frames import TypeWord, frame_of
from engine.functions._fa_data import MILLION
from engine.page import CellSource, Column, ColumnKind, Panel, Table
from engine.quant.fundamentals.derive import Cell
from engine.quant.fundamentals.figures import Figures, Kind
from engine.quant.fundamentals.lines import LINES, Line, Statement, statement_lines
from engine.quant.fundamentals.periods import Period
from engine.quant.fundamentals.ratios import GROUPS, RATIOS, read

if TYPE_CHECKING:
    from engine.context import Context

BASES: Mapping[str, Kind] = {"Q": "quarter", "A": "year", "TTM": "trailing"}
TITLES: Mapping[Statement, str] = {
    "income": "income statement", "balance": "balance sheet", "cash": "cash flow", "share": "per share",
}  # fmt: skip
_SPANS: Mapping[Kind, str] = {
    "quarter": "by quarter, newest first",
    "year": "by fiscal year, newest first",
    "trailing": "12 months to each quarter's end",
}
_TYPES: Mapping[str, TypeWord] = {
    "concept": "text", "accession": "text", "unit": "text", "start": "date", "table": "text", "why": "text",
}  # fmt: skip


def statement_panel(
    context: Context, figures: Figures, statement: Statement, kind: Kind, periods: Sequence[Period]
) -> Panel:
    """A statement's lines that are told in any of the periods."""
    title = f"{TITLES[statement]}, {figures.books.currency} millions, {_SPANS[kind]}"
    return _panel(context, figures, statement, title, statement_lines(statement), kind, periods)


def share_panels(
    context: Context, figures: Figures, kind: Kind, periods: Sequence[Period]
) -> tuple[Panel, Panel]:
    """Amounts a share, and the shares they are divided by."""
    lines = statement_lines("share")
    amounts = tuple(line for line in lines if line.unit == "per share")
    counts = tuple(line for line in lines if line.unit != "per share")
    title = f"{figures.books.currency} a share, in the shares of the clock, {_SPANS[kind]}"
    return (
        _panel(context, figures, "share", title, amounts, kind, periods),
        _panel(context, figures, "shares", "shares, millions", counts, kind, periods),
    )


def _panel(
    context: Context,
    figures: Figures,
    name: str,
    title: str,
    lines: Sequence[Line],
    kind: Kind,
    periods: Sequence[Period],
) -> Panel:
    rows: list[dict[str, Any]] = []
    for line in lines:
        cells = [figures.cell(line.name, kind, period.end) for period in periods]
        if any(cell.value is not None for cell in cells):
            rows.append(_row(line, cells, periods))
    decimals = _cents(rows, periods) if name == "share" else _decimals(rows, periods)
    restated = Column("restated", "restated", formula="periods whose value is not the one first told")
    columns = (
        Column("line", "line", width=26),
        *(_column(context, period, decimals) for period in periods),
        *((restated,) if any(row["restated"] for row in rows) else ()),
        Column("concept", "concept of the newest", width=48),
    )
    types: dict[str, TypeWord] = {"line": "text", "tone": "text", "restated": "text", "concept": "text"}
    for period in periods:
        types[period.name] = "number"
        types.update({f"{period.name} {part}": word for part, word in _TYPES.items()})
    empty = "No period of this statement is told by the filings known at this clock."
    table = Table(frame_of(rows, **types), columns, key=("line",), emphasis="tone", empty=empty)
    return Panel(name, title, table, max(1, len(rows)))


def _column(context: Context, period: Period, decimals: int) -> Column:
    name = period.name
    keys = {"concept": f"{name} concept", "unit": f"{name} unit", "period_start": f"{name} start",
            "accession": f"{name} accession"}  # fmt: skip
    constants = {"security_id": context.security.security_id, "period_end": period.end}
    source = CellSource("", "value", keys, constants, table_from=f"{name} table")
    return Column(name, period.label, "number", decimals, source=source, formula_from=f"{name} why")


def _row(line: Line, cells: Sequence[Cell], periods: Sequence[Period]) -> dict[str, Any]:
    millions = line.unit != "per share"
    row: dict[str, Any] = {"line": line.label, "tone": "strong" if line.strong else ""}
    restated = [p.label.removeprefix("to ") for p, cell in zip(periods, cells, strict=True) if cell.restated]
    row["restated"] = ", ".join(restated)
    row["concept"] = next((_concepts(cell) for cell in cells if cell.facts), None)
    for period, cell in zip(periods, cells, strict=True):
        name, fact = period.name, cell.fact
        row[name] = cell.value / MILLION if millions and cell.value is not None else cell.value
        row[f"{name} why"] = ("in millions; " if millions and cell.value is not None else "") + cell.formula
        row[f"{name} table"] = "" if fact is None else "facts"
        if fact is not None:
            row |= {
                f"{name} concept": fact.concept,
                f"{name} accession": fact.accession,
                f"{name} unit": fact.unit,
                f"{name} start": fact.start,
            }
    return row


def _concepts(cell: Cell) -> str:
    names = dict.fromkeys(fact.concept.removeprefix("us-gaap:") for fact in cell.facts)
    return ("" if cell.how == "told" else "from ") + ", ".join(names)


def _decimals(rows: Sequence[Mapping[str, Any]], periods: Sequence[Period]) -> int:
    """Whole millions of a company that counts in billions; a small one keeps its thousands."""
    sizes = [abs(row[p.name]) for row in rows for p in periods if row[p.name] is not None]
    largest = max(sizes, default=0.0)
    return 0 if largest >= 1000 else 1 if largest >= 100 else 3


def _cents(rows: Sequence[Mapping[str, Any]], periods: Sequence[Period]) -> int:
    """Cents, or their hundredths where splits have made amounts small."""
    sizes = [abs(row[p.name]) for row in rows for p in periods if row[p.name]]
    return 4 if min(sizes, default=1.0) < 0.1 else 2


def ratio_panels(figures: Figures, kind: Kind, periods: Sequence[Period]) -> tuple[Panel, ...]:
    """The ratios by group; of a group without any value there is no panel."""
    panels = []
    for group, title in GROUPS.items():
        rows: list[dict[str, Any]] = []
        kinds: set[ColumnKind] = set()
        for ratio in (each for each in RATIOS if each.group == group):
            readings = [read(figures, ratio, kind, period.end) for period in periods]
            if all(reading.value is None for reading in readings):
                continue
            kinds.add(ratio.kind)
            row: dict[str, Any] = {"line": ratio.label}
            for period, reading in zip(periods, readings, strict=True):
                row |= {period.name: reading.value, f"{period.name} why": reading.formula}
            rows.append(row)
        if not rows:
            continue
        shown = kinds.pop()
        columns = (
            Column("line", "ratio", width=28),
            *(Column(p.name, p.label, shown, 1 if shown in ("percent", "change") else 2,
                     formula_from=f"{p.name} why") for p in periods),
        )  # fmt: skip
        types: dict[str, TypeWord] = {"line": "text"}
        for period in periods:
            types |= {period.name: "number", f"{period.name} why": "text"}
        whole = title + (f", {figures.books.currency}" if group == "share" else "")
        table = Table(frame_of(rows, **types), columns, key=("line",))
        panels.append(Panel(group, whole, table, len(rows)))
    return tuple(panels)


def periods_panel(figures: Figures, kind: Kind, periods: Sequence[Period], statement: Statement) -> Panel:
    """Which days each column speaks of, and the filing that first told it as it stands."""
    lines = (
        ("assets", "equity") if statement == "balance" else ("net_income", "revenue", "cash_from_operations")
    )
    rows = []
    for period in periods:
        cells = [figures.cell(name, kind, period.end) for name in lines]
        cell = next((each for each in cells if each.facts), None)
        row: dict[str, Any] = {"period": period.label, "end": period.end}
        if cell is not None:
            newest = max(cell.facts, key=lambda fact: fact.known_at)
            row |= {
                "how": cell.how,
                "form": newest.form,
                "accepted_at": newest.accepted_at,
                "known_at": newest.known_at,
                "accession": newest.accession,
            }
        rows.append(row)
    label = LINES[lines[0]].label
    columns = (
        Column("period", "column"),
        Column("end", "ends", "date"),
        Column("how", label, formula="whether a filing tells it or it is worked out of what filings tell"),
        Column("form", "by form"),
        Column("accepted_at", "accepted at", "instant"),
        Column("known_at", "known at", "instant"),
        Column("accession", "accession"),
    )
    frame = frame_of(
        rows, period="text", end="date", how="text", form="text", accepted_at="instant", known_at="instant",
        accession="text",
    )  # fmt: skip
    return Panel(
        "periods", f"the columns, and the filings that tell their {label}", Table(frame, columns, ("period",))
    )

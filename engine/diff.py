"""The same page at two clocks, cell by cell: what was restated, revised, re-adjusted, or newly known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import isclose, isnan
from typing import Any, Literal, TypeAlias

from engine.cells import cell_rows
from engine.page import Candles, CellSource, ColumnKind, Curve, Lines, Metrics, Page, Table
from engine.sources import BARS, factor_of, made_in, traced

Mark: TypeAlias = Literal["restated", "revised", "re-adjusted", "changed", "newly known", "no longer shown"]
_Key: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell, or with ``column`` empty one whole row, that is not the same at both clocks."""

    panel: str
    row: str
    column: str
    before: Any
    after: Any
    mark: Mark
    kind: ColumnKind = "text"
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class _Cell:
    value: Any
    kind: ColumnKind
    decimals: int | None
    table: str = ""  # of the row it came from, "" where it is computed
    key: _Key = ()
    factor: float | None = None  # the source's value was multiplied by this; None: not known
    formula: str = ""


_Rows: TypeAlias = dict[str, dict[str, _Cell]]


def differences(before: Page, after: Page) -> Iterator[Difference]:
    """Differences panel by panel, in the order of the later page.

    Cells are matched by the figure's key (session, bar, action, label), never by their place. A value of the
    same source row at both clocks is ``re-adjusted`` where that row says the same and only the factor is
    another, ``restated`` where the row says otherwise, ``revised`` where it is an observation with vintages.
    A value of another row (a newer last price, another day's high), one computed from several, and one
    whose factor nobody knows is ``changed``.
    """
    for panel in after.panels:
        earlier = before.panel(panel.name)
        old: _Rows = {} if earlier is None else _rows(earlier.figure)
        new = _rows(panel.figure)
        for key, cells in new.items():
            if key not in old:
                yield _whole_row(panel.name, key, cells, "newly known")
                continue
            for column, cell in cells.items():
                was = old[key].get(column)
                if was is None and cell.value in (None, ""):
                    continue  # a column that only the later clock has, blank in this row
                if was is None or not _same(was.value, cell.value):
                    yield Difference(
                        panel.name, key, column, was.value if was else None, cell.value,
                        _mark(was, cell), cell.kind, cell.decimals,
                    )  # fmt: skip
        for key, cells in old.items():
            if key not in new:
                gone = _whole_row(panel.name, key, cells, "no longer shown")
                yield Difference(
                    gone.panel, gone.row, gone.column, gone.after, None, gone.mark, gone.kind, gone.decimals
                )


def _whole_row(panel: str, key: str, cells: Mapping[str, _Cell], mark: Mark) -> Difference:
    """A row that only one clock shows stands for its cells, told by the one that matters most."""
    name = next((n for n in ("close", "value", "amount", "what") if n in cells), next(iter(cells)))
    cell = cells[name]
    return Difference(panel, key, name, None, cell.value, mark, cell.kind, cell.decimals)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return (isnan(one) and isnan(other)) or isclose(one, other, rel_tol=1e-12, abs_tol=1e-12)
    return bool(one == other)


def _mark(was: _Cell | None, cell: _Cell) -> Mark:
    if was is None or was.value is None:
        return "newly known"
    if not cell.table or (was.table, was.key) != (cell.table, cell.key) or was.formula != cell.formula:
        return "changed"
    if cell.table == "observations":
        return "revised"
    if was.factor is None or cell.factor is None:
        return "changed"
    if isclose(was.factor, cell.factor, rel_tol=1e-12) or not was.factor or not cell.factor:
        return "restated"
    if cell.value is None:
        return "restated"
    # volumes are rounded to whole shares after their division
    slack = 1e-4 if cell.kind == "integer" else 1e-9
    one, other = float(was.value) / was.factor, float(cell.value) / cell.factor
    return "re-adjusted" if isclose(one, other, rel_tol=slack) else "restated"


def _cell(
    value: Any,
    kind: ColumnKind,
    decimals: int | None,
    source: CellSource | None,
    row: Mapping[str, Any],
    factor: float | None,
    formula: str = "",
) -> _Cell:
    traced_to, key = traced(source, row)
    if traced_to is None:
        return _Cell(value, kind, decimals)
    # a fact's accession says which filing told it: another filing's word on the same period is a restatement
    known = tuple(
        sorted((n, str(part)) for n, part in key.items() if (traced_to.table, n) != ("facts", "accession"))
    )
    if traced_to.table != "bars" and factor is None and key.get("basis") != "adjusted":
        factor = 1.0  # what is published is shown as it is; of a vendor's adjustment nobody knows the factor
    return _Cell(value, kind, decimals, traced_to.table, (traced_to.column, *known), factor, formula)


def _rows(figure: object) -> _Rows:
    """A figure as cells by row key and column."""
    readers: dict[type, Callable[[Any], _Rows]] = {
        Table: _table, Candles: _candles, Lines: _lines, Metrics: _metrics, Curve: _curve,
    }  # fmt: skip
    read = readers.get(type(figure))
    return _plain_cells(figure) if read is None else read(figure)


def _plain_cells(figure: object) -> _Rows:
    """A figure whose cells are computed, or none of its cells."""
    return {
        row.name: {
            column: _Cell(cell.value, cell.kind, cell.decimals, formula=cell.formula)
            for column, cell in row.cells.items()
        }
        for row in cell_rows(figure) or ()
        if row.cells
    }


def _table(table: Table) -> _Rows:
    rows: _Rows = {}
    for at, row in enumerate(table.frame.iter_rows(named=True)):
        key = " ".join(str(row[name]) for name in table.key) or str(at + 1)
        rows[key] = {
            c.name: _cell(row[c.name], c.kind, c.places(row), c.source, row, factor_of(row, c.name))
            for c in table.columns
            if c.name not in table.key
        }
    return rows


def _candles(candles: Candles) -> _Rows:
    return {
        str(row.get("bucket") or row.get("local_time") or row["session_date"]): {
            name: _candle(candles, row, name) for name in BARS if name in row
        }
        for row in candles.frame.iter_rows(named=True)
    }


def _candle(candles: Candles, row: Mapping[str, Any], name: str) -> _Cell:
    of = dict(row) | {"session_date": made_in(row, name)}
    kind: ColumnKind = "integer" if name == "volume" else "price"
    cell = _cell(row[name], kind, candles.decimals, candles.source, of, factor_of(row, name))
    if name == "volume" and row.get("sessions", 1) > 1:  # of the same sessions, not only of the same last one
        return replace(cell, key=(*cell.key, row["first_date"], row["sessions"]))
    return cell


def _lines(lines: Lines) -> _Rows:
    rows: _Rows = {}
    for series in lines.series:
        factors = [None] * len(series.values) if series.factors is None else series.factors.tolist()
        for day, value, factor in zip(series.dates.astype(object), series.values, factors, strict=True):
            cell = _cell(
                float(value),
                "price",
                lines.decimals,
                series.source,
                {"session_date": day},
                factor,
                series.formula,
            )
            rows[f"{series.name} {day}"] = {"value": cell}
    return rows


def _curve(curve: Curve) -> _Rows:
    return {
        f"{series.name} {label}": {
            "value": _cell(
                value, curve.kind, curve.decimals, series.source, {"label": label}, None, series.formula
            )
        }
        for series in curve.series
        for label, value in zip(series.labels, series.values, strict=True)
    }


def _metrics(metrics: Metrics) -> _Rows:
    return {
        m.label: {"value": _cell(m.value, m.kind, m.decimals, m.source, {}, m.factor)} for m in metrics.items
    }

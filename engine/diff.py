"""The same page at two clocks, cell by cell: what was restated, revised, re-adjusted, or newly known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import isclose, isnan
from typing import Any, Literal, TypeAlias

from engine.page import Candles, CellSource, ColumnKind, Lines, Metrics, Page, Table

Mark: TypeAlias = Literal["restated", "revised", "re-adjusted", "changed", "newly known", "no longer shown"]
BARS = ("open", "high", "low", "close", "volume")
_FACTORS = ("split_factor", "dividend_factor")


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
    source: CellSource | None
    factors: tuple[float, ...] = ()


_Rows: TypeAlias = dict[str, dict[str, _Cell]]


def differences(before: Page, after: Page) -> Iterator[Difference]:
    """Differences panel by panel, in the order of the later page.

    Cells are matched by the figure's key (session, action, label), never by their place. A price that
    differs only because another split is effective is ``re-adjusted``; one whose source row has another
    version is ``restated``, or ``revised`` where it is an observation with vintages; a value computed
    from newer rows is ``changed``.
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
    if cell.source is None:
        return "changed"
    if cell.source.table == "observations":
        return "revised"
    if was.factors != cell.factors:
        return "re-adjusted"
    return "restated"


def _rows(figure: object) -> _Rows:
    """A figure as cells by row key and column."""
    readers: dict[type, Callable[[Any], _Rows]] = {
        Table: _table, Candles: _candles, Lines: _lines, Metrics: _metrics,
    }  # fmt: skip
    read = readers.get(type(figure))
    return {} if read is None else read(figure)


def _factors(row: Mapping[str, Any]) -> tuple[float, ...]:
    return tuple(round(row[name], 12) for name in _FACTORS if row.get(name) is not None)


def _table(table: Table) -> _Rows:
    rows: _Rows = {}
    for at, row in enumerate(table.frame.iter_rows(named=True)):
        key = " ".join(str(row[name]) for name in table.key) or str(at + 1)
        rows[key] = {
            c.name: _Cell(row[c.name], c.kind, c.decimals, c.source, _factors(row))
            for c in table.columns
            if c.name not in table.key
        }
    return rows


def _candles(candles: Candles) -> _Rows:
    return {
        str(row["session_date"]): {
            name: _Cell(
                row[name],
                "integer" if name == "volume" else "price",
                candles.decimals,
                candles.source,
                _factors(row),
            )
            for name in BARS
            if name in row
        }
        for row in candles.frame.iter_rows(named=True)
    }


def _lines(lines: Lines) -> _Rows:
    return {
        f"{series.name} {day}": {"value": _Cell(float(value), "price", lines.decimals, series.source)}
        for series in lines.series
        for day, value in zip(series.dates, series.values, strict=True)
    }


def _metrics(metrics: Metrics) -> _Rows:
    return {m.label: {"value": _Cell(m.value, m.kind, m.decimals, m.source)} for m in metrics.items}

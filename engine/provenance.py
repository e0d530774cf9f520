"""Finds a cell of a page by row or date and column, with the key of the row it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from engine.cells import CellRow, FigureCell, cell_rows
from engine.errors import CommandError
from engine.figures import Form
from engine.page import Candles, CellSource, Column, ColumnKind, Curve, Lines, Metrics, Page, Panel, Table
from engine.sources import BARS, factor_of, made_in, traced

if TYPE_CHECKING:
    import polars as pl

_MOST_NAMED = 24  # columns that an error names


@dataclass(frozen=True, slots=True)
class Cell:
    """One value on a page and where it came from.

    ``key`` names its row in the source's table; of a value made from all sessions of a bar (a week's volume)
    that is the last of them. ``sessions`` are the bar's first and last, where it has several.
    """

    label: str
    value: Any
    kind: ColumnKind
    decimals: int | None = None
    unit: str = ""
    formula: str = ""
    source: CellSource | None = None
    key: Mapping[str, object] = field(default_factory=dict)
    factor: float | None = None  # the value is the source's times this
    sessions: tuple[date, date] | None = None


def find_cell(page: Page, where: int | date | None, column: str | None, panel: str | None = None) -> Cell:
    """The cell in row ``where`` (1-based) or of session ``where``, under ``column``.

    Raises
    ------
    CommandError
        No such panel, row, session or column; with what there is.
    """
    panels = [p for p in page.panels if panel is None or p.name == panel.lower()]
    if not panels:
        names = ", ".join(p.name for p in page.panels)
        raise CommandError(f"This page has no panel {panel!r}. It has: {names}.", argument="panel")
    if where is None:
        return _named_row(panels, column) or _metric(panels, column)
    if panel is None and isinstance(where, int) and column is not None:
        # rows of tables have numbers on the screen, those of charts have none
        panels = [*(p for p in panels if _has_column(p, column)), *panels]
    for each in panels:
        match each.figure:
            case Table() as table if table.frame.height or panel:
                return _table_cell(table, where, column)
            case Candles() as candles:
                return _candle_cell(candles, where, column)
            case Lines() as lines:
                return _line_cell(lines, where, column)
            case Curve() as curve:
                return _curve_cell(curve, where, column)
            case Form() if panel is None:
                continue  # assumptions are asked for by name: a number means a row that is counted
            case figure if rows := cell_rows(figure):
                return _plain_cell(rows, where, column)
    raise CommandError("This page has no table or chart whose cells could be asked.")


def _has_column(panel: Panel, name: str) -> bool:
    figure, wanted = panel.figure, name.lower()
    if rows := cell_rows(figure):
        return wanted in map(str.lower, rows[0].cells)
    if not isinstance(figure, Table) or not figure.frame.height:
        return False
    return any(wanted in (column.name.lower(), column.label.lower()) for column in figure.columns)


def _named_row(panels: list[Panel], label: str | None) -> Cell | None:
    """The row of a table that its key calls ``label`` (10Y, revenue), where no labelled value is called so."""
    wanted = (label or "").lower()
    if any(
        m.label.lower() == wanted for p in panels if isinstance(p.figure, Metrics) for m in p.figure.items
    ):
        return None
    for table in (p.figure for p in panels if isinstance(p.figure, Table) and len(p.figure.key) == 1):
        names = [str(value).lower() for value in table.frame[table.key[0]].to_list()]
        if wanted in names:
            return _table_cell(table, names.index(wanted) + 1, None)
    for rows in filter(None, (cell_rows(panel.figure) for panel in panels)):
        for row in rows:
            for column in row.cells:
                if wanted in (row.name.lower(), f"{row.name} {column}".lower()):
                    return _told(row, column)
    return None


def _plain_cell(rows: tuple[CellRow, ...], where: int | date, name: str | None) -> Cell:
    """A cell of a figure that has no frame: by the row's number, or by its day."""
    if isinstance(where, date):
        row = next((row for row in rows if row.day == where), None)
        if row is None:
            raise CommandError(f"This figure has nothing on {where}.", argument="date")
    elif where > len(rows):
        raise CommandError(f"There is no row {where}: there are {len(rows):,}.", argument="row")
    else:
        row = rows[where - 1]
    columns = list(row.cells)
    if not columns:
        raise CommandError(f"Row {where} has no cells.", argument="row")
    found = next((each for each in columns if name is None or each.lower() == name.lower()), None)
    if found is None:
        raise _no_column(name or "", columns, where)
    return _told(row, found)


def _told(row: CellRow, column: str) -> Cell:
    cell: FigureCell = row.cells[column]
    return Cell(f"{column} of {row.name}", cell.value, cell.kind, cell.decimals, cell.unit, cell.formula)


def _metric(panels: list[Panel], label: str | None) -> Cell:
    metrics = [m for p in panels if isinstance(p.figure, Metrics) for m in p.figure.items]
    if label is None:
        raise CommandError("WHY needs a row or a date, and a column.", suggestions=("WHY 1 close",))
    wanted = label.lower()
    found = next((m for m in metrics if m.label.lower() == wanted), None)
    if found is None:
        near = get_close_matches(wanted, [m.label.lower() for m in metrics], n=3, cutoff=0.4)
        raise CommandError(
            f"This page has no value labelled {label!r}.",
            suggestions=tuple(f'WHY "{n}"' for n in near) or ("WHY 1 close",),
        )
    key = dict(found.source.constants) if found.source else {}
    return Cell(
        found.label, found.value, found.kind, found.decimals, found.unit, found.formula, found.source, key,
        found.factor,
    )  # fmt: skip


def _row(frame: pl.DataFrame, where: int | date, what: str = "rows") -> int:
    if isinstance(where, date):
        if "session_date" not in frame.columns:
            raise CommandError("These rows have no session: name one by its number.", suggestions=("WHY 1",))
        inside = frame["session_date"] == where
        if "first_date" in frame.columns:  # any session of a week's bar names it
            inside = (frame["first_date"] <= where) & (frame["session_date"] >= where)
        found = inside.arg_true()
        if not len(found):
            first, last = str(frame["session_date"].min()), str(frame["session_date"].max())
            raise CommandError(f"{where} is not a session on this page, which shows {first} to {last}.")
        return int(found[0])
    if where > frame.height:
        raise CommandError(f"There is no row {where}: there are {frame.height:,} {what}.", argument="row")
    return where - 1


def _table_cell(table: Table, where: int | date, name: str | None) -> Cell:
    row = _row(table.frame, where)
    columns = {c.name.lower(): c for c in table.columns} | {c.label.lower(): c for c in table.columns}
    if name is None:
        column = next((c for c in table.columns if c.source is not None), table.columns[0])
    elif (found := columns.get(name.lower())) is not None:
        column = found
    else:
        raise _no_column(name, [c.label for c in table.columns], where)
    values = table.frame.row(row, named=True)
    return _cell(column, values, f"{column.label}, row {row + 1}")


def _cell(column: Column, values: Mapping[str, Any], label: str) -> Cell:
    source, key = traced(column.source, values)
    factor = factor_of(values, column.name) if source is not None and source.table in _PRICED else None
    formula = str(values.get(column.formula_from) or column.formula)
    return Cell(
        label, values[column.name], column.kind, column.places(values), column.unit, formula, source, key, factor,
    )  # fmt: skip


_PRICED = ("bars", "futures_bars")  # tables of prices that factors adjust
_VOLUME = "volume as traded / split factor as of the clock"


def _candle_cell(candles: Candles, where: int | date, name: str | None) -> Cell:
    row = _row(candles.frame, where, "bars")
    column = (name or "close").lower()
    if column not in BARS:
        raise _no_column(column, list(BARS), where)
    values = candles.frame.row(row, named=True)
    adjusted = "volume of the contract held" if "contract" in values else _VOLUME
    formula = adjusted if column == "volume" else candles.formula
    sessions, count = None, values.get("sessions", 1)
    made = made_in(values, column)
    if count > 1:
        sessions = (values["first_date"], values["session_date"])
        how = "sum" if column == "volume" else {"open": "first", "close": "last"}.get(column, f"{column}est")
        of = "" if column == "volume" else f", that of {made}"
        formula = f"{how} of {count} sessions, {sessions[0]} to {sessions[1]}{of}; {formula}"
    source = candles.source and replace(candles.source, column=column)
    source, key = traced(source, values | {"session_date": made})
    kind: ColumnKind = "integer" if column == "volume" else "price"
    return Cell(
        f"{column} of {candles.name}, {values.get('local_time') or values['session_date']}", values[column], kind,
        candles.decimals,
        "" if column == "volume" else candles.unit, formula, source, key, factor_of(values, column), sessions,
    )  # fmt: skip


def _line_cell(lines: Lines, where: int | date, name: str | None) -> Cell:
    import numpy as np

    names = [s.name for s in lines.series]
    series = next((s for s in lines.series if name is None or s.name.lower() == name.lower()), None)
    if series is None and name is not None and name.lower() in ("close", "value"):
        series = lines.series[0]
    if series is None:
        raise _no_column(name or "", names, where)
    if isinstance(where, date):
        found = np.flatnonzero(series.dates == np.datetime64(where, "D"))
        if not len(found):
            raise CommandError(f"{series.name} has no value on {where}.")
        row = int(found[0])
    elif where > len(series.dates):
        raise CommandError(f"There is no row {where}: {series.name} has {len(series.dates):,} values.")
    else:
        row = where - 1
    day: date = series.dates[row].astype("datetime64[D]").astype(object)
    source, key = traced(series.source, {"session_date": day})
    factor = None if series.factors is None else float(series.factors[row])
    return Cell(
        f"{series.name}, {day}", float(series.values[row]), "price", lines.decimals, series.unit or lines.unit,
        series.formula, source, key, factor,
    )  # fmt: skip


def _curve_cell(curve: Curve, where: int | date, name: str | None) -> Cell:
    names = [s.name for s in curve.series]
    series = next((s for s in curve.series if name is None or s.name.lower() == name.lower()), None)
    if series is None:
        raise _no_column(name or "", names, where)
    if isinstance(where, date):
        raise CommandError("A curve's points have no dates: name one by its number.", suggestions=("WHY 1",))
    if where > len(series.values):
        raise CommandError(f"There is no point {where}: {series.name} has {len(series.values)} points.")
    at = where - 1
    source, key = traced(series.source, {"label": series.labels[at]})
    return Cell(
        f"{series.name}, {series.labels[at]}", series.values[at], curve.kind, curve.decimals, curve.unit,
        series.formula, source, key,
    )  # fmt: skip


def _no_column(name: str, columns: list[str], where: int | date) -> CommandError:
    near: Iterator[str] | list[str] = get_close_matches(
        name.lower(), [c.lower() for c in columns], n=2, cutoff=0.4
    )
    more = f" and {len(columns) - _MOST_NAMED} more" if len(columns) > _MOST_NAMED else ""
    return CommandError(
        f"There is no column {name!r}. There are: {', '.join(columns[:_MOST_NAMED])}{more}.",
        suggestions=tuple(f"WHY {where} {n}" for n in near),
        argument="column",
    )

"""SWEEP's heatmap: the measure over two parameters, of the others the best or those that are fixed."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from engine.backtest.sweep import MEASURES
from engine.errors import CommandError
from engine.figures import Heatmap
from engine.function import Args
from engine.functions._sweep_panels import FORMULAS, PER_CENT, WORDS
from engine.page import Panel
from engine.runs.sweep_found import Found, Place


@dataclass(frozen=True, slots=True)
class Cut:
    """What the heatmap shows: values over two parameters, of the others the best or those that are fixed."""

    rows: int
    columns: int | None
    fixed: tuple[tuple[int, int], ...]  # dimension, place of its value

    def told(self, found: Found) -> str:
        """How parameters that are not shown were settled."""
        grid, held = found.grid, dict(self.fixed)
        said = [f"{grid.dimensions[at].name} {grid.dimensions[at].values[place]}" for at, place in self.fixed]
        rest = [
            each.name for at, each in enumerate(grid.dimensions) if at not in (self.rows, self.columns, *held)
        ]
        return ", ".join([*said, *([f"the best over {', '.join(rest)}"] if rest else [])])


def cut_of(found: Found, args: Args) -> Cut:
    """The heatmap's parameters.

    Raises
    ------
    CommandError
        A parameter or a value that there is not.
    """
    count = len(found.grid.dimensions)
    rows = 0 if args["y"] is None else _dimension(found, args["y"], "y")
    columns = next((at for at in range(count) if at != rows), None)
    if args["x"] is not None:
        columns = _dimension(found, args["x"], "x")
        if columns == rows and args["y"] is None and count > 1:
            rows = next(at for at in range(count) if at != columns)
    if columns == rows:
        raise CommandError("X= and Y= are two different parameters.", argument="x")
    fixed = []
    for part in (args["fix"] or "").split(","):
        if not part.strip():
            continue
        name, _, value = part.rpartition("=")
        at = _dimension(found, name.strip(), "fix")
        values = found.grid.dimensions[at].values
        if value.strip() not in values:
            raise CommandError(f"{name.strip()} takes {', '.join(values[:12])}.", argument="fix")
        if at in (rows, columns):
            raise CommandError(f"{name.strip()} is an axis of the heatmap: fix another one.", argument="fix")
        fixed.append((at, values.index(value.strip())))
    return Cut(rows, columns, tuple(fixed))


def _dimension(found: Found, word: str, argument: str) -> int:
    names = [each.name.lower() for each in found.grid.dimensions]
    if word.lower() in names:
        return names.index(word.lower())
    if re.fullmatch(r"[1-9]\d?", word) and int(word) <= len(names):
        return int(word) - 1
    told = ", ".join(f"{at} {each.name}" for at, each in enumerate(found.grid.dimensions, 1))
    raise CommandError(f"{word or 'nothing'} is no parameter of this sweep: {told}.", argument=argument)


def shown_subject(found: Found, args: Args, best: Place | None) -> int:
    """Whose heatmap it is."""
    if args["show"] is None:
        return best.subject if best is not None else 0
    labels = [each.label.upper() for each in found.order.subjects]
    word = args["show"].upper()
    place = next((at for at, label in enumerate(labels) if label == word or label.split()[0] == word), None)
    if place is None:
        raise CommandError(f"{args['show']} is not in this sweep: {', '.join(labels[:12])}.", argument="show")
    return place


def heatmap(found: Found, args: Args, subject: int, cut: Cut) -> Panel:
    """The measure over two parameters (one row of a single one)."""
    measure, grid = args["by"], found.grid
    values = cut_values(found, subject, measure, cut)
    down = grid.dimensions[cut.rows]
    rows: tuple[str, ...] = ("",)
    columns, row_title, column_title = down.values, "", down.name
    if cut.columns is None:
        values = values[None, :]
    else:
        across = grid.dimensions[cut.columns]
        rows, columns, row_title, column_title = down.values, across.values, down.name, across.name
    percent, known = measure in PER_CENT, values[np.isfinite(values)]
    # around nothing only where some gain and some lose; else from the least to the most
    one_sign = len(known) > 0 and ((known >= 0).all() or (known <= 0).all())
    figure = Heatmap(
        rows, columns, values, "percent" if percent else "number", 0 if percent else 2,
        scale="sequential" if one_sign else "diverging", row_title=row_title, column_title=column_title,
        formula=FORMULAS[MEASURES[measure]],
    )  # fmt: skip
    label = f" of {found.order.subjects[subject].label}" if not found.order.portfolio else ""
    said = cut.told(found)
    return Panel("heatmap", f"{WORDS[measure]}{label}{f'; {said}' if said else ''}", figure, 4)


def cut_values(found: Found, subject: int, measure: str, cut: Cut) -> np.ndarray:
    """Values over the two parameters (rows, columns), or over the one there is."""
    column = found.columns[subject]
    values = np.where(column.there, getattr(column.figures, MEASURES[measure]), np.nan).reshape(
        found.grid.shape
    )
    held = dict(cut.fixed)
    index = tuple(held.get(at, slice(None)) for at in range(values.ndim))
    left = [at for at in range(values.ndim) if at not in held]
    values = values[index]
    axes = tuple(place for place, at in enumerate(left) if at not in (cut.rows, cut.columns))
    if axes:
        known = np.isfinite(values).any(axis=axes)
        best = np.where(np.isfinite(values), values, -np.inf).max(axis=axes)
        values = np.where(known, best, np.nan)
    if cut.columns is not None and cut.columns < cut.rows:
        values = values.T
    return values

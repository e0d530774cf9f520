"""Grids, surfaces, scatters, areas, steps, states and forms in ASOF DIFF and WHY: cell by cell."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from engine.cells import cell_rows
from engine.diff import Difference, differences
from engine.errors import CommandError
from engine.figures import Heatmap, Mark, Scatter, Step, Waterfall
from engine.page import Figure, Page, Panel
from engine.provenance import find_cell
from tests import pages

KINDS = ("heatmap", "surface", "scatter", "treemap", "waterfall", "timeline", "form")


def page(*figures: Figure) -> Page:
    return Page("T", tuple(Panel(f"p{at}", "T", figure) for at, figure in enumerate(figures)))


def told(before: Figure, after: Figure) -> list[tuple[str, str, object, object, str]]:
    found: list[Difference] = list(differences(page(before), page(after)))
    return [(d.row, d.column, d.before, d.after, d.mark) for d in found]


@pytest.mark.parametrize("name", KINDS)
def test_the_same_figure_does_not_differ(name: str) -> None:
    assert told(pages.FIGURES[name], getattr(pages, name)()) == []


@pytest.mark.parametrize("name", KINDS)
def test_rows_are_told_apart_and_have_values(name: str) -> None:
    rows = cell_rows(pages.FIGURES[name])
    assert rows
    assert len({row.name for row in rows}) == len(rows)
    assert all(row.cells for row in rows)


def test_a_grids_cells_change_and_become_known() -> None:
    before = pages.heatmap()
    values = before.values.copy()
    values[0] = 0.06, -0.0812, 0.01
    assert told(before, replace(before, values=values)) == [
        ("2007", "Jan", 0.05, 0.06, "changed"),
        ("2007", "=Mar", None, 0.01, "newly known"),
    ]


def test_rows_are_matched_by_name_and_not_by_place() -> None:
    one = Heatmap(("a", "b"), ("x",), np.array([[1.0], [2.0]]))
    other = Heatmap(("b", "c"), ("x",), np.array([[2.0], [3.0]]))
    assert told(one, other) == [
        ("c", "x", None, 3.0, "newly known"),
        ("a", "x", 1.0, None, "no longer shown"),
    ]


def test_names_that_stand_twice_are_numbered() -> None:
    marks = (Mark(1.0, 2.0, "A"), Mark(3.0, 4.0, "A"), Mark(5.0, 6.0))
    rows = cell_rows(Scatter(marks, "x", "y"))
    assert rows is not None
    assert [row.name for row in rows] == ["A", "A (2)", "point 3"]


def test_a_step_that_changes_moves_the_levels_after_it() -> None:
    before = Waterfall((Step("start", 10.0, total=True), Step("up", 1.0), Step("down", -2.0)))
    after = replace(before, steps=(before.steps[0], Step("up", 2.0), before.steps[2]))
    assert told(before, after) == [
        ("up", "value", 1.0, 2.0, "changed"),
        ("up", "level", 11.0, 12.0, "changed"),
        ("down", "level", 9.0, 10.0, "changed"),
    ]


def test_a_later_clock_knows_more_days_of_a_timeline() -> None:
    full = pages.timeline()
    early = replace(
        full, dates=full.dates[:-1], states=full.states[:-1],
        probabilities=full.probabilities[:-1] if full.probabilities is not None else None,
    )  # fmt: skip
    assert told(early, full) == [("2008-09-14", "state", None, "turbulent", "newly known")]


def test_why_finds_a_cell_by_number_name_and_day() -> None:
    grid = find_cell(page(pages.heatmap()), 1, "Feb")
    assert (grid.value, grid.kind, grid.label) == (-0.0812, "percent", "Feb of 2007")
    assert grid.formula.startswith("last close of the month")
    assert find_cell(page(pages.heatmap()), None, "2007 feb").value == -0.0812
    assert find_cell(page(pages.waterfall()), None, "volume").formula == "units x price before"
    assert find_cell(page(pages.waterfall()), 2, "level").value == 112.5
    day = find_cell(page(pages.timeline()), date(2008, 9, 14), "turbulent")
    assert (day.value, day.formula) == (0.875, "filtered probability above one half")
    assert find_cell(page(pages.timeline()), date(2008, 9, 14), None).value == "turbulent"
    assert (
        find_cell(page(pages.form()), None, "growth").formula
        == "given as GROWTH=0.05. of the next five years"
    )
    assert find_cell(page(pages.form()), None, "wacc").formula == "CAPM: 4.1% + 1.2 x 4.0%. CAPM"
    assert find_cell(page(pages.treemap()), None, "Energy XOM").value == 25.0
    assert find_cell(page(pages.surface()), 2, "0.9").value == 0.24


def test_a_number_means_a_row_that_is_counted_and_not_an_assumption() -> None:
    both = page(pages.form(), pages.waterfall())
    assert find_cell(both, 1, None).label == "value of Sales 2007"
    assert find_cell(both, 1, None, "p0").label == "value of growth"


@pytest.mark.parametrize(
    ("where", "column", "said"),
    [
        (9, "Jan", "There is no row 9: there are 2."),
        (1, "Apr", "There is no column 'Apr'. There are: Jan, Feb, =Mar."),
        (date(2008, 1, 1), None, "This figure has nothing on 2008-01-01."),
        (None, "nowhere", "This page has no value labelled 'nowhere'."),
    ],
)
def test_what_is_not_there_is_said(where: int | date | None, column: str | None, said: str) -> None:
    with pytest.raises(CommandError) as fault:
        find_cell(page(pages.heatmap()), where, column)
    assert str(fault.value) == said

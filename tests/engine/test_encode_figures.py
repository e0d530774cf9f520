"""Grids, surfaces, scatters, areas, steps, states and forms: every encoder against what it is meant to write."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.encode.csv import encode as as_csv
from engine.encode.json import encode as as_json
from engine.encode.json import page_hash
from engine.encode.text import encode as as_text
from engine.figures import Form, Heatmap, Scatter, Surface, Tile, Timeline, Treemap, Waterfall
from engine.page import Figure, Page, Panel
from tests import pages

EVIL = pages.HOSTILE_CLEAN
KINDS = ("heatmap", "surface", "scatter", "treemap", "waterfall", "timeline", "form")
NONE = np.array([], "datetime64[D]")
EMPTY: dict[str, Figure] = {
    "heatmap": Heatmap((), (), np.empty((0, 0))),
    "surface": Surface(np.empty(0), np.empty(0), np.empty((0, 0)), "x", "y"),
    "scatter": Scatter((), "x", "y"),
    "treemap": Treemap((), "size"),
    "waterfall": Waterfall(()),
    "timeline": Timeline(NONE, ("a",), np.array([], int), np.empty((0, 1))),
    "form": Form(()),
}


def page(figure: Figure) -> Page:
    return Page("T", (Panel("p", "T", figure),))


def text(figure: Figure, width: int | None = None) -> list[str]:
    """The figure's own lines."""
    return as_text(page(figure), width=width).splitlines()[3:]


def written(figure: Figure) -> dict:
    return json.loads(as_json(page(figure)))["panels"][0]["figure"]


def rows(figure: Figure) -> list[list[str]]:
    return list(csv.reader(io.StringIO(as_csv(page(figure)), newline="")))


def test_a_heatmap() -> None:
    assert text(pages.heatmap()) == [
        "Year down, Month across",
        "Year                                  Jan     Feb   =Mar",
        "───────────────────────────────────  ────  ──────  ─────",
        "2007                                 5.0%   -8.1%      —",
        f"{EVIL}  0.0%  125.0%  -0.4%",
    ]
    assert rows(pages.heatmap()) == [
        ["row", "Jan", "Feb", "'=Mar"],
        ["2007", "0.05", "-0.0812", ""],
        [EVIL, "0.0", "1.25", "-0.004"],
    ]
    found = written(pages.heatmap())
    assert found["values"] == [[0.05, -0.0812, None], [0.0, 1.25, -0.004]]
    assert (found["rows"], found["columns"]) == (["2007", EVIL], ["Jan", "Feb", "=Mar"])
    assert (found["kind"], found["kind_of_values"], found["center"], found["low"]) == (
        "heatmap", "percent", 0.0, None,
    )  # fmt: skip


def test_a_surface() -> None:
    assert text(pages.surface()) == [
        "expiry down, moneyness across",
        "expiry        0.8    0.9      1    1.1",
        "──────────  ─────  ─────  ─────  ─────",
        "2008-10-18  31.0%  25.0%  22.0%  21.0%",
        "2008-12-20  29.0%  24.0%  21.5%      —",
        "2009-03-21  27.0%  23.5%  22.0%  21.0%",
        f"2 quotes fitted; left out: {EVIL}",
    ]
    told = rows(pages.surface())
    assert len(told) == 1 + 12 + 3
    assert told[1] == ["surface", "2008-10-18", "0.1", "0.8", "0.8", "0.31"]
    assert told[8] == ["surface", "2008-12-20", "0.25", "1.1", "1.1", ""]
    assert told[-1] == ["quote left out", EVIL, "0.5", "", "1.1", "0.9"]
    found = written(pages.surface())
    assert found["values"][1] == [0.29, 0.24, 0.215, None]
    assert found["points"][2] == {"x": 1.1, "y": 0.5, "value": 0.9, "label": EVIL, "used": False}


def test_a_large_surface_is_told_at_places_evenly_picked() -> None:
    x, y = np.linspace(0, 1, 101), np.linspace(0, 1, 61)
    lines = text(Surface(x, y, np.outer(y, x), "x", "y", kind="number"))
    assert lines[1].split() == ["y", *(f"{place / 10:.6g}" for place in range(11))]
    assert lines[-1] == "31 of 61 rows and 11 of 101 columns; all of them with --csv or --json"
    assert len(rows(Surface(x, y, np.outer(y, x), "x", "y"))) == 1 + 101 * 61


def test_a_scatter() -> None:
    told = text(pages.scatter())
    assert told[0].split() == ["Label", "Group", "volatility", "return", "Size"]
    assert told[2].split() == ["AAPL", "Technology", "18.0%", "7.0%", "2.00"]
    assert told[4].split()[-3:] == ["—", "1.0%", "1.00"]
    assert told[5:] == ["line regression: from (10.0%, 1.0%) to (20.0%, 5.0%) in 2 points; y = -0.03 + 0.4 x"]
    assert rows(pages.scatter()) == [
        ["label", "group", "x", "y", "size", "line"],
        ["AAPL", "Technology", "0.18", "0.07", "2.0", ""],
        ["XOM", "Energy", "0.12", "-0.02", "1.0", ""],
        [EVIL, "", "", "0.01", "1.0", ""],
        ["", "", "0.1", "0.01", "", "regression"],
        ["", "", "0.2", "0.05", "", "regression"],
    ]
    assert written(pages.scatter())["marks"][2]["x"] is None


def test_a_treemap_is_sorted_and_has_shares() -> None:
    told = text(pages.treemap())
    assert [line.split()[-2:] for line in told[2:]] == [["60.0%", "1.3%"], ["25.0%", "-2.1%"], ["15.0%", "—"]]
    assert rows(pages.treemap())[1] == ["Energy", "XOM", "25.0", "0.25", "-0.021"]
    shares = Treemap((Tile("a", 0.25), Tile("b", 0.75), Tile("c", float("nan")), Tile("d", -1.0)), "weight")
    assert [row[3] for row in rows(shares)] == ["share", "0.25", "0.75", "", ""]
    whole = text(replace(shares, tiles=shares.tiles[:2]))
    assert whole == [
        "Label  weight",
        "─────  ──────",
        "b       75.0%",
        "a       25.0%",
    ]  # sizes are the shares


def test_a_waterfall_tells_signs_by_glyph() -> None:
    told = text(pages.waterfall(), 60)
    assert told[0] == "in USD"
    assert told[1] == "Sales 2007  = 100.0  ████████████████████████████████"
    assert told[2] == "volume      ▲ +12.5                                  ▓▓▓▓"
    assert told[3].strip().startswith("of which 3 by Evil")
    assert told[4].split() == ["price", "▼", "-30.0", "░░░░░░░░░░"]
    assert told[5].split() == ["currency", "—"]
    assert told[6].split() == ["Sales", "2008", "=", "82.5", "██████████████████████████"]
    assert [row[:4] for row in rows(pages.waterfall())[1:]] == [
        ["Sales 2007", "total", "100.0", "100.0"],
        ["volume", "change", "12.5", "112.5"],
        ["price", "change", "-30.0", "82.5"],
        ["currency", "change", "", ""],
        ["Sales 2008", "total", "82.5", "82.5"],
    ]


def test_a_timeline_is_told_as_spells() -> None:
    told = text(pages.timeline())
    assert told[3].split() == ["State", "From", "To", "Days"]
    assert [line.split() for line in told[5:8]] == [
        ["none", "2008-09-08", "2008-09-08", "1"],
        ["calm", "2008-09-09", "2008-09-11", "3"],
        ["turbulent", "2008-09-12", "2008-09-14", "3"],
    ]
    assert told[8] == "probabilities on 2008-09-14: calm 12.5%, turbulent 87.5%"
    assert rows(pages.timeline())[1] == ["2008-09-08", "", "0.9", "0.1", "1267.0"]
    found = written(pages.timeline())
    assert found["states"] == [None, 0, 0, 0, 1, 1, 1]
    assert found["probabilities"][-1] == [0.125, 0.875]
    assert found["line"]["name"] == "SPX"


def test_a_timelines_line_may_have_other_dates() -> None:
    figure = pages.timeline()
    assert figure.line is not None
    later = replace(figure.line, dates=figure.line.dates + 3)
    told = rows(replace(figure, line=later))
    assert told[1] == ["2008-09-08", "", "0.9", "0.1", ""]
    assert told[-1] == ["2008-09-17", "", "", "", "1192.0"]


def test_a_form() -> None:
    assert text(pages.form()) == [
        "FORECAST",
        "revenue growth:  5.0% a year (given: GROWTH=0.05)",
        "DISCOUNT",
        "cost of capital: 8.9% (CAPM: 4.1% + 1.2 x 4.0%)",
        "terminal value:  Gordon growth (default)",
        f"peers:           {EVIL} ({EVIL})",
    ]
    assert rows(pages.form())[1] == [
        "Forecast",
        "growth",
        "revenue growth",
        "0.05",
        "5.0%",
        "a year",
        "true",
        "",
    ]
    assert written(pages.form())["fields"][2]["choices"] == ["GORDON", "MULTIPLE"]


@pytest.mark.parametrize("name", KINDS)
def test_the_same_figure_is_the_same_bytes(name: str) -> None:
    figure, again = pages.FIGURES[name], getattr(pages, name)()
    for encode in (as_json, as_csv, as_text):
        assert encode(page(figure)) == encode(page(again))
    assert page_hash(page(figure)) == page_hash(page(again))


@pytest.mark.parametrize("name", KINDS)
def test_nothing_in_it_is_a_sentence(name: str) -> None:
    figure = EMPTY[name]
    assert written(figure)["kind"] == name
    assert len(rows(figure)) == 1
    assert text(figure)[0].endswith(".")


@given(
    st.lists(st.floats() | st.floats(-1e9, 1e9), min_size=6, max_size=6),
    st.lists(st.text(max_size=8), min_size=5, max_size=5),
)
def test_any_numbers_and_names_are_written(numbers: list[float], names: list[str]) -> None:
    values = np.array(numbers).reshape(2, 3)
    grid = Heatmap(tuple(names[:2]), tuple(names[2:]), values)
    steps = tuple(
        replace(pages.waterfall().steps[0], label=n, value=v) for n, v in zip(names, numbers, strict=False)
    )
    tiles = tuple(Tile(n, v, v) for n, v in zip(names, numbers, strict=False))
    for figure in (grid, Waterfall(steps), Treemap(tiles, "size")):
        assert len(rows(figure)) >= 3
        assert text(figure, 60)
        written(figure)

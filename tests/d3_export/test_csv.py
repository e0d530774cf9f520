"""What a panel saves is what the page holds: every number of the figure's data is in its CSV, in full."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from d3_export import opened, render
from tests.d3_export.conftest import Reader
from tests.pages import FIGURES, every_figure

if TYPE_CHECKING:
    from playwright.sync_api import Page as BrowserPage

_DRAWN = {"security_id", "center", "low", "high", "row", "states"}
VALUES = [kind for kind in FIGURES if kind not in ("text", "form")]  # words hold no numbers


def numbers(text: str) -> set[float]:
    found = set()
    for row in csv.reader(io.StringIO(text)):
        for cell in row:
            try:
                found.add(float(cell))
            except ValueError:
                continue
    return found


def held(value: Any, name: str = "") -> set[float]:
    """The numbers of a figure's data, without those that only say how it is drawn."""
    if isinstance(value, dict):
        return {number for key, one in value.items() for number in held(one, key)}
    if isinstance(value, list):
        return {number for one in value for number in held(one, name)}
    drawn = name in _DRAWN or name.endswith("decimals") or isinstance(value, bool)
    return {float(value)} if isinstance(value, int | float) and not drawn else set()


@pytest.mark.parametrize("kind", VALUES)
def test_a_panel_saves_the_values_that_the_page_holds(
    reader: Reader, save: Callable[[BrowserPage, str], str], kind: str
) -> None:
    html = render([every_figure()])
    page = reader.open(html)
    text = save(page, f".panel-{kind} [data-action=csv]")
    rows = list(csv.reader(io.StringIO(text)))
    assert len({len(row) for row in rows}) == 1  # one header, every row as wide
    figure = next(one["figure"] for one in opened(html).pages[0]["panels"] if one["name"] == kind)
    values = held(figure) - ({1.0} if kind == "scatter" else set())  # the size of a mark that has none
    assert len(values) > 1
    assert values <= numbers(text)

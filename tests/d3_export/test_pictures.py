"""Each figure kind looks as it did: compared with a picture that was looked at, blurred so that another font passes.

``make test ARGS='tests/d3_export/test_pictures.py --snapshot-update'`` draws the pictures anew: look at them before
committing them. A difference leaves the kept picture and the new one beside each other, where the message says.
"""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from d3_export import render
from engine.page import Bars, Figure, Lines, Page, Panel, Series
from tests.d3_export.conftest import Reader
from tests.d3_export.drawn import daily, sessions, walk
from tests.pages import FIGURES, lineage

KEPT = Path(__file__).parent / "pictures"
WIDTH = 480
GRID = (48, 36)  # cells of a thumbnail: a word is a few grey cells in any font, marks are where they are
MOST = 0.15  # of the ink elsewhere; a serif font makes up to 0.10, one figure in another's place 0.6
WORDS = {
    "table",
    "metrics",
    "text",
    "form",
}  # with another font their lines break elsewhere: tested by what they say
MOST_OF_WORDS = 0.75


def lines() -> Lines:
    dates = np.array(sessions(500), dtype="datetime64[D]")
    names = ("Momentum", "Value", "Quality")
    return Lines(tuple(Series(name, dates, walk(500, seed)) for seed, name in enumerate(names)), "USD", 2)


def bars() -> Bars:
    return Bars(("2009", "2010", "2011", "2012", "2013"), (0.1, 0.2, -0.15, -0.35, 0.5), "USD a share", 2)


SHOWN: dict[str, Figure] = {**FIGURES, "candles": daily(260), "lines": lines(), "bars": bars()}
OTHERS: dict[str, Figure] = {
    "candles": replace(daily(260), frame=daily(260).frame.reverse()),
    "lines": replace(lines(), series=lines().series[:1]),
    "bars": replace(bars(), values=bars().values[::-1]),
}


def pictures(reader: Reader, figures: dict[str, Figure], *, font: str = "") -> dict[str, Image.Image]:
    """Every figure as it is drawn on a small window, by kind."""
    panels = tuple(Panel(kind, f"One {kind}", figure) for kind, figure in figures.items())
    page = replace(Page("Pictures", panels, function="GP"), lineage=lineage())
    shown = reader.open(render([page]), width=WIDTH)
    if font:
        shown.evaluate("(font) => { document.documentElement.style.fontFamily = font; }", font)
        shown.set_viewport_size({"width": WIDTH - 1, "height": 900})
        shown.wait_for_timeout(100)
    found = {}
    for number, kind in enumerate(figures, start=1):
        taken = shown.locator(f"#page-1-panel-{number}-box").screenshot()
        found[kind] = Image.open(io.BytesIO(taken)).convert("L")
    return found


def apart(one: Image.Image, other: Image.Image) -> float:
    """How much of two pictures' ink lies elsewhere in the other: 0 the same, 1 nothing in common."""
    ink = [
        1 - np.asarray(each.resize(GRID, Image.Resampling.BOX), dtype=float) / 255 for each in (one, other)
    ]
    return float(np.abs(ink[0] - ink[1]).sum() / (ink[0] + ink[1]).sum())


def beside(one: Image.Image, other: Image.Image, path: Path) -> Path:
    """Both pictures in one file, for looking."""
    both = Image.new("L", (one.width + other.width + 8, max(one.height, other.height)), 128)
    both.paste(one, (0, 0))
    both.paste(other, (one.width + 8, 0))
    both.save(path)
    return path


def most(kind: str) -> float:
    return MOST_OF_WORDS if kind in WORDS else MOST


def kept(kind: str) -> Image.Image:
    return Image.open(KEPT / f"{kind}.png").convert("L")


def test_every_kind_looks_as_it_did(reader: Reader, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    drawn = pictures(reader, SHOWN)
    if request.config.getoption("update_snapshots", default=False):
        KEPT.mkdir(exist_ok=True)
        for kind, picture in drawn.items():
            picture.quantize(8).save(KEPT / f"{kind}.png", optimize=True)
    far = {kind: apart(picture, kept(kind)) for kind, picture in drawn.items()}
    told = [
        f"{kind} differs by {by:.3f}: {beside(kept(kind), drawn[kind], tmp_path / f'{kind}.png')}"
        for kind, by in far.items()
        if by > most(kind)
    ]
    assert told == [], "\n".join(told)


def test_another_font_is_no_difference(reader: Reader) -> None:
    drawn = pictures(reader, SHOWN, font="serif")
    far = {kind: apart(picture, kept(kind)) for kind, picture in drawn.items()}
    assert [kind for kind, by in far.items() if by > most(kind)] == [], far


def test_another_figure_is_one(reader: Reader) -> None:
    """A wrong drawing is found: bars in another order, a line too few, one kind in another's place."""
    far = {kind: apart(picture, kept(kind)) for kind, picture in pictures(reader, OTHERS).items()}
    assert min(far.values()) > 2 * MOST, far
    for kind in sorted(SHOWN.keys() - WORDS):
        others = [apart(kept(kind), kept(other)) for other in SHOWN if other != kind]
        assert min(others) > 3 * MOST, kind


def test_the_kept_pictures_are_of_these_kinds_and_small() -> None:
    assert {path.stem for path in KEPT.iterdir()} == set(SHOWN)
    assert max(path.stat().st_size for path in KEPT.iterdir()) < 15_000

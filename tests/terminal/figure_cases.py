"""Grids, surfaces, scatters, areas and timelines for the tests of their widgets, with outside text in them."""

from __future__ import annotations

import numpy as np

from engine.figures import (
    Heatmap,
    Mark,
    Scatter,
    ScatterLine,
    Surface,
    SurfacePoint,
    Tile,
    Timeline,
    Treemap,
)
from engine.page import Page, Panel, Series

HOSTILE = "[red]Evil[/] \x1b]0;owned\x07\u202e[@click=app.exit]x[/]"
WIDE = "三菱UFJ 🚀 moon"
NAMES = ("AAPL", HOSTILE, WIDE, "XOM", "JPM", "KO", "PG", "WMT", "JNJ", "PFE", "GE", "HD")


def names(count: int) -> tuple[str, ...]:
    return (*NAMES[:count], *(f"S{number}" for number in range(count - len(NAMES))))


def heatmap(rows: int = 12, columns: int = 12) -> Heatmap:
    values = np.clip(np.random.default_rng(1).normal(0.2, 0.4, (rows, columns)), -1, 1)
    values[rows // 2, columns // 2] = np.nan
    commands = tuple(f"S{row} DES" for row in range(rows))
    return Heatmap(
        names(rows), names(columns), values, low=-1.0, high=1.0, row_title="Security", commands=commands
    )


def surface(expiries: int = 6, strikes: int = 15) -> Surface:
    x, y = np.linspace(-0.3, 0.3, strikes), np.geomspace(0.02, 2.0, expiries)
    values = 0.18 - 0.1 * x[None, :] / np.sqrt(y[:, None] + 0.1) + 0.3 * x[None, :] ** 2 / (y[:, None] + 0.2)
    values[0, 0] = np.nan
    points = tuple(
        SurfacePoint(
            float(at), float(y[1]), 0.2 + abs(float(at)), HOSTILE if at > 0 else "95 P", used=at < 0.2
        )
        for at in x[::3]
    )
    labels = tuple(f"{years:.2f}y" for years in y)
    return Surface(x, y, values, "moneyness", "expiry", tuple(f"{k:+.2f}" for k in x), labels, points=points)


def scatter(count: int = 30, groups: int = 3) -> Scatter:
    places = np.random.default_rng(2).normal(0, 1, (count, 2))
    marks = tuple(
        Mark(float(x), float(y), name, f"group {n % groups}" if groups > 1 else "", 1.0 + n, f"{n} DES")
        for n, ((x, y), name) in enumerate(zip(places, names(count), strict=True))
    )
    line = ScatterLine("regression", (-2.0, 0.0, 2.0), (-1.0, 0.0, 1.0))
    return Scatter((*marks, Mark(float("nan"), 1.0, "nowhere")), "size", "value", (line,))


def treemap(count: int = 40, groups: int = 4) -> Treemap:
    generator = np.random.default_rng(3)
    sizes, values = generator.pareto(1.2, count) + 0.05, generator.normal(0, 0.02, count)
    tiles = [
        Tile(name, float(size), float(value), f"Sector {n % groups}" if groups else "", f"{n} DES")
        for n, (name, size, value) in enumerate(zip(names(count), sizes, values, strict=True))
    ]
    return Treemap(
        (*tiles, Tile("no value", 1.0), Tile("no size", float("nan"))), "weight", "1 day", "number"
    )


def timeline(count: int = 900, *, line: bool = True, shares: bool = True) -> Timeline:
    generator = np.random.default_rng(4)
    dates = np.busday_offset("2001-01-01", np.arange(count)).astype("datetime64[D]")
    states = (np.arange(count) // 90) % 3
    states[:20] = -1
    told = np.full((count, 3), 0.1)
    told[np.arange(count), np.maximum(states, 0)] = 0.8
    told[:20] = np.nan
    prices = 100 * np.exp(np.cumsum(generator.normal(0, 0.01, count)))
    return Timeline(
        dates, ("Calm", HOSTILE, "Crisis"), states, told if shares else None,
        Series("SPX", dates, prices, "USD") if line else None, tones=("good", "warn", "bad"),
    )  # fmt: skip


EMPTY = {
    "heatmap": Heatmap((), (), np.zeros((0, 0))),
    "blank heatmap": Heatmap(("a",), ("b",), np.full((1, 1), np.nan)),
    "surface": Surface(np.zeros(0), np.zeros(0), np.zeros((0, 0)), "x", "y"),
    "scatter": Scatter((), "x", "y"),
    "treemap": Treemap((Tile("nothing", 0.0),), "weight"),
    "timeline": Timeline(np.zeros(0, "datetime64[D]"), (), np.zeros(0, np.int64)),
}
CASES = {
    "heatmap": heatmap(),
    "wide heatmap": heatmap(40, 60),
    "one cell": heatmap(1, 1),
    "surface": surface(),
    "wide surface": surface(20, 61),
    "scatter": scatter(),
    "one mark": scatter(1, 1),
    "many marks": scatter(2000, 1),
    "treemap": treemap(),
    "many tiles": treemap(400, 11),
    "no groups": treemap(12, 0),
    "timeline": timeline(),
    "without a price": timeline(line=False),
    "states alone": timeline(line=False, shares=False),
    "two dates": timeline(30),
    **{f"empty {name}": figure for name, figure in EMPTY.items()},
}


def figures_page() -> Page:
    """A page of every one of them, outside text in each."""
    figures = (heatmap(), surface(), scatter(), treemap(), timeline())
    panels = tuple(Panel(type(one).__name__.lower(), type(one).__name__, one) for one in figures)
    return Page("Figures", panels, function="GP")

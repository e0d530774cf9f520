"""Pages for the tests of front ends: every figure, every blank, outside text that tries to act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl

from engine.figures import (
    Field,
    Form,
    Heatmap,
    Mark,
    Scatter,
    ScatterLine,
    Step,
    Surface,
    SurfacePoint,
    Tile,
    Timeline,
    Treemap,
    Waterfall,
)
from engine.page import (
    Bars,
    Blank,
    Candles,
    CellSource,
    Column,
    Curve,
    CurveSeries,
    Event,
    Figure,
    Lineage,
    Lines,
    Metric,
    Metrics,
    Note,
    Page,
    Panel,
    SecurityRef,
    Series,
    Table,
    Text,
)

HOSTILE = "Evil\x1b]0;owned\x07 \x9b31mCorp\u202e [/bold] [@click=app.quit]\x1b[2J"
HOSTILE_CLEAN = "Evil Corp [/bold] [@click=app.quit]"
FIRST = date(2008, 1, 2)


@dataclass(frozen=True)
class FakeRead:
    """The record of one read, as the store's reader makes it."""

    table: str = "bars"
    ids: tuple[int, ...] = (1,)
    start: date | None = None
    end: date | None = date(2008, 9, 15)
    columns: tuple[str, ...] = ("close",)
    rows: int = 3
    asof: datetime = datetime(2008, 9, 16, 3, 59, 59, 999999, UTC)
    newest_known_at: datetime | None = datetime(2008, 9, 15, 20, tzinfo=UTC)
    bases: tuple[str, ...] = ("exact",)
    sources: tuple[str, ...] = ("test data",)
    files: int = 2
    seconds: float = 0.001
    hash: str = "abc"


def table() -> Table:
    frame = pl.DataFrame(
        {
            "ticker": ["AAPL", HOSTILE, "=HYPERLINK(1)", "三菱"],
            "close": [173.5, None, float("nan"), -0.0],
            "change": [0.0123, -0.05, None, 0.0],
            "volume": [1_234_567, None, 0, 5],
            "session_date": [FIRST, None, FIRST, FIRST],
            "known_at": [datetime(2008, 1, 2, 21, tzinfo=UTC), None, None, None],
            "close_blank": [None, "not yet known", "failed to load", None],
            "hidden": ["a", "b", "c", "d"],
        }
    )
    source = CellSource("bars", "close", {"security_id": "hidden"}, {"basis": "close"})
    columns = (
        Column("ticker", "Ticker"),
        Column(
            "close", "Close", "price", unit="USD", source=source, blank="close_blank", formula="as traded"
        ),
        Column("change", "Change", "change"),
        Column("volume", "Volume", "integer", default_blank=Blank.NOT_YET_KNOWN),
        Column("session_date", "Session", "date"),
        Column("known_at", "Known", "instant"),
    )
    return Table(frame, columns, key=("hidden",))


def metrics() -> Metrics:
    return Metrics(
        (
            Metric("Name", HOSTILE),
            Metric("Close", 173.5, "price", unit="USD", note="as traded"),
            Metric("Change", -0.0123, "change"),
            Metric("Delisted", None, "date", blank=Blank.NOT_YET_KNOWN),
            Metric("Listed", date(1980, 12, 12), "date"),
        )
    )


def candles(sessions: int = 300) -> Candles:
    days = [FIRST + timedelta(days=number) for number in range(sessions)]
    close = [100 + 10 * float(np.sin(number / 9)) for number in range(sessions)]
    frame = pl.DataFrame(
        {
            "session_date": days,
            "open": [value - 0.5 for value in close],
            "high": [value + 1 for value in close],
            "low": [value - 1 for value in close],
            "close": close,
            "volume": [1_000_000 + number for number in range(sessions)],
        },
        schema_overrides={"volume": pl.Int64},
    )
    average = Series("50SMA", np.array(days, "datetime64[D]"), np.full(sessions, 100.0))
    events = (Event(date(2008, 3, 3), "split", "2:1 split"),)
    return Candles(frame, "AAPL", "USD", overlays=(average,), events=events)


def lines() -> Lines:
    one = Series(
        "CPI", np.array(["2008-01-01", "2008-02-01"], "datetime64[D]"), np.array([1.0, np.nan]), "index"
    )
    two = Series(
        "+GDP", np.array(["2008-02-01", "2008-03-01"], "datetime64[D]"), np.array([2.0, 4.0]), "index"
    )
    return Lines((one, two))


def curve() -> Curve:
    source = CellSource(
        "yield_curves", "rate", {"tenor": "label"}, {"security_id": 1, "session_date": date(2008, 9, 15)}
    )
    tenors = ("1M", "2Y", "10Y", HOSTILE)
    now = CurveSeries("2008-09-15", (1 / 12, 2.0, 10.0, 30.0), tenors, (0.009, float("nan"), 0.035, 0.042),
                      "as quoted", source)  # fmt: skip
    then = CurveSeries("2007-09-14", (2.0, 10.0), ("2Y", "10Y"), (0.04, 0.0447))
    return Curve((now, then), "years", "percent", "percent", scale="log")


def heatmap() -> Heatmap:
    """Monthly returns; a month that is not known is NaN."""
    values = np.array([[0.05, -0.0812, np.nan], [0.0, 1.25, -0.004]])
    return Heatmap(
        ("2007", HOSTILE), ("Jan", "Feb", "=Mar"), values, "percent", 1, row_title="Year", column_title="Month",
        formula="last close of the month / last close of the month before - 1", commands=("AAPL GP 2007-01-01", ""),
    )  # fmt: skip


def surface() -> Surface:
    """Three expiries by four strikes, one corner unknown, three quotes of which one was left out."""
    values = np.array([[0.31, 0.25, 0.22, 0.21], [0.29, 0.24, 0.215, np.nan], [0.27, 0.235, 0.22, 0.21]])
    points = (
        SurfacePoint(0.9, 0.1, 0.252, "90 C 2008-10-18"),
        SurfacePoint(1.1, 0.1, 0.212, "110 C 2008-10-18"),
        SurfacePoint(1.1, 0.5, 0.9, HOSTILE, used=False),
    )
    return Surface(
        np.array([0.8, 0.9, 1.0, 1.1]), np.array([0.1, 0.25, 0.5]), values, "moneyness", "expiry",
        y_labels=("2008-10-18", "2008-12-20", "2009-03-21"), formula="sqrt(w(k) / T)", points=points,
    )  # fmt: skip


def scatter() -> Scatter:
    marks = (
        Mark(0.18, 0.07, "AAPL", "Technology", 2.0, "AAPL DES"),
        Mark(0.12, -0.02, "XOM", "Energy"),
        Mark(float("nan"), 0.01, HOSTILE),
    )
    line = ScatterLine("regression", (0.1, 0.2), (0.01, 0.05), "y = -0.03 + 0.4 x")
    return Scatter(marks, "volatility", "return", (line,), "percent", "percent", 1, 1)


def treemap() -> Treemap:
    tiles = (
        Tile("XOM", 25.0, -0.021, "Energy"),
        Tile("AAPL", 60.0, 0.0134, "Technology", "AAPL DES"),
        Tile(HOSTILE, 15.0, None, "Technology"),
    )
    return Treemap(tiles, "market value", "day", "price", unit="USD", formula="close / close before - 1")


def waterfall() -> Waterfall:
    steps = (
        Step("Sales 2007", 100.0, total=True),
        Step("volume", 12.5, formula="units x price before", note="of which 3 by " + HOSTILE),
        Step("price", -30.0),
        Step("currency", float("nan")),
        Step("Sales 2008", 82.5, total=True),
    )
    return Waterfall(steps, "price", 1, "USD")


def timeline() -> Timeline:
    days = np.arange("2008-09-08", "2008-09-15", dtype="datetime64[D]")
    probabilities = np.array([[0.9, 0.1]] * 4 + [[0.3, 0.7], [0.2, 0.8], [0.125, 0.875]])
    line = Series("SPX", days, np.linspace(1267.0, 1192.0, 7), "points")
    states = np.array([-1, 0, 0, 0, 1, 1, 1])
    return Timeline(days, ("calm", "turbulent"), states, probabilities, line, tones=("calm", "bad"),
                    formula="filtered probability above one half")  # fmt: skip


def form() -> Form:
    return Form(
        (
            Field("growth", "revenue growth", "0.05", "5.0%", "a year", "of the next five years", given=True,
                  group="Forecast"),
            Field("wacc", "cost of capital", "0.089", "8.9%", help="CAPM", basis="CAPM: 4.1% + 1.2 x 4.0%",
                  group="Discount"),
            Field("method", "terminal value", "GORDON", "Gordon growth", basis="default", group="Discount",
                  choices=("GORDON", "MULTIPLE")),
            Field("peers", "peers", "AAPL MSFT", HOSTILE, basis=HOSTILE),
        )
    )  # fmt: skip


FIGURES: dict[str, Figure] = {
    "table": table(),
    "metrics": metrics(),
    "candles": candles(),
    "lines": lines(),
    "bars": Bars(("2007", "2008"), (1.5, -3.0), "USD"),
    "curve": curve(),
    "text": Text(("# Method", "Plain " + HOSTILE, "", "  indented")),
    "heatmap": heatmap(),
    "surface": surface(),
    "scatter": scatter(),
    "treemap": treemap(),
    "waterfall": waterfall(),
    "timeline": timeline(),
    "form": form(),
}


def lineage(seconds: float = 0.01, *, live: bool = False) -> Lineage:
    return Lineage(
        asof=datetime(2008, 9, 16, 3, 59, 59, 999999, UTC),
        live=live,
        snapshot=7,
        snapshot_id="7f3a",
        command="AAPL US EQUITY GP PERIOD=1Y",
        version="0.1.0",
        user="ann",
        reads=(FakeRead(seconds=seconds),),
        sources=("test data", HOSTILE),
        seconds=seconds,
    )


def every_figure(seconds: float = 0.01) -> Page:
    """A page with a panel of each figure, named as its kind."""
    panels = tuple(Panel(name, f"The {name}", figure) for name, figure in FIGURES.items())
    security = SecurityRef(1, "AAPL", "US EQUITY", HOSTILE, "equity", "USD", "XNAS")
    notes = (Note("the last session is 3 days old", "warning"), Note(HOSTILE))
    return Page(
        "AAPL US EQUITY prices",
        panels,
        function="GP",
        security=security,
        notes=notes,
        lineage=lineage(seconds),
    )


def empty_table() -> Page:
    """A page whose one panel has no rows."""
    frame = pl.DataFrame({"a": []}, schema={"a": pl.Float64})
    figure = Table(frame, (Column("a", "A", "price"),), empty="No splits known at this clock.")
    return Page("Nothing", (Panel("table", "Splits", figure),))

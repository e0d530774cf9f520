"""Pages for the tests of front ends: every figure, every blank, outside text that tries to act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl

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


FIGURES: dict[str, Figure] = {
    "table": table(),
    "metrics": metrics(),
    "candles": candles(),
    "lines": lines(),
    "bars": Bars(("2007", "2008"), (1.5, -3.0), "USD"),
    "curve": curve(),
    "text": Text(("# Method", "Plain " + HOSTILE, "", "  indented")),
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

"""A desk and a kept state for the seam: pages of every kind, no store behind them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from figure_cases import figures_page

from engine.errors import Cancelled, CommandError, DataError
from engine.page import (
    Bars,
    Blank,
    Candles,
    Column,
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
from terminal.seams import Cancelled as CancelledProbe
from terminal.seams import Change, DeskLike, Progress

NOW = datetime(2024, 3, 15, 21, 0, tzinfo=UTC)
AAPL = SecurityRef(1, "AAPL", "US EQUITY", "Apple Inc", "equity", "USD", "XNAS")
IBM = SecurityRef(2, "IBM", "US EQUITY", "International Business Machines", "equity", "USD", "XNYS")
HOSTILE = "[red]Evil[/] \x1b]0;owned\x07 [@click=app.exit]x[/] \u202egnirts \x9b31m [/] end"


@dataclass(frozen=True)
class Offer:
    insert: str
    label: str
    detail: str
    kind: str


@dataclass
class FakeState:
    """Documents in memory; ``fault`` is what every write raises."""

    bodies: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    fault: Exception | None = None

    def get(self, kind: str, name: str = "") -> dict[str, Any] | None:
        return self.bodies.get((kind, name))

    def update(self, kind: str, name: str, change: Change) -> dict[str, Any] | None:
        if self.fault is not None:
            raise self.fault
        body = change(self.bodies.get((kind, name)))
        if body is not None:
            self.bodies[(kind, name)] = dict(body)
        return self.bodies.get((kind, name))


def prices(count: int = 600) -> pl.DataFrame:
    generator = np.random.default_rng(7)
    close = 100 * np.exp(np.cumsum(generator.normal(0.0004, 0.015, count)))
    opened = np.concatenate([[100.0], close[:-1]]) * (1 + generator.normal(0, 0.003, count))
    high = np.maximum(opened, close) * (1 + np.abs(generator.normal(0, 0.006, count)))
    low = np.minimum(opened, close) * (1 - np.abs(generator.normal(0, 0.006, count)))
    days = [day for i in range(count * 2) if (day := date(2021, 1, 4) + timedelta(i)).weekday() < 5][:count]
    volume = generator.integers(1_000_000, 90_000_000, count)
    return pl.DataFrame(
        {"session_date": days, "open": opened, "high": high, "low": low, "close": close, "volume": volume}
    )


def history_page(count: int = 600) -> Page:
    frame = prices(count).reverse()
    frame = frame.with_columns((pl.col("close") / pl.col("close").shift(-1) - 1).alias("move"))
    frame = frame.with_columns(
        pl.format("AAPL DES {}", pl.col("session_date")).alias("command"),
        pl.when(pl.int_range(pl.len()) == 3).then(None).otherwise(pl.col("volume")).alias("volume"),
        pl.when(pl.int_range(pl.len()) == 3).then(pl.lit(str(Blank.NOT_YET_KNOWN))).alias("why_blank"),
    )
    columns = (
        Column("session_date", "Session", "date"),
        Column("open", "Open", "price", 2),
        Column("high", "High", "price", 2),
        Column("low", "Low", "price", 2),
        Column("close", "Close", "price", 2),
        Column("move", "Change", "change"),
        Column("volume", "Volume", "integer", blank="why_blank"),
    )
    return Page(
        "AAPL US EQUITY Historical prices",
        (Panel("prices", "Prices as traded", Table(frame, columns, command="command")),),
        function="HP",
        security=AAPL,
    )


def chart_page() -> Page:
    frame = prices(400)
    facts = Metrics(
        (
            Metric("Last close", 172.62, "price", 2, "USD"),
            Metric("Change", -0.0021, "change"),
            Metric("Volume", 121_664_700, "integer"),
            Metric("High of the year", None, "price", blank=Blank.NOT_YET_KNOWN),
        )
    )
    return Page(
        "AAPL US EQUITY Apple Inc",
        (
            Panel("price", "Price, daily", Candles(frame, "AAPL", "USD"), weight=3),
            Panel("facts", "Facts", facts, side=True),
        ),
        function="GP",
        security=AAPL,
        notes=(Note("Prices end 12 years before the clock: the embedded data stop there.", "warning"),),
    )


def mixed_page(name: str = "Apple Inc") -> Page:
    table = pl.DataFrame(
        {
            "ticker": ["AAPL", "IBM", "FB"],
            "name": [name, "International Business Machines", "Facebook"],
            "return": [0.0123, -0.0456, None],
            "line": ["AAPL DES", "IBM DES", ""],
            "mark": ["", "", "muted"],
        }
    )
    columns = (
        Column("ticker", "Ticker"),
        Column("name", "Name"),
        Column("return", "1 day", "change"),
    )
    items = (
        Metric("Name", name),
        Metric("Last", 172.62, "price", 2, "USD"),
        Metric("Change", 0.0123, "change"),
        Metric("Market cap", None, "number", note="the store holds no shares outstanding"),
        Metric("Listed", date(1980, 12, 12), "date"),
    )
    return Page(
        f"AAPL US EQUITY {name}",
        (
            Panel("facts", "Description", Metrics(items)),
            Panel("about", f"About {name}", Text(("# Business", f"{name} makes things.", "Plain text."))),
            Panel("peers", "Peers", Table(table, columns, command="line", emphasis="mark"), side=True),
        ),
        function="DES",
        security=AAPL,
        notes=(Note("Facts as of the clock.", "info"),),
    )


def lines_page() -> Page:
    frame = prices(300)
    dates = frame["session_date"].to_numpy().astype("datetime64[D]")
    series = Series("AAPL", dates, frame["close"].to_numpy())
    return Page(
        "Lines",
        (
            Panel("lines", "Close", Lines((series,))),
            Panel("bars", "A year", Bars(("2021", "2022"), (1.0, 2.5), "USD")),
        ),
        function="GP",
    )


class FakeDesk:
    """Answers a few lines the way the desk does."""

    def __init__(self, *, offers: int = 0, hostile: bool = False) -> None:
        self.asof: datetime | None = None
        self.security: SecurityRef | None = None
        self.page: Page | None = None
        self.preferences: dict[str, Any] = {"theme": "amber"}
        self.zone = ZoneInfo("America/New_York")
        self.lines: list[str] = []
        self.looks: list[str] = []  # made once more by itself
        self.shown: list[Page] = []  # pages that the reader went back to
        self.hostile = hostile
        self.fault: Exception | None = None  # what saving the history raises
        self._names = [f"S{number:05d}" for number in range(offers)]

    def run(
        self,
        line: str,
        *,
        progress: Progress | None = None,
        cancelled: CancelledProbe | None = None,
        asked: bool = True,
    ) -> Page:
        (self.lines if asked else self.looks).append(line)
        page = self._answer(line.upper().split(), progress, cancelled)
        lineage = Lineage(
            asof=self.asof or NOW, live=self.asof is None, snapshot=3, snapshot_id="0123456789ab",
            command=self.page.lineage.command if line.upper().startswith("ASOF") and self.page and self.page.lineage
            else line, version="0.1.0", user="ann", sources=("bokeh-sampledata",), seconds=0.012,
        )  # fmt: skip
        page = replace(page, lineage=lineage)
        self.security = page.security or self.security
        self.page = page
        return page

    def _answer(self, words: list[str], progress: Progress | None, cancelled: CancelledProbe | None) -> Page:
        name = HOSTILE if self.hostile else "Apple Inc"
        answers: dict[str, Callable[[], Page]] = {
            "HP": history_page, "GP": chart_page, "DES": lambda: mixed_page(name), "LINES": lines_page,
            "FIGURES": figures_page,
        }  # fmt: skip
        first = next((word for word in words if word in answers), "")
        if words[0] == "ASOF":
            self.asof = None if words[1] == "NOW" else datetime(2008, 9, 16, 3, 59, 59, tzinfo=UTC)
            return self.page or mixed_page()
        if words[0] == "SET":
            self.preferences["theme"] = words[1].partition("=")[2].lower()
            return mixed_page()
        if words[0] in ("WHY", "HELP"):
            return Page(
                " ".join(words), (Panel("text", words[0], Text(("# Why", " ".join(words)))),), words[0]
            )
        if words[0] == "SLOW":
            for step in range(200):
                if cancelled is not None and cancelled():
                    raise Cancelled("Cancelled.")
                if progress is not None:
                    progress(step, 200, "working")
                time.sleep(0.02)
        if words[0] == "BOOM":
            raise RuntimeError(f"the engine fell over {HOSTILE}")
        if words[0] == "EMPTY":
            raise DataError("Nothing is known of AAPL as of 1999-01-01. ASOF NOW sees all.")
        if not first:
            line = " ".join(words)
            raise CommandError(
                f"{words[-1]} is not known.", line, len(line) - len(words[-1]), len(line), ("AAPL GP",)
            )
        return answers[first]()

    def show(self, page: Page) -> None:
        self.shown.append(page)
        self.page = page
        self.security = page.security or self.security

    def standing(self) -> FakeStanding:
        return FakeStanding(self.asof, self.security, self.zone, dict(self.preferences), tuple(self._names))

    def save_history(self) -> None:
        if self.fault is not None:
            raise self.fault


@dataclass(frozen=True)
class FakeStanding:
    asof: datetime | None
    security: SecurityRef | None
    zone: ZoneInfo
    preferences: Mapping[str, Any]
    names: tuple[str, ...]
    working: str = ""

    def repeats(self, mnemonic: str) -> bool:
        return mnemonic not in ("WHY", "SET")

    def complete(self, line: str, cursor: int, limit: int = 8) -> list[Offer]:
        word = line[:cursor].rpartition(" ")[2].upper()
        head = line[: cursor - len(word)] if word else line
        known = [
            ("AAPL", "Apple Inc", "security"),
            ("ASOF", "set the clock", "function"),
            ("GP", "chart", "function"),
        ]
        offers = [
            Offer(head + label, label, detail, kind)
            for label, detail, kind in known
            if label.startswith(word)
        ]
        offers += [
            Offer(head + name, name, "Some security", "security")
            for name in self.names
            if name.startswith(word)
        ]
        return offers[:limit]


def opens(desk: DeskLike) -> Callable[..., DeskLike]:
    """A factory that answers ``desk``."""
    return lambda _progress, _cancelled: desk

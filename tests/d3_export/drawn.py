"""Pages of one figure, and what a reader sees of it in the browser."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from engine.encode.csv import encode
from engine.page import Candles, Event, Figure, Page, Panel, Series
from tests.pages import lineage

if TYPE_CHECKING:
    from playwright.sync_api import Locator
    from playwright.sync_api import Page as BrowserPage


def page_of(figure: Figure, name: str = "shown", title: str = "What is shown") -> Page:
    """A page of one panel."""
    return replace(Page("AAPL US EQUITY", (Panel(name, title, figure),), function="GP"), lineage=lineage())


def values(text: str) -> list[list[str | float]]:
    """CSV as rows, what is a number as one."""
    return [[_value(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]


def _value(cell: str) -> str | float:
    try:
        return float(cell)
    except ValueError:
        return cell


def same_as_terminal(text: str, page: Page) -> bool:
    """Whether CSV of the browser holds what the terminal writes of the page's only panel."""
    return values(text) == values(encode(page, panel=page.panels[0].name))


def stage(page: BrowserPage) -> Locator:
    """The only chart's stage."""
    return page.locator(".stage")


def number(page: BrowserPage, name: str) -> float:
    """A number that the stage says of itself."""
    return float(stage(page).get_attribute(f"data-{name}") or "nan")


def settle(page: BrowserPage) -> None:
    """Until what was asked for is drawn."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def tooltip(page: BrowserPage) -> dict[str, str]:
    """The tooltip that is seen: its title under "", its rows by label."""
    shown = page.locator('[role="tooltip"]:not([hidden])')
    rows = dict(
        zip(shown.locator("dt").all_inner_texts(), shown.locator("dd").all_inner_texts(), strict=True)
    )
    titles = shown.locator(".tooltip-title").all_inner_texts()
    return {"": titles[0] if titles else ""} | rows


def point_at(page: BrowserPage, share: float, down: float = 120) -> None:
    """The pointer at ``share`` of the plot's width."""
    box = stage(page).bounding_box()
    assert box is not None
    left, right = number(page, "left"), number(page, "right")
    page.mouse.move(box["x"] + left + (right - left) * share, box["y"] + down)


def sessions(count: int, first: date = date(2003, 1, 1)) -> list[date]:
    """Weekdays from ``first`` on."""
    days = (first + timedelta(days=number) for number in range(count * 2))
    return [day for day in days if day.weekday() < 5][:count]


def walk(count: int, seed: int = 7) -> np.ndarray:
    """A price that wanders, (count,)."""
    return 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0.0003, 0.012, count)))


def daily(count: int = 2520) -> Candles:
    """Ten years of days with two lines above and three events."""
    days, close = sessions(count), walk(count)
    frame = _bars(close).with_columns(session_date=pl.Series(days))
    dates = np.array(days, dtype="datetime64[D]")
    mean = np.convolve(close, np.ones(50) / 50)[:count]
    mean[:49] = np.nan
    events = tuple(Event(days[at], "split", f"split {at}") for at in (count // 4, count // 2, count - 2))
    return Candles(frame, "AAPL", "USD", 2, "linear", (Series("SMA(50)", dates, mean),), events)


def minutes(days: int = 252) -> Candles:
    """Minutes of ``days`` New York sessions, ``days`` x 390."""
    import zoneinfo

    zone = "America/New_York"
    opens = [datetime(day.year, day.month, day.day, 9, 30) for day in sessions(days, date(2019, 1, 2))]
    local = [start + timedelta(minutes=at) for start in opens for at in range(390)]
    starts = [one.replace(tzinfo=zoneinfo.ZoneInfo(zone)).astimezone(UTC) for one in local]
    frame = _bars(walk(len(local))).with_columns(
        session_date=pl.Series([one.date() for one in local]),
        start_at=pl.Series(starts, dtype=pl.Datetime("us", "UTC")),
        local_time=pl.Series(local, dtype=pl.Datetime("us")),
        phase=pl.Series(["regular"] * len(local)),
    )
    return Candles(frame, "AAPL", "USD", 2, zone=zone)


def _bars(close: np.ndarray) -> pl.DataFrame:
    opened = np.concatenate([[100.0], close[:-1]])
    high, low = np.maximum(opened, close) * 1.004, np.minimum(opened, close) * 0.996
    volume = (np.abs(np.sin(np.arange(len(close)))) * 1e6).astype(np.int64) + 1000
    return pl.DataFrame({"open": opened, "high": high, "low": low, "close": close, "volume": volume})

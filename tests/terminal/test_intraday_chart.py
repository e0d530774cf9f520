"""Candles within sessions: ticks in times and days, the crosshair and the readout in the exchange's time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from textual.app import App, ComposeResult

from engine.page import Candles
from terminal.messages import WhyAsked
from terminal.widgets.chart.align import bar_word
from terminal.widgets.chart.candles_chart import CandlesChart
from terminal.widgets.chart.date_axis import date_ticks
from terminal.widgets.chart.readout import day, moment, span

ZONE = ZoneInfo("America/New_York")


def frame(days: int = 3, minutes: int = 5) -> pl.DataFrame:
    rows = []
    for session in [date(2024, 3, 7) + timedelta(days=at) for at in range(days)]:
        opens = datetime(session.year, session.month, session.day, 9, 30, tzinfo=ZONE)
        for at in range(390 // minutes):
            start = opens + timedelta(minutes=minutes * at)
            rows.append({
                "session_date": session, "start_at": start.astimezone(UTC), "local_time": start.replace(tzinfo=None),
                "phase": "session", "open": 100.0, "high": 102.0 + at % 7, "low": 99.0, "close": 101.0, "volume": 10,
            })  # fmt: skip
    return pl.DataFrame(rows)


def times(days: int, minutes: int) -> np.ndarray:
    return frame(days, minutes)["local_time"].to_numpy().astype("datetime64[m]")


def test_ticks_are_times_and_the_day_where_one_begins() -> None:
    dates = times(2, 5)
    ticks = date_ticks(dates, np.linspace(0, 119, len(dates)).astype(int), 120)
    labels = [tick.label for tick in ticks]
    assert labels[0] == "7 Mar 2024"
    assert "8 Mar" in labels
    assert all(label[2] == ":" for label in labels[1:] if label != "8 Mar")
    places = np.linspace(0, 119, len(dates)).astype(int)
    for tick in ticks[1:]:
        there = [str(moment) for moment in dates[places == tick.column]]
        told = [m[11:] if ":" in tick.label else f"{int(m[8:10])} Mar" for m in there]
        assert tick.label in told


@pytest.mark.parametrize(("days", "minutes"), [(1, 1), (1, 60), (5, 5), (60, 60), (700, 60)])
@pytest.mark.parametrize("width", [8, 40, 70, 200])
def test_labels_never_meet_at_any_span(days: int, minutes: int, width: int) -> None:
    dates = times(days, minutes)
    ticks = date_ticks(dates, np.linspace(0, width - 1, len(dates)).astype(int), width)
    edges = sorted(
        (max(0, min(t.column - len(t.label) // 2, width - len(t.label))), len(t.label)) for t in ticks
    )
    assert all(one[0] + one[1] <= other[0] for one, other in pairwise(edges))


def test_moments_in_words() -> None:
    at, later = np.datetime64("2024-03-07T09:35"), np.datetime64("2024-03-07T09:45")
    assert (moment(at), day(at)) == ("2024-03-07 09:35", "2024-03-07 Thu 09:35")
    assert span(at, later) == "2024-03-07 09:35…09:45"
    assert day(np.datetime64("2024-03-07")) == "2024-03-07 Thu"
    assert bar_word(times(1, 5), 3) == "bars"


class Shown(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def compose(self) -> ComposeResult:
        yield CandlesChart(Candles(frame(), "ONE", "USD", zone="America/New_York"))

    def on_why_asked(self, message: WhyAsked) -> None:
        self.asked.append(message.line)


async def test_the_crosshair_tells_the_time_and_w_asks_by_the_row() -> None:
    app = Shown()
    async with app.run_test(size=(120, 30)) as pilot:
        chart = app.query_one(CandlesChart)
        chart.focus()
        await pilot.press("home", "w")
        await pilot.pause()
        lines = ["".join(s.text for s in chart.render_line(y)) for y in range(30)]
        assert " 2024-03-07 09:3" in lines[0]
        assert "2024-03-07 09:" in lines[chart.picture().layout.dates_row]
        first = chart._why_bar(0) + 1
        assert app.asked == [f"WHY {first} close"]

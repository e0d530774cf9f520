"""Pan, zoom and crosshair over 3,000 candles in a real pty, beside textual-plotext in the same run.

Ours is the whole terminal with the chart on its page; textual-plotext's widget stands alone on its screen.
Milliseconds are from the key to the last byte of its answer; bytes are what was written for it.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.pty_run import PtyRun

BARS = 3000
KEYS = {"pan": b"[", "zoom": b"+", "crosshair": b"\x1b[D"}
TIMES = {"pan": 30, "zoom": 10, "crosshair": 30}


def frame(bars: int):
    """A seeded walk of daily bars."""
    import numpy as np
    import polars as pl

    rng = np.random.default_rng(7)
    close = 50 * np.exp(np.cumsum(rng.normal(0.0004, 0.02, bars)))
    opened = close * np.exp(rng.normal(0, 0.01, bars))
    return pl.DataFrame(
        {
            "session_date": np.busday_offset("2001-01-01", np.arange(bars)).astype("datetime64[D]"),
            "open": opened,
            "high": np.maximum(opened, close) * 1.01,
            "low": np.minimum(opened, close) * 0.99,
            "close": close,
            "volume": rng.integers(1_000_000, 90_000_000, bars),
        }
    )


class ChartDesk:
    """One page: the chart."""

    def run(self, line: str, **_: Any) -> Any:
        from engine.page import Candles, Lineage, Page, Panel

        panel = Panel("price", "Price", Candles(frame(BARS), "BENCH", "USD"))
        now = datetime(2013, 1, 2, tzinfo=UTC)
        lineage = Lineage(asof=now, live=True, snapshot=1, snapshot_id="0" * 12, command=line, version="0")
        return Page("Chart", (panel,), function="GP", lineage=lineage)

    def show(self, page: Any) -> None:
        """A page that is gone back to needs nothing."""

    def standing(self) -> Any:
        from engine.registry import registry
        from engine.securities import Directory
        from engine.standing import Standing

        return Standing(None, None, UTC, {}, registry(), Directory([], date(2013, 1, 2)), (), ())

    def save_history(self) -> None:
        """Nothing is kept."""


def run_own() -> None:
    """The whole terminal with one chart on its page, its updates written as always (``terminal/paint.py``)."""
    import tempfile

    from terminal.app import AsofApp
    from terminal.run import drive

    app = AsofApp(lambda _progress, _cancelled: ChartDesk(), place="bench", user="bench")
    drive(app, Path(tempfile.gettempdir()) / "asof-charts.log")


def run_rival() -> None:
    """textual-plotext's candlestick over the same bars; it has no pan, so that a key shifts its data."""
    from textual.app import App, ComposeResult
    from textual_plotext import PlotextPlot

    data = frame(BARS)

    class Rival(App[None]):
        first = 0

        def compose(self) -> ComposeResult:
            yield PlotextPlot()

        def on_mount(self) -> None:
            self.draw()

        def on_key(self) -> None:
            self.first += 10
            self.draw()

        def draw(self) -> None:
            plot = self.query_one(PlotextPlot)
            part = data[self.first :]
            plot.plt.clear_figure()
            plot.plt.date_form("Y-m-d")
            columns = {name.capitalize(): part[name].to_list() for name in ("open", "close", "high", "low")}
            plot.plt.candlestick([str(day) for day in part["session_date"]], columns)
            plot.plt.title("BENCH")
            plot.refresh()

    Rival().run()


def timed(app: str, whats: tuple[str, ...], colours: str) -> dict[str, tuple[float, int]]:
    """Median milliseconds and bytes of each kind of key, each in a fresh terminal of 120x40."""
    found: dict[str, tuple[float, int]] = {}
    for what in whats:
        run = PtyRun([sys.executable, __file__, "--app", app], environ={"COLORTERM": colours})
        if app == "own":
            run.wait_for(b"asof", 60)
            run.settle(1.5)
            run.send(b"GP\r")
        run.wait_for(b"BENCH", 60)
        run.settle(1.5)
        if app == "own":
            run.answer(b"\t")  # into the chart
            run.settle()
        if app == "own" and what != "zoom":  # pan and crosshair are timed closer than everything
            for _ in range(6):
                run.answer(KEYS["zoom"])
        answers = [run.answer(KEYS[what], first=10.0) for _ in range(TIMES[what] if app == "own" else 5)]
        run.close()
        found[what] = (1e3 * median(a[0] or 10.0 for a in answers), int(median(a[1] for a in answers)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Charts: pan, zoom and crosshair beside textual-plotext")
    parser.add_argument("--app", choices=["own", "plotext"])
    app = parser.parse_args().app
    if app:
        run_own() if app == "own" else run_rival()
        return
    names = ("textual", "textual-plotext", "plotext", "numpy", "polars")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    print(f"{BARS:,} candles at 120x40; Python {sys.version.split()[0]}, {versions}\n")
    print("| | ms, median | bytes, median |\n|---|---:|---:|")
    own: dict[str, tuple[float, int]] = {}
    for label, colours in (("256 colours", ""), ("24-bit", "truecolor")):
        own = timed("own", tuple(KEYS), colours)
        for what, (ms, size) in own.items():
            print(f"| asof, {what}, {label} | {ms:.1f} | {size:,} |")
    rival = timed("plotext", ("pan",), "truecolor")
    ms, size = rival["pan"]
    print(f"| textual-plotext, its data shifted, 24-bit | {ms:.0f} | {size:,} |")
    print(f"\nA pan is {ms / own['pan'][0]:.0f} times as fast.")


if __name__ == "__main__":
    main()

"""Charts in a running app: keys, messages, and what the screen then shows."""

from __future__ import annotations

import unicodedata
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.widget import Widget

from engine.page import Bars, Candles, Curve, CurveSeries, Event, Lines, Series
from engine.quant.resample import Ohlcv
from terminal.messages import WhyAsked
from terminal.widgets.chart import BarsChart, CandlesChart, CrosshairMoved, CurveChart, LinesChart
from terminal.widgets.chart.candles import FILLED_APART, FILLED_DENSE, FILLED_WIDE, HOLLOW
from terminal.widgets.chart.readout import candle
from tests.pages import curve

if TYPE_CHECKING:
    from terminal.widgets.chart.base import Chart

SIZES = [(120, 36), (80, 24), (60, 12), (40, 9), (20, 6), (12, 3), (5, 2), (1, 1)]


def walk(size: int, seed: int = 1) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0.0003, 0.02, size)))
    opened = close * np.exp(rng.normal(0, 0.01, size))
    return pl.DataFrame(
        {
            "session_date": np.busday_offset("2001-01-01", np.arange(size)).astype("datetime64[D]"),
            "open": opened,
            "high": np.maximum(opened, close) * 1.01,
            "low": np.minimum(opened, close) * 0.99,
            "close": close,
            "volume": rng.integers(1_000, 9_000_000, size),
        }
    ).with_columns(pl.col("session_date").cast(pl.Date))


def candles(size: int = 3000, **options: object) -> Candles:
    frame = walk(size)
    mean = Series("50SMA", frame["session_date"].to_numpy(), frame["close"].rolling_mean(50).to_numpy())
    events = (Event(date(2001, 2, 1), "split", "2:1"), Event(date(2001, 3, 1), "dividend", "0.10"))
    return Candles(frame, "ACME", "USD", overlays=(mean,), events=events, **options)  # type: ignore[arg-type]


def lines(size: int = 900) -> Lines:
    dates = walk(size)["session_date"].to_numpy()
    values = walk(size)["close"].to_numpy().copy()
    values[size // 3 : size // 2] = np.nan
    return Lines((Series("ONE", dates, values), Series("TWO", dates[::5], values[::5] * 0.8)), "index")


class Host(App[None]):
    """One chart and the messages it posted."""

    def __init__(self, chart: Widget) -> None:
        super().__init__()
        self.chart = chart
        self.moves: list[CrosshairMoved] = []
        self.asked: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.chart

    def on_mount(self) -> None:
        self.chart.focus()

    def on_why_asked(self, message: WhyAsked) -> None:
        self.asked.append(message.line)

    def on_crosshair_moved(self, message: CrosshairMoved) -> None:
        self.moves.append(message)


def text(chart: Widget) -> list[str]:
    return [chart.render_line(y).text for y in range(chart.size.height)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "figure",
    [candles(), candles(7), candles(1), candles(130, scale="log"), Candles(walk(5).head(0), "ACME"), lines(),
     lines(2), Lines(()), Bars((), ()), Bars(("2011", "2012", "2013"), (1.5, float("nan"), -2.0), "USD"),
     Curve(()), curve(), Curve((CurveSeries("one", (1.0,), ("1Y",), (0.04,)),))],
    ids=["many", "week", "one", "log", "none", "lines", "two points", "no lines", "no bars", "bars",
         "no curve", "curve", "a point"],
)  # fmt: skip
async def test_every_line_fills_the_widget_at_any_size(figure: object, size: tuple[int, int]) -> None:
    kind = {Candles: CandlesChart, Lines: LinesChart, Bars: BarsChart, Curve: CurveChart}[type(figure)]
    app = Host(kind(figure))  # type: ignore[arg-type]
    async with app.run_test(size=size) as pilot:
        for keys in ([], ["left", "left"], ["up", "up", "l", "["], ["home", "end", "down", "c", "0"]):
            await pilot.press(*keys)
            for line in text(app.chart):
                assert cell_len(line) == app.chart.size.width


async def test_keys_move_the_crosshair_and_say_so() -> None:
    app = Host(CandlesChart(candles(100)))
    async with app.run_test(size=(120, 30)) as pilot:
        chart: Chart = app.chart  # type: ignore[assignment]
        await pilot.press("left")
        assert (chart.crosshair, app.moves[-1].row) == (99, 99)
        await pilot.press("left", "ctrl+left")
        assert chart.crosshair == 88
        frame = walk(100)
        assert app.moves[-1].date == frame["session_date"][88]
        assert str(frame["session_date"][88]) in text(chart)[0]
        assert f"{frame['close'][88]:.2f}" in text(chart)[0]
        await pilot.press("home")
        assert app.moves[-1].row == 0
        await pilot.press("end", "escape")
        assert chart.crosshair is None
        assert (app.moves[-1].row, app.moves[-1].date) == (None, None)


async def test_zoom_and_pan_keep_the_bar_under_the_crosshair_on_screen() -> None:
    app = Host(CandlesChart(candles(3000)))
    async with app.run_test(size=(120, 36)) as pilot:
        chart: Chart = app.chart  # type: ignore[assignment]
        assert "1 candle = " in text(chart)[1]
        merged = chart._current().level.bars  # type: ignore[union-attr]
        assert merged > 1
        await pilot.press("left", *["ctrl+left"] * 4, *["up"] * 30)
        view = chart._current()
        assert "1 candle = 1 session" in text(chart)[1]
        assert 0 <= view.column_of(chart.crosshair or 0) < view.width
        for key in ("left_square_bracket", "right_square_bracket"):
            for _ in range(9):
                await pilot.press(key)
                assert 0 <= chart._current().column_of(chart.crosshair or 0) < chart._current().width
        await pilot.press("0")
        assert chart._current().level.bars == merged  # type: ignore[union-attr]


async def test_l_toggles_the_scale_in_place() -> None:
    app = Host(CandlesChart(candles(500)))
    async with app.run_test(size=(100, 30)) as pilot:
        assert not app.chart.picture().axis.log  # type: ignore[attr-defined]
        await pilot.press("l")
        assert app.chart.picture().axis.log  # type: ignore[attr-defined]
        assert "log" in text(app.chart)[1]


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (41, 15)])
@pytest.mark.parametrize("bars", [6, 40, 110, 700])
async def test_the_highest_and_the_lowest_stand_at_their_rows(size: tuple[int, int], bars: int) -> None:
    figure = Candles(walk(bars), "ACME")
    app = Host(CandlesChart(figure))
    async with app.run_test(size=size):
        picture = app.chart.picture()  # type: ignore[attr-defined]
        layout, axis = picture.layout, picture.axis
        plot = picture.canvas.chars[layout.plot_top : layout.plot_top + layout.plot_rows, : layout.plot_width]
        glyphs = {
            ord(char) for char in HOLLOW + FILLED_DENSE + FILLED_APART + FILLED_WIDE + "┌┐└┘─┴┬┼│█▀▄"
        } - {32}
        rows = np.flatnonzero(np.isin(plot, list(glyphs)).any(axis=1))
        assert rows[0] == axis.row(float(figure.frame["high"].max()))  # type: ignore[arg-type]
        assert rows[-1] == axis.row(float(figure.frame["low"].min()))  # type: ignore[arg-type]
        low, high = axis.span(int(rows[0]))
        assert low <= float(figure.frame["high"].max()) <= high  # type: ignore[arg-type]


async def test_direction_is_told_by_shape() -> None:
    frame = walk(2).with_columns(open=pl.Series([10.0, 14.0]), close=pl.Series([14.0, 10.0]))
    frame = frame.with_columns(high=pl.lit(15.0), low=pl.lit(9.0))
    app = Host(CandlesChart(Candles(frame, "ACME")))
    async with app.run_test(size=(60, 20)):
        picture = app.chart.picture()  # type: ignore[attr-defined]
        view = app.chart._current()  # type: ignore[attr-defined]
        row = picture.layout.plot_top + picture.layout.plot_rows // 2
        hollow, filled = (view.column_of(bar) for bar in (0, 1))
        assert chr(picture.canvas.chars[row, hollow]) == " " or chr(picture.canvas.chars[row, hollow]) == "┈"
        assert chr(picture.canvas.chars[row, hollow - 1]) in " │┈"
        assert chr(picture.canvas.chars[row, filled]) == "█"


async def test_a_wick_of_half_a_cell_reaches_its_box() -> None:
    frame = walk(2).with_columns(open=pl.Series([10.0, 14.0]), close=pl.Series([14.0, 10.0]), low=pl.lit(9.0))
    for high in np.arange(14.0, 16.0, 0.05):
        app = Host(CandlesChart(Candles(frame.with_columns(high=pl.lit(high)), "ACME")))
        async with app.run_test(size=(60, 20)):
            picture, column = app.chart.picture(), app.chart._current().column_of(0)  # type: ignore[attr-defined]
            top, rows = picture.layout.plot_top, picture.layout.plot_rows
            chars = [chr(code) for code in picture.canvas.chars[top : top + rows, column]]
            for wick, box in pairwise(chars):
                assert not (wick in "╷│" and box == "─"), high


async def test_a_line_is_seen_across_candles_side_by_side() -> None:
    figure = candles(3000)
    app = Host(CandlesChart(figure))
    async with app.run_test(size=(120, 50)):
        picture, view = app.chart.picture(), app.chart._current()  # type: ignore[attr-defined]
        top, rows = picture.layout.plot_top, picture.layout.plot_rows
        plot = picture.canvas.chars[top : top + rows, : picture.layout.plot_width]
        lined = (plot >= 0x2800) & (plot < 0x2900)
        bodies = np.isin(plot, [ord(char) for char in "╻╽╹╿┃▊"])
        columns = view.middles(1, view.buckets)  # the mean begins in the second
        assert lined[:, columns].any(axis=0).mean() > 0.6
        assert bodies[:, columns].any(axis=0).mean() > 0.9


async def test_partial_repaints_end_where_a_full_one_would() -> None:
    app = Host(CandlesChart(candles(3000)))
    async with app.run_test(size=(100, 30)) as pilot:
        for key in [
            "left",
            *["ctrl+left"] * 3,
            "up",
            "up",
            "l",
            "left_square_bracket",
            "down",
            "left",
            "c",
            "l",
        ]:
            await pilot.press(key)
            await pilot.pause()
            kept = [chart_line.text for chart_line in app.chart.render_lines(app.chart.size.region)]
            app.chart._styles_cache.clear()
            assert kept == [line.text for line in app.chart.render_lines(app.chart.size.region)], key


async def test_hostile_names_are_inert() -> None:
    name = "[/]\x1b]0;owned\x07\u202eevil[@click=app.quit]x"
    dates = walk(30)["session_date"].to_numpy()
    series = Series(name, dates, np.arange(30.0))
    for chart in (
        CandlesChart(Candles(walk(30), name, name, overlays=(series,))),
        LinesChart(Lines((series, series), name)),
        BarsChart(Bars((name, "b"), (1.0, 2.0), name)),
        CurveChart(Curve((CurveSeries(name, (1.0, 2.0), (name, name), (1.0, 2.0)),), name, name)),
    ):
        app = Host(chart)
        async with app.run_test(size=(100, 24)) as pilot:
            await pilot.press("left")
            shown = "".join(text(chart))
            assert not [char for char in shown if unicodedata.category(char) in ("Cc", "Cf")]


async def test_show_swaps_the_figure() -> None:
    chart = CandlesChart(candles(300))
    app = Host(chart)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("left", "left")
        chart.show(Candles(walk(10), "OTHER"))
        await pilot.pause()
        assert "OTHER" in text(chart)[0]
        assert chart.crosshair is None
        await pilot.resize_terminal(50, 12)
        await pilot.pause()
        assert {cell_len(line) for line in text(chart)} == {49}


async def test_a_click_sets_the_crosshair() -> None:
    app = Host(CandlesChart(candles(60)))
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.click(CandlesChart, offset=(4, 8))  # a cell is left blank before the plot
        chart: Chart = app.chart  # type: ignore[assignment]
        assert chart.crosshair == chart._current().bar_at(3)


async def test_w_asks_why_of_the_bar_under_the_crosshair() -> None:
    host = Host(CandlesChart(candles(30)))
    async with host.run_test(size=(80, 24)) as pilot:
        await pilot.press("w", "home", "w")
        await pilot.pause()
    days = walk(30)["session_date"]
    assert host.asked == [f"WHY {days[-1]} close", f"WHY {days[0]} close"]


async def test_w_on_a_merged_candle_asks_for_the_session_that_closed_it_and_says_so() -> None:
    frame = walk(1500).with_columns(
        close=pl.when(pl.int_range(pl.len()) == 1499).then(None).otherwise(pl.col("close"))
    )
    host = Host(CandlesChart(Candles(frame, "ACME")))
    async with host.run_test(size=(80, 24)) as pilot:
        await pilot.press("end", "w")
        await pilot.pause()
        assert f"why the close of {frame['session_date'][1498]}" in text(host.chart)[1]
    assert host.asked == [f"WHY {frame['session_date'][1498]} close"]


@pytest.mark.parametrize(
    ("width", "kept", "gone"),
    [
        (110, ["2008-08-20 – 2008-09-15", "(-19.11%)", "V 267M"], []),
        (84, ["2008-08-20…09-15", "(-19.11%)", "V 267M"], ["…2008"]),
        (78, ["2008-08-20…09-15", "▼ -33.17", "V 267M"], ["%"]),
        (70, ["2008-08-20…09-15", "▼ -33.17", "O 174.77"], ["V 267M"]),
        (40, ["2008-08-20…09-15", "C 140.36"], ["O 174.77"]),
    ],
)
def test_the_readout_gives_up_the_year_then_the_percentage_then_the_volume(
    width: int, kept: list[str], gone: list[str]
) -> None:
    days = np.array(["2008-08-19", "2008-09-15"], "datetime64[D]")
    firsts = np.array(["2008-07-08", "2008-08-20"], "datetime64[D]")
    columns = [[170.0, 174.77], [180.0, 177.5], [150.0, 140.36], [173.53, 140.36], [1e8, 2.67e8]]
    bars = Ohlcv(days, firsts, *(np.array(column) for column in columns))
    shown = "".join(part for part, _ in candle(bars, 1, 2, width))
    assert cell_len(shown.rstrip()) <= width
    assert all(word in shown for word in kept)
    assert not any(word in shown for word in gone)


async def test_w_on_lines_names_the_first_series() -> None:
    host = Host(LinesChart(lines(30)))
    async with host.run_test(size=(80, 24)) as pilot:
        await pilot.press("w")
        await pilot.pause()
    assert host.asked == [f"WHY {walk(30)['session_date'][-1]} ONE"]


async def test_errors_of_bars_stand_behind_their_values() -> None:
    chart = BarsChart(Bars(("MKTRF", "SMB", "HML"), (1.42, 0.05, -1.01), errors=(0.47, 0.69, float("nan"))))
    async with Host(chart).run_test(size=(70, 16)):
        shown = "\n".join(text(chart))
    assert "0.05 ±0.69" in shown
    assert "-1.01" in shown
    assert "nan" not in shown

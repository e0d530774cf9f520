"""Charts drawn in strips of our own, from candles to timelines. Importing them loads no numpy."""

from terminal.widgets.chart.bars_chart import BarsChart
from terminal.widgets.chart.candles_chart import CandlesChart
from terminal.widgets.chart.crosshair import CrosshairMoved
from terminal.widgets.chart.curve_chart import CurveChart
from terminal.widgets.chart.lines_chart import LinesChart
from terminal.widgets.chart.scatter_chart import ScatterChart
from terminal.widgets.chart.timeline_chart import TimelineChart

__all__ = [
    "BarsChart",
    "CandlesChart",
    "CrosshairMoved",
    "CurveChart",
    "LinesChart",
    "ScatterChart",
    "TimelineChart",
]

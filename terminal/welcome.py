"""What a first visitor reads: three lines to type, and before them how far the first load is."""

from __future__ import annotations

from engine.page import Text
from terminal.widgets.progress import ProgressPanel
from terminal.widgets.text import TextPanel

LINES = (
    "Type a command and press Enter.",
    "",
    "# Start here",
    "  AAPL GP            Apple's prices as candles; Tab goes into the chart, arrows read a bar",
    "  ASOF 2008-09-15    the whole terminal shows what was known that evening, and nothing later",
    "  ASOF NOW           back to now",
    "  HELP               every function; ? explains the page on screen",
    "",
    "# Keys",
    "  Tab completes, then walks the panels      Esc cancels, then goes up",
    "  Alt+Left, Alt+Right   pages visited       Up, Down   lines typed before",
    "  /  the command line, from anywhere        Ctrl+C copies, Ctrl+Q quits",
    "  In a table: s sorts, w asks WHY (in a chart too), Enter or the row's number runs the row",
)


def welcome_panel() -> TextPanel:
    return TextPanel(Text(LINES))


def loading_panel() -> ProgressPanel:
    return ProgressPanel("The first start loads real market data from the installed packages, once.")

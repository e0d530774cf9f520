"""A widget for every kind of figure. Front ends know figures, never functions."""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING

from textual.widget import Widget

from engine.page import Bars, Candles, Curve, Lines, Metrics, Table, Text

if TYPE_CHECKING:
    from engine.page import Figure


def renewed(widget: Widget, figure: Figure) -> bool:
    """Have a widget show a newer state of its figure where it is; False where it is a widget of another kind."""
    from terminal.widgets.metrics import MetricsPanel
    from terminal.widgets.table import TablePanel
    from terminal.widgets.text import TextPanel

    if isinstance(widget, TablePanel) and isinstance(figure, Table):
        widget.renew(figure)
        return True
    if isinstance(widget, MetricsPanel) and isinstance(figure, Metrics):
        widget.show(figure)
        return True
    if isinstance(widget, TextPanel) and isinstance(figure, Text):
        widget.show(figure)
        return True
    return False


def figure_widget(figure: Figure, zone: tzinfo | None = None) -> Widget:
    """The widget that draws ``figure``; charts are imported when the first one is drawn."""
    if isinstance(figure, Table):
        from terminal.widgets.table import TablePanel

        return TablePanel(figure, zone)
    if isinstance(figure, Metrics):
        from terminal.widgets.metrics import MetricsPanel

        return MetricsPanel(figure, zone)
    if isinstance(figure, Text):
        from terminal.widgets.text import TextPanel

        return TextPanel(figure)
    from terminal.widgets.chart import BarsChart, CandlesChart, CurveChart, LinesChart

    if isinstance(figure, Candles):
        return CandlesChart(figure)
    if isinstance(figure, Lines):
        return LinesChart(figure)
    if isinstance(figure, Bars):
        return BarsChart(figure)
    if isinstance(figure, Curve):
        return CurveChart(figure)
    from terminal.widgets.message import MessagePanel

    return MessagePanel(
        f"This terminal cannot draw a {type(figure).__name__}.", next_step="EXPORT JSON saves it."
    )

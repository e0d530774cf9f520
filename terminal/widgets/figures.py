"""A widget for every kind of figure. Front ends know figures, never functions."""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING

from textual.widget import Widget

from engine.figures import Form, Heatmap, Scatter, Surface, Timeline, Treemap, Waterfall
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
    if isinstance(figure, Form):
        from terminal.widgets.form import FormPanel

        if isinstance(widget, FormPanel):
            widget.show(figure)
            return True
    if isinstance(figure, Waterfall):
        from terminal.widgets.waterfall import WaterfallPanel

        if isinstance(widget, WaterfallPanel):
            widget.show(figure)
            return True
    return _renewed_picture(widget, figure)


def _renewed_picture(widget: Widget, figure: Figure) -> bool:
    """The same for pictures with a cursor of their own, which stays on what it points at."""
    if not isinstance(figure, Heatmap | Surface | Treemap | Scatter):
        return False
    from terminal.widgets.chart import ScatterChart
    from terminal.widgets.grid import HeatmapPanel, SurfacePanel, TreemapPanel

    kinds = {Heatmap: HeatmapPanel, Surface: SurfacePanel, Treemap: TreemapPanel, Scatter: ScatterChart}
    if type(widget) is not kinds[type(figure)]:
        return False
    widget.renew(figure)
    return True


def _grid(figure: Figure) -> Widget | None:
    """The widget of a figure that is drawn in areas of colour."""
    if not isinstance(figure, Heatmap | Surface | Treemap):
        return None
    from terminal.widgets.grid import HeatmapPanel, SurfacePanel, TreemapPanel

    if isinstance(figure, Heatmap):
        return HeatmapPanel(figure)
    return SurfacePanel(figure) if isinstance(figure, Surface) else TreemapPanel(figure)


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
    if isinstance(figure, Form):
        from terminal.widgets.form import FormPanel

        return FormPanel(figure)
    if isinstance(figure, Waterfall):
        from terminal.widgets.waterfall import WaterfallPanel

        return WaterfallPanel(figure)
    if (grid := _grid(figure)) is not None:
        return grid
    from terminal.widgets.chart import (
        BarsChart,
        CandlesChart,
        CurveChart,
        LinesChart,
        ScatterChart,
        TimelineChart,
    )

    if isinstance(figure, Candles):
        return CandlesChart(figure)
    if isinstance(figure, Lines):
        return LinesChart(figure)
    if isinstance(figure, Bars):
        return BarsChart(figure)
    if isinstance(figure, Curve):
        return CurveChart(figure)
    if isinstance(figure, Scatter):
        return ScatterChart(figure)
    if isinstance(figure, Timeline):
        return TimelineChart(figure)
    from terminal.widgets.message import MessagePanel

    return MessagePanel(
        f"This terminal cannot draw a {type(figure).__name__}.", next_step="EXPORT JSON saves it."
    )

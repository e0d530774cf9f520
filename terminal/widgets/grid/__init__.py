"""Grids and areas of colour: heatmaps, surfaces, treemaps. Importing them loads no numpy."""

from terminal.widgets.grid.heatmap import HeatmapPanel
from terminal.widgets.grid.surface import SurfacePanel
from terminal.widgets.grid.treemap import TreemapPanel

__all__ = ["HeatmapPanel", "SurfacePanel", "TreemapPanel"]

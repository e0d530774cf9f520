"""The styles a chart paints with, numbered: cells hold numbers, the theme gives them their colours."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.style import Style
    from textual.widget import Widget


class Ink(IntEnum):
    """What a cell is; the name in lower case is the component class."""

    TEXT = 0
    UP = 1
    DOWN = 2
    AXIS = 3
    GRID = 4
    CROSSHAIR = 5
    VOLUME = 6
    EVENT = 7
    TAG_UP = 8
    TAG_DOWN = 9
    SERIES_1 = 10
    SERIES_2 = 11
    SERIES_3 = 12
    SERIES_4 = 13
    SERIES_5 = 14
    SERIES_6 = 15


SERIES = (Ink.SERIES_1, Ink.SERIES_2, Ink.SERIES_3, Ink.SERIES_4, Ink.SERIES_5, Ink.SERIES_6)
CLASSES = {ink: f"chart--{ink.name.lower().replace('_', '-')}" for ink in Ink}

CSS = """
    background: $background;
    color: $foreground;
    & .chart--text { color: $foreground; }
    & .chart--up { color: $success; }
    & .chart--down { color: $error; }
    & .chart--axis { color: $text-muted; }
    & .chart--grid { color: $foreground 18%; }
    & .chart--crosshair { color: $foreground; }
    & .chart--volume { color: $foreground 46%; }
    & .chart--event { color: $warning; text-style: bold; }
    & .chart--tag-up { color: $success; text-style: reverse; }
    & .chart--tag-down { color: $error; text-style: reverse; }
    & .chart--series-1 { color: $warning; }
    & .chart--series-2 { color: #5fd7ff; }
    & .chart--series-3 { color: #ff87ff; }
    & .chart--series-4 { color: #87afff; }
    & .chart--series-5 { color: #87ffaf; }
    & .chart--series-6 { color: #ffaf87; }
"""


def styles(widget: Widget) -> list[Style]:
    """The palette of a widget, by number, as its theme has it now."""
    return [widget.get_component_rich_style(CLASSES[ink]) for ink in Ink]

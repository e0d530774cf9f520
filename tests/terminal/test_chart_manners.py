"""What charts cost to import, and that a cropped partial update writes what changed and no more."""

from __future__ import annotations

import subprocess
import sys

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate
from textual.strip import Strip

from terminal import partial_updates


def test_importing_charts_loads_no_numpy() -> None:
    code = "import sys, terminal.widgets.chart; print([m for m in ('numpy', 'polars') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_span_is_cropped_on_both_sides() -> None:
    strip = Strip([Segment("0123456789", Style(color="red")), Segment("abcdefghij", Style(color="blue"))], 20)
    update = ChopsUpdate([{0: strip}], [(0, 8, 12)], [[20]])
    written = partial_updates.render_segments(update, Console(force_terminal=True, color_system="standard"))
    assert written == "\x1b[1;9H\x1b[31m89\x1b[0m\x1b[34mab\x1b[0m"


def test_a_whole_chop_is_written_whole_and_others_not_at_all() -> None:
    left, right = Strip([Segment("left")], 4), Strip([Segment("right")], 5)
    update = ChopsUpdate([{0: left, 4: right}], [(0, 4, 9)], [[4, 9]])
    assert partial_updates.render_segments(update, Console()) == "\x1b[1;5Hright"

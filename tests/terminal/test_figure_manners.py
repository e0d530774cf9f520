"""What the newer kinds of figure cost: to import, and in bytes a key through the app's own painting."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pty_session import Session

LEFT, RIGHT, UP, DOWN = "\x1b[D", "\x1b[C", "\x1b[A", "\x1b[B"


def test_importing_grids_loads_no_numpy() -> None:
    code = "import sys, terminal.widgets.grid; print([m for m in ('numpy', 'polars') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("panel", range(5), ids=["heatmap", "surface", "scatter", "treemap", "timeline"])
def test_a_moving_cursor_writes_little(panel: int) -> None:
    session = Session(size=(120, 40))
    try:
        session.wait_for("asof")
        session.settle()
        session.send("FIGURES\r")
        session.wait_for("Heatmap")
        session.settle()
        session.send("\t" * (panel + 1))
        session.settle(1.0)  # a key in one burst with Tab may still reach the command line
        session.send(RIGHT)
        session.settle(1.0)
        sizes = []
        # a timeline shows its last day at first, and all of its range: it goes back, and nearer
        for key in (LEFT, UP, LEFT) if panel == 4 else (RIGHT, DOWN, RIGHT):
            before = len(session.raw)
            session.send(key)
            session.settle(1.0)  # the machine may be busy
            sizes.append(len(session.raw) - before)
        assert 0 < max(sizes) < (30_000 if panel == 4 else 2_500)  # a timeline zooms on Up: a repaint
        assert min(sizes) < 2_500
    finally:
        session.close()

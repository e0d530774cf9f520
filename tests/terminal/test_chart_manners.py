"""What charts cost: to import, and in bytes a key through the app's own painting."""

from __future__ import annotations

import subprocess
import sys

from pty_session import Session

LEFT = "\x1b[D"


def test_importing_charts_loads_no_numpy() -> None:
    code = "import sys, terminal.widgets.chart; print([m for m in ('numpy', 'polars') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_moving_crosshair_writes_what_it_covers_and_a_pan_what_differs() -> None:
    session = Session(size=(120, 40))
    try:
        session.wait_for("asof")
        session.settle()
        session.send("GP\r")
        session.wait_for("Price, daily")
        session.send("\t" + LEFT + LEFT)
        session.settle()
        sizes = []
        for key in (LEFT, LEFT, LEFT, "["):
            before = len(session.raw)
            session.send(key)
            session.settle()
            sizes.append(len(session.raw) - before)
        assert 0 < max(sizes[:3]) < 5_000
        assert sizes[3] < 30_000
    finally:
        session.close()

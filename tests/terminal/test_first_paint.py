"""What is loaded when the first frame is painted: nothing heavy."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
HEAVY = {
    "polars", "numpy", "duckdb", "pandas", "pyarrow", "structlog", "scipy", "exchange_calendars", "talib",
    "statsmodels",
    "sklearn", "arch", "skfolio", "bokeh_sampledata", "plotext", "textual_plotext", "anthropic", "mlflow", "torch",
    "yfinance", "fredapi", "httpx", "keyring", "argparse", "engine.desk", "engine.functions", "providers",
    "textual.widgets._data_table", "textual.widgets._footer", "terminal.widgets.chart",
}  # fmt: skip

SCRIPT = """
import asyncio, json, sys
import terminal.cli
from terminal.app import AsofApp
from terminal.run import run
from terminal import backend, driver
from store import open_store

async def main():
    class Listing(AsofApp):
        loaded = []

        def on_ready(self):
            self.loaded.extend(sorted(sys.modules))
            self.exit()

    app = Listing(lambda progress, cancelled: None)
    await app.run_async(headless=True, size=(120, 36))
    print(json.dumps(app.loaded))

asyncio.run(main())
"""


def test_nothing_heavy_is_loaded_at_the_first_paint() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, cwd=ROOT, check=True
    )
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert "terminal.screens.page" in loaded
    assert sorted(name for name in loaded if name in HEAVY or name.partition(".")[0] in HEAVY) == []

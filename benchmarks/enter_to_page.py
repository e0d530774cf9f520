"""From Enter to the painted page, once warm: ``AAPL GP MAX`` on the embedded data, in a pty of 120x40.

python benchmarks/enter_to_page.py [RUNS]
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from pty_run import PtyRun

ROOT = Path(__file__).parent.parent
LINES = ("AAPL GP MAX", "AAPL DES", "AAPL HP MAX")


def main(runs: int) -> dict[str, object]:
    environ = {"ASOF_HOME": tempfile.mkdtemp(prefix="asof-bench-"), "PYTHONPATH": str(ROOT)}
    run = PtyRun([sys.executable, "-m", "terminal.cli"], environ=environ)
    run.wait_for(b"Welcome", 120)
    run.settle()
    times: dict[str, list[tuple[float, int]]] = {line: [] for line in LINES}
    for number in range(runs + 1):
        for line in LINES:
            run.send(line.encode())
            run.settle()
            seconds, size = run.answer(b"\r", calm=0.25)
            if number and seconds is not None:
                times[line].append((seconds, size))
    run.close()
    return {
        line: {
            "median_ms": round(statistics.median(seconds for seconds, _ in taken) * 1000),
            "max_ms": round(max(seconds for seconds, _ in taken) * 1000),
            "bytes": round(statistics.median(size for _, size in taken)),
        }
        for line, taken in times.items()
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1]) if sys.argv[1:] else 9), indent=1) + "\n")

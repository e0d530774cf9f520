"""Cold start to a painted, usable command bar, against a bare Textual app, alternating in one run.

    python benchmarks/startup.py [RUNS]

``paint`` is the time from the start of the process until the command line stands on the screen; ``echo`` until a key
typed before the program was there is echoed in it. Both programs run in a pty of 120x40 with warm disk caches.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from pty_run import PtyRun

ROOT = Path(__file__).parent.parent
MARKER = b"ype a command"  # the first letter stands under the cursor


def once(argv: list[str], home: str) -> tuple[float, float]:
    """Seconds to the paint, and to the echo of a key sent at the very start (in a run of its own)."""
    environ = {"ASOF_HOME": home, "PYTHONPATH": str(ROOT)}
    run = PtyRun(argv, environ=environ)
    paint = run.wait_for(MARKER)
    run.close()
    run = PtyRun(argv, environ=environ)
    run.wait_for(b"\x1b[?25l")  # the terminal is raw: keys are the program's
    run.send(b"@")
    echo = run.wait_for(b"@")
    run.send(b"\x7f")  # rubbed out: a line half typed would come back with the workspace
    run.settle(0.2)
    run.close()
    return paint, echo


def main(runs: int) -> dict[str, object]:
    home = os.environ.get("ASOF_BENCH_HOME") or tempfile.mkdtemp(prefix="asof-bench-")
    ours = [sys.executable, "-m", "terminal.cli"]
    bare = [sys.executable, str(Path(__file__).parent / "bare_textual.py")]
    prepare(home)
    times: dict[str, list[tuple[float, float]]] = {"asof": [], "bare": []}
    for number in range(runs + 1):
        for name, argv in (("bare", bare), ("asof", ours)):
            taken = once(argv, home)
            if number:  # the first pair warms the caches
                times[name].append(taken)
    report: dict[str, object] = {
        "runs": runs,
        "python": platform.python_version(),
        "textual": version("textual"),
    }
    for i, what in enumerate(("paint", "echo")):
        medians = {name: statistics.median(t[i] for t in taken) * 1000 for name, taken in times.items()}
        report[what] = {
            "asof_ms": round(medians["asof"]),
            "bare_ms": round(medians["bare"]),
            "ratio": round(medians["asof"] / medians["bare"], 2),
        }
    return report


def prepare(home: str) -> None:
    """A store with its embedded data and a workspace to come back to: the usual start, not the first."""
    run = PtyRun(
        [sys.executable, "-m", "terminal.cli", "AAPL GP"],
        environ={"ASOF_HOME": home, "PYTHONPATH": str(ROOT)},
    )
    run.wait_for(b"Apple", 120)
    run.settle(1.0)
    run.close()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1]) if sys.argv[1:] else 15), indent=1) + "\n")

"""Memory of a run in bytes a bar: the crossover over 500 symbols, each side in a process of its own.

What the process holds (resident pages, so that memory of compiled libraries counts as well) before the call, at its
peak and with what it answered; the call has run once before, so that compiled code does not count. Linux only: the
peak is reset by ``/proc/self/clear_refs``. Large arrays are mapped by themselves, so that freed ones are seen to go.
The floor is what a side must keep that answers with equity and weight of each account, 8 bytes each. raptorbt is
asked for one symbol at a time and its curves are added up and let go: it lies below. Each side's own bars, made
before the call, do not count.

    python -m benchmarks._peers_memory asof|vectorbt|raptorbt     # one side: bytes a bar at the peak, and kept
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks._peers import COSTS
from benchmarks.backtest_crossover import Raptorbt, Vectorbt, market
from engine.backtest.inputs import Inputs, RunSpec
from engine.backtest.market import Market
from engine.backtest.run import run

SIDES = ("asof", "vectorbt", "raptorbt")
STOPS = "long when sma(close, 50) > sma(close, 200); stop 3%"
FLOOR = 16


def held(field: str) -> int:
    """A figure of this process in bytes: VmRSS now, VmHWM the most since the last reset."""
    line = next(each for each in Path("/proc/self/status").read_text().splitlines() if each.startswith(field))
    return int(line.split()[1]) * 1024


def side(name: str, given: Market) -> Callable[[], Any]:
    if name == "asof":
        inputs, spec = Inputs(given), RunSpec("50SMA.200SMA", COSTS, accounts=True)
        return lambda: run(inputs, spec)
    peer = {"vectorbt": Vectorbt, "raptorbt": Raptorbt}[name](given)
    return lambda: peer.run(peer.averages())


def one(name: str) -> None:
    given = market()
    call = side(name, given)
    call()
    gc.collect()
    before = held("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    kept = call()
    print((held("VmHWM") - before) / given.close.size, (held("VmRSS") - before) / given.close.size)
    del kept


def beside() -> None:
    """Prints the peak of each side."""
    if not Path("/proc/self/clear_refs").exists():
        print("peaks of a process are read as Linux tells them: left out here")
        return
    environment = {
        **os.environ, "PYTHONPATH": str(Path(__file__).parent.parent), "MALLOC_MMAP_THRESHOLD_": "65536",
        "MALLOC_TRIM_THRESHOLD_": "65536",
    }  # fmt: skip
    print("| bytes a bar at the peak | | times the floor |\n|---|---:|---:|")
    print(f"| equity and weights, the floor | {FLOOR} | 1.0 |")
    for name in SIDES:
        if name != "asof" and find_spec(name) is None:
            print(f"| {name} is not installed | | |")
            continue
        command = [sys.executable, "-m", "benchmarks._peers_memory", name]
        found = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        peak = float(found.stdout.split()[0])
        print(f"| {name} | {peak:.0f} | {peak / FLOOR:.1f} |")


def traced() -> None:
    """Ours by what Python allocates: kept by the result, and at the peak, with stops and without."""
    for columns in (50, 500):
        given = market(columns=columns)
        for text in ("50SMA.200SMA", STOPS):
            tracemalloc.start()
            kept = run(Inputs(given), RunSpec(text, COSTS, accounts=True))
            size, peak = (each / given.close.size for each in tracemalloc.get_traced_memory())
            tracemalloc.stop()
            print(f"asof, {columns} symbols, {text}: {size:.0f} bytes a bar kept, {peak:.0f} at the peak")
            del kept


if __name__ == "__main__":
    one(sys.argv[1])

"""The first call of a fresh process: the crossover over 500 symbols with its full result, imports included.

Bytecode of all packages is there, as an installer leaves it; numba's cache is an empty folder, as after an install,
or the one that the process before filled. Each call is a process of its own: its wall and processor seconds.

    python -m benchmarks._peers_fresh asof|vectorbt|raptorbt     # one such call
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

ROUNDS = {"vectorbt": 1}  # what takes half a minute is not asked thrice
SIDES = {"asof": "Ours", "vectorbt": "Vectorbt", "raptorbt": "Raptorbt"}


def call(name: str) -> None:
    from benchmarks import backtest_crossover as crossover

    if name == "asof":
        from benchmarks._peers import ours

        ours(crossover.market())()  # from the text of the rule
        return
    side = getattr(crossover, SIDES[name])(crossover.market())
    side.run(side.averages())


def process(name: str, cache: str) -> tuple[float, float]:
    """Wall and processor seconds of a process with numba's cache in a folder."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = {**os.environ, "NUMBA_CACHE_DIR": cache, "PYTHONPATH": str(Path(__file__).parent.parent)}
    command = [sys.executable, "-m", "benchmarks._peers_fresh", name]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - start, used


def first_calls() -> None:
    """Prints a row a side: with an empty cache, and with the one that the call before filled."""
    print("| first call of a process, s | wall | processor | again, compiled code cached: wall | processor |")
    print("|---|---:|---:|---:|---:|")
    for name in SIDES:
        if name != "asof" and find_spec(name) is None:
            print(f"| {name} is not installed | | | | |")
            continue
        package = "engine.backtest.run" if name == "asof" else name
        subprocess.run([sys.executable, "-c", f"import {package}"], check=True)  # leaves bytecode
        first, again = [], []
        for _ in range(ROUNDS.get(name, 3)):
            with tempfile.TemporaryDirectory() as folder:
                first.append(process(name, folder))
                again.append(process(name, folder))
        cells = [
            f"{statistics.median(each):.2f}" for turns in (first, again) for each in zip(*turns, strict=True)
        ]
        print(f"| {name} |", " | ".join(cells), "|")


if __name__ == "__main__":
    call(sys.argv[1])

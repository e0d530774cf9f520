"""Latency of commits: a day of bars, the same day again, and several processes at once.

python -m benchmarks.store_commits --securities 5000 --processes 4
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.simulated_market import bars, sessions
from providers.validate import check
from store import Batch, open_store


def days_of(securities: int, count: int) -> list[pl.DataFrame]:
    rng = np.random.default_rng(3)
    return [bars(rng, securities, sessions(count)[day : day + 1]) for day in range(count)]


def commit(home: Path, name: str, frames: list[pl.DataFrame]) -> list[float]:
    """Milliseconds of each commit."""
    store = open_store(home)
    taken = []
    for day, frame in enumerate(frames):
        batch = Batch("simulated", f"{name} {day}", "seed 3", {"bars": frame}, basis="exact")
        started = time.perf_counter()
        store.append(batch)
        taken.append((time.perf_counter() - started) * 1e3)
    return taken


def checked(home: Path, frames: list[pl.DataFrame]) -> list[float]:
    """The same with the checks that the router makes of an answer before it is written."""
    store = open_store(home)
    taken = []
    for day, frame in enumerate(frames):
        started = time.perf_counter()
        result = check("bars", frame.with_columns(known_basis=pl.lit("exact")))
        batch = Batch("simulated", f"checked {day}", "seed 3", {"bars": result.good}, basis="exact")
        store.append(batch)
        taken.append((time.perf_counter() - started) * 1e3)
        assert not result.quarantined
    store.close()
    return taken


def line(name: str, taken: list[float]) -> None:
    ordered = sorted(taken)
    worst = ordered[int(len(ordered) * 0.99)]
    print(f"{name:45s}{statistics.median(taken):10.2f}{worst:10.2f}{len(taken):8d}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--securities", type=int, default=5_000)
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    frames = days_of(options.securities, options.sessions)
    if options.worker:
        print(*commit(options.home, options.worker, frames))
        return
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "store"
        print(f"{'milliseconds':45s}{'median':>10s}{'p99':>10s}{'commits':>8s}")
        line(f"a day of {options.securities:,} rows", commit(home, "one", frames))
        line("the same day again (a duplicate)", commit(home, "one", frames))
        line("a day, checked as the router does", checked(Path(folder) / "checked", frames))
        command = [sys.executable, "-m", "benchmarks.store_commits", "--home", str(home)]
        command += ["--securities", str(options.securities), "--sessions", str(options.sessions)]
        workers = [
            subprocess.Popen([*command, "--worker", f"worker {number}"], stdout=subprocess.PIPE, text=True)
            for number in range(options.processes)
        ]
        taken = [float(word) for worker in workers for word in worker.communicate()[0].split()]
        line(f"with {options.processes} processes at once", taken)
        store = open_store(home)
        expected = options.sessions * (1 + options.processes)
        print(f"acknowledged {expected:,}, in the catalog {store.snapshot():,}")
        assert store.snapshot() == expected
        store.close()


if __name__ == "__main__":
    main()

"""A process that loads the embedded data, and may die on the way: run by the tests with ``python -m``.

Arguments: home, and where to die: a step of the commit, ``reading`` or ``writing`` (at some progress), or
``never``; then a file to wait for, so that several start together.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from providers.embedded import load_embedded
from store import open_store


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(home: str, where: str, gate: str = "") -> None:
    # "renamed" comes once a batch: the fourth leaves three batches renamed and none acknowledged
    left = {"renamed": 4}

    def fault(point: str) -> None:
        left[point] = left.get(point, 1) - 1
        if point == where and left[point] == 0:
            die()

    def progress(done: int, total: int, label: str) -> None:
        if where == "reading" and label.startswith("reading macro"):
            die()
        if where == "writing" and label.startswith("writing") and done > 90:
            die()

    store = open_store(home, fault=fault)
    while gate and not Path(gate).exists():
        time.sleep(0.002)
    result = load_embedded(store, progress)
    store.close()
    sys.stdout.write(f"{'duplicate' if result.duplicate else 'loaded'} {sum(result.tables.values())}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])

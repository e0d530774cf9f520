"""A process of test_processes.py and test_two_users.py: appends, or reads and checks what it reads."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from store import Batch, Store, open_store
from store.clock import utc_now

ROWS = 20
FIRST = date(2020, 1, 1)


def batch_of(dataset: str, security_id: int) -> Batch:
    """Rows of one security in three tables; every value is the security's id."""
    known = utc_now() - timedelta(days=1)
    days = [FIRST + timedelta(days=i) for i in range(ROWS)]
    value = float(security_id)
    base = {"security_id": [security_id] * ROWS, "known_at": [known] * ROWS}
    prices = {name: [value] * ROWS for name in ("open", "high", "low", "close")}
    frames = {
        "bars": pl.DataFrame({**base, "session_date": days, **prices, "volume": [security_id] * ROWS}),
        "closes": pl.DataFrame(
            {**base, "session_date": days, "basis": ["fixing"] * ROWS, "close": [value] * ROWS}
        ),
        "observations": pl.DataFrame({**base, "period_date": days, "value": [value] * ROWS}),
    }
    return Batch("worker", dataset, "same", frames, basis="exact")


def killer(point: str, turn: int) -> Callable[[str], None]:
    """Kill this process the ``turn``-th time that a commit reaches ``point``."""
    seen = 0

    def fault(reached: str) -> None:
        nonlocal seen
        seen += reached == point
        if seen >= turn:
            os.kill(os.getpid(), signal.SIGKILL)

    return fault


def write(home: Path, journal: Path, number: str, point: str = "", turn: str = "0") -> None:
    store = open_store(home, fault=killer(point, int(turn)) if point else None)
    with journal.open("a") as lines:
        for count in range(1_000_000):
            dataset = "everyone's" if count == 0 else f"{number}/{count}"
            security_id = store.identify([dataset])[dataset]
            result = store.append(batch_of(dataset, security_id))
            lines.write("" if result.duplicate else dataset + "\n")
            lines.flush()
            os.fsync(lines.fileno())
            if count % 15 == 14:
                store.compact(force=True)


def read(home: Path, _journal: Path, _number: str) -> None:
    store = open_store(home)
    while True:
        check(store)


def check(store: Store) -> None:
    """A commit's rows are in all its tables or in none, and a pinned reader never changes its mind."""
    reader = store.reader(utc_now())
    bars = reader.bars(None, adjust="none")
    closes = reader.closes(None, basis="fixing")
    values = reader.observations(None)
    counts = bars.group_by("security_id").len()
    assert counts.is_empty() or (counts["len"] == ROWS).all(), counts
    assert bars["security_id"].equals(closes["security_id"])
    assert bars["security_id"].equals(values["security_id"])
    assert (bars["close"] == bars["security_id"]).all()
    time.sleep(0.02)
    again = store.reader(reader.asof, snapshot=reader.snapshot)
    assert again.bars(None, adjust="none").equals(bars)


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    role, home, journal, *words = sys.argv[1:]
    {"write": write, "read": read}[role](Path(home), Path(journal), *words)


if __name__ == "__main__":
    main()

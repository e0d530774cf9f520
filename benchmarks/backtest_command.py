"""BACKTEST from the command to its Page: one symbol over ten years, and a monthly long-short of 500 names.

python benchmarks/backtest_command.py [RUNS]

The 500 names are a simulated market: none of these prices were ever traded. Times are of the processor and of the
wall, once warm; every run has other parameters, so that no result is taken from memory.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parent))
from simulated_market import sessions

from engine.desk import Desk
from providers.embedded import load_embedded
from store import Batch, Store, open_store
from terminal.cli import one_thread

NAMES, SESSIONS = 500, 2_520
INDEX = 900_001


def market(store: Store) -> None:
    """Members of an index, the bars of a session known at 18:00 UTC, before any close."""
    rng = np.random.default_rng(7)
    days = sessions(SESSIONS)
    close = np.round(50.0 * np.exp(np.cumsum(rng.normal(2e-4, 0.02, (SESSIONS, NAMES)), axis=0)), 2) + 0.02
    opened = np.round(close * (1 + rng.normal(0.0, 0.005, close.shape)), 2)
    ids = np.tile(np.arange(1, NAMES + 1), SESSIONS)
    known = (pl.col("session_date").cast(pl.Datetime("us")) + pl.duration(hours=18)).dt.replace_time_zone(
        "UTC"
    )
    bars = pl.DataFrame({
        "security_id": ids, "session_date": pl.Series(np.repeat(days, NAMES)).cast(pl.Date),
        "open": opened.ravel(), "high": np.maximum(opened, close).ravel(), "low": np.minimum(opened, close).ravel(),
        "close": close.ravel(), "volume": rng.integers(100_000, 10_000_000, ids.size),
    }).with_columns(known.alias("known_at"))  # fmt: skip
    begun = datetime(2009, 12, 31, tzinfo=UTC)
    named = [
        {"security_id": each, "valid_from": date(2009, 12, 31), "ticker": ticker, "name": ticker, "market": kind,
         "asset_class": word, "currency": "USD", "calendar": "XNYS", "known_at": begun, "known_basis": "exact"}
        for each, ticker, kind, word in (
            *((number, f"S{number:03d}", "US EQUITY", "equity") for number in range(1, NAMES + 1)),
            (INDEX, "SIM", "INDEX", "index"))
    ]  # fmt: skip
    members = [
        {"security_id": INDEX, "start_date": date(2009, 12, 31), "member_id": number, "ticker": f"S{number:03d}",
         "known_at": begun, "known_basis": "exact"}
        for number in range(1, NAMES + 1)
    ]  # fmt: skip
    frames = {"securities": pl.DataFrame(named), "membership": pl.DataFrame(members), "bars": bars}
    store.append(Batch("simulated", "market", "seed 7", frames, basis="exact"))
    store.compact(force=True)


def taken(run: Callable[[str], object], lines: Sequence[str]) -> tuple[float, float]:
    """Median milliseconds of wall and processor."""
    walls, works = [], []
    for line in lines:
        wall, work = time.perf_counter(), time.process_time()
        run(line)
        walls.append(time.perf_counter() - wall)
        works.append(time.process_time() - work)
    return median(walls) * 1000, median(works) * 1000


def main(runs: int = 25) -> None:
    one_thread()
    with tempfile.TemporaryDirectory(prefix="asof-bench-") as folder:
        store = open_store(Path(folder) / "embedded")
        load_embedded(store)
        desk = Desk(store, "bench")
        lines = [f"BACKTEST AAPL {20 + each}SMA.200EMA TRIALS=3:0.001" for each in range(runs + 1)]
        desk.run(lines[0])
        print(f"{'milliseconds, medians':58s}{'wall':>9s}{'processor':>11s}")
        print(f"{'one symbol, ten years, REPORT':58s}{'{:9.1f}{:11.1f}'.format(*taken(desk.run, lines[1:]))}")
        store.close()
        store = open_store(Path(folder) / "simulated")
        market(store)
        desk = Desk(store, "bench")
        rules = "top 10% by mom_12_1 in sim; bottom 10% by mom_12_1 in sim; rebalance monthly"
        lines = [
            f"BACKTEST {rules} 2010-01-04..2019-08-30 TRIALS=3:0.001 COST={5 + each}" for each in range(6)
        ]
        for name, some in (("first time", lines[:1]), ("again", lines[1:])):
            label = f"long-short of {NAMES} names, monthly, {SESSIONS:,} sessions, {name}"
            print(f"{label:58s}{'{:9.0f}{:11.0f}'.format(*taken(desk.run, some))}")
        store.close()


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:2]))

"""A panel of adjusted closes as of a day, beside per-symbol Parquet and ArcticDB, which give the unadjusted one.

Ours is made anew for each (T, S) out of the blocks that compaction kept (cold; files in the page cache), out of the
Parquet files alone (nothing kept), and read again (kept). The others hold one file or symbol a security, sorted by
session, without clocks, and read two columns of it: Parquet file by file, in one scan of polars and with pyarrow in
threads. ArcticDB is measured where it is installed. Panels are of securities picked at random and of neighbours.
``--nights`` appends so many days first, a commit each, that no compaction has sorted.

    python -m benchmarks.store_panels --securities 5000 --sessions 2520
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from benchmarks.simulated_market import SOURCE, bars, fill, now, sessions
from store import Batch, Store, joined, open_store
from store.price_panel import Price, _made
from store.reader import Adjust

CLOSE: Price = "close"


def actions(securities: int, count: int) -> pl.DataFrame:
    """A dividend a quarter, and a split of every third security."""
    rng = np.random.default_rng(3)
    days = sessions(count)
    rows: list[tuple[Any, ...]] = []
    for security in range(1, securities + 1):
        rows += [(security, "dividend", days[place].item(), None, 0.02) for place in range(60, count, 63)]
        if security % 3 == 0:
            rows.append((security, "split", days[int(rng.integers(1, count))].item(), 2.0, None))
    schema = {
        "security_id": pl.Int64(),
        "kind": pl.String(),
        "ex_date": pl.Date(),
        "ratio": pl.Float64(),
        "amount": pl.Float64(),
    }
    known = pl.col("ex_date").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(known_at=known)


def filled(home: Path, securities: int, count: int) -> Store:
    store = open_store(home / "store")
    if store.snapshot() == 0:
        fill(store, securities, count)
        frames = {"actions": actions(securities, count)}
        store.append(Batch(SOURCE, "actions", "seed 3", frames, basis="exact"))
        store.compact(force=True)
    return store


class Others:
    """The same closes, a file or a symbol a security."""

    def __init__(self, home: Path, store: Store, wanted: list[int], last: date) -> None:
        self.folder = home / "symbols"
        self.folder.mkdir(exist_ok=True)
        self.library: Any = None
        every = store.reader(now()).bars(wanted, None, last, adjust="none")
        plain = every.drop("split_factor", "dividend_factor", "known_at")
        self.by_id = {
            int(str(key[0])): rows for key, rows in plain.partition_by("security_id", as_dict=True).items()
        }
        for security, rows in self.by_id.items():
            rows.write_parquet(self.folder / f"{security}.parquet")
        if find_spec("arcticdb") is not None:
            self.library = self._arctic(home)
        self.by_id.clear()

    def _arctic(self, home: Path) -> Any:
        import arcticdb
        import pandas as pd

        library = arcticdb.Arctic(f"lmdb://{home / 'arctic'}?map_size=4GB").get_library(
            "bars", create_if_missing=True
        )
        for security, rows in self.by_id.items():
            index = pd.DatetimeIndex(rows["session_date"].to_numpy())
            columns = {name: rows[name].to_numpy() for name in rows.columns[2:]}
            library.write(str(security), pd.DataFrame(columns, index=index))
        return library

    def parquet(self, ids: list[int], days: np.ndarray) -> np.ndarray:
        matrix = np.full((len(days), len(ids)), np.nan)
        for place, security in enumerate(ids):
            rows = pl.read_parquet(self.folder / f"{security}.parquet", columns=["session_date", "close"])
            matrix[np.searchsorted(days, rows["session_date"].to_numpy()), place] = rows["close"].to_numpy()
        return matrix

    def parquet_scan(self, ids: list[int], days: np.ndarray) -> np.ndarray:
        paths = [self.folder / f"{security}.parquet" for security in ids]
        rows = pl.scan_parquet(paths, glob=False).select("security_id", "session_date", "close").collect()
        matrix = np.full((len(days), len(ids)), np.nan)
        across = np.searchsorted(ids, rows["security_id"].to_numpy())
        matrix[np.searchsorted(days, rows["session_date"].to_numpy()), across] = rows["close"].to_numpy()
        return matrix

    def parquet_threads(self, ids: list[int], days: np.ndarray) -> np.ndarray:
        matrix = np.full((len(days), len(ids)), np.nan)

        def read(security: int) -> Any:
            path = self.folder / f"{security}.parquet"
            return pq.read_table(path, columns=["session_date", "close"], use_threads=False, memory_map=True)

        with ThreadPoolExecutor() as threads:
            for place, rows in enumerate(threads.map(read, ids)):
                down = np.searchsorted(days, rows["session_date"].to_numpy())
                matrix[down, place] = rows["close"].to_numpy()
        return matrix

    def arctic(self, ids: list[int], days: np.ndarray) -> np.ndarray:
        from arcticdb import ReadRequest

        matrix = np.full((len(days), len(ids)), np.nan)
        answers = self.library.read_batch([ReadRequest(str(security), columns=["close"]) for security in ids])
        for place, answer in enumerate(answers):
            rows = answer.data
            matrix[np.searchsorted(days, rows.index.to_numpy().astype("datetime64[D]")), place] = rows[
                "close"
            ]
        return matrix


def medians(works: dict[str, Callable[[], object]], times: int) -> dict[str, tuple[float, float]]:
    """Milliseconds of wall and of processor time, the works taken in turn, so that they share what else the
    machine does."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for turn in range(times + 1):
        for name, work in works.items():
            started, busy = time.perf_counter(), time.process_time()
            work()
            if turn:
                spent = (time.perf_counter() - started) * 1e3, (time.process_time() - busy) * 1e3
                taken[name].append(spent)
    return {name: (median(w for w, _ in each), median(c for _, c in each)) for name, each in taken.items()}


@contextmanager
def nothing_kept(store: Store) -> Iterator[None]:
    """Only the Parquet files: no blocks, and no joined file of the actions."""
    blocks, least = store.home / "cache" / "blocks", joined.LEAST_FILES
    aside = blocks.rename(blocks.with_name("blocks-aside"))
    joined.LEAST_FILES = 1 << 30
    try:
        yield
    finally:
        aside.rename(blocks)
        joined.LEAST_FILES = least


def append_nights(store: Store, securities: int, count: int, nights: int) -> None:
    rng = np.random.default_rng(9)
    for day in sessions(count + nights)[count:]:
        name = f"night {day}"
        if not store.has_ingest(SOURCE, name):
            frame = bars(rng, securities, np.array([day]))
            store.append(Batch(SOURCE, name, "seed 9", {"bars": frame}, basis="exact"))


def measure(name: str, store: Store, others: Others, ids: list[int], days: np.ndarray, times: int) -> None:
    asof, places = now(), np.asarray(ids)
    middle = days[len(days) // 2].astype("datetime64[s]").item().replace(tzinfo=UTC)

    def cold(adjust: Adjust, when: datetime = asof) -> np.ndarray:
        return _made(store.reader(when), CLOSE, places, days, adjust)

    def bare() -> np.ndarray:
        with nothing_kept(store):
            return cold("total")

    raw = cold("none")
    assert np.array_equal(bare(), cold("total"), equal_nan=True)
    peers: dict[str, Callable[[], np.ndarray]] = {
        "per-symbol Parquet, unadjusted, one by one": lambda: others.parquet(ids, days),
        "per-symbol Parquet, unadjusted, one scan": lambda: others.parquet_scan(ids, days),
        "per-symbol Parquet, unadjusted, threads": lambda: others.parquet_threads(ids, days),
    }
    if others.library is not None:
        peers["ArcticDB, unadjusted"] = lambda: others.arctic(ids, days)
    for peer in peers.values():
        assert np.array_equal(raw, peer(), equal_nan=True)
    ours: dict[str, Callable[[], object]] = {
        "store, as traded, cold": lambda: cold("none"),
        "store, splits, cold": lambda: cold("splits"),
        "store, total, cold": lambda: cold("total"),
        "store, total, cold, as of half way": lambda: cold("total", middle),
        "store, total, nothing kept": bare,
        "store, total, kept": lambda: store.reader(asof).price_panel(CLOSE, ids, days),
    }
    found = medians({**peers, **ours}, times)
    base, busy = (min(found[peer][at] for peer in peers) for at in (0, 1))
    print(f"\n{name}: {len(ids)} x {len(days)}; ms and ratios to the best of the others")
    print(f"{'':45s}{'wall':>10s}{'ratio':>8s}{'cpu':>10s}{'ratio':>8s}")
    for work, (wall, cpu) in found.items():
        print(f"{work:45s}{wall:10.2f}{wall / base:8.3f}{cpu:10.2f}{cpu / busy:8.3f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--securities", type=int, default=5_000)
    parser.add_argument("--sessions", type=int, default=2_520)
    parser.add_argument("--wide", type=int, default=500, help="securities of a panel")
    parser.add_argument("--nights", type=int, default=0, help="days to append that nothing has sorted")
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--home", type=Path, help="keep the store here, and use it again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = options.home or Path(folder)
        store = filled(home, options.securities, options.sessions)
        append_nights(store, options.securities, options.sessions, options.nights)
        rng = np.random.default_rng(11)
        every = np.arange(1, options.securities + 1)
        wide = min(options.wide, options.securities)
        first = min(1_001, options.securities - wide + 1)
        picked = sorted(rng.choice(every, wide, False).tolist())
        neighbours = list(range(first, first + wide))
        days = sessions(options.sessions)
        others = Others(home, store, sorted({*picked, *neighbours}), days[-1].item())
        measure("picked at random", store, others, picked, days, options.times)
        measure("neighbours", store, others, neighbours, days, options.times)
        store.close()


if __name__ == "__main__":
    main()

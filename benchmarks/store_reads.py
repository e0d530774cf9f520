"""Reads of the store on a simulated market, beside polars on one plain Parquet file.

The plain file has the rows that hold today, without clocks, sorted by security, with polars' own row
groups and compression; it is read with ``scan_parquet(...).filter(...).collect()``.

    python -m benchmarks.store_reads --securities 5000 --sessions 2520
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.simulated_market import fill, now, sessions
from store import Store, open_store
from store.files import live
from store.scan import scan_versions
from store.schema import table as table_named

LAYOUTS = ("by_security", "by_year", "fragment")
PLAIN = ["security_id", "session_date", "open", "high", "low", "close", "volume"]


def median_ms(work: Callable[[int], object], times: int) -> float:
    for turn in range(3):
        work(turn)
    taken = []
    for turn in range(times):
        started = time.perf_counter()
        work(turn)
        taken.append(time.perf_counter() - started)
    return statistics.median(taken) * 1e3


class Reads:
    """The same reads, of the store and of the plain file."""

    def __init__(self, store: Store, plain: Path, securities: int, count: int) -> None:
        self.store, self.plain = store, plain
        rng = np.random.default_rng(11)
        self.symbols = rng.integers(1, securities + 1, 1_000).tolist()
        self.some = sorted(rng.choice(np.arange(1, securities + 1), min(500, securities), False).tolist())
        self.days = sessions(count)
        self.asof = now()

    def symbol(self, turn: int) -> pl.DataFrame:
        return self.store.reader(self.asof).bars(self.symbols[turn], adjust="none")

    def symbol_adjusted(self, turn: int) -> pl.DataFrame:
        return self.store.reader(self.asof).bars(self.symbols[turn])

    def symbol_plain(self, turn: int) -> pl.DataFrame:
        wanted = pl.col("security_id") == self.symbols[turn]
        return pl.scan_parquet(self.plain).filter(wanted).collect()

    def ten(self, turn: int) -> list[pl.DataFrame]:
        """A reader of its own each, as ten pages would."""
        first, last = self.days[-252].item(), self.days[-1].item()
        wanted = self.symbols[turn * 10 % 900 :][:10]
        return [self.store.reader(self.asof).bars(security, first, last) for security in wanted]

    def ten_at_once(self, turn: int) -> pl.DataFrame:
        first, last = self.days[-252].item(), self.days[-1].item()
        wanted = self.symbols[turn * 10 % 900 :][:10]
        return self.store.reader(self.asof).bars(wanted, first, last)

    def ten_plain(self, turn: int) -> pl.DataFrame:
        wanted = pl.col("security_id").is_in(self.symbols[turn * 10 % 900 :][:10])
        recent = pl.col("session_date") >= self.days[-252].item()
        return pl.scan_parquet(self.plain).filter(wanted, recent).collect()

    def panel(self, _turn: int) -> np.ndarray:
        return self.store.reader(self.asof).panel("bars", "close", self.some, self.days)

    def panel_plain(self, _turn: int) -> np.ndarray:
        rows = pl.scan_parquet(self.plain).filter(pl.col("security_id").is_in(self.some))
        frame = rows.select("security_id", "session_date", "close").collect()
        across = np.searchsorted(self.some, frame["security_id"].to_numpy())
        down = np.searchsorted(self.days, frame["session_date"].to_numpy())
        matrix = np.full((len(self.days), len(self.some)), np.nan)
        matrix[down, across] = frame["close"].to_numpy()
        return matrix

    def session(self, turn: int) -> pl.DataFrame:
        day = self.days[(turn * 37) % len(self.days)].item()
        return self.store.reader(self.asof).bars(None, day, day, adjust="none")

    def session_plain(self, turn: int) -> pl.DataFrame:
        day = self.days[(turn * 37) % len(self.days)].item()
        return pl.scan_parquet(self.plain).filter(pl.col("session_date") == day).collect()

    def same(self) -> None:
        """Both answer the same, or the figures mean nothing."""
        assert self.symbol(0).select(PLAIN).equals(self.symbol_plain(0).sort("session_date"))
        assert np.array_equal(self.panel(0), self.panel_plain(0), equal_nan=True)
        assert self.session(0).select(PLAIN).equals(self.session_plain(0).sort("security_id"))


def table(reads: Reads, times: int) -> None:
    rows = (
        ("one security, all sessions, as traded", reads.symbol, reads.symbol_plain, times),
        ("one security, all sessions, adjusted", reads.symbol_adjusted, reads.symbol_plain, times),
        ("ten securities, a year, adjusted, one by one", reads.ten, reads.ten_plain, times // 3),
        ("ten securities, a year, adjusted, at once", reads.ten_at_once, reads.ten_plain, times // 3),
        (f"panel {len(reads.some)} x {len(reads.days)} to numpy", reads.panel, reads.panel_plain, 9),
        ("one session, all securities", reads.session, reads.session_plain, 15),
    )
    print(f"{'median ms':45s}{'store':>10s}{'plain file':>12s}{'ratio':>8s}")
    for name, ours, plain, turns in rows:
        one, other = median_ms(ours, turns), median_ms(plain, turns)
        print(f"{name:45s}{one:10.2f}{other:12.2f}{one / other:8.2f}", flush=True)


def sizes(store: Store, folder: Path) -> None:
    """The live files of bars beside one file of the same versions, with their clocks and without."""
    catalog = store._catalog
    with catalog.read() as connection:
        files = live(connection, "bars", store.snapshot())
    copies = {copy: sum(file.bytes for file in files if file.layout == copy) for copy in LAYOUTS}
    both = sum(copies.values())
    versions = scan_versions(store._layout, table_named("bars"), [f for f in files if f.layout != "by_year"])
    rows = versions.drop("seq").sort("security_id", "session_date", "known_at").collect()
    print("\n" + ", ".join(f"{copy} {size / 1e6:.0f} MB" for copy, size in copies.items() if size))
    for name, columns in (("with clocks", rows.columns), ("without clocks", PLAIN)):
        path = folder / "whole.parquet"
        rows.select(columns).write_parquet(path)
        size = path.stat().st_size
        print(
            f"one Parquet file {name}: {size / 1e6:.0f} MB; the store takes {both / size:.2f} times as much"
        )
        path.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--securities", type=int, default=5_000)
    parser.add_argument("--sessions", type=int, default=2_520)
    parser.add_argument("--times", type=int, default=101)
    parser.add_argument("--home", type=Path, help="keep the store here, and use it again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = options.home or Path(folder)
        store = open_store(home / "store")
        if store.snapshot() == 0:
            started = time.perf_counter()
            fill(store, options.securities, options.sessions)
            print(f"filled with simulated bars in {time.perf_counter() - started:.1f} s")
        plain = home / "plain.parquet"
        if not plain.exists():
            every = store.reader(now()).bars(None, adjust="none")
            every.select(PLAIN).write_parquet(plain)
            del every
        reads = Reads(store, plain, options.securities, options.sessions)
        fragments = sum(batch.kind == "append" for batch in store.batches())
        if all(batch.kind == "append" for batch in store.batches()):
            print(f"\nbefore compaction, {fragments} fragments")
            table(reads, options.times)
            for result in store.compact("bars", force=True):
                print(f"\ncompacted {result.rows:,} rows in {result.seconds:.1f} s: {result.files} files")
        reads = Reads(store, plain, options.securities, options.sessions)
        reads.same()
        print("\nafter compaction")
        table(reads, options.times)
        sizes(store, home)
        store.close()


if __name__ == "__main__":
    main()

"""What the hot cache in memory is worth: the same reads asked again, through the reader that pages use.

A thousand symbol-years of a simulated market (250 securities, four years each, a read each), from the files and from
memory; and pages of the embedded data run again on a desk, with the cache emptied before and as it is.

    python -m benchmarks.store_memory --securities 5000 --sessions 2520
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.simulated_market import fill, now, sessions
from engine.desk import Desk
from providers.embedded import load_embedded
from store import Store, open_store
from store.hot import HotCache
from store.reader import Adjust

LINES = ("AAPL GP", "AAPL GP MAX", "AAPL DES", "AAPL HP", "WEI")


def symbol_years(store: Store, securities: int, count: int, adjust: Adjust, hot: HotCache | None) -> float:
    """Seconds for 1,000 reads of a year, at a clock that moves on as a desk's does."""
    days, step = sessions(count), max(1, securities // 250)
    years = [(days[first].item(), days[first + 251].item()) for first in (0, 504, 1008, 2016)]
    started = time.perf_counter()
    for security in range(7, 7 + 250 * step, step):
        for start, end in years:
            store.reader(now(), hot=hot).bars(security, start, end, adjust=adjust)
    return time.perf_counter() - started


def market(home: Path, securities: int, count: int) -> None:
    store = open_store(home / "store")
    if store.snapshot() == 0:
        fill(store, securities, count)
        store.compact(force=True)
    print(f"{'1,000 symbol-years, seconds':32s}{'files':>8s}{'memory':>8s}")
    kinds: tuple[Adjust, ...] = ("none", "splits", "total")
    for adjust in kinds:
        hot = HotCache()
        files = symbol_years(store, securities, count, adjust, None)
        symbol_years(store, securities, count, adjust, hot)
        memory = median(symbol_years(store, securities, count, adjust, hot) for _ in range(5))
        print(f"{adjust:32s}{files:8.2f}{memory:8.3f}   {hot.bytes / 1e6:.0f} MB held", flush=True)
    store.close()


def pages(folder: Path, times: int) -> None:
    store = open_store(folder / "embedded")
    load_embedded(store)
    desk = Desk(store, "bench")
    print(f"\n{'a page run again, ms of processor':32s}{'files':>8s}{'memory':>8s}")
    for line in LINES:
        desk.run(line)
        taken: dict[bool, list[float]] = {True: [], False: []}
        for turn in range(2 * times):
            if warm := bool(turn % 2):
                desk.run(line)  # fills what the turn before emptied
            else:
                store.hot = HotCache()
            started = time.process_time()
            desk.run(line)
            taken[warm].append((time.process_time() - started) * 1e3)
        print(f"{line:32s}{median(taken[False]):8.1f}{median(taken[True]):8.1f}", flush=True)
    desk.close()
    store.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--securities", type=int, default=5_000)
    parser.add_argument("--sessions", type=int, default=2_520)
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--home", type=Path, help="keep the store here, and use it again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        market(options.home or Path(folder), options.securities, options.sessions)
        pages(Path(folder), options.times)


if __name__ == "__main__":
    main()

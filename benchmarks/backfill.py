"""How fast a backfill goes, and what a cached question costs.

    python -m benchmarks.backfill [--symbols 500] [--years 10] [--rate 20]

A server in a process of its own answers made-up bars and refuses (429) what comes faster than its rate. Measured
are the backfill at that rate, against the time that the rate alone allows; the same with no limit, which is what
we can do at most; and 1,000 questions for a symbol's year that is held.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import statistics
import tempfile
import threading
import time
from collections import deque
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from providers.backfill import Backfill
from providers.backfill_plan import Order, tasks_for
from providers.group_commit import GroupCommit
from providers.http import Client
from providers.limits import RateLimits
from providers.source import Limit
from store import Store, open_store
from tests.providers.vendor import router, sessions_of, subject, vendor

NOW = datetime(2024, 6, 28, 22, 0, tzinfo=UTC)
END = date(2024, 6, 28)


def serve(rows: bytes, rate: int, ready: Any, counts: Any) -> None:
    """Answer the same rows to everybody, and 429 to what comes faster than ``rate`` a second (0: no limit)."""
    times: deque[float] = deque()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            with lock:
                now = time.monotonic()
                while times and now - times[0] > 1.0:
                    times.popleft()
                refused = bool(rate) and len(times) >= rate * 1.1  # a network's jitter
                counts[1 if refused else 0] += 1
                if not refused:
                    times.append(now)
            body = b"{}" if refused else rows
            parse_qs(urlsplit(self.path).query)
            self.send_response(429 if refused else 200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    ready.put(server.server_address[1])
    server.serve_forever(0.05)


def run(store: Store, url: str, symbols: int, start: date, rate: int, threads: int) -> tuple[float, int]:
    source = vendor("first", limit=Limit(rate, 1.0) if rate else None)
    limits = RateLimits(store.home / "limits.sqlite", "bench", patience=3600.0)
    client = Client(user_agent="asof-bench/1.0", limits=limits)

    def made(commit: GroupCommit) -> Any:
        return router(store, {"first": url}, source, now=NOW, client=client, commit=commit.append)

    tasks = tasks_for([subject(f"S{n:04}") for n in range(symbols)], ("bars",), start, END)
    report = Backfill(store, "bench", threads=threads, router=made, clock=lambda: NOW).run(
        Order("bench", tasks)
    )
    assert report.state == "done", report
    assert not report.failures, report.failures[:3]
    assert not report.gaps
    return report.seconds, report.rows


def cached(store: Store, url: str, requests: int = 1000) -> tuple[float, float]:
    """Seconds for ``requests`` questions of one symbol's year that is held: settled and read, and settled alone."""
    asking = router(store, {"first": url}, vendor(), now=NOW)
    about = subject("S0000")
    number = store.identify([about.identity])[about.identity]
    year = (date(2023, 6, 29), END)
    both, alone = [], []
    for _ in range(3):
        began = time.perf_counter()
        for _ in range(requests):
            assert asking.ensure("bars", about, *year).from_store
            frame = asking.rows(store.reader(NOW), "bars", [number], *year)
        both.append(time.perf_counter() - began)
        assert frame.height > 240
        began = time.perf_counter()
        for _ in range(requests):
            asking.rows(store.reader(NOW), "bars", [number], *year)
        alone.append(time.perf_counter() - began)
    return statistics.median(both), statistics.median(alone)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--symbols", type=int, default=500)
    words.add_argument("--years", type=int, default=10)
    words.add_argument("--rate", type=int, default=20)
    words.add_argument("--threads", type=int, default=8)
    asked = words.parse_args()
    start = date(END.year - asked.years, END.month, END.day)
    folder = Path(tempfile.mkdtemp())
    try:
        days = sessions_of(open_store(folder / "days", clock=lambda: NOW), start, END)
        rows = json.dumps({"rows": [[str(d), 100.0 + n % 40] for n, d in enumerate(days)]}).encode()
        for rate in (asked.rate, 0):
            context = multiprocessing.get_context("spawn")
            ready, counts = context.Queue(), context.Array("i", 2)
            server = context.Process(target=serve, args=(rows, rate, ready, counts), daemon=True)
            server.start()
            url = f"http://127.0.0.1:{ready.get()}"
            store = open_store(folder / f"rate-{rate}", clock=lambda: NOW)
            seconds, written = run(store, url, asked.symbols, start, rate, asked.threads)
            ideal = (asked.symbols - rate) / rate if rate else 0.0
            told = f"{asked.symbols} symbols x {len(days)} sessions: {seconds:.1f} s, {written:,} rows, "
            told += f"{asked.symbols / seconds:.1f} symbols/s, refused {counts[1]}"
            if rate:
                told += f"; the rate of {rate}/s alone allows {ideal:.1f} s: ratio {seconds / ideal:.2f}"
            print(told)
            if not rate:
                size = sum(f.stat().st_size for f in (store.home / "data").rglob("*.parquet"))
                both, alone = cached(store, url)
                print(
                    f"1,000 cached requests of a symbol's year: {both:.2f} s settled and read, {alone:.2f} s read"
                )
                print(f"data folder {size / 1e6:.0f} MB with what compaction replaced, pid {os.getpid()}")
            server.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()

"""A process that backfills from a made-up vendor: run by the tests with ``python -m``.

Arguments: home, address, tickers with commas between, calls and seconds of the vendor's limit (0: none), and the
job to take up ("": a new one). SIGINT and SIGTERM end it as they end ``asof backfill``.
"""

from __future__ import annotations

import signal
import sys
import threading
from datetime import UTC, date, datetime
from typing import Any

from providers.backfill import Backfill
from providers.backfill_plan import Order, tasks_for
from providers.breaker import Breaker
from providers.group_commit import GroupCommit
from providers.http import Client
from providers.limits import RateLimits
from providers.source import Limit
from store import open_store
from tests.providers.vendor import router, subject, vendor

NOW = datetime(2024, 6, 28, 22, 0, tzinfo=UTC)
START, END = date(2014, 7, 1), date(2024, 6, 28)


def order(tickers: list[str], start: date = START) -> Order:
    return Order(
        f"{len(tickers)} made up", tasks_for([subject(each) for each in tickers], ("bars",), start, END)
    )


def main(
    home: str, url: str, tickers: str, calls: str, seconds: str, job: str = "", threads: str = "4"
) -> None:
    store = open_store(home, clock=lambda: NOW)
    limit = Limit(int(calls), float(seconds)) if int(calls) else None
    source = vendor("first", limit=limit)
    limits = RateLimits(store.home / "limits.sqlite", "tester", patience=600.0)
    client = Client(user_agent="asof-tests/1.0 (tests@example.com)", limits=limits)

    def made(commit: GroupCommit) -> Any:
        breaker = Breaker(longest=0.01)
        return router(
            store, {"first": url}, source, now=NOW, client=client, commit=commit.append, breaker=breaker
        )

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    work = Backfill(store, "tester", threads=int(threads), router=made, waits=(0.05,), clock=lambda: NOW)
    report = work.run(order(tickers.split(",")), stop.is_set, resume=job)
    sys.stdout.write(
        f"{report.job} {report.state} {report.done} {report.from_store} {len(report.failures)}\n"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])

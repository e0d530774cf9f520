"""A backfill: all of it, what failed, stopped and taken up again. Prices are made up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from providers.backfill import Backfill
from providers.backfill_plan import Order, documents, order_of, tasks_for, tidy, written
from providers.breaker import Breaker
from providers.group_commit import GroupCommit
from providers.source import Subject
from store import Batch, CommitResult, Store, open_store
from store.errors import Busy
from tests.providers.sources.loopback import Asked, Loopback, Said, serving
from tests.providers.vendor import Market, Vendor, router, sessions_of, subject, vendor

NOW = datetime(2024, 6, 28, 22, 0, tzinfo=UTC)
START, END = date(2024, 1, 2), date(2024, 6, 28)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "home", clock=lambda: NOW)


@pytest.fixture
def market(store: Store) -> Market:
    return Market(sessions_of(store, date(2023, 1, 2), date(2024, 6, 28)))


@pytest.fixture
def server(market: Market) -> Iterator[Loopback]:
    with serving(market) as running:
        yield running


def order(*tickers: str, title: str = "some") -> Order:
    return Order(title, tasks_for([subject(each) for each in tickers], ("bars",), START, END))


def backfill(
    store: Store, url: str, *sources: Vendor, waits: tuple[float, ...] = (), **more: Any
) -> Backfill:
    def made(commit: GroupCommit) -> Any:
        urls = {each.info.name: url for each in sources or (vendor(),)}
        breaker = Breaker(longest=0.01)
        return router(store, urls, *(sources or (vendor(),)), now=NOW, commit=commit.append, breaker=breaker)

    return Backfill(store, "tester", router=made, waits=waits, clock=lambda: NOW, **more)


TICKERS = tuple(f"T{n:02}" for n in range(24))


def test_an_order_is_a_document(store: Store) -> None:
    first = Order(
        "x",
        tasks_for(
            [subject("A"), Subject("macro:B", "B", first_day=START)], ("bars", "intraday:5m"), START, END
        ),
    )
    assert order_of(written(first)) == first
    assert first.tasks[1].detail == "5m"


def test_all_of_it(store: Store, server: Loopback, market: Market) -> None:
    told: list[str] = []
    report = backfill(store, server.url).run(order(*TICKERS), meter=lambda *m: told.append(m[2]))
    assert (report.state, report.done, report.failures, report.gaps) == ("done", 24, (), ())
    sessions = sessions_of(store, START, END)
    assert report.sessions == 24 * len(sessions)
    assert report.rows == 24 * (len(sessions) + 1)
    assert told[-1].startswith("2")
    assert len(server.asked) == 24
    job = store.jobs.get(report.job)
    assert job is not None
    assert (job.state, job.title, job.facts["rows"]) == ("done", "some", report.rows)
    kept, body = documents(store, report.job)
    assert kept == order(*TICKERS)
    assert body is not None
    assert body["sessions"] == report.sessions
    assert store.verify_audit() == []
    again = backfill(store, server.url).run(order(*TICKERS))
    assert (again.from_store, again.rows, len(server.asked)) == (24, 0, 24)


def test_what_fails_is_told_and_tried_again(store: Store, market: Market) -> None:
    refused = {"T01": 1, "T02": 5}

    def fault(asked: Asked) -> Said | None:
        ticker = asked.path.rsplit("/", 1)[-1]
        if refused.get(ticker, 0) > 0:
            refused[ticker] -= 1
            return Said(b"<html>", 200)
        return None

    market.fault = fault
    with serving(market) as server:
        report = backfill(store, server.url, waits=(0.01, 0.01)).run(order("T00", "T01", "T02", "NONE"))
    assert report.state == "done"
    assert sorted((f.ticker, f.passing) for f in report.failures) == [("NONE", False), ("T02", True)]
    assert "does not know NONE" in next(f.why for f in report.failures if f.ticker == "NONE")
    assert "2 failed" in " ".join(report.lines())


def test_missing_sessions_are_told(store: Store, market: Market) -> None:
    hole = date(2024, 3, 5)
    market.sessions.remove(hole)
    with serving(market) as server:
        report = backfill(store, server.url).run(order("T00"))
    assert [(g.ticker, g.missing, g.days) for g in report.gaps] == [("T00", 1, ("2024-03-05",))]


def test_it_stops_when_asked_and_goes_on(store: Store, market: Market) -> None:
    jobs: list[str] = []

    def stop_at_ten(asked: Asked) -> Said | None:
        jobs.append(asked.path)
        if len(jobs) == 10:
            assert store.jobs.ask_to_stop(store.jobs.list()[0].id)
        return None

    market.fault = stop_at_ten
    with serving(market) as server:
        first = backfill(store, server.url, threads=1)
        report = first.run(order(*TICKERS), stopped=lambda: len(jobs) >= 10)
        assert report.state == "stopped"
        assert 9 <= report.done <= 11
        resumed = backfill(store, server.url).run(order(*TICKERS), resume=report.job)
    assert (resumed.state, resumed.job) == ("done", report.job)
    assert resumed.from_store == report.done
    assert len(set(jobs)) == 24
    assert len([b for b in store.batches() if b.kind == "append"]) == 24


def test_several_batches_are_one_transaction_and_a_bad_one_spoils_none(store: Store) -> None:
    from store import BadBatch, Batch
    from tests.store.rows import bar, frame

    group = GroupCommit(store)
    good = Batch("a", "b", "1", {"bars": frame(bar(1, "2024-06-03", 10.0))}, basis="exact")
    bad = Batch("a", "b", "2", {"bars": frame(bar(2, "2024-06-03", 10.0)).drop("close")}, basis="exact")
    assert group.append(good).seq == 1
    assert group.append(good).duplicate
    with pytest.raises(BadBatch):
        group.append(bad)
    assert store.snapshot() == 1


def test_a_catalog_that_stays_locked_is_tried_again(store: Store, server: Loopback) -> None:
    """Thirty seconds of somebody else's must not end a night's work."""
    refused: list[str] = []

    class Slow(GroupCommit):
        def append(self, batch: Batch) -> CommitResult:
            if not refused:
                refused.append(batch.ingest_key)
                raise Busy("the catalog stayed locked for 30 s by another process")
            return super().append(batch)

    def made(commit: GroupCommit) -> Any:
        slow = Slow(commit.store)
        return router(store, {"first": server.url}, vendor(), now=NOW, commit=slow.append)

    work = Backfill(store, "tester", router=made, waits=(0.01,), clock=lambda: NOW, threads=1)
    report = work.run(order("T01", "T02"))
    assert (report.state, report.done, report.failures) == ("done", 2, ())


def test_orders_of_long_ago_are_not_kept_for_ever(tmp_path: Path, server: Loopback) -> None:
    """A nightly update would lay its whole order beside the others, year after year."""
    ticks = count()
    store = open_store(tmp_path / "later", clock=lambda: NOW + timedelta(seconds=next(ticks)))
    jobs = [backfill(store, server.url).run(order("T01", title=str(n))).job for n in range(3)]
    stopped = backfill(store, server.url).run(order("T02"), lambda: True).job
    tidy(store, orders=2, reports=3)
    kept = [tuple(each is not None for each in documents(store, job)) for job in (*jobs, stopped)]
    assert kept == [(False, False), (False, True), (True, True), (True, True)]

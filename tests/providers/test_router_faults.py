"""What the router makes of trouble on its own side: rows that the store refuses, limits that cannot be kept, and
turns that were waited for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from providers.errors import Kind
from providers.http import Client
from providers.limits import RateLimits
from providers.turns import turn
from store import Batch, CommitResult, Store, open_store
from store.errors import BadBatch
from tests.providers.sources.loopback import Loopback, serving
from tests.providers.vendor import Market, router, sessions_of, subject, vendor

NOW = datetime(2024, 6, 28, 22, 0, tzinfo=UTC)
START, END = date(2024, 6, 3), date(2024, 6, 28)


@pytest.fixture
def store(home: Path) -> Store:
    return open_store(home)


@pytest.fixture
def market(store: Store) -> Market:
    return Market(sessions_of(store, date(2024, 1, 2), date(2024, 7, 31)))


@pytest.fixture
def server(market: Market) -> Iterator[Loopback]:
    with serving(market) as running:
        yield running


def test_rows_that_the_store_refuses_are_the_sources_fault(store: Store, server: Loopback) -> None:
    """One answer that fits no table must not end a night's backfill: the next source is asked."""

    def commit(batch: Batch) -> CommitResult:
        if batch.source == "first":
            raise BadBatch("bars: a number is no number")
        return store.append(batch)

    urls = {"first": server.url, "second": server.url}
    asking = router(store, urls, vendor("first"), vendor("second"), now=NOW, commit=commit)
    outcome = asking.ensure("bars", subject(), START, END)
    assert (outcome.source, outcome.fallback) == ("second", True)
    assert [f.kind for f in outcome.failures] == [Kind.MALFORMED]
    assert "a number is no number" in outcome.failures[0].message


def test_limits_that_cannot_be_kept_are_not_told_as_a_bad_answer(
    store: Store, server: Loopback, tmp_path: Path
) -> None:
    (tmp_path / "limits.sqlite").mkdir()
    limits = RateLimits(tmp_path / "limits.sqlite", "tester")
    client = Client(user_agent="asof-tests/1.0", limits=limits)
    outcome = router(store, {"first": server.url}, vendor(), now=NOW, client=client).ensure(
        "bars", subject(), START, END
    )
    (failure,) = outcome.failures
    assert failure.kind is Kind.REFUSED
    assert "answered" not in failure.message
    assert server.asked == []


def test_who_waited_for_a_turn_asks_as_of_then(store: Store, server: Loopback, market: Market) -> None:
    """The store may hold what became known while it was waited: differences are told from after that."""
    times = [NOW, NOW + timedelta(minutes=5)]
    begun = threading.Event()

    def clock() -> datetime:
        begun.set()
        return times[0] if held.is_set() else times[1]

    held = threading.Event()
    held.set()
    asking = router(store, {"first": server.url}, vendor(), now=NOW, clock=clock)
    asking.ensure("bars", subject(), START, END)
    day, path = END, f"us-equity:{subject().ticker}"
    market.changed[subject().ticker, day] = 101.5
    begun.clear()
    with turn(store.home, path, lambda: False):
        waiting = threading.Thread(target=lambda: asking.ensure("bars", subject(), day, day, refresh=True))
        waiting.start()
        assert begun.wait(10)
        held.clear()
    waiting.join(30)
    number = store.identify([path])[path]
    rows = store.reader(times[1] + timedelta(days=1)).rows("bars", [number], day, day)
    assert rows["close"].to_list() == [101.5]
    assert rows["known_at"].to_list() == [times[1]]

"""A function's needs are fetched before it reads; what failed is told; pinned pages are never fetched for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from engine.desk import Desk
from engine.errors import Cancelled, CommandError, DataError
from engine.page import Page
from providers.breaker import Breaker
from store import Batch, CommitResult, Store, StoreError, open_store
from tests.providers.sources.loopback import Asked, Loopback, Said, serving
from tests.providers.vendor import Market, Vendor, asked_ranges, router, sessions_of, vendor

NOW = datetime(2013, 6, 28, 22, 0, tzinfo=UTC)  # after the embedded bars of Apple end, in March


@pytest.fixture
def store(home: Path) -> Store:
    return open_store(home)


@pytest.fixture
def market(store: Store) -> Market:
    return Market(sessions_of(store, date(1999, 1, 4), date(2013, 6, 28)))


@pytest.fixture
def server(market: Market) -> Iterator[Loopback]:
    with serving(market) as running:
        yield running


def desk(store: Store, urls: dict[str, str], *sources: Vendor, **more: object) -> Desk:
    asking = router(store, urls, *sources, now=NOW, breaker=Breaker(longest=0.0), **more)
    return Desk(store, "tester", clock=lambda: NOW, router=asking)


def notes(page: Page) -> list[str]:
    return [note.text for note in page.notes]


def test_what_is_missing_is_fetched_and_its_sources_are_told(store: Store, server: Loopback) -> None:
    mine = desk(store, {"first": server.url}, vendor())
    told: list[str] = []
    page = mine.run("AAPL GP 1Y", progress=lambda _done, _total, what: told.append(what))
    assert asked_ranges(server.asked) == [("AAPL", "2013-03-02", "2013-06-28")]
    assert "asking first for AAPL bars" in told
    assert "to 2013-06-28" in page.panels[0].title
    assert any("AAPL bars: " in n and " to 2013-03-01, then first" in n for n in notes(page))
    assert page.lineage is not None
    assert page.lineage.snapshot == store.snapshot()
    assert "REFRESH" not in page.lineage.command
    mine.run("AAPL HP 1M")
    assert len(server.asked) == 1  # it is held now


def test_refresh_asks_again_and_is_no_part_of_the_page(store: Store, server: Loopback) -> None:
    mine = desk(store, {"first": server.url}, vendor())
    mine.run("AAPL GP 1M")
    page = mine.run("AAPL GP 1M REFRESH")
    assert len(server.asked) == 2
    assert page.lineage is not None
    assert "REFRESH" not in page.lineage.command
    mine.refresh = True
    mine.run("AAPL GP 1M")
    assert len(server.asked) == 3


def test_a_source_that_fails_is_told_with_who_answered(store: Store, server: Loopback) -> None:
    with serving(lambda _: Said(b"no", 403)) as bad:
        mine = desk(store, {"first": bad.url, "second": server.url}, vendor("first"), vendor("second"))
        page = mine.run("AAPL GP 1Y")
    (told,) = [n for n in page.notes if n.text.startswith("AAPL: First")]
    assert "403" in told.text
    assert "answered by second" in told.text
    assert told.passing


def test_a_failure_is_no_error_while_the_store_has_rows(store: Store) -> None:
    with serving(lambda _: Said(b"", 500)) as bad:
        page = desk(store, {"first": bad.url}, vendor()).run("AAPL GP 1Y")
    assert any("shown is what the store holds" in n for n in notes(page))
    assert any("sessions" in n and "before the clock" in n for n in notes(page))


def test_where_nothing_can_be_shown_the_error_says_what_to_type(store: Store) -> None:
    mine = desk(store, {}, vendor(key=True))
    with pytest.raises(DataError, match="First needs a key: KEYS SET first"):
        mine.run("PG GP SERIES=BARS")  # the store has closes of it alone
    with pytest.raises(CommandError) as unknown:
        mine.run("NVDAX GP")
    assert "BACKFILL NVDAX" in unknown.value.suggestions


def test_offline_and_sources_are_settings(store: Store, server: Loopback) -> None:
    mine = desk(store, {"first": server.url, "yahoo": server.url}, vendor("first"), vendor("yahoo"))
    mine.run("SET offline=yes")
    mine.run("AAPL GP 1Y")
    assert not server.asked
    mine.run("SET offline=no")
    mine.run("SET sources=yahoo")
    page = mine.run("AAPL GP 1Y")
    assert any("then yahoo" in n for n in notes(page))
    with pytest.raises(CommandError, match="names of sources"):
        mine.run("SET sources=nobody")


def test_pages_of_a_snapshot_are_not_fetched_for(store: Store, server: Loopback) -> None:
    page = Desk(store, "tester", clock=lambda: NOW).run("AAPL GP 1Y")
    assert page.lineage is not None
    from engine.lineage import record_of
    from engine.seen import SeenPages  # the id must be found: it is written beside the work

    seen = SeenPages(store)
    seen.add(record_of(page, page.lineage, "tester", NOW))
    seen.drain()
    mine = desk(store, {"first": server.url}, vendor())
    again = mine.run(f"OPEN {page.lineage.snapshot_id}")
    assert again.panels[0].title == page.panels[0].title
    mine.run("WHY 1")
    mine.run("ASOF DIFF 2012-06-01 2012-07-02")
    mine.recorded = datetime.now(UTC)
    mine.run("AAPL HP 1M")
    assert not server.asked


def test_at_an_earlier_clock_its_own_history_is_fetched_and_nothing_later(
    store: Store, market: Market, server: Loopback
) -> None:
    market.sessions = sessions_of(store, date(1996, 1, 2), date(2013, 6, 28))
    mine = desk(store, {"first": server.url}, vendor())
    mine.run("ASOF 2000-06-30")
    page = mine.run("AAPL GP 3Y")
    assert all(end <= "2000-06-30" for _, _, end in asked_ranges(server.asked))
    assert page.lineage is not None
    assert all(
        r.newest_known_at is None or r.newest_known_at <= page.lineage.asof for r in page.lineage.reads
    )
    assert "1997" in page.panels[0].title
    mine.run("ASOF 2013-06-27")  # the page moves along, and is fetched for
    assert asked_ranges(server.asked)[-1][2] == "2013-06-27"


def test_esc_ends_it_and_keeps_the_store_whole(store: Store, server: Loopback) -> None:
    before = store.snapshot()
    with pytest.raises(Cancelled):
        desk(store, {"first": server.url}, vendor()).run("AAPL GP 1Y", cancelled=lambda: True)
    assert store.snapshot() == before


def test_a_watchlist_asks_only_for_what_lags(store: Store, server: Loopback) -> None:
    mine = desk(store, {"first": server.url}, vendor())
    mine.run("AAPL GP 1Y")
    mine.run("W AAPL IBM")
    assert [ticker for ticker, _, _ in asked_ranges(server.asked)] == ["AAPL", "IBM"]
    mine.run("W AAPL IBM")
    assert len(server.asked) == 2


def test_a_small_backfill_runs_at_the_desk_and_jobs_tell_of_it(store: Store, server: Loopback) -> None:
    mine = desk(store, {"first": server.url}, vendor())
    page = mine.run("BACKFILL NVDAX 2Y")
    assert page.title.startswith("Job ")
    assert mine.run("NVDAX GP 1Y").security is not None
    jobs = mine.run("JOBS").panels[0].figure
    assert jobs.frame["state"].to_list() == ["done"]  # type: ignore[union-attr]
    assert mine.run("1").title == page.title
    assert [t for t, _, _ in asked_ranges(server.asked)] == ["NVDAX"]


def test_a_fault_in_the_middle_leaves_what_was(store: Store, market: Market) -> None:
    def cut(_: Asked) -> Said | None:
        return Said(b'{"rows": [["2013-05-01", 44', 200)

    market.fault = cut
    with serving(market) as server:
        before = store.snapshot()
        desk(store, {"first": server.url}, vendor()).run("AAPL GP 1Y")
        assert store.snapshot() == before


@pytest.mark.parametrize("at", ["lock", "commit"])
def test_a_store_that_cannot_be_written_still_shows_what_it_holds(
    store: Store, server: Loopback, at: str
) -> None:
    """A read-only mount, a full disk: fetching fails, the page does not."""

    def full(_batch: Batch) -> CommitResult:
        raise StoreError("no space left on the disk")

    if at == "lock":
        shutil.rmtree(store.home / "locks")
        (store.home / "locks").write_text("no folder")
    mine = desk(store, {"first": server.url}, vendor(), **({"commit": full} if at == "commit" else {}))
    page = mine.run("AAPL GP 1Y")
    assert "AAPL" in page.title
    (told,) = [n for n in notes(page) if "shown is what the store holds" in n]
    assert ("no space left" if at == "commit" else "cannot be made") in told

"""The router: only what is missing, falling over, nothing partial, one question once. Prices are made up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from providers.breaker import Breaker
from providers.errors import Kind, SourceError
from providers.ranges import together, without
from store import Store, open_store
from tests.providers.sources.loopback import Asked, Loopback, Said, serving
from tests.providers.vendor import Market, asked_ranges, router, sessions_of, subject, vendor

NOW = datetime(2024, 6, 28, 22, 0, tzinfo=UTC)  # a Friday evening, after the close
ACME = subject()
START, END = date(2024, 6, 3), date(2024, 6, 28)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "home", clock=lambda: NOW)


@pytest.fixture
def market(store: Store) -> Market:
    return Market(sessions_of(store, date(2023, 1, 2), date(2024, 7, 31)))


@pytest.fixture
def server(market: Market) -> Iterator[Loopback]:
    with serving(market) as running:
        yield running


def fetch_lines(store: Store) -> list[dict[str, object]]:
    return [dict(e.facts) for e in store.audit.events() if e.event == "fetch"][::-1]


def days(store: Store) -> list[date]:
    return store.reader(NOW).rows("bars")["session_date"].to_list()


def test_ranges() -> None:
    day = date.fromordinal
    assert without([(day(10), day(20))], [(day(12), day(14)), (day(18), day(30))]) == [
        (day(10), day(11)),
        (day(15), day(17)),
    ]
    assert together([(day(5), day(6)), (day(1), day(2)), (day(3), day(4)), (day(9), day(8))]) == [
        (day(1), day(6))
    ]


def test_only_what_is_missing_is_asked(store: Store, server: Loopback) -> None:
    ask = router(store, {"first": server.url}, vendor(), now=NOW).ensure
    first = ask("bars", ACME, date(2024, 6, 10), date(2024, 6, 14))
    assert (first.source, first.rows, first.failures) == ("first", 6, ())  # five bars and a name
    assert ask("bars", ACME, date(2024, 6, 11), date(2024, 6, 13)).from_store
    more = ask("bars", ACME, START, END)
    assert more.rows == 15  # and the name from the first of them on
    assert asked_ranges(server.asked) == [
        ("ACME", "2024-06-10", "2024-06-14"),
        ("ACME", "2024-06-03", "2024-06-09"),
        ("ACME", "2024-06-15", "2024-06-28"),
    ]
    assert days(store) == sessions_of(store, START, END)
    assert ask("bars", ACME, START, date(2024, 6, 30)).from_store  # a weekend is nothing to ask for
    lines = fetch_lines(store)
    assert [line["outcome"] for line in lines] == ["answered"] * 3
    assert lines[0]["rows"] == 6
    assert lines[0]["symbol"] == "ACME"
    assert store.verify_audit() == []


def test_a_running_session_stays_open(store: Store, server: Loopback) -> None:
    noon = datetime(2024, 6, 28, 16, 0, tzinfo=UTC)
    router(store, {"first": server.url}, vendor(), now=noon).ensure("bars", ACME, START)
    assert asked_ranges(server.asked)[-1] == ("ACME", "2024-06-03", "2024-06-27")
    router(store, {"first": server.url}, vendor(), now=NOW).ensure("bars", ACME, START)
    assert asked_ranges(server.asked)[-1] == ("ACME", "2024-06-28", "2024-06-28")
    assert days(store)[-1] == END


def test_a_session_that_is_published_late_is_asked_again(
    store: Store, server: Loopback, market: Market
) -> None:
    whole = list(market.sessions)
    market.sessions = [day for day in whole if day < END]
    ask = router(store, {"first": server.url}, vendor(), now=NOW).ensure
    ask("bars", ACME, START, END)
    assert ask("bars", ACME, START, END).missing == ((END, END),)
    assert len(server.asked) == 1  # not at once
    market.sessions = whole
    router(store, {"first": server.url}, vendor(), now=NOW).ensure("bars", ACME, START, END)
    assert days(store)[-1] == END


def test_the_next_source_answers_where_the_first_fails(store: Store, market: Market) -> None:
    market.fault = lambda asked: Said(b"no", 403) if asked.path.endswith("ACME") else None
    with serving(market) as bad, serving(Market(market.sessions)) as good:
        sources = vendor("first"), vendor("second", key=True), vendor("third")
        asking = router(store, {"first": bad.url, "third": good.url}, *sources, now=NOW)
        outcome = asking.ensure("bars", ACME, START, date(2024, 6, 14))
        assert (outcome.source, outcome.fallback, outcome.rows) == ("third", True, 11)
        assert [(f.source, f.kind, f.asked) for f in outcome.failures] == [
            ("first", Kind.FORBIDDEN, True),
            ("second", Kind.NEEDS_KEY, False),
        ]
        assert [(e["source"], e["outcome"], e["fallback"]) for e in fetch_lines(store)] == [
            ("first", "forbidden", False),
            ("third", "answered", True),
        ]
        # the series stays with who holds it, though the first would answer now
        market.fault = lambda _: None
        again = asking.ensure("bars", ACME, START, END)
        assert (again.source, again.fallback) == ("third", False)
        assert len(bad.asked) == 1


def test_the_user_says_who_is_asked_first(store: Store, server: Loopback) -> None:
    urls = {"first": server.url, "second": server.url}
    asking = router(store, urls, vendor("first"), vendor("second"), now=NOW)
    asking.order = ("second",)
    assert asking.ensure("bars", ACME, START, END).source == "second"


def test_a_source_reaches_only_so_far_back(store: Store, server: Loopback) -> None:
    near, far = vendor("near", history_days=30), vendor("far")
    asking = router(store, {"near": server.url, "far": server.url}, near, far, now=NOW)
    outcome = asking.ensure("bars", ACME, date(2024, 5, 1), END)
    assert asked_ranges(server.asked) == [
        ("ACME", "2024-05-29", "2024-06-28"),
        ("ACME", "2024-05-01", "2024-05-28"),
    ]
    assert outcome.missing == ()
    sources = {span[0] for span in store_spans(store)}
    assert sources == {"near", "far"}


def store_spans(store: Store) -> list[tuple[str, date, date, int]]:
    from store.vintages import spans_of

    return spans_of(store.reader(NOW), "bars", store.identify([ACME.identity])[ACME.identity])


def test_an_unknown_symbol_and_an_empty_range(store: Store, server: Loopback) -> None:
    asking = router(store, {"first": server.url}, vendor(), now=NOW)
    outcome = asking.ensure("bars", subject("NONE"), START, END)
    assert [f.kind for f in outcome.failures] == [Kind.NOT_FOUND]
    outcome = asking.ensure("bars", ACME, date(2019, 1, 2), date(2019, 2, 1))  # before all that is known
    assert "has no bars of ACME" in outcome.failures[0].message
    assert store.snapshot() == 0
    asking.ensure("bars", ACME, START, END)
    asking.ensure("bars", ACME, date(2019, 1, 2), END)
    assert asking.ensure("bars", ACME, date(2019, 1, 2), END).from_store  # nothing there is an answer too


def test_an_unreachable_source_is_left_alone_for_a_while(store: Store) -> None:
    hour = [0.0]
    breaker = Breaker(lambda: hour[0])
    with serving(lambda _: Said(b"{}")) as gone:
        url = gone.url
    asking = router(store, {"first": url}, vendor(), now=NOW, breaker=breaker)
    assert asking.ensure("bars", ACME, START, END).failures[0].kind is Kind.UNREACHABLE
    assert "asked again in" in asking.ensure("bars", ACME, START, END).failures[0].message
    assert len(fetch_lines(store)) == 1
    hour[0] = 1000.0
    asking.ensure("bars", ACME, START, END)
    assert len(fetch_lines(store)) == 2


def test_refresh_asks_for_what_is_held_and_the_past_stays(
    store: Store, server: Loopback, market: Market
) -> None:
    ask = router(store, {"first": server.url}, vendor(), now=NOW).ensure
    ask("bars", ACME, START, END)
    assert ask("bars", ACME, START, END, refresh=True).rows == 0
    market.changed["ACME", date(2024, 6, 5)] = 55.5
    later = NOW + timedelta(days=1)
    changed = open_store(store.home, clock=lambda: later)
    anew = router(changed, {"first": server.url}, vendor(), now=later)
    assert anew.ensure("bars", ACME, START, END, refresh=True).rows == 1
    at = days(store).index(date(2024, 6, 5))
    assert changed.reader(NOW).rows("bars")["close"][at] != 55.5
    assert changed.reader(later).rows("bars")["close"][at] == 55.5
    # told back to what it was: the first answer's bytes again, and yet news
    market.changed.clear()
    assert anew.ensure("bars", ACME, START, END, refresh=True).rows == 1


def test_offline_nothing_is_asked(store: Store, server: Loopback) -> None:
    asking = router(store, {"first": server.url}, vendor(), now=NOW, offline=True)
    outcome = asking.ensure("bars", ACME, START, END)
    assert not server.asked
    assert "offline" in outcome.failures[0].message
    assert not outcome.asked


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (Said(b"<html>busy</html>"), Kind.MALFORMED),
        (Said(b'{"rows": [["2024-06-03"'), Kind.MALFORMED),
        (Said(b'{"lines": []}'), Kind.MALFORMED),
        (Said(b'{"rows": []}', cut=3), Kind.MALFORMED),
        (Said(b"", 500), Kind.SERVER),
        (Said(b"", 401), Kind.NEEDS_KEY),
    ],
)
def test_nothing_partial_is_seen_after_a_fault(store: Store, market: Market, said: Said, kind: Kind) -> None:
    market.fault = lambda asked: said if asked.query["from"] > "2024-06-12" else None
    with serving(market) as server:
        asking = router(store, {"first": server.url}, vendor(), now=NOW)
        asking.ensure("bars", ACME, date(2024, 6, 10), date(2024, 6, 12))
        outcome = asking.ensure("bars", ACME, START, END)  # one piece before, one after
    assert outcome.failures[0].kind is kind
    assert days(store) == sessions_of(store, START, date(2024, 6, 12))
    lines = fetch_lines(store)
    assert [line["outcome"] for line in lines] == ["answered", "answered", kind.value]
    assert store.check() == []
    assert store.verify_audit() == []


def test_two_who_want_the_same_ask_once(store: Store, server: Loopback) -> None:
    outcomes = []
    asking = router(store, {"first": server.url}, vendor(), now=NOW)
    threads = [
        threading.Thread(target=lambda: outcomes.append(asking.ensure("bars", ACME, START, END)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.asked) == 1
    assert sorted(o.from_store for o in outcomes) == [False, True, True, True]


def test_a_question_can_be_cancelled(store: Store, server: Loopback) -> None:
    asking = router(store, {"first": server.url}, vendor(), now=NOW)
    with pytest.raises(SourceError, match="cancelled"):
        asking.ensure("bars", ACME, START, END, cancelled=lambda: True)
    assert store.snapshot() == 0


def test_what_is_no_range_of_sessions_is_asked_by_its_age(store: Store, server: Loopback) -> None:
    from providers.source import Subject

    series = Subject("macro:ACT", "ACT", "MACRO", "macro", calendar="")
    first = router(store, {"first": server.url}, vendor(), now=NOW)
    assert first.ensure("observations", series).rows > 100
    assert first.ensure("observations", series).from_store
    assert not first.ensure("observations", series, max_age_seconds=-1.0).from_store
    assert first.ensure("observations", series, end=date(2020, 1, 1)).from_store  # asked since that day
    tomorrow = NOW + timedelta(days=2)
    changed = open_store(store.home, clock=lambda: tomorrow)
    assert (
        not router(changed, {"first": server.url}, vendor(), now=tomorrow)
        .ensure("observations", series)
        .from_store
    )


def test_rows_that_nobody_was_asked_for_count_as_held(home: Path) -> None:
    """Embedded bars of 2000 to 2013: only what follows is asked."""
    store = open_store(home)
    aapl = subject("AAPL")
    market = Market(sessions_of(store, date(2013, 1, 2), date(2013, 6, 28)))
    with serving(market) as server:
        asking = router(store, {"first": server.url}, vendor(), now=datetime(2013, 6, 28, 22, 0, tzinfo=UTC))
        asking.ensure("bars", aapl, date(2010, 1, 4), date(2013, 6, 28))
        assert asked_ranges(server.asked) == [("AAPL", "2013-03-02", "2013-06-28")]


def test_sources_never_see_rows_of_another_answer(store: Store, server: Loopback, market: Market) -> None:
    """A source that gives more than was asked for cannot reach into what another one holds."""

    def generous(asked: Asked) -> Said:
        return Market(market.sessions)(Asked(asked.method, asked.path, {}, asked.headers, asked.body))

    urls_first = router(store, {"first": server.url}, vendor(), now=NOW)
    urls_first.ensure("bars", ACME, date(2024, 6, 10), date(2024, 6, 14))
    with serving(generous) as other:
        asking = router(store, {"second": other.url}, vendor("second"), now=NOW)
        outcome = asking.ensure("bars", ACME, START, date(2024, 6, 14))
    assert outcome.rows == 6  # five bars, and the name from the first of them on
    assert [span[0] for span in store_spans(store)] == ["second", "first"]


def test_the_audit_says_where_the_key_of_a_question_came_from(store: Store, server: Loopback) -> None:
    asking = router(store, {"first": server.url}, vendor(key=True), now=NOW, ready=lambda _: "")
    asking.ensure("bars", ACME, START, END)
    assert [line["key_from"] for line in fetch_lines(store)] == ["environment TEST_KEY"]

"""An answer merged: nothing twice, nothing of the past changed, halves like the whole. Prices are made up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from providers.embedded.loader import StoreCalendars
from providers.merge import Asked, merged
from providers.source import Answer, Subject
from providers.tellings import DIFFERS
from store import Batch, Store, open_store

NOW = datetime(2024, 6, 28, 22, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
SUBJECT = Subject("us-equity:ACME", "ACME")
DAYS = [
    date(2024, 6, 3) + timedelta(days=n)
    for n in range(26)
    if (date(2024, 6, 3) + timedelta(days=n)).weekday() < 5
]
DAYS.remove(date(2024, 6, 19))  # a holiday


def closed(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 20, 0, tzinfo=UTC)


def bars(values: dict[date, float], identity: str = SUBJECT.identity) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "identity": identity, "session_date": day, "open": v, "high": v, "low": v, "close": v, "volume": 100,
                "known_at": closed(day), "known_basis": "exact",
            }
            for day, v in values.items()
        ]
    )  # fmt: skip


def answer(name: str, **frames: pl.DataFrame) -> Answer:
    return Answer(frames, name)


def batch(
    store: Store, told: Answer, now: datetime = NOW, dataset: str = "bars", source: str = "one"
) -> Batch:
    calendars = StoreCalendars(store.reader(now).calendars.get)
    return merged(store, told, Asked(source, dataset, SUBJECT), now, calendars)


def put(store: Store, told: Answer, now: datetime = NOW, dataset: str = "bars") -> Batch:
    made = batch(store, told, now, dataset)
    store.append(made)
    return made


def seen(store: Store, asof: datetime, table: str = "bars") -> pl.DataFrame:
    return store.reader(asof).rows(table)


prices = st.dictionaries(st.sampled_from(DAYS), st.integers(90, 110).map(float), min_size=1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path, clock=lambda: LATER + timedelta(days=400))


def fresh(folder: str) -> Store:
    return open_store(folder, clock=lambda: LATER + timedelta(days=400))


def test_rows_stand_at_their_own_clocks_and_the_security_is_described(store: Store) -> None:
    put(store, answer("a", bars=bars({DAYS[0]: 100.0, DAYS[1]: 101.0})))
    assert seen(store, closed(DAYS[0]))["close"].to_list() == [100.0]
    assert seen(store, NOW)["close"].to_list() == [100.0, 101.0]
    named = store.reader(closed(DAYS[0])).securities().row(0, named=True)
    assert (named["ticker"], named["name"], named["valid_from"]) == ("ACME", "ACME", DAYS[0])
    assert store.reader(closed(DAYS[0]) - timedelta(seconds=1)).securities().is_empty()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(prices)
def test_told_twice_is_written_once(values: dict[date, float]) -> None:
    with TemporaryDirectory() as folder:
        store = fresh(folder)
        put(store, answer("a", bars=bars(values)))
        assert not batch(store, answer("b", bars=bars(values)), LATER).frames


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(prices, st.integers(0, len(DAYS)))
def test_halves_are_like_the_whole(values: dict[date, float], cut: int) -> None:
    early = {day: v for day, v in values.items() if day in DAYS[:cut]}
    late = {day: v for day, v in values.items() if day not in early}
    with TemporaryDirectory() as one, TemporaryDirectory() as two:
        whole, halves = fresh(one), fresh(two)
        put(whole, answer("a", bars=bars(values)))
        for name, half in (("early", early), ("late", late)):
            if half:
                put(halves, answer(name, bars=bars(half)))
        for table in ("bars", "securities"):
            assert seen(whole, NOW, table).equals(seen(halves, NOW, table))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(prices, prices, st.sampled_from(DAYS))
def test_the_past_never_changes_by_a_later_fetch(
    first: dict[date, float], second: dict[date, float], day: date
) -> None:
    with TemporaryDirectory() as folder:
        store = fresh(folder)
        put(store, answer("a", bars=bars(first)))
        before = seen(store, closed(day)), seen(store, NOW)
        put(store, answer("b", bars=bars(second)), LATER)
        held = pl.Series(list(first))
        for shown, asof in zip(before, (closed(day), NOW), strict=True):
            now_shown = seen(store, asof).filter(pl.col("session_date").is_in(held.implode()))
            assert now_shown.equals(shown)  # what was held is shown as it was
        latest = seen(store, LATER)
        assert dict(zip(latest["session_date"], latest["close"], strict=True)) == first | second
        changed = {d for d in first if d in second and first[d] != second[d]}
        assert set(latest.filter(pl.col("known_basis") == DIFFERS)["session_date"]) == changed
        assert not batch(store, answer("c", bars=bars(second)), LATER + timedelta(days=1)).frames


def test_what_is_not_known_yet_or_no_session_stays_out(store: Store) -> None:
    holiday = date(2024, 6, 19)
    made = put(store, answer("a", bars=bars({DAYS[0]: 100.0, holiday: 100.0, date(2024, 7, 1): 100.0})))
    assert made.frames["bars"]["session_date"].to_list() == [DAYS[0]]
    assert [q.reason for q in made.quarantined] == ["the day is no session of the calendar XNYS"]


def test_a_jump_is_judged_by_the_store_too(store: Store) -> None:
    put(store, answer("a", bars=bars({DAYS[0]: 100.0})))
    made = batch(store, answer("b", bars=bars({DAYS[1]: 5.0})))
    assert "bars" not in made.frames
    assert "20" not in made.quarantined[0].reason
    assert "more than 10-fold" in made.quarantined[0].reason
    split = {
        "identity": SUBJECT.identity, "kind": "split", "ex_date": DAYS[1], "ratio": 20.0,
        "known_at": closed(DAYS[0]), "known_basis": "exact",
    }  # fmt: skip
    put(store, answer("c", actions=pl.DataFrame([split])))
    assert batch(store, answer("b", bars=bars({DAYS[1]: 5.0}))).frames["bars"].height == 1


def test_a_split_that_no_price_shows_is_set_aside(store: Store) -> None:
    split = {
        "identity": SUBJECT.identity, "kind": "split", "ex_date": DAYS[1], "ratio": 4.0,
        "known_at": closed(DAYS[0]), "known_basis": "exact",
    }  # fmt: skip
    told = answer("a", bars=bars({DAYS[0]: 25.0, DAYS[1]: 25.0}), actions=pl.DataFrame([split]))
    made = batch(store, told)
    assert "actions" not in made.frames
    assert "does not show this split" in made.quarantined[0].reason


def test_an_empty_cell_says_nothing(store: Store) -> None:
    put(store, answer("a", bars=bars({DAYS[0]: 100.0})))
    silent = bars({DAYS[0]: 100.0}).with_columns(volume=pl.lit(None, pl.Int64))
    assert not batch(store, answer("b", bars=silent), LATER).frames
    changed = bars({DAYS[0]: 101.0}).with_columns(volume=pl.lit(None, pl.Int64))
    assert batch(store, answer("c", bars=changed), LATER).frames["bars"]["volume"].to_list() == [100]


def observed(*rows: tuple[str, float, str]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "identity": "macro:ACT", "period_date": date.fromisoformat(period), "value": value,
                "known_at": datetime.fromisoformat(known).replace(tzinfo=UTC), "known_basis": "exact",
            }
            for period, value, known in rows
        ]
    )  # fmt: skip


def test_vintages_stand_at_their_own_clocks(store: Store) -> None:
    first = ("2024-01-01", 1.0, "2024-02-01")
    put(store, answer("a", observations=observed(first)), dataset="observations")
    again = [first, ("2024-01-01", 1.0, "2024-02-15"), ("2024-01-01", 1.2, "2024-03-01")]
    made = put(store, answer("b", observations=observed(*again)), dataset="observations")
    assert made.frames["observations"]["value"].to_list() == [1.2]  # the repetition says nothing
    assert seen(store, datetime(2024, 2, 20, tzinfo=UTC), "observations")["value"].to_list() == [1.0]
    assert seen(store, datetime(2024, 3, 2, tzinfo=UTC), "observations")["value"].to_list() == [1.2]
    # rewritten without a vintage of its own: known from now, and told once
    rewritten = observed(first, ("2024-01-01", 1.3, "2024-03-01"))
    made = put(store, answer("c", observations=rewritten), dataset="observations")
    assert made.frames["observations"].select("value", "known_at").rows() == [(1.3, NOW)]
    assert not batch(store, answer("d", observations=rewritten), LATER, "observations").frames
    assert seen(store, datetime(2024, 3, 2, tzinfo=UTC), "observations")["value"].to_list() == [1.2]
    # an older vintage that is told otherwise could never be shown
    older = observed(("2024-01-01", 9.0, "2024-02-01"), ("2024-01-01", 1.2, "2024-03-01"))
    made = batch(store, answer("e", observations=older), LATER, "observations")
    assert not made.frames
    assert made.quarantined[0].rows is not None


def test_names_are_told_once_and_only_when_they_say_something(store: Store) -> None:
    def named(name: str, ticker: str, known: datetime, since: date) -> pl.DataFrame:
        return pl.DataFrame(
            [
                {
                    "identity": SUBJECT.identity, "valid_from": since, "ticker": ticker, "name": name,
                    "market": "US EQUITY", "asset_class": "equity", "known_at": known, "known_basis": "exact",
                }
            ]
        )  # fmt: skip

    put(
        store,
        answer(
            "a", bars=bars({DAYS[0]: 100.0}), securities=named("Acme Inc.", "ACME", NOW, date(1999, 1, 4))
        ),
    )
    assert seen(store, closed(DAYS[0]), "securities")["name"].to_list() == ["ACME"]
    assert seen(store, NOW, "securities")["name"].to_list() == ["Acme Inc."]
    other = answer("b", securities=named("ACME INC", "ACME", NOW, DAYS[5]))
    assert not batch(store, other).frames
    renamed = answer("c", securities=named("Apex Inc.", "APEX", NOW, DAYS[6]))
    put(store, renamed)
    assert seen(store, NOW, "securities")["ticker"].to_list() == ["ACME", "APEX"]
    assert not batch(store, answer("d", securities=renamed.frames["securities"])).frames


def test_a_row_withdrawn_and_told_again_is_known_from_then(store: Store) -> None:
    put(store, answer("a", bars=bars({DAYS[0]: 100.0})))
    gone = seen(store, NOW).with_columns(deleted=pl.lit(value=True), known_at=pl.lit(NOW))
    store.append(Batch("two", "bars", "x", {"bars": gone}))
    assert seen(store, NOW).is_empty()
    put(store, answer("b", bars=bars({DAYS[0]: 100.0})), LATER)
    assert seen(store, LATER)["close"].to_list() == [100.0]
    assert not batch(store, answer("c", bars=bars({DAYS[0]: 100.0})), LATER).frames

"""A store that was loaded by earlier rules or facts: what we had wrong is put right at the clocks where it stood."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, datetime, timedelta

import polars as pl
import pytest

from providers.embedded import (
    companies,
    ecb,
    embedded_loaded,
    load_embedded,
    reference,
    skfolio,
    statsmodels,
    version,
)
from providers.embedded.companies import NAMINGS, Naming
from store import Store
from tests.providers.conftest import NOW, FakeShelf, gz, ids
from tests.providers.test_embedded_clocks import NEW_YORK, evening

# Tickers and words of later, a name told too early, a name that nobody bore, one that is missing.
WRONG = (
    Naming("us-equity:RRC", date(1990, 1, 2), "RRC", "Lomak Petroleum, Inc.", note="name until the merger of 1998"),
    Naming("us-equity:GE", date(1995, 1, 3), "GEX", "General Electric, wrongly"),
    *(
        replace(naming, announced=None) if naming.announced is not None
        else replace(naming, note="until the merger with Mobil") if naming.ticker == "XON"
        else naming
        for naming in NAMINGS
        if naming.ticker != "META"
    ),
)  # fmt: skip


@pytest.fixture
def earlier(fresh: Store) -> Store:
    """A store of before: wrong facts, fixings and a vintage dated too early."""
    with pytest.MonkeyPatch.context() as past:
        past.setattr(companies, "NAMINGS", WRONG)
        past.setattr(reference, "NAMINGS", WRONG)
        past.setattr(version, "EMBEDDED_VERSION", "of before")
        past.setattr(ecb, "local_instant", lambda day, *_: pl.col(day).cast(pl.Datetime("us", "UTC")))
        past.setattr(statsmodels, "MACRO_VINTAGE", date(2009, 12, 1))
        version.rules.cache_clear()
        load_embedded(fresh)
        assert embedded_loaded(fresh)
    version.rules.cache_clear()
    return fresh


def shown(store: Store, asof: datetime) -> list[pl.DataFrame]:
    """All that a store shows at a clock. The basis of a row that stands for a withdrawn one is its own."""
    reader = store.reader(asof)
    clocks = ("known_at", "known_basis")
    frames = [reader.securities(), reader.actions(None), reader.closes(None), reader.observations(None)]
    return [frame.drop(clocks, strict=False) for frame in frames]


def test_changed_facts_are_noticed_and_loaded_once(earlier: Store) -> None:
    assert not embedded_loaded(earlier)
    assert not load_embedded(earlier).duplicate
    assert embedded_loaded(earlier)
    assert load_embedded(earlier).duplicate


def test_a_renewed_store_shows_at_every_clock_what_a_fresh_one_does(earlier: Store, loaded: Store) -> None:
    load_embedded(earlier)
    clocks = [evening(f"{year}-06-30") for year in range(1980, 2026)]
    clocks += [evening("2009-12-10"), evening("2009-12-15"), evening("2022-06-09"), NOW]
    clocks += [
        datetime(2007, 1, 9, 10, tzinfo=NEW_YORK),
        datetime(2021, 10, 28, 14, tzinfo=NEW_YORK),
        datetime(2016, 5, 4, 1, tzinfo=NEW_YORK),
    ]
    for asof in clocks:
        for ours, theirs in zip(shown(earlier, asof), shown(loaded, asof), strict=True):
            assert ours.equals(theirs), asof


def test_a_snapshot_of_before_keeps_what_it_showed(earlier: Store) -> None:
    before, asof = earlier.snapshot(), evening("1995-06-30")
    old = earlier.reader(asof, snapshot=before).securities()
    load_embedded(earlier)
    assert earlier.reader(asof, snapshot=before).securities().equals(old)
    assert "name until the merger of 1998" in old["note"].to_list()
    assert "name until the merger of 1998" not in earlier.securities(asof=asof)["note"].to_list()
    assert "GEX" not in earlier.securities(asof=NOW)["ticker"].to_list()


def test_a_second_renewal_writes_nothing_more(earlier: Store) -> None:
    load_embedded(earlier)

    class Released(FakeShelf):
        def version(self, distribution: str) -> str:
            return super().version(distribution) + ".post1"

    assert load_embedded(earlier, shelf=Released()).rows == {}


def test_a_fact_is_part_of_the_name_of_the_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    now = version.rules()
    monkeypatch.setattr(companies, "NAMINGS", NAMINGS[1:])
    version.rules.cache_clear()
    changed = version.rules()
    monkeypatch.undo()
    version.rules.cache_clear()
    assert changed != now == version.rules()


def test_adjusted_closes_are_replaced_as_a_whole_where_a_return_differs(fresh: Store) -> None:
    def told(*closes: float) -> FakeShelf:
        days = [date(2020, 1, 6) + timedelta(at) for at in range(len(closes))]
        lines = "".join(f"{day},{close}\n" for day, close in zip(days, closes, strict=True))
        return FakeShelf({skfolio.STOCKS.path: gz("Date,AAPL\n" + lines)})

    load_embedded(fresh, shelf=told(10.0, 11.0))
    again = load_embedded(fresh, shelf=told(20.0, 22.0))  # another level, the same return
    assert sum(count for tables in again.rows.values() for count in tables.values()) == 0
    renewed = load_embedded(fresh, shelf=told(20.0, 22.0, 33.0))
    assert sum(count for tables in renewed.rows.values() for count in tables.values()) == 3
    (aapl,) = ids(fresh, "AAPL")
    assert fresh.closes(aapl, asof=NOW)["close"].to_list() == pytest.approx([100.0, 110.0, 165.0])


# Of (day, known_at) of every row up to the end of 2022. Where this fails because a rule of ours changed, count
# EMBEDDED_VERSION up, or stores that are there keep the old clocks; then write the new one.
CLOCKS_OF_VERSION = ("2", "ba532760208879ff")


def test_clocks_change_with_the_version_only(loaded: Store) -> None:
    reader = loaded.reader(NOW)
    frames = [
        reader.bars(None, adjust="none").select(day="session_date", at="known_at"),
        reader.closes(None).select(day="session_date", at="known_at"),
        reader.actions(None).select(day="ex_date", at="known_at"),
        reader.observations(None).select(day="period_date", at="known_at"),
    ]
    rows = pl.concat(frames).filter(pl.col("day") <= date(2022, 12, 31)).sort("day", "at")
    found = hashlib.sha256(rows.select(pl.all().to_physical()).write_csv().encode()).hexdigest()[:16]
    assert (version.EMBEDDED_VERSION, found) == CLOCKS_OF_VERSION

"""Names and tickers: what a security was called, and from when it could be seen."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

import polars as pl
import pytest

from engine.clock import end_of_day
from providers.clocks import IN_USE, SAID_BY, SAID_THAT_DAY
from providers.embedded.companies import LATER_SPLITS, NAMINGS
from providers.embedded.currencies import CURRENCY_NAMES, ENDED, RENAMED
from providers.embedded.reference import known
from store import Store
from tests.providers.conftest import NOW, ids
from tests.providers.test_embedded_clocks import NEW_YORK, evening


def called(store: Store, ticker: str, asof: str) -> tuple[str, str]:
    """Ticker and name at a clock of the security whose ticker today is ``ticker``."""
    (security,) = ids(store, ticker)
    row = store.securities(security, asof=evening(asof)).sort("valid_from").row(-1, named=True)
    return row["ticker"], row["name"]


@pytest.mark.parametrize(
    ("today", "asof", "ticker", "name"),
    [
        ("AAPL", "2007-01-08", "AAPL", "Apple Computer, Inc."),
        ("EURTRY", "2006-06-30", "EURTRY", "Euro / New Turkish lira, ECB reference rate"),
        ("EURTRL", "2002-06-30", "EURTRL", "Euro / Turkish lira, ECB reference rate"),
        ("EURTRL", "2006-06-30", "EURTRL", "Euro / Turkish lira (old), ECB reference rate"),
        ("EURROL", "2002-06-30", "EURROL", "Euro / Romanian leu, ECB reference rate"),
        ("AAPL", "2007-01-09", "AAPL", "Apple Inc."),
        ("META", "2012-05-18", "FB", "Facebook, Inc."),
        ("META", "2022-06-08", "FB", "Meta Platforms, Inc."),
        ("META", "2022-06-09", "META", "Meta Platforms, Inc."),
        ("GOOGL", "2014-04-02", "GOOG", "Google Inc., class A"),
        ("GOOGL", "2014-04-03", "GOOGL", "Google Inc., class A"),
        ("GOOGL", "2016-01-04", "GOOGL", "Alphabet Inc., class A"),
        ("XOM", "1995-06-30", "XON", "Exxon Corporation"),
        ("BAC", "1998-09-30", "NB", "NationsBank Corporation"),
        ("JPM", "1999-01-04", "CMB", "The Chase Manhattan Corporation"),
    ],
)
def test_names_follow_the_clock(loaded: Store, today: str, asof: str, ticker: str, name: str) -> None:
    assert called(loaded, today, asof) == (ticker, name)


def test_a_security_does_not_exist_before_it_was_listed(loaded: Store) -> None:
    (meta,) = ids(loaded, "META")
    assert loaded.securities(meta, asof=evening("2012-05-17")).is_empty()
    assert loaded.securities(meta, asof=evening("2012-05-18")).height == 1


@pytest.mark.parametrize(
    ("ticker", "hour", "before", "after"),
    [
        ("AAPL", datetime(2007, 1, 9, 15), "Apple Computer, Inc.", "Apple Inc."),
        ("META", datetime(2021, 10, 28, 15), "Facebook, Inc.", "Meta Platforms, Inc."),
        ("CVX", datetime(2005, 5, 10), "ChevronTexaco Corporation", "Chevron Corporation"),
        ("XOM", datetime(1999, 12, 1, 9, 30), "Exxon Corporation", "Exxon Mobil Corporation"),
    ],
)
def test_a_name_is_not_known_before_it_was_said(
    loaded: Store, ticker: str, hour: datetime, before: str, after: str
) -> None:
    (security,) = ids(loaded, ticker)
    for asof, name in ((hour - timedelta(minutes=1), before), (hour, after)):
        rows = loaded.securities(security, asof=asof.replace(tzinfo=NEW_YORK)).sort("valid_from")
        assert rows["name"][-1] == name, asof


# Their prices begin before their ticker of the time is known for sure.
NAMED_LATER = {"BAC": date(1992, 1, 2), "RRC": date(1998, 9, 1), "UNH": date(1992, 1, 2)}


def test_every_security_with_data_is_described_no_later_than_its_data(loaded: Store) -> None:
    reader = loaded.reader(NOW)
    described = every_telling(loaded).group_by("security_id").agg(seen=pl.col("known_at").min())
    everyone = described["security_id"].to_list()
    later = dict(zip(ids(loaded, *NAMED_LATER), NAMED_LATER.values(), strict=True))
    for rows in (
        reader.bars(everyone, adjust="none"),
        reader.closes(everyone),
        reader.observations(everyone),
    ):
        first = rows.group_by("security_id").agg(pl.col("known_at").min())
        joined = first.join(described, on="security_id", how="left")
        assert joined["seen"].null_count() == 0
        for security, known_at, seen in joined.iter_rows():
            if security in later:
                assert seen.astimezone(NEW_YORK).date() == later[security]
            else:
                assert seen <= known_at, security


def every_telling(store: Store) -> pl.DataFrame:
    """Every version of every row of ``securities``."""
    reader = store.reader(NOW)
    keys = reader.securities().select("security_id", "valid_from").iter_rows(named=True)
    return pl.concat([reader.versions("securities", key) for key in keys])


LOOKS_AHEAD = re.compile(
    r"\b(until|later|since|former|formerly|predecessor|successor|then|still|whole span)\b|\(old\)", re.I
)


def test_no_text_says_what_came_later(loaded: Store) -> None:
    """Of every version of every row: no year after the one in which it was known, no word that looks back from
    later, no ticker or name that the security took later."""
    rows = every_telling(loaded).sort("security_id", "known_at").to_dicts()
    old = {f"Euro / {new.name}, ECB reference rate" for new in RENAMED if "(old)" in new.name}
    for row in rows:
        year = row["known_at"].astimezone(NEW_YORK).year
        text = " ".join(row[column] or "" for column in ("ticker", "name", "note", "delisting_reason"))
        assert all(int(found) <= year for found in re.findall(r"\b(?:19|20)\d\d\b", text)), (year, text)
        assert LOOKS_AHEAD.search(text) is None or row["name"] in old, text
        told: dict[bool, set[str]] = {False: set(), True: set()}
        for other in rows:
            if other["security_id"] == row["security_id"]:
                told[other["known_at"] > row["known_at"]] |= {other["ticker"], other["name"]}
        for word in told[True] - told[False]:
            assert re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is None, (word, text)


def test_what_a_row_dates_is_not_later_than_its_clock(loaded: Store) -> None:
    """Of every version: a listing, an end and the day from which it holds lie in its past."""
    for row in every_telling(loaded).iter_rows(named=True):
        day = row["known_at"].astimezone(NEW_YORK).date()
        for column in ("valid_from", "listing_date", "delisting_date"):
            assert row[column] is None or row[column] <= day, row


def test_a_rule_fits_its_clock() -> None:
    """The three rules of a naming's clock, and nothing known before the morning of its day."""
    for naming in NAMINGS:
        known_at, basis = known(naming)
        local = known_at.astimezone(NEW_YORK)
        assert local.date() == naming.valid_from, naming
        hour = local.time()
        if basis == IN_USE:
            assert (hour, naming.announced) == (time(9, 30), None)
        elif basis == SAID_THAT_DAY:
            assert hour == time.max
        else:
            assert basis == SAID_BY
            assert hour > time(13)


def test_ended_currencies_end_where_their_fixings_do(loaded: Store) -> None:
    for ended in ENDED:
        (pair,) = ids(loaded, f"EUR{ended.currency}")
        fixings = loaded.closes(pair, asof=NOW)
        assert fixings["session_date"][-1] == ended.last_fixing, ended.currency
        alive = loaded.securities(pair, asof=fixings["known_at"][-1])
        dead = loaded.securities(pair, asof=end_of_day(ended.known_on, NEW_YORK))
        assert alive["delisting_date"].to_list() == [None]
        assert set(dead["delisting_date"]) == {ended.last_fixing}
        assert set(dead["delisting_reason"]) == {ended.reason}


def test_every_currency_has_a_name_and_every_pair_a_unit(loaded: Store) -> None:
    pairs = loaded.securities(asof=NOW).filter(pl.col("market") == "CURNCY")
    assert pairs["ticker"].n_unique() == len(CURRENCY_NAMES) == 41
    (usd,) = pairs.filter(pl.col("ticker") == "EURUSD").iter_rows(named=True)
    assert (usd["name"], usd["unit"], usd["currency"]) == (
        "Euro / US dollar, ECB reference rate", "USD per EUR", "USD",
    )  # fmt: skip


def test_every_fact_holds_from_a_day_of_its_own() -> None:
    keys = [(naming.identity, naming.valid_from) for naming in NAMINGS]
    assert len(keys) == len(set(keys))
    assert all(
        naming.listing_date in (None, date.min) or naming.listing_date <= naming.valid_from
        for naming in NAMINGS
    )
    identities = {naming.identity for naming in NAMINGS}
    for split in LATER_SPLITS:
        assert split.identity in identities
        assert split.announced < split.ex_date, "a split announced after its ex-date was never upcoming"


def test_markets_and_units_are_said(loaded: Store) -> None:
    rows = loaded.securities(asof=NOW)
    assert rows.filter(pl.col("unit").is_null() | (pl.col("unit") == "")).is_empty()
    assert set(rows["market"]) == {"US EQUITY", "INDEX", "CURNCY", "COMDTY", "MACRO"}

"""Names and tickers: what a security was called, and from when it could be seen."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from providers.embedded.companies import LATER_SPLITS, NAMINGS
from providers.embedded.currencies import CURRENCY_NAMES, ENDED
from store import Store
from tests.providers.conftest import NOW, ids
from tests.providers.test_embedded_clocks import evening


def called(store: Store, ticker: str, asof: str) -> tuple[str, str]:
    """Ticker and name at a clock of the security whose ticker today is ``ticker``."""
    (security,) = ids(store, ticker)
    row = store.securities(security, asof=evening(asof)).sort("valid_from").row(-1, named=True)
    return row["ticker"], row["name"]


@pytest.mark.parametrize(
    ("today", "asof", "ticker", "name"),
    [
        ("AAPL", "2007-01-08", "AAPL", "Apple Computer, Inc."),
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


def test_every_security_with_data_is_described_no_later_than_its_data(loaded: Store) -> None:
    reader = loaded.reader(NOW)
    described = reader.securities().group_by("security_id").agg(seen=pl.col("known_at").min())
    for ticker_table, day in (
        ("bars", "session_date"),
        ("closes", "session_date"),
        ("observations", "period_date"),
    ):
        everyone = described["security_id"].to_list()
        read = {
            "bars": lambda who: reader.bars(who, adjust="none"),
            "closes": reader.closes,
            "observations": reader.observations,
        }[ticker_table]
        first = read(everyone).group_by("security_id").agg(pl.col("known_at").min(), pl.col(day).min())
        joined = first.join(described, on="security_id", how="left")
        assert joined["seen"].null_count() == 0
        # Of an ended currency the last version is the one described: look with the clock of its first row.
        for row in joined.filter(pl.col("seen") > pl.col("known_at")).iter_rows(named=True):
            assert loaded.securities(row["security_id"], asof=row["known_at"]).height == 1, row


def test_ended_currencies_end_where_their_fixings_do(loaded: Store) -> None:
    for ended in ENDED:
        (pair,) = ids(loaded, f"EUR{ended.currency}")
        fixings = loaded.closes(pair, asof=NOW)
        assert fixings["session_date"][-1] == ended.last_fixing, ended.currency
        alive = loaded.securities(pair, asof=fixings["known_at"][-2])
        dead = loaded.securities(pair, asof=NOW)
        assert alive["delisting_date"].to_list() == [None]
        assert dead["delisting_date"].to_list() == [ended.last_fixing]
        assert dead["delisting_reason"][0] == ended.reason


def test_every_currency_has_a_name_and_every_pair_a_unit(loaded: Store) -> None:
    pairs = loaded.securities(asof=NOW).filter(pl.col("market") == "CURNCY")
    assert pairs.height == len(CURRENCY_NAMES) == 41
    (usd,) = pairs.filter(pl.col("ticker") == "EURUSD").iter_rows(named=True)
    assert (usd["name"], usd["unit"], usd["currency"]) == (
        "Euro / US dollar, ECB reference rate", "USD per EUR", "USD",
    )  # fmt: skip


def test_every_fact_names_its_source_and_holds_from_a_day_of_its_own() -> None:
    keys = [(naming.identity, naming.valid_from) for naming in NAMINGS]
    assert len(keys) == len(set(keys))
    assert all(naming.source for naming in NAMINGS)
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
    assert rows.filter(pl.col("note").str.contains(r"\^GSPC", literal=False))["ticker"].to_list() == ["SPX"]

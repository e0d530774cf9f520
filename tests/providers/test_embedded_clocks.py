"""No embedded row is known before the world could know it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import exchange_calendars
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clock import end_of_day
from store import Store
from tests.providers.conftest import NOW, ids

NEW_YORK, FRANKFURT = ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin")


def evening(text: str) -> datetime:
    return end_of_day(date.fromisoformat(text), NEW_YORK)


@pytest.fixture(scope="module")
def closes_at() -> pl.DataFrame:
    """Closing instants of XNYS straight from exchange_calendars, past the store's own cache."""
    schedule = exchange_calendars.get_calendar("XNYS", start="1985-01-01", end="2023-01-31").schedule
    closes = schedule["close"].dt.tz_localize(None).to_numpy().astype("datetime64[us]")
    days = schedule.index.to_numpy().astype("datetime64[D]")
    return pl.DataFrame({"session_date": days, "close_at": closes}).with_columns(
        pl.col("session_date").cast(pl.Date), pl.col("close_at").dt.replace_time_zone("UTC")
    )


def test_every_bar_is_known_at_its_close(loaded: Store, closes_at: pl.DataFrame) -> None:
    tickers = ids(loaded, "AAPL", "META", "GOOGL", "IBM", "MSFT", "SPX", "CCMP")
    bars = loaded.bars(tickers, asof=NOW, adjust="none").join(closes_at, on="session_date", how="left")
    assert bars.height == 22_216
    assert bars["known_at"].to_list() == bars["close_at"].to_list()


def test_early_closes_are_early(loaded: Store) -> None:
    (ibm,) = ids(loaded, "IBM")
    one_o_clock = datetime(2012, 11, 23, 13, tzinfo=NEW_YORK)
    last = loaded.bars(ibm, asof=one_o_clock)["session_date"][-1]
    assert last == date(2012, 11, 23)
    last = loaded.bars(ibm, asof=one_o_clock - timedelta(microseconds=1))["session_date"][-1]
    assert last == date(2012, 11, 21)


def test_closes_are_known_at_the_close_and_vix_a_quarter_of_an_hour_later(
    loaded: Store, closes_at: pl.DataFrame
) -> None:
    daily = loaded.closes(ids(loaded, "XOM", "JPM", "MTUM", "SPX"), asof=NOW).join(
        closes_at, on="session_date", how="left"
    )
    assert (daily["known_at"] == daily["close_at"]).all()
    vix = loaded.closes(ids(loaded, "VIX"), asof=NOW).join(closes_at, on="session_date", how="left")
    assert vix.height == 1_259
    assert set(vix["known_at"] - vix["close_at"]) == {timedelta(minutes=15)}


def test_oil_on_days_that_stocks_rest_is_kept(loaded: Store, closes_at: pl.DataFrame) -> None:
    oil = loaded.closes(ids(loaded, "WTI"), asof=NOW)
    resting = oil.join(closes_at, on="session_date", how="anti")
    assert oil.height == 8_321
    assert resting.height == 30
    local = oil["known_at"].dt.convert_time_zone("America/New_York")
    assert set(local.dt.time()) == {time(17)}


def test_oil_is_known_on_friday_of_the_week_after(loaded: Store) -> None:
    """EIA's release of the next week has it, also when holidays move that release from Wednesday."""
    oil = loaded.closes(ids(loaded, "WTI"), asof=NOW)
    for day, known_at in oil.select("session_date", "known_at").iter_rows():
        said = known_at.astimezone(NEW_YORK).date()
        assert said.weekday() == 4
        assert said.isocalendar()[:2] == (day + timedelta(days=7)).isocalendar()[:2]


def test_no_vintage_of_a_month_is_known_before_the_month_after_it(loaded: Store) -> None:
    """What is published after a month's end, or a quarter's, is not known in it."""
    monthly = loaded.observations(ids(loaded, "CPILFESL", "AAA", "BAA", "SMB", "MKTRF"), asof=NOW)
    month_end = pl.col("period_date").dt.month_end().dt.combine(time(23, 59)).dt.replace_time_zone("UTC")
    assert monthly.filter(pl.col("known_at") <= month_end).is_empty()


def test_a_split_is_known_from_the_end_of_the_day_of_its_announcement(loaded: Store) -> None:
    splits = loaded.actions(ids(loaded, "AAPL", "GOOGL"), asof=NOW, kinds=["split"])
    announced = splits.filter(pl.col("announced_date").is_not_null())
    assert announced.height == 4
    for day, known_at in announced.select("announced_date", "known_at").iter_rows():
        assert known_at == end_of_day(day, NEW_YORK)


def test_a_fixing_is_known_in_the_afternoon_of_its_day(loaded: Store) -> None:
    fixings = loaded.closes(ids(loaded, "EURUSD", "EURJPY"), asof=NOW)
    local = fixings.with_columns(local=pl.col("known_at").dt.convert_time_zone("Europe/Berlin"))
    assert (local["local"].dt.date() == local["session_date"]).all()
    since = pl.col("session_date") >= date(2016, 7, 1)
    hours = local.group_by(since.alias("since")).agg(pl.col("local").dt.hour().unique()).sort("since")
    assert hours["local"].to_list() == [[15], [17]]


def test_splits_are_known_on_their_morning_and_not_before(loaded: Store) -> None:
    (aapl,) = ids(loaded, "AAPL")
    before = loaded.actions(aapl, asof=datetime(2005, 2, 28, 9, 29, tzinfo=NEW_YORK), kinds=["split"])
    after = loaded.actions(aapl, asof=datetime(2005, 2, 28, 9, 30, tzinfo=NEW_YORK), kinds=["split"])
    assert (before.height, after.height) == (1, 2)
    assert after["known_basis"].str.starts_with("estimated: open of the ex-date").all()


def test_adjustment_follows_the_clock(loaded: Store) -> None:
    (aapl,) = ids(loaded, "AAPL")

    def first_close(asof: str) -> float:
        return float(loaded.bars(aapl, asof=evening(asof))["close"][0])

    assert first_close("2000-06-20") == 130.31
    assert first_close("2000-06-21") == 130.31 / 2
    assert first_close("2008-09-15") == 130.31 / 4
    assert first_close("2014-06-08") == 130.31 / 4  # 7:1 announced on 23 April, not yet ex
    assert first_close("2014-06-09") == pytest.approx(130.31 / 28)
    assert first_close("2020-08-31") == pytest.approx(130.31 / 112)


def test_a_revised_series_is_not_shown_before_its_vintage(loaded: Store) -> None:
    first_known = {
        "REALGDP": "2009-12-15", "UNEMP": "2009-12-15", "GDPC1": "2016-06-29", "PAYEMS": "2016-06-29",
        "CPILFESL": "2016-06-29", "AAA": "2019-01-09", "SMB": "2019-01-31",
    }  # fmt: skip
    for ticker, day in first_known.items():
        (series,) = ids(loaded, ticker)
        at = end_of_day(date.fromisoformat(day), NEW_YORK)
        before = end_of_day(date.fromisoformat(day) - timedelta(days=1), NEW_YORK)
        assert loaded.observations(series, asof=before).height == 0, ticker
        assert loaded.observations(series, asof=at).height > 100, ticker


def test_two_nowcast_vintages_differ_as_published(loaded: Store) -> None:
    gdp, payrolls = ids(loaded, "GDPC1", "PAYEMS")

    def value(series: int, period: date, asof: str) -> float | None:
        values = loaded.observations(series, period, period, asof=evening(asof))["value"]
        return None if values.is_empty() else float(values[0])

    first_quarter = date(2016, 1, 1)
    assert value(gdp, first_quarter, "2016-06-28") is None
    assert value(gdp, first_quarter, "2016-06-29") == 16_514.6
    assert value(gdp, first_quarter, "2016-07-29") == 16_525.0
    assert value(payrolls, date(2016, 4, 1), "2016-07-28") == 143_856
    assert value(payrolls, date(2016, 4, 1), "2016-07-29") == 143_877
    assert value(payrolls, date(2016, 6, 1), "2016-07-28") is None
    assert value(payrolls, date(2016, 6, 1), "2016-07-29") == 144_175


def test_a_series_of_two_sources_has_the_vintages_of_both(loaded: Store) -> None:
    (core_cpi,) = ids(loaded, "CPILFESL")
    key = {"security_id": core_cpi, "period_date": date(2016, 5, 1)}
    versions = loaded.reader(NOW).versions("observations", key)
    assert [source.split()[0] for source in versions["source"]] == ["statsmodels", "arch"]
    old = loaded.reader(NOW).versions("observations", key | {"period_date": date(1990, 1, 1)})
    assert old.height == 1  # told three times, the same three times


def test_every_estimated_clock_names_its_rule(loaded: Store) -> None:
    reader = loaded.reader(NOW)
    reader.bars(ids(loaded, "AAPL"), adjust="none")
    reader.closes(ids(loaded, "XOM", "WTI", "VIX", "EURUSD"))
    reader.observations(ids(loaded, "GDPC1", "SMB", "AAA"))
    reader.securities()
    for read in reader.reads:
        assert read.bases, read.table
        assert all(basis == "exact" or len(basis) > len("estimated: ") for basis in read.bases)
    assert reader.reads[0].bases == ("exact",)


@settings(max_examples=60, deadline=None)
@given(day=st.dates(date(1979, 1, 1), date(2026, 10, 30)))
def test_no_read_answers_a_later_row(loaded: Store, day: date) -> None:
    asof = end_of_day(day, NEW_YORK)
    reader = loaded.reader(asof)
    tickers = ids(loaded, "AAPL", "META", "XOM", "SPX", "WTI", "EURUSD", "EURHRK", "GDPC1", "SMB")
    frames = [
        (reader.bars(tickers, adjust="total"), "session_date"),
        (reader.closes(tickers), "session_date"),
        (reader.observations(tickers), "period_date"),
        (reader.securities(), "valid_from"),
        (reader.actions(tickers, upcoming=False), "ex_date"),
    ]
    for frame, column in frames:
        assert frame.is_empty() or frame["known_at"].max() <= asof
        assert frame.is_empty() or frame[column].max() <= day

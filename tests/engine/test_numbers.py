"""The numbers on DES, GP, HP and DVD: that they agree, compare like with like, and say what they are."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib.resources import files

import numpy as np
import polars as pl
import pytest

from engine.desk import Desk
from engine.errors import DataError
from engine.functions._trailing import _sums, with_specials
from engine.page import Candles, Lines, Metric, Metrics, Page, Table
from store import Batch

MakeDesk = Callable[..., Desk]


def figure(page: Page, panel: str = "price") -> Candles | Lines:
    found = page.panel(panel)
    assert found is not None
    assert isinstance(found.figure, Candles | Lines)
    return found.figure


def title(page: Page, panel: str = "price") -> str:
    found = page.panel(panel)
    assert found is not None
    return found.title


def table(page: Page, panel: str) -> Table:
    found = page.panel(panel)
    assert found is not None
    assert isinstance(found.figure, Table)
    return found.figure


def metric(page: Page, label: str) -> Metric:
    items = [m for p in page.panels if isinstance(p.figure, Metrics) for m in p.figure.items]
    return next(m for m in items if m.label == label)


def closes(page: Page) -> np.ndarray:
    """The closes of one security's chart."""
    drawn = figure(page)
    return drawn.frame["close"].to_numpy() if isinstance(drawn, Candles) else drawn.series[0].values


def told(page: Page) -> str:
    return " ".join(note.text for note in page.notes)


def vendor_adjusted(ticker: str) -> pl.DataFrame:
    """The source's own adjusted closes, which the store does not read."""
    raw = gzip.decompress((files("bokeh_sampledata") / "_data" / "stocks.csv.gz").read_bytes())
    rows = pl.read_csv(raw, try_parse_dates=True).filter(pl.col("Ticker") == ticker)
    return rows.select(pl.col("Date").cast(pl.Date), "Adj Close")


# -- comparisons --------------------------------------------------------------------------------------


def test_shares_beside_a_vendors_adjusted_close_have_their_dividends_reinvested_too(
    make_desk: MakeDesk,
) -> None:
    page = make_desk().run("GP IBM KO 2005-01-03 2013-03-01")
    lines = figure(page)
    assert isinstance(lines, Lines)
    assert title(page) == "daily, each 100 on 2005-01-03, dividends reinvested"
    assert "IBM too is drawn with dividends reinvested" in told(page)
    outside = vendor_adjusted("IBM").filter(pl.col("Date").is_between(date(2005, 1, 3), date(2013, 3, 1)))
    grown = outside["Adj Close"][-1] / outside["Adj Close"][0] * 100
    assert lines.series[0].values[-1] == pytest.approx(grown, rel=5e-4)


def test_lines_that_cannot_be_alike_are_named_and_warned_of(make_desk: MakeDesk) -> None:
    page = make_desk().run("GP IBM SPX 2005-01-03 2013-03-01 TOTAL")
    assert "IBM: dividends reinvested; SPX: index level, without dividends" in title(page)
    assert "Not like for like: IBM with dividends reinvested, SPX without" in told(page)
    page = make_desk().run("GP EURUSD IBM 2005-01-03 2013-03-01")
    assert "EURUSD: exchange rate; IBM: prices, adjusted for splits" in title(page)


def test_rates_and_factors_are_never_rebased(make_desk: MakeDesk) -> None:
    desk = make_desk()
    page = desk.run("GP SMB MKTRF 3Y")
    lines = figure(page)
    assert isinstance(lines, Lines)
    assert (lines.unit, title(page)) == (
        "percent a month",
        "monthly, 2015-11-01 to 2018-11-01, percent a month, not rebased",
    )
    assert lines.series[1].values[-1] == 1.69
    page = desk.run("GP SPX MKTRF 3Y")
    lines = figure(page)
    assert isinstance(lines, Lines)
    assert [series.name for series in lines.series] == ["SPX"]
    assert "MKTRF left out" in told(page)


# -- one year is one year -----------------------------------------------------------------------------


@pytest.mark.parametrize("clock", ["NOW", "2008-06-18", "2004-02-29"])
@pytest.mark.parametrize("ticker", ["AAPL", "IBM", "JPM", "EURUSD"])
def test_a_year_is_the_same_alone_compared_weekly_and_described(
    make_desk: MakeDesk, ticker: str, clock: str
) -> None:
    desk = make_desk()
    desk.run(f"ASOF {clock}")
    year = metric(desk.run(f"DES {ticker}"), "1-year return").value
    for line in (f"{ticker} GP 1Y", f"{ticker} GP 1Y W", f"{ticker} GP 1Y M", f"{ticker} GP 1Y LINE"):
        drawn = closes(desk.run(line))
        assert drawn[-1] / drawn[0] - 1 == pytest.approx(year), line
    other = "EURUSD" if ticker != "EURUSD" else "EURGBP"
    # ranges of a comparison count back from the newest of the sessions: give it the same one
    last = closes_end(desk.run(f"{ticker} GP 1Y"))
    first = closes_start(desk.run(f"{ticker} GP 1Y"))
    lines = figure(desk.run(f"GP {ticker} {other} {first} {last}"))
    assert isinstance(lines, Lines)
    assert lines.series[0].values[0] == 100.0
    assert lines.series[0].values[-1] / 100 - 1 == pytest.approx(year)


def closes_start(page: Page) -> date:
    drawn = figure(page)
    day: date = (
        drawn.frame["session_date"][0]
        if isinstance(drawn, Candles)
        else drawn.series[0].dates[0].astype(object)
    )
    return day


def closes_end(page: Page) -> date:
    drawn = figure(page)
    day: date = (
        drawn.frame["session_date"][-1]
        if isinstance(drawn, Candles)
        else drawn.series[0].dates[-1].astype(object)
    )
    return day


def test_compared_over_a_counted_year_is_the_described_year(make_desk: MakeDesk) -> None:
    desk = make_desk()
    lines = figure(desk.run("GP AAPL IBM 1Y W"))
    assert isinstance(lines, Lines)
    for series in lines.series:
        year = metric(desk.run(f"DES {series.name}"), "1-year return").value
        assert series.values[-1] / series.values[0] - 1 == pytest.approx(year)


def test_the_year_to_date_is_measured_from_the_last_close_of_the_year_before(make_desk: MakeDesk) -> None:
    drawn = closes(make_desk().run("AAPL GP YTD RAW"))
    assert (drawn[0], drawn[-1]) == pytest.approx(
        (532.17, 430.47), abs=0.005
    )  # 2012-12-31 and 2013-03-01 as traded


# -- edges of weeks and months ------------------------------------------------------------------------


def test_a_range_inside_a_week_is_that_weeks_part(make_desk: MakeDesk) -> None:
    desk = make_desk()
    page = desk.run("AAPL GP 2008-06-16 2008-06-18 W RAW")
    week = figure(page)
    assert isinstance(week, Candles)
    days = table(desk.run("AAPL HP 2008-06-16 2008-06-18 RAW"), "prices").frame
    assert week.frame.height == 1
    assert week.frame["open"][0] == days["open"][-1]
    assert week.frame["close"][0] == days["close"][0]
    assert (week.frame["high"][0], week.frame["low"][0]) == (days["high"].max(), days["low"].min())
    assert week.frame["volume"][0] == days["volume"].sum()
    assert title(page).startswith("weekly, 2008-06-16 to 2008-06-18,")


def test_a_months_chart_ends_where_its_title_says(make_desk: MakeDesk) -> None:
    page = make_desk().run("AAPL GP 2008-01-01 2008-06-15 M")
    drawn = figure(page)
    assert isinstance(drawn, Candles)
    assert drawn.frame["session_date"][-1] == date(2008, 6, 13)
    assert title(page).startswith("monthly, 2008-01-02 to 2008-06-13,")


def test_a_months_chart_begins_where_its_range_does(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("ASOF 2008-06-18")
    drawn = figure(desk.run("AAPL GP 1M M"))
    assert isinstance(drawn, Candles)
    assert drawn.frame["first_date"].to_list() == [date(2008, 5, 16), date(2008, 5, 19), date(2008, 6, 2)]
    assert drawn.frame["session_date"].to_list() == [date(2008, 5, 16), date(2008, 5, 30), date(2008, 6, 18)]


def test_an_average_ends_with_the_range_and_not_with_its_week(make_desk: MakeDesk) -> None:
    desk = make_desk()
    drawn = figure(desk.run("AAPL GP 2007-01-01 2008-06-18 W RAW 10SMA"))
    assert isinstance(drawn, Candles)
    average = drawn.overlays[0]
    assert average.dates[-1].astype(object) == date(2008, 6, 18)
    assert average.values[-1] == pytest.approx(drawn.frame["close"].tail(10).mean())


def test_a_range_without_sessions_is_refused_with_what_there_is(make_desk: MakeDesk) -> None:
    desk = make_desk()
    for line in (
        "AAPL GP 1997-01-01 1997-02-01",
        "AAPL HP 1997-01-01 1997-02-01",
        "GP AAPL IBM 1997-01-01 1997-02-01",
    ):
        with pytest.raises(DataError, match="2000-03-01 to 2013-03-01"):
            desk.run(line)


# -- observations -------------------------------------------------------------------------------------


def test_factors_move_by_differences(make_desk: MakeDesk) -> None:
    page = make_desk().run("MKTRF HP 1Y")
    shown = table(page, "prices")
    assert shown.frame["change"].head(3).to_list() == pytest.approx([9.37, -7.74, -3.38])
    change = next(column for column in shown.columns if column.name == "change")
    assert (change.kind, change.unit) == ("number", "percentage points")
    assert title(page, "prices").startswith("12 values, monthly,")


def test_a_level_moves_by_a_fraction(make_desk: MakeDesk) -> None:
    shown = table(make_desk().run("REALGDP HP 1Y"), "prices")
    assert shown.frame["change"][0] == pytest.approx(12990.341 / 12901.504 - 1)


def test_series_are_named_by_their_frequency(make_desk: MakeDesk) -> None:
    desk = make_desk()
    assert title(desk.run("REALGDP GP 3Y")).startswith("quarterly, ")
    assert title(desk.run("MKTRF GP 3Y W")).startswith("monthly, ")
    assert title(desk.run("EURUSD GP 3Y")).startswith("daily, ")


def test_old_observations_are_stale_by_their_frequency(make_desk: MakeDesk) -> None:
    desk = make_desk()
    assert "the last value in the store is of 2009-07-01 (quarterly)" in told(desk.run("REALGDP"))
    desk.run("ASOF 2010-01-15")
    assert "REALGDP: the last value" not in told(desk.run("REALGDP"))
    desk.run("ASOF 2018-12-31")
    assert "the last value" not in told(desk.run("CPILFESL"))
    desk.run("ASOF 2019-06-30")
    assert "the last value in the store is of 2018-11-01 (monthly)" in told(desk.run("CPILFESL"))


# -- dividends ----------------------------------------------------------------------------------------


def test_events_are_told_in_the_charts_own_shares(make_desk: MakeDesk) -> None:
    desk = make_desk()
    assert {e.label for e in figure(desk.run("AAPL GP 1Y")).events} == {"0.09464 USD dividend (2.65 as paid)"}
    assert {e.label for e in figure(desk.run("AAPL GP 1Y RAW")).events} == {"2.65 USD dividend"}


def test_describing_one_security_reads_no_other(make_desk: MakeDesk) -> None:
    page = make_desk().run("DES AAPL")
    assert page.lineage is not None
    assert page.security is not None
    for read in page.lineage.figure_reads:
        assert read.ids == (page.security.security_id,), read.table


def test_a_dividend_many_times_its_neighbours_is_remarked_and_left_out_beside(make_desk: MakeDesk) -> None:
    """Microsoft's 3 USD special of November 2004, with the regular 0.08 of the same ex-date."""
    desk = make_desk()
    desk.run("ASOF 2005-01-31")
    page = desk.run("MSFT DVD")
    remarks = table(page, "dividends").frame.select("ex_date", "remark").drop_nulls()
    assert remarks.rows() == [(date(2004, 11, 15), "possibly special: many times its neighbours")]
    assert metric(page, "trailing yield").value == pytest.approx(3.16 / 26.28)
    assert metric(page, "trailing 12 months, without specials").value == pytest.approx(0.08)
    assert metric(page, "trailing yield, without specials").value == pytest.approx(0.08 / 26.28)
    desk.run("ASOF NOW")
    for regular in ("IBM DVD", "AAPL DVD"):
        assert (
            table(desk.run(regular), "dividends").frame["remark"].null_count()
            == table(desk.page, "dividends").frame.height
        )  # type: ignore[arg-type]


def actions(*rows: tuple[str, str, float]) -> pl.DataFrame:
    """(kind, ex-date, ratio or amount), newest first as DVD has them."""
    return pl.DataFrame(
        {
            "kind": [kind for kind, _, _ in rows],
            "ex_date": [date.fromisoformat(day) for _, day, _ in rows],
            "ratio": [value if kind == "split" else None for kind, _, value in rows],
            "amount": [value if kind == "dividend" else None for kind, _, value in rows],
            "currency": ["USD"] * len(rows),
        }
    ).sort("ex_date", descending=True)


def test_trailing_dividends_across_a_split_are_per_share_of_the_day() -> None:
    known = actions(
        ("dividend", "2020-02-01", 0.8),
        ("dividend", "2020-05-01", 0.8),
        ("dividend", "2020-08-31", 0.2),  # per new share: it goes ex with the split
        ("split", "2020-08-31", 4.0),
        ("dividend", "2020-11-01", 0.2),
    )
    paid = with_specials(known)
    assert paid["remark"].null_count() == 4  # none stands out in shares of one kind
    total, ratio = _sums("", paid, known, date(2020, 12, 31), (40.0, date(2020, 12, 31)), "USD")
    assert total.value == pytest.approx(0.8)
    assert ratio.value == pytest.approx(0.02)
    assert "0.8 / 4 (2020-02-01)" in total.formula
    # a close before the split is divided by it too
    _, ratio = _sums("", paid, known, date(2020, 12, 31), (160.0, date(2020, 8, 28)), "USD")
    assert ratio.value == pytest.approx(0.02)


def test_a_yield_across_apples_split_speaks_of_one_kind_of_share() -> None:
    """Outside check: Apple paid 3.05 x 2 before 9 June 2014, 3.29 then and 0.47 after 7:1: 1.82 a new share."""
    known = actions(
        ("dividend", "2013-11-06", 3.05), ("dividend", "2014-02-06", 3.05), ("dividend", "2014-05-08", 3.29),
        ("split", "2014-06-09", 7.0), ("dividend", "2014-08-07", 0.47),
    )  # fmt: skip
    total, _ = _sums("", with_specials(known), known, date(2014, 9, 1), None, "USD")
    assert total.value == pytest.approx((3.05 + 3.05 + 3.29) / 7 + 0.47)


def test_a_total_return_tells_of_dividends_that_no_close_prices(make_desk: MakeDesk) -> None:
    desk = make_desk()
    security = desk.run("IBM").security
    assert security is not None
    late = {
        "security_id": [security.security_id], "kind": ["dividend"], "ex_date": [date(2013, 5, 8)], "amount": [0.95],
        "currency": ["USD"], "known_at": [datetime(2013, 5, 8, tzinfo=UTC)], "known_basis": ["exact"],
    }  # fmt: skip
    before = closes(desk.run("IBM GP 1Y TOTAL"))
    desk.store.append(Batch("test", "late dividend", "1", {"actions": pl.DataFrame(late)}))
    page = desk.run("IBM GP 1Y TOTAL")
    assert "1 dividends are not reinvested (ex 2013-05-08)" in told(page)
    assert closes(page) == pytest.approx(before)
    assert "not reinvested" not in told(desk.run("IBM GP 1Y"))


# price factor x split factor of QuantConnect Lean's factor files, relative to 2013-03-01
LEAN = {
    "AAPL": (0.2463635, 0.4927259, 0.9854545, 0.9854545, 1.0),
    "IBM": (0.8508528, 0.8777388, 0.9177272, 0.9831355, 1.0),
}
LEAN_DAYS = (date(2000, 3, 1), date(2005, 1, 3), date(2008, 6, 18), date(2012, 3, 1), date(2013, 3, 1))


@pytest.mark.parametrize("ticker", ["AAPL", "IBM"])
def test_total_return_factors_are_those_of_another_vendor(make_desk: MakeDesk, ticker: str) -> None:
    drawn = figure(make_desk().run(f"{ticker} GP MAX TOTAL"))
    assert isinstance(drawn, Candles)
    frame = drawn.frame.with_columns(factor=pl.col("split_factor") * pl.col("dividend_factor"))
    factors = dict(frame.select("session_date", "factor").rows())
    ours = [factors[day] / factors[LEAN_DAYS[-1]] for day in LEAN_DAYS]
    assert ours == pytest.approx(LEAN[ticker], rel=2e-4)

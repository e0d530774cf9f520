"""Returns, risk-free rates, factors and portfolios at the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import pairwise

import numpy as np
import pytest

from engine.context import Context
from engine.desk import Desk
from engine.errors import CommandError, DataError
from engine.page import SecurityRef
from engine.period import Period
from engine.portfolios import Holdings, holdings, keep, kept
from engine.rates import factor_returns, risk_free
from engine.returns import benchmark, returns_of


@pytest.fixture
def context(make_desk: Callable[[], Desk]) -> Context:
    return make_desk().context(None, None, None)


def at(desk: Desk, year: int, month: int, day: int) -> Context:
    return desk.context(datetime(year, month, day, 23, tzinfo=UTC), None, None)


def ref(context: Context, ticker: str, market: str = "") -> SecurityRef:
    return context.directory.resolve(ticker, market).security.ref


def test_returns_are_total_returns_over_shared_dates(context: Context) -> None:
    refs = [ref(context, word) for word in ("AAPL", "MSFT", "SPX")]
    found = returns_of(context, refs, Period("Y", 1))
    bars = context.reader.bars([refs[1].security_id], adjust="total")
    closes = dict(zip(bars["session_date"], bars["close"], strict=True))
    days = [found.base_date, *(day.astype(object) for day in found.dates)]
    expected = [closes[b] / closes[a] - 1 for a, b in pairwise(days)]
    np.testing.assert_allclose(found.column(refs[1]), expected, rtol=0, atol=1e-12)
    assert found.levels.shape[0] == len(found.dates) + 1


def test_twelve_months_are_twelve_returns_and_only_whole_ones(context: Context) -> None:
    found = returns_of(context, [ref(context, "AAPL")], Period("Y", 1), frequency="monthly", least=5)
    # the bars end on the first session of March 2013, which makes no month
    assert found.last == date(2013, 2, 28)
    assert len(found.dates) == 12
    assert found.base_date == date(2012, 2, 29)


def test_daily_returns_compound_to_monthly_ones(context: Context) -> None:
    apple = [ref(context, "AAPL")]
    months = returns_of(context, apple, Period("Y", 5), frequency="monthly")
    days = returns_of(context, apple, start=date(2008, 3, 1), end=date(2013, 2, 28))
    assert np.prod(1 + days.values) == pytest.approx(np.prod(1 + months.values), rel=1e-12)


def test_outer_join_keeps_what_one_alone_has(context: Context) -> None:
    both = returns_of(context, [ref(context, "AAPL"), ref(context, "JPM")], Period("MAX"), join="outer")
    inner = returns_of(context, [ref(context, "AAPL"), ref(context, "JPM")], Period("MAX"))
    assert len(both.dates) > len(inner.dates)
    assert np.isnan(both.column(both.refs[0])[0])


def test_nothing_after_the_clock_and_the_same_before_it(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    then, now = at(desk, 2008, 9, 15), desk.context(None, None, None)
    early = returns_of(then, [ref(then, "AAPL"), ref(then, "SPX")], Period("Y", 2))
    late = returns_of(now, [ref(now, "AAPL"), ref(now, "SPX")], start=early.first, end=early.last)
    assert early.last <= date(2008, 9, 15)
    np.testing.assert_allclose(early.values, late.values, atol=1e-12)


def test_a_rate_has_no_returns(context: Context) -> None:
    with pytest.raises(DataError, match="differences"):
        returns_of(context, [ref(context, "AAA")], Period("MAX"))


def test_a_short_range_says_how_long_it_is(context: Context) -> None:
    with pytest.raises(DataError, match="at least 20"):
        returns_of(context, [ref(context, "AAPL")], Period("D", 5))


def test_the_risk_free_rate_is_that_of_the_library_and_stands_on(context: Context) -> None:
    found = returns_of(context, [ref(context, "SPX")], start=date(2005, 1, 1), end=date(2006, 12, 31))
    rate = risk_free(context, found.dates)
    assert "RF" in rate.source
    # three-month bills stood between 2 and 5 per cent in these two years
    assert 0.02 < rate.annual("daily") < 0.05


def test_without_any_rate_zero_is_told(make_desk: Callable[[], Desk]) -> None:
    context = at(make_desk(), 1925, 6, 1)  # before the library begins
    rates = risk_free(context, np.array(["1925-01-30", "1925-02-27"], dtype="datetime64[D]"), "monthly")
    assert not rates.values.any()
    assert any("zero" in note.text for note in context.notes)


def test_factors_match_by_month(context: Context) -> None:
    found = returns_of(context, [ref(context, "SPX")], Period("Y", 10), frequency="monthly")
    panel = factor_returns(context, ("MKTRF", "SMB", "HML"), found.dates, "monthly")
    market = found.values[panel.rows, 0]
    # the index and the market less the risk-free rate are nearly one
    assert np.corrcoef(market, panel.values[:, 0])[0, 1] > 0.97


def test_an_unknown_factor_says_what_to_type(context: Context) -> None:
    with pytest.raises(DataError, match="BACKFILL UMD"):
        factor_returns(context, ("UMD",), np.array(["2010-01-29"], dtype="datetime64[D]"), "monthly")


def test_the_benchmark_is_the_index(context: Context) -> None:
    assert benchmark(context, None).ticker == "SPX"
    with pytest.raises(DataError, match="BENCHMARK="):
        benchmark(context, "NOSUCH")


def held(context: Context, *tickers: str, **args: str) -> Holdings:
    context.securities = tuple(ref(context, ticker) for ticker in tickers)
    return holdings(context, args)


def test_weights_are_fractions_in_order(context: Context) -> None:
    assert held(context, "AAPL", "MSFT").weights.tolist() == [0.5, 0.5]
    assert held(context, "AAPL", "MSFT", weights="60,40").weights.tolist() == [0.6, 0.4]
    assert held(context, "AAPL", "MSFT", weights="150%,-50%").weights.tolist() == [1.5, -0.5]
    assert held(context, "AAPL", "MSFT", weights="1,-1").weights.tolist() == [0.5, -0.5]


def test_positions_are_valued_as_traded(context: Context) -> None:
    found = held(context, "AAPL", "IBM", shares="10,20")
    closes = [context.reader.bars([r.security_id], adjust="none")["close"][-1] for r in found.refs]
    assert found.value == pytest.approx(10 * closes[0] + 20 * closes[1])
    assert found.weights.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("words", ["1", "1,2,3", "a,b", "0,0", "nan,1", "inf,1"])
def test_bad_weights_are_told(context: Context, words: str) -> None:
    with pytest.raises(CommandError):
        held(context, "AAPL", "MSFT", weights=words)


def test_a_kept_portfolio_comes_back_as_it_was(context: Context) -> None:
    before = held(context, "AAPL", "MSFT", weights="0.7,0.3")
    keep(context, "growth", before)
    refs, weights, shares = kept(context, "growth")
    assert refs == before.refs
    assert weights == [0.7, 0.3]
    assert shares is None
    with pytest.raises(DataError, match="growth"):
        kept(context, "none-such")

"""What holds of every run, whatever its quotes: the account adds up, nothing is known early or made of nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backtest.inputs import Outcome
from engine.backtest.ledger import Booking
from engine.backtest.market import Market
from engine.backtest.money import MINOR
from engine.backtest.options import ChainMarket, parse, run_options
from engine.backtest.result import Costs, Terms
from tests.backtest.options.chains import priced, underlying

EXPIRIES = ("2024-01-19", "2024-02-16", "2024-03-15")
TEXTS = (
    "sell put delta 0.30 expiry 30; close at 50% profit; close at 200% loss; size cash_secured",
    "sell call strike 103% expiry 30 and hold shares; every weekly; size contracts(2)",
    "sell call delta 0.25 expiry 30, sell put delta 0.25 expiry 30; size margin(60%); every weekly",
    "sell put strike 98% expiry 20, buy put strike 90% expiry 20; close 5 days before expiry; size contracts(5)",
    "buy call strike 95% expiry 45, sell call strike 105% expiry 20; every weekly; fill mid 25%",
    "buy put strike 100% expiry 40; close at 40% profit; size notional(100%)",
)


def random_run(seed: int, american: bool = True, holes: float = 0.0) -> tuple[ChainMarket, Market]:
    """Sixty sessions of a wild stock with a split, dividends, and quotes that come and go."""
    rng = np.random.default_rng(seed)
    close = np.round(100 * np.exp(np.cumsum(rng.normal(0, 0.03, 60))), 2)
    split, dividend, pay = np.ones(60), np.zeros(60), np.zeros(60)
    at = int(rng.integers(5, 50))
    split[at] = rng.choice([2.0, 1.5, 1.0, 3.0])
    close[at:] = np.round(close[at:] / split[at], 2)
    for row in rng.integers(2, 59, 3):
        dividend[row], pay[row] = round(float(rng.uniform(0.2, 3.0)), 2), rng.integers(0, 9)
    first = np.round(close * np.exp(rng.normal(0, 0.01, 60)), 2)
    bars = underlying(
        close.tolist(),
        open=first.tolist(),
        split=split.tolist(),
        dividend=dividend.tolist(),
        pay=pay.tolist(),
    )
    strikes = np.unique(
        np.round(np.concatenate([np.arange(60, 160, 5), np.arange(60, 160, 5) / split[at]]), 2)
    )
    book = priced(bars, strikes.tolist(), EXPIRIES, 0.45, 0.02, half=0.05, american=american)
    kept = rng.random(len(book.bid)) >= holes
    rows = np.repeat(np.arange(60), np.diff(book.first))[kept]
    first_of = np.searchsorted(rows, np.arange(61))
    return replace(
        book, first=first_of, contract=book.contract[kept], bid=book.bid[kept], ask=book.ask[kept]
    ), bars


def run(book: ChainMarket, bars: Market, text: str, capital: float = 100_000.0, **costs: Any) -> Outcome:
    return run_options(book, bars, parse(text), Costs(**costs), Terms(capital), rates=0.02)


@settings(max_examples=16, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(TEXTS))
def test_equity_is_cash_what_is_owed_and_positions_at_their_marks(seed: int, text: str) -> None:
    book, bars = random_run(seed, holes=0.01)
    result = run(book, bars, text, cash_rate=0.03, per_share=0.005, withholding=0.15, borrow_rate=0.01).result
    values = result.weights * result.equity[:, None]
    units = dict.fromkeys(result.symbols, 0.0)
    cash = owed = 0
    own = set(book.symbols) - {event.symbol for event in result.events if event.kind == "adjustment"}
    bookings = [one for one in result.ledger if isinstance(one, Booking)]
    for row, date in enumerate(result.dates):
        for one in (each for each in bookings if each.date == date):
            if one.symbol:
                units[one.symbol] += one.shares
            if one.kind in ("dividend", "withholding"):
                owed += one.amount
                continue
            cash += one.amount
            owed -= one.amount if one.kind == "payment" else 0
        held = np.array(list(units.values()))
        assert result.cash[row] == pytest.approx(cash / MINOR, abs=1e-9)
        assert result.equity[row] == pytest.approx((cash + owed) / MINOR + values[row].sum(), abs=1e-6)
        # the underlying at its close; a contract within its quotes of the session, where it has any
        assert values[row, 0] == pytest.approx(held[0] * bars.close[row, 0], abs=1e-4)
        assert ((values[row] == 0) | (np.sign(values[row]) == np.sign(held))).all()
        for column in np.flatnonzero(held[1:]) + 1:
            if result.symbols[column] not in own:
                continue  # adjusted for the split: another contract's quotes are its own now
            contract = book.symbols.index(result.symbols[column])
            quoted = book.session(row).of(contract)
            if quoted is not None:
                mark = values[row, column] / held[column]
                assert quoted[0] - 1e-6 <= mark <= quoted[1] + 1e-6
    made = sum(trade.pnl for trade in result.trades)
    interest = sum(one.amount for one in bookings if one.kind in ("interest", "rebate", "borrow")) / MINOR
    assert made + interest == pytest.approx(result.equity[-1] - 100_000, abs=0.01)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(TEXTS), st.integers(3, 57))
def test_the_future_changes_no_earlier_session(seed: int, text: str, row: int) -> None:
    book, bars = random_run(seed)
    cut = int(book.first[row + 1])
    ask = book.ask.copy()
    ask[cut:] *= 1.7
    close, first = bars.close.copy(), bars.open.copy()
    close[row + 1 :] *= 0.8
    first[row + 1 :] *= 0.8
    other = run(
        replace(book, ask=ask), replace(bars, close=close, open=first, high=first, low=first), text
    ).result
    same = run(book, bars, text).result
    assert np.array_equal(same.equity[: row + 1], other.equity[: row + 1])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_what_a_seller_loses_a_buyer_makes(seed: int) -> None:
    book, bars = random_run(seed, american=False)
    more = "strike 100% expiry 30; fill mid; commission 0"
    sold, bought = (
        run(book, bars, f"{side} put {more}", 10_000_000.0).result.equity for side in ("sell", "buy")
    )
    # the shares that exercise leaves are bought and sold at one open: they cancel as well
    np.testing.assert_allclose(sold - 1e7, 1e7 - bought, atol=1e-3)


def test_the_order_of_contracts_changes_nothing() -> None:
    book, bars = random_run(3)
    count = len(book.symbols)
    place = np.arange(count)[::-1]
    order = np.lexsort((place[book.contract], np.repeat(np.arange(60), np.diff(book.first))))
    terms = ("symbols", "kind", "strike", "expiry", "multiplier", "american", "settlement")
    columns: dict[str, Any] = {name: getattr(book, name)[::-1] for name in terms}
    columns |= {"contract": place[book.contract][order], "bid": book.bid[order], "ask": book.ask[order]}
    one, other = (run(each, bars, TEXTS[2]).result for each in (book, replace(book, **columns)))
    assert np.array_equal(one.equity, other.equity)


def test_twice_the_contracts_make_twice_as_much() -> None:
    book, bars = random_run(11)
    once, twice = (
        run(book, bars, f"sell put strike 98% expiry 20; size contracts({n})", 1e7).result.equity
        for n in (1, 2)
    )
    np.testing.assert_allclose(2 * (once - 1e7), twice - 1e7, atol=2e-3)
    assert (once != 1e7).any()


@pytest.mark.parametrize("drift", [0.004, -0.004])
def test_a_conversion_earns_the_risk_free_rate_to_the_cent(drift: float) -> None:
    """Long shares, a long put and a short call of one strike are a bond: it costs K exp(-r t) and pays K."""
    rng = np.random.default_rng(5)
    close = 100 * np.exp(np.cumsum(rng.normal(drift, 0.02, 40)))
    bars = underlying(close.tolist())
    book = priced(bars, [100.0], ["2024-01-31"], 0.3, 0.05)
    legs = "buy put strike 100 expiry 30, sell call strike 100 expiry 30 and hold shares"
    text = f"{legs}; fill mid; commission 0; every yearly"
    result = run_options(book, bars, parse(text), Costs(), Terms(50_000), rates=0.05).result
    assert abs(close[30] / 100 - 1) > 0.01
    years = 29 / 365  # filled on the second session, paid on 31 January
    earned = 100 * 100 * (1 - np.exp(-0.05 * years))
    assert result.equity[-1] - 50_000 == pytest.approx(earned, abs=0.005)
    assert result.net[-1] == 0
    # and on the way it is worth the strike discounted, on each day
    for row in range(1, 30):
        bond = 100 * 100 * np.exp(-0.05 * (30 - row) / 365)
        assert result.equity[row] == pytest.approx(50_000 + bond - 10_000 * np.exp(-0.05 * years), abs=0.005)

"""Margin as the exchanges' manual computes it, and which contracts legs name."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.backtest.options import ChainMarket, parse, run_options
from engine.backtest.options.margin import INDEX, Position, naked, requirement, worst
from engine.backtest.options.selecting import Chooser, Chosen, smile_of, with_deltas
from engine.backtest.result import Terms
from tests.backtest.options.chains import chain, priced, underlying


def chosen(book: ChainMarket, text: str, rate: float = 0.0) -> Chosen:
    """What legs name on the first session, with the close at 100; alone and among others the same."""
    rows = len(book.dates)
    known, rates, legs = np.full(rows, 100.0), np.full(rows, rate), parse(text).legs
    alone = Chooser(book, legs, known, rates, np.array([], dtype=np.int64)).at(0)
    assert Chooser(book, legs, known, rates, np.arange(rows)).at(0) == alone
    return alone


def short(kind: int, strike: float, price: float, units: int = -100, expiry: int = 10) -> Position:
    return Position(kind, strike, units, price, expiry)


@pytest.mark.parametrize(
    ("positions", "spot", "expected"),
    [
        # Cboe Margin Manual (2000), page 17: short put 80 at 2 on 95: 20% of 95 less 15 is 4; 10% of 80 is more
        ([short(-1, 80, 2.0)], 95.0, 200 + 800),
        # short call 130 at 8.40 on 128.50: 20% less 1.50 out of the money
        ([short(1, 130, 8.4)], 128.5, 840 + 2_570 - 150),
        # far out: 10% of the underlying is the least of a call
        ([short(1, 200, 0.1)], 100.0, 10 + 1_000),
        # a straddle: the greater side, and the other's market value
        ([short(1, 100, 5.0), short(-1, 100, 4.0)], 101.0, 500 + 400 + 2_020),
    ],
)
def test_naked_options(positions: list[Position], spot: float, expected: float) -> None:
    assert naked(positions, spot) == pytest.approx(expected)
    assert requirement(positions, spot) == (pytest.approx(expected), 0)


def test_a_broad_index_takes_fifteen_percent() -> None:
    assert naked([short(1, 4_000, 50.0)], 4_000.0, INDEX) == pytest.approx(5_000 + 60_000)


def test_a_spread_takes_what_it_can_lose() -> None:
    spread = [short(-1, 100, 4.0), Position(-1, 95.0, 100, 2.0, 10)]
    assert worst(spread) == 500
    assert requirement(spread, 100.0)[0] == 500
    condor = [*spread, short(1, 110, 2.0), Position(1, 115.0, 100, 1.0, 10)]
    assert requirement(condor, 104.0)[0] == 500  # one side only can be reached
    # what was bought expires first: it protects nothing
    calendar = [short(-1, 100, 4.0), Position(-1, 100.0, 100, 2.0, 9)]
    assert requirement(calendar, 100.0)[0] == pytest.approx(400 + 2_000)


def test_what_is_bought_and_expires_first_secures_nothing() -> None:
    bars = underlying([100.0] * 4)
    quoted = [(4.0, 4.2)] * 4
    book = chain(bars, {(-1, 100.0, "2024-02-16"): quoted, (-1, 95.0, "2024-01-19"): [(1.0, 1.2)] * 4})
    text = "sell put strike 100 expiry 45, buy put strike 95 expiry 18; size cash_secured; every yearly"
    outcome = run_options(book, bars, parse(text), terms=Terms(25_000))
    assert [trade.shares for trade in outcome.result.trades] == [-200, 200]  # 10,000 a set, not 500


def test_shares_cover_calls_and_a_naked_call_has_no_worst() -> None:
    call = [short(1, 105, 2.0, -200)]
    assert requirement(call, 100.0, shares=200) == (0.0, 200)
    half, used = requirement(call, 100.0, shares=100)
    assert (half, used) == (pytest.approx(200 + 1_500), 100)
    assert math.isinf(worst(call))
    assert worst([short(-1, 90, 1.0)]) == 9_000
    assert requirement([Position(1, 100.0, 100, 3.0, 10)], 100.0) == (0.0, 0)


def test_an_entry_is_cut_to_what_the_margin_carries() -> None:
    bars = underlying([100, 100, 100, 100])
    book = chain(bars, {(-1, 100.0, "2024-01-31"): [(4.0, 4.2)] * 4})
    # a set needs 20% of 100 x 100 = 2,000 and the 10 of half the spread, 0.65 of commission
    outcome = run_options(
        book,
        bars,
        parse("sell put strike 100 expiry 30; size contracts(9); every yearly"),
        terms=Terms(10_000),
    )
    assert [trade.shares for trade in outcome.result.trades] == [-400]
    assert "Cut from 9 to 4 sets" in outcome.result.events[0].text


@pytest.mark.parametrize(("size", "sets"), [("cash_secured", 9), ("notional(200%)", 20), ("margin(50%)", 24)])
def test_sizes(size: str, sets: int) -> None:
    bars = underlying([100, 100, 100, 100])
    book = chain(bars, {(-1, 105.0, "2024-01-31"): [(7.0, 7.2)] * 4})
    # 105 x 100 of cash; 100 x 100 of underlying; 20% of 100 x 100 and 10 of half the spread
    outcome = run_options(
        book, bars, parse(f"sell put strike 105 expiry 30; size {size}; every yearly"), terms=Terms(100_000)
    )
    assert outcome.result.trades[0].shares == -100 * sets


def test_a_delta_is_the_closed_forms() -> None:
    from engine.quant.options import bsm_greeks

    bars = underlying([100.0, 101.0])
    strikes = [85.0, 90.0, 95.0, 100.0, 105.0, 110.0]
    book = priced(bars, strikes, ["2024-01-31", "2024-03-01"], 0.3, 0.04)
    quotes = book.session(0)
    at = np.flatnonzero(
        (book.kind[quotes.contract] < 0) & (book.expiry[quotes.contract] == np.datetime64("2024-01-31"))
    )
    k = book.strike[quotes.contract[at]]
    years = 30 / 365
    both = np.flatnonzero(book.expiry[quotes.contract] == np.datetime64("2024-01-31"))
    smile = smile_of(book, quotes, both, 100.0, 0.04, years, True)
    assert smile.forward == pytest.approx(100 * math.exp(0.04 * years))
    with_deltas([smile])
    expected = bsm_greeks(-1, 100.0, k, years, 0.04, 0.0, 0.3).delta
    np.testing.assert_allclose(smile.deltas[smile.kind < 0], expected, atol=1e-8)
    aim = float(abs(expected[2]))
    found = chosen(book, f"sell put delta {aim:.4f} expiry 35", 0.04)
    assert [book.symbols[one] for one in found.contracts] == ["A 2024-01-31 P 95"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("sell put strike 100% expiry 200", "no expiry near 200 days"),
        ("sell put strike 60% expiry 30", "no put near the share of 0.6"),
        ("sell put strike 90% expiry 30, buy put strike 90.1% expiry 30", "two legs fall on one contract"),
    ],
)
def test_why_nothing_is_chosen(text: str, why: str) -> None:
    bars = underlying([100.0, 101.0])
    book = priced(bars, [90.0, 100.0], ["2024-01-31"], 0.3)
    assert why in chosen(book, text).missing
    outcome = run_options(book, bars, parse(text))
    assert any(why in each for each in outcome.told)

"""What a contract is worth on a session without its quote, and chains that a model makes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.backtest.options import Simulated, parse, run_options, simulated_chain
from engine.backtest.options.simulated import realised, third_fridays
from engine.backtest.result import Terms
from engine.quant.options import bsm
from tests.backtest.options.chains import chain, priced, underlying
from tests.backtest.sim.markets import market

BUY = parse("buy call strike 100 expiry 30; fill mid; commission 0; every yearly")


def test_without_its_quote_a_contract_is_marked_from_the_sessions_surface() -> None:
    bars = underlying([100.0, 100.0, 103.0, 104.0])
    strikes = np.arange(80.0, 122.5, 2.5).tolist()
    book = priced(bars, strikes, ["2024-01-31", "2024-03-01"], 0.3, 0.02, half=0.01)
    place = book.symbols.index("A 2024-01-31 C 100")
    gone = np.zeros(len(book.bid), dtype=bool)
    gone[int(book.first[2]) : int(book.first[3])] = True
    gone &= book.contract == place
    kept = ~gone
    rows = np.repeat(np.arange(4), np.diff(book.first))[kept]
    holed = replace(
        book, first=np.searchsorted(rows, np.arange(5)), contract=book.contract[kept],
        bid=book.bid[kept], ask=book.ask[kept],
    )  # fmt: skip
    outcome = run_options(holed, bars, BUY, terms=Terms(10_000), rates=0.02)
    whole = run_options(book, bars, BUY, terms=Terms(10_000), rates=0.02)
    marked = [event for event in outcome.result.events if event.kind == "model mark"]
    assert [str(event.date) for event in marked] == ["2024-01-03"]
    # a chain of one volatility has a flat surface: the mark is the closed form's price
    assert outcome.result.equity[2] == pytest.approx(whole.result.equity[2], abs=0.5)
    assert np.array_equal(outcome.result.equity[[0, 1, 3]], whole.result.equity[[0, 1, 3]])
    assert any("2 at the mid, 1 from the session's fitted surface" in each for each in outcome.told)
    # a crossed quote is none: neither marked at nor traded on
    ask = np.where(gone, 0.01, book.ask)
    crossed = run_options(replace(book, ask=ask), bars, BUY, terms=Terms(10_000), rates=0.02)
    assert [event.kind for event in crossed.result.events] == ["model mark"]
    assert crossed.result.equity[2] == pytest.approx(whole.result.equity[2], abs=0.5)


def test_without_any_quote_the_last_mark_stays_and_is_said() -> None:
    bars = underlying([100.0, 100.0, 103.0, 104.0])
    book = chain(bars, {(1, 100.0, "2024-01-31"): [(3.0, 3.2), (3.0, 3.2), None, (5.0, 5.2)]})
    result = run_options(book, bars, BUY, terms=Terms(10_000)).result
    assert result.equity.tolist() == [10_000, 10_000, 10_000, 10_200]
    (stale,) = result.events
    assert (stale.kind, str(stale.date)) == ("stale", "2024-01-03")
    assert stale.text == "Held without a quote for 1 sessions: marked at the last mark."


def test_a_simulated_chain_is_the_closed_form_at_realised_volatility() -> None:
    rng = np.random.default_rng(2)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.015, 120)))
    days = np.busday_offset(np.datetime64("2020-01-01"), np.arange(120), roll="forward")
    bars = market(120, close=close, dates=days)
    made = Simulated(21, 0.02)
    book = simulated_chain(bars, made, 0.03)
    assert book.basis == "simulated"
    assert not len(book.session(20).contract)
    moves = np.diff(np.log(close))[60 - 21 : 60]
    volatility = moves.std(ddof=1) * np.sqrt(252)
    assert realised(bars, 21)[60] == pytest.approx(volatility)
    quotes = book.session(60)
    of = quotes.contract
    years = (book.expiry[of] - days[60]) / np.timedelta64(1, "D") / 365
    price = bsm(book.kind[of].astype(float), close[60], book.strike[of], years, 0.03, 0.0, volatility)
    traded = price > 1.0
    np.testing.assert_allclose(quotes.mid[traded], price[traded], rtol=1e-9)
    np.testing.assert_allclose((quotes.ask - quotes.bid)[traded], 0.02 * price[traded], rtol=1e-6)
    # contracts stay listed until their expiry, and no price knows a later close
    cut = simulated_chain(market(80, close=close[:80], dates=days[:80]), made, 0.03).session(60)
    assert np.array_equal(np.sort(cut.mid), np.sort(quotes.mid))


def test_third_fridays() -> None:
    found = third_fridays(np.datetime64("2024-01-19"), np.datetime64("2024-04-30"))
    assert [str(day) for day in found] == ["2024-02-16", "2024-03-15", "2024-04-19"]


def test_a_simulated_chain_keeps_contracts_over_a_split() -> None:
    rng = np.random.default_rng(4)
    days = np.busday_offset(np.datetime64("2020-01-01"), np.arange(150), roll="forward")
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, 150)))
    split = np.ones(150)
    split[80] = 2.0
    plain = market(150, close=close, dates=days)
    bars = market(150, close=np.where(np.arange(150) >= 80, close / 2, close), dates=days, split=split)
    rules = parse("buy call strike 100% expiry 60; commission 0; every yearly; prices simulated(21, 0%)")
    assert rules.prices is not None
    results = [
        run_options(simulated_chain(each, rules.prices), each, replace(rules, every="flat")).result
        for each in (plain, bars)
    ]
    assert [event.kind for event in results[1].events if event.kind in ("adjustment", "stale")] == [
        "adjustment"
    ]
    # the same option before and after: a contract becomes two at half the strike, to the nearest cent
    np.testing.assert_allclose(results[0].equity[:80], results[1].equity[:80], atol=1e-6)
    np.testing.assert_allclose(results[0].equity[80:84], results[1].equity[80:84], atol=2.5)


def test_what_cannot_be_a_chain_or_a_run_is_refused() -> None:
    bars = underlying([100.0, 100.0])
    book = chain(bars, {(1, 100.0, "2024-01-31"): [(3.0, 3.2), (3.0, 3.2)]})
    with pytest.raises(ValueError, match="one underlying"):
        run_options(book, underlying([1.0, 2.0, 3.0]), BUY)
    with pytest.raises(ValueError, match="ascend by contract"):
        replace(book, first=np.array([0, 2, 2]))
    with pytest.raises(ValueError, match="one value a quote"):
        replace(book, ask=book.ask[:-1])

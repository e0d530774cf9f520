"""Option runs over the store: quotes as decisions knew them, and what is said where there are none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from engine.backtest.options import deciding, parse
from engine.backtest.result import Terms
from engine.backtest.rules import RuleError
from engine.errors import Cancelled, DataError
from engine.quant.options import bsm
from engine.runs import _option_chain
from engine.runs.market_told import no_progress
from engine.runs.option_proof import CUTS, prove_options
from engine.runs.options import Rates, gather_options, option_run, option_trial
from store import Batch, Store, open_store
from store.reader import AsOfReader

NOW = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)
START, END = date(2012, 1, 3), date(2012, 3, 30)
RATES = Rates(np.array(["2000-01-01"], dtype="datetime64[D]"), np.array([0.01]), "a test")
PUT = "sell put delta 0.30 expiry 30; close at 50% profit; size cash_secured"


@pytest.fixture
def store(home: Path) -> Store:
    return open_store(home)


@pytest.fixture
def apple(store: Store) -> int:
    return store.identify(["us-equity:AAPL"])["us-equity:AAPL"]


def reader(store: Store, asof: datetime = NOW) -> AsOfReader:
    return store.reader(asof)


def quotes(store: Store, number: int, late: frozenset[date] = frozenset(), **more: Any) -> pl.DataFrame:
    """Calls and puts of three expiries at a volatility of 30% on each close, known a quarter of an hour later."""
    bars = reader(store).bars(number, START, END, adjust="none")
    rows: list[dict[str, Any]] = []
    for day, close in zip(bars["session_date"], bars["close"], strict=True):
        at = datetime.combine(day, time(19, 45), tzinfo=UTC)
        for expiry in (date(2012, 2, 17), date(2012, 3, 16), date(2012, 4, 20)):
            days = (expiry - day).days
            if days < 0:
                continue
            for strike in range(300, 700, 20):
                for right, kind in (("call", 1), ("put", -1)):
                    price = float(bsm(kind, close, strike, max(days, 1e-6) / 365, 0.01, 0.0, 0.3))
                    rows.append({
                        "security_id": number, "session_date": day, "quoted_at": at,
                        "contract": f"AAPL{expiry:%y%m%d}{right[0].upper()}{strike * 1000:08d}", "expiry": expiry,
                        "strike": float(strike), "right": right, "bid": max(round(price - 0.05, 2), 0.0),
                        "ask": round(price + 0.05, 2),
                        "known_at": at + timedelta(days=9 if day in late else 0, minutes=15), **more,
                    })  # fmt: skip
    return pl.DataFrame(rows)


def kept(store: Store, frame: pl.DataFrame, what: str = "chain") -> None:
    store.append(Batch("a test", what, what, {"option_quotes": frame}, basis="exact"))


def test_a_run_on_quotes(store: Store, apple: int) -> None:
    kept(store, quotes(store, apple))
    outcome, gathered, market = option_run(
        reader(store), apple, PUT, START, END, None, Terms(200_000.0), rates=RATES
    )
    result = outcome.result
    assert result.dates[0] == np.datetime64(START)
    assert np.array_equal(result.dates, market.dates)
    assert result.symbols[0] == "AAPL"
    assert len(result.trades) > 2
    assert {trade.exit_reason for trade in result.trades} >= {"50% profit"}
    assert not any("SIMULATED" in each for each in outcome.told)
    facts = dict(gathered.facts)
    assert facts["option_quotes: sessions with quotes"] == len(result.dates)
    assert facts["risk-free rate"] == "a test"
    assert (
        any(read.table == "option_quotes" for read in reader(store).reads) is False
    )  # a reader keeps its own


def test_no_quote_is_used_before_it_was_known(store: Store, apple: int) -> None:
    days = quotes(store, apple)["session_date"].unique().sort().to_list()
    late = frozenset(days[5:9])
    kept(store, quotes(store, apple, late))
    ready = gather_options(reader(store), apple, parse(PUT), START, END, RATES)
    counts = np.diff(ready.chain.first)
    assert [str(day) for day in ready.chain.dates[counts == 0]] == [str(day) for day in sorted(late)]
    assert dict(ready.gathered.facts)["option_quotes: known too late for their session's decision"] > 0
    assert any("4 of" in text and "no option quotes" in text for text, _ in ready.gathered.notes)


def test_a_quote_corrected_later_counts_as_it_was_known(store: Store, apple: int) -> None:
    frame = quotes(store, apple)
    kept(store, frame)
    known = pl.col("known_at").dt.offset_by("30d")
    later = frame.with_columns(bid=pl.lit(1.0), ask=pl.lit(500.0), known_at=known)
    before = gather_options(reader(store), apple, parse(PUT), START, END, RATES).chain
    kept(store, later, "corrected")
    after = gather_options(reader(store), apple, parse(PUT), START, END, RATES).chain
    assert np.array_equal(before.ask, after.ask)


def test_what_becomes_known_after_the_clock_changes_no_earlier_trade(store: Store, apple: int) -> None:
    kept(store, quotes(store, apple))
    clock = datetime(2012, 2, 15, 23, 0, tzinfo=UTC)
    part, _, _ = option_run(reader(store, clock), apple, PUT, START, END, rates=RATES)
    whole, _, _ = option_run(reader(store), apple, PUT, START, END, rates=RATES)
    rows = len(part.result.dates)
    assert part.result.dates[-1] == np.datetime64("2012-02-15")
    assert np.array_equal(part.result.equity, whole.result.equity[:rows])


def test_without_quotes_prices_are_simulated_only_where_the_rules_say_so(store: Store, apple: int) -> None:
    with pytest.raises(DataError, match="prices simulated"):
        option_run(reader(store), apple, PUT, START, END)
    outcome, gathered, _ = option_run(
        reader(store), apple, f"{PUT}; prices simulated", date(2004, 1, 2), date(2006, 12, 29)
    )
    assert outcome.told[0].startswith("SIMULATED")
    assert any(text.startswith("SIMULATED") and level == "warning" for text, level in gathered.notes)
    assert outcome.result.dates[0] == np.datetime64("2004-01-02")
    assert len(outcome.result.trades) > 20
    made = sum(trade.pnl for trade in outcome.result.trades)
    assert made == pytest.approx(outcome.result.equity[-1] - 1e6, abs=0.01)
    assert any("No risk-free rate" in text for text, _ in gathered.notes)
    # AAPL split 2 for 1 on 2005-02-28
    split = [event for event in outcome.result.events if event.kind == "adjustment"]
    assert [(str(event.date), "split of 2 for 1" in event.text) for event in split] == [("2005-02-28", True)]


def test_adjusted_contracts_are_left_out(store: Store, apple: int) -> None:
    frame = quotes(store, apple)
    odd = frame.with_columns(contract=pl.col("contract").str.replace("AAPL", "AAPL7"))
    kept(store, pl.concat([frame, odd]))
    ready = gather_options(reader(store), apple, parse(PUT), START, END, RATES)
    assert dict(ready.gathered.facts)["option_quotes: of adjusted contracts, left out"] == frame.height
    assert len(ready.chain.symbols) == frame["contract"].n_unique()


def test_index_options_settle_in_cash_on_the_open_or_the_close() -> None:
    from engine.runs._option_chain import _settlements

    frame = pl.DataFrame({"contract": ["SPX240119C04000000", "SPXW240119C04000000", "AAPL240119C00100000"]})
    assert _settlements(frame, True).tolist() == [2, 1, 1]
    assert _settlements(frame, False).tolist() == [0, 0, 0]


def test_strikes_of_another_level_are_refused(store: Store, apple: int) -> None:
    frame = quotes(store, apple).with_columns(strike=pl.col("strike") * 10)
    kept(store, frame)
    with pytest.raises(DataError, match="these prices are adjusted"):
        option_run(reader(store), apple, PUT, START, END)


def test_a_wrong_word_and_a_cancelled_run(store: Store, apple: int) -> None:
    with pytest.raises(RuleError, match="'puts' is none of them"):
        option_run(reader(store), apple, "sell puts delta 0.3 expiry 30", START, END)
    with pytest.raises(Cancelled):
        option_run(reader(store), apple, f"{PUT}; prices simulated", START, END, cancelled=lambda: True)


def test_a_close_corrected_later_changes_no_decision_on_simulated_prices(store: Store, apple: int) -> None:
    text = "sell put delta 0.30 expiry 30; close 15 days before expiry; prices simulated(21, 4%)"
    before, _, _ = option_run(reader(store), apple, text, START, END, rates=RATES)
    whole = gather_options(reader(store), apple, parse(text), START, END, RATES)
    assert whole.decided is None
    day = date(2012, 2, 15)
    bar = (
        reader(store)
        .bars(apple, day, day, adjust="none")
        .select("security_id", "session_date", "open", "high", "low")
    )
    wrong = bar.with_columns(
        close=pl.col("low") * 0.7, low=pl.col("low") * 0.7, volume=pl.lit(1_000_000),
        known_at=pl.lit(datetime(2012, 6, 1, tzinfo=UTC)),
    )  # fmt: skip
    store.append(Batch("a test", "bars", "corrected", {"bars": wrong}, basis="exact"))
    ready = gather_options(reader(store), apple, parse(text), START, END, RATES)
    assert ready.decided is not None
    for name in ("strike", "expiry", "first", "contract", "bid", "ask"):  # what was known
        assert np.array_equal(getattr(ready.decided, name), getattr(whole.chain, name))
    row = int(np.flatnonzero(ready.chain.dates == np.datetime64(day))[0])
    assert not np.array_equal(ready.chain.session(row).bid, whole.chain.session(row).bid)  # it traded lower
    after, _, _ = option_run(reader(store), apple, text, START, END, rates=RATES)
    told = [
        [(trade.symbol, trade.shares, trade.entry_date, trade.exit_date) for trade in each.result.trades]
        for each in (before, after)
    ]
    assert len(told[0]) >= 3
    assert told[0] == told[1]
    assert before.result.equity[row] > after.result.equity[row]  # the account is marked by what truly traded


def test_an_own_call_is_exercised_for_what_was_announced_by_then(store: Store, apple: int) -> None:
    from engine.runs._option_dividends import announced
    from engine.runs.market_days import Axis

    days = np.arange("2012-08-01", "2012-08-31", dtype="datetime64[D]")
    days = days[np.is_busday(days)]
    axis = Axis.of(reader(store), days, ["XNYS"])
    ex = int(np.flatnonzero(days == np.datetime64("2012-08-09"))[0])
    # the source told of it at the open of its ex-date: too late for the evening before
    assert not announced(reader(store), apple, axis, "USD").any()
    row = {"security_id": apple, "kind": "dividend", "ex_date": date(2012, 8, 9), "currency": "USD"}
    told = [
        {**row, "amount": 2.65, "known_at": datetime(2012, 7, 24, 20, 30, tzinfo=UTC)},
        {**row, "amount": 3.00, "known_at": datetime(2012, 9, 3, tzinfo=UTC)},
    ]
    for at, each in enumerate(told):
        store.append(
            Batch("a test", "actions", f"told {at}", {"actions": pl.DataFrame([each])}, basis="exact")
        )
        found = announced(reader(store), apple, axis, "USD")
        assert found[ex] == 2.65  # a later word moves no earlier decision
        assert found.sum() == 2.65


def test_a_chain_that_was_read_is_kept_beside_the_store_and_found_again(store: Store, apple: int) -> None:
    """Quotes withdrawn later, and a day on which all came late, are kept out of it; what is damaged is read anew."""
    frame = quotes(store, apple, frozenset({date(2012, 2, 1)}))
    kept(store, frame)
    some = frame.filter(pl.col("session_date") == date(2012, 2, 2))
    gone = some.with_columns(known_at=pl.lit(datetime(2012, 5, 1, tzinfo=UTC)), deleted=pl.lit(True))
    store.append(Batch("a test", "chain", "withdrawn", {"option_quotes": gone}, basis="exact"))

    def told() -> tuple[Any, ...]:
        _option_chain._held.clear()
        asked = reader(store)
        ready = gather_options(asked, apple, parse(PUT), START, END, RATES)
        return ready, [read for read in asked.reads if read.table == "option_quotes"]

    made, reads = told()
    day = int(np.flatnonzero(made.chain.dates == np.datetime64("2012-02-02"))[0])
    assert len(made.chain.session(day - 1).contract) == 0
    assert (
        len(made.chain.session(day).contract) == some.height
    )  # it was withdrawn after its session's decision
    files = list((reader(store).layout.cache / "chains").iterdir())
    assert len(files) == 1
    again, recorded = told()
    damaged = bytearray(files[0].read_bytes())
    damaged[-100] ^= 1
    files[0].write_bytes(damaged)
    anew, _ = told()
    for each in (again, anew):
        assert each.gathered.facts == made.gathered.facts
        for name in ("symbols", "first", "contract", "bid", "ask", "multiplier"):
            assert np.array_equal(getattr(each.chain, name), getattr(made.chain, name))
    assert [replace(read, seconds=0.0) for read in reads] == recorded
    assert [read.hash for read in recorded] == [read.hash for read in reads]
    remembered = reader(store)  # in memory, and on the record all the same
    gather_options(remembered, apple, parse(PUT), START, END, RATES)
    assert next(read for read in remembered.reads if read.table == "option_quotes").rows == reads[0].rows


def test_the_future_altered_changes_no_decision(store: Store, apple: int) -> None:
    kept(store, quotes(store, apple, late=frozenset({date(2012, 2, 1)})))
    for text in (PUT, f"{PUT}; prices simulated", "buy call delta 0.50 expiry 30; size contracts(2)"):
        trial = option_trial(reader(store), apple, text, START, END, None, Terms(200_000.0), rates=RATES)
        assert prove_options(trial, 0, no_progress, lambda: False) == (CUTS, ())
    with pytest.raises(Cancelled):
        prove_options(trial, 0, no_progress, lambda: True)


def test_a_decision_that_looks_ahead_is_found(
    store: Store, apple: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(store, quotes(store, apple))
    trial = option_trial(reader(store), apple, PUT, START, END, None, Terms(200_000.0), rates=RATES)
    honest = deciding.wanted_sets

    def ahead(account: Any, row: int, *rest: Any) -> int:
        later = account.market.close[min(row + 1, len(account.market.dates) - 1), 0]
        return honest(account, row, *rest) if later > account.known[row] else 0

    monkeypatch.setattr(deciding, "wanted_sets", ahead)
    changed = [
        each for seed in range(3) for each in prove_options(trial, seed, no_progress, lambda: False)[1]
    ]
    assert changed
    assert all(each.day <= each.cut for each in changed)

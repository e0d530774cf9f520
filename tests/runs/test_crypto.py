"""A run of coins over a store: days and minutes, funding, refusals."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest

from engine.backtest.crypto import CryptoTerms
from engine.backtest.result import Costs, Terms
from engine.errors import DataError
from engine.runs.crypto import crypto_run
from tests.runs.derivatives import fact, notes, same, security
from tests.runs.stores import World

ALWAYS = "long when close > 0; size shares(0.5)"
FIRST = date(2021, 1, 1)
PERPETUAL = CryptoTerms(perpetual=True)


def coin(world: World, ticker: str = "BTCUSD", **more: Any) -> int:
    given = {"currency": "USD", "calendar": "24/7"} | more
    return security(world, f"crypto:{ticker}", ticker, "CRYPTO", "crypto", **given)


def daily(world: World, number: int, count: int = 10) -> None:
    rows = []
    for at in range(count):
        day, close = FIRST + timedelta(days=at), 100.0 + at
        rows.append(
            {
                "security_id": number, "session_date": day, "open": close - 0.5, "high": close + 1, "low": close - 1,
                "close": close, "volume": 10, "known_at": datetime.combine(day + timedelta(days=1), time(), UTC),
            }
        )  # fmt: skip
    world.append(bars=rows)


def minutes(world: World, number: int, count: int = 30, late: int | None = None) -> None:
    rows = []
    for at in range(count):
        start = datetime(2021, 1, 1, 7, 50, tzinfo=UTC) + timedelta(minutes=at)
        known = start + timedelta(minutes=60 if at == late else 1)
        rows.append(
            {
                "security_id": number, "session_date": start.date(), "interval": "1m", "start_at": start,
                "open": 100.0, "high": 100.0, "low": 100.0, "close": 100.0, "volume": 10, "known_at": known,
            }
        )  # fmt: skip
    world.append(bars_intraday=rows)


def test_days_run_through_weekends_and_are_365_a_year(world: World) -> None:
    number = coin(world)
    daily(world, number)
    outcome, told, market = crypto_run(
        world.reader(), [number], ALWAYS, None, None, Costs(per_notional=0.001), Terms(1_000.0)
    )
    assert len(outcome.result.dates) == 10  # Friday to the Sunday after the next
    # half a coin at 100.50 and its fee; 0.5 x 109 at the end
    assert outcome.result.equity[-1] == pytest.approx(1_000 - 50.25 - 0.05025 + 54.5, abs=1e-4)
    assert fact(told, "bars a year") == 365
    assert market.currency == "USD"
    assert any("taker's fee of 0.100%" in each for each in outcome.told)


def test_perpetuals_pay_funding_and_say_where_none_is_given(world: World) -> None:
    number = coin(world)
    daily(world, number, 3)
    outcome, told, _ = crypto_run(
        world.reader(), [number], ALWAYS, None, None, terms=Terms(1_000.0), crypto=PERPETUAL, funding=0.001
    )
    # the 2nd: twice 0.0502(5) on 0.5 x 100.50; the 3rd: thrice 0.0507(5) on 0.5 x 101.50; halves to the even
    assert fact(told, "funding paid") == pytest.approx(0.25, abs=0.01)
    assert outcome.result.costs["funding"].tolist() == pytest.approx([0, 0.1004, 0.1524])
    # 10% of 0.5 x 102 over 1,000 + 0.75 - 0.25
    assert fact(told, "most margin required at a close") == "0.5% of equity"
    assert any("10.00% of notional to open" in each and "defaults" in each for each in outcome.told)
    _, told, _ = crypto_run(world.reader(), [number], ALWAYS, None, None, crypto=PERPETUAL)
    assert "No funding rates were given" in notes(told)


def test_minutes_are_bars_of_their_own(world: World) -> None:
    number = coin(world)
    minutes(world, number)
    outcome, told, market = crypto_run(
        world.reader(), [number], ALWAYS, None, None, terms=Terms(1_000.0), crypto=PERPETUAL, funding=0.001,
        interval="1m",
    )  # fmt: skip
    assert (len(market.dates), str(market.dates[0])) == (30, "2021-01-01T07:50")
    assert fact(told, "bars a year") == 365 * 1440
    assert outcome.result.costs["funding"].nonzero()[0].tolist() == [10]  # the minute of 8:00
    assert outcome.result.equity[-1] == pytest.approx(1_000 - 0.05)


def test_a_bar_that_was_known_late_decides_nothing(world: World) -> None:
    number = coin(world)
    minutes(world, number, late=0)
    outcome, told, _ = crypto_run(
        world.reader(), [number], ALWAYS, None, None, terms=Terms(1_000.0), interval="1m"
    )
    assert outcome.result.trades.entry.tolist() == [2]  # the second bar is the first that decides
    assert "1 bars became known more than a bar after" in notes(told)


def test_what_cannot_be_served_is_refused(world: World) -> None:
    number = coin(world)
    with pytest.raises(DataError, match="No price of BTCUSD"):
        crypto_run(world.reader(), [number], ALWAYS, None, None)
    with pytest.raises(DataError, match="No bars of 1m of BTCUSD"):
        crypto_run(world.reader(), [number], ALWAYS, None, None, interval="1m")
    with pytest.raises(DataError, match="Bars are of 1d"):
        crypto_run(world.reader(), [number], ALWAYS, None, None, interval="2d")
    daily(world, number)
    with pytest.raises(ValueError, match="cannot be sold short"):
        crypto_run(world.reader(), [number], "short when close > 0", None, None)
    other = coin(world, "BTCUSDT", currency="USDT")
    daily(world, other)
    with pytest.raises(DataError, match="one currency"):
        crypto_run(world.reader(), [number, other], ALWAYS, None, None)


def test_an_earlier_clock_is_the_same_run_cut_short(world: World) -> None:
    number = coin(world)
    daily(world, number, 30)
    text = "long when close > sma(close, 3); size weight(50%)"
    then, _, _ = crypto_run(world.reader(datetime(2021, 1, 20, tzinfo=UTC)), [number], text, None, None)
    now, _, _ = crypto_run(world.reader(), [number], text, None, None)
    rows = len(then.result.dates)
    assert rows < len(now.result.dates)
    assert then.result.equity.tolist() == now.result.equity[:rows].tolist()


def test_a_bar_corrected_or_withdrawn_later_decided_as_it_was_known(world: World) -> None:
    number = coin(world)
    minutes(world, number)
    before = crypto_run(world.reader(), [number], ALWAYS, None, None, interval="1m")[1].inputs
    start = datetime(2021, 1, 1, 8, 0, tzinfo=UTC)
    later = {"known_at": start + timedelta(hours=3), "security_id": number, "session_date": start.date(),
             "interval": "1m", "open": 77.0, "high": 77.0, "low": 77.0, "close": 77.0, "volume": 1}  # fmt: skip
    world.append(bars_intraday=[later | {"start_at": start},
                                later | {"start_at": start + timedelta(minutes=1), "deleted": True}])  # fmt: skip
    _, told, market = crypto_run(world.reader(), [number], ALWAYS, None, None, interval="1m")
    after = told.inputs
    assert before is not None
    assert after is not None
    assert np.array_equal(before.decided.dates, after.decided.dates)
    assert same(before.decided.close, after.decided.close)  # and 77, and nothing, is what truly traded
    assert (market.close[10, 0], np.isnan(market.close[11, 0])) == (77.0, True)
    assert fact(told, "corrections kept out of earlier decisions") == 1

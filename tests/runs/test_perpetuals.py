"""Runs of inverse perpetuals, stops, volume and several coins or pairs over a store."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from engine.backtest.crypto import CryptoTerms
from engine.backtest.result import Costs, Terms
from engine.errors import CommandError
from engine.runs.crypto import crypto_run
from engine.runs.fx import fx_run
from tests.runs.derivatives import fact, notes, pair
from tests.runs.stores import World
from tests.runs.test_crypto import ALWAYS, coin, daily

PERPETUAL = CryptoTerms(perpetual=True)
FIRST = datetime(2021, 1, 1, tzinfo=UTC)


def contract(world: World, number: int, face: float, currency: str) -> None:
    world.append(
        futures_contracts=[
            {
                "security_id": number, "delivery_month": date(3000, 1, 1), "contract": "BTC-PERPETUAL",
                "multiplier": face, "currency": currency, "settlement": "cash", "known_at": FIRST,
            }
        ]
    )  # fmt: skip


def run(world: World, *ids: int, text: str = ALWAYS, **more: Any) -> Any:
    given = {"terms": Terms(1_000.0)} | more
    return crypto_run(world.reader(), list(ids), text, None, None, **given)


def test_the_face_of_an_inverse_contract_is_said_or_held_by_the_store(world: World) -> None:
    number = coin(world)
    daily(world, number)
    with pytest.raises(
        CommandError, match=r"Nothing in the store tells .* CONTRACT=INVERSE MULTIPLIER=10 is 10 USD"
    ):
        run(world, number, crypto=PERPETUAL, inverse=True)
    text = "long when close > 0; size shares(5)"
    said = run(world, number, text=text, crypto=CryptoTerms(True, face=10.0), inverse=True)
    # 10 coins at the first close of 100; 5 contracts of 10 at 100.50, marked at 109
    coins = 10 + 50 / 100.5 - 50 / 109
    assert said[0].result.equity[-1] == pytest.approx(coins * 109, abs=1e-4)
    assert fact(said[1], "coins at the last close") == f"{coins:,.8f}"
    assert "It began with 10.000000 coins" in notes(said[1])
    assert any("N s (1/entry - 1/exit)" in each for each in said[0].told)
    contract(world, number, 10.0, "BTC")
    held = run(world, number, text=text, crypto=PERPETUAL, inverse=True)
    assert held[0].result.equity.tolist() == said[0].result.equity.tolist()
    assert fact(held[1], "face of a contract") == "10 USD, of BTC-PERPETUAL"
    with pytest.raises(CommandError, match="BTC-PERPETUAL, the store's contract on BTCUSD, is inverse"):
        run(world, number, crypto=PERPETUAL)


def test_stops_of_coins_and_pairs_work_within_bars_and_at_fixings(world: World) -> None:
    number = coin(world)
    daily(world, number, 3)
    outcome, _, _ = run(world, number, text="long when close > 0; size shares(1); stop 0.3%")
    (trade,) = outcome.result.trades
    assert (trade.exit_price, trade.exit_reason) == (pytest.approx(100.5 * 0.997), "stop 0.3%")
    assert any("A bar that reaches both ends at the stop" in each for each in outcome.told)
    with pytest.raises(ValueError, match="orders fill at the open, not at the close"):
        run(world, number, text="long when close > 0; stop 5%", fill="close")
    eurusd = pair(world, "EURUSD", dict(zip(world.days, [1.2, 1.2, 1.19, 1.17, 1.2, 1.2], strict=False)))
    outcome, _, _ = fx_run(
        world.reader(), [eurusd], "long when close > 1.19; size shares(1000); stop 1%", None, None
    )
    assert outcome.result.trades.exit_price.tolist() == pytest.approx([1.17, 1.2])
    assert any("by the first one at or beyond it" in each for each in outcome.told)


def test_volume_is_coins_or_the_turnover_that_a_source_says_it_is(world: World) -> None:
    first = coin(world)
    daily(world, first, 4)
    outcome, told, _ = run(world, first, costs=Costs(participation=0.01))
    assert [
        round(float(each), 8) for each in outcome.result.weights[1:3, 0] * outcome.result.equity[1:3]
    ] == [10.1, 20.4]
    assert "it is taken as coins" in notes(told)
    second = coin(world, "ETHUSD", note="Volume is turnover in whole units of USD; sessions are UTC days.")
    daily(world, second, 4)
    outcome, told, _ = run(world, second, costs=Costs(participation=0.01))
    assert "taken as coins" not in notes(told)
    assert outcome.result.weights[1, 0] * outcome.result.equity[1] == pytest.approx(
        0.01 * 10, rel=2e-2
    )  # dollars


def test_coins_are_ranked_and_share_an_account(world: World) -> None:
    """Each week the coin that rose most, half of the equity at the next open; the other is left first."""
    ids = [coin(world, name) for name in ("AAAUSD", "BBBUSD")]
    closes = {0: [100, 110, *[120] * 11], 1: [50, 50, 50, 50, 60, 70, 80, 90, 90, 90, 100, 110, 121]}
    for place, number in enumerate(ids):
        rows = []
        for at, close in enumerate(closes[place]):
            day = date(2021, 1, 1) + timedelta(days=at)
            known = datetime(2021, 1, 1, tzinfo=UTC) + timedelta(days=at + 1)
            rows.append({"security_id": number, "session_date": day, "open": close, "high": close, "low": close,
                         "close": close, "volume": 10, "known_at": known})  # fmt: skip
        world.append(bars=rows)
    text = "long top 1 by roc(2); rebalance weekly; size weight(50%)"
    outcome, _, market = run(world, *ids, text=text)
    assert market.symbols == ("AAAUSD", "BBBUSD")
    # weeks begin on Mondays: on the 4th AAA rose most (120 / 110), on the 11th BBB (100 / 90); bars begin on the 3rd
    held = outcome.result.weights * outcome.result.equity[:, None]
    assert held[2].tolist() == pytest.approx([500.0, 0.0], abs=1e-4)
    assert held[9].tolist() == pytest.approx([0.0, 500.0], abs=1e-4)  # at 110 on the 12th
    assert held[10].tolist() == pytest.approx([0.0, 550.0], abs=1e-4)
    assert outcome.result.equity[-1] == pytest.approx(1_050.0, abs=1e-4)

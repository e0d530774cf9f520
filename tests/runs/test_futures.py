"""A future's run over a store: what is read, what decisions knew, what is refused, what is told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from engine.backtest.currencies import Entry
from engine.backtest.futures import Margin, Roll
from engine.backtest.result import Costs, Terms
from engine.backtest.rules import RuleError
from engine.errors import Cancelled, CommandError, DataError
from engine.runs.futures import futures_run
from tests.runs.derivatives import (
    another,
    fact,
    future_bar,
    known,
    notes,
    pair,
    root,
    same,
    terms,
    two_contracts,
)
from tests.runs.stores import World

ALWAYS = "long when close > 0; size shares(2)"
MEANS = "long when close > sma(close, 5); exit when close < sma(close, 5); size weight(50%)"


def test_a_position_goes_from_contract_to_contract_and_is_one_trade(world: World) -> None:
    number, days = two_contracts(world)
    outcome, told, market = futures_run(
        world.reader(),
        number,
        ALWAYS,
        None,
        None,
        Costs(per_share=1.0),
        Terms(50_000.0),
        roll=Roll("calendar", 5),
    )
    result = outcome.result
    # decided on the 4th, bought at 100.25 on the 5th; five sessions before 19 March is the 12th, at its open
    rolled = days.index(date(2021, 3, 12))
    level = 100 + 0.5 * (rolled if rolled < 35 else 70 - rolled)
    gained = (level - 0.25) - 100.25 + (100 + 0.5 * (70 - 59) + 2) - (level + 1.75)
    assert result.equity[-1] == pytest.approx(50_000 + gained * 100 - 6)
    (trade,) = result.trades
    assert trade.open
    assert (trade.entry_price, trade.shares, trade.entry_reason[:5]) == (100.25, 2.0, "XH1: ")
    assert "rolled XH1 to XM1 on 2021-03-12, cost 4.00 USD" in trade.exit_reason
    assert (fact(told, "rolls"), fact(told, "cost of rolls"), fact(told, "contracts")) == (1, 4.0, 2)
    names = [
        each.symbol for each in result.ledger if isinstance(each, Entry) and each.kind in ("trade", "roll")
    ]
    assert names == ["XH1", "XH1", "XM1"]
    assert market.symbols == ("X",)
    assert "noon (UTC)" in fact(told, "decisions")
    assert any("10.00% initial and 9.09% maintenance of notional" in each for each in outcome.told)
    assert any("No margin was given" in each for each in outcome.told)


def test_the_series_of_signals_does_not_know_later_rolls(world: World) -> None:
    number, days = two_contracts(world)
    early = futures_run(world.reader(), number, MEANS, None, days[40], terms=Terms(1e6))
    whole = futures_run(world.reader(), number, MEANS, None, None, terms=Terms(1e6))
    rows = len(early[2].dates)
    assert rows < len(whole[2].dates)
    assert same(early[2].close, whole[2].close[:rows])
    assert early[0].result.equity.tolist() == whole[0].result.equity[:rows].tolist()


def test_an_earlier_clock_sees_what_was_known_then(world: World) -> None:
    number, days = two_contracts(world)
    clock = known(days[30]) + timedelta(minutes=1)
    then = futures_run(world.reader(clock), number, MEANS, None, None, terms=Terms(1e6))
    now = futures_run(world.reader(), number, MEANS, None, days[30], terms=Terms(1e6))
    assert str(then[2].dates[-1]) == str(days[30])
    assert then[0].result.equity.tolist() == now[0].result.equity.tolist()


def test_a_correction_changes_settlements_and_no_decision(world: World) -> None:
    number, days = two_contracts(world)
    before = futures_run(world.reader(), number, MEANS, None, None, terms=Terms(1e6))
    late = datetime(2021, 8, 1, tzinfo=UTC)
    wrong = future_bar(number, "XH1", days[12], 90.0, 60.0, known_at=late)
    world.append(futures_bars=[wrong])
    after = futures_run(world.reader(), number, MEANS, None, None, terms=Terms(1e6))
    assert same(before[2].close, after[2].close)
    assert before[0].result.equity.tolist() != after[0].result.equity.tolist()
    assert fact(after[1], "corrections kept out of earlier decisions") == 1
    assert "1 corrections came after it" in notes(after[1])


def test_the_run_begins_where_it_is_asked_and_warms_up_before(world: World) -> None:
    number, days = two_contracts(world)
    outcome, told, market = futures_run(world.reader(), number, MEANS, days[20], None, terms=Terms(1e6))
    assert str(market.dates[0]) == str(outcome.result.dates[0]) == str(days[20])
    assert fact(told, "sessions before it that warm up") > 4
    assert outcome.result.trades.entry.tolist() == [1]  # decided after the first session's close


def test_amounts_a_contract_and_settlement_at_the_close(world: World) -> None:
    number, _ = two_contracts(world, settlement_price=None)
    with pytest.raises(DataError, match="No settlement prices of X"):
        futures_run(world.reader(), number, ALWAYS, None, None)
    outcome, told, _ = futures_run(
        world.reader(), number, ALWAYS, None, None, settle="close", margin=Margin(5_000, 4_000, "contract")
    )
    assert "settled at each session's close, as was asked" in notes(told)
    assert any("5,000.00 initial and 4,000.00 maintenance a contract" in each for each in outcome.told)


def test_an_account_in_another_currency_is_told_at_fixings(world: World) -> None:
    number, days = two_contracts(world)
    pair(world, "EURUSD", {day: 1.25 if at < 30 else 1.0 for at, day in enumerate(days)})
    ours, _, _ = futures_run(world.reader(), number, ALWAYS, None, None, terms=Terms(1e6), account="EUR")
    plain, _, _ = futures_run(world.reader(), number, ALWAYS, None, None, terms=Terms(1e6))
    gained = plain.result.equity - 1e6
    rate = np.where(np.arange(60) < 30, 0.8, 1.0)
    assert ours.result.equity == pytest.approx(1e6 + gained * rate, abs=1e-3)
    with pytest.raises(DataError, match="No pair in the store leads from USD to JPY"):
        futures_run(world.reader(), number, ALWAYS, None, None, account="JPY")


def test_what_the_store_cannot_serve_is_refused(world: World) -> None:
    number = root(world)
    with pytest.raises(DataError, match="No bars of X's contracts"):
        futures_run(world.reader(), number, ALWAYS, None, None)
    world.append(futures_bars=[future_bar(number, "XH1", each, 100, 101) for each in world.days[:20]])
    with pytest.raises(DataError, match="terms of X's contracts"):
        futures_run(world.reader(), number, ALWAYS, None, None)
    world.append(futures_contracts=[terms(number, "XH1", date(2021, 3, 19), multiplier=None)])
    with pytest.raises(DataError, match="no multiplier is known"):
        futures_run(world.reader(), number, ALWAYS, None, None)
    outcome, _, _ = futures_run(world.reader(), number, ALWAYS, None, None, multiplier=10.0)
    assert outcome.result.equity[-1] == pytest.approx(1e6 + 2 * 10)
    with pytest.raises(DataError, match="contracts are known at this clock from 2021-12-22"):
        futures_run(world.reader(), number, ALWAYS, date(2022, 1, 1), None, multiplier=10.0)
    with pytest.raises(RuleError):
        futures_run(world.reader(), number, "long wen close > 0", None, None)


def test_a_run_can_be_cancelled(world: World) -> None:
    number, _ = two_contracts(world)
    with pytest.raises(Cancelled):
        futures_run(world.reader(), number, ALWAYS, None, None, cancelled=lambda: True)


def test_contracts_are_whole_unless_parts_are_asked_for(world: World) -> None:
    number, _ = two_contracts(world)
    weights = "long when close > 0; size weight(75%)"
    whole, _, _ = futures_run(world.reader(), number, weights, None, None, terms=Terms(1e4, fractional=True))
    parts, _, _ = futures_run(world.reader(), number, weights, None, None, terms=Terms(1e4), fractional=True)
    assert whole.result.trades[0].shares == 1.0  # 7,500 / (100.25 x 50) is 1.496
    assert parts.result.trades[0].shares == pytest.approx(1.49625935)


def test_roots_of_other_calendars_share_an_account_and_make_what_each_makes(world: World) -> None:
    one, days = two_contracts(world)
    two = another(world, days)
    text = "long when close > sma(close, 3); exit when close < sma(close, 3); size shares(2)"
    both, told, market = futures_run(world.reader(), (one, two), text, days[10], None, Costs(per_share=1.0))
    apart = [
        futures_run(world.reader(), each, text, days[10], None, Costs(per_share=1.0))[0]
        for each in (one, two)
    ]
    assert (market.symbols, market.close.shape) == (("X", "Y"), (50, 2))
    gone = apart[1].result.equity - 1e6
    own = np.isin(market.dates, apart[1].result.dates)
    stood = gone[np.cumsum(own) - 1] * (np.cumsum(own) > 0)  # where it has no bar it is marked as before
    assert both.result.equity == pytest.approx(apart[0].result.equity + stood)
    assert {each.symbol for each in both.result.trades} == {"X", "Y"}
    assert len(both.result.trades) == sum(len(each.result.trades) for each in apart)
    assert "stale" not in {each.kind for each in both.result.events}
    assert (fact(told, "X: contracts"), fact(told, "Y: contracts")) == (2, 1)
    assert any("One pool of cash and margin" in each for each in both.told)


def test_ranks_across_roots_and_weights_by_volatility_are_those_of_the_series(world: World) -> None:
    one, days = two_contracts(world)
    two = another(world, days)
    text = "long top 1 by roc(close, 5); size volatility_target(10%, 5); rebalance weekly"
    outcome, _, _ = futures_run(world.reader(), (one, two), text, days[10], None, terms=Terms(1e7))
    held = (outcome.result.weights != 0).sum(axis=1)
    assert held.max() == 1
    assert {each.symbol for each in outcome.result.trades} == {"X", "Y"}
    assert outcome.result.gross.max() < 1.05


def test_stops_of_roots_say_their_contract_and_run_again_bit_for_bit(world: World) -> None:
    one, days = two_contracts(world)
    two = another(world, days)
    text = "long when close > sma(close, 3); short when close < sma(close, 3); stop 0.3%; take 1.5*atr(3)"
    first, _, _ = futures_run(world.reader(), (one, two), text, days[10], None)
    again, _, _ = futures_run(world.reader(), (one, two), text, days[10], None)
    assert first.result.equity.tobytes() == again.result.equity.tobytes()
    told = [each.exit_reason.split("; ")[0].split(": ") for each in first.result.trades if not each.open]
    assert {name for name, _ in told} <= {"XH1", "XM1", "YM1"}
    assert {"stop 0.3%", "take 1.5 * atr(3)"} <= {why for _, why in told}
    assert any("counted from the fill" in each for each in first.told)


def test_margins_multipliers_and_currencies_of_several_roots_are_said_by_root(world: World) -> None:
    one, days = two_contracts(world)
    two = another(world, days, currency="EUR")
    ids = (one, two)
    with pytest.raises(CommandError, match=r"X in USD, Y in EUR\): ACCOUNT=USD says"):
        futures_run(world.reader(), ids, ALWAYS, None, None)
    with pytest.raises(DataError, match="No pair in the store leads from EUR to USD"):
        futures_run(world.reader(), ids, ALWAYS, None, None, account="USD")
    pair(world, "EURUSD", dict.fromkeys(days, 1.25))
    with pytest.raises(CommandError, match="MULTIPLIER= is that of one root"):
        futures_run(world.reader(), ids, ALWAYS, None, None, account="USD", multiplier=5.0)
    per = Margin(500.0, 400.0, "contract")
    with pytest.raises(CommandError, match="CONTRACTMARGIN=X=5060/4600,Y=5060/4600 says them by root"):
        futures_run(world.reader(), ids, ALWAYS, None, None, account="USD", margin=per)
    with pytest.raises(CommandError, match="does not say that of Y"):
        futures_run(world.reader(), ids, ALWAYS, None, None, account="USD", margin={"X": per})
    with pytest.raises(CommandError, match="names Z, not run here"):
        futures_run(
            world.reader(), ids, ALWAYS, None, None, account="USD", margin={"X": per, "Y": per, "Z": per}
        )
    margins = {"X": per, "Y": Margin(100.0, 80.0, "contract")}
    outcome, told, _ = futures_run(world.reader(), ids, ALWAYS, None, None, account="USD", margin=margins)
    entries = [each for each in outcome.result.ledger if isinstance(each, Entry)]
    assert {each.currency for each in entries if each.kind == "variation"} == {"USD", "EUR"}
    assert "X 500.00 initial and 400.00 maintenance a contract, Y 100.00" in " ".join(outcome.told)
    # two contracts each: 2 x 500 and 2 x 100 x 1.25 over an equity near a million
    assert fact(told, "most margin required at a close") == "0.1% of equity"


def test_orders_fill_at_the_close_or_the_average_where_that_is_asked_for(world: World) -> None:
    number, days = two_contracts(world)
    at = {}
    for fill in ("close", "vwap"):
        outcome, _, _ = futures_run(world.reader(), number, ALWAYS, None, days[9], fill=fill)
        at[fill] = outcome.result.trades[0].entry_price
        assert any(f"next {'close' if fill == 'close' else 'average price'}" in each for each in outcome.told)
    assert at == {"close": 100.5, "vwap": (100.25 + 100.5 + 100.25 + 100.5) / 4}
    with pytest.raises(ValueError, match="orders fill at the open, not at the close"):
        futures_run(world.reader(), number, "long when close > 0; stop 5%", None, None, fill="close")


def test_a_session_whose_bars_are_withdrawn_later_moves_no_window(world: World) -> None:
    number, days = two_contracts(world)
    text = "long when close > sma(5); exit when close < sma(5)"
    before = futures_run(world.reader(), number, text, None, None)[1].inputs
    gone = {"known_at": known(days[58]), "deleted": True}
    world.append(futures_bars=[future_bar(number, "XM1", days[55], 100.0, 100.0, **gone)])
    after = futures_run(world.reader(), number, text, None, None)[1].inputs
    assert before is not None
    assert after is not None
    assert np.array_equal(before.decided.dates, after.decided.dates)
    assert same(before.decided.close, after.decided.close)

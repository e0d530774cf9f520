"""A run of pairs over a store: fixings, crosses, short rates as they were known, weekends, refusals."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import numpy as np
import pytest

from engine.backtest.currencies import Entry
from engine.backtest.result import Terms
from engine.errors import DataError
from engine.runs.derived import short_rates
from engine.runs.fx import fx_run
from tests.runs.derivatives import fact, notes, pair, security
from tests.runs.stores import World

ALWAYS = "long when close > 0; size shares(1000)"


def closes(world: World, level: float, step: float = 0.0, count: int = 12) -> dict[date, float]:
    return {day: round(level + step * at, 6) for at, day in enumerate(world.days[:count])}


def test_a_pair_of_fixings_fills_at_the_next_one(world: World) -> None:
    number = pair(world, "EURUSD", closes(world, 1.2, 0.01))
    outcome, told, market = fx_run(world.reader(), [number], ALWAYS, None, None, terms=Terms(1_000.0))
    result = outcome.result
    assert result.equity.tolist() == pytest.approx([1_000.0, *(1_000.0 + 10 * at for at in range(11))])
    entries = [each for each in result.ledger if isinstance(each, Entry) and each.kind == "trade"]
    assert [(each.currency, each.amount, str(each.date)) for each in entries] == [
        ("EUR", 10_000_000, "2021-01-05"), ("USD", -12_100_000, "2021-01-05"),
    ]  # fmt: skip
    assert market.symbols == ("EURUSD",)
    assert "No short rate of EUR, USD was given" in notes(told)
    assert any("fixing, the one price of a session" in each for each in outcome.told)
    assert any("3.33% of notional to open; below 1.67%" in each for each in outcome.told)


def test_a_cross_is_told_over_the_pairs_of_the_store(world: World) -> None:
    pair(world, "EURUSD", closes(world, 1.25))
    number = pair(world, "EURJPY", closes(world, 125.0, 1.0))
    outcome, told, _ = fx_run(world.reader(), [number], ALWAYS, None, None, terms=Terms(1_000.0))
    # bought at 126; 1,000 x 1.25 - 126,000 x 1.25 / (125 + n)
    assert outcome.result.equity[-1] == pytest.approx(1_000 + 1_250 - 126_000 * 1.25 / 136, abs=1e-3)
    assert fact(told, "fixings to the account's currency") == "EURUSD"


def test_pairs_of_several_quote_currencies_share_an_account(world: World) -> None:
    first = pair(world, "EURUSD", closes(world, 1.25))
    second = pair(world, "USDJPY", closes(world, 100.0, 0.5))
    outcome, _, market = fx_run(world.reader(), [first, second], ALWAYS, None, None, terms=Terms(1_000.0))
    assert market.symbols == ("EURUSD", "USDJPY")
    assert outcome.result.equity[-1] == pytest.approx(1_000 + 1_000 - 100_500 / 105.5, abs=1e-3)


def test_short_rates_stand_from_when_they_were_known(world: World) -> None:
    number = pair(world, "EURUSD", closes(world, 1.25))
    series = security(world, "macro:R", "R", "MACRO", "macro", unit="percent a year", currency="EUR")
    told_at = datetime(2021, 1, 7, 12, tzinfo=UTC)
    world.append(
        observations=[
            {"security_id": series, "period_date": date(2020, 12, 1), "value": 3.6, "known_at": told_at},
            {"security_id": series, "period_date": date(2020, 12, 1), "value": 7.2,
             "known_at": datetime(2021, 1, 12, 12, tzinfo=UTC)},
        ]
    )  # fmt: skip
    days = np.array(world.days[:12], dtype="datetime64[D]")
    rates = short_rates(world.reader(), {"EUR": series}, days)["EUR"]
    assert rates.tolist() == pytest.approx([np.nan] * 3 + [0.036] * 3 + [0.072] * 6, nan_ok=True)
    outcome, told, _ = fx_run(
        world.reader(), [number], ALWAYS, None, None, terms=Terms(1_000.0), rates={"EUR": series, "USD": 0.0}
    )
    entries = [each for each in outcome.result.ledger if isinstance(each, Entry) and each.kind == "rollover"]
    # Thursday 7 January first: a day of 1,250 at 3.6%: 0.1250
    assert (str(entries[0].date), entries[0].amount) == ("2021-01-07", 1_250)
    assert fact(told, "nights not rolled") == 1 + 3  # Tuesday the 5th, Wednesday the 6th
    assert "4 nights were not rolled" in notes(told)


def test_a_rate_that_is_none_is_refused(world: World) -> None:
    number = pair(world, "EURUSD", closes(world, 1.25))
    with pytest.raises(DataError, match="percent or fractions a year"):
        fx_run(world.reader(), [number], ALWAYS, None, None, rates={"EUR": number})


def test_weekends_are_left_out(world: World) -> None:
    days = [date(2021, 1, day) for day in (4, 5, 6, 7, 8, 10, 11, 12)]  # the 10th is a Sunday
    number = pair(world, "EURUSD", dict.fromkeys(days, 1.25))
    outcome, told, _ = fx_run(world.reader(), [number], ALWAYS, None, None, terms=Terms(1_000.0))
    assert len(outcome.result.dates) == 7
    assert "1 bars of Saturdays and Sundays are left out" in notes(told)


def test_what_is_no_pair_or_leads_nowhere_is_refused(world: World) -> None:
    stock = world.stocks("AAA")[0]
    with pytest.raises(DataError, match="no currency pair"):
        fx_run(world.reader(), [stock], ALWAYS, None, None)
    number = pair(world, "EURJPY", closes(world, 125.0))
    with pytest.raises(DataError, match="leads from EUR, JPY to USD"):
        fx_run(world.reader(), [number], ALWAYS, None, None)
    with pytest.raises(DataError, match="Name one currency pair"):
        fx_run(world.reader(), [], ALWAYS, None, None)


def test_an_earlier_clock_is_the_same_run_cut_short(world: World) -> None:
    number = pair(world, "EURUSD", closes(world, 1.2, 0.003, 40))
    text = "long when close > sma(close, 3); size weight(200%)"
    then, _, _ = fx_run(world.reader(datetime(2021, 2, 1, 22, tzinfo=UTC)), [number], text, None, None)
    now, _, _ = fx_run(world.reader(), [number], text, None, None)
    rows = len(then.result.dates)
    assert rows < len(now.result.dates)
    assert then.result.equity.tolist() == now.result.equity[:rows].tolist()


def test_a_fixing_withdrawn_later_stays_a_session_of_earlier_decisions(world: World) -> None:
    told = closes(world, 1.1, 0.01)
    number = pair(world, "EURUSD", told)
    text = "long when close > sma(3); exit when close < sma(3)"
    before = fx_run(world.reader(), [number], text, None, None)[1].inputs
    day = list(told)[5]
    gone = {"security_id": number, "session_date": day, "basis": "fixing", "close": told[day],
            "known_at": datetime.combine(list(told)[9], time(20), UTC), "deleted": True}  # fmt: skip
    world.append(closes=[gone])
    after = fx_run(world.reader(), [number], text, None, None)[1].inputs
    assert before is not None
    assert after is not None
    assert np.array_equal(before.decided.dates, after.decided.dates)
    assert np.array_equal(before.decided.close, after.decided.close)
    assert np.isnan(after.market.close[5, 0])

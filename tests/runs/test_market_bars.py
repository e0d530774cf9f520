"""Bars of a run: as they traded for the account, as they were known for decisions."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from engine.backtest.inputs import RunSpec
from engine.backtest.run import run
from engine.errors import Cancelled, DataError
from engine.runs.market import gather
from engine.runs.wanted import Wanted
from tests.runs.stores import NOW, World, facts, notes, row_of

DAY = date(2021, 3, 10)


def test_bars_stand_as_they_traded_and_every_read_is_on_record(world: World) -> None:
    one, other = world.ids("ONE", "OTHER")
    days = world.days[:4]
    world.append(
        securities=[world.name(one, "ONE"), world.name(other, "OTHER")],
        bars=[world.bar(one, day, 10.0 + at) for at, day in enumerate(days)]
        + [world.bar(other, days[1], 20.0, volume=None), world.bar(other, days[3], 21.0)],
    )
    reader = world.reader()
    found = gather(reader, Wanted((other, one)))
    market = found.inputs.market
    assert market.dates.tolist() == days
    assert market.symbols == ("OTHER", "ONE")
    np.testing.assert_array_equal(market.close, [[np.nan, 10], [20, 11], [np.nan, 12], [21, 13]])
    np.testing.assert_array_equal(market.open[:, 1], [9.5, 10.5, 11.5, 12.5])
    np.testing.assert_array_equal(market.high[:, 1] - market.low[:, 1], [2.0] * 4)
    np.testing.assert_array_equal(market.volume[:, 0], [np.nan, np.nan, np.nan, 1000])
    assert found.inputs.seen is None
    assert found.inputs.fills == "open"
    assert {read.table for read in reader.reads} >= {"bars", "actions", "securities", "listings"}
    assert facts(found)["bars: rows"] == 6


def test_a_correction_fills_and_marks_but_decides_nothing(world: World) -> None:
    (one,) = world.stocks("ONE")
    before = world.gather(one).inputs
    told = world.close_of(DAY) + timedelta(days=30)
    world.append(bars=[world.bar(one, DAY, 500.0, known_at=told)])
    found = world.gather(one)
    row = row_of(found, DAY)
    assert found.inputs.market.close[row, 0] == 500.0
    assert found.inputs.decided.close[row, 0] == before.market.close[row, 0] != 500.0
    np.testing.assert_array_equal(found.inputs.decided.close, before.market.close)
    assert facts(found)["corrections kept out of earlier decisions"] == 1
    assert "1 corrections came after it" in notes(found)
    early = world.gather(one, asof=told - timedelta(hours=1))  # a clock before it has never heard of it
    assert early.inputs.seen is None


def test_a_strategy_decides_the_same_whatever_is_corrected_later(world: World) -> None:
    (one,) = world.stocks("ONE")
    spec = RunSpec("long when close > sma(close, 5)")
    first = run(world.gather(one).inputs, spec).result.trades
    told = world.close_of(world.days[-1]) - timedelta(hours=3)
    world.append(bars=[world.bar(one, day, 5.0, known_at=told) for day in world.days[40:60]])
    again = run(world.gather(one).inputs, spec).result.trades
    np.testing.assert_array_equal(first.entry, again.entry)
    np.testing.assert_array_equal(first.exit, again.exit)
    assert (first.entry_price != again.entry_price).any()  # the fills are at what truly traded


def test_a_bar_that_came_late_is_unknown_to_decisions_and_fills(world: World) -> None:
    (one,) = world.ids("ONE")
    late = {"known_at": world.close_of(DAY) + timedelta(hours=5)}
    rows = [world.bar(one, day, 50.0, **(late if day == DAY else {})) for day in world.days]
    world.append(securities=[world.name(one, "ONE")], bars=rows)
    found = world.gather(one)
    row = row_of(found, DAY)
    assert found.inputs.market.close[row, 0] == 50.0
    assert np.isnan(found.inputs.decided.close[row, 0])
    assert np.isfinite(np.delete(found.inputs.decided.close[:, 0], row)).all()
    assert facts(found)["bars known too late for the decision after their session"] == 1


def test_a_bar_told_within_the_hour_is_known(world: World) -> None:
    (one,) = world.ids("ONE")
    rows = [world.bar(one, d, 50.0, known_at=world.close_of(d) + timedelta(minutes=20)) for d in world.days]
    world.append(securities=[world.name(one, "ONE")], bars=rows)
    assert world.gather(one).inputs.seen is None


def test_a_bar_withdrawn_later_was_seen_by_decisions(world: World) -> None:
    (one, other) = world.stocks("ONE", "OTHER")
    told = world.close_of(DAY) + timedelta(days=9)
    world.append(bars=[{"security_id": one, "session_date": DAY, "deleted": True, "known_at": told,
                        **dict.fromkeys(("open", "high", "low", "close"), 0.0)}])  # fmt: skip
    found = world.gather(one, other)
    row = row_of(found, DAY)
    assert np.isnan(found.inputs.market.close[row, 0])
    assert np.isfinite(found.inputs.decided.close[row, 0])
    np.testing.assert_array_equal(found.inputs.decided.close[:, 1], found.inputs.market.close[:, 1])


def test_a_session_without_any_bar_is_a_session(world: World) -> None:
    (one,) = world.ids("ONE")
    rows = [world.bar(one, day, 50.0) for day in world.days if day != DAY]
    world.append(securities=[world.name(one, "ONE")], bars=rows)
    found = world.gather(one)
    assert found.inputs.market.dates.tolist() == world.days
    assert np.isnan(found.inputs.market.close[row_of(found, DAY), 0])
    assert facts(found)["sessions on which nobody has a bar"] == 1


def test_weekly_bars_stand_on_their_own_days(world: World) -> None:
    (one,) = world.ids("ONE")
    fridays = [day for day in world.days if day.weekday() == 4]
    world.append(securities=[world.name(one, "ONE")], bars=[world.bar(one, day, 50.0) for day in fridays])
    assert world.gather(one).inputs.market.dates.tolist() == fridays


def test_rows_before_the_start_warm_up(world: World) -> None:
    (one,) = world.stocks("ONE")
    start = world.days[100]
    found = world.gather(one, start=start, end=world.days[150], warm_up=30)
    assert found.inputs.begin == 30
    assert found.inputs.market.dates[30].item() == start
    assert found.inputs.market.dates[-1].item() == world.days[150]
    assert len(found.inputs.market.dates) == 81
    short = world.gather(one, start=world.days[10], warm_up=30)
    assert short.inputs.begin == 10
    assert f"known from {world.days[30]} on" in notes(short)
    whole = world.gather(one, warm_up=30)  # from as far back as there are prices: the run begins warm
    assert whole.inputs.begin == 30
    assert whole.inputs.market.dates[0].item() == world.days[0]


def test_nothing_to_trade_is_said_in_words(world: World) -> None:
    rate, stock, foreign, bare = world.ids("RATE", "ONE", "PAR", "BARE")
    world.append(
        securities=[
            world.name(rate, "CPI", market="MACRO", asset_class="macro", calendar="", currency=None),
            world.name(stock, "ONE"), world.name(foreign, "PAR", currency="EUR"), world.name(bare, "BARE"),
        ],
        bars=world.bars(stock) + world.bars(foreign),
    )  # fmt: skip
    with pytest.raises(DataError, match="CPI is a rate or a statistic"):
        world.gather(rate, stock)
    with pytest.raises(DataError, match="EUR: PAR; USD: ONE"):
        world.gather(stock, foreign)
    with pytest.raises(DataError, match="No price of BARE is known"):
        world.gather(bare)
    with pytest.raises(DataError, match="from 2022-05-01 to 2022-05-02"):
        world.gather(bare, start=date(2022, 5, 1), end=date(2022, 5, 2))
    assert "BARE: no price is known" in notes(world.gather(stock, bare))


def test_the_user_may_stop_it(world: World) -> None:
    (one,) = world.stocks("ONE")
    with pytest.raises(Cancelled):
        gather(world.reader(), Wanted((one,)), cancelled=lambda: True)
    said: list[str] = []
    gather(world.reader(NOW), Wanted((one,)), progress=lambda done, total, words: said.append(words))
    assert said


def test_a_price_of_nothing_is_a_missing_bar(world: World) -> None:
    (one,) = world.ids("ONE")
    rows = [world.bar(one, day, -37.0 if day == DAY else 50.0) for day in world.days]
    world.append(securities=[world.name(one, "ONE")], bars=rows)
    found = world.gather(one)
    assert np.isnan(found.inputs.market.close[row_of(found, DAY), 0])
    assert "price of 0 or less" in notes(found)

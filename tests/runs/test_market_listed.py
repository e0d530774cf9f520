"""Names that end: with a final return, without one, without a word."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from engine.backtest.inputs import RunSpec
from engine.backtest.run import run
from engine.errors import DataError
from tests.runs.stores import World, facts, notes, row_of

ENDED = date(2021, 9, 15)


def listing(world: World, number: int, ended: date | None = ENDED, **more: Any) -> dict[str, Any]:
    day = ended or world.days[0]
    return {"security_id": number, "listing_date": date(2000, 1, 3), "exchange": "XNYS", "delisting_date": ended,
            "known_at": world.close_of(day) - timedelta(hours=6), **more}  # fmt: skip


def ending(world: World, last: date, tables: dict[str, Any] | None = None, **naming: Any) -> list[int]:
    """One name that stops after ``last`` beside one that goes on."""
    gone, on = world.ids("GONE", "ON")
    closes = {day: 20.0 for day in world.days if day <= last}
    world.append(securities=[world.name(gone, "GONE", **naming), world.name(on, "ON")],
                 bars=world.bars(gone, closes) + world.bars(on), **(tables or {}))  # fmt: skip
    return [gone, on]


def test_a_delisting_pays_its_final_return_on_its_day(world: World) -> None:
    (gone,) = world.ids("GONE")
    halted = date(2021, 9, 1)  # no bars from then on; the listing ends two weeks later
    ids = ending(world, halted, {"listings": [listing(world, gone, final_return=-0.4)]})
    found = world.gather(*ids)
    market = found.inputs.market
    assert market.last.tolist() == [row_of(found, ENDED), -1]
    assert market.final_return[0] == -0.4
    assert np.isnan(market.final_return[1])
    assert facts(found)["delisted within the run"] == 1
    assert facts(found)["stopped without word of a delisting"] == 0
    result = run(found.inputs, RunSpec("long when close > 0")).result
    sold = next(trade for trade in result.trades if trade.symbol == "GONE")
    assert sold.exit_date == np.datetime64(ENDED)
    assert sold.exit_price == 20.0 * 0.6


def test_only_a_day_of_delisting_is_told(world: World) -> None:
    ids = ending(world, ENDED, delisting_date=ENDED)
    found = world.gather(*ids)
    assert found.inputs.market.last.tolist() == [row_of(found, ENDED), -1]
    assert np.isnan(found.inputs.market.final_return[0])
    assert facts(found)["delisted without a told final return"] == 1
    assert "the last close is paid, which flatters failures" in notes(found)


def test_a_delisting_told_later_is_no_news_before(world: World) -> None:
    (gone,) = world.ids("GONE")
    told = date(2021, 10, 20)
    later = listing(world, gone, final_return=-1.0, known_at=world.close_of(told) - timedelta(hours=2))
    found = world.gather(*ending(world, world.days[-1], {"listings": [later]}))
    ended, known = row_of(found, ENDED), row_of(found, told)
    assert found.inputs.market.last[0] == ended
    assert np.isnan(
        found.inputs.market.close[ended + 1 :, 0]
    ).all()  # what trades over the counter is left out
    assert found.inputs.decided.last[0] == known
    assert np.isfinite(found.inputs.decided.close[ended + 1 : known + 1, 0]).all()
    assert "are of after their delisting" in notes(found)


def test_who_moved_to_another_exchange_goes_on(world: World) -> None:
    (gone,) = world.ids("GONE")
    rows = [listing(world, gone), listing(world, gone, None, exchange="XNAS")]
    found = world.gather(*ending(world, world.days[-1], {"listings": rows}))
    assert found.inputs.market.last.tolist() == [-1, -1]


def test_a_run_of_one_name_ends_it_on_its_last_session(world: World) -> None:
    (gone,) = world.ids("GONE")
    friday = date(2021, 9, 10)
    ids = ending(world, friday, {"listings": [listing(world, gone, final_return=0.1)]})
    found = world.gather(ids[0])
    assert found.inputs.market.last.tolist() == [len(found.inputs.market.dates) - 1]


def test_a_delisting_after_the_run_is_none_in_it(world: World) -> None:
    (gone,) = world.ids("GONE")
    ids = ending(world, ENDED, {"listings": [listing(world, gone)]})
    found = world.gather(*ids, end=ENDED - timedelta(days=30))
    assert found.inputs.market.last.tolist() == [-1, -1]


def test_who_stops_without_a_word_keeps_its_last_close_and_is_named(world: World) -> None:
    found = world.gather(*ending(world, ENDED))
    assert found.inputs.market.last.tolist() == [-1, -1]
    assert facts(found)["stopped without word of a delisting"] == 1
    assert "Prices of GONE stop before the run's end" in notes(found)
    result = run(found.inputs, RunSpec("long when close > 0")).result
    event = next(each for each in result.events if each.symbol == "GONE")
    assert event.kind == "stale"
    held = next(trade for trade in result.trades if trade.symbol == "GONE")
    assert held.open
    assert held.exit_price == 20.0


def test_who_left_the_exchange_before_the_run_trades_no_more(world: World) -> None:
    """Bars over the counter go on to the end; the run begins three months after the delisting."""
    (gone,) = world.ids("GONE")
    ids = ending(world, world.days[-1], {"listings": [listing(world, gone, date(2021, 3, 1))]})
    found = world.gather(*ids, start=date(2021, 6, 1))
    assert np.isnan(found.inputs.market.close[:, 0]).all()
    assert facts(found)["delisted before the first session, never traded"] == "GONE"
    assert facts(found)["stopped without word of a delisting"] == 0
    result = run(found.inputs, RunSpec("long when close > 0")).result
    assert {trade.symbol for trade in result.trades} == {"ON"}
    with pytest.raises(DataError, match="Listings of GONE had ended before 2021-06-01"):
        world.gather(gone, start=date(2021, 6, 1))


def test_symbols_are_of_the_last_session_and_unique(world: World) -> None:
    one, other = world.ids("META", "OLD")
    early, late = world.days[:100], world.days[100:]
    world.append(
        securities=[world.name(one, "META"), world.name(other, "FB"),
                    world.name(other, "META", valid_from=late[0], known_at=world.close_of(late[0]))],
        bars=world.bars(one, dict.fromkeys(early, 10.0)) + world.bars(other, dict.fromkeys(world.days, 300.0)),
    )  # fmt: skip
    assert world.gather(one, other).inputs.market.symbols == (f"META#{one}", f"META#{other}")
    before = world.gather(one, other, end=early[-1])
    assert before.inputs.market.symbols == ("META", "FB")

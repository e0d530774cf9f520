"""Mergers out of the store: ledgers worked by hand, successors that no rule sees, news that comes late."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from engine.backtest.inputs import Code, RunSpec
from engine.backtest.market import Merger
from engine.backtest.result import Costs, Result, Terms
from engine.backtest.run import run
from engine.runs.scores import Scores
from engine.runs.scores import panels as scores
from engine.runs.wanted import Gathered
from tests.runs.stores import Row, World, facts, notes, row_of

FIRST, LAST, EFFECTIVE, END = (date(2021, 9, day) for day in (13, 15, 16, 20))
HOLD = "long when close < 30; size weight(20.2%)"
BOTH = {"exchange_ratio": 0.25, "cash_per_share": 3.0, "currency": "USD"}


def flat(world: World, number: int, prices: dict[date, float]) -> list[Row]:
    return [world.bar(number, day, price, open=price, high=price, low=price) for day, price in prices.items()]


def merger(world: World, target: int, successor: int | None, **terms: Any) -> Row:
    """Announced a month before it took effect, unless ``known_at`` says otherwise."""
    told = {"exchange_ratio": None, "cash_per_share": None, "currency": None, "deleted": False,
            "effective_date": EFFECTIVE, "known_at": world.close_of(date(2021, 8, 16))}  # fmt: skip
    return told | {"security_id": target, "successor_id": successor, "successor": "BUY"} | terms


def merging(world: World, *mergers: Row, buyer: bool = True, **tables: list[Row]) -> list[int]:
    """GONE at 20, 20, 22 to its last session, ON at 50; BUY, which nobody asks for, at 80 and from then on 84."""
    gone, on, buy = world.ids("GONE", "ON", "BUY")
    days = [day for day in world.days if date(2021, 8, 2) <= day <= END]
    bars = flat(world, gone, {day: 22.0 if day == LAST else 20.0 for day in days if day <= LAST})
    bars += flat(world, on, dict.fromkeys(days, 50.0))
    bars += flat(world, buy, {day: 80.0 if day <= LAST else 84.0 for day in days}) if buyer else []
    names = [world.name(number, ticker) for number, ticker in ((gone, "GONE"), (on, "ON"), (buy, "BUY"))]
    world.append(securities=names, bars=bars, mergers=list(mergers), **tables)
    return [gone, on]


def gathered(world: World, *ids: int, **more: Any) -> Gathered:
    return world.gather(*ids, start=FIRST, end=END, **more)


def simulated(found: Gathered, rules: str = HOLD, **terms: Any) -> Result:
    return run(found.inputs, RunSpec(rules, terms=Terms(10_000.0, **terms))).result


def statement(result: Result) -> list[tuple[float, float]]:
    """Each session's cash and equity."""
    return list(zip(result.cash.tolist(), result.equity.tolist(), strict=True))


# 13th: decided; 14th: 101 GONE at 20 for 20.2% of 10,000; 15th: its last session, at 22, converted at the close;
# 16th: what came of BUY is sold at the open, 84.
START = [(10_000.0, 10_000.0), (7_980.0, 10_000.0)]


@pytest.mark.parametrize(
    ("terms", "fractional", "converted", "after"),
    [
        # 25.25 BUY at 80: 25 of them, a quarter for 20 in cash, and 101 x 3 in cash
        (BOTH, False, (8_303.0, 10_303.0), 8_303.0 + 25 * 84),
        (BOTH, True, (8_283.0, 10_303.0), 8_283.0 + 25.25 * 84),
        ({"exchange_ratio": 0.25}, False, (8_000.0, 10_000.0), 8_000.0 + 25 * 84),
        ({"cash_per_share": 23.17, "currency": "USD"}, False, (10_320.17, 10_320.17), 10_320.17),
        ({"cash_per_share": 0.0}, False, (7_980.0, 7_980.0), 7_980.0),
    ],
    ids=["shares and cash", "fractions held", "shares", "cash", "nothing"],
)
def test_ledgers_of_a_merger(
    world: World, terms: dict[str, Any], fractional: bool, converted: tuple[float, float], after: float
) -> None:
    gone, buy = world.ids("GONE", "BUY")
    ids = merging(world, merger(world, gone, buy if terms.get("exchange_ratio") else None, **terms))
    found = gathered(world, *ids)
    result = simulated(found, fractional=fractional)
    limited = run(found.inputs, RunSpec(HOLD, Costs(participation=1.0), Terms(10_000.0, fractional))).result
    assert statement(limited) == statement(result)
    assert statement(result) == [*START, converted, *[(after, after)] * 3]
    event = next(each for each in result.events if each.symbol == "GONE")
    if "exchange_ratio" in terms:
        cash = " and 3 in cash" if "cash_per_share" in terms else ""
        assert (event.kind, event.text) == ("merger", f"Merged: 0.25 shares of BUY{cash} a share.")
        assert [(each.symbol, each.exit_reason) for each in result.trades] == [
            ("GONE", "merged into BUY"), ("BUY", "received in a merger"),
        ]  # fmt: skip
    else:
        assert event.kind == "delisting"


def test_the_run_states_the_terms_and_how_many_ended_so(world: World) -> None:
    gone, buy = world.ids("GONE", "BUY")
    found = gathered(world, *merging(world, merger(world, gone, buy, **BOTH)))
    assert "GONE became 0.25 shares of BUY and 3 USD in cash a share on 2021-09-16." in notes(found)
    told = facts(found)
    assert (told["ended in a merger within the run"], told["delisted within the run"]) == (1, 1)
    assert told["successors read for their shares, chosen by no rule"] == "BUY"
    assert told["delisted without a told final return"] == 0
    assert told["symbols"] == 2
    assert told["mergers: rows"] == 1


def test_no_rule_rank_or_universe_sees_a_successor_that_nobody_asked_for(world: World) -> None:
    gone, on, buy = world.ids("GONE", "ON", "BUY")
    (index,) = world.store.identify(["index:OWN"]).values()
    stays = [{"security_id": index, "start_date": FIRST, "member_id": number, "ticker": "M", "end_date": None,
              "known_at": world.close_of(FIRST) - timedelta(hours=6)} for number in (gone, on)]  # fmt: skip
    merging(world, merger(world, gone, buy, **BOTH), membership=stays)
    found = gathered(world, universes=(("own", index),), panels=("pe",))
    inputs = found.inputs
    assert inputs.market.symbols == ("GONE", "ON", "BUY")
    assert np.isnan(inputs.decided.close[:, 2]).all()
    assert np.isnan(inputs.panels["pe"][:, 2]).all()
    assert not inputs.members["own"][:, 2].any()
    for rules in (
        "long when close > 0",
        "top 3 by close; rebalance daily",
        "top 3 by close in own; rebalance daily",
    ):
        result = simulated(found, rules)
        bought = [each for each in result.trades if each.symbol == "BUY"]
        assert all(each.entry_reason == "merger of GONE" for each in bought), rules
        assert len(bought) == 1
        assert bought[0].exit_reason == "received in a merger"
    code = Code("All", "class All:\n    def decide(self, day):\n        assert day.symbols == ('GONE', 'ON')\n"
                "        return {symbol: 0.5 for symbol in day.symbols}\n")  # fmt: skip
    assert {each.entry_reason for each in run(found.inputs, RunSpec(code)).result.trades} == {
        "All",
        "merger of GONE",
    }
    scored = Scores(
        ("score",), pl.DataFrame({"ticker": ["BUY", "ON"], "date": [FIRST] * 2, "score": [9.0, 1.0]}), ""
    )
    assert np.isfinite(scores(scored, inputs.decided)["score"]).sum(axis=0).tolist() == [0, 6, 0]
    # half of the equity each: of GONE, ON and the unseen, two count
    held = simulated(found, "long when close > 0").weights[1]
    assert held[:2] == pytest.approx([0.5, 0.5], abs=0.01)


def test_a_successor_that_was_asked_for_is_bought_and_kept_like_any_other(world: World) -> None:
    gone, buy = world.ids("GONE", "BUY")
    merging(world, merger(world, gone, buy, **BOTH))
    found = gathered(world, gone, buy)
    assert found.inputs.market.mergers == (Merger(0, 1, 0.25, 3.0),)
    assert np.isfinite(found.inputs.decided.close[:, 1]).all()
    result = simulated(found, "long when close > 0; size weight(20.2%)")
    kept = next(each for each in result.trades if each.symbol == "BUY")
    assert kept.open  # 25 shares on the 14th, 25 more of the merger


def test_one_symbol_alone_gets_what_the_shares_are_worth(world: World) -> None:
    gone, buy = world.ids("GONE", "BUY")
    ids = merging(world, merger(world, gone, buy, **BOTH))
    for found in (gathered(world, ids[0]), gathered(world, *ids, alone=True)):
        assert "BUY" not in found.inputs.market.symbols
        assert found.inputs.market.final_return[0] == pytest.approx((0.25 * 80 + 3) / 22 - 1)
        assert simulated(found).equity[2] == 7_980 + 101 * 23


def test_a_merger_told_late_is_no_news_before(world: World) -> None:
    """What decisions are made of is the same to the day it was told, whatever the account is paid."""
    gone, buy = world.ids("GONE", "BUY")
    ids = merging(world, listings=[])
    before = gathered(world, *ids)
    late = world.close_of(date(2021, 9, 17)) - timedelta(hours=2)
    world.append(mergers=[merger(world, gone, buy, **BOTH, known_at=late)])
    after = gathered(world, *ids)
    told = row_of(after, date(2021, 9, 17))
    assert after.inputs.market.last[0] == row_of(after, LAST)
    assert after.inputs.decided.last[0] == told
    for name in ("open", "high", "low", "close", "volume", "split", "dividend"):
        one, two = getattr(before.inputs.decided, name), getattr(after.inputs.decided, name)
        np.testing.assert_array_equal(two[:told, :2], one[:told])
    clock = world.close_of(EFFECTIVE) + timedelta(minutes=30)
    assert gathered(world, *ids, asof=clock).inputs.market.mergers == ()


def test_a_merger_called_off_and_terms_corrected(world: World) -> None:
    gone, buy = world.ids("GONE", "BUY")
    off = world.close_of(date(2021, 9, 1))
    first = merger(world, gone, buy, **BOTH, effective_date=date(2021, 9, 8))
    ids = merging(world, first, first | {"known_at": off, "deleted": True})
    assert gathered(world, *ids).inputs.market.last.tolist() == [-1, -1]
    again = merger(world, gone, buy, **BOTH, known_at=off)
    world.append(mergers=[again, again | {"known_at": off + timedelta(days=1), "exchange_ratio": 0.5}])
    assert gathered(world, *ids).inputs.market.mergers == (Merger(0, 2, 0.5, 3.0),)


def test_terms_go_before_a_day_of_delisting_and_a_told_final_return(world: World) -> None:
    gone, buy = world.ids("GONE", "BUY")
    row = {"security_id": gone, "listing_date": date(2000, 1, 3), "exchange": "XNYS", "delisting_date": END,
           "final_return": 0.3, "successor": "BUY", "known_at": world.close_of(LAST)}  # fmt: skip
    ids = merging(world, merger(world, gone, buy, **BOTH), listings=[row])
    found = gathered(world, *ids)
    assert found.inputs.market.last[0] == row_of(found, LAST)
    assert statement(simulated(found))[2] == (8_303.0, 10_303.0)
    assert facts(found)["listings with a successor of whose terms nothing is told"] == 0


def test_a_target_that_still_traded_on_the_effective_date_is_converted_at_its_close(world: World) -> None:
    gone, buy = world.ids("GONE", "BUY")
    ids = merging(world, merger(world, gone, buy, **BOTH, effective_date=LAST))
    found = gathered(world, *ids)
    assert found.inputs.market.last[0] == row_of(found, LAST)


def test_shares_that_become_shares_of_a_third(world: World) -> None:
    """GONE into BUY on the 16th, BUY into NEXT on the 17th: 25 BUY are sold on the 16th's open all the same."""
    gone, buy, third = world.ids("GONE", "BUY", "NEXT")
    ids = merging(
        world, merger(world, gone, buy, exchange_ratio=0.25),
        merger(world, buy, third, exchange_ratio=2.0, effective_date=date(2021, 9, 17)),
    )  # fmt: skip
    world.append(
        securities=[world.name(third, "NEXT")], bars=flat(world, third, dict.fromkeys(world.days, 42.0))
    )
    found = gathered(world, *ids)
    assert found.inputs.market.symbols == ("GONE", "ON", "BUY", "NEXT")
    assert [(one.column, one.into) for one in found.inputs.market.mergers] == [(0, 2), (2, 3)]
    assert statement(simulated(found))[-1] == (10_100.0, 10_100.0)
    assert facts(found)["ended in a merger within the run"] == 1


def test_what_cannot_be_worked_out_is_paid_as_before_and_says_so(world: World) -> None:
    gone, buy = world.ids("GONE", "BUY")
    ids = merging(world, merger(world, gone, buy, **BOTH), buyer=False)
    found = gathered(world, *ids)
    assert found.inputs.market.symbols == ("GONE", "ON")
    assert found.inputs.market.last[0] == row_of(found, LAST)
    assert np.isnan(found.inputs.market.final_return[0])
    assert "What holders of GONE got in a merger cannot be booked" in notes(found)
    assert statement(simulated(found))[2] == (7_980 + 2_222, 7_980 + 2_222)
    world.append(mergers=[merger(world, gone, buy, **BOTH | {"currency": "EUR"},
                                 known_at=world.close_of(date(2021, 8, 17)))])  # fmt: skip
    assert "the cash is in another currency" in notes(gathered(world, *ids))


def test_a_successor_that_never_trades_again_is_paid_at_its_last_close(world: World) -> None:
    gone, buy = world.ids("GONE", "BUY")
    ids = merging(world, merger(world, gone, buy, **BOTH), buyer=False)
    world.append(bars=flat(world, buy, {day: 80.0 for day in world.days if date(2021, 9, 1) <= day <= LAST}))
    found = gathered(world, *ids)
    assert statement(simulated(found))[2] == (10_303.0, 10_303.0)
    assert found.inputs.market.final_return[0] == pytest.approx(23 / 22 - 1)

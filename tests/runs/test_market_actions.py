"""Splits and dividends of a run: booked on their ex-dates, known to decisions when they were told."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np

from tests.runs.stores import World, facts, notes, row_of

EX = date(2021, 3, 10)


def split(world: World, number: int, ratio: float = 2.0, **more: Any) -> dict[str, Any]:
    return {"security_id": number, "kind": "split", "ex_date": EX, "ratio": ratio,
            "known_at": world.close_of(EX) - timedelta(days=9), **more}  # fmt: skip


def dividend(world: World, number: int, **more: Any) -> dict[str, Any]:
    return {"security_id": number, "kind": "dividend", "ex_date": EX, "amount": 0.5, "currency": "USD",
            "known_at": world.close_of(EX) - timedelta(days=9), **more}  # fmt: skip


def halved(world: World, number: int) -> list[dict[str, Any]]:
    """A close of 100, of 50 from the ex-date on."""
    return world.bars(number, {day: 100.0 if day < EX else 50.0 for day in world.days})


def test_actions_stand_on_their_ex_dates_and_pay_sessions_later(world: World) -> None:
    one, other = world.stocks("ONE", "OTHER")
    pay = date(2021, 3, 27)  # a Saturday: the money is there on Monday, the 13th session after the ex-date
    world.append(actions=[split(world, one), dividend(world, other, pay_date=pay)])
    found = world.gather(one, other)
    market, row = found.inputs.market, row_of(found, EX)
    assert np.argwhere(market.split != 1.0).tolist() == [[row, 0]]
    assert market.split[row, 0] == 2.0
    assert np.argwhere(market.dividend != 0.0).tolist() == [[row, 1]]
    assert market.dividend[row, 1] == 0.5
    assert market.pay[row, 1] == 13
    assert market.dates[row + 13].item() == date(2021, 3, 29)
    assert found.inputs.seen is None
    assert facts(found)["splits"] == facts(found)["dividends"] == 1
    assert facts(found)["dividends without a pay date, paid on the ex-date"] == 0


def test_an_unknown_pay_date_is_the_ex_date_and_counted(world: World) -> None:
    (one,) = world.stocks("ONE")
    world.append(actions=[dividend(world, one)])
    found = world.gather(one)
    assert not found.inputs.market.pay.any()
    assert facts(found)["dividends without a pay date, paid on the ex-date"] == 1


def test_an_ex_date_without_a_session_is_the_next_one(world: World) -> None:
    (one,) = world.stocks("ONE")
    world.append(actions=[dividend(world, one, ex_date=date(2021, 3, 13))])
    found = world.gather(one)
    assert found.inputs.market.dividend[row_of(found, date(2021, 3, 15)), 0] == 0.5


def test_a_split_told_late_reaches_decisions_when_it_was_told(world: World) -> None:
    (one,) = world.ids("ONE")
    told = date(2021, 3, 16)
    world.append(
        securities=[world.name(one, "ONE")], bars=halved(world, one),
        actions=[split(world, one, known_at=world.close_of(told) - timedelta(hours=1))],
    )  # fmt: skip
    found = world.gather(one)
    ex, known = row_of(found, EX), row_of(found, told)
    assert found.inputs.market.signal_prices()["close"][:, 0].tolist() == [100.0] * len(world.days)
    seen = found.inputs.decided.signal_prices()["close"][:, 0]
    assert (seen[:ex] == 100.0).all()
    assert (seen[ex:known] == 50.0).all()  # who knew nothing saw the price halve
    assert (seen[known:] == 100.0).all()
    assert facts(found)["actions known or corrected after their ex-date"] == 1
    assert "only after their ex-date" in notes(found)


def test_a_ratio_put_right_later_changes_no_decision_before(world: World) -> None:
    (one,) = world.ids("ONE")
    world.append(securities=[world.name(one, "ONE")], bars=halved(world, one),
                 actions=[split(world, one, 3.0)])  # fmt: skip
    before = world.gather(one).inputs.decided.signal_prices()["close"]
    put_right = date(2021, 6, 10)
    world.append(actions=[split(world, one, 2.0, known_at=world.close_of(put_right) - timedelta(hours=1))])
    found = world.gather(one)
    row = row_of(found, put_right)
    assert found.inputs.market.split[row_of(found, EX), 0] == 2.0
    seen = found.inputs.decided.signal_prices()["close"]
    np.testing.assert_array_equal(seen[:row], before[:row])
    np.testing.assert_allclose(seen[row:], 100.0)


def test_a_split_called_off_later_was_believed(world: World) -> None:
    (one,) = world.stocks("ONE")
    world.append(actions=[split(world, one)])
    off = date(2021, 6, 10)
    world.append(actions=[split(world, one, deleted=True, known_at=world.close_of(off))])
    found = world.gather(one)
    assert (found.inputs.market.split == 1.0).all()
    seen = found.inputs.decided.split[:, 0]
    assert seen[row_of(found, EX)] == 2.0
    assert seen[row_of(found, off)] == 0.5
    assert seen.prod() == 1.0


def test_a_dividend_told_late_is_paid_and_in_no_signal(world: World) -> None:
    (one,) = world.stocks("ONE")
    world.append(actions=[dividend(world, one, known_at=world.close_of(EX) + timedelta(days=3))])
    found = world.gather(one)
    assert found.inputs.market.dividend.sum() == 0.5
    assert found.inputs.decided.dividend.sum() == 0.0


def test_a_dividend_in_another_currency_is_left_out_and_said(world: World) -> None:
    (one,) = world.stocks("ONE")
    world.append(actions=[dividend(world, one, currency="CAD")])
    found = world.gather(one)
    assert not found.inputs.market.dividend.any()
    assert (
        "1 dividends of ONE are in another currency than the prices: they are left out.",
        "warning",
    ) in found.notes
    assert facts(found)["dividends in another currency, left out"] == 1


def test_actions_of_before_the_first_session_do_nothing(world: World) -> None:
    (one,) = world.stocks("ONE")
    world.append(actions=[split(world, one, ex_date=world.days[0], known_at=world.close_of(world.days[0]))])
    assert (world.gather(one).inputs.market.split == 1.0).all()

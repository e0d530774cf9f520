"""Series without opens: fixings, closes that are published late, closes that a vendor adjusted."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest

from engine.errors import DataError
from engine.runs.market import gather
from engine.runs.wanted import Wanted
from store import open_store
from tests.runs.stores import World, facts, notes


def closes(
    number: int, days: list[date], values: list[float], basis: str, lag: timedelta
) -> list[dict[str, Any]]:
    return [
        {"security_id": number, "session_date": day, "basis": basis, "close": value,
         "known_at": datetime.combine(day, time(16), UTC) + lag}
        for day, value in zip(days, values, strict=True)
    ]  # fmt: skip


def test_a_fixing_fills_at_the_next_one(world: World) -> None:
    (pair,) = world.ids("EURUSD")
    days = [date(2021, 1, 4) + timedelta(days=n) for n in range(10)]
    world.append(
        securities=[world.name(pair, "EURUSD", market="CURNCY", asset_class="currency", calendar="")],
        closes=closes(pair, days, [1.0 + n / 100 for n in range(10)], "fixing", timedelta()),
    )
    found = world.gather(pair)
    inputs = found.inputs
    assert inputs.fills == "close"
    assert inputs.market.dates.tolist() == days  # its own days, weekends among them
    assert inputs.seen is None
    for name in ("open", "high", "low"):
        np.testing.assert_array_equal(getattr(inputs.market, name), inputs.market.close)
    assert np.isnan(inputs.market.volume).all()
    assert "fill at the next session's price" in notes(found)


def test_a_series_published_days_late_is_seen_as_much_later(world: World) -> None:
    (oil,) = world.ids("OIL")
    days = world.days[:60]
    values = [50.0 + n for n in range(60)]
    world.append(
        securities=[world.name(oil, "OIL", market="COMDTY", asset_class="commodity", calendar="")],
        closes=closes(oil, days, values, "close", timedelta(days=3)),
    )
    found = world.gather(oil)
    seen, told = found.inputs.decided.close[:, 0], world.days
    lag = 3  # three days over a weekend are one session, within a week three: the rule takes the longer
    np.testing.assert_array_equal(seen[lag:], values[:-lag])
    assert np.isnan(seen[:lag]).all()
    np.testing.assert_array_equal(found.inputs.market.close[:, 0], values)
    assert "3 sessions later" in notes(found)
    for row in range(lag, 60):  # nothing is used before it was known
        known = datetime.combine(told[row - lag], time(16), UTC) + timedelta(days=3)
        assert known <= datetime.combine(told[row] + timedelta(days=1), time(0), UTC)


def test_vendor_adjusted_closes_are_ratios_without_dividends(world: World) -> None:
    (one,) = world.ids("ONE")
    days = world.days[:30]
    lag = timedelta(hours=5)
    world.append(
        securities=[world.name(one, "ONE")],
        closes=closes(one, days, [20.0 + n for n in range(30)], "adjusted", lag),
        actions=[{"security_id": one, "kind": "dividend", "ex_date": days[5], "amount": 1.0, "currency": "USD",
                  "known_at": world.close_of(days[2])}],
    )  # fmt: skip
    found = world.gather(one)
    market = found.inputs.market
    np.testing.assert_allclose(market.close[:, 0], [100.0 * (20.0 + n) / 20.0 for n in range(30)], rtol=1e-14)
    assert not market.dividend.any()
    assert "a total-return series" in notes(found)
    assert facts(found)["closes: rows"] == 30


def test_bars_go_before_closes_and_closes_where_bars_have_ended(world: World) -> None:
    (one,) = world.ids("ONE")
    days = world.days
    world.append(
        securities=[world.name(one, "ONE")],
        bars=[world.bar(one, day, 30.0) for day in days[:50]],
        closes=closes(one, days[:90], [40.0] * 90, "close", timedelta(hours=5)),
    )
    assert world.gather(one).inputs.fills == "open"
    later = world.gather(one, start=days[60], warm_up=5)
    assert later.inputs.fills == "close"
    assert (later.inputs.market.close == 40.0).all()
    assert later.inputs.begin == 5


def test_days_of_two_calendars_are_one_run_where_none_opens_too_early(world: World) -> None:
    (one, coin, sydney) = world.ids("ONE", "COIN", "SYD")
    days = [world.days[0] + timedelta(days=n) for n in range(100)]

    def midnight(day: date) -> datetime:
        return datetime.combine(day + timedelta(days=1), time(0), UTC)

    world.append(
        securities=[world.name(one, "ONE"), world.name(sydney, "SYD", calendar="XASX"),
                    world.name(coin, "COIN", market="CRYPTO", asset_class="crypto", calendar="")],
        bars=[world.bar(one, day, 50.0) for day in world.days if day in days]
        + [world.bar(coin, day, 9.0, known_at=midnight(day)) for day in days]
        + [world.bar(sydney, day, 7.0) for day in world.days if day in days],
    )  # fmt: skip
    found = world.gather(one, coin)
    assert found.inputs.market.dates.tolist() == days
    assert found.inputs.seen is None
    weekend = [day.weekday() > 4 for day in days]
    assert np.isnan(found.inputs.market.close[weekend, 0]).all()
    assert np.isfinite(found.inputs.market.close[:, 1]).all()
    assert "sessions of 2 calendars" in notes(found)
    with pytest.raises(DataError, match="opens its next session before another has closed"):
        world.gather(coin, sydney)  # Sydney opens at 23:00 UTC of the day before, in its summer


def test_the_embedded_series(embedded_home: object) -> None:
    store = open_store(str(embedded_home), create=False)
    reader = store.reader(datetime(2026, 11, 20, 22, tzinfo=UTC))
    ids = {row[1]: row[0] for row in reader.securities().select("security_id", "ticker").iter_rows()}
    apple = gather(reader, Wanted((ids["AAPL"],), (), date(2003, 3, 1), date(2013, 3, 1), 200)).inputs
    assert apple.begin == 200
    assert apple.seen is None
    assert apple.market.split[:, 0].max() == 2.0  # 28 February 2005
    assert apple.market.dividend[:, 0].sum() == 3 * 2.65
    oil = gather(reader, Wanted((ids["WTI"],), (), date(2003, 3, 1), date(2013, 3, 1)))
    assert oil.inputs.fills == "close"
    assert oil.inputs.seen is not None
    assert "9 sessions later" in notes(oil)  # Monday's price is known on the Friday of the week after
    store.close()

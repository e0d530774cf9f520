"""Which contract is held, against the schedule of the charts; the series of signals, against the adjusted ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backtest.futures import Board, Roll, Root, continuous, fronts, simulate
from engine.backtest.result import Signals, Terms
from engine.quant import rolls
from tests.backtest.futures.boards import NAN, board, contract, day, random_board


def bars_of(on: Board) -> pl.DataFrame:
    """The board as rows of bars."""
    frames = []
    for place, each in enumerate(on.contracts):
        there = np.isfinite(on.close[:, place])
        columns = {name: getattr(on, name)[there, place] for name in ("open", "high", "low", "close")}
        counts = {name: getattr(on, name)[there, place].astype("i8") for name in ("volume", "open_interest")}
        frames.append(
            pl.DataFrame({"session_date": on.dates[there]} | columns | counts)
            .with_columns(pl.col("session_date").cast(pl.Date), contract=pl.lit(each.name))
        )  # fmt: skip
    return pl.concat(frames)


def terms_of(on: Board, shift: int) -> pl.DataFrame:
    """Contracts with their ends moved: the schedule holds a contract before its deadline."""
    return pl.DataFrame(
        {
            "contract": [each.name for each in on.contracts],
            "delivery_month": [each.delivery.item() for each in on.contracts],
            "first_notice_date": [None] * len(on.contracts),
            "last_trade_date": [
                (each.last_trade + np.timedelta64(shift, "D")).item() for each in on.contracts
            ],
        },
        schema_overrides={"first_notice_date": pl.Date},
    )


@pytest.mark.parametrize("rule", ["calendar", "volume", "open_interest"])
@pytest.mark.parametrize("seed", range(5))
def test_holds_what_the_schedule_of_the_charts_holds(rule: str, seed: int) -> None:
    on = random_board(seed)
    front = fronts(on, Roll(rule, 0))  # type: ignore[arg-type]
    held = rolls.schedule(bars_of(on), terms_of(on, 1), rule, days=0)  # type: ignore[arg-type]
    assert [on.contracts[place].name for place in front if place >= 0] == held["contract"].to_list()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("join", ["ratio", "difference"])
def test_the_series_is_the_back_adjusted_one_but_for_a_constant(seed: int, join: str) -> None:
    on = random_board(seed)
    front = fronts(on, Roll("volume", 2))
    ours = continuous(on, front, "X", 1, join).market.close[:, 0]  # type: ignore[arg-type]
    held = pl.DataFrame(
        {"session_date": on.dates, "contract": [on.contracts[place].name for place in front]}
    ).with_columns(pl.col("session_date").cast(pl.Date))
    theirs = rolls.continuous(bars_of(on), held, join)["close"].to_numpy()  # type: ignore[arg-type]
    apart = ours / theirs if join == "ratio" else ours - theirs
    assert apart == pytest.approx(np.full(len(apart), apart[-1]))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1_000), st.integers(5, 55), st.sampled_from(["calendar", "volume", "open_interest"]))
def test_later_sessions_change_nothing_earlier(seed: int, cut: int, rule: str) -> None:
    on = random_board(seed)
    panels = ("open", "high", "low", "close", "settle", "volume", "open_interest")
    early = replace(on, dates=on.dates[:cut], **{name: getattr(on, name)[:cut] for name in panels})
    roll = Roll(rule, 3)  # type: ignore[arg-type]
    front, first = fronts(on, roll), fronts(early, roll)
    assert (front[:cut] == first).all()
    whole = continuous(on, front, "X", 1).market.close[:cut]
    assert np.array_equal(whole, continuous(early, first, "X", 1).market.close, equal_nan=True)


def test_volume_is_read_on_the_session_before_and_never_goes_back() -> None:
    days = ("2024-03-04", "2024-03-05", "2024-03-06", "2024-03-07")
    terms = (contract("XH4", "2024-06-21"), contract("XM4", "2024-09-20"))
    on = board(days, terms, settle=np.full((4, 2), 100.0), volume=[[9, 1], [5, 6], [9, 1], [9, 1]])
    assert fronts(on, Roll("volume", 3)).tolist() == [0, 0, 1, 1]
    assert fronts(on, Roll("calendar", 3)).tolist() == [0, 0, 0, 0]


def test_calendar_days_are_sessions_of_the_exchange_where_they_are_given() -> None:
    days = np.array(
        ["2024-03-25", "2024-03-26", "2024-03-27", "2024-03-28", "2024-04-01"], dtype="datetime64[D]"
    )
    terms = (contract("XH4", "2024-04-02"), contract("XM4", "2024-06-21"))
    on = board(days, terms, settle=np.full((5, 2), 100.0))
    # weekdays count Good Friday, the 29th; the exchange's own sessions do not
    assert fronts(on, Roll("calendar", 3)).tolist() == [0, 0, 0, 1, 1]
    exchange = np.append(days, day("2024-04-02"))
    assert fronts(on, Roll("calendar", 3), exchange).tolist() == [0, 0, 1, 1, 1]


def test_a_ratio_needs_prices_above_zero() -> None:
    days = ("2024-03-04", "2024-03-05")
    on = board(days, (contract("CLK0", "2024-06-21"),), settle=[[1.0], [-37.63]])
    front = fronts(on, Roll())
    with pytest.raises(ValueError, match="joined by difference"):
        continuous(on, front, "CL", 1)
    assert continuous(on, front, "CL", 1, "difference").market.close[:, 0].tolist() == [1.0, -37.63]


def test_a_roll_without_a_common_session_is_told() -> None:
    days = ("2024-03-04", "2024-03-05", "2024-03-06")
    terms = (contract("XH4", "2024-03-04"), contract("XM4", "2024-06-21"))
    on = board(days, terms, settle=[[100, NAN], [NAN, 110], [NAN, 111]])
    series = continuous(on, fronts(on, Roll("calendar", 0)), "X", 1)
    assert series.unmatched == (2,)
    assert series.market.close[:, 0] == pytest.approx([100.0, np.nan, 111.0], nan_ok=True)


def test_oil_below_zero_is_traded_on_a_series_joined_by_difference() -> None:
    """April 2020: the May contract settled at -37.63; a position bought at 10 the day before lost it all."""
    days = ("2020-04-16", "2020-04-17", "2020-04-20", "2020-04-21")
    terms = (contract("CLK0", "2020-04-21", settlement="cash", multiplier=1_000.0, tick=0.01),)
    on = board(
        days, terms, open=[[20.0], [19.0], [10.0], [-14.0]], settle=[[19.9], [18.27], [-37.63], [10.01]]
    )
    front = fronts(on, Roll("calendar", 0))
    market = continuous(on, front, "CL", 1, "difference").market
    wants = Signals(np.array([[NAN], [0.5], [0.0], [NAN]]))
    run = simulate([Root(on, front)], market, wants, None, Terms(100_000.0))
    # 5 contracts at 10: 47.63 x 5,000 lost; sold at -14 on the next open
    assert run.result.equity.tolist() == [100_000.0, 100_000.0, 100_000 - 238_150.0, 100_000 - 120_000.0]

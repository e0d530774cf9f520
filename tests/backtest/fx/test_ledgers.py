"""Accounts of currency pairs worked by hand: cash of each currency, fee, rollover, equity after each session."""

from __future__ import annotations

import numpy as np
import pytest

from engine.backtest.fx import Fixings, FxTerms, Rollover, pip, simulate, tom_next, value_dates
from engine.backtest.result import Costs, Terms
from tests.backtest.fx.pairs import NAN, counted, market, table

WEEK = ("2024-03-04", "2024-03-05", "2024-03-06", "2024-03-07", "2024-03-08")


def flat(rate: float, rows: int = 5) -> np.ndarray:
    return np.full(rows, rate)


def test_both_legs_are_booked_and_wednesday_rolls_three_days() -> None:
    bars = market(WEEK, {"EURUSD": ([1.1, 1.1, 1.1040, 1.1020, 1.1], [1.1, 1.1050, 1.1, 1.1010, 1.1])})
    rollover = Rollover({"EUR": flat(0.036), "USD": flat(0.054)})
    run = simulate(
        bars,
        counted([10_000, NAN, 0, NAN, NAN]),
        Costs(),
        Terms(10_000.0),
        FxTerms("USD", 2.0, rollover=rollover),
    )
    assert table(run) == [
        # EUR, USD, fee, rollover, equity
        (0.0, 10_000.0, 0.0, 0.0, 10_000.0),
        # bought at 1.1001; one night: 11,050 x (1 - 1.00015 / 1.0001)
        (10_000.0, -1_001.5524, 0.0, -0.5524, 10_048.4476),
        # the 6th is a Wednesday: value goes from Friday to Monday: 11,000 x (1 - 1.00045 / 1.0003)
        (10_000.0, -1_003.2019, 0.0, -1.6495, 9_996.7981),
        (0.0, 10_015.7981, 0.0, 0.0, 10_015.7981),  # sold at 1.1019
        (0.0, 10_015.7981, 0.0, 0.0, 10_015.7981),
    ]
    assert run.margin.tolist() == pytest.approx([0.0, 11_050 / 30, 11_000 / 30, 0.0, 0.0])
    assert run.maintenance.tolist() == pytest.approx((run.margin / 2).tolist())
    (trade,) = run.result.trades
    assert (trade.entry_price, trade.exit_price, trade.shares) == (
        pytest.approx(1.1001),
        pytest.approx(1.1019),
        10_000,
    )
    assert trade.pnl == pytest.approx(18.0 - 0.5524 - 1.6495)
    assert trade.costs == pytest.approx(2.0)  # a pip twice
    assert run.result.costs["rollover"].tolist() == pytest.approx([0, 0.5524, 1.6495, 0, 0])


def test_a_cross_is_told_in_a_third_currency_and_its_profit_changed_when_flat() -> None:
    bars = market(WEEK[:4], {"EURJPY": ([160.0, 160.0, 163.0, 163.0], [160.0, 162.0, 164.0, 164.0])})
    fixings = Fixings({"EURUSD": np.array([1.1, 1.12, 1.13, 1.14])})
    costs = Costs(per_notional=0.0001)
    run = simulate(bars, counted([1_000, 0, NAN, NAN]), costs, Terms(10_000.0), FxTerms("USD"), fixings)
    assert table(run) == [
        # EUR, JPY, USD, fee (yen), rollover, equity
        (0.0, 0.0, 10_000.0, 0.0, 0.0, 10_000.0),
        # 16 yen of fee; 1,000 x 1.12 - 160,016 x 1.12 / 162 = 13.71654
        (1_000.0, -160_016.0, 10_000.0, 16.0, 0.0, 10_013.7165),
        # sold at 163: 163,000 - 160,016 - 16.3 = 2,967.7 yen at 1.13 / 164
        (0.0, 0.0, 10_020.4482, 16.3, 0.0, 10_020.4482),
        (0.0, 0.0, 10_020.4482, 0.0, 0.0, 10_020.4482),
    ]
    kept = simulate(
        bars, counted([1_000, 0, NAN, NAN]), costs, Terms(10_000.0), FxTerms("USD", sweep=False), fixings
    )
    assert table(kept)[3][:3] == (0.0, 2_967.7, 10_000.0)


def test_a_cross_rolls_in_its_quote_currency_and_is_told_in_a_third() -> None:
    """1,000 EURJPY from Tuesday on: a night at 162 and three at 164, 3% earned in euros, 0.1% paid in yen."""
    bars = market(WEEK[:3], {"EURJPY": ([160.0, 160.0, 163.0], [160.0, 162.0, 164.0])})
    fixings = Fixings({"EURUSD": np.array([1.1, 1.12, 1.13])})
    rates = {"EUR": np.full(3, 0.03), "JPY": np.full(3, 0.001)}
    fx = FxTerms("USD", rollover=Rollover(rates))
    run = simulate(bars, counted([1_000, NAN, NAN]), Costs(), Terms(10_000.0), fx, fixings)
    one, three = (
        round(1_000 * spot * (1 - (1 + 0.001 * days / 360) / (1 + 0.03 * days / 360)), 4)
        for spot, days in ((162, 1), (164, 3))
    )
    assert (one, three) == (13.0489, 39.6234)
    yen = [-160_000 + one, -160_000 + one + three]
    assert [row[:2] for row in table(run)[1:]] == [(1_000.0, round(each, 4)) for each in yen]
    expected = [10_000 + 1_120 + yen[0] * 1.12 / 162, 10_000 + 1_130 + yen[1] * 1.13 / 164]
    assert run.result.equity[1:] == pytest.approx(expected, abs=1e-4)


def test_a_short_of_the_accounts_own_currency() -> None:
    bars = market(WEEK[:3], {"USDJPY": ([150.0, 150.0, 148.0], [150.0, 149.0, 148.0])})
    run = simulate(bars, counted([-2_000, 0, NAN]), Costs(), Terms(5_000.0), FxTerms("USD", 1.0))
    assert table(run) == [
        # JPY, USD, fee, rollover, equity
        (0.0, 5_000.0, 0.0, 0.0, 5_000.0),
        (299_990.0, 3_000.0, 0.0, 0.0, 5_013.3557),  # sold at 149.995; 299,990 / 149 = 2,013.3557
        (0.0, 5_026.8919, 0.0, 0.0, 5_026.8919),  # bought at 148.005: 3,980 yen left, at 148
    ]


def test_a_call_cuts_every_pair_by_one_part() -> None:
    bars = market(
        WEEK[:4],
        {"EURUSD": ([1.0, 1.0, 0.975, 0.98], [1.0, 0.99, 0.98, 0.98]), "GBPUSD": ([1.25] * 4, [1.25] * 4)},
    )
    terms = Terms(1_000.0, initial_margin=0.05, maintenance_margin=0.04)
    run = simulate(
        bars, counted([16_000, NAN, NAN, NAN], [3_200, NAN, NAN, NAN]), Costs(), terms, FxTerms("USD")
    )
    assert run.positions.tolist() == [[0, 0], [16_000, 3_200], [16_000, 3_200], [11_056, 2_211]]
    # 1,000 - 16,000 x 0.02 = 680, below 4% of 15,680 + 4,000: 787.20; at 5% it bears 13,600, 69.1057% of that
    assert [each.kind for each in run.result.events] == ["margin call"]


def test_what_the_initial_margin_does_not_allow_is_not_opened() -> None:
    bars = market(WEEK[:2], {"EURUSD": ([1.25, 1.25], [1.25, 1.25])})
    run = simulate(bars, counted([100_000, NAN]), Costs(), Terms(1_000.0), FxTerms("USD"))
    assert run.positions[:, 0].tolist() == [0.0, 24_000.0]  # 1,000 x 30 / 1.25
    (event,) = run.result.events
    assert (event.kind, event.text) == ("margin", "The initial margin allows 24,000 of the 100,000 wanted.")


def test_value_dates_skip_weekends() -> None:
    days = np.arange(np.datetime64("2024-03-04"), np.datetime64("2024-03-12"))
    spot = value_dates(days, "EURUSD").astype(str).tolist()
    assert spot == [f"2024-03-{day:02}" for day in (6, 7, 8, 11, 12, 12, 12, 13)]
    assert np.diff(value_dates(days, "USDCAD")).astype(int).tolist() == [1, 1, 1, 3, 0, 0, 1]


def test_rollover_counts_days_as_each_money_market_does() -> None:
    assert tom_next("EURUSD", 1.0, 0.036, 0.0, 1) == pytest.approx(1 - 1 / 1.0001)
    assert tom_next("GBPUSD", 1.0, 0.0365, 0.0, 1) == pytest.approx(1 - 1 / 1.0001)
    assert tom_next("AUDNZD", 1.1, 0.0, 0.0365, 3) == pytest.approx(-1.1 * 0.0003)
    assert (pip("EURUSD"), pip("USDJPY")) == (0.0001, 0.01)


def test_nights_over_a_holiday_are_rolled_at_the_next_session() -> None:
    days = ("2024-03-27", "2024-03-28", "2024-04-02", "2024-04-03")  # Easter: the 29th and the 1st are closed
    bars = market(days, {"EURUSD": ([1.0] * 4, [1.0] * 4)})
    rollover = Rollover({"EUR": flat(0.0, 4), "USD": flat(0.036, 4)})
    run = simulate(
        bars, counted([36_000, NAN, NAN, NAN]), Costs(), Terms(10_000.0), FxTerms("USD", rollover=rollover)
    )
    # a day is 3.60: value 1 April to 4 April; to the 5th; from the 5th over the weekend to the 8th
    assert [row[3] for row in table(run)] == pytest.approx([0.0, -10.8, -3.6, -10.8])


def test_without_short_rates_nothing_is_rolled_and_it_is_told() -> None:
    bars = market(WEEK, {"EURUSD": ([1.0] * 5, [1.0] * 5)})
    run = simulate(bars, counted([1_000, NAN, NAN, NAN, NAN]), Costs(), Terms(1_000.0), FxTerms("USD"))
    assert run.unrolled == 1 + 3 + 1 + 1
    assert run.result.equity.tolist() == [1_000.0] * 5


def test_a_currency_that_nothing_leads_from_is_refused() -> None:
    bars = market(WEEK[:2], {"EURJPY": ([160.0, 160.0], [160.0, 160.0])})
    with pytest.raises(ValueError, match="Nothing leads from EUR, JPY to USD"):
        simulate(bars, counted([1_000, NAN]), Costs(), Terms(1_000.0), FxTerms("USD"))


@pytest.mark.parametrize("costs", [Costs(impact=1.0), Costs(participation=0.1), Costs(borrow_rate=0.01)])
def test_costs_that_pairs_do_not_know_are_refused(costs: Costs) -> None:
    bars = market(WEEK[:2], {"EURUSD": ([1.0, 1.0], [1.0, 1.0])})
    with pytest.raises(ValueError, match=r"here|(?i:impact)|over the counter"):
        simulate(bars, counted([1_000, NAN]), costs, Terms(1_000.0), FxTerms("USD"))

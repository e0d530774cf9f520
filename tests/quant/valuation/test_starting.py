"""Starting assumptions from figures written by hand and from recorded filings, and why one is missing."""

from __future__ import annotations

from datetime import date

import pytest

from engine.quant.valuation import Assumptions, starting, value
from engine.quant.valuation.starting import CAPITAL_BOUNDS, GROWTH_BOUNDS
from tests.quant.facts import APPLE, NVIDIA, SPLITS, fact, figures, recorded_facts

_PRETAX = "IncomeLossFromContinuingOperationsBeforeIncomeTaxesExtraordinaryItemsNoncontrollingInterest"


def year(number: int, revenue: float, income: float | None, **balance: float) -> list[dict[str, object]]:
    """One fiscal year of one 10-K."""
    first, end, filed = f"{number}-01-01", f"{number}-12-31", f"{number + 1}-02-15"
    flows = {"Revenues": revenue, "NetIncomeLoss": revenue / 10}
    if income is not None:
        flows["OperatingIncomeLoss"] = income
    rows = [
        fact(name, first, end, amount, filed, form="10-K", fiscal_year=number)
        for name, amount in flows.items()
    ]
    rows += [fact(name, end, end, amount, filed, form="10-K") for name, amount in balance.items()]
    return rows


SOUND = {"Assets": 900.0, "StockholdersEquity": 400.0, "CashAndCashEquivalentsAtCarryingValue": 50.0}


def test_growth_is_of_three_years_within_bounds() -> None:
    rows = [row for n in range(5) for row in year(2015 + n, 1000 * 1.08**n, 100, **SOUND)]
    found = starting(figures(rows))
    assert found.growth.value == pytest.approx(0.08)
    assert "over 3 year" in found.growth.basis
    steep = starting(figures([*year(2018, 100, 10, **SOUND), *year(2019, 300, 10, **SOUND)]))
    assert steep.growth.value == GROWTH_BOUNDS[1]
    assert "200.0% a year over 1 year" in steep.growth.basis
    fallen = starting(figures([*year(2018, 300, 10, **SOUND), *year(2019, 100, 10, **SOUND)]))
    assert fallen.growth.value == GROWTH_BOUNDS[0]
    assert starting(figures(year(2019, 100, 10, **SOUND))).growth.value is None


def test_the_target_margin_is_the_mean_of_five_years_or_todays() -> None:
    rows = [row for n in range(6) for row in year(2014 + n, 1000, 100 + 20 * n, **SOUND)]
    found = starting(figures(rows))
    assert found.margin.value == pytest.approx(0.20)
    assert found.target_margin.value == pytest.approx(0.16)  # 2015 to 2019: 12, 14, 16, 18, 20%
    two = starting(figures([*year(2018, 1000, 100, **SOUND), *year(2019, 1000, 200, **SOUND)]))
    assert two.target_margin.value == pytest.approx(0.20)
    assert "today's margin" in two.target_margin.basis
    losing = starting(figures([row for n in range(4) for row in year(2016 + n, 1000, -50, **SOUND)]))
    assert losing.margin.value == pytest.approx(-0.05)
    assert losing.target_margin.value is None
    untold = starting(figures(year(2019, 1000, None, **SOUND)))
    assert (untold.margin.value, untold.margin.basis) == (None, "no operating income is known")


def test_taxes_are_effective_within_bounds_or_statutory() -> None:
    for tax, pretax, expected in (
        (30.0, 120.0, 0.25),
        (1.0, 120.0, 0.10),
        (90.0, 120.0, 0.35),
        (5.0, -10.0, 0.21),
    ):
        rows = year(2019, 1000, 150, **SOUND)
        for concept, amount in ((_PRETAX, pretax), ("IncomeTaxExpenseBenefit", tax)):
            rows.append(fact(concept, "2019-01-01", "2019-12-31", amount, "2020-02-15", form="10-K"))
        assert starting(figures(rows)).tax_rate.value == pytest.approx(expected)
    assert starting(figures(year(2019, 1000, 150, **SOUND)), 0.35).tax_rate.value == 0.35


def test_capital_debt_and_minorities_are_the_balance_sheets() -> None:
    balance = {**SOUND, "LongTermDebtNoncurrent": 150.0,
               "StockholdersEquityIncludingPortionAttributableToNoncontrollingInterest": 430.0}  # fmt: skip
    found = starting(figures(year(2019, 1000, 150, **balance)))
    assert found.sales_to_capital.value == pytest.approx(1000 / (430 + 150 - 50))
    assert (found.net_debt.value, found.minority_interest.value) == (100.0, 30.0)
    assert not found.net_debt.doubt
    without = starting(figures(year(2019, 1000, 150, **SOUND)))
    assert without.net_debt.value == -50.0
    assert "under a concept known here" in without.net_debt.doubt
    rich = {**SOUND, "CashAndCashEquivalentsAtCarryingValue": 500.0}
    bound = starting(figures(year(2019, 1000, 150, **rich))).sales_to_capital
    assert bound.value == CAPITAL_BOUNDS[1]
    assert "no capital is tied up" in bound.doubt
    no_balance = starting(figures(year(2019, 1000, 150)))
    assert (no_balance.net_debt.value, no_balance.sales_to_capital.value) == (None, None)


def test_no_shares_is_told_with_the_reason_and_weighted_ones_stand_in() -> None:
    rows = year(2019, 1000, 150, **SOUND)
    assert starting(figures(rows)).shares.value is None
    name = "WeightedAverageNumberOfDilutedSharesOutstanding"
    rows.append(fact(name, "2019-01-01", "2019-12-31", 40.0, "2020-02-15", form="10-K", unit="shares"))
    found = starting(figures(rows)).shares
    assert found.value == 40.0
    assert "stands in for shares outstanding" in found.doubt
    with pytest.raises(ValueError, match="no twelve months"):
        starting(figures([]))


def test_apple_by_its_own_reports() -> None:
    """10-K of fiscal 2019 as filed on 2019-10-31: sales 260,174, operating income 63,930, taxes 10,481 of 65,737;
    fiscal 2016 sales 215,639 (millions of dollars)."""
    facts = recorded_facts(APPLE)
    facts = facts.filter(facts["filed_date"] <= date(2019, 11, 1))
    rows = facts.to_dicts()
    found = starting(figures(rows, *(each for each in SPLITS[APPLE] if each[0] < date(2019, 11, 1))))
    assert found.end == date(2019, 9, 28)
    assert found.revenue.value == 260_174e6
    assert found.margin.value == pytest.approx(63_930 / 260_174)
    assert found.tax_rate.value == pytest.approx(10_481 / 65_737)
    assert found.growth.value == pytest.approx((260_174 / 215_639) ** (1 / 3) - 1)
    # commercial paper 5,980, term debt 10,260 and 91,807; cash and securities 48,844 + 51,713 + 105,341
    assert found.net_debt.value == pytest.approx((5_980 + 10_260 + 91_807 - 48_844 - 51_713 - 105_341) * 1e6)
    assert found.shares.value == pytest.approx(4_443_265_000)


def test_a_balance_sheet_that_leaves_securities_out_is_not_the_one_taken() -> None:
    found = starting(figures(recorded_facts(NVIDIA).to_dicts(), *SPLITS[NVIDIA]))
    assert found.balance_day is not None
    assert found.balance_day < found.end
    assert found.net_debt.doubt
    assert "does not tell all" in found.net_debt.basis


def test_a_return_that_goes_with_the_discount_rate() -> None:
    """With none given, perpetual growth adds nothing at any rate."""
    base = Assumptions(
        revenue=100.0, growth=0.0, margin=0.2, target_margin=0.2, tax_rate=0.25, discount_rate=[0.08, 0.1],
        terminal_growth=0.0, sales_to_capital=2.0, terminal_return=None, net_debt=0.0, minority_interest=0.0,
        shares=1.0, years=1, mid_year=False,
    )  # fmt: skip
    assert value(base).value_per_share == pytest.approx([15 / 0.08, 15 / 0.1])
    grown = value(base.varied(terminal_growth=0.02))
    assert grown.terminal_value == pytest.approx([15 * 1.02 / 0.08, 15 * 1.02 / 0.1])
    same = value(base.varied(terminal_growth=0.02, terminal_return=[0.08, 0.1]))
    assert grown.value_per_share == pytest.approx(same.value_per_share)

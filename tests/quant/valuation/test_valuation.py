"""Values against closed forms and sums by hand, and the identities of implied numbers, steps and tables."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.valuation import (
    Assumptions,
    adjusted_beta,
    among,
    cost_of_capital,
    gordon_growth,
    implied,
    percentile_ranks,
    price_at_multiple,
    price_at_yield,
    rungs,
    sensitivity,
    value,
)

BASE = Assumptions(
    revenue=1000.0, growth=0.08, margin=0.15, target_margin=0.2, tax_rate=0.25, discount_rate=0.09,
    terminal_growth=0.025, sales_to_capital=2.0, terminal_return=0.12, net_debt=200.0, minority_interest=10.0,
    shares=100.0,
)  # fmt: skip


def by_hand(a: Assumptions) -> float:
    """The same sums, year by year in plain numbers."""
    revenue, total = float(a.revenue), 0.0
    held = (a.years + 1) // 2
    income = 0.0
    for year in range(1, a.years + 1):
        step = min(max((year - held) / (a.years + 1 - held), 0.0), 1.0)
        growth = a.growth + (a.terminal_growth - a.growth) * step
        margin = a.margin + (a.target_margin - a.margin) * min(year / a.margin_years, 1.0)
        before, revenue = revenue, revenue * (1 + growth)
        income = revenue * margin
        cash = income - max(income, 0.0) * a.tax_rate - (revenue - before) / a.sales_to_capital
        total += cash / (1 + a.discount_rate) ** (year - (0.5 if a.mid_year else 0.0))
    ahead = income * (1 + a.terminal_growth)
    after_tax = ahead - max(ahead, 0.0) * a.tax_rate
    kept = 1 - max(a.terminal_growth, 0.0) / a.terminal_return
    last = after_tax * kept / (a.discount_rate - a.terminal_growth)
    total += last * (1 + a.discount_rate) ** (0.5 if a.mid_year else 0.0) / (1 + a.discount_rate) ** a.years
    return (total - a.net_debt - a.minority_interest) / a.shares


assumed = st.builds(
    lambda growth, margin, target, rate, ahead, capital, years, mid: replace(
        BASE, growth=growth, margin=margin, target_margin=target, discount_rate=rate, terminal_growth=ahead,
        sales_to_capital=capital, years=years, mid_year=mid,
    ),
    st.floats(-0.2, 0.4), st.floats(-0.1, 0.5), st.floats(0.02, 0.5), st.floats(0.06, 0.2), st.floats(-0.02, 0.04),
    st.floats(0.5, 5.0), st.integers(1, 20), st.booleans(),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(assumed)
def test_the_value_is_the_sum_by_hand(a: Assumptions) -> None:
    assert float(value(a).value_per_share) == pytest.approx(by_hand(a), rel=1e-10, abs=1e-9)


def test_without_growth_it_is_a_perpetuity() -> None:
    flat = replace(
        BASE, growth=0.0, terminal_growth=0.0, target_margin=0.15, net_debt=0.0, minority_interest=0.0
    )
    perpetuity = 1000 * 0.15 * 0.75 / 0.09
    for years in (1, 5, 20):
        end = replace(flat, years=years, mid_year=False)
        assert float(value(end).enterprise_value) == pytest.approx(perpetuity, rel=1e-12)
    assert float(value(flat).enterprise_value) == pytest.approx(perpetuity * 1.09**0.5, rel=1e-12)


def test_growth_at_the_cost_of_capital_adds_nothing() -> None:
    """Where new capital earns just its cost, more perpetual growth is worth nothing (Koller and others, ch. 2)."""
    values = [
        float(
            value(replace(BASE, years=1, growth=0.0, terminal_growth=g, terminal_return=0.09)).terminal_value
        )
        / (1 + g)
        for g in (0.0, 0.02, 0.04)
    ]
    np.testing.assert_allclose(values, values[0], rtol=1e-12)


def test_growth_dearer_than_it_earns_takes_value_away() -> None:
    dear = replace(BASE, target_margin=0.15, sales_to_capital=0.5, terminal_return=0.05)
    assert float(value(replace(dear, growth=0.1)).value_per_share) < float(value(dear).value_per_share)


@settings(max_examples=30, deadline=None)
@given(assumed)
def test_steps_add_up_to_the_value(a: Assumptions) -> None:
    steps = rungs(a)
    assert sum(step.value for step in steps[:-1]) == pytest.approx(steps[-1].value, abs=1e-8)
    assert steps[-1].value == pytest.approx(float(value(a).value_per_share))


@settings(max_examples=25, deadline=None)
@given(st.floats(0.0, 0.25), st.sampled_from(["growth", "target_margin", "discount_rate", "terminal_growth"]))
def test_what_a_price_implies_gives_the_price(growth: float, which: str) -> None:
    a = replace(BASE, growth=growth)
    price = float(value(a).value_per_share)
    found = implied(a, price, which)  # type: ignore[arg-type]
    assert float(value(a.varied(**{which: found})).value_per_share) == pytest.approx(price, rel=1e-6)


def test_a_price_beyond_reach_implies_nothing() -> None:
    assert np.isnan(implied(BASE, 1e9, "target_margin"))


def test_a_table_of_sensitivities_is_each_value_by_itself() -> None:
    rates, growths = [0.08, 0.09, 0.1], [0.04, 0.08]
    table = sensitivity(BASE, "discount_rate", rates, "growth", growths)
    assert table.shape == (2, 3)
    for i, growth in enumerate(growths):
        for j, rate in enumerate(rates):
            alone = value(replace(BASE, growth=growth, discount_rate=rate)).value_per_share
            assert table[i, j] == pytest.approx(float(alone))
    assert (np.diff(table, axis=1) < 0).all()
    with_none = sensitivity(BASE, "discount_rate", [0.02, 0.09], "growth", [0.08])
    assert np.isnan(with_none[0, 0])  # a rate below perpetual growth has no value


@pytest.mark.parametrize(
    ("change", "word"),
    [({"shares": 0.0}, "shares"), ({"tax_rate": 1.2}, "tax rate"), ({"growth": np.nan}, "growth"),
     ({"years": 0}, "years"), ({"sales_to_capital": -1.0}, "sales to capital")],
)  # fmt: skip
def test_bad_assumptions_are_named(change: dict[str, float], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        value(BASE.varied(**change))


def test_the_cost_of_capital_by_hand() -> None:
    found = cost_of_capital(0.04, 1.2, 800.0, 200.0, 12.0, 0.25, 0.05)
    assert found.equity == pytest.approx(0.10)
    assert found.debt == pytest.approx(0.06 * 0.75)
    assert found.weighted == pytest.approx(0.8 * 0.10 + 0.2 * 0.045)
    assert cost_of_capital(0.04, 1.0, 100.0).weighted == pytest.approx(0.09)
    assert adjusted_beta(1.6) == pytest.approx(1.4)


def test_gordons_growth() -> None:
    # a price of 50, a dividend of 2 next year and a rate of 9% imply 5%
    assert gordon_growth(50.0, 2.0, 0.09) == pytest.approx(0.05)


def test_where_a_multiple_stands() -> None:
    found = among(20.0, [10.0, 15.0, 25.0, np.nan, 30.0])
    assert (found.median, found.count, found.rank) == (20.0, 4, 0.5)
    assert found.premium == pytest.approx(0.0)
    assert among(1.0, []).count == 0


def test_prices_at_the_peers_multiple() -> None:
    assert price_at_multiple(15.0, 2.0) == 30.0
    assert price_at_multiple(8.0, 5.0, 10.0, of_enterprise=True) == 30.0
    assert np.isnan(price_at_multiple(15.0, -1.0))


def test_the_price_at_a_yield() -> None:
    assert price_at_yield(0.05, 2.0) == 40.0
    assert np.isnan(price_at_yield(0.0, 2.0))
    assert np.isnan(price_at_yield(0.05, -2.0))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.one_of(st.sampled_from([1.0, 2.0, 3.0]), st.floats(-5, 5), st.just(np.nan)), min_size=1, max_size=9
    )
)
def test_ranks_are_those_of_scipy(values: list[float]) -> None:
    """The share below with ties halved is (mean rank - 1) / (n - 1)."""
    from scipy.stats import rankdata

    known = np.asarray(values)[np.isfinite(values)]
    expected = np.full(len(values), np.nan)
    if len(known) > 1:
        expected[np.isfinite(values)] = (rankdata(known) - 1) / (len(known) - 1)
    np.testing.assert_allclose(percentile_ranks(values), expected, atol=1e-12)
    np.testing.assert_allclose(
        percentile_ranks(np.column_stack([values, values]))[:, 1], expected, atol=1e-12
    )

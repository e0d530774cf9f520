"""Statements out of facts: derivations, restatements, share bases, twelve months, ratios."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.quant.fundamentals.implied import implied_splits
from engine.quant.fundamentals.lines import CONCEPTS, LINES
from engine.quant.fundamentals.periods import Fiscal
from engine.quant.fundamentals.ratios import RATIOS, read
from engine.quant.fundamentals.shares import Splits
from engine.quant.fundamentals.valuation import valuation
from tests.quant.facts import fact, figures, frame

SHARES = "WeightedAverageNumberOfDilutedSharesOutstanding"
Q = ("2022-03-31", "2022-06-30", "2022-09-30", "2022-12-31")
FILED = ("2022-05-02", "2022-08-01", "2022-11-01", "2023-02-15")


def year_to_date(concept: str, values: list[float], **more: str) -> list[dict[str, object]]:
    """Three, six, nine and twelve months of 2022, each by its own filing."""
    return [
        fact(concept, "2022-01-01", end, value, filed, form="10-K" if end == Q[3] else "10-Q", **more)
        for end, value, filed in zip(Q, values, FILED, strict=True)
    ]


def test_a_quarter_is_the_year_to_date_less_the_one_before() -> None:
    found = figures(year_to_date("NetIncomeLoss", [10, 25, 45, 70]))
    assert [found.value("net_income", "quarter", date.fromisoformat(end)) for end in Q] == [10, 15, 20, 25]
    fourth = found.cell("net_income", "quarter", date(2022, 12, 31))
    assert fourth.how == "derived"
    assert fourth.formula.startswith("FY 70 - 9M 45. ")
    assert "10-K 0000000000-23-0215, known from 2023-02-15 21:00 UTC" in fourth.formula
    assert found.cell("net_income", "quarter", date(2022, 3, 31)).how == "told"


@given(st.lists(st.integers(-(10**9), 10**9), min_size=4, max_size=4))
def test_quarters_worked_out_add_up_to_the_year(quarters: list[int]) -> None:
    sums = [float(sum(quarters[: n + 1])) for n in range(4)]
    found = figures(year_to_date("NetIncomeLoss", sums))
    values = [found.value("net_income", "quarter", date.fromisoformat(end)) for end in Q]
    assert values == pytest.approx(quarters)
    assert found.value("net_income", "trailing", date(2022, 12, 31)) == sums[-1]


@given(st.lists(st.integers(1, 10**9), min_size=8, max_size=8), st.integers(1, 3))
def test_twelve_months_are_four_quarters_whichever_way(quarters: list[int], upto: int) -> None:
    """FY + YTD - prior YTD, of the same made-up company told by quarters only, and by years to date only."""
    by_quarter, by_sum = [], []
    starts = ("01-01", "04-01", "07-01", "10-01")
    for n, value in enumerate(quarters[: 4 + upto]):
        year, of = 2022 + n // 4, n % 4
        end, filed = Q[of].replace("2022", str(year)), FILED[of].replace("2023", str(year + 1))
        filed = filed.replace("2022", str(year))
        form = "10-K" if of == 3 else "10-Q"
        by_quarter.append(fact("NetIncomeLoss", f"{year}-{starts[of]}", end, value, filed, form=form))
        so_far = sum(quarters[n - of : n + 1])
        by_sum.append(fact("NetIncomeLoss", f"{year}-01-01", end, so_far, filed, form=form))
    last = date.fromisoformat(Q[upto - 1].replace("2022", "2023"))
    rolled, stacked = figures(by_sum), figures(by_quarter)
    expected = float(sum(quarters[upto : upto + 4]))
    assert rolled.value("net_income", "trailing", last) == pytest.approx(expected)
    assert stacked.value("net_income", "trailing", last) == pytest.approx(expected)
    assert rolled.cell("net_income", "trailing", last).formula.startswith("FY ")
    assert stacked.cell("net_income", "trailing", last).formula.startswith("sum of four quarters")


def test_a_missing_piece_is_a_blank_with_its_reason() -> None:
    rows = [row for row in year_to_date("NetIncomeLoss", [10, 25, 45, 70]) if str(row["period_end"]) != Q[2]]
    cell = figures(rows).cell("net_income", "quarter", date(2022, 12, 31))
    assert cell.value is None
    assert "no filing known by the clock tells net income" in cell.formula
    assert figures(rows[:2]).cell("net_income", "trailing", date(2022, 6, 30)).value is None


def test_a_restatement_counts_from_its_own_filing_on() -> None:
    rows = year_to_date("NetIncomeLoss", [10, 25, 45, 70])
    later = fact("NetIncomeLoss", "2022-01-01", "2022-12-31", 64, "2023-08-01", form="10-K/A")
    before, after = figures(rows), figures([*rows, later])
    assert before.value("net_income", "year", date(2022, 12, 31)) == 70
    cell = after.cell("net_income", "year", date(2022, 12, 31))
    assert (cell.value, cell.restated) == (64, True)
    assert "first told as 70" in cell.formula
    # nine months were not restated: their difference from the new year is no quarter
    fourth = after.cell("net_income", "quarter", date(2022, 12, 31))
    assert fourth.value == 25
    assert "Not all of these periods were restated" in fourth.formula


def test_a_repetition_in_millions_is_no_restatement() -> None:
    exact = fact("NetIncomeLoss", "2022-01-01", "2022-12-31", 4_681_507_000, "2023-02-15", form="10-K")
    rounded = fact("NetIncomeLoss", "2022-01-01", "2022-12-31", 4_682_000_000, "2024-02-15", form="10-K")
    other = fact("NetIncomeLoss", "2022-01-01", "2022-12-31", 4_683_000_000, "2024-02-15", form="10-K")
    day = date(2022, 12, 31)
    assert not figures([exact, rounded]).cell("net_income", "year", day).restated
    assert figures([exact, rounded]).value("net_income", "year", day) == 4_681_507_000
    assert figures([exact, other]).cell("net_income", "year", day).restated


def test_a_round_figure_of_a_filing_in_thousands_is_a_restatement() -> None:
    """1,400 thousand told anew as 1,000 thousand is no rounding to a million."""
    day = date(2022, 12, 31)
    first = fact("NetIncomeLoss", "2022-01-01", "2022-12-31", 1_400_000, "2023-02-15", form="10-K")
    again = fact("NetIncomeLoss", "2022-01-01", "2022-12-31", 1_000_000, "2024-02-15", form="10-K")
    beside = fact("Revenues", "2023-01-01", "2023-12-31", 7_654_000, "2024-02-15", form="10-K")
    cell = figures([first, again, beside]).cell("net_income", "year", day)
    assert (cell.value, cell.restated) == (1_000_000, True)
    exact = fact("NetIncomeLoss", "2022-01-01", "2022-12-31", 999_600, "2023-02-15", form="10-K")
    assert not figures([exact, again, beside]).cell("net_income", "year", day).restated


def test_shares_told_by_class_since_years_make_no_market_value() -> None:
    count = fact(
        "dei:EntityCommonStockSharesOutstanding", "2019-02-01", "2019-02-01", 100, "2019-02-15", unit="shares"
    )
    found = figures([count, *balance("2022-12-31", "2023-02-15", assets=100, equity=60)])
    shares = found.outstanding()
    assert shares.value is None
    assert "of 2019-02-01, 1,429 days before" in shares.formula


def test_a_changed_concept_is_bridged_only_where_both_agree() -> None:
    """The year under a new tag, nine months under the old one: one thing where a period told under both agrees."""
    old = year_to_date("SalesRevenueNet", [10, 25, 45, 70])[:3]
    new = fact("Revenues", "2022-01-01", "2022-12-31", 70, "2023-02-15", form="10-K")
    agreeing = fact("Revenues", "2022-01-01", "2022-03-31", 10, "2023-02-15", form="10-K")
    other = fact("Revenues", "2022-01-01", "2022-03-31", 11, "2023-02-15", form="10-K")
    end = date(2022, 12, 31)
    assert figures([*old, new]).cell("revenue", "quarter", end).value is None
    assert figures([*old, new, other]).cell("revenue", "quarter", end).value is None
    cell = figures([*old, new, agreeing]).cell("revenue", "quarter", end)
    assert cell.value == 25
    assert {f.concept for f in cell.facts} == {"us-gaap:Revenues", "us-gaap:SalesRevenueNet"}


def test_earnings_a_share_do_not_add_up() -> None:
    shares = year_to_date(SHARES, [100, 110, 120, 130], unit="shares")
    earned = year_to_date("EarningsPerShareDiluted", [0.10, 0.23, 0.38, 0.54], unit="USD/shares")
    found = figures([*year_to_date("NetIncomeLoss", [10, 25, 45, 70]), *shares, *earned])
    end = date(2022, 12, 31)
    # weighted by days: 365 x 130 less 273 x 120, over the quarter's 92
    mean = (365 * 130 - 273 * 120) / 92
    assert found.value("shares_diluted", "quarter", end) == pytest.approx(mean)
    fourth = found.cell("eps_diluted", "quarter", end)
    assert fourth.value == pytest.approx(25 / mean)
    assert fourth.value != pytest.approx(0.54 - 0.38)
    assert "ASC 260-10" in fourth.formula
    assert found.value("eps_diluted", "year", end) == 0.54


@given(
    st.sampled_from([2.0, 4.0, 7.0, 0.1]),
    st.dates(date(2021, 1, 1), date(2024, 12, 31)),
)
def test_shares_told_before_a_split_are_in_new_shares_and_later_ones_as_told(
    ratio: float, ex_date: date
) -> None:
    rows = [
        fact(SHARES, "2022-01-01", "2022-12-31", 100, "2023-02-15", form="10-K", unit="shares"),
        fact("EarningsPerShareDiluted", "2022-01-01", "2022-12-31", 7.0, "2023-02-15", form="10-K",
             unit="USD/shares"),
        fact("NetIncomeLoss", "2022-01-01", "2022-12-31", 700, "2023-02-15", form="10-K"),
    ]  # fmt: skip
    found, end = figures(rows, (ex_date, ratio)), date(2022, 12, 31)
    factor = ratio if ex_date > date(2023, 2, 15) else 1.0
    assert found.value("shares_diluted", "year", end) == pytest.approx(100 * factor)
    assert found.value("eps_diluted", "year", end) == pytest.approx(7.0 / factor)
    assert found.value("net_income", "year", end) == 700


def test_a_split_that_only_filings_show() -> None:
    first = year_to_date(SHARES, [100e6, 101e6, 102e6, 103e6], unit="shares")
    again = [
        fact(SHARES, "2022-01-01", end, 4 * value, "2023-08-01", unit="shares")
        for end, value in ((Q[0], 100e6), (Q[1], 101e6))
    ]
    (found,) = implied_splits(frame([*first, *again]), Splits())
    assert (found.day, found.ratio) == (date(2023, 8, 1), 4.0)
    assert implied_splits(frame([*first, *again]), Splits.of([(date(2023, 6, 1), 4.0)])) == ()
    assert implied_splits(frame([*first, again[0]]), Splits()) == ()  # one period may be a slip
    books = figures([*first, *again]).books
    assert books.of(f"us-gaap:{SHARES}")[date(2022, 1, 1), date(2022, 12, 31)].latest.value == 4 * 103e6


def test_years_of_52_and_53_weeks_and_their_names() -> None:
    ends = [date(2020, 12, 26), date(2022, 1, 1), date(2022, 12, 31)]  # 52, 53 and 52 weeks
    fiscal = Fiscal.of(ends, [(ends[1], 2021)])
    assert [fiscal.year(end).name for end in ends] == ["FY2020", "FY2021", "FY2022"]
    quarters = [ends[0] + timedelta(weeks=13 * n) for n in (1, 2, 3)]
    assert [fiscal.quarter(end).name for end in quarters] == ["2021Q1", "2021Q2", "2021Q3"]
    assert fiscal.quarter(ends[1]).name == "2021Q4"
    january = Fiscal.of([date(2024, 1, 28)], [(date(2024, 1, 28), 2024)])
    assert january.year(date(2024, 1, 28)).name == "FY2024"
    assert january.quarter(date(2024, 4, 28)).label == "Q1 FY25"


def test_the_months_between_two_fiscal_years_are_no_quarter_and_no_year() -> None:
    rows = [
        fact("NetIncomeLoss", "2021-01-01", "2021-12-31", 100, "2022-02-15", form="10-K"),
        fact("NetIncomeLoss", "2022-01-01", "2022-06-30", 60, "2022-08-15", form="10-KT"),
        fact("NetIncomeLoss", "2022-07-01", "2022-09-30", 35, "2022-11-01"),
        fact("NetIncomeLoss", "2022-07-01", "2023-06-30", 150, "2023-08-15", form="10-K"),
    ]
    found = figures(rows)
    assert found.ends("year") == (date(2023, 6, 30), date(2021, 12, 31))
    assert found.cell("net_income", "year", date(2022, 6, 30)).value is None
    assert (
        found.cell("net_income", "trailing", date(2022, 9, 30)).value is None
    )  # no year ends the day before
    assert found.ends("quarter") == (date(2022, 9, 30),)


def balance(day: str, filed: str, **values: float) -> list[dict[str, object]]:
    names = {"assets": "Assets", "equity": "StockholdersEquity", "total": "LiabilitiesAndStockholdersEquity",
             "cash": "CashAndCashEquivalentsAtCarryingValue", "securities": "MarketableSecuritiesCurrent",
             "debt": "LongTermDebtNoncurrent"}  # fmt: skip
    return [fact(names[name], day, day, value, filed, form="10-K") for name, value in values.items()]


def ratio(name: str) -> object:
    return next(each for each in RATIOS if each.name == name)


def test_a_ratio_over_nothing_or_less_is_blank_with_the_reason() -> None:
    rows = [
        fact("NetIncomeLoss", "2022-01-01", "2022-12-31", 10, "2023-02-15", form="10-K"),
        *balance("2022-12-31", "2023-02-15", assets=100, equity=-20, total=100),
        *balance("2021-12-31", "2023-02-15", assets=100, equity=-30, total=100),
    ]
    found, end = figures(rows), date(2022, 12, 31)
    negative = read(found, ratio("return_on_equity"), "year", end)  # type: ignore[arg-type]
    assert negative.value is None
    assert "denominator is negative" in negative.formula
    assert read(found, ratio("return_on_assets"), "year", end).value == pytest.approx(0.1)  # type: ignore[arg-type]
    missing = read(found, ratio("net_margin"), "year", end)  # type: ignore[arg-type]
    assert missing.value is None
    assert "revenue at 2022-12-31 is blank" in missing.formula


def test_securities_that_are_told_no_more_are_not_taken_for_gone() -> None:
    """Net debt without them would be a number, and wrong."""
    rows = [
        *balance(
            "2021-12-31", "2022-02-15", assets=100, cash=5, securities=40, debt=20, equity=50, total=100
        ),
        *balance("2022-12-31", "2023-02-15", assets=100, cash=5, debt=20, equity=50, total=100),
    ]
    found = figures(rows)
    assert found.value("net_debt", "year", date(2021, 12, 31)) == 20 - 45
    gone = found.cell("net_debt", "year", date(2022, 12, 31))
    assert gone.value is None
    assert "marketable securities: 40 at 2021-12-31, and not told since" in gone.formula


def test_liabilities_are_the_rest_where_they_are_not_told() -> None:
    found = figures(balance("2022-12-31", "2023-02-15", assets=100, equity=60, total=100))
    cell = found.cell("liabilities", "year", date(2022, 12, 31))
    assert (cell.value, cell.how) == (40, "derived")


def test_price_and_shares_meet_in_one_basis() -> None:
    rows = [
        fact(
            "dei:EntityCommonStockSharesOutstanding",
            "2023-02-01",
            "2023-02-01",
            100,
            "2023-02-15",
            unit="shares",
        ),
        fact("NetIncomeLoss", "2022-01-01", "2022-12-31", -10, "2023-02-15", form="10-K"),
        fact("EarningsPerShareDiluted", "2022-01-01", "2022-12-31", -0.1, "2023-02-15", unit="USD/shares"),
        *balance("2022-12-31", "2023-02-15", assets=100, cash=10, debt=30, equity=60, total=100),
    ]
    found = figures(rows, (date(2023, 3, 1), 2.0))
    multiples = {m.name: m.reading for m in valuation(found, 5.0, date(2023, 3, 2))}
    assert multiples["market_cap"].value == 5.0 * 200
    assert multiples["enterprise_value"].value == 1000 + 30 - 10
    assert multiples["price_to_book"].value == pytest.approx(1000 / 60)
    assert multiples["price_to_earnings"].value is None
    assert "not positive" in multiples["price_to_earnings"].formula


def test_lines_are_made_of_lines_that_exist_and_concepts_serve_one_kind_of_unit() -> None:
    for line in LINES.values():
        assert line.concepts or line.otherwise, line.name
        assert all(name.removesuffix("?") in LINES for _, name in line.otherwise)
    for concept in CONCEPTS:
        assert len({line.unit for line in LINES.values() if concept in line.concepts}) <= 1, concept
    assert len({line.label for line in LINES.values()}) == len(LINES)


def test_the_order_of_rows_says_nothing() -> None:
    rows = [
        *year_to_date("NetIncomeLoss", [10, 25, 45, 70]),
        fact("NetIncomeLoss", "2022-01-01", Q[3], 64, "2023-08-01"),
    ]
    forward, backward = figures(rows), figures(rows[::-1])
    for kind in ("year", "quarter", "trailing"):
        one, other = (each.cell("net_income", kind, date(2022, 12, 31)) for each in (forward, backward))  # type: ignore[arg-type]
        assert (one, one.formula) == (other, other.formula)


def test_long_term_debt_told_with_its_current_part_is_parted() -> None:
    day = "2013-09-28"
    rows = [
        fact("Assets", day, day, 500.0, "2013-10-30"),
        fact("LongTermDebt", day, day, 100.0, "2013-10-30"),
        fact("LongTermDebtCurrent", day, day, 20.0, "2013-10-30"),
        fact("Revenues", "2012-09-30", day, 900.0, "2013-10-30", form="10-K"),
    ]
    found = figures(rows)
    when = date.fromisoformat(day)
    assert found.value("long_debt", "year", when) == 80.0
    assert found.value("debt", "year", when) == 100.0
    alone = figures([row for row in rows if "Current" not in row["concept"]])
    assert alone.value("debt", "year", when) == 100.0

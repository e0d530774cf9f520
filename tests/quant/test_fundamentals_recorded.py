"""Recorded EDGAR facts of Apple, NVIDIA and Alphabet against figures published, and against the raw answers."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from engine.quant.fundamentals.figures import Figures
from engine.quant.fundamentals.implied import implied_splits
from engine.quant.fundamentals.lines import LINES
from engine.quant.fundamentals.shares import Splits
from tests.quant.facts import ALPHABET, APPLE, NVIDIA, SPLITS, raw, recorded_facts, recorded_figures

pytestmark = pytest.mark.shared
FY23, FY09 = date(2023, 9, 30), date(2009, 9, 26)
PYSTOCK = (
    Path(__file__).resolve().parents[3]
    / "shared/data/equity/pystock_fundamentals_pointintime_2015_2017.parquet"
)


@cache
def facts(cik: str) -> pl.DataFrame:
    return recorded_facts(cik)


def known(cik: str, asof: date | None = None) -> Figures:
    return recorded_figures(cik, asof, facts(cik))


def told_raw(cik: str, concept: str, start: str, end: str, filed_by: str) -> float:
    """The newest value of the raw answer for a period, by hand: no code of ours but the reading of JSON."""
    rows: list[dict[str, Any]] = raw(cik)["facts"]["us-gaap"][concept]["units"]["USD"]
    fitting = [r for r in rows if r["start"] == start and r["end"] == end and r["filed"] <= filed_by]
    return float(max(fitting, key=lambda r: r["filed"])["val"])


def test_apples_year_2023_as_published() -> None:
    found = known(APPLE)
    year = {name: found.value(name, "year", FY23) for name in LINES}
    assert year["revenue"] == 383_285e6
    assert year["net_income"] == 96_995e6
    assert year["eps_diluted"] == 6.13
    assert year["cash_from_operations"] == 110_543e6
    assert year["capital_expenditure"] == 10_959e6
    assert year["free_cash_flow"] == 110_543e6 - 10_959e6
    assert year["assets"] == 352_583e6
    assert year["equity"] == 62_146e6
    assert found.cell("revenue", "year", FY23).facts[0].accession == "0000320193-23-000106"


def test_apples_fourth_quarter_is_the_year_less_nine_months() -> None:
    nine = told_raw(APPLE, "NetIncomeLoss", "2022-09-25", "2023-07-01", "2023-12-31")
    year = told_raw(APPLE, "NetIncomeLoss", "2022-09-25", "2023-09-30", "2023-12-31")
    found = known(APPLE, date(2023, 12, 31))
    assert found.value("net_income", "quarter", FY23) == year - nine == 22_956e6
    # the company's own statement of the quarter: 89,498 million of sales and 1.46 dollars a share, diluted
    assert found.value("revenue", "quarter", FY23) == 89_498e6
    assert found.value("eps_diluted", "quarter", FY23) == pytest.approx(1.46, abs=0.01)


def test_apples_retrospective_restatement_is_seen_from_its_own_filing_on() -> None:
    """The amended annual report of 2010-01-25 adopts new revenue rules for the years before: 36,537 become 42,905."""
    before, after = known(APPLE, date(2010, 1, 24)), known(APPLE, date(2010, 1, 25))
    assert before.value("revenue", "year", FY09) == 36_537e6
    assert before.value("net_income", "year", FY09) == 5_704e6
    cell = after.cell("revenue", "year", FY09)
    assert (cell.value, cell.restated, cell.facts[0].form) == (42_905e6, True, "10-K/A")
    assert after.value("net_income", "year", FY09) == 8_235e6


def test_apples_twelve_months_in_the_middle_of_a_year() -> None:
    """To 2023-07-01: the year 2022 + nine months of 2023 - nine months of 2022."""
    parts = [
        ("2021-09-26", "2022-09-24", 1),
        ("2022-09-25", "2023-07-01", 1),
        ("2021-09-26", "2022-06-25", -1),
    ]
    concept = "RevenueFromContractWithCustomerExcludingAssessedTax"
    expected = sum(sign * told_raw(APPLE, concept, start, end, "2023-10-01") for start, end, sign in parts)
    found = known(APPLE, date(2023, 10, 1))
    assert found.value("revenue", "trailing", date(2023, 7, 1)) == expected == 383_933e6
    quarters = [found.value("revenue", "quarter", end) for end in found.ends("quarter")[:4]]
    assert sum(value or 0.0 for value in quarters) == expected


def test_nvidias_shares_and_earnings_are_in_the_shares_of_the_clock() -> None:
    """Fiscal 2024: 11.93 dollars a share as filed, 1.19 after ten for one in June 2024; 2021: 6.90 as filed."""
    year = date(2024, 1, 28)
    assert known(NVIDIA, date(2024, 3, 1)).value("eps_diluted", "year", year) == 11.93
    assert known(NVIDIA, date(2024, 6, 10)).value("eps_diluted", "year", year) == pytest.approx(1.193)
    assert known(NVIDIA).value("eps_diluted", "year", date(2021, 1, 31)) == pytest.approx(6.90 / 40)
    before, after = known(NVIDIA, date(2024, 6, 9)), known(NVIDIA, date(2024, 6, 10))
    assert after.outstanding().value == pytest.approx(10 * (before.outstanding().value or 0.0))
    assert "in the shares of the clock" in after.outstanding().formula


@pytest.mark.parametrize("cik", [APPLE, NVIDIA, ALPHABET])
def test_filings_show_the_splits_that_there_were_and_no_others(cik: str) -> None:
    found = implied_splits(facts(cik), Splits())
    assert {each.ratio for each in found} <= {ratio for _, ratio in SPLITS[cik]}
    for each in found:
        assert any(timedelta(0) <= each.day - day < timedelta(days=120) for day, _ in SPLITS[cik])
    assert implied_splits(facts(cik), Splits.of(SPLITS[cik])) == ()


@pytest.mark.parametrize("cik", [APPLE, NVIDIA, ALPHABET])
def test_assets_are_liabilities_temporary_equity_and_equity(cik: str) -> None:
    found, checked = known(cik), 0
    for day in found.balance_days():
        value = {
            name: found.value(name, "year", day)
            for name in ("assets", "liabilities", "equity_total", "liabilities_and_equity")
        }
        if None in value.values():
            continue
        assert value["assets"] == pytest.approx(value["liabilities_and_equity"], abs=1e6)
        between = found.value("mezzanine", "year", day) or 0.0
        claims = (value["liabilities"] or 0.0) + between + (value["equity_total"] or 0.0)
        assert value["assets"] == pytest.approx(claims, abs=2e6)
        checked += 1
    assert checked > 40


@pytest.mark.parametrize("cik", [APPLE, NVIDIA, ALPHABET])
def test_quarters_of_a_year_that_was_not_restated_add_up_to_it(cik: str) -> None:
    found, checked = known(cik), 0
    for end in found.ends("year"):
        year = found.cell("net_income", "year", end)
        ends = [day for day in found.ends("quarter") if timedelta(0) <= end - day < timedelta(days=300)]
        cells = [found.cell("net_income", "quarter", day) for day in ends]
        if len(ends) != 4 or year.restated or any(cell.restated or cell.value is None for cell in cells):
            continue
        assert sum(cell.value or 0.0 for cell in cells) == pytest.approx(year.value, abs=2e6)
        checked += 1
    assert checked > 6


@pytest.mark.parametrize("day", [date(2010, 1, 24), date(2012, 6, 1), date(2018, 12, 1), date(2021, 5, 1)])
def test_what_is_filed_later_changes_nothing_earlier(day: date) -> None:
    """Figures as of a day from facts to that day, and from facts whose later ones are cut by known_at: the same."""
    early = facts(APPLE).filter(pl.col("filed_date") <= day)
    cut, whole = recorded_figures(APPLE, day, early), known(APPLE, day)
    for kind in ("year", "quarter", "trailing"):
        assert cut.periods(kind, 8) == whole.periods(kind, 8)  # type: ignore[arg-type]
        for period in cut.periods(kind, 8):  # type: ignore[arg-type]
            for name in LINES:
                cell = whole.cell(name, kind, period.end)  # type: ignore[arg-type]
                own = cut.cell(name, kind, period.end)  # type: ignore[arg-type]
                assert (own, own.formula) == (cell, cell.formula)
                assert all(fact.known_at.date() <= day for fact in cell.facts)


def test_outside_record_of_what_was_known_when() -> None:
    """Figures that pystock read from the filings of 2015 to 2017 on the day they were published: known by the day
    after, as it has them, and the period not known the week before."""
    if not PYSTOCK.is_file():
        pytest.skip("../shared/data/equity is not on this machine")
    outside = (
        pl.read_parquet(PYSTOCK)
        .sort("published_file")
        .unique(["symbol", "end_date", "doc_type"], keep="first")
    )
    names = {"revenues": "revenue", "op_income": "operating_income", "net_income": "net_income",
             "eps_basic": "eps_basic", "eps_diluted": "eps_diluted"}  # fmt: skip
    stocks = {
        "assets": "assets",
        "cur_assets": "current_assets",
        "cur_liab": "current_liabilities",
        "equity": "equity",
    }
    compared = 0
    for symbol, cik in (("AAPL", APPLE), ("NVDA", NVIDIA)):
        for row in outside.filter(pl.col("symbol") == symbol).iter_rows(named=True):
            end = date.fromisoformat(row["end_date"])
            published = date.fromisoformat(
                f"{row['published_file'][:4]}-{row['published_file'][4:6]}-{row['published_file'][6:]}"
            )
            kind = "year" if row["period_focus"] == "FY" else "quarter"
            found = known(cik, published + timedelta(days=1))
            assert end not in known(cik, published - timedelta(days=7)).ends(kind)  # type: ignore[arg-type]
            assert end in found.ends(kind)  # type: ignore[arg-type]
            for column, name in (names | stocks).items():
                if row[column] is not None:
                    assert found.value(name, kind, end) == pytest.approx(row[column]), (symbol, end, name)  # type: ignore[arg-type]
                    compared += 1
    assert compared > 100

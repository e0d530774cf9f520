"""Books that unfold from filing to filing against books read anew at each clock: the same to the last bit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.fundamentals.figures import Figures
from engine.quant.fundamentals.filed import Filed
from engine.quant.fundamentals.lines import CONCEPTS
from engine.quant.fundamentals.shares import Splits
from engine.quant.fundamentals.told import read_books
from engine.quant.fundamentals.unfolding import Unfolding
from engine.quant.screener import FIELDS
from engine.quant.screener.books import company_readings
from tests.quant.facts import ALPHABET, SPLITS, fact, frame, recorded_facts

DAYS = timedelta(days=1300)
NAMES = tuple(name for name, each in FIELDS.items() if "facts" in each.needs)
KEY = ["period_end", "concept", "unit", "period_start", "accession"]
Split = tuple[date, float]
FLOWS = ("Revenues", "NetIncomeLoss", "OperatingIncomeLoss", "NetCashProvidedByUsedInOperatingActivities",
         "DepreciationDepletionAndAmortization", "PaymentsOfDividends")  # fmt: skip
STOCKS = ("Assets", "StockholdersEquity", "CashAndCashEquivalentsAtCarryingValue", "LongTermDebtNoncurrent")
SHARES = "WeightedAverageNumberOfDilutedSharesOutstanding"


def values(figures: Figures) -> dict[str, object]:
    told = company_readings(NAMES, figures, 64.0, figures.newest("trailing") or date(2000, 1, 1), "USD")
    return {name: each.value for name, each in told.items()} | {"currency": figures.books.currency}


def anew(versions: pl.DataFrame, day: date, splits: Splits) -> Figures:
    """The books of one clock, read from what was in force then."""
    closed = datetime.combine(day, time(23), UTC)
    known = versions.filter(
        pl.col("known_at") <= closed, pl.col("period_end") <= day, pl.col("period_end") >= day - DAYS
    )
    known = known.sort("known_at", "seq", maintain_order=True).unique(KEY, keep="last", maintain_order=True)
    return Figures(read_books(known.filter(~pl.col("deleted")), splits))


def compare(versions: pl.DataFrame, days: Sequence[date], splits: Sequence[Split]) -> int:
    """How many values were held against each other."""
    unfolding, seen = Unfolding(Filed.of(versions)), 0
    for day in days:
        own = Splits.of(each for each in splits if each[0] <= day)
        instant = int(datetime.combine(day, time(23), UTC).timestamp()) * 1_000_000
        found = values(unfolding.at(instant, day - DAYS, day, own))
        assert found == values(anew(versions, day, own)), day
        seen += sum(each is not None for each in found.values())
    return seen


@pytest.mark.shared
@pytest.mark.parametrize("known_splits", [True, False])
def test_recorded_filings_unfold_as_they_are_read(known_splits: bool) -> None:
    facts = recorded_facts(ALPHABET).filter(pl.col("concept").is_in(sorted(CONCEPTS)))
    days = facts["filed_date"].unique().sort().to_list()[6::4]  # among them that of the split of 2022
    versions = facts.with_columns(seq=pl.lit(1), deleted=pl.lit(False))
    assert compare(versions, days, SPLITS[ALPHABET] if known_splits else ()) > 300


@st.composite
def stories(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[Split]]:
    """Three years and more of a company's filings: quarters left out, told in thousands or in millions, restated a
    year later or amended under the same number, withdrawn, a year that ends elsewhere from then on, another currency,
    and splits, told or only shown by the shares."""
    count, shift_at = draw(st.integers(8, 18)), draw(st.integers(4, 30))
    split_at, euro_at, ratio = (
        draw(st.integers(2, 30)),
        draw(st.integers(3, 60)),
        draw(st.sampled_from([2.0, 0.1])),
    )
    rows: list[dict[str, Any]] = []
    shares, splits, start = 1e6, list[Split](), date(2015, 1, 1)
    for at in range(count):
        quarter = at % 4
        start = date(2015 + at // 4, 1, 1) + timedelta(days=31 if at >= shift_at else 0)
        end = start + timedelta(days=(90, 181, 272, 364)[quarter])
        told = end + timedelta(days=40)
        if at == split_at:
            shares *= ratio
            splits.append((told - timedelta(days=3), ratio))
        how = draw(st.sampled_from(["told", "told", "told", "left out", "amended", "withdrawn", "again"]))
        if how == "left out":
            continue
        unit, grain = "EUR" if at >= euro_at else "USD", draw(st.sampled_from([1.0, 1e3, 1e6]))
        known, form = str(told), "10-K" if quarter == 3 else "10-Q"
        made: list[dict[str, Any]] = []
        for back in (0, 1):
            off = timedelta(days=364 * back)
            worse = draw(st.sampled_from([1.0, 1.0, 1.1])) if back else 1.0
            for place, concept in enumerate(FLOWS):
                value = (
                    round((quarter + 1) * (place + 2) * 1.37e6 * (1 + (at - 4 * back) / 9) * worse / grain)
                    * grain
                )
                made.append(
                    fact(concept, str(start - off), str(end - off), value, known, form=form, unit=unit)
                )
            made.append(
                fact(SHARES, str(start - off), str(end - off), shares, known, form=form, unit="shares")
            )
            eps = round(4.2e6 / shares, 2)
            made.append(fact("EarningsPerShareDiluted", str(start - off), str(end - off), eps, known, form=form,
                             unit=f"{unit}/shares"))  # fmt: skip
        for place, concept in enumerate(STOCKS):
            value = round((place + 3) * 2.11e6 * (1 + at / 7) / grain) * grain
            made.append(fact(concept, str(end), str(end), value, known, form=form, unit=unit))
        made.append(
            fact("dei:EntityCommonStockSharesOutstanding", str(told), str(told), shares, known, unit="shares")
        )
        rows += [each | {"seq": 1, "deleted": False} for each in made]
        if how in ("amended", "withdrawn", "again"):
            later = datetime.combine(told + timedelta(days=draw(st.sampled_from([10, 100]))), time(21), UTC)
            change = {"amended": 1.5, "withdrawn": 1.0, "again": 1.0}[how]
            rows += [
                each
                | {
                    "seq": 2,
                    "deleted": how == "withdrawn",
                    "known_at": later,
                    "value": each["value"] * change,
                }
                for each in made[draw(st.integers(0, 8)) :]
            ]
    return rows, splits if draw(st.booleans()) else []


@settings(max_examples=15, deadline=None)
@given(stories())
def test_filings_of_any_story_unfold_as_they_are_read(
    story: tuple[list[dict[str, Any]], list[Split]],
) -> None:
    rows, splits = story
    if not rows:
        return
    plain = frame([{name: each[name] for name in each if name not in ("seq", "deleted")} for each in rows])
    versions = plain.with_columns(
        seq=pl.Series([each["seq"] for each in rows]), deleted=pl.Series([each["deleted"] for each in rows])
    )
    days = sorted({each["known_at"].date() for each in rows} | {day for day, _ in splits})
    compare(versions, days, splits)
    compare(versions, days[::-3], splits)  # and where it is asked from the last to the first

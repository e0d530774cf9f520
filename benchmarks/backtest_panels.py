"""What filings tell of every session of ten years, for a run's rules: the first time, and again.

    python -m benchmarks.backtest_panels

Companies are simulated with a fixed seed: forty quarterly and annual reports, each with its comparatives, a
restatement now and then, a split for some. Facts and bars lie in a store. CPU time of this process, medians.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from shutil import rmtree
from statistics import median

import numpy as np
import polars as pl

from engine.runs import panels, spans
from engine.runs.market import gather
from engine.runs.wanted import Wanted
from store import Batch, Store, open_store

COMPANIES, YEARS, REPEATS = 50, range(2007, 2022), 3
START, END = date(2012, 1, 3), date(2021, 12, 31)
NOW = datetime(2022, 1, 3, 22, tzinfo=UTC)
ENDS = ((3, 31), (6, 30), (9, 30), (12, 31))
FLOWS = (
    "Revenues", "CostOfRevenue", "GrossProfit", "ResearchAndDevelopmentExpense", "OperatingExpenses",
    "SellingGeneralAndAdministrativeExpense", "OperatingIncomeLoss", "InterestExpense", "NonoperatingIncomeExpense",
    "IncomeLossFromContinuingOperationsBeforeIncomeTaxesExtraordinaryItemsNoncontrollingInterest",
    "IncomeTaxExpenseBenefit", "NetIncomeLoss",
)  # fmt: skip
CASH = (
    "NetCashProvidedByUsedInOperatingActivities", "DepreciationDepletionAndAmortization", "ShareBasedCompensation",
    "PaymentsToAcquirePropertyPlantAndEquipment", "NetCashProvidedByUsedInInvestingActivities", "PaymentsOfDividends",
    "PaymentsForRepurchaseOfCommonStock", "NetCashProvidedByUsedInFinancingActivities",
)  # fmt: skip
STOCKS = (
    "CashAndCashEquivalentsAtCarryingValue", "MarketableSecuritiesCurrent", "AccountsReceivableNetCurrent",
    "InventoryNet", "AssetsCurrent", "PropertyPlantAndEquipmentNet", "Goodwill", "Assets", "AccountsPayableCurrent",
    "LongTermDebtCurrent", "LiabilitiesCurrent", "LongTermDebtNoncurrent", "Liabilities", "StockholdersEquity",
    "RetainedEarningsAccumulatedDeficit", "LiabilitiesAndStockholdersEquity",
)  # fmt: skip
WEIGHTED = (
    "WeightedAverageNumberOfSharesOutstandingBasic",
    "WeightedAverageNumberOfDilutedSharesOutstanding",
)
COVER = "dei:EntityCommonStockSharesOutstanding"
Row = tuple[date, date, str, str, float, str, str, datetime]
_COLUMNS = ("period_start", "period_end", "concept", "unit", "value", "accession", "form", "known_at")


@cache
def amount(number: int, concept: str, end: date) -> float:
    """A figure of a quarter, in whole thousands; alike whenever it is asked for."""
    own = np.random.default_rng([number, hash_of(concept), end.toordinal()])
    return float(round((1 + number % 7) * 1e5 * (1.02 ** (end.year - 2007)) * own.uniform(0.8, 1.2))) * 1e3


def hash_of(text: str) -> int:
    return sum(ord(letter) * (at + 1) for at, letter in enumerate(text))


def quarter_end(year: int, quarter: int) -> date:
    return date(year, *ENDS[quarter])


def begun(year: int, quarter: int) -> date:
    return date(year, 1, 1) if quarter == 0 else quarter_end(year, quarter - 1) + timedelta(days=1)


def report(number: int, year: int, quarter: int, split: date | None) -> Iterator[Row]:
    """One filing: its period, the year to date, and those of the year before."""
    end = quarter_end(year, quarter)
    known = datetime.combine(
        end + timedelta(days=40 if quarter < 3 else 60), datetime.min.time(), UTC
    ).replace(hour=21)
    form, name = (
        ("10-K", "10-K")[quarter < 3] if quarter == 3 else "10-Q",
        f"{number:010d}-{year % 100:02d}-{quarter}",
    )
    restated = 1.25 if (number + year) % 9 == 0 else 1.0  # of the year before
    shares = 1e8 * (4.0 if split is not None and known.date() >= split else 1.0)

    def row(concept: str, start: date, last: date, value: float, unit: str = "USD") -> Row:
        full = concept if ":" in concept else f"us-gaap:{concept}"
        return start, last, full, unit, value, name, form, known

    for back in range(3 if quarter == 3 else 2):
        then, scale = year - back, restated if back else 1.0
        last = quarter_end(then, quarter)
        for concept in (*FLOWS, *CASH):
            parts = [amount(number, concept, quarter_end(then, each)) for each in range(quarter + 1)]
            yield row(concept, date(then, 1, 1), last, float(round(sum(parts) * scale / 1e3)) * 1e3)
            if 0 < quarter < 3 and concept in FLOWS:
                yield row(concept, begun(then, quarter), last, float(round(parts[-1] * scale / 1e3)) * 1e3)
        for concept in WEIGHTED:
            yield row(concept, date(then, 1, 1), last, shares, "shares")
        income = sum(amount(number, "NetIncomeLoss", quarter_end(then, each)) for each in range(quarter + 1))
        yield row(
            "EarningsPerShareDiluted", date(then, 1, 1), last, round(income * scale / shares, 2), "USD/shares"
        )
    for day in (end, quarter_end(year - 1, 3)):
        for concept in STOCKS:
            yield row(concept, day, day, amount(number, concept, day))
    yield row(COVER, known.date() - timedelta(days=9), known.date() - timedelta(days=9), shares, "shares")


def build(home: Path) -> tuple[Store, list[int]]:
    store = open_store(home, clock=lambda: NOW)
    ids = list(store.identify([f"us-equity:C{at:03d}" for at in range(COMPANIES)]).values())
    calendar = store.reader(NOW).calendars.get("XNYS")
    days = [day for day in calendar.days.tolist() if START <= day <= END]
    facts, bars, names, actions = [], [], [], []
    for at, number in enumerate(ids):
        split = date(2016, 6, 15) if at % 5 == 0 else None
        rows = [row for year in YEARS for quarter in range(4) for row in report(at, year, quarter, split)]
        facts.append(
            pl.DataFrame(rows, schema=_COLUMNS, orient="row").with_columns(security_id=pl.lit(number))
        )
        walk = 50.0 * np.exp(np.cumsum(np.random.default_rng(at).normal(0.0003, 0.015, len(days))))
        close = np.where(np.array(days) < (split or START), 4.0 * walk, walk) if split else walk
        bars.append(pl.DataFrame({
            "security_id": number, "session_date": days, "open": close, "high": close, "low": close, "close": close,
            "volume": 1_000,
        }))  # fmt: skip
        names.append({
            "security_id": number, "valid_from": START, "ticker": f"C{at:03d}", "name": f"Company {at}",
            "market": "US EQUITY", "asset_class": "equity", "exchange": "XNYS", "currency": "USD", "calendar": "XNYS",
            "known_at": datetime(2007, 1, 2, tzinfo=UTC), "known_basis": "exact",
        })  # fmt: skip
        if split:
            actions.append({"security_id": number, "kind": "split", "ex_date": split, "ratio": 4.0,
                            "known_at": datetime(2016, 6, 1, tzinfo=UTC), "known_basis": "exact"})  # fmt: skip
    told = pl.concat(facts).filter(pl.col("known_at") < NOW).with_columns(known_basis=pl.lit("exact"))
    prices = pl.concat(bars).with_columns(
        known_at=pl.col("session_date").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
        + pl.duration(hours=22),
        known_basis=pl.lit("exact"),
    )
    frames = {
        "facts": told,
        "bars": prices,
        "securities": pl.DataFrame(names),
        "actions": pl.DataFrame(actions),
    }
    store.append(Batch("simulated", "filings", "1", frames))
    return store, ids


def spent(store: Store, ids: list[int], fields: tuple[str, ...], end: date = END) -> float:
    """CPU ms a company by which a run's inputs take longer for asking what filings told."""
    seconds = []
    for wanted in ((), fields):
        started = time.process_time()
        gather(store.reader(NOW), Wanted(tuple(ids), (), START, end, 0, wanted))
        seconds.append(time.process_time() - started)
    return 1e3 * (seconds[1] - seconds[0]) / len(ids)


def measured(store: Store, ids: list[int]) -> list[float]:
    """All fields, and one: the first time, again in this process, from beside the store at a clock a day earlier."""
    found = []
    for fields in (panels.told_by_filings(), ("pe",)):
        rmtree(store.reader(NOW).layout.cache / "spans", ignore_errors=True)
        spans.forget()
        found += [spent(store, ids, fields), spent(store, ids, fields)]
        spans.forget()
        found.append(spent(store, ids, fields, END - timedelta(days=1)))
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        store, ids = build(Path(folder) / "home")
        facts = store.reader(NOW).vintages("facts", ids).height
        print(
            f"{COMPANIES} companies, {facts / COMPANIES:,.0f} facts each, {len(panels.told_by_filings())} fields\n"
        )
        print(
            "| CPU ms a company | all, first | again | from disk, a day less | P/E, first | again | from disk |"
        )
        print("|---|---:|---:|---:|---:|---:|---:|")
        measured(store, ids[:1])  # what is imported, and what the store joins, is no part of it
        for label, own in (("one company", ids[:1]), (f"{COMPANIES} companies", ids)):
            rows = [measured(store, own) for _ in range(REPEATS)]
            print(
                f"| {label} | " + " | ".join(f"{median(each):.1f}" for each in zip(*rows, strict=True)) + " |"
            )


if __name__ == "__main__":
    main()

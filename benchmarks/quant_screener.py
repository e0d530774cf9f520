"""Screens: expressions over a day against polars written by hand, and the whole of SCREEN for 500 companies.

    python -m benchmarks.quant_screener

The companies are simulated: 500 with 290 sessions of bars and four years of quarterly filings, each of which repeats
the periods before it as comparatives do.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import polars as pl

from engine.desk import Desk
from engine.functions import _screen_books
from engine.quant import screener
from store import Batch, open_store

TEXT = "mktcap > 10B and pe < 15 and mom_12_1 top 20% and (sector in ('a', 'b') or roe between 5% and 30%)"
NOW = datetime(2021, 3, 31, 22, 0, tzinfo=UTC)
FLOWS = ("Revenues", "NetIncomeLoss", "OperatingIncomeLoss", "GrossProfit", "IncomeTaxExpenseBenefit",
         "NetCashProvidedByUsedInOperatingActivities", "PaymentsToAcquirePropertyPlantAndEquipment",
         "DepreciationDepletionAndAmortization", "EarningsPerShareDiluted",
         "WeightedAverageNumberOfDilutedSharesOutstanding")  # fmt: skip
STOCKS = ("Assets", "StockholdersEquity", "LiabilitiesAndStockholdersEquity", "AssetsCurrent", "LiabilitiesCurrent",
          "CashAndCashEquivalentsAtCarryingValue", "LongTermDebtNoncurrent", "LongTermDebtCurrent", "Goodwill",
          "InventoryNet", "CommonStockSharesOutstanding")  # fmt: skip
UNITS = {"EarningsPerShareDiluted": "USD/shares", "WeightedAverageNumberOfDilutedSharesOutstanding": "shares",
         "CommonStockSharesOutstanding": "shares"}  # fmt: skip


def timed(*sides: Callable[[], object], repeats: int) -> list[float]:
    """Medians in milliseconds, the sides interleaved."""
    spent: list[list[float]] = [[] for _ in sides]
    for _ in range(repeats):
        for at, side in enumerate(sides):
            started = time.perf_counter()
            side()
            spent[at].append(1e3 * (time.perf_counter() - started))
    return [median(each) for each in spent]


def day(size: int) -> dict[str, Any]:
    rng = np.random.default_rng(1)

    def known(values: np.ndarray) -> np.ndarray:
        return np.where(rng.random(size) < 0.05, np.nan, values)

    return {
        "mktcap": known(rng.lognormal(23, 1, size)), "pe": known(rng.lognormal(2.8, 0.5, size)),
        "mom_12_1": known(rng.normal(0.1, 0.3, size)), "roe": known(rng.normal(0.12, 0.1, size)),
        "sector": np.array(rng.choice(list("abcd"), size), dtype=object),
    }  # fmt: skip


def by_hand(columns: dict[str, Any]) -> Callable[[], pl.Series]:
    frame = pl.DataFrame({k: v if k != "sector" else v.tolist() for k, v in columns.items()}).with_columns(
        pl.col(pl.Float64).fill_nan(None)
    )
    mom = pl.col("mom_12_1")
    count = (mom.count() * 0.2 - 1e-9).ceil()
    told = (
        (pl.col("mktcap") > 10e9) & (pl.col("pe") < 15) & (mom.rank("min", descending=True) <= count)
        & (pl.col("sector").is_in(["a", "b"]) | pl.col("roe").is_between(0.05, 0.3))
    )  # fmt: skip
    return lambda: frame.select(told.fill_null(False).alias("told"))["told"]


def expressions() -> None:
    print("| one expression, ms | parse | screen | polars by hand | ratio |\n|---|---:|---:|---:|---:|")
    for size in (500, 5_000):
        print(expression(day(size), size))


def expression(columns: dict[str, Any], size: int) -> str:
    tree, other = screener.parse(TEXT, screener.KINDS), by_hand(columns)
    assert screener.screen(tree, columns).passes.tolist() == other().to_list()
    parse, ours, theirs = timed(
        lambda: screener.parse(TEXT, screener.KINDS),
        lambda: screener.screen(tree, columns),
        other,
        repeats=101,
    )
    return f"| {size:,} securities | {parse:.2f} | {ours:.2f} | {theirs:.2f} | {ours / theirs:.2f} |"


def filings(number: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    quarters = [date(year, month, last) for year in range(2017, 2021)
                for month, last in ((3, 31), (6, 30), (9, 30), (12, 31))]  # fmt: skip
    rows, size = [], float(rng.lognormal(0, 1))
    for at, end in enumerate(quarters):
        filed = end + timedelta(days=40)
        for back in (0, 1, 4):  # the period itself, the one before, the year before
            if at < back:
                continue
            last = quarters[at - back]
            factor = 1e6 * size * (1 + 0.02 * (at - back))
            for place, concept in enumerate((*FLOWS, *STOCKS)):
                unit = UNITS.get(concept, "USD")
                flow = concept in FLOWS
                months = last.month / 12 if flow and unit != "shares" else 1.0
                value = (
                    round(factor * (place + 5)) * months if unit != "USD/shares" else round(2.0 * months, 2)
                )
                rows.append({
                    "security_id": number, "period_start": date(last.year, 1, 1) if flow else last,
                    "period_end": last,
                    "concept": f"us-gaap:{concept}", "unit": unit, "value": float(value),
                    "accession": f"{number:010}-{at:02}", "form": "10-K" if end.month == 12 else "10-Q",
                    "fiscal_year": end.year, "fiscal_period": "", "filed_date": filed,
                    "known_at": datetime(filed.year, filed.month, filed.day, 21, tzinfo=UTC), "known_basis": "exact",
                })  # fmt: skip
    return rows


def market(home: Path, count: int = 500) -> Desk:
    store = open_store(home)
    names = [f"C{at:03}" for at in range(count)]
    ids = list(store.identify([f"us-equity:{name}" for name in names]).values())
    rng = np.random.default_rng(2)
    start = date(2020, 1, 2)
    sessions = store.reader(NOW).sessions(start, date(2021, 3, 31)).astype(object).tolist()
    known = datetime(2017, 1, 3, 21, tzinfo=UTC)
    named = [
        {"security_id": number, "valid_from": date(2017, 1, 3), "ticker": name, "name": name, "market": "US EQUITY",
         "asset_class": "equity", "exchange": "XNYS", "currency": "USD", "unit": "USD a share", "calendar": "XNYS",
         "known_at": known, "known_basis": "exact"}
        for number, name in zip(ids, names, strict=True)
    ]  # fmt: skip
    prices = 50 * np.exp(np.cumsum(rng.normal(0, 0.015, (len(sessions), count)), axis=0))
    bars = pl.DataFrame(
        {"security_id": np.repeat(ids, len(sessions)), "session_date": sessions * count,
         "close": prices.T.ravel().round(2)}
    ).with_columns(
        *(pl.col("close").alias(name) for name in ("open", "high", "low")), pl.lit(1000).alias("volume"),
        (pl.col("session_date").cast(pl.Datetime("us")) + pl.duration(hours=21)).dt.replace_time_zone("UTC")
        .alias("known_at"), pl.lit("exact").alias("known_basis"),
    )  # fmt: skip
    facts = [row for number in ids for row in filings(number, rng)]
    frames = {
        "securities": pl.DataFrame(named),
        "bars": bars,
        "facts": pl.DataFrame(facts, infer_schema_length=None),
    }
    store.append(Batch("benchmark", "simulated", "1", frames))
    print(f"\n{count} companies, {len(facts):,} facts, {bars.height:,} bars")
    return Desk(store, "benchmark", clock=lambda: NOW)


def whole() -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = market(Path(folder) / "home")
        print("| SCREEN, seconds | first | edited |\n|---|---:|---:|")
        for label, one, other in (
            ("price fields", "ret_1m top 20% and vol_1y < 90%", "ret_1m top 30% and vol_1y < 90%"),
            ("fundamentals and prices", "mktcap > 1M and pe < 99 and mom_12_1 top 20%",
             "roe > 1% and pe < 90 and mom_12_1 top 30%"),
        ):  # fmt: skip
            first, again = [], []
            for _ in range(3):
                _screen_books._made.clear()
                for text, spent in ((one, first), (other, again)):
                    started = time.perf_counter()
                    desk.run(f'SCREEN "{text}"')
                    spent.append(time.perf_counter() - started)
            print(f"| {label} | {median(first):.2f} | {median(again):.2f} |")
        desk.close()


def main() -> None:
    expressions()
    whole()


if __name__ == "__main__":
    main()

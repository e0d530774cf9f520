"""Companies of our own, with years of filings, prices, profiles, an index and a Treasury curve: what a valuation
and a comparison with peers stand on. Figures are round, so that a test can work the answers out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from math import sin
from typing import Any

import polars as pl

from store import Batch, Store
from tests.quant.facts import fact, frame

YEARS = range(2017, 2023)  # fiscal years, each a calendar year filed on 15 February after it
FIRST, LAST = date(2019, 1, 2), date(2023, 8, 31)  # of prices
PRESENT = datetime(2023, 9, 1, 22, 0, tzinfo=UTC)
STEP = 1.0005  # what the index gains a session, before its swing


@dataclass(frozen=True, slots=True)
class Company:
    """Revenue of 2017 in millions and its growth; shares of revenue; ``close`` of every session on average."""

    ticker: str
    revenue: float = 1000.0
    growth: float = 0.10
    margin: float | None = 0.20
    close: float = 30.0
    beta: float = 1.0
    shares: float = 100.0
    debt: float | None = 200.0
    cash: float = 100.0
    equity: float = 500.0
    industry: str = "Prepackaged Software"
    sic: str = "7372"
    sector: str = "Technology"
    currency: str = "USD"
    splits: tuple[tuple[date, float], ...] = ()
    without: frozenset[str] = frozenset()  # concepts that no filing tells
    extra: Mapping[str, float] = field(default_factory=dict)  # concept to amount in millions, every year


def at(day: date, hour: int = 21) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def sessions(first: date = FIRST, last: date = LAST) -> list[date]:
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if day.weekday() < 5]


def level(n: int) -> float:
    """The index: it drifts up and swings."""
    return float(1000.0 * STEP**n * (1 + 0.05 * sin(n / 9.0) + 0.02 * sin(n / 1.7)))


def amounts(company: Company, year: int) -> dict[str, float]:
    """Flows of a year by concept, in millions."""
    revenue = company.revenue * (1 + company.growth) ** (year - YEARS[0])
    income = 0.0 if company.margin is None else revenue * company.margin
    pretax = income - 10.0
    told = {
        "Revenues": revenue,
        "OperatingIncomeLoss": income,
        "InterestExpense": 10.0,
        "IncomeLossFromContinuingOperationsBeforeIncomeTaxesExtraordinaryItemsNoncontrollingInterest": pretax,
        "IncomeTaxExpenseBenefit": 0.25 * pretax,
        "NetIncomeLoss": 0.75 * pretax,
        "NetCashProvidedByUsedInOperatingActivities": 0.75 * pretax + 40.0,
        "DepreciationDepletionAndAmortization": 50.0,
        "PaymentsToAcquirePropertyPlantAndEquipment": 60.0,
        "PaymentsOfDividends": 20.0,
        **company.extra,
    }
    if company.margin is None:
        del told["OperatingIncomeLoss"]
    return {concept: amount for concept, amount in told.items() if concept not in company.without}


def facts_of(company: Company) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for year in YEARS:
        filed, end = f"{year + 1}-02-15", f"{year}-12-31"
        told = {"form": "10-K", "fiscal_year": year}
        for concept, amount in amounts(company, year).items():
            rows.append(fact(concept, f"{year}-01-01", end, amount * 1e6, filed, **told))  # type: ignore[arg-type]
        income = 0.0 if company.margin is None else amounts(company, year)["NetIncomeLoss"]
        per_share = round(income / company.shares, 4)
        share = {"unit": "USD/shares", **told}
        rows.append(fact("EarningsPerShareDiluted", f"{year}-01-01", end, per_share, filed, **share))  # type: ignore[arg-type]
        balance = {
            "Assets": company.equity + (company.debt or 0.0) + 300.0,
            "StockholdersEquity": company.equity,
            "CashAndCashEquivalentsAtCarryingValue": company.cash,
            "LongTermDebtNoncurrent": company.debt,
        }
        for concept, held in balance.items():
            if held is not None and concept not in company.without:
                rows.append(fact(concept, end, end, held * 1e6, filed, **told))  # type: ignore[arg-type]
        cover = "dei:EntityCommonStockSharesOutstanding"
        if cover not in company.without:
            rows.append(fact(cover, f"{year + 1}-02-01", f"{year + 1}-02-01", company.shares * 1e6, filed,
                             unit="shares", **told))  # type: ignore[arg-type] # fmt: skip
    return rows


def naming(number: int, ticker: str, market: str, kind: str, currency: str = "USD") -> dict[str, Any]:
    return {
        "security_id": number, "valid_from": date(2016, 1, 4), "ticker": ticker, "name": f"{ticker} of our own",
        "market": market, "asset_class": kind, "exchange": "XNYS", "currency": currency,
        "unit": f"{currency} a share", "calendar": "" if kind == "government" else "XNYS",
        "known_at": at(date(2016, 1, 4)), "known_basis": "exact",
    }  # fmt: skip


def bars_of(number: int, close: float, beta: float, first: date = FIRST) -> list[dict[str, Any]]:
    rows, price = [], close
    for n, day in enumerate(sessions(first)):
        if n:
            price *= 1 + beta * (level(n) / level(n - 1) - 1)
        rows.append({"security_id": number, "session_date": day, "open": price, "high": price, "low": price,
                     "close": price, "volume": 1000, "known_at": at(day), "known_basis": "exact"})  # fmt: skip
    return rows


def build(
    store: Store, companies: Sequence[Company], *, curve: bool = True, index: bool = True
) -> dict[str, int]:
    """Append all of it; the ids by ticker. ``close`` is that of the last session."""
    keys = [f"us-equity:{company.ticker}" for company in companies]
    ids = dict(zip(keys, store.identify([*keys, "index:SPX", "government:UST"]).values(), strict=False))
    spx, ust = store.identify(["index:SPX", "government:UST"]).values()
    names = [naming(spx, "SPX", "INDEX", "index"), naming(ust, "UST", "GOVT", "government")]
    bars: list[dict[str, Any]] = []
    frames: dict[str, Any] = {}
    profiles: list[dict[str, Any]] = []
    actions: list[dict[str, Any]] = []
    told = []
    for company, key in zip(companies, keys, strict=True):
        number = ids[key]
        names.append(naming(number, company.ticker, "US EQUITY", "equity", company.currency))
        own = bars_of(number, 1.0, company.beta)
        scale = company.close / own[-1]["close"]
        for row in own:
            after = 1.0
            for day, ratio in company.splits:
                after *= ratio if day > row["session_date"] else 1.0
            row |= {name: row[name] * scale * after for name in ("open", "high", "low", "close")}
        bars += own
        profiles.append({
            "security_id": number, "valid_from": date(2018, 1, 2), "sector": company.sector,
            "industry": company.industry, "sic": company.sic, "known_at": at(date(2018, 1, 2)),
            "known_basis": "exact",
        })  # fmt: skip
        actions += [
            {"security_id": number, "kind": "split", "ex_date": day, "ratio": ratio, "known_at": at(day, 13),
             "known_basis": "exact"} for day, ratio in company.splits
        ]  # fmt: skip
        told.append(frame(facts_of(company)).with_columns(security_id=pl.lit(number, pl.Int64)))
    if index:
        bars += bars_of(spx, 1000.0, 1.0)
    frames |= {"securities": names, "profiles": profiles, "bars": bars, "actions": actions}
    if curve:
        frames["yield_curves"] = [
            {"security_id": ust, "session_date": day, "tenor": "10Y", "years": 10.0, "rate": 0.035,
             "known_at": at(day), "known_basis": "exact"} for day in sessions(date(2020, 1, 2))
        ]  # fmt: skip
    ready = {name: pl.DataFrame(rows, infer_schema_length=None) for name, rows in frames.items() if rows}
    facts = pl.concat(told).with_columns(known_basis=pl.lit("exact"))
    store.append(Batch("own companies", "simulated", "1", ready | {"facts": facts}))
    return {company.ticker: ids[key] for company, key in zip(companies, keys, strict=True)}

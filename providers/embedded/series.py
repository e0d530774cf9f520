"""Macro series and factors of the embedded sources: what they are called and measured in.

Tickers are FRED's where the series is one of FRED's, else the name in the source. One series that comes
from two sources (CPILFESL) has one identity: the sources are vintages of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Series:
    """One series. ``valid_from`` only where two sources must agree on it; else the first period in the data."""

    ticker: str
    name: str
    unit: str
    asset_class: str = "macro"
    valid_from: date | None = None
    note: str = ""

    @property
    def identity(self) -> str:
        return f"{self.asset_class}:{self.ticker}"


CORE_CPI = Series(
    "CPILFESL",
    "Consumer price index, all urban consumers: all items less food and energy, seasonally adjusted",
    "1982-84 = 100",
    valid_from=date(1957, 1, 1),
)

_FRENCH = "Fama-French three-factor data, monthly; percent a month, not a fraction."
FRENCH: dict[str, Series] = {
    "Mkt-RF": Series(
        "MKTRF", "Fama-French: market less risk-free", "percent a month", "factor", note=_FRENCH
    ),
    "SMB": Series("SMB", "Fama-French: small minus big", "percent a month", "factor", note=_FRENCH),
    "HML": Series(
        "HML", "Fama-French: high minus low book to market", "percent a month", "factor", note=_FRENCH
    ),
    "RF": Series("RF", "Fama-French: one-month risk-free rate", "percent a month", "factor", note=_FRENCH),
}

YIELDS: dict[str, Series] = {
    "AAA": Series("AAA", "Moody's seasoned Aaa corporate bond yield, monthly average", "percent a year"),
    "BAA": Series("BAA", "Moody's seasoned Baa corporate bond yield, monthly average", "percent a year"),
}

_2005 = "billions of chained 2005 USD, annual rate"
_QUARTERLY = "Quarterly, dated by the quarter's first day."
MACRODATA: dict[str, Series] = {
    column: Series(column.upper(), name, unit, note=_QUARTERLY)
    for column, name, unit in (
        ("realgdp", "Real gross domestic product", _2005),
        ("realcons", "Real personal consumption expenditures", _2005),
        ("realinv", "Real gross private domestic investment", _2005),
        ("realgovt", "Real federal consumption expenditures and gross investment", _2005),
        ("realdpi", "Real private disposable income", _2005),
        ("cpi", "Consumer price index, all urban consumers: all items, end of quarter", "1982-84 = 100"),
        ("m1", "M1 nominal money stock, end of quarter, seasonally adjusted", "billions of USD"),
        ("tbilrate", "Three-month treasury bill, secondary market, quarterly average", "percent a year"),
        ("unemp", "Unemployment rate, seasonally adjusted", "percent"),
        ("pop", "Total population, all ages, with armed forces overseas, end of quarter", "millions"),
        ("infl", "Inflation: 400 times the log change of the quarter's CPI", "percent a year"),
        ("realint", "Real interest rate: treasury bill less inflation", "percent a year"),
    )
}

_2009 = "billions of chained 2009 USD, annual rate"
NOWCAST: dict[str, Series] = {
    series.ticker: series
    for series in (
        Series("PAYEMS", "All employees: total nonfarm payrolls", "thousands"),
        Series("JTSJOL", "Job openings: total nonfarm", "thousands"),
        Series("CPIAUCSL", "Consumer price index, all urban consumers: all items", "1982-84 = 100"),
        Series("DGORDER", "Manufacturers' new orders: durable goods", "millions of USD"),
        Series("HSN1F", "New one-family houses sold", "thousands, annual rate"),
        Series("RSAFS", "Retail sales and food services", "millions of USD"),
        Series("UNRATE", "Unemployment rate", "percent"),
        Series("HOUST", "Housing starts: new privately owned units", "thousands, annual rate"),
        Series("INDPRO", "Industrial production index", "2012 = 100"),
        Series("PPIFIS", "Producer price index: final demand", "November 2009 = 100"),
        Series("DSPIC96", "Real disposable personal income", _2009),
        Series("BOPTEXP", "Exports of goods and services, balance of payments basis", "millions of USD"),
        Series("BOPTIMP", "Imports of goods and services, balance of payments basis", "millions of USD"),
        Series("WHLSLRIMSA", "Merchant wholesalers: inventories", "millions of USD"),
        Series("TTLCONS", "Total construction spending", "millions of USD, annual rate"),
        Series("IR", "Import price index: all commodities", "2000 = 100"),
        CORE_CPI,
        Series("PCEPILFE", "Price index of personal consumption less food and energy", "2009 = 100"),
        Series("PCEPI", "Price index of personal consumption expenditures", "2009 = 100"),
        Series("PERMIT", "New private housing units authorised by permits", "thousands, annual rate"),
        Series("TCU", "Capacity utilisation: total industry", "percent"),
        Series("BUSINV", "Total business inventories", "millions of USD"),
        Series("IQ", "Export price index: all commodities", "2000 = 100"),
        Series("GACDISA066MSFRBNY", "Empire State manufacturing survey: general conditions", "diffusion index"),
        Series("PCEC96", "Real personal consumption expenditures", _2009),
        Series("GACDFSA066MSFRBPHI", "Philadelphia Fed outlook survey: general activity", "diffusion index"),
        Series("GDPC1", "Real gross domestic product", _2009, note=_QUARTERLY),
        Series("ULCNFB", "Nonfarm business sector: unit labor cost", "2009 = 100", note=_QUARTERLY),
        Series("A261RX1Q020SBEA", "Real gross domestic income", _2009, note=_QUARTERLY),
    )
}  # fmt: skip


def series_securities(observations: pl.DataFrame, known: dict[str, Series]) -> pl.DataFrame:
    """Rows of ``securities`` for the series in ``observations`` (column ``column`` names one of ``known``).

    A series is listed from when the first of its values was known: before that the store holds nothing of it.
    """
    import polars as pl

    spans = observations.group_by("column").agg(
        first=pl.col("period_date").min(),
        known_at=pl.col("known_at").min(),
        known_basis=pl.col("known_basis").sort_by("known_at").first(),
    )
    facts = pl.DataFrame(
        [
            {
                "column": column, "identity": s.identity, "ticker": s.ticker, "name": s.name, "unit": s.unit,
                "asset_class": s.asset_class, "valid_from": s.valid_from, "note": s.note,
            }
            for column, s in known.items()
        ],
        schema_overrides={"valid_from": pl.Date},
    )  # fmt: skip
    return (
        spans.join(facts, on="column")
        .with_columns(
            valid_from=pl.coalesce("valid_from", "first"),
            market=pl.lit("MACRO"),
            exchange=pl.lit(""),
            calendar=pl.lit(""),
        )
        .drop("column", "first")
        .sort("identity")
    )

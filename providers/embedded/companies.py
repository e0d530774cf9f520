"""Who the embedded securities are and were: names, tickers, places of listing, and since when.

Facts that the data files do not hold, each with where it is from. What is not certain is left out: a
listing date that is not given is unknown, not the first date in the data.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

BOKEH_START, SKFOLIO_START, FUNDS_START = date(2000, 3, 1), date(1990, 1, 2), date(2014, 1, 2)
INDEX_START, VIX_START, WTI_START = date(1999, 1, 4), date(2014, 1, 3), date(1986, 1, 2)
NASDAQ, NYSE = "XNAS", "XNYS"


@dataclass(frozen=True, slots=True)
class Naming:
    """What a security was called, and where it was listed, from ``valid_from`` on."""

    identity: str
    valid_from: date
    ticker: str
    name: str
    exchange: str = ""
    source: str = ""
    listing_date: date | None = None
    market: str = "US EQUITY"
    asset_class: str = "equity"
    currency: str = "USD"
    unit: str = "USD a share"
    calendar: str = "XNYS"


def _us(ticker: str, *namings: tuple[date, str, str, str, str], listed: date | None = None) -> list[Naming]:
    """Namings of one US equity: (valid_from, ticker then, name then, exchange then, source)."""
    return [
        Naming(f"us-equity:{ticker}", since, then, name, exchange, source, listing_date=listed)
        for since, then, name, exchange, source in namings
    ]


def _fund(ticker: str, name: str) -> Naming:
    source = "iShares fund name; the exchange, which changed since, is not carried"
    return Naming(
        f"us-fund:{ticker}", FUNDS_START, ticker, name, "", source, asset_class="fund"
    )  # fmt: skip


def _index(ticker: str, since: date, name: str, source: str) -> Naming:
    return Naming(
        f"index:{ticker}", since, ticker, name, "", source,
        market="INDEX", asset_class="index", unit="index points",
    )  # fmt: skip


_ROLL = "company name and NYSE or Nasdaq ticker, in use over the whole span of the data"

NAMINGS: tuple[Naming, ...] = (
    *_us(
        "AAPL",
        (date(1980, 12, 12), "AAPL", "Apple Computer, Inc.", NASDAQ, "initial public offering 1980-12-12"),
        (date(2007, 1, 9), "AAPL", "Apple Inc.", NASDAQ, "company press release 2007-01-09"),
        listed=date(1980, 12, 12),
    ),
    *_us(
        "AMD",
        (SKFOLIO_START, "AMD", "Advanced Micro Devices, Inc.", NYSE, _ROLL),
        (date(2015, 1, 2), "AMD", "Advanced Micro Devices, Inc.", NASDAQ, "listing moved to Nasdaq 2015-01-02"),
    ),
    *_us(
        "BAC",
        (SKFOLIO_START, "NB", "NCNB Corporation", NYSE,
         "predecessor of NationsBank; its ticker of before 1992 is not carried, NB is its successor's"),
        (date(1991, 12, 31), "NB", "NationsBank Corporation", NYSE, "merger of NCNB with C&S/Sovran 1991-12-31"),
        (date(1998, 10, 1), "BAC", "BankAmerica Corporation", NYSE, "merger with BankAmerica 1998-09-30"),
        (date(1999, 4, 28), "BAC", "Bank of America Corporation", NYSE, "change of name 1999-04-28"),
    ),
    *_us("BBY", (SKFOLIO_START, "BBY", "Best Buy Co., Inc.", NYSE, _ROLL)),
    *_us(
        "CVX",
        (SKFOLIO_START, "CHV", "Chevron Corporation", NYSE, "ticker until the merger with Texaco"),
        (date(2001, 10, 10), "CVX", "ChevronTexaco Corporation", NYSE, "merger with Texaco 2001-10-09"),
        (date(2005, 5, 9), "CVX", "Chevron Corporation", NYSE, "change of name 2005-05-09"),
    ),
    *_us(
        "FB",
        (date(2012, 5, 18), "FB", "Facebook, Inc.", NASDAQ, "initial public offering 2012-05-18"),
        (date(2021, 10, 28), "FB", "Meta Platforms, Inc.", NASDAQ, "company press release 2021-10-28"),
        (date(2022, 6, 9), "META", "Meta Platforms, Inc.", NASDAQ, "change of ticker 2022-06-09"),
        listed=date(2012, 5, 18),
    ),
    *_us("GE", (SKFOLIO_START, "GE", "General Electric Company", NYSE, _ROLL)),
    *_us(
        "GOOG",
        (date(2004, 8, 19), "GOOG", "Google Inc., class A", NASDAQ, "initial public offering 2004-08-19"),
        (date(2014, 4, 3), "GOOGL", "Google Inc., class A", NASDAQ,
         "class A became GOOGL when class C took the ticker GOOG, 2014-04-03"),
        (date(2015, 10, 5), "GOOGL", "Alphabet Inc., class A", NASDAQ,
         "Alphabet succeeded Google 2015-10-02, traded under its name from 2015-10-05"),
        listed=date(2004, 8, 19),
    ),
    *_us("HD", (SKFOLIO_START, "HD", "The Home Depot, Inc.", NYSE, _ROLL)),
    *_us("IBM", (BOKEH_START, "IBM", "International Business Machines Corporation", NYSE, _ROLL)),
    *_us("JNJ", (SKFOLIO_START, "JNJ", "Johnson & Johnson", NYSE, _ROLL)),
    *_us(
        "JPM",
        (SKFOLIO_START, "CHL", "Chemical Banking Corporation", NYSE, "the legal predecessor"),
        (date(1996, 4, 1), "CMB", "The Chase Manhattan Corporation", NYSE, "merger with Chase 1996-03-31"),
        (date(2001, 1, 2), "JPM", "J.P. Morgan Chase & Co.", NYSE, "merger with J.P. Morgan 2000-12-31"),
        (date(2004, 7, 20), "JPM", "JPMorgan Chase & Co.", NYSE, "change of name 2004-07-20"),
    ),
    *_us("KO", (SKFOLIO_START, "KO", "The Coca-Cola Company", NYSE, _ROLL)),
    *_us("LLY", (SKFOLIO_START, "LLY", "Eli Lilly and Company", NYSE, _ROLL)),
    *_us("MRK", (SKFOLIO_START, "MRK", "Merck & Co., Inc.", NYSE, _ROLL)),
    *_us(
        "MSFT",
        (date(1986, 3, 13), "MSFT", "Microsoft Corporation", NASDAQ, "initial public offering 1986-03-13"),
        listed=date(1986, 3, 13),
    ),
    *_us(
        "PEP",
        (SKFOLIO_START, "PEP", "PepsiCo, Inc.", NYSE, _ROLL),
        (date(2017, 12, 20), "PEP", "PepsiCo, Inc.", NASDAQ, "listing moved to Nasdaq 2017-12-20"),
    ),
    *_us("PFE", (SKFOLIO_START, "PFE", "Pfizer Inc.", NYSE, _ROLL)),
    *_us("PG", (SKFOLIO_START, "PG", "The Procter & Gamble Company", NYSE, _ROLL)),
    *_us(
        "RRC",
        (SKFOLIO_START, "RRC", "Lomak Petroleum, Inc.", "",
         "name until the merger of 1998; its ticker and exchange of then are not carried, RRC is the later one"),
        (date(1998, 8, 26), "RRC", "Range Resources Corporation", NYSE, "merger with Domain Energy 1998-08-25"),
    ),
    *_us(
        "UNH",
        (SKFOLIO_START, "UNH", "United HealthCare Corporation", "",
         "ticker and exchange are those since 1991; listed on Nasdaq before"),
        (date(2000, 3, 1), "UNH", "UnitedHealth Group Incorporated", NYSE,
         "legal name from March 2000, in use from 1998; its day is approximate"),
    ),
    *_us(
        "WMT",
        (SKFOLIO_START, "WMT", "Wal-Mart Stores, Inc.", NYSE, _ROLL),
        (date(2018, 2, 1), "WMT", "Walmart Inc.", NYSE, "change of name 2018-02-01"),
        (date(2025, 12, 9), "WMT", "Walmart Inc.", NASDAQ, "listing moved to Nasdaq 2025-12-09"),
    ),
    *_us(
        "XOM",
        (SKFOLIO_START, "XON", "Exxon Corporation", NYSE, "ticker until the merger with Mobil"),
        (date(1999, 12, 1), "XOM", "Exxon Mobil Corporation", NYSE, "merger with Mobil 1999-11-30"),
    ),
    _fund("MTUM", "iShares MSCI USA Momentum Factor ETF"),
    _fund("QUAL", "iShares MSCI USA Quality Factor ETF"),
    _fund("SIZE", "iShares MSCI USA Size Factor ETF"),
    _fund("USMV", "iShares MSCI USA Minimum Volatility ETF"),
    _fund("VLUE", "iShares MSCI USA Value Factor ETF"),
    _index("SPX", SKFOLIO_START, "S&P 500 Index", "^GSPC at Yahoo Finance"),
    _index("CCMP", INDEX_START, "NASDAQ Composite Index", "^IXIC at Yahoo Finance"),
    _index("VIX", VIX_START, "Cboe Volatility Index", "^VIX at Yahoo Finance, VIXCLS at FRED"),
    Naming(
        "commodity:WTI", WTI_START, "WTI", "Crude oil, West Texas Intermediate, spot at Cushing, Oklahoma", "",
        "DCOILWTICO at FRED", market="COMDTY", asset_class="commodity", unit="USD a barrel", calendar="",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LaterSplit:
    """A split after the embedded prices end, without which they cannot be put in today's shares."""

    identity: str
    ex_date: date
    ratio: float
    announced: date
    record: date
    paid: date
    source: str


LATER_SPLITS: tuple[LaterSplit, ...] = (
    LaterSplit(
        "us-equity:AAPL", date(2014, 6, 9), 7.0, date(2014, 4, 23), date(2014, 6, 2), date(2014, 6, 6),
        "company press release 2014-04-23",
    ),
    LaterSplit(
        "us-equity:AAPL", date(2020, 8, 31), 4.0, date(2020, 7, 30), date(2020, 8, 24), date(2020, 8, 28),
        "company press release 2020-07-30",
    ),
    LaterSplit(
        "us-equity:GOOG", date(2014, 4, 3), 2.0, date(2014, 1, 30), date(2014, 3, 27), date(2014, 4, 2),
        "one class C share for each class A share, company press release 2014-01-30",
    ),
    LaterSplit(
        "us-equity:GOOG", date(2022, 7, 18), 20.0, date(2022, 2, 1), date(2022, 7, 1), date(2022, 7, 15),
        "company press release 2022-02-01",
    ),
)  # fmt: skip

"""Who the embedded securities are and were: names, tickers, places of listing, and since when.

Facts that the data files do not hold. What a row says was true, and known, on the day it holds from: nothing
of what came later. What is not certain is left out: where the ticker of a time is not known for sure, the
security begins on the first day on which it is; a listing date that is not given is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from providers.clocks import NEW_YORK

BOKEH_START, SKFOLIO_START, FUNDS_START = date(2000, 3, 1), date(1990, 1, 2), date(2014, 1, 2)
INDEX_START, VIX_START, WTI_START = date(1999, 1, 4), date(2014, 1, 3), date(1986, 1, 2)
NASDAQ, NYSE = "XNAS", "XNYS"


@dataclass(frozen=True, slots=True)
class Naming:
    """What a security was called, and where it was listed, from ``valid_from`` on.

    ``announced`` only where that was on the very day it holds from: the day, or an instant by which it had
    surely been said. Without it the naming was in use, or announced, on an earlier day.
    """

    identity: str
    valid_from: date
    ticker: str
    name: str
    exchange: str = ""
    note: str = ""
    announced: date | datetime | None = None
    listing_date: date | None = None
    market: str = "US EQUITY"
    asset_class: str = "equity"
    currency: str = "USD"
    unit: str = "USD a share"
    calendar: str = "XNYS"


class Called(NamedTuple):
    """A naming of one US equity."""

    since: date
    ticker: str
    name: str
    exchange: str
    note: str = ""
    announced: date | datetime | None = None


def _us(ticker: str, *namings: Called, listed: date | None = None) -> list[Naming]:
    return [Naming(f"us-equity:{ticker}", *called, listing_date=listed) for called in namings]


def _fund(ticker: str, name: str) -> Naming:
    return Naming(f"us-fund:{ticker}", FUNDS_START, ticker, name, asset_class="fund")


def _index(ticker: str, since: date, name: str) -> Naming:
    return Naming(
        f"index:{ticker}", since, ticker, name, market="INDEX", asset_class="index", unit="index points"
    )


NAMINGS: tuple[Naming, ...] = (
    *_us(
        "AAPL",
        Called(date(1980, 12, 12), "AAPL", "Apple Computer, Inc.", NASDAQ, "initial public offering 1980-12-12"),
        # Said at the end of a keynote that began at noon in New York.
        Called(date(2007, 1, 9), "AAPL", "Apple Inc.", NASDAQ, "change of name announced 2007-01-09",
               datetime(2007, 1, 9, 15, tzinfo=ZoneInfo(NEW_YORK))),
        listed=date(1980, 12, 12),
    ),
    *_us(
        "AMD",
        Called(SKFOLIO_START, "AMD", "Advanced Micro Devices, Inc.", NYSE),
        Called(date(2015, 1, 2), "AMD", "Advanced Micro Devices, Inc.", NASDAQ,
               "listing moved to Nasdaq 2015-01-02"),
    ),
    *_us(
        "BAC",  # NCNB Corporation before; its ticker is not known for sure
        Called(date(1992, 1, 2), "NB", "NationsBank Corporation", NYSE,
               "merger of NCNB with C&S/Sovran 1991-12-31"),
        Called(date(1998, 10, 1), "BAC", "BankAmerica Corporation", NYSE,
               "merger of NationsBank with BankAmerica 1998-09-30"),
        Called(date(1999, 4, 28), "BAC", "Bank of America Corporation", NYSE, "change of name 1999-04-28",
               date(1999, 4, 28)),
    ),
    *_us("BBY", Called(SKFOLIO_START, "BBY", "Best Buy Co., Inc.", NYSE)),
    *_us(
        "CVX",
        Called(SKFOLIO_START, "CHV", "Chevron Corporation", NYSE),
        Called(date(2001, 10, 10), "CVX", "ChevronTexaco Corporation", NYSE, "merger with Texaco 2001-10-09"),
        Called(date(2005, 5, 9), "CVX", "Chevron Corporation", NYSE, "change of name 2005-05-09",
               date(2005, 5, 9)),
    ),
    *_us(
        "FB",
        Called(date(2012, 5, 18), "FB", "Facebook, Inc.", NASDAQ, "initial public offering 2012-05-18"),
        # Said at the end of a keynote that began at 13:00 in New York.
        Called(date(2021, 10, 28), "FB", "Meta Platforms, Inc.", NASDAQ, "change of name announced 2021-10-28",
               datetime(2021, 10, 28, 15, tzinfo=ZoneInfo(NEW_YORK))),
        Called(date(2022, 6, 9), "META", "Meta Platforms, Inc.", NASDAQ, "change of ticker 2022-06-09"),
        listed=date(2012, 5, 18),
    ),
    *_us("GE", Called(SKFOLIO_START, "GE", "General Electric Company", NYSE)),
    *_us(
        "GOOG",
        Called(date(2004, 8, 19), "GOOG", "Google Inc., class A", NASDAQ, "initial public offering 2004-08-19"),
        Called(date(2014, 4, 3), "GOOGL", "Google Inc., class A", NASDAQ,
               "class A became GOOGL when class C took the ticker GOOG, 2014-04-03"),
        Called(date(2015, 10, 5), "GOOGL", "Alphabet Inc., class A", NASDAQ,
               "Alphabet succeeded Google 2015-10-02, traded under its name from 2015-10-05"),
        listed=date(2004, 8, 19),
    ),
    *_us("HD", Called(SKFOLIO_START, "HD", "The Home Depot, Inc.", NYSE)),
    *_us("IBM", Called(BOKEH_START, "IBM", "International Business Machines Corporation", NYSE)),
    *_us("JNJ", Called(SKFOLIO_START, "JNJ", "Johnson & Johnson", NYSE)),
    *_us(
        "JPM",
        Called(SKFOLIO_START, "CHL", "Chemical Banking Corporation", NYSE),
        Called(date(1996, 4, 1), "CMB", "The Chase Manhattan Corporation", NYSE,
               "merger of Chemical with Chase Manhattan 1996-03-31"),
        Called(date(2001, 1, 2), "JPM", "J.P. Morgan Chase & Co.", NYSE, "merger with J.P. Morgan 2000-12-31"),
        Called(date(2004, 7, 20), "JPM", "JPMorgan Chase & Co.", NYSE, "change of name 2004-07-20",
               date(2004, 7, 20)),
    ),
    *_us("KO", Called(SKFOLIO_START, "KO", "The Coca-Cola Company", NYSE)),
    *_us("LLY", Called(SKFOLIO_START, "LLY", "Eli Lilly and Company", NYSE)),
    *_us("MRK", Called(SKFOLIO_START, "MRK", "Merck & Co., Inc.", NYSE)),
    *_us(
        "MSFT",
        Called(date(1986, 3, 13), "MSFT", "Microsoft Corporation", NASDAQ, "initial public offering 1986-03-13"),
        listed=date(1986, 3, 13),
    ),
    *_us(
        "PEP",
        Called(SKFOLIO_START, "PEP", "PepsiCo, Inc.", NYSE),
        Called(date(2017, 12, 20), "PEP", "PepsiCo, Inc.", NASDAQ, "listing moved to Nasdaq 2017-12-20"),
    ),
    *_us("PFE", Called(SKFOLIO_START, "PFE", "Pfizer Inc.", NYSE)),
    *_us("PG", Called(SKFOLIO_START, "PG", "The Procter & Gamble Company", NYSE)),
    *_us(
        "RRC",  # Lomak Petroleum, Inc. before the merger of 1998-08-25; its tickers are not known for sure
        Called(date(1998, 9, 1), "RRC", "Range Resources Corporation", NYSE,
               "merger of Lomak Petroleum with Domain Energy 1998-08-25"),
    ),
    *_us(
        "UNH",  # listed in New York, as UNH, in the course of 1991
        Called(date(1992, 1, 2), "UNH", "United HealthCare Corporation", NYSE),
        # The legal name since March 2000, in use since 1998.
        Called(date(2000, 3, 1), "UNH", "UnitedHealth Group Incorporated", NYSE),
    ),
    *_us(
        "WMT",
        Called(SKFOLIO_START, "WMT", "Wal-Mart Stores, Inc.", NYSE),
        Called(date(2018, 2, 1), "WMT", "Walmart Inc.", NYSE, "change of name 2018-02-01"),
        Called(date(2025, 12, 9), "WMT", "Walmart Inc.", NASDAQ, "listing moved to Nasdaq 2025-12-09"),
    ),
    *_us(
        "XOM",
        Called(SKFOLIO_START, "XON", "Exxon Corporation", NYSE),
        Called(date(1999, 12, 1), "XOM", "Exxon Mobil Corporation", NYSE, "merger with Mobil 1999-11-30"),
    ),
    # The exchange of the funds, which changed since, is not carried.
    _fund("MTUM", "iShares MSCI USA Momentum Factor ETF"),
    _fund("QUAL", "iShares MSCI USA Quality Factor ETF"),
    _fund("SIZE", "iShares MSCI USA Size Factor ETF"),
    _fund("USMV", "iShares MSCI USA Minimum Volatility ETF"),
    _fund("VLUE", "iShares MSCI USA Value Factor ETF"),
    _index("SPX", SKFOLIO_START, "S&P 500 Index"),
    _index("CCMP", INDEX_START, "NASDAQ Composite Index"),
    _index("VIX", VIX_START, "CBOE Volatility Index"),
    Naming(
        "commodity:WTI", WTI_START, "WTI", "Crude oil, West Texas Intermediate, spot at Cushing, Oklahoma",
        market="COMDTY", asset_class="commodity", unit="USD a barrel", calendar="",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LaterSplit:
    """A split after the embedded prices end, without which they cannot be put in today's shares.

    Record and pay dates where the announcement gave them.
    """

    identity: str
    ex_date: date
    ratio: float
    announced: date
    record: date
    paid: date | None
    note: str


LATER_SPLITS: tuple[LaterSplit, ...] = (
    LaterSplit(
        "us-equity:AAPL", date(2014, 6, 9), 7.0, date(2014, 4, 23), date(2014, 6, 2), None,
        "company press release 2014-04-23",
    ),
    LaterSplit(
        "us-equity:AAPL", date(2020, 8, 31), 4.0, date(2020, 7, 30), date(2020, 8, 24), None,
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

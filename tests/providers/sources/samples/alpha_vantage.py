"""Answers in the form of Alpha Vantage's, written by hand."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

from providers.source import Request, Subject
from tests.providers.sources.loopback import Sample

STOCK = Subject("us-equity:ZZZ", "ZZZ", name="Zzz Corp.")
EURO = Subject("fx:EURUSD", "EURUSD", "CURNCY", "currency", calendar="")
COIN = Subject("crypto:BTCUSD", "BTCUSD", "CRYPTO", "crypto", calendar="")
NOW = datetime(2026, 11, 19, 15, 0, tzinfo=UTC)  # in the middle of a session
FROM, TO = date(2026, 11, 16), date(2026, 11, 19)


def bar(price: float, volume: int | None = 1000) -> dict[str, str]:
    figures = {
        "1. open": f"{price:.4f}", "2. high": f"{price + 1:.4f}", "3. low": f"{price - 1:.4f}",
        "4. close": f"{price + 0.5:.4f}",
    }  # fmt: skip
    return figures if volume is None else {**figures, "5. volume": str(volume)}


def series(name: str, bars: dict[str, Any], zone: str = "US/Eastern", place: int = 5) -> bytes:
    meta = {"1. Information": "as told", "2. Symbol": "ZZZ", f"{place}. Time Zone": zone}
    return json.dumps({"Meta Data": meta, name: bars}).encode()


DAILY = series(
    "Time Series (Daily)",
    {"2026-11-19": bar(103), "2026-11-18": bar(102), "2026-11-17": bar(101), "2026-11-16": bar(100)},
)
EUROS = series(
    "Time Series FX (Daily)", {"2026-11-18": bar(2.2, None), "2026-11-17": bar(2.1, None)}, "UTC", 6
)
COINS = series(
    "Time Series (Digital Currency Daily)",
    {"2026-11-18": bar(90_000, 5), "2026-11-17": bar(91_000, 6)},
    "UTC",
    7,
)
MINUTES = series(
    "Time Series (1min)", {"2026-11-18 09:31:00": bar(101, 20), "2026-11-18 09:30:00": bar(100, 10)}, place=6
)
DIVIDENDS = json.dumps(
    {
        "symbol": "ZZZ",
        "data": [
            {
                "ex_dividend_date": "2026-11-18", "declaration_date": "2026-10-29", "record_date": "2026-11-19",
                "payment_date": "2026-12-01", "amount": "0.25",
            },
            {
                "ex_dividend_date": "2026-11-16", "declaration_date": "None", "record_date": "None",
                "payment_date": "None", "amount": "0.1",
            },
        ],
    }
).encode()  # fmt: skip
SPLITS = json.dumps(
    {"symbol": "ZZZ", "data": [{"effective_date": "2026-11-17", "split_factor": "4.0000"}]}
).encode()


def contract(right: str) -> dict[str, str]:
    return {
        "contractID": f"ZZZ261218{right[0].upper()}00100000", "symbol": "ZZZ", "expiration": "2026-12-18",
        "strike": "100.00", "type": right, "last": "0.00", "mark": "8.10", "bid": "8.00", "bid_size": "10",
        "ask": "8.20", "ask_size": "11", "volume": "0", "open_interest": "40", "date": "2026-11-18",
        "implied_volatility": "0.40000", "delta": "0.60000", "gamma": "0.01000", "theta": "-0.02000",
        "vega": "0.30000", "rho": "0.05000",
    }  # fmt: skip


CHAIN = json.dumps(
    {"endpoint": "Historical Options", "message": "success", "data": [contract("call"), contract("put")]}
).encode()
OVERVIEW = json.dumps(
    {
        "Symbol": "ZZZ", "Name": "Zzz Corporation", "CIK": "1", "Exchange": "NASDAQ", "Country": "USA",
        "Sector": "TECHNOLOGY", "Industry": "LETTERS", "FiscalYearEnd": "September", "OfficialSite": "None",
        "SharesOutstanding": "1000000", "Description": "Makes the last letter.", "EBITDA": "-",
    }
).encode()  # fmt: skip
_HEAD = "symbol,name,exchange,assetType,ipoDate,delistingDate,status\n"
ACTIVE = (
    _HEAD
    + "AAA,Aaa Inc,NYSE,Stock,1999-11-18,null,Active\nZZZ,Zzz Corp,NASDAQ,Stock,2012-05-18,null,Active\n"
).encode()
DELISTED = (_HEAD + "ZZZ,Zzz Corp,NYSE,Stock,1990-01-02,2009-03-02,Delisted\n").encode()


def item(name: str, at: str, score: str) -> dict[str, Any]:
    return {
        "title": f"About Zzz, {name}", "url": f"https://paper.example/{name}", "time_published": at,
        "summary": "What it says.", "source": "The Paper", "overall_sentiment_score": 0.1,
        "ticker_sentiment": [
            {"ticker": "ZZZ", "relevance_score": "0.9", "ticker_sentiment_score": score},
            {"ticker": "AAA", "relevance_score": "0.1", "ticker_sentiment_score": "-0.9"},
        ],
    }  # fmt: skip


NEWS = json.dumps(
    {
        "items": "3",
        "feed": [
            item("n3", "20261118T140000", "-0.5"), item("n2", "20261117T150000", "0.0"),
            item("n1", "20261117T140000", "0.6"),
        ],
    }
).encode()  # fmt: skip


def asked(
    dataset: str, subject: Subject = STOCK, detail: str = "", start: date = FROM, end: date = TO
) -> Request:
    return Request(dataset, subject, start, end, detail)


def route(function: str, more: str = "") -> str:
    return f"/query?function={function}{more}"


_KEY = {"key": "loopback-key"}


def _sample(
    request: Request, routes: dict[str, bytes], rows: dict[str, int], at: tuple[str, ...] | None = None
) -> Sample:
    return Sample("alpha_vantage", request, routes, rows, _KEY, at, NOW)


_CHAIN_DAY = asked("options", start=date(2026, 11, 18), end=date(2026, 11, 18))
SAMPLES: tuple[Sample, ...] = (
    _sample(asked("bars"), {route("TIME_SERIES_DAILY"): DAILY}, {"bars": 3}),
    _sample(asked("bars", EURO), {route("FX_DAILY"): EUROS}, {"bars": 2}),
    _sample(asked("bars", COIN), {route("DIGITAL_CURRENCY_DAILY"): COINS}, {"bars": 2}),
    _sample(asked("intraday", detail="1m"), {route("TIME_SERIES_INTRADAY"): MINUTES}, {"bars_intraday": 2}),
    _sample(asked("actions"), {route("DIVIDENDS"): DIVIDENDS, route("SPLITS"): SPLITS}, {"actions": 3}),
    _sample(_CHAIN_DAY, {route("HISTORICAL_OPTIONS"): CHAIN}, {"option_quotes": 4}, ("data",)),
    _sample(asked("profile"), {route("OVERVIEW"): OVERVIEW}, {"profiles": 1}),
    _sample(asked("lookup"), {route("LISTING_STATUS"): ACTIVE}, {"securities": 2}),
    _sample(
        asked("listings"),
        {
            route("LISTING_STATUS", "&state=active"): ACTIVE,
            route("LISTING_STATUS", "&state=delisted"): DELISTED,
        },
        {"listings": 3},
    ),
    _sample(asked("news"), {route("NEWS_SENTIMENT"): NEWS}, {"headlines": 3}, ("feed",)),
    _sample(asked("sentiment"), {route("NEWS_SENTIMENT"): NEWS}, {"sentiment": 2}),
)

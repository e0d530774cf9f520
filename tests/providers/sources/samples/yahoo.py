"""Answers in the form of Yahoo's, written by hand: a stock that split 4 for 1 on 2020-08-31."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

from providers.source import Request, Subject
from tests.providers.sources.loopback import Sample

STOCK = Subject("us-equity:ZZZ", "ZZZ", name="Zzz Corp.")
COIN = Subject("crypto:BTCUSD", "BTCUSD", market="CRYPTO", asset_class="crypto", calendar="")
NOW = datetime(2020, 9, 2, 15, 0, tzinfo=UTC)  # in the middle of a session

META = {
    "currency": "USD", "symbol": "ZZZ", "exchangeName": "NMS", "instrumentType": "EQUITY",
    "firstTradeDate": 1577975400, "regularMarketTime": 1599057000, "exchangeTimezoneName": "America/New_York",
    "longName": "Zzz Corporation",
}  # fmt: skip


def stamp(day: int, month: int = 8, hour: int = 13, minute: int = 30) -> int:
    return int(datetime(2020, month, day, hour, minute, tzinfo=UTC).timestamp())


def chart(
    stamps: list[int], quote: dict[str, list[Any]], events: dict[str, Any] | None = None, **meta: Any
) -> bytes:
    result = {
        "meta": {**META, **meta}, "timestamp": stamps, "events": events or {}, "indicators": {"quote": [quote]},
    }  # fmt: skip
    return json.dumps({"chart": {"result": [result], "error": None}}).encode()


SPLIT = {"date": stamp(31), "numerator": 4, "denominator": 1, "splitRatio": "4:1"}
DAILY = chart(
    [stamp(27), stamp(28), stamp(31), stamp(1, 9), stamp(2, 9)],
    {
        "open": [100.0, 101.0, 102.0, None, 105.0], "high": [101.5, 102.5, 104.0, None, 106.0],
        "low": [99.5, 100.5, 101.0, None, 104.0], "close": [101.0, 102.0, 103.0, None, 105.5],
        "volume": [4000, 8000, 1000, None, 10],
    },
    {"splits": {"1": SPLIT}, "dividends": {"2": {"amount": 0.2, "date": stamp(27)}}},
)  # fmt: skip

MINUTES = chart(
    [stamp(1, 9, 13, 30), stamp(1, 9, 13, 31)],
    {
        "open": [10.0, 10.2], "high": [10.3, 10.4], "low": [9.9, 10.1], "close": [10.2, 10.3],
        "volume": [100, 200],
    },
)  # fmt: skip

COINS = chart(
    [stamp(30, hour=0, minute=0), stamp(31, hour=0, minute=0)],
    {
        "open": [11500.0, 11700.0], "high": [11800.0, 11800.0], "low": [11400.0, 11600.0],
        "close": [11700.0, 11650.0], "volume": [5, 6],
    },
    exchangeName="CCC", exchangeTimezoneName="UTC",
)  # fmt: skip


def contract(right: str, strike: float, bid: float, ask: float) -> dict[str, Any]:
    return {
        "contractSymbol": f"ZZZ201218{right}{int(strike * 1000):08d}", "strike": strike, "currency": "USD",
        "lastPrice": 5.0, "volume": 3, "openInterest": 40, "bid": bid, "ask": ask, "contractSize": "REGULAR",
        "expiration": 1608249600, "lastTradeDate": 1599000000, "impliedVolatility": 0.4,
    }  # fmt: skip


CHAIN = json.dumps(
    {
        "optionChain": {
            "result": [
                {
                    "underlyingSymbol": "ZZZ",
                    "expirationDates": [1608249600],
                    "quote": {"regularMarketPrice": 105.5, "currency": "USD"},
                    "options": [
                        {
                            "expirationDate": 1608249600,
                            "calls": [contract("C", 100.0, 8.0, 8.2), contract("C", 250.0, 0, 0)],
                            "puts": [contract("P", 100.0, 3.0, 3.1)],
                        }
                    ],
                }
            ],
            "error": None,
        }
    }
).encode()

PROFILE = json.dumps(
    {
        "quoteSummary": {
            "result": [
                {
                    "assetProfile": {
                        "sector": "Technology", "industry": "Letters", "country": "United States",
                        "city": "Zanesville", "website": "https://zzz.example", "fullTimeEmployees": 12,
                        "longBusinessSummary": "Makes the last letter.",
                    },
                    "defaultKeyStatistics": {"sharesOutstanding": 1000000},
                }
            ],
            "error": None,
        }
    }
).encode()  # fmt: skip

NEWS = json.dumps(
    {
        "news": [
            {
                "uuid": "n-1", "title": "Zzz splits its shares", "publisher": "The Paper",
                "link": "https://paper.example/zzz", "providerPublishTime": 1598880000,
            },
            {
                "uuid": "n-2", "title": "Zzz after the split", "publisher": "The Paper",
                "link": "https://paper.example/zzz2", "providerPublishTime": 1598966400,
            },
        ]
    }
).encode()  # fmt: skip


def asked(dataset: str, subject: Subject = STOCK, *days: date, detail: str = "") -> Request:
    start, end = days if days else (None, None)
    return Request(dataset, subject, start, end, detail)


_CHART = "/v8/finance/chart/"
SAMPLES: tuple[Sample, ...] = (
    Sample("yahoo", asked("bars"), {f"{_CHART}ZZZ": DAILY}, {"bars": 3, "actions": 2}, {}, None, NOW),
    Sample("yahoo", asked("bars", COIN), {f"{_CHART}BTC-USD": COINS}, {"bars": 2}, {}, None, NOW),
    Sample("yahoo", asked("actions"), {f"{_CHART}ZZZ": DAILY}, {"actions": 2}, {}, None, NOW),
    Sample(
        "yahoo",
        asked("intraday", STOCK, date(2020, 9, 1), date(2020, 9, 1), detail="1m"),
        {f"{_CHART}ZZZ?interval=1m": MINUTES, f"{_CHART}ZZZ": DAILY},
        {"bars_intraday": 2}, {}, None, NOW,
    ),
    Sample("yahoo", asked("options"), {"/v7/finance/options/ZZZ": CHAIN}, {"option_quotes": 3}, {}, None, NOW),
    Sample(
        "yahoo", asked("profile"), {"/v10/finance/quoteSummary/ZZZ": PROFILE}, {"profiles": 1}, {}, None, NOW
    ),
    Sample("yahoo", asked("news"), {"/v1/finance/search": NEWS}, {"headlines": 2}, {}, ("news",), NOW),
    Sample("yahoo", asked("lookup"), {f"{_CHART}ZZZ": DAILY}, {"securities": 2}, {}, None, NOW),
)  # fmt: skip

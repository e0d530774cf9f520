"""Answers in the form of Massive's, written by hand."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

from providers.source import Request, Subject
from tests.providers.sources.loopback import Sample

STOCK = Subject("us-equity:ZZZ", "ZZZ", name="Zzz Corp.")
EURO = Subject("fx:EURUSD", "EURUSD", "CURNCY", "currency", calendar="")
NOW = datetime(2026, 11, 19, 15, 0, tzinfo=UTC)  # in the middle of a session
FROM, TO = date(2026, 11, 16), date(2026, 11, 19)


def millis(day: int, hour: int = 5, minute: int = 0) -> int:
    return int(datetime(2026, 11, day, hour, minute, tzinfo=UTC).timestamp() * 1000)


def answer(results: Any, **more: Any) -> bytes:
    return json.dumps({"status": "OK", "request_id": "r", "results": results, **more}).encode()


def bar(at: int, price: float, volume: float = 1000.0) -> dict[str, float]:
    return {
        "t": at,
        "o": price,
        "h": price + 1,
        "l": price - 1,
        "c": price + 0.5,
        "v": volume,
        "vw": price,
        "n": 9,
    }


DAILY = answer([bar(millis(16), 100), bar(millis(17), 101), bar(millis(18), 102), bar(millis(19), 103)])
MINUTES = answer([bar(millis(18, 14, 30), 100, 10.0), bar(millis(18, 14, 31), 101, 20.0)])
EUROS = answer([bar(millis(17, 0), 2.1), bar(millis(18, 0), 2.2)])
SPLITS = answer(
    [{"execution_date": "2026-11-17", "split_from": 1, "split_to": 4, "ticker": "ZZZ", "id": "s"}]
)
_PAID = {
    "ex_dividend_date": "2026-11-18",
    "pay_date": "2026-12-01",
    "record_date": "2026-11-19",
    "ticker": "ZZZ",
}
DIVIDENDS = answer(
    [
        {
            "cash_amount": 0.25,
            "declaration_date": "2026-10-29",
            "dividend_type": "CD",
            "currency": "USD",
            **_PAID,
        },
        {
            "cash_amount": 1.0,
            "declaration_date": "2026-11-02",
            "dividend_type": "SC",
            "currency": "USD",
            **_PAID,
        },
    ]
)
CONTRACT = {
    "day": {"close": 8.1, "volume": 12, "last_updated": millis(18) * 1_000_000},
    "details": {
        "contract_type": "call", "exercise_style": "american", "expiration_date": "2026-12-18",
        "shares_per_contract": 100, "strike_price": 100, "ticker": "O:ZZZ261218C00100000",
    },
    "greeks": {"delta": 0.6, "gamma": 0.01, "theta": -0.02, "vega": 0.3}, "implied_volatility": 0.4,
    "last_quote": {
        "ask": 8.2, "ask_size": 10, "bid": 8.0, "bid_size": 11,
        "last_updated": millis(19, 14, 45) * 1_000_000 + 123,
    },
    "open_interest": 40, "underlying_asset": {"price": 103.5, "ticker": "ZZZ"},
}  # fmt: skip
PUT = {
    **CONTRACT,
    "details": {**CONTRACT["details"], "contract_type": "put", "ticker": "O:ZZZ261218P00100000"},
}
CHAIN = answer([CONTRACT, PUT])
DETAILS = answer(
    {
        "ticker": "ZZZ", "name": "Zzz Corporation", "market": "stocks", "locale": "us", "primary_exchange": "XNAS",
        "type": "CS", "active": True, "currency_name": "usd", "cik": "0000000001", "list_date": "2012-05-18",
        "address": {"city": "ZANESVILLE", "state": "OH"}, "description": "Makes the last letter.",
        "sic_code": "3571", "sic_description": "LETTERS", "homepage_url": "https://zzz.example",
        "total_employees": 12, "share_class_shares_outstanding": 1_000_000,
    }
)  # fmt: skip
EVENTS = answer(
    {
        "name": "Zzz Corporation",
        "events": [
            {"ticker_change": {"ticker": "ZZZ"}, "type": "ticker_change", "date": "2022-06-09"},
            {"ticker_change": {"ticker": "YYY"}, "type": "ticker_change", "date": "2012-05-18"},
        ],
    }
)
_LISTED = {"ticker": "ZZZ", "name": "Zzz", "market": "stocks", "primary_exchange": "XNYS", "type": "CS"}
ACTIVE = answer([{**_LISTED, "primary_exchange": "XNAS", "active": True}])
DELISTED = answer([{**_LISTED, "active": False, "delisted_utc": "2009-03-02T05:00:00Z"}])


def headline(name: str, at: str, sentiment: str) -> dict[str, Any]:
    return {
        "id": name, "publisher": {"name": "The Paper"}, "title": f"About Zzz, {name}", "published_utc": at,
        "article_url": f"https://paper.example/{name}", "tickers": ["ZZZ"], "description": "What it says.",
        "insights": [{"ticker": "ZZZ", "sentiment": sentiment}, {"ticker": "AAA", "sentiment": "negative"}],
    }  # fmt: skip


NEWS = answer(
    [
        headline("n1", "2026-11-17T14:00:00Z", "positive"),
        headline("n2", "2026-11-17T15:00:00Z", "neutral"),
        headline("n3", "2026-11-18T14:00:00Z", "negative"),
    ]
)


def asked(dataset: str, subject: Subject = STOCK, detail: str = "") -> Request:
    return Request(dataset, subject, FROM, TO, detail)


_AGGS = "/v2/aggs/ticker/{}/range/1/{}/2026-11-16/2026-11-20"
_KEY = {"key": "loopback-key"}
_AT = ("results",)
_TICKERS = "/v3/reference/tickers"
SAMPLES: tuple[Sample, ...] = (
    Sample("massive", asked("bars"), {_AGGS.format("ZZZ", "day"): DAILY}, {"bars": 3}, _KEY, _AT, NOW),
    Sample("massive", asked("bars", EURO), {_AGGS.format("C:EURUSD", "day"): EUROS}, {"bars": 2}, _KEY, _AT, NOW),
    Sample(
        "massive", asked("intraday", detail="1m"), {_AGGS.format("ZZZ", "minute"): MINUTES},
        {"bars_intraday": 2}, _KEY, _AT, NOW,
    ),
    Sample(
        "massive", asked("actions"), {"/v3/reference/splits": SPLITS, "/v3/reference/dividends": DIVIDENDS},
        {"actions": 2}, _KEY, _AT, NOW,
    ),
    Sample("massive", asked("options"), {"/v3/snapshot/options/ZZZ": CHAIN}, {"option_quotes": 2}, _KEY, _AT, NOW),
    Sample(
        "massive", asked("lookup"),
        {f"{_TICKERS}/ZZZ": DETAILS, "/vX/reference/tickers/ZZZ/events": EVENTS},
        {"securities": 3, "profiles": 1}, _KEY, None, NOW,
    ),
    Sample(
        "massive", asked("listings"),
        {f"{_TICKERS}/ZZZ": DETAILS, f"{_TICKERS}?active=true": ACTIVE, f"{_TICKERS}?active=false": DELISTED},
        {"listings": 2}, _KEY, None, NOW,
    ),
    Sample("massive", asked("profile"), {f"{_TICKERS}/ZZZ": DETAILS}, {"profiles": 1}, _KEY, None, NOW),
    Sample("massive", asked("news"), {"/v2/reference/news": NEWS}, {"headlines": 3}, _KEY, _AT, NOW),
    Sample("massive", asked("sentiment"), {"/v2/reference/news": NEWS}, {"sentiment": 2}, _KEY, None, NOW),
)  # fmt: skip

"""Answers in the form of Alpaca's, written by hand."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

from providers.source import Request, Subject
from tests.providers.sources.loopback import Sample

STOCK = Subject("us-equity:ZZZ", "ZZZ", name="Zzz Corp.")
COIN = Subject("crypto:BTCUSD", "BTCUSD", "CRYPTO", "crypto", calendar="")
NOW = datetime(2026, 11, 19, 15, 0, tzinfo=UTC)  # in the middle of a session
FROM, TO = date(2026, 11, 16), date(2026, 11, 19)
KEY = {"id": "loopback-id", "secret": "loopback-secret"}


def bar(at: str, price: float, volume: float = 1000) -> dict[str, Any]:
    return {
        "t": at, "o": price, "h": price + 1, "l": price - 1, "c": price + 0.5, "v": volume, "n": 9, "vw": price,
    }  # fmt: skip


def bars(symbol: str, *told: dict[str, Any], token: str | None = None) -> bytes:
    return json.dumps({"bars": {symbol: list(told)} if told else {}, "next_page_token": token}).encode()


DAILY = bars("ZZZ", *(bar(f"2026-11-{day}T05:00:00Z", 84 + day) for day in (16, 17, 18, 19)))
MINUTES = bars("ZZZ", bar("2026-11-18T14:30:00Z", 100, 10), bar("2026-11-18T14:31:00Z", 101, 20))
HOURS = bars(
    "BTC/USD",
    bar("2026-11-17T00:00:00Z", 100, 0.5), bar("2026-11-17T13:00:00Z", 110, 0.75),
    bar("2026-11-17T23:00:00Z", 105, 1.0), bar("2026-11-18T00:00:00Z", 106, 2.0),
    bar("2026-11-19T00:00:00Z", 107, 2.0),
)  # fmt: skip
ACTIONS = json.dumps(
    {
        "corporate_actions": {
            "forward_splits": [
                {
                    "id": "1", "symbol": "ZZZ", "ex_date": "2026-11-17", "new_rate": 4, "old_rate": 1,
                    "record_date": "2026-11-16", "payable_date": "2026-11-16", "process_date": "2026-11-17",
                }
            ],
            "cash_dividends": [
                {
                    "id": "2", "symbol": "ZZZ", "ex_date": "2026-11-18", "rate": 0.25, "special": False,
                    "record_date": "2026-11-18", "payable_date": "2026-12-01", "process_date": "2026-12-01",
                }
            ],
            "stock_and_cash_mergers": [
                {
                    "id": "3", "acquiree_symbol": "ZZZ", "acquiree_rate": 1, "acquirer_symbol": "YYY",
                    "acquirer_rate": 0.5, "cash_rate": 7.25, "effective_date": "2026-11-19",
                    "payable_date": "2026-11-19", "process_date": "2026-11-19",
                }
            ],
        },
        "next_page_token": None,
    }
).encode()  # fmt: skip


def snapshot(price: float) -> dict[str, Any]:
    return {
        "greeks": {"delta": 0.6, "gamma": 0.01, "rho": 0.05, "theta": -0.02, "vega": 0.3},
        "impliedVolatility": 0.4,
        "latestQuote": {
            "ap": price + 0.1, "as": 10, "bp": price, "bs": 11, "t": "2026-11-19T14:45:00.259610112Z",
        },
        "latestTrade": {"p": price, "s": 1, "t": "2026-11-18T19:58:16.034908416Z"},
    }  # fmt: skip


CHAIN = json.dumps(
    {
        "snapshots": {"ZZZ261218C00100000": snapshot(8.0), "ZZZ261218P00102500": snapshot(5.0)},
        "next_page_token": None,
    }
).encode()


def headline(name: int, at: str) -> dict[str, Any]:
    return {
        "id": name, "headline": f"About Zzz, {name}", "source": "benzinga", "summary": "", "created_at": at,
        "updated_at": at, "url": f"https://paper.example/{name}", "symbols": ["ZZZ"],
    }  # fmt: skip


NEWS = json.dumps(
    {
        "news": [headline(1, "2026-11-17T14:00:00Z"), headline(2, "2026-11-18T14:00:00Z")],
        "next_page_token": None,
    }
).encode()
ASSET = json.dumps(
    {
        "id": "a", "class": "us_equity", "exchange": "NASDAQ", "symbol": "ZZZ", "name": "Zzz Corp. Common Stock",
        "status": "active", "tradable": True,
    }
).encode()  # fmt: skip


def asked(dataset: str, subject: Subject = STOCK, detail: str = "") -> Request:
    return Request(dataset, subject, FROM, TO, detail)


def _sample(
    request: Request, path: str, body: bytes, rows: dict[str, int], at: tuple[str, ...] | None = None
) -> Sample:
    return Sample("alpaca", request, {path: body}, rows, KEY, at, NOW)


_STOCKS, _COINS = "/v2/stocks/bars", "/v1beta3/crypto/us/bars"
SAMPLES: tuple[Sample, ...] = (
    _sample(asked("bars"), _STOCKS, DAILY, {"bars": 3}, ("bars", "ZZZ")),
    _sample(asked("bars", COIN), _COINS, HOURS, {"bars": 2}),
    _sample(asked("intraday", detail="1m"), _STOCKS, MINUTES, {"bars_intraday": 2}, ("bars", "ZZZ")),
    _sample(asked("actions"), "/v1/corporate-actions", ACTIONS, {"actions": 2, "mergers": 1}),
    _sample(asked("options"), "/v1beta1/options/snapshots/ZZZ", CHAIN, {"option_quotes": 2}),
    _sample(asked("news"), "/v1beta1/news", NEWS, {"headlines": 2}, ("news",)),
    _sample(asked("lookup"), "/v2/assets/ZZZ", ASSET, {"securities": 1}),
)

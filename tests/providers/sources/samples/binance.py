"""Binance's candles and symbols in the documented form, written for these tests."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

from providers.source import Request, Subject
from tests.providers.sources.loopback import Sample

BTCUSDT = Subject(
    "crypto:BTCUSDT", "BTCUSDT", "CRYPTO", "crypto", "BTC / USDT, Binance spot", "USDT", "", "24/7"
)


def kline(start: datetime, seconds: int, *prices: str, turnover: str = "1234567.89") -> list[object]:
    opened = int(start.timestamp() * 1000)
    closed = opened + seconds * 1000 - 1
    return [opened, *prices, "12.50000000", closed, turnover, 4321, "6.00000000", "617283.90", "0"]


def day_of(month_day: int, *prices: str) -> list[object]:
    return kline(datetime(2026, 11, month_day, tzinfo=UTC), 86_400, *prices)


DAYS = [
    day_of(17, "98000.10", "99500.00", "97200.00", "99100.00"),
    day_of(18, "99100.00", "99900.00", "98400.00", "98750.50"),
    day_of(19, "98750.50", "101200.00", "98700.00", "101000.00"),
    day_of(20, "101000.00", "101500.00", "100100.00", "100900.00"),  # still running
]
MINUTES = [
    kline(datetime(2026, 11, 19, 0, at, tzinfo=UTC), 60, "98750.0", "98790.0", "98700.0", "98760.0")
    for at in range(3)
]
FIRST = [kline(datetime(2017, 8, 17, tzinfo=UTC), 86_400, "4261.48", "4485.39", "4200.74", "4285.08")]
INFO = {
    "timezone": "UTC",
    "symbols": [{"symbol": "BTCUSDT", "status": "TRADING", "baseAsset": "BTC", "quoteAsset": "USDT"}],
}

SAMPLES: tuple[Sample, ...] = (
    Sample(
        "binance",
        Request("bars", BTCUSDT, date(2026, 11, 17), date(2026, 11, 20)),
        {"/api/v3/klines": json.dumps(DAYS).encode()},
        {"bars": 3},
        {},
        (),
    ),
    Sample(
        "binance",
        Request("intraday", BTCUSDT, date(2026, 11, 19), date(2026, 11, 19), "1m"),
        {"/api/v3/klines": json.dumps(MINUTES).encode()},
        {"bars_intraday": 3},
        {},
        (),
    ),
    Sample(
        "binance",
        Request("lookup", BTCUSDT),
        {
            "/api/v3/exchangeInfo": json.dumps(INFO).encode(),
            "/api/v3/klines": json.dumps(FIRST).encode(),
        },
        {"securities": 1},
        {},
    ),
)

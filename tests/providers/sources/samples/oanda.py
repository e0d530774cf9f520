"""OANDA's candles and instruments in the documented form, written for these tests."""

from __future__ import annotations

import json
from datetime import date

from providers.source import Request, Subject
from tests.providers.sources.loopback import Sample

EURUSD = Subject("fx:EURUSD", "EURUSD", "CURNCY", "currency", "Euro / US dollar", "USD", "", "24/5")
GOLD = Subject("fx:XAUUSD", "XAUUSD", "CURNCY", "commodity", "Gold", "USD", "", "24/5")
SECRETS = {"key": "loopback-token", "environment": "practice"}


def candle(start: str, *prices: str, complete: bool = True) -> dict[str, object]:
    return {
        "time": f"{start}.000000000Z",
        "complete": complete,
        "volume": 812,
        "mid": dict(zip("ohlc", prices, strict=True)),
    }


# New York keeps winter time: 17:00 is 22:00 UTC. The first is Sunday evening, Monday's session.
DAYS = {
    "instrument": "EUR_USD",
    "granularity": "D",
    "candles": [
        candle("2026-11-15T22:00:00", "1.1610", "1.1652", "1.1598", "1.1644"),
        candle("2026-11-16T22:00:00", "1.1644", "1.1660", "1.1601", "1.1612"),
        candle("2026-11-17T22:00:00", "1.1612", "1.1630", "1.1555", "1.1570"),
        candle("2026-11-18T22:00:00", "1.1570", "1.1599", "1.1560", "1.1581", complete=False),
    ],
}
HOURS = {
    "instrument": "XAU_USD",
    "granularity": "H1",
    "candles": [
        candle("2026-11-18T21:00:00", "4010.1", "4012.0", "4004.5", "4008.9"),
        candle("2026-11-18T22:00:00", "4008.9", "4011.3", "4001.0", "4002.2"),
    ],
}
ACCOUNTS = {"accounts": [{"id": "101-001-0000001-001", "tags": []}]}
INSTRUMENTS = {"instruments": [{"name": "EUR_USD", "type": "CURRENCY", "displayName": "EUR/USD"}]}
CANDLES = "/v3/instruments/EUR_USD/candles"

SAMPLES: tuple[Sample, ...] = (
    Sample(
        "oanda",
        Request("bars", EURUSD, date(2026, 11, 16), date(2026, 11, 19)),
        {CANDLES: json.dumps(DAYS).encode()},
        {"bars": 3},
        SECRETS,
        ("candles",),
    ),
    Sample(
        "oanda",
        Request("intraday", GOLD, date(2026, 11, 18), date(2026, 11, 19), "1h"),
        {"/v3/instruments/XAU_USD/candles": json.dumps(HOURS).encode()},
        {"bars_intraday": 2},
        SECRETS,
        ("candles",),
    ),
    Sample(
        "oanda",
        Request("lookup", EURUSD),
        {
            "/v3/accounts": json.dumps(ACCOUNTS).encode(),
            "/v3/accounts/101-001-0000001-001/instruments": json.dumps(INSTRUMENTS).encode(),
        },
        {"securities": 1},
        SECRETS,
    ),
)

"""CoinGecko's lists, charts and candles in the documented form, written for these tests."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

from providers.source import Request, Subject
from tests.providers.sources.loopback import Sample

BTCUSD = Subject("crypto:BTCUSD", "BTCUSD", "CRYPTO", "crypto", "Bitcoin / USD", "USD", "", "24/7")
SECRETS = {"key": "loopback-demo"}


def millis(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


LIST = [
    {"id": "batcat", "symbol": "btc", "name": "batcat", "platforms": {}},
    {"id": "bitcoin", "symbol": "btc", "name": "Bitcoin", "platforms": {}},
    {"id": "ethereum", "symbol": "eth", "name": "Ethereum", "platforms": {}},
]
MARKETS = [
    {"id": "batcat", "symbol": "btc", "name": "batcat", "market_cap_rank": None},
    {"id": "bitcoin", "symbol": "btc", "name": "Bitcoin", "market_cap_rank": 1},
]
CHART = {
    "prices": [
        [millis(datetime(2026, 11, 18, tzinfo=UTC)), 99100.5],
        [millis(datetime(2026, 11, 19, tzinfo=UTC)), 98750.25],
        [millis(datetime(2026, 11, 20, tzinfo=UTC)), 101000.75],
        [millis(datetime(2026, 11, 20, 21, 58, 11, tzinfo=UTC)), 100912.0],  # now: closes nothing
    ],
    "market_caps": [],
    "total_volumes": [],
}
# Four hours each, stamped at the end: the whole of the 18th, and two of the 19th.
CANDLES = [
    [
        millis(datetime(2026, 11, 18, 4, tzinfo=UTC) + timedelta(hours=4 * at)),
        100 + at,
        103 + at,
        99 + at,
        101 + at,
    ]
    for at in range(8)
]
FOUND = {"/coins/list": json.dumps(LIST).encode(), "/coins/markets": json.dumps(MARKETS).encode()}

SAMPLES: tuple[Sample, ...] = (
    Sample(
        "coingecko",
        Request("closes", BTCUSD, date(2026, 11, 17), date(2026, 11, 20)),
        {**FOUND, "/coins/bitcoin/market_chart/range": json.dumps(CHART).encode()},
        {"closes": 3},
        SECRETS,
        ("prices",),
    ),
    Sample(
        "coingecko",
        Request("bars", BTCUSD, date(2026, 11, 17), date(2026, 11, 20)),
        {**FOUND, "/coins/bitcoin/ohlc": json.dumps(CANDLES).encode()},
        {"bars": 1},
        SECRETS,
        (),
    ),
    Sample("coingecko", Request("lookup", BTCUSD), FOUND, {"securities": 1}, SECRETS),
)

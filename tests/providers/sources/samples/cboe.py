"""Cboe's delayed chain in the form in which it answers, written for these tests."""

from __future__ import annotations

import json

from providers.source import Request, Subject
from tests.providers.sources.loopback import Sample

XYZ = Subject("us-equity:XYZ", "XYZ", "US EQUITY", "equity", "Example Corporation")
SPX = Subject("index:SPX", "SPX", "INDEX", "index", "S&P 500")


def option(contract: str, **told: object) -> dict[str, object]:
    usual: dict[str, object] = {
        "option": contract, "bid": 4.1, "bid_size": 12.0, "ask": 4.3, "ask_size": 9.0, "iv": 0.31,
        "open_interest": 250.0, "volume": 17.0, "delta": 0.55, "gamma": 0.02, "vega": 0.12, "theta": -0.05,
        "rho": 0.03, "theo": 4.2, "last_trade_price": 4.25, "last_trade_time": "2026-11-20T15:31:02",
    }  # fmt: skip
    return {**usual, **told}


CHAIN = {
    "timestamp": "2026-11-20 21:40:00",
    "symbol": "XYZ",
    "data": {
        "symbol": "XYZ",
        "security_type": "stock",
        "current_price": 101.5,
        "options": [
            option("XYZ261218C00100000"),
            option("XYZ261218P00100000", delta=-0.45, last_trade_time=None, last_trade_price=0.0),
            option("XYZ261218C00060000", iv=0.0, delta=1.0, gamma=0.0, vega=0.0, theta=0.0, rho=0.0),
            option("XYZ1261218C00100000"),
        ],
    },
}
INDEX = {
    **CHAIN,
    "symbol": "_SPX",
    "data": {
        "symbol": "_SPX",
        "security_type": "index",
        "current_price": 6712.25,
        "options": [option("SPX261218C06700000"), option("SPXW261127P06650000", delta=-0.4)],
    },
}

SAMPLES: tuple[Sample, ...] = (
    Sample(
        "cboe",
        Request("options", XYZ),
        {"/options/XYZ.json": json.dumps(CHAIN).encode()},
        {"option_quotes": 4},
        {},
        ("data", "options"),
    ),
    Sample(
        "cboe",
        Request("options", SPX),
        {"/options/_SPX.json": json.dumps(INDEX).encode()},
        {"option_quotes": 2},
        {},
        ("data", "options"),
    ),
)

"""All sources by name: one module each, imported when first asked for."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from providers.source import Source

# In the order in which they are asked where the user has said nothing else.
NAMES = (
    "massive",
    "alpaca",
    "alpha_vantage",
    "yahoo",
    "oanda",
    "binance",
    "coingecko",
    "cboe",
    "edgar",
    "fred",
    "treasury",
    "kenfrench",
    "worldbank",
    "imf",
    "sp500",
    "newsapi",
    "reddit",
    "google_trends",
)


@cache
def sources() -> dict[str, Source]:
    """Every source, in the default order."""
    return {
        name: import_module(f"providers.{name}").SOURCE for name in NAMES if find_spec(f"providers.{name}")
    }

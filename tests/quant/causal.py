"""A market to try causality on: what is computed up to a day must not change when later days do."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

DAYS, SYMBOLS = 600, 12
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Market:
    """One symbol's bars (n,), a panel of symbols (n, k), factors (n, 3), and characteristics (n, k)."""

    dates: NDArray[np.datetime64]
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    returns: Floats  # (n,) of ``close``; the first is NaN
    closes: Floats  # (n, k)
    panel_returns: Floats  # (n, k), the first row 0
    factors: Floats  # (n, 3)
    risk_free: Floats  # (n,)
    characteristics: Floats  # (n, k)
    sizes: Floats  # (n, k), positive


Case = Callable[[Market], Floats]  # an array whose axis 0 is time, of length DAYS


@cache
def market(seed: int = 7) -> Market:
    rng = np.random.default_rng(seed)
    volatility = np.where(np.arange(DAYS) // 150 % 2, 0.02, 0.008)
    common = rng.normal(0.0003, 1.0, DAYS) * volatility
    panel = 0.8 * common[:, None] + rng.normal(0, 0.01, (DAYS, SYMBOLS))
    panel[0] = 0.0
    closes = 50.0 * np.exp(np.cumsum(panel, axis=0))
    close = closes[:, 0]
    open_ = close * np.exp(rng.normal(0, 0.004, DAYS))
    high = np.maximum(open_, close) * np.exp(np.abs(rng.normal(0, 0.004, DAYS)))
    low = np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0, 0.004, DAYS)))
    returns = np.concatenate([[np.nan], close[1:] / close[:-1] - 1])
    days = np.datetime64("2015-01-01") + np.arange(DAYS)
    return Market(
        days, open_, high, low, close, rng.uniform(1e5, 1e6, DAYS), returns, closes, panel,
        np.column_stack([common, rng.normal(0, 0.005, (DAYS, 2))]), np.full(DAYS, 1e-5),
        rng.normal(0, 1, (DAYS, SYMBOLS)), rng.uniform(1e9, 1e11, (DAYS, SYMBOLS)),
    )  # fmt: skip


def altered(market: Market, last: int, seed: int) -> Market:
    """The same market up to day ``last`` (an index), and another one after it. Bars stay possible bars."""
    rng = np.random.default_rng(seed)
    changed = {}
    shift = np.exp(rng.normal(0, 0.3, DAYS))
    for field in fields(market):
        values = getattr(market, field.name)
        if field.name == "dates":
            continue
        after = values.copy()
        noise = shift if values.ndim == 1 else shift[:, None] * np.exp(rng.normal(0, 0.2, values.shape))
        after[last + 1 :] = (values * noise)[last + 1 :]
        changed[field.name] = after
    return replace(market, **changed)


def packages() -> list[str]:
    import engine.quant as root

    return [found.name for found in pkgutil.iter_modules(root.__path__)]


def cases() -> Mapping[str, Case]:
    """Every case of ``tests.quant.causal_cases``, by "package.function"."""
    found: dict[str, Case] = {}
    for module in _modules():
        found |= getattr(module, "CASES", {})
    return found


def timeless() -> Mapping[str, str]:
    """Public functions that have no causality to lose, with the reason."""
    found: dict[str, str] = {}
    for module in _modules():
        found |= getattr(module, "TIMELESS", {})
    return found


def _modules() -> list[object]:
    import tests.quant.causal_cases as root

    return [importlib.import_module(f"{root.__name__}.{m.name}") for m in pkgutil.iter_modules(root.__path__)]

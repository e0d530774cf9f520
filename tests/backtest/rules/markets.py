"""Markets for the tests of rules and strategies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.backtest.market import Floats, Market


def of_closes(closes: list[list[float]] | Floats, start: str = "2020-01-01") -> Market:
    """A market whose bars are their closes, a session a weekday."""
    close = np.asarray(closes, dtype=np.float64)
    sessions, symbols = close.shape
    return Market(
        np.busday_offset(np.datetime64(start), np.arange(sessions), roll="forward"),
        tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[at] for at in range(symbols)), np.arange(symbols, dtype=np.int64) + 1,
        close, close, close, close, np.where(np.isfinite(close), 1000.0, np.nan),
        np.ones(close.shape), np.zeros(close.shape), np.zeros(close.shape, dtype=np.int64),
        np.full(symbols, -1, dtype=np.int64), np.full(symbols, np.nan),
    )  # fmt: skip


def random(sessions: int = 400, symbols: int = 4, seed: int = 7, gaps: bool = True) -> Market:
    """Random bars with splits, dividends, halts, a late listing and a delisting."""
    rng = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.02, (sessions, symbols)), axis=0))
    opened = close * np.exp(rng.normal(0.0, 0.01, close.shape))
    high = np.maximum(opened, close) * np.exp(np.abs(rng.normal(0.0, 0.01, close.shape)))
    low = np.minimum(opened, close) * np.exp(-np.abs(rng.normal(0.0, 0.01, close.shape)))
    volume = rng.uniform(1e5, 1e6, close.shape)
    made = replace(of_closes(close), open=opened, high=high, low=low, volume=volume)
    if not gaps:
        return made
    blank = rng.random(close.shape) < 0.03
    blank[: sessions // 8, 1] = True
    blank[-sessions // 6 :, 2] = True
    split, dividend, last = made.split.copy(), made.dividend.copy(), made.last.copy()
    split[sessions // 3, 0], dividend[sessions // 4 :: 63, 0] = 2.0, 0.5
    last[2] = sessions - sessions // 6 - 1
    bars = {
        name: np.where(blank, np.nan, getattr(made, name))
        for name in ("open", "high", "low", "close", "volume")
    }
    return replace(made, **bars, split=split, dividend=dividend, last=last)  # type: ignore[arg-type]

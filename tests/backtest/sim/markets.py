"""Markets for the tests of the simulation: written out by hand, or random ones with actions and holes."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.backtest.market import Market

PANELS = ("open", "high", "low", "close", "volume")


def market(rows: int, columns: int = 1, **given: Any) -> Market:
    """A market of quiet bars at 100, with what is given in place: (rows,) for one symbol, or (rows, columns)."""
    shape = (rows, columns)
    close = _panel(given.pop("close", 100.0), shape)
    values: dict[str, Any] = {
        "dates": np.datetime64("2024-01-01") + np.arange(rows),
        "symbols": tuple("ABCDEFGHIJ"[:columns]),
        "ids": np.arange(columns),
        "open": close.copy(),
        "close": close,
        "volume": np.full(shape, 1e6),
        "split": np.ones(shape),
        "dividend": np.zeros(shape),
        "pay": np.zeros(shape, dtype=np.int64),
        "last": np.full(columns, -1),
        "final_return": np.full(columns, np.nan),
    }
    values["mergers"] = given.pop("mergers", ())
    for name, value in given.items():
        like = values.get(name, close)
        values[name] = _panel(value, np.shape(like)) if np.ndim(like) == 2 else np.asarray(value)
    values["pay"] = values["pay"].astype(np.int64)
    values.setdefault("high", np.maximum(values["open"], close))
    values.setdefault("low", np.minimum(values["open"], close))
    return Market(**values)


def _panel(value: Any, shape: tuple[int, ...]) -> np.ndarray:
    given = np.asarray(value, dtype=np.float64)
    return np.broadcast_to(given[:, None] if given.ndim == 1 else given, shape).copy()


def random_market(
    seed: int, rows: int = 50, columns: int = 4, actions: bool = False, holes: bool = False
) -> Market:
    """Prices in cents; splits, dividends paid later and a delisting; sessions without a bar."""
    rng = np.random.default_rng(seed)
    close = 50 * np.exp(np.cumsum(rng.normal(0, 0.02, (rows, columns)), axis=0))
    open_ = close * np.exp(rng.normal(0, 0.01, close.shape))
    bars = {
        "open": open_,
        "high": np.maximum(open_, close) * 1.01,
        "low": np.minimum(open_, close) * 0.99,
        "close": close,
    }
    bars = {name: np.round(each, 2) for name, each in bars.items()}
    bars["volume"] = rng.integers(1_000, 100_000, close.shape).astype(float)
    extra: dict[str, Any] = {"dates": np.datetime64("2020-01-01") + np.cumsum(rng.integers(1, 4, rows))}
    missing = np.zeros(close.shape, dtype=bool)
    if holes:
        missing = rng.random(close.shape) < 0.1
        missing[0] = False
    if actions:
        extra |= _actions(rng, rows, columns)
        missing[rows // 2, 0], missing[rows // 2 + 1 :, 0] = False, True
    for each in bars.values():
        each[missing] = np.nan
    return market(rows, columns, **bars, **extra)


def _actions(rng: np.random.Generator, rows: int, columns: int) -> dict[str, Any]:
    split, dividend = np.ones((rows, columns)), np.zeros((rows, columns))
    pay = np.zeros((rows, columns))
    for _ in range(4):
        split[rng.integers(1, rows), rng.integers(columns)] = rng.choice([2.0, 0.1, 1.5, 7.0])
        row, column = rng.integers(1, rows), rng.integers(columns)
        dividend[row, column], pay[row, column] = round(rng.uniform(0.1, 2), 2), rng.integers(0, 15)
    last, final = np.full(columns, -1), np.full(columns, np.nan)
    last[0], final[0] = rows // 2, rng.choice([np.nan, -0.3])
    return {"split": split, "dividend": dividend, "pay": pay, "last": last, "final_return": final}


def random_target(seed: int, shape: tuple[int, int], scale: float = 1.0) -> np.ndarray:
    """Now and then a weight; no opinion most of the time."""
    rng = np.random.default_rng(seed)
    chosen = rng.choice([np.nan, 0, 1, -1, 0.5], shape, p=[0.6, 0.15, 0.1, 0.1, 0.05])
    found: np.ndarray = chosen * scale
    return found

"""Boards written out by hand, or random; a ledger told as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.backtest.currencies import Entry
from engine.backtest.futures import Board, Contract, FuturesRun
from engine.backtest.money import MINOR

NAN = np.nan
PANELS = ("open", "high", "low", "close", "settle", "volume", "open_interest")


def day(text: str) -> np.datetime64:
    return np.datetime64(text, "D")


def contract(name: str, last: str, notice: str = "NaT", **more: Any) -> Contract:
    """Multiplier 50, tick 0.25, in dollars, settled in cash."""
    given = {"multiplier": 50.0, "currency": "USD", "tick": 0.25, "settlement": "cash"} | more
    month = np.datetime64(last, "M").astype("datetime64[D]")
    return Contract(name, month, last_trade=day(last), first_notice=day(notice), **given)


def board(dates: Sequence[str], contracts: Sequence[Contract], **panels: Any) -> Board:
    """``settle`` (rows by contracts) is needed; open and close are the settlement unless given."""
    settle = np.array(panels.pop("settle"), dtype=float)
    close = np.array(panels.pop("close", settle), dtype=float)
    given: dict[str, np.ndarray] = {"settle": settle, "close": close, "open": close.copy()}
    given |= {name: np.array(each, dtype=float) for name, each in panels.items()}
    given.setdefault("high", np.fmax(given["open"], close))
    given.setdefault("low", np.fmin(given["open"], close))
    for name in ("volume", "open_interest"):
        given.setdefault(name, np.full(settle.shape, 1_000.0))
    return Board(np.array(dates, dtype="datetime64[D]"), tuple(contracts), **given)


def random_board(seed: int, rows: int = 60, count: int = 4, parity: bool = False, tick: float = 0.0) -> Board:
    """Contracts that end some 12 weekdays apart, each listed for 30 sessions before; ``parity``: all at one price."""
    rng = np.random.default_rng(seed)
    days = np.arange(np.datetime64("2023-01-02"), np.datetime64("2023-12-31"))
    days = days[np.is_busday(days)][:rows]
    ends = [days[min(14 + 13 * place, rows - 1)] for place in range(count - 1)] + [
        np.datetime64("2024-06-21")
    ]
    names = [f"X{place}" for place in range(count)]
    terms = [contract(name, str(end), tick=tick) for name, end in zip(names, ends, strict=True)]
    spot = np.round(100 * np.exp(np.cumsum(rng.normal(0, 0.01, rows))), 2)
    carry = np.zeros(count) if parity else np.round(rng.uniform(0.2, 1.5, count).cumsum(), 2)
    close = spot[:, None] + carry
    open_ = np.vstack([close[:1], close[:-1]]) + np.round(rng.normal(0, 0.3, (rows, 1)), 2)
    listed = days[:, None] <= np.array(ends)[None, :]
    for each in (close, open_):
        each[~listed] = NAN
    volume = rng.integers(10, 5_000, close.shape).astype(float)
    interest = rng.integers(10, 5_000, close.shape).astype(float)
    return board(
        days, terms, settle=close, open=open_, volume=np.where(listed, volume, NAN),
        open_interest=np.where(listed, interest, NAN),
    )  # fmt: skip


def table(run: FuturesRun, currency: str = "USD") -> list[tuple[Any, ...]]:
    """From bookings, a session: cash of a currency, contract, how many, variation, fees, margin, equity."""
    rows: list[tuple[Any, ...]] = []
    cash = 0
    entries = [each for each in run.result.ledger if isinstance(each, Entry)]
    for place, date in enumerate(run.result.dates):
        paid, fees = 0, 0
        for each in entries:
            if each.date != date or each.currency != currency:
                continue
            cash += each.amount
            assert each.balance == cash
            paid += each.amount if each.kind in ("variation", "trade", "roll") else 0
            fees -= each.amount if each.kind == "commission" else 0
        rows.append(
            (
                cash / MINOR, run.contracts[place][0], run.position[place, 0], paid / MINOR, fees / MINOR,
                run.margin[place], float(run.result.equity[place]),
            )
        )  # fmt: skip
    return rows

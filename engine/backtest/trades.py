"""Fills told as trades: each position from flat to flat, with what it made and what it cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.backtest.market import Floats, Market
from engine.backtest.result import Trades
from engine.backtest.tape import Fill, Flow, Tape
from engine.backtest.trades_paired import columns_of, joined, paired
from engine.backtest.trades_stepped import FLAT, stepped

FLOATS = ("entry_price", "exit_price", "shares", "pnl", "costs", "return_", "mae", "mfe")


def trades_of(market: Market, tape: Tape) -> Trades:
    """The trades of a run's fills; a dividend goes to the trade that was entitled to it.

    Prices and shares of a trade are in those of its exit's session: over a split of two, what was paid for one
    share is the price of two. A fill that turns a position round ends one trade and begins another, its costs by
    shares. What is still held at the end is a trade valued at its last close.
    """
    if not tape.batches:
        return _columns(
            market, _followed(market, tape, [(place, fill) for place, fill in enumerate(tape.fills)])
        )
    other = (market.split != 1.0).any(axis=0)
    other[[flow.column for flow in tape.flows]] = True
    other[[fill.column for fill in tape.fills]] = True
    figures, rest = paired(market, columns_of(tape), other)
    free = ~other[rest.column]
    steps = stepped(market, rest.part(np.flatnonzero(free)))
    if steps is not None:
        figures, rest = joined(figures, steps), rest.part(np.flatnonzero(~free))
    singles = [(place, fill) for place, fill in enumerate(tape.fills)]
    return _columns(market, _followed(market, tape, [*rest.fills(), *singles]), figures)


def _followed(market: Market, tape: Tape, fills: list[tuple[int, Fill]]) -> list[dict[str, Any]]:
    """Trades fill by fill; ``fills`` with the place of each among those told one by one."""
    told: dict[int, list[tuple[int, int, int, Fill | Flow]]] = defaultdict(list)
    for place, flow in enumerate(tape.flows):
        told[flow.column].append((flow.row, 0, place, flow))
    for place, fill in fills:  # of one place a batch's come before the single one
        told[fill.column].append((fill.row, 1, place, fill))
    factors = market.forward_factor()
    rows: list[dict[str, Any]] = []
    for column in sorted(told):
        teller = _Teller(market, column, factors[:, column])
        for _, _, _, one in sorted(told[column], key=lambda line: line[:3]):
            if isinstance(one, Fill):
                teller.fill(one)
            elif teller.position is not None:
                teller.position.pnl += one.cash
        teller.value(len(market.dates) - 1)
        rows.extend(teller.rows)
    return rows


def _columns(market: Market, rows: list[dict[str, Any]], figures: Mapping[str, Any] | None = None) -> Trades:
    """Trades told one by one and (``figures``) as columns, together in order of symbol."""

    def column(name: str, kind: type = np.float64) -> Any:
        own: Any = np.array([row[name] for row in rows], dtype=kind)
        return own if figures is None else np.concatenate([figures[name], own])[order]

    def reasons(name: str) -> tuple[str, ...]:
        own: list[str] = [row[name] for row in rows]
        if figures is None:
            return tuple(own)
        every = [*figures[name], *own]
        return tuple(every[at] for at in order.tolist())

    symbols = np.array([row["symbol"] for row in rows], dtype=np.int64)
    if figures is not None:
        symbols = np.concatenate([figures["symbol"], symbols])
    order = np.argsort(symbols, kind="stable")
    return Trades(
        market.dates,
        market.symbols,
        entry_reasons=reasons("entry_reason"),
        exit_reasons=reasons("exit_reason"),
        open=column("open", np.bool_),
        **{name: column(name, np.int64) for name in ("symbol", "entry", "exit")},
        **{name: column(name) for name in FLOATS},
    )


@dataclass(slots=True)
class _Position:
    """What is open of one symbol, in shares of the market's first session (those before every split)."""

    entry: int
    reason: str
    shares: float = 0.0
    opened: float = 0.0
    opened_for: float = 0.0
    closed: float = 0.0
    closed_for: float = 0.0
    pnl: float = 0.0
    costs: float = 0.0

    def add(self, shares: float, worth: float, paid: float, cost: float) -> None:
        """``worth``: shares times price; ``paid``: what the account got for them."""
        if shares * (self.shares or shares) > 0:
            self.opened += shares
            self.opened_for += worth
        else:
            self.closed += shares
            self.closed_for += worth
        self.shares += shares
        self.pnl += paid
        self.costs += cost


class _Teller:
    """Follows one symbol's fills."""

    def __init__(self, market: Market, column: int, factor: Floats) -> None:
        self.close = market.close[:, column] * factor
        self.factor = factor
        self.column = column
        self.position: _Position | None = None
        self.rows: list[dict[str, Any]] = []

    def fill(self, fill: Fill) -> None:
        shares, worth = fill.shares / float(self.factor[fill.row]), fill.shares * fill.price
        paid, cost, position = fill.paid, fill.cost, self.position
        if position is not None and shares * position.shares < 0:
            part = min(abs(position.shares / shares), 1.0)
            if 1 - part <= FLAT:
                part = 1.0
            position.add(shares * part, worth * part, paid * part, cost * part)
            if abs(position.shares) <= FLAT * abs(position.opened):
                self.end(fill.row, fill.exit)
            if part == 1.0:
                return
            shares, worth, paid, cost = (x * (1 - part) for x in (shares, worth, paid, cost))
        if self.position is None:
            self.position = _Position(fill.row, fill.entry)
        self.position.add(shares, worth, paid, cost)

    def value(self, row: int) -> None:
        """What is still held, at its last close."""
        position = self.position
        if position is None:
            return
        held = self.close[: row + 1]
        worth = position.shares * float(held[np.isfinite(held)][-1])
        position.add(-position.shares, -worth, worth, 0.0)
        self.end(row, "", still=True)

    def end(self, row: int, reason: str, still: bool = False) -> None:
        """Writes the trade."""
        position = self.position
        if position is None:
            return
        entry, out = position.opened_for / position.opened, position.closed_for / position.closed
        seen, long = self.close[position.entry : row], position.opened > 0
        low = (
            float(np.fmin.reduce(seen, initial=out)) / entry - 1.0
        )  # both pass over sessions without a close
        high = float(np.fmax.reduce(seen, initial=out)) / entry - 1.0
        factor = float(self.factor[row])
        self.rows.append(
            {
                "symbol": self.column,
                "entry": position.entry,
                "exit": row,
                "entry_price": entry / factor,
                "exit_price": out / factor,
                "shares": position.opened * factor,
                "pnl": position.pnl,
                "costs": position.costs,
                "return_": position.pnl / abs(position.opened_for),
                "mae": low if long else -high,
                "mfe": high if long else -low,
                "open": still,
                "entry_reason": position.reason,
                "exit_reason": reason,
            }
        )
        self.position = None

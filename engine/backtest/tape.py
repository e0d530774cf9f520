"""What a simulation did, in order, from which trades, costs and turnover are told afterwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from engine.backtest.market import Floats
from engine.backtest.result import Ints


class Fill(NamedTuple):
    """Shares (negative sold) at a price; ``reference`` is the price before spread, slippage and impact."""

    row: int
    column: int
    shares: float
    price: float
    reference: float
    commission: float
    entry: str
    exit: str

    @property
    def paid(self) -> float:
        """What it brought the account."""
        return -self.shares * self.price - self.commission

    @property
    def cost(self) -> float:
        """Commission, and what the fill was worse than its reference."""
        return abs(self.shares) * abs(self.price - self.reference) + self.commission


class Batch(NamedTuple):
    """Fills of one session and many symbols, (m,) each; ``reasons``: places in the tape's ``names``. ``after``: how
    many single fills were told before it."""

    row: int
    after: int
    columns: Ints
    shares: Floats
    price: Floats
    reference: Floats
    commission: Floats
    reasons: Ints


class Flow(NamedTuple):
    """Cash that a position brought without a trade."""

    row: int
    column: int
    cash: float


@dataclass(slots=True)
class Tape:
    """Fills, flows, costs by kind and session (positive where the account paid), and notional traded by session."""

    fills: list[Fill] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    names: tuple[str, ...] = ()
    flows: list[Flow] = field(default_factory=list)
    costs: dict[str, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    traded: dict[int, float] = field(default_factory=dict)

    def fill(self, fill: Fill, rates: Mapping[str, float]) -> None:
        """A trade's fill, its costs by kind: ``rates`` as fractions of the reference."""
        self.fills.append(fill)
        self.cost(fill.row, "commission", fill.commission)
        for kind, rate in rates.items():
            self.cost(fill.row, kind, abs(fill.shares) * fill.reference * rate)
        self.traded[fill.row] = self.traded.get(fill.row, 0.0) + abs(fill.shares) * fill.price

    def batch(
        self,
        row: int,
        columns: Ints,
        what: tuple[Floats, Floats, Floats, Floats],
        reasons: Ints,
        rates: Mapping[str, Floats | float],
    ) -> None:
        """Fills of a session: shares, prices, references and commissions, and their costs by kind."""
        shares, price, reference, fee = what
        size = np.abs(shares)
        self.batches.append(Batch(row, len(self.fills), columns, *what, reasons))
        self.cost(row, "commission", float(fee.sum()))
        notional = size * reference
        for kind, rate in rates.items():
            if isinstance(rate, float):
                self.cost(row, kind, rate and rate * float(notional.sum()))
            else:
                self.cost(row, kind, float((notional * rate).sum()))
        self.traded[row] = self.traded.get(row, 0.0) + float((size * price).sum())

    def close(self, row: int, column: int, shares: float, price: float, reason: str) -> None:
        """Shares that went without a trade: a split's fraction, a delisting."""
        self.fills.append(Fill(row, column, shares, price, price, 0.0, "", reason))

    def receive(self, row: int, column: int, shares: float, price: float, reason: str) -> None:
        """Shares that came without a trade: a merger's."""
        self.fills.append(Fill(row, column, shares, price, price, 0.0, reason, reason))

    def flow(self, row: int, column: int, cash: float) -> None:
        self.flows.append(Flow(row, column, cash))

    def cost(self, row: int, kind: str, cash: float) -> None:
        if cash:
            by_row = self.costs[kind]
            by_row[row] = by_row.get(row, 0.0) + cash

    def cost_rows(self, rows: int) -> dict[str, Floats]:
        """Costs by kind (rows,)."""
        return {kind: _rows(by_row, rows) for kind, by_row in sorted(self.costs.items())}

    def traded_rows(self, rows: int) -> Floats:
        """Notional bought and sold (rows,)."""
        return _rows(self.traded, rows)


def _rows(by_row: dict[int, float], rows: int) -> Floats:
    found = np.zeros(rows)
    found[list(by_row)] = list(by_row.values())
    return found

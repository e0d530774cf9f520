"""What a simulation did, in order, from which trades, costs and turnover are told afterwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

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
    many single fills were told before it. ``plain``: at the tape's rates, whose costs are added up in the end."""

    row: int
    after: int
    columns: Ints
    shares: Floats
    price: Floats
    reference: Floats
    commission: Floats
    reasons: Ints
    plain: bool


class Flow(NamedTuple):
    """Cash that a position brought without a trade."""

    row: int
    column: int
    cash: float


@dataclass(slots=True)
class Tape:
    """Fills, flows, costs by kind and session (positive where the account paid), and notional traded by session.

    ``rates``: how far fills lie from their references, by kind, where it is the same of all. ``places``: of each
    reason that batches tell, its place in ``names``; None where reasons are these places.
    """

    fills: list[Fill] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    names: tuple[str, ...] = ()
    places: Ints | None = None
    rates: Mapping[str, float] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)
    costs: dict[str, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    traded: dict[int, float] = field(default_factory=dict)
    together: dict[str, tuple[int, Any]] = field(default_factory=dict)

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
        rates: Mapping[str, Floats | float] | None = None,
    ) -> None:
        """Fills of a session: shares, prices, references and commissions; ``rates`` where they are not the tape's."""
        self.batches.append(Batch(row, len(self.fills), columns, *what, reasons, rates is None))
        if rates is not None:
            notional = np.abs(what[0]) * what[2]
            for kind, rate in rates.items():
                self.cost(row, kind, float((notional * rate).sum()))

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
        found = {kind: _rows(by_row, rows) for kind, by_row in self.costs.items()}
        for kind, paid in self._batched(rows):
            if paid.any():
                found[kind] = found[kind] + paid if kind in found else paid
        return dict(sorted(found.items()))

    def _batched(self, rows: int) -> Iterator[tuple[str, Floats]]:
        if not self.batches:
            return
        yield "commission", _by_row(self.batches, self.joint("commission"), rows)
        plain = [each for each in self.batches if each.plain]
        if plain and any(self.rates.values()):
            shares, reference = (_joint(plain, name) for name in ("shares", "reference"))
            notional = _by_row(plain, np.abs(shares) * reference, rows)
            for kind, rate in self.rates.items():
                yield kind, rate * notional

    def traded_rows(self, rows: int) -> Floats:
        """Notional bought and sold (rows,)."""
        found = _rows(self.traded, rows)
        if self.batches:
            found += _by_row(self.batches, np.abs(self.joint("shares")) * self.joint("price"), rows)
        return found

    def joint(self, name: str) -> Any:
        """A value of each fill of all batches, as they came; put together once they are all told."""
        count, found = self.together.get(name, (0, None))
        if count != len(self.batches):
            found = _joint(self.batches, name)
            self.together[name] = len(self.batches), found
        return found


def _joint(batches: list[Batch], name: str) -> Any:
    return np.concatenate([getattr(each, name) for each in batches])


def _by_row(batches: list[Batch], values: Floats, rows: int) -> Floats:
    """Sums by session (rows,) of a value of each fill."""
    places = np.repeat([each.row for each in batches], [len(each.columns) for each in batches])
    return np.asarray(np.bincount(places, values, rows), dtype=np.float64)


def _rows(by_row: dict[int, float], rows: int) -> Floats:
    found = np.zeros(rows)
    found[list(by_row)] = list(by_row.values())
    return found

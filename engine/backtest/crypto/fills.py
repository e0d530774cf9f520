"""Fills of coins and perpetuals: what volume lets through, the price worse by costs, the fee."""

from __future__ import annotations

import math
from dataclasses import replace

from engine.backtest import costs as formulas
from engine.backtest.crypto.books import Linear
from engine.backtest.crypto.inverse import Inverse
from engine.backtest.crypto.terms import CryptoTerms
from engine.backtest.guards import capped
from engine.backtest.market import Floats, Market
from engine.backtest.records import Records
from engine.backtest.result import Costs


class Fills:
    """Trades of one account, one bar after another. The market's volume is in coins."""

    def __init__(
        self, market: Market, costs: Costs, crypto: CryptoTerms, moves: Floats, books: Linear | Inverse,
        records: Records,
    ) -> None:  # fmt: skip
        self.market, self.costs, self.crypto, self.moves = market, costs, crypto, moves
        self.books, self.records, self.lots = books, records, crypto.lots
        self.fee = costs if crypto.maker is None else replace(costs, per_notional=crypto.maker)
        self.taken: dict[int, int] = {}

    def begin(self) -> None:
        """A bar, of whose volume nothing is taken yet."""
        self.taken.clear()

    def affordable(self, weight: float, equity: float, price: float) -> float:
        """Coins that a weight of the equity pays for, costs and all."""
        return float(formulas.wanted(self.fee, weight, equity, price))

    def covered(self, row: int, column: int, units: int, price: float, cash: float) -> float:
        """The part (0 to 1) of a purchase that cash pays once volatility and its own size worsen the price, which
        ``affordable`` knows nothing of; a smaller one moves the price no further."""
        if not self.costs.scaled or not units:
            return 1.0
        quantity = units / self.lots
        filled = price * (1 + sum(self._worse(row, column, quantity, price, math.nan).values()))
        spent = quantity * filled + self._fee(quantity, filled, quantity * filled)
        return min(max(cash, 0.0) / spent, 1.0)

    def within_volume(self, row: int, column: int, units: int) -> int:
        """As much of an order as the part of the bar's volume that may be taken."""
        if self.costs.participation is None or not units:
            return units
        traded = self._volume(row, column)
        limit = math.floor(self.costs.participation * traded * self.lots) if traded > 0 else 0
        step = max(round(self.crypto.step * self.lots), 1)
        left = max(limit - self.taken.get(column, 0), 0) // step * step
        if abs(units) <= left:
            return units
        text = f"Filled {left / self.lots:,.8g} of {abs(units) / self.lots:,.8g}: the part of the volume allowed."
        self.records.tell(row, "partial", self.market.symbols[column], text)
        return left if units > 0 else -left

    def _volume(self, row: int, column: int) -> float:
        """Of a bar in coins, or in inverse contracts at its mean of open and close; NaN where none is known."""
        traded = float(self.market.volume[row, column])
        if self.crypto.face is None:
            return traded
        mean = (float(self.market.open[row, column]) + float(self.market.close[row, column])) / 2
        return traded * mean / self.crypto.face

    def trade(
        self, row: int, column: int, units: int, reference: float, reason: str, limit: float = math.nan,
        kind: str = "trade",
    ) -> float:  # fmt: skip
        """A fill, its fee booked: its price. A liquidation pays its own fee and no slippage beyond its price."""
        if not units:
            return reference
        books, forced, quantity = self.books, kind == "liquidation", units / self.lots
        parts = {} if forced else self._worse(row, column, quantity, reference, limit)
        price = reference * (1 + math.copysign(sum(parts.values()), units))
        if not math.isnan(limit) and (price - limit) * units > 0:
            price = limit  # but for a last bit
        self.records.rounds.move(column, price, books.moved(column))
        books.trade(column, units, price, kind)
        notional = abs(units) * books.each(column, price)
        fee = self.crypto.liquidation_fee * notional if forced else self._fee(quantity, price, notional)
        books.charge(column, "commission", fee, price)
        told = abs(units) * books.each(column, reference)
        self._tell(row, {name: told * part for name, part in parts.items()}, fee, forced)
        self.records.traded(row, notional)
        slipped, value = told * sum(parts.values()), books.value(price)
        self.records.rounds.fill(row, column, quantity, price, value, slipped, fee, reason)
        return price

    def _worse(
        self, row: int, column: int, quantity: float, reference: float, limit: float
    ) -> dict[str, float]:
        """How far the fill lies from its reference, by kind, as fractions of it; a limit lets through what it may."""
        volume, moved = self._volume(row, column), float(self.moves[row, column])
        parts = {
            name: float(part)
            for name, part in formulas.rates(self.costs, quantity, volume, moved).items()
            if part
        }
        side = 1 if quantity > 0 else -1
        part = capped(reference, sum(parts.values()) * reference, side, limit)
        return {name: each * part for name, each in parts.items()}

    def _fee(self, quantity: float, price: float, notional: float) -> float:
        each = price if self.crypto.face is None else notional / abs(quantity)
        return float(formulas.commission(self.fee, abs(quantity), each))

    def _tell(self, row: int, worse: dict[str, float], fee: float, forced: bool) -> None:
        for name, cash in worse.items():
            self.records.tape.cost(row, name, cash)
        self.records.tape.cost(row, "liquidation" if forced else "commission", fee)

"""One fill at a time in plain floats: what ``costs`` and ``exact`` work out over arrays, to the same last bit."""

from __future__ import annotations

from collections.abc import Mapping

from engine.backtest.costs import SLACK, rates
from engine.backtest.exact import CLOSE
from engine.backtest.market import Floats, Market
from engine.backtest.money import FRACTION, MINOR, TICK, WHOLE, amount
from engine.backtest.result import Costs, Terms

_TICKS = float(TICK)


def ticks_of(price: float) -> float:
    """``exact.ticks`` of one price."""
    return float(round(price * _TICKS))


def worth(units: float, lots: int, mark: float) -> float:
    """``exact.amounts`` of one position."""
    value = units * mark * (MINOR / TICK / lots)
    found = float(round(value))
    if abs(value - found) < 0.5 - abs(value) * CLOSE:
        return found
    return float(amount(int(units), lots, int(mark)))


def night(costs: Costs, free: float, short: float, days: float) -> list[tuple[str, float]]:
    """``actions.interest`` of one account over the nights before a session: what is booked, by kind."""
    debit = costs.cash_rate if costs.debit_rate is None else costs.debit_rate
    yearly = [("interest", free * (costs.cash_rate if free >= 0 else debit))]
    if short:
        yearly += [("rebate", short * costs.short_rebate), ("borrow", -short * costs.borrow_rate)]
    told = ((kind, float(round(earned * days / costs.day_count))) for kind, earned in yearly)
    return [(kind, booked) for kind, booked in told if booked]


class Prices:
    """What fills cost and what sizes come to, under the terms of a run."""

    def __init__(self, market: Market, costs: Costs, terms: Terms, moved: Floats | None) -> None:
        self.market, self.costs, self.moved, self.lot = market, costs, moved, terms.lot
        self.lots = FRACTION if terms.fractional else WHOLE
        self.rates: dict[str, float] = (
            {} if costs.scaled else {kind: float(rate) for kind, rate in rates(costs, 0.0, 0.0, 0.0).items()}
        )
        self.worse = sum(self.rates.values())

    def goal(self, weight: float, equity: float, price: float) -> float:
        """Units that a weight of the equity asks for (``costs.wanted``)."""
        costs, outlay = self.costs, price
        if weight > 0:
            outlay = (
                price * (1 + costs.spread / 2 + costs.slippage) * (1 + costs.per_notional) + costs.per_share
            )
        return self.units(weight * max(equity, 0.0) / outlay)

    def units(self, shares: float) -> float:
        """``costs.in_lots`` of one position."""
        if self.lots != WHOLE:
            return float(int(shares * self.lots))
        near = float(round(shares))
        whole = near if abs(near - shares) <= abs(shares) * SLACK else float(int(shares))
        return whole if self.lot == 1 else float(int(whole / self.lot) * self.lot)

    def fill(
        self, row: int, column: int, moved: float, price: float, limit: float | None
    ) -> tuple[float, float, Mapping[str, float] | None]:
        """The price moved by spread, slippage and impact, not beyond a limit, and the commission; the rates that it
        was moved by where they are not those of all fills."""
        shares, side = moved / self.lots, 1.0 if moved > 0 else -1.0
        worse: Mapping[str, float] | None = None
        if self.moved is None:
            filled = price * (1 + side * self.worse) if self.worse else price
        else:
            told = rates(self.costs, shares, self.market.volume[row, column], float(self.moved[row, column]))
            worse = {kind: float(rate) for kind, rate in told.items()}
            filled = price * (1 + side * sum(worse.values()))
        if limit is not None and (filled - limit) * side > 0:
            part = abs(limit - price) / abs(filled - price)
            worse = {kind: rate * part for kind, rate in (self.rates if worse is None else worse).items()}
            filled = limit
        return filled, self._commission(abs(shares), filled), worse

    def _commission(self, count: float, price: float) -> float:
        costs = self.costs
        charged = costs.per_notional * count * price
        if costs.per_share:
            charged = costs.per_share * count + charged
        return max(costs.minimum, charged) if count > 0 else 0.0

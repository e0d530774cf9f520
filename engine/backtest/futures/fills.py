"""What a contract's fill costs: a price worse by spread, slippage and impact, on the tick that is worse."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.backtest import costs as formulas
from engine.backtest.guards import SLACK, capped, on_tick
from engine.backtest.result import Costs


@dataclass(frozen=True, slots=True)
class Filled:
    """A fill's price, its commission and what the price was worse than the reference by kind, in the contract's
    currency, positive."""

    price: float
    commission: float
    kinds: dict[str, float]

    @property
    def slipped(self) -> float:
        return sum(self.kinds.values())


def fill(
    costs: Costs,
    quantity: float,
    reference: float,
    multiplier: float,
    tick: float,
    volume: float,
    volatility: float,
    limit: float = math.nan,
) -> Filled:
    """Bought (negative: sold) at ``reference``, which may be below zero; costs of the price end at a ``limit``."""
    side = 1.0 if quantity > 0 else -1.0
    parts = {name: float(each) for name, each in formulas.rates(costs, quantity, volume, volatility).items()}
    money = abs(quantity) * multiplier
    kinds = {name: part * abs(reference) * money for name, part in parts.items() if part}
    wanted = reference + side * sum(parts.values()) * abs(reference)
    price = on_tick(wanted, tick, up=side > 0) if kinds else reference
    if (rest := abs(price - wanted) * money) > SLACK * money and kinds:
        kinds["tick"] = rest
    part = capped(reference, abs(price - reference), int(side), limit)
    if part < 1:
        kinds = {name: each * part for name, each in kinds.items()}
        price = limit
    notional = abs(price) * multiplier
    return Filled(price, float(formulas.commission(costs, abs(quantity), notional)), kinds)

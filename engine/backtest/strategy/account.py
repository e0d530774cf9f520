"""What a strategy of orders may know of its account, after a close."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.backtest.costs import in_lots, wanted
from engine.backtest.market import Floats
from engine.backtest.money import FRACTION, WHOLE
from engine.backtest.result import Costs, Terms
from engine.backtest.strategy.errors import StrategyError

if TYPE_CHECKING:
    from engine.backtest.simulate import View


@dataclass(frozen=True, slots=True)
class Account:
    """Money in the account's currency, positions in shares of the session, as they stand at its close.

    ``positions``: shares by symbol, negative short, of those that are held. ``working``: tags of orders at work.
    """

    cash: float
    equity: float
    positions: dict[str, float]
    working: frozenset[str]
    _prices: dict[str, float]
    _costs: Costs
    _terms: Terms

    def held(self, symbol: str) -> float:
        """Shares of a symbol, 0 where there are none."""
        return self.positions.get(symbol, 0.0)

    def shares(self, symbol: str, weight: float) -> float:
        """Shares that a weight of the equity buys at the last close with its costs (negative: sells short), in the
        lots that the account holds.

        Raises
        ------
        StrategyError
            The symbol is not of the run, or has no price yet.
        """
        price = self._prices.get(symbol)
        if price is None:
            raise StrategyError(f"{symbol} has no price yet, or is none of the symbols of this run.")
        lots = FRACTION if self._terms.fractional else WHOLE
        return float(in_lots(wanted(self._costs, weight, self.equity, price), lots, self._terms.lot)) / lots


def account_of(view: View, closes: Floats, costs: Costs, terms: Terms) -> Account:
    """The account of a moment; ``closes`` (k,): each symbol's last as it is known, NaN where there is none."""
    held = {symbol: shares for symbol in view.symbols if (shares := view.shares(symbol))}
    known = np.flatnonzero(np.isfinite(closes)).tolist()
    prices = {view.symbols[at]: float(closes[at]) for at in known}
    return Account(view.cash, view.equity, held, view.working, prices, costs, terms)

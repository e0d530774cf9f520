"""What a held contract is worth after a close: its quote, else the session's surface, else what it was."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from engine.backtest.market import Floats
from engine.backtest.options.chain import ChainMarket, middle

if TYPE_CHECKING:
    from engine.backtest.options.account import Account, Held
    from engine.quant.surface import VolSurface

DAYS = 365.0
_LEAST = 10  # quotes of a session below which no surface is tried


@dataclass(slots=True)
class Marker:
    """Marks of a run; the surface of a session is fitted once, and only where a held contract needs it."""

    chain: ChainMarket
    _row: int = -1
    _surface: VolSurface | None = None
    panel: dict[tuple[int, int], float] = field(
        default_factory=dict
    )  # (row, column): marks of that session's own

    def mark(self, account: Account, row: int) -> None:
        """Marks every open leg after the close of a session, and counts how."""
        account.fresh = set()
        for held in [one for lot in account.lots for one in lot.legs]:
            if held.column in account.fresh:
                continue
            found = None if held.contract is None else self.chain.quote(row, held.contract)
            price = middle(found)
            how = "quotes"
            if price is None:
                price, how = self._model(account, held, row), "surface"
            if price is None:
                account.counts["last"] += 1
                continue
            account.counts[how] += 1
            if how == "surface":
                account.tell("model mark", held.column, "No quote: marked from the session's fitted surface.")
            account.fresh.add(held.column)
            account.ledger.mark(held.column, price)
            self.panel[row, held.column] = price

    def _model(self, account: Account, held: Held, row: int) -> float | None:
        """Black's price at the volatility of the session's surface; no less than exercising brings."""
        years = float((held.expiry - self.chain.dates[row]) / np.timedelta64(1, "D")) / DAYS
        if years <= 0 or self.chain.basis == "simulated":
            return None
        if self._row != row:
            self._row = row
            self._surface = fitted(self.chain, row, account.spot, account.rates)
        surface = self._surface
        if surface is None:
            return None
        from engine.quant.options import black76

        forward = float(surface.forward_at(years))
        vol = float(surface.implied_volatility(math.log(held.strike / forward), years))
        price = float(
            black76(float(held.kind), forward, held.strike, years, vol, float(surface.discount_at(years)))
        )
        if not math.isfinite(price):
            return None
        return max(price, held.intrinsic(account.spot)) if held.american else price


def fitted(chain: ChainMarket, row: int, spot: float, rates: Floats) -> VolSurface | None:
    """The arbitrage-checked surface of a session's quotes; None where they carry none."""
    from engine.quant import surface

    quotes = chain.session(row)
    if len(quotes.contract) < _LEAST:
        return None
    years = (chain.expiry[quotes.contract] - chain.dates[row]) / np.timedelta64(1, "D") / DAYS
    listed = surface.Chain(
        chain.kind[quotes.contract].astype(np.float64), chain.strike[quotes.contract], years, quotes.bid,
        quotes.ask, spot,
    )  # fmt: skip
    rate = float(rates[row])
    try:
        return surface.build_surface(listed, rates=lambda _: rate).surface
    except ValueError:  # too thin a chain for a smile
        return None

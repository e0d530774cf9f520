"""What each session tells an account of pairs, worked out beforehand: prices, rates to the account, rollover."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from engine.backtest.exact import ticks
from engine.backtest.fx.rates import Fixings, Ways, carried
from engine.backtest.fx.rollover import nights
from engine.backtest.fx.terms import FxTerms
from engine.backtest.market import Floats, Market
from engine.backtest.money import TICK


class Sessions:
    """By session, then by pair or currency. ``marks``: closes, carried on; rates at the open are over
    the opens and the fixings of the session before, at the close over marks and fixings;
    ``brings`` and ``charges``: of one unit rolled on, NaN where a short rate is not known. The same as arrays (n, k):
    ``close``, ``bring``, ``charge``, ``days``, and ``ticks`` (n,) by currency."""

    def __init__(self, market: Market, fx: FxTerms, fixings: Fixings) -> None:
        pairs = market.symbols
        self._market = market
        marks = np.column_stack([carried(each) for each in market.close.T])
        self.marks: list[list[float]] = marks.tolist()
        self.opens: list[list[float]] = market.open.tolist()
        codes = {fx.currency} | {code for pair in pairs for code in (pair[:3], pair[3:])}
        self.currencies = tuple(sorted(codes))
        ways = Ways(self.currencies, fx.currency)
        before = np.vstack([marks[:1], marks[:-1]])
        others = {pair: rates for pair, rates in fixings.rates.items() if pair not in pairs}
        earlier = {pair: np.append(rates[:1], rates[:-1]) for pair, rates in others.items()}
        opened = np.where(np.isfinite(market.open), market.open, before)
        self.close, self._account = marks, fx.currency
        self.ticks = _ticks(ways.worth(dict(zip(pairs, marks.T, strict=True)) | others))
        at_open = _ticks(ways.worth(dict(zip(pairs, opened.T, strict=True)) | earlier))
        self._codes = tuple(self.ticks)
        self._at_close, self._at_open = (
            np.column_stack([rates[code] for code in self._codes]).tolist() for rates in (self.ticks, at_open)
        )
        days = [nights(market.dates, pair) for pair in pairs]
        self.days = np.column_stack(days)
        self.nights: list[list[int]] = self.days.tolist()
        each = zip(pairs, marks.T, days, strict=True)
        rolled = [
            (fx.rollover.brings(pair, spot, own), fx.rollover.charges(spot, own)) for pair, spot, own in each
        ]
        self.bring, self.charge = (np.column_stack(both) for both in zip(*rolled, strict=True))
        self.brings: list[list[float]] = self.bring.tolist()
        self.charges: list[list[float]] = self.charge.tolist()

    def at_open(self, row: int) -> dict[str, int]:
        """Rates in ticks; a currency that nothing leads from yet is left out."""
        return self._known(self._at_open[row])

    def at_close(self, row: int) -> dict[str, int]:
        return self._known(self._at_close[row])

    def _known(self, rates: list[float]) -> dict[str, int]:
        return {
            code: int(rate) for code, rate in zip(self._codes, rates, strict=True) if not math.isnan(rate)
        }

    def value(self, currency: str) -> Floats:
        """One unit in the account's currency at each close (n,)."""
        if currency == self._account:
            return np.ones(len(self.close))
        return self.ticks[currency] / TICK

    def range(self, row: int) -> tuple[list[float], list[float]]:
        """Highs and lows."""
        return self._market.high[row].tolist(), self._market.low[row].tolist()


def _ticks(worth: Mapping[str, Floats]) -> dict[str, Floats]:
    return {code: ticks(rates) for code, rates in worth.items()}

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


class Sessions:
    """By session, then by pair or currency. ``marks``: closes, carried on; ``at_open``: rates to the account's
    currency in ticks, over the opens and the fixings of the session before; ``at_close``: over marks and fixings;
    ``brings`` and ``charges``: of one unit rolled on, NaN where a short rate is not known."""

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
        self.at_close = _by_row(ways.worth(dict(zip(pairs, marks.T, strict=True)) | others))
        self.at_open = _by_row(ways.worth(dict(zip(pairs, opened.T, strict=True)) | earlier))
        days = [nights(market.dates, pair) for pair in pairs]
        self.nights: list[list[int]] = np.column_stack(days).tolist()
        each = zip(pairs, marks.T, days, strict=True)
        rolled = [
            (fx.rollover.brings(pair, spot, own), fx.rollover.charges(spot, own)) for pair, spot, own in each
        ]
        self.brings: list[list[float]] = np.column_stack([one for one, _ in rolled]).tolist()
        self.charges: list[list[float]] = np.column_stack([one for _, one in rolled]).tolist()

    def range(self, row: int) -> tuple[list[float], list[float]]:
        """Highs and lows."""
        return self._market.high[row].tolist(), self._market.low[row].tolist()


def _by_row(worth: Mapping[str, Floats]) -> list[dict[str, int]]:
    """Rates in ticks by session; a currency that nothing leads from yet is left out."""
    codes = tuple(worth)
    table = ticks(np.column_stack([worth[code] for code in codes]))
    return [
        {code: int(rate) for code, rate in zip(codes, row, strict=True) if not math.isnan(rate)}
        for row in table.tolist()
    ]

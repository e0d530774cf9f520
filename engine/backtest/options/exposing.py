"""What an option account is exposed to after each close: shares, and contracts by their delta."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.backtest.market import Floats
from engine.backtest.money import MINOR, TICK

if TYPE_CHECKING:
    from engine.backtest.options.account import Account

DAYS = 365.0
_ZERO = 1e-9  # of a price: no more than this above what exercising brings implies no volatility


@dataclass(slots=True)
class Exposing:
    """Every contract that was held after a session, a row each; deltas are worked out together in the end."""

    held: list[tuple[int, int, int, float, int, int, float, bool]] = field(default_factory=list)
    spots: list[tuple[int, float, float]] = field(default_factory=list)
    unknown: int = 0

    def enter(self, account: Account, row: int) -> None:
        """What is open after a session: terms, units of the underlying, the mark and whether it is that session's."""
        ledger = account.ledger
        self.spots.append((row, account.spot, ledger.value(0) / MINOR))
        for lot in account.lots:
            for one in lot.legs:
                price = ledger.marks[one.column] / TICK
                fresh = one.column in account.fresh
                self.held.append((row, one.column, one.kind, one.strike, one.day, one.units, price, fresh))

    def worth(self, account: Account, rows: int) -> tuple[Floats, Floats]:
        """Gross and net exposure (n,) in money.

        A contract counts ``delta x units of the underlying x its close`` (Hull 2018, chapter 19), a share its value;
        gross adds sizes leg by leg, net adds them with their signs. Delta is Black's, ``kind x N(kind x d1)``, at the
        volatility that the contract's mark implies on the close carried at the risk-free rate; where the mark is an
        older one, at the volatility that it implied then. A mark that is no more than exercising brings has a delta
        of 1 in the money, 0 out of it. Where no volatility was ever implied the contract counts whole (``unknown``
        says how many closes of contracts).
        """
        gross, net = np.zeros(rows), np.zeros(rows)
        at = np.array([row for row, _, _ in self.spots], dtype=np.int64)
        gross[at] = [abs(value) for _, _, value in self.spots]
        net[at] = [value for _, _, value in self.spots]
        if self.held:
            columns = [np.array(each) for each in zip(*self.held, strict=True)]
            spot = np.zeros(rows)
            spot[at] = [close for _, close, _ in self.spots]
            row = columns[0]
            found = self._deltas(account, columns, spot[row]) * columns[5] * spot[row]
            np.add.at(gross, row, np.abs(found))
            np.add.at(net, row, found)
        return gross, net

    def _deltas(self, account: Account, columns: list[NDArray[np.generic]], spot: Floats) -> Floats:
        row, column, kind, strike, day, _, price, fresh = columns
        session = account.chain.dates.astype("datetime64[D]").astype(np.int64)[row.astype(np.int64)]
        years = np.maximum(day.astype(np.int64) - session, 0) / DAYS
        rate = account.rates[row.astype(np.int64)]
        forward = spot * np.exp(rate * years)
        sign, level = kind.astype(np.float64), strike.astype(np.float64)
        implied = _implied(price.astype(np.float64), sign, forward, level, years, np.exp(-rate * years))
        vol = _carried(column.astype(np.int64), np.where(fresh, implied, np.nan))
        self.unknown = int(np.isnan(vol).sum())
        return delta(sign, forward, level, years, vol)


def delta(kind: Floats, forward: Floats, strike: Floats, years: Floats, volatility: Floats) -> Floats:
    """``kind x N(kind x d1)``; at no volatility or no time ``kind`` in the money and 0 out of it; ``kind`` where the
    volatility is not known.
    """
    from scipy.special import ndtr

    deviation = volatility * np.sqrt(years)
    with np.errstate(divide="ignore", invalid="ignore"):
        d1 = np.log(forward / strike) / deviation + deviation / 2
    plain = np.where(deviation > 0, ndtr(kind * d1), (kind * (forward - strike) > 0).astype(np.float64))
    return np.asarray(kind * np.where(np.isnan(volatility), 1.0, plain), dtype=np.float64)


def _implied(
    price: Floats, kind: Floats, forward: Floats, strike: Floats, years: Floats, discount: Floats
) -> Floats:
    """Volatilities of marks, 0 where a mark is no more than exercising brings; NaN where it implies none."""
    from engine.quant.options import implied_volatility

    found = implied_volatility(price, kind, forward, strike, years, discount)
    least = np.maximum(kind * (forward - strike), 0.0) * discount
    return np.where(price <= least * (1 + _ZERO), 0.0, np.asarray(found.volatility, dtype=np.float64))


def _carried(column: NDArray[np.int64], values: Floats) -> Floats:
    """Values with gaps filled by the newest before of the same column; entries ascend by session."""
    order = np.argsort(column, kind="stable")
    ordered, same = values[order], column[order]
    place = np.where(np.isfinite(ordered), np.arange(len(ordered)), -1)
    last = np.maximum.accumulate(place)
    known = (last >= 0) & (same[np.maximum(last, 0)] == same)
    found = np.empty(len(values))
    found[order] = np.where(known, ordered[np.maximum(last, 0)], np.nan)
    return found

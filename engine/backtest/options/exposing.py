"""What an option account is exposed to after each close: shares, and contracts by their delta."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.backtest.market import Floats
from engine.backtest.options.chain import Ints

if TYPE_CHECKING:
    from engine.backtest.options.account import Account

DAYS = 365.0
_ZERO = 1e-9  # of a price: no more than this above what exercising brings implies no volatility


@dataclass(slots=True)
class Exposing:
    """Positions after each session, and the terms that contracts had then; deltas are worked out together in the end.

    ``terms``: by column the session from which it has them, its kind, strike and expiry (days since 1970); a split
    changes them.
    """

    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    units: list[int] = field(default_factory=list)
    spots: list[tuple[int, float]] = field(default_factory=list)
    terms: dict[int, list[tuple[int, int, float, int]]] = field(default_factory=dict)
    unknown: int = 0

    def enter(self, account: Account, row: int, held: list[int]) -> None:
        """The columns that have a position after a session."""
        self.rows += [row] * len(held)
        self.columns += held
        self.units += [account.ledger.units[column] for column in held]
        self.spots.append((row, account.spot))
        if account.bars.split[row] != 1.0 or not self.terms.keys() >= set(held):
            for lot in account.lots:
                for one in lot.legs:
                    known = self.terms.setdefault(one.column, [])
                    if not known or known[-1][2] != one.strike:
                        known.append((row, one.kind, one.strike, one.day))
            self.terms.setdefault(0, [])

    def worth(
        self, account: Account, values: Mapping[tuple[int, int], float], marks: Mapping[tuple[int, int], float],
        rows: int,
    ) -> tuple[Floats, Floats]:  # fmt: skip
        """Gross and net exposure (n,) in money.

        A contract counts ``delta x units of the underlying x its close`` (Hull 2018, chapter 19), a share its value;
        gross adds sizes contract by contract, net adds them with their signs. Delta is Black's, ``kind x
        N(kind x d1)``, at the volatility that the contract's mark implies on the close carried at the risk-free rate;
        on a session without a mark of its own, at the volatility that its last one implied. A mark that is no more
        than exercising brings has a delta of 1 in the money, 0 out of it. Where no volatility was ever implied the
        contract counts whole (``unknown`` says how many closes of contracts).

        Parameters
        ----------
        values : positions at their marks by session and column, in the order in which they were entered.
        marks : of the sessions and columns that have one of their own.
        """
        row, column = (np.array(each, dtype=np.int64) for each in (self.rows, self.columns))
        units = np.array(self.units, dtype=np.float64)
        money = np.fromiter(values.values(), np.float64, len(values))
        spot = np.full(rows, np.nan)
        for at, close in self.spots:
            spot[at] = close
        own = column > 0
        if own.any():
            told = np.fromiter((marks.get(key, np.nan) for key in values), np.float64, len(values))
            deltas = self._deltas(account, row[own], column[own], told[own], spot[row[own]])
            money[own] = deltas * units[own] * spot[row[own]]
        return (
            np.bincount(row, np.abs(money), rows).astype(np.float64),
            np.bincount(row, money, rows).astype(np.float64),
        )

    def _deltas(self, account: Account, row: Ints, column: Ints, mark: Floats, spot: Floats) -> Floats:
        kind, strike, day = self._terms(row, column)
        session = account.chain.dates.astype("datetime64[D]").astype(np.int64)[row]
        years = np.maximum(day - session, 0) / DAYS
        rate = account.rates[row]
        forward, discount = spot * np.exp(rate * years), np.exp(-rate * years)
        vol = _carried(column, _implied(mark, kind, forward, strike, years, discount))
        self.unknown = int(np.isnan(vol).sum())
        return delta(kind, forward, strike, years, vol)

    def _terms(self, row: Ints, column: Ints) -> tuple[Floats, Floats, Ints]:
        """Kind, strike and expiry of each entry, as they were on its session."""
        told = sorted((at, *each) for at, known in self.terms.items() for each in known)
        changes = np.array([(at, since) for at, since, *_ in told], dtype=np.int64)
        wide = int(row.max()) + 1
        place = np.searchsorted(changes[:, 0] * wide + changes[:, 1], column * wide + row, side="right") - 1
        kind, strike = (np.array([each[at] for each in told], dtype=np.float64) for at in (2, 3))
        return kind[place], strike[place], np.array([each[4] for each in told], dtype=np.int64)[place]


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

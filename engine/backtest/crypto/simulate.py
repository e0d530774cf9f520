"""Coins and perpetuals bar by bar, of a day or of a minute: the venue never closes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.backtest.costs import volatility
from engine.backtest.crypto.account import Account
from engine.backtest.crypto.funding import Funding
from engine.backtest.crypto.terms import CryptoTerms
from engine.backtest.market import Floats, Market
from engine.backtest.result import Costs, Result, Signals, Terms
from engine.backtest.targets import Targets, refuse

_TOLD = 256  # bars between two words of progress


@dataclass(frozen=True, slots=True)
class CryptoRun:
    """``positions`` (n, k): coins at the close; ``margin`` and ``maintenance`` (n,): required at the close, of
    perpetuals; ``funding``: what was paid in all, negative received; ``liquidations``: how many."""

    result: Result
    positions: Floats
    margin: Floats
    maintenance: Floats
    funding: float
    liquidations: int


def simulate(
    market: Market,
    targets: Targets | Signals,
    costs: Costs | None = None,
    terms: Terms | None = None,
    crypto: CryptoTerms | None = None,
    funding: Funding | None = None,
    *,
    moved: Floats | None = None,
    told: Callable[[int, int], None] | None = None,
) -> CryptoRun:
    """Trades the market's coins, or perpetuals on them, at the open of the bar after each decision.

    Parameters
    ----------
    market : bars named by their start (UTC), all quoted in the market's currency, which is the account's
    targets : a weight is the notional over the equity at the open that it fills at; counted: coins
    costs : ``per_notional`` is the taker's fee
    terms : margins of perpetuals, of ``crypto`` where None; quantities are in 1e-8 of a coin always
    moved : a bar's volatility before each (n, k), for costs that scale with it; of ``market`` where None
    """
    costs, terms, crypto = costs or Costs(), terms or Terms(), crypto or CryptoTerms()
    refuse(costs, impact=False)
    wants = targets if isinstance(targets, Targets) else Targets(targets)
    if moved is None:
        moved = volatility(market) if costs.scaled else np.zeros(market.close.shape)
    run = Account(market, costs, terms, crypto, funding, moved)
    pending: dict[int, tuple[float, str]] = {}
    rows = len(market.dates)
    opinions = np.isfinite(wants.signals.target)
    said = set(np.flatnonzero(opinions.any(axis=1)).tolist())
    for row in range(rows):
        if told is not None and row % _TOLD == 0:
            told(row, rows)
        run.bar(row, pending, wants.counted)
        for column in np.flatnonzero(opinions[row]).tolist() if row in said else ():
            target = float(wants.signals.target[row, column])
            pending[column] = (target, wants.signals.reason(row, column))
    return _finished(run)


def _finished(run: Account) -> CryptoRun:
    records = run.records
    result = records.result(run.ledger)
    paid = math.fsum(result.costs["funding"].tolist()) if "funding" in result.costs else 0.0
    forced = sum(event.kind == "liquidation" for event in result.events)
    return CryptoRun(result, run.positions, records.margin, records.maintenance, paid, forced)

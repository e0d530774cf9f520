"""Coins and perpetuals bar by bar, of a day or of a minute: the venue never closes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from engine.backtest.costs import volatility
from engine.backtest.crypto.account import Account
from engine.backtest.crypto.funding import Funding
from engine.backtest.crypto.inverse import Inverse
from engine.backtest.crypto.terms import CryptoTerms
from engine.backtest.following import Following
from engine.backtest.market import Floats, Market
from engine.backtest.money import FRACTION
from engine.backtest.result import Costs, Result, Signals, Terms
from engine.backtest.rules.plan import Plan
from engine.backtest.targets import Targets, refuse

_TOLD = 256  # bars between two words of progress


@dataclass(frozen=True, slots=True)
class CryptoRun:
    """``positions`` (n, k): coins, or inverse contracts, at the close; ``margin`` and ``maintenance`` (n,): required
    at the close, of perpetuals; ``funding``: what was paid in all, negative received; ``liquidations``: how many;
    ``coins`` (n,): what the account of an inverse perpetual owns at the close, None of others."""

    result: Result
    positions: Floats
    margin: Floats
    maintenance: Floats
    funding: float
    liquidations: int
    coins: Floats | None = None


def simulate(
    market: Market,
    targets: Targets | Signals | Plan,
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
    market : bars named by their start (UTC), all quoted in the market's currency, which is the account's; volume in
        coins
    targets : a weight is the notional over the equity at the open that it fills at; counted: coins, or inverse
        contracts; a plan has its stops worked within the bar (``guards``)
    costs : ``per_notional`` is the taker's fee
    terms : margins of perpetuals, of ``crypto`` where None; quantities are in 1e-8 of a coin always
    moved : a bar's volatility before each (n, k), for costs that scale with it; of ``market`` where None

    Raises
    ------
    ValueError
        Coins sold short; several inverse perpetuals, or interest on their coins; limits by volume without volume.
    """
    costs, terms, crypto = costs or Costs(), terms or Terms(), crypto or CryptoTerms()
    _refused(market, costs, crypto)
    if moved is None:
        moved = volatility(market) if costs.scaled else np.zeros(market.close.shape)
    run = Account(market, costs, terms, crypto, funding, moved, Following(targets, market))
    coins, rows = np.zeros(len(market.dates)), len(market.dates)
    row = told_at = 0
    while row < rows:
        if told is not None and row >= told_at:
            told(row, rows)
            told_at = row + _TOLD
        done = run.bars_from(row)
        if isinstance(run.books, Inverse):
            coins[row] = run.books.owned / FRACTION
        row += done
    return _finished(run, coins if isinstance(run.books, Inverse) else None)


def _refused(market: Market, costs: Costs, crypto: CryptoTerms) -> None:
    told = bool(np.isfinite(market.volume).any())
    if costs.participation is not None and not told:
        raise ValueError(
            f"PARTICIPATION= needs the volume of {', '.join(market.symbols)}, which these bars do not tell. Leave it "
            "out"
        )
    refuse(replace(costs, participation=None), impact=told)
    if crypto.face is not None and costs.financed:
        raise ValueError(
            "An inverse perpetual's account holds coins, on which no venue pays interest: leave CASH= and DEBIT= out"
        )


def _finished(run: Account, coins: Floats | None) -> CryptoRun:
    records = run.records
    result = records.result(run.books)
    paid = math.fsum(result.costs["funding"].tolist()) if "funding" in result.costs else 0.0
    forced = sum(event.kind == "liquidation" for event in result.events)
    return CryptoRun(result, run.positions, records.margin, records.maintenance, paid, forced, coins)

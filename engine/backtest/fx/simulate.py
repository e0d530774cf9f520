"""Currency pairs session by session: trades at the open book both legs in cash, the close rolls them on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.backtest.costs import volatility
from engine.backtest.following import Following
from engine.backtest.fx.account import Account
from engine.backtest.fx.rates import Fixings
from engine.backtest.fx.terms import FxTerms
from engine.backtest.market import Floats, Market
from engine.backtest.result import Costs, Result, Signals, Terms
from engine.backtest.rules.plan import Plan
from engine.backtest.targets import Targets, refuse


@dataclass(frozen=True, slots=True)
class FxRun:
    """``positions`` (n, k): units of each pair's base currency, ``balances``: cash by currency (n,), at the close;
    ``margin`` and ``maintenance`` (n,): required, in the account's currency; ``unrolled``: nights that were
    not rolled for want of a short rate."""

    result: Result
    positions: Floats
    balances: dict[str, Floats]
    margin: Floats
    maintenance: Floats
    unrolled: int


def simulate(
    market: Market,
    targets: Targets | Signals | Plan,
    costs: Costs | None = None,
    terms: Terms | None = None,
    fx: FxTerms | None = None,
    fixings: Fixings | None = None,
    *,
    moved: Floats | None = None,
    told: Callable[[int, int], None] | None = None,
) -> FxRun:
    """Trades pairs (the market's symbols, six letters) at the open after each decision.

    Parameters
    ----------
    targets : a weight is the notional over the equity at the open that it fills at; counted: units of the base
        currency; a plan has its stops worked within the bar (``guards``)
    terms : margins are fractions of the pairs' notional; the stated defaults where None
    fixings : rates beside the market's own that lead to the account's currency
    moved : a day's volatility before each session (n, k), for costs that scale with it; of ``market`` where None
    """
    costs, terms, fx = costs or Costs(), terms or Terms(), fx or FxTerms()
    if costs.participation is not None:
        raise ValueError(
            "Pairs trade over the counter: nobody tells a volume to take a part of. Leave PARTICIPATION= out"
        )
    refuse(costs, impact=False)
    for pair in market.symbols:
        if not (len(pair) == 6 and pair.isalpha() and pair.isupper() and pair[:3] != pair[3:]):
            raise ValueError(f"A pair is two currency codes, like EURUSD, not {pair!r}")
    if moved is None:
        moved = volatility(market) if costs.scaled else np.zeros(market.close.shape)
    wants = Following(targets, market)
    run = Account(market, costs, terms, fx, (fixings or Fixings()).filled(), moved, wants)
    row, rows = 0, len(run.dates)
    while row < rows:
        if told is not None:
            told(row, rows)
        row += run.sessions_from(row)
    records = run.records
    return FxRun(
        records.result(run.ledger),
        run.positions,
        run.balances,
        records.margin,
        records.maintenance,
        run.unrolled,
    )

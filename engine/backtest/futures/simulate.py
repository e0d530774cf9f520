"""Futures from signals: decided on a continuous series, traded in the contracts that were listed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.backtest.costs import volatility
from engine.backtest.futures.account import Account
from engine.backtest.futures.board import Board, Margin
from engine.backtest.futures.rolling import Ints
from engine.backtest.market import Floats, Market
from engine.backtest.result import Costs, Result, Signals, Terms
from engine.backtest.targets import Targets, refuse


@dataclass(frozen=True, slots=True)
class FuturesRun:
    """``contracts`` (n,): the contract held at each close ("" where flat), ``position`` (n,) how many;
    ``margin`` and ``maintenance`` (n,): required at the close, in the account's currency; ``rolls``: how many, and
    ``roll_cost`` what they cost; ``unsettled``: sessions without a settlement, marked at the close."""

    result: Result
    contracts: tuple[str, ...]
    position: Floats
    margin: Floats
    maintenance: Floats
    rolls: int
    roll_cost: float
    unsettled: int = 0


def simulate(
    board: Board,
    front: Ints,
    market: Market,
    targets: Targets | Signals,
    costs: Costs | None = None,
    terms: Terms | None = None,
    *,
    margin: Margin | None = None,
    currency: str = "",
    rates: Floats | None = None,
    moved: Floats | None = None,
    told: Callable[[int, int], None] | None = None,
) -> FuturesRun:
    """Trades what the signals of ``market`` (continuous, one symbol) want in the contracts themselves.

    Parameters
    ----------
    front : places (n,) of the contract to hold, as ``fronts`` tells
    targets : a weight is the notional (price x multiplier) over the equity at the open that it fills at
    margin : requirements of a contract; the stated default where None
    currency : the account's; the contracts' where empty
    rates : one unit of the contracts' currency in the account's (n,), by session; 1 where None
    moved : a day's volatility before each session (n,), for costs that scale with it; of ``market`` where None
    """
    costs, terms = costs or Costs(), terms or Terms()
    wants = targets if isinstance(targets, Targets) else Targets(targets)
    refuse(costs, impact=True)
    foreign = board.contracts[0].currency
    if currency and currency != foreign and rates is None:
        raise ValueError(f"An account in {currency} needs rates of {foreign} in {currency}")
    rows = len(board.dates)
    given = np.ones(rows) if rates is None else rates
    if moved is None:
        moved = volatility(market)[:, 0] if costs.scaled else np.zeros(rows)
    run = Account(
        board, front, costs, terms, margin or Margin(), currency or foreign, given,
        market.symbols[0], moved,
    )  # fmt: skip
    pending: tuple[float, str] | None = None
    for row in range(rows):
        if told is not None:
            told(row, rows)
        if run.session(row, pending, wants.counted):
            pending = None
        target = float(wants.signals.target[row, 0])
        if np.isfinite(target):
            pending = (target, wants.signals.reason(row, 0))
    return _finished(run)


def _finished(run: Account) -> FuturesRun:
    records = run.records
    result = records.result(run.ledger)
    cost = float(result.costs["roll"].sum()) if "roll" in result.costs else 0.0
    return FuturesRun(
        result,
        tuple(run.names),
        np.array(run.counts),
        records.margin,
        records.maintenance,
        run.rolls,
        cost,
        run.unsettled,
    )

"""Futures from signals: decided on continuous series, traded in the contracts that were listed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.backtest.costs import volatility
from engine.backtest.following import Following
from engine.backtest.futures.account import Account
from engine.backtest.futures.quiet import quiet
from engine.backtest.futures.root import Root, symbols_differ
from engine.backtest.market import Floats, Market
from engine.backtest.result import Costs, Result, Signals, Terms
from engine.backtest.rules import Plan
from engine.backtest.targets import Targets, refuse


@dataclass(frozen=True, slots=True)
class FuturesRun:
    """``contracts``: by session and root, the contract held at the close ("" where flat), ``position`` (n, k) how
    many; ``margin`` and ``maintenance`` (n,): required at the close, in the account's currency; ``rolls``: how many,
    ``roll_cost`` what they cost, ``thin`` how many of them into a contract without volume on the session before;
    ``unsettled``: bars without a settlement, marked at the close."""

    result: Result
    contracts: tuple[tuple[str, ...], ...]
    position: Floats
    margin: Floats
    maintenance: Floats
    rolls: int
    roll_cost: float
    thin: int = 0
    unsettled: int = 0


def simulate(
    roots: Sequence[Root],
    market: Market,
    targets: Targets | Signals | Plan,
    costs: Costs | None = None,
    terms: Terms | None = None,
    *,
    currency: str = "",
    told: Callable[[int, int], None] | None = None,
) -> FuturesRun:
    """Trades what is wanted of the symbols of ``market`` (continuous series) in the contracts themselves.

    Parameters
    ----------
    roots : one of each symbol, on the market's sessions
    targets : a weight is the notional (price x multiplier) over the equity at the open that it fills at; a plan's
        stops and targets work within the contracts' bars (``guards``), and go with the position at a roll
    terms : whole contracts, or parts of them (``fractional``)
    currency : the account's; the first root's contracts' where empty

    Raises
    ------
    ValueError
        Contracts of one name, sessions that differ, a currency without rates, costs that cannot be charged.
    """
    costs, terms = costs or Costs(), terms or Terms()
    refuse(costs, impact=True)
    symbols_differ(roots)
    base = currency or roots[0].currency
    for root in roots:
        if root.currency != base and root.rates is None:
            raise ValueError(f"An account in {base} needs rates of {root.currency} in {base}")
    if costs.scaled and any(each.moved is None for each in roots):
        moved = volatility(market)
        roots = [
            replace(each, moved=moved[:, at] if each.moved is None else each.moved)
            for at, each in enumerate(roots)
        ]
    unit = np.column_stack([np.ones(len(market.dates)) if each.unit is None else each.unit for each in roots])
    run = Account(roots, market.symbols, costs, terms, base, Following(targets, market, unit))
    row, rows = 0, len(market.dates)
    while row < rows:
        following = quiet(run, row)
        if following == row:
            run.session(row)
            following = row + 1
        if told is not None:
            for done in range(row, following):
                told(done, rows)
        row = following
    run.finish()
    return _finished(run)


def _finished(run: Account) -> FuturesRun:
    records = run.records
    result = records.result(run.ledger)
    cost = float(result.costs["roll"].sum()) if "roll" in result.costs else 0.0
    names = tuple(
        tuple(line.at(place).name if place >= 0 else "" for line, place in zip(run.lines, row, strict=True))
        for row in run.places.tolist()
    )
    return FuturesRun(
        result, names, run.held, records.margin, records.maintenance, run.rolls, cost, run.thin, run.unsettled
    )

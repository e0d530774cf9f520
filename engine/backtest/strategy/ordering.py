"""A strategy that gives orders, simulated: asked after each close with what is known and with its own account."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from difflib import get_close_matches
from itertools import islice

import numpy as np

from engine.backtest.inputs import Inputs, RunSpec
from engine.backtest.market import Floats
from engine.backtest.orders import Order
from engine.backtest.result import Result
from engine.backtest.simulate import View, run_events
from engine.backtest.strategy.account import account_of
from engine.backtest.strategy.asking import failed
from engine.backtest.strategy.errors import StrategyError
from engine.backtest.strategy.interface import OrderStrategy
from engine.backtest.strategy.views import DayView, days
from engine.backtest.window import market_from

Given = Callable[[int, tuple[Order, ...]], None]


def run_orders(
    inputs: Inputs,
    spec: RunSpec,
    strategy: OrderStrategy,
    *,
    moved: Floats | None = None,
    told: Callable[[int, int], None] | None = None,
    given: Given | None = None,
) -> Result:
    """Simulates a strategy of orders from ``inputs.begin`` on; sessions before it are seen and not asked about.

    Parameters
    ----------
    moved : a day's volatility before each session from ``begin`` on, where costs scale with it
    told : called with the sessions done and all of them; what it raises ends the run
    given : called with the row of ``inputs.market`` and the orders given after it

    Raises
    ------
    StrategyError
        It fails, or answers what is no order on a symbol of the run.
    ValueError
        Terms that orders do not have: a price that all fill at, accounts by symbol.
    """
    if spec.fill != "open":
        raise ValueError('Orders say themselves where they fill (kind "close" at the close): leave FILL out')
    if spec.accounts:
        raise ValueError("A strategy that gives orders has one account: leave EACH=ALONE out")
    seen = islice(days(inputs.decided, inputs.panels), inputs.begin, None)
    last = _last_closes(inputs)

    def ask(view: View) -> tuple[Order, ...]:
        day, row = next(seen), view.row + inputs.begin
        account = account_of(view, last[row], spec.costs, spec.terms)
        found = _asked(strategy, day, lambda: strategy.orders(day, account))
        if given is not None:
            given(row, found)
        return found

    market = market_from(inputs.market, inputs.begin)
    return run_events(market, ask, spec.costs, spec.terms, moved=moved, told=told)


def _last_closes(inputs: Inputs) -> Floats:
    """Each symbol's last close (n, k) as traded and as decisions may know it, in the shares of the session."""
    market = inputs.decided
    factor = market.forward_factor()
    level = market.close * factor
    rows = np.where(np.isfinite(level), np.arange(len(level))[:, None], 0)
    found: Floats = np.take_along_axis(level, np.maximum.accumulate(rows, axis=0), axis=0) / factor
    return found


def _asked(
    strategy: OrderStrategy, day: DayView, ask: Callable[[], Iterable[Order] | None]
) -> tuple[Order, ...]:
    when = f"orders on {day.date}"
    try:
        answer = ask()
        found = () if answer is None else tuple(answer)
    except Exception as fault:
        raise failed(strategy, when, fault) from fault
    for one in found:
        _checked(one, day.symbols, f"{type(strategy).__name__}.{when}")
    return tuple(map(_reasoned, found))


def _reasoned(one: Order) -> Order:
    """The order and those that follow it, each with a reason: its tag or its kind where it gives none."""
    then = one.then if callable(one.then) else tuple(map(_reasoned, one.then))
    return replace(one, reason=one.reason or one.tag or one.kind.replace("_", " "), then=then)


def _checked(one: object, symbols: tuple[str, ...], who: str) -> None:
    if not isinstance(one, Order):
        raise StrategyError(
            f'{who} gave {one!r}; an Order is needed: Order("{symbols[0]}", 100, "limit", limit=42.5).'
        )
    for each in _chain(one):
        if each.symbol not in symbols:
            near = get_close_matches(str(each.symbol), symbols, n=1)
            meant = f" Nearest: {near[0]}." if near else ""
            raise StrategyError(f"{who} named {each.symbol!r}, which is no symbol of this run.{meant}")
        if not np.isfinite(each.shares):
            raise StrategyError(f"{who} ordered {each.shares} shares of {each.symbol}; a number is needed.")


def _chain(one: Order) -> Iterator[Order]:
    yield one
    if not callable(one.then):
        for each in one.then:
            yield from _chain(each)

"""A result from what an option account kept: the underlying and the contracts it held as one market of symbols."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.backtest.assemble import assemble
from engine.backtest.market import Floats, Market
from engine.backtest.options.account import Account
from engine.backtest.options.exposing import Exposing
from engine.backtest.options.marks import Marker
from engine.backtest.result import Event, Result
from engine.backtest.ruin import over


def result_of(
    account: Account, marker: Marker, exposing: Exposing, equity: Floats, cash: Floats,
    values: dict[tuple[int, int], float],
) -> Result:  # fmt: skip
    """Equity, exposures, trades, costs and events; a contract's column is its marks, in units of the underlying.

    ``weights`` are positions at their marks, which with cash are the equity; ``gross`` and ``net`` count contracts by
    delta (``Exposing``); ``turnover`` is premium, and shares, traded.
    """
    market = _positions(account, marker)
    held = np.zeros(market.close.shape)
    for (row, column), value in values.items():
        held[row, column] = value
    result = assemble(
        market, account.terms, equity, cash, held, account.tape, tuple(account.events), tuple(account.ledger.bookings)
    )  # fmt: skip
    trades = replace(result.trades, exit_price=result.trades.exit_price + 0.0)  # nothing is 0, not -0
    gross, net = (over(each, equity) for each in exposing.worth(account, values, marker.panel, len(equity)))
    return replace(
        result,
        gross=gross,
        net=net,
        trades=trades,
        events=tuple(_worded(event, market.symbols[0]) for event in result.events),
    ).frozen()


def _worded(event: Event, underlying: str) -> Event:
    """A contract has quotes, not bars."""
    if event.kind != "stale" or event.symbol == underlying:
        return event
    text = event.text.replace("without a bar", "without a quote").replace("close", "mark")
    return Event(event.date, event.kind, event.symbol, text)


def _positions(account: Account, marker: Marker) -> Market:
    """Columns of marks: what trades, exposures and stale marks are told from."""
    market = account.market
    shape = (len(market.dates), len(account.ledger.symbols))
    close = np.full(shape, np.nan)
    close[:, 0] = market.close[:, 0]
    for (row, column), price in marker.panel.items():
        close[row, column] = price
    split = np.ones(shape)
    split[:, 0] = market.split[:, 0]
    for row, column, ratio in account.adjusted:
        split[row, column] = ratio
    others = shape[1] - 1
    nothing = np.broadcast_to(0.0, shape)  # what trades are not told from takes no room
    return Market(
        market.dates, account.ledger.symbols, np.concatenate([market.ids, -np.arange(1, shape[1])]),
        close, close, close, close, nothing, split, nothing, np.broadcast_to(np.int64(0), shape),
        np.concatenate([market.last, np.full(others, -1)]),
        np.concatenate([market.final_return, np.full(others, np.nan)]),
        market.currency,
    )  # fmt: skip

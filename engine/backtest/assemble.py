"""A result from what a simulation kept; results of accounts joined."""

from __future__ import annotations

import numpy as np

from engine.backtest.happened import Happened
from engine.backtest.ledger import Booking
from engine.backtest.market import Floats, Market
from engine.backtest.result import Event, Result, Signals, Terms, Trades
from engine.backtest.ruin import over, owned, ruin_text
from engine.backtest.tape import Tape
from engine.backtest.trades import FLOATS, trades_of
from engine.backtest.window import column_of


def assemble(
    market: Market,
    terms: Terms,
    equity: Floats,
    cash: Floats,
    values: Floats,
    tape: Tape,
    events: tuple[Event, ...] | Happened,
    ledger: tuple[object, ...] = (),
    accounts: Floats | None = None,
) -> Result:
    """Exposures, weights, turnover, trades and events. ``values`` (n, k): positions at their marks."""
    rows = len(equity)
    capital = terms.capital * (1 if accounts is None else accounts.shape[1])
    before = np.concatenate([[capital], equity[:-1]])
    worth = equity[:, None] if accounts is None else accounts
    more = (*stale(market, values), *ruined(market, worth))
    if accounts is not None and (accounts <= 0).any():
        values = np.where(owned(accounts) > 0, values, 0.0)
    gross = np.abs(values).sum(axis=1)
    return Result(
        market.dates,
        market.symbols,
        capital,
        equity,
        cash,
        over(gross, equity),
        over(values.sum(axis=1), equity),
        over(values, equity),
        over(tape.traded_rows(rows), before),
        trades_of(market, tape),
        tape.cost_rows(rows),
        events.events(market, more, accounts is not None)
        if isinstance(events, Happened)
        else tuple(sorted((*events, *more), key=lambda event: event.date)),
        accounts,
        ledger,
    ).frozen()


def ruined(market: Market, equity: Floats) -> list[Event]:
    """The sessions in which accounts (n, m) lost everything: the one there is, or one by symbol."""
    names = market.symbols if equity.shape[1] == len(market.symbols) > 1 else ("",) * equity.shape[1]
    found = []
    for column in np.flatnonzero((equity <= 0).any(axis=0)).tolist():
        row = int(np.argmax(equity[:, column] <= 0))
        text = ruin_text(float(equity[row, column]))
        found.append(Event(market.dates[row], "ruin", names[column], text))
    return found


def stale(market: Market, values: Floats) -> list[Event]:
    """Held positions without a bar: marked at their last close, for how many sessions."""
    missing = (values != 0) & ~np.isfinite(market.close)
    found = []
    for column in np.flatnonzero(missing.any(axis=0)).tolist():
        edges = np.flatnonzero(np.diff(np.concatenate([[False], missing[:, column], [False]]).astype(int)))
        for first, after in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            text = f"Held without a bar for {after - first} sessions: marked at the last close."
            found.append(Event(market.dates[first], "stale", market.symbols[column], text))
    return found


def one_symbol(market: Market, signals: Signals, column: int) -> tuple[Market, Signals]:
    """A market of one column and its signals."""
    part = slice(column, column + 1)
    reasons = None if signals.reasons is None else signals.reasons[:, part]
    return column_of(market, column), Signals(signals.target[:, part], reasons, signals.names)


def joined(market: Market, parts: list[Result]) -> Result:
    """Accounts side by side: sums of money, weights over the sum, each account's own equity."""
    accounts = np.column_stack([part.equity for part in parts])
    equity = accounts.sum(axis=1)
    capital = sum(part.capital for part in parts)
    values = np.column_stack([part.weights[:, 0] * part.equity for part in parts])
    before = np.concatenate([[capital], equity[:-1]])
    traded = sum(_traded(part) for part in parts)
    gross = np.abs(values).sum(axis=1)
    told = [
        event if event.symbol else event._replace(symbol=symbol)  # a call is of the account
        for symbol, part in zip(market.symbols, parts, strict=True)
        for event in part.events
        if event.kind != "ruin"
    ]
    kinds = sorted({kind for part in parts for kind in part.costs})
    return Result(
        market.dates,
        market.symbols,
        capital,
        equity,
        np.sum([part.cash for part in parts], axis=0),
        over(gross, equity),
        over(values.sum(axis=1), equity),
        over(values, equity),
        over(np.asarray(traded), before),
        _chained(market, [part.trades for part in parts]),
        {kind: np.sum([part.costs[kind] for part in parts if kind in part.costs], axis=0) for kind in kinds},
        tuple(sorted((*told, *ruined(market, accounts)), key=lambda event: event.date)),
        accounts,
        tuple(booking for part in parts for booking in part.ledger),
    ).frozen()


def _traded(part: Result) -> Floats:
    """Notional bought and sold (n,), of its bookings: of a lost account's the turnover no longer tells."""
    found = np.zeros(len(part.dates))
    trades = [each for each in part.ledger if isinstance(each, Booking) and each.kind == "trade"]
    rows = np.searchsorted(part.dates, np.array([each.date for each in trades], dtype=part.dates.dtype))
    np.add.at(found, rows, [abs(each.shares) * each.price for each in trades])
    return found


def _chained(market: Market, parts: list[Trades]) -> Trades:
    places = [np.full(len(part), column, dtype=np.int64) for column, part in enumerate(parts)]
    names = (*FLOATS, "entry", "exit", "open")
    joint = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return Trades(
        market.dates,
        market.symbols,
        np.concatenate(places),
        entry_reasons=tuple(reason for part in parts for reason in part.entry_reasons),
        exit_reasons=tuple(reason for part in parts for reason in part.exit_reasons),
        **joint,
    )

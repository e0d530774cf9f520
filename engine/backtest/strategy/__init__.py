"""Strategies written in Python: what they are given, what they answer, and the proof that they do not look ahead.

A file in a folder of the user's holds one class with ``decide`` (or ``signals``):

    class Momentum:
        def __init__(self, sessions=120, names=2):
            self.sessions, self.names = int(sessions), int(names)

        def decide(self, day):
            close = day.close  # (sessions so far, symbols), adjusted forwards; the last row is this session
            if len(close) <= self.sessions:
                return None  # no opinion: what is held is kept
            gains = dict(zip(day.symbols, close[-1] / close[-1 - self.sessions] - 1))
            best = sorted((g, s) for s, g in gains.items() if g == g)[-self.names :]
            return {symbol: 1 / self.names for _, symbol in best}  # the rest is closed

    >>> from engine.backtest import strategy
    >>> class Hold:
    ...     def decide(self, day):
    ...         return {day.symbols[0]: 1.0}
    >>> isinstance(Hold(), strategy.Strategy), isinstance(Hold(), strategy.VectorStrategy)
    (True, False)

Instead of weights it may give orders, knowing its account:

    from engine.backtest.strategy import Order

    class Dip:
        def orders(self, day, account):
            symbol, close = day.symbols[0], day.traded["close"][-1, 0]
            if account.held(symbol):
                return None  # what guards the position is at work already
            shares = account.shares(symbol, 1.0)
            stop = Order(symbol, -shares, "stop", stop=0.9 * close, group="out", closing=True)
            take = Order(symbol, -shares, "limit", limit=1.1 * close, group="out", closing=True)
            return [Order(symbol, shares, "limit", limit=0.98 * close, sessions=1, tag="in", then=(stop, take))]

``load(folder, "momentum", {"names": 5})`` reads it, ``decisions`` asks it session by session and answers ``Signals``,
``prove_causal`` alters what comes later and tells which decisions change.
"""

from engine.backtest.orders import Order
from engine.backtest.strategy.account import Account
from engine.backtest.strategy.asking import decisions
from engine.backtest.strategy.errors import LookAheadError, StrategyError
from engine.backtest.strategy.files import Loaded, listed, load, loads
from engine.backtest.strategy.interface import AnyStrategy, OrderStrategy, Strategy, VectorStrategy
from engine.backtest.strategy.proof import Violation, altered, changes, copied, prove_causal, shortened
from engine.backtest.strategy.views import DayView, HistoryView, days

__all__ = [
    "Account",
    "AnyStrategy",
    "DayView",
    "HistoryView",
    "Loaded",
    "LookAheadError",
    "Order",
    "OrderStrategy",
    "Strategy",
    "StrategyError",
    "VectorStrategy",
    "Violation",
    "altered",
    "changes",
    "copied",
    "days",
    "decisions",
    "listed",
    "load",
    "loads",
    "prove_causal",
    "shortened",
]

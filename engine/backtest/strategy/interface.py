"""What a user's strategy implements: one of three methods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeAlias, runtime_checkable

from engine.backtest.market import Floats
from engine.backtest.orders import Order
from engine.backtest.strategy.account import Account
from engine.backtest.strategy.views import DayView, HistoryView


@runtime_checkable
class Strategy(Protocol):
    """Asked after the close of every session, in order; it may keep what it likes between sessions."""

    def decide(self, day: DayView) -> Mapping[str, float] | None:
        """Weights of the equity by symbol, negative for short, to be traded at the next open.

        A symbol that is not named is closed, NaN keeps what is held of it; None keeps everything.
        """
        ...


@runtime_checkable
class VectorStrategy(Protocol):
    """Asked once, with the whole history at hand: fast, and on trust until ``prove_causal`` has seen it."""

    def signals(self, view: HistoryView) -> Floats:
        """Weights (n, k) decided after each session from rows up to it; NaN keeps what is held."""
        ...


@runtime_checkable
class OrderStrategy(Protocol):
    """Asked after the close of every session, in order, with its account: market, limit, stop, stop-limit and
    trailing orders, on open and on close, good for a session or until cancelled, in groups and in chains."""

    def orders(self, day: DayView, account: Account) -> Iterable[Order] | None:
        """Orders that work from the next session on; None or nothing leaves those at work as they are.

        Limits and stops are prices as traded (``day.traded``). An order replaces the one of the same ``tag``.
        """
        ...


AnyStrategy: TypeAlias = Strategy | VectorStrategy | OrderStrategy

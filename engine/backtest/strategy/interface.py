"""What a user's strategy implements: one of two methods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from engine.backtest.market import Floats
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

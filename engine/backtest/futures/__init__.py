"""Futures: rolled contracts, daily settlement, margin; signals on continuous series that no later roll changes."""

from engine.backtest.futures.board import Board, Contract, Margin
from engine.backtest.futures.rolling import Roll, fronts
from engine.backtest.futures.root import Root
from engine.backtest.futures.series import continuous
from engine.backtest.futures.simulate import FuturesRun, simulate

__all__ = ["Board", "Contract", "FuturesRun", "Margin", "Roll", "Root", "continuous", "fronts", "simulate"]

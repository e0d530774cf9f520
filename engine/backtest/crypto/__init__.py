"""Crypto: coins bought with cash, and linear perpetuals with funding, margin and liquidation; sessions never end."""

from engine.backtest.crypto.funding import Funding, every
from engine.backtest.crypto.simulate import CryptoRun, simulate
from engine.backtest.crypto.terms import CryptoTerms

__all__ = ["PERIODS", "CryptoRun", "CryptoTerms", "Funding", "every", "simulate"]

PERIODS = 365  # daily sessions a year: statistics are annualised with it

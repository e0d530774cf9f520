"""Strategies of options: a small language, and their simulation on quotes, exact to the minor unit.

    >>> from engine.backtest import options
    >>> read = options.parse("sell put delta 0.30 expiry 30; close at 50% profit; fill mid 10%")
    >>> options.write(read).split("; ")[:4]
    ['sell put delta 0.3 expiry 30', 'close at 50% profit', 'when flat', 'size contracts(1)']

Legs are parted by commas: ``sell`` or ``buy``, how many (one), ``call`` or ``put``, ``delta 0.30`` or ``strike 105%``
(of the close) or ``strike 90``, ``expiry 30`` (calendar days); ``and hold shares`` after them holds the underlying
against each set. Clauses are parted by ; or new lines: ``close at 50% profit``, ``close at 200% loss``, ``close
7 days before expiry`` (shorter: ``take 50%``, ``stop 200%``, ``exit 7 dte``), ``when flat`` or ``every weekly |
monthly | ...``, ``size contracts(2) | cash_secured | notional(100%) | margin(20%)``, ``fill quotes | mid 25%``,
``commission 0.65``, ``prices quoted | simulated(63, 4%)``.

A position is counted in units of the underlying (contracts times multiplier), a premium a unit, so that the ledger of
shares books contracts exactly.
"""

from engine.backtest.options.book import Leg, OptionRules, OptionSize, Simulated
from engine.backtest.options.chain import (
    CASH_AM,
    CASH_PM,
    PHYSICAL,
    ChainMarket,
    Quotes,
    chain_of,
    label,
    labels,
)
from engine.backtest.options.parsing import names, parse
from engine.backtest.options.run import run_options
from engine.backtest.options.simulated import simulated_chain
from engine.backtest.options.words import begins
from engine.backtest.options.written import write

__all__ = [
    "CASH_AM", "CASH_PM", "PHYSICAL", "ChainMarket", "Leg", "OptionRules", "OptionSize", "Quotes", "Simulated",
    "begins", "chain_of", "label", "labels", "names", "parse", "run_options", "simulated_chain", "write",
]  # fmt: skip

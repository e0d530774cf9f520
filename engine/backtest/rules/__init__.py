"""Rules of a strategy: a small language, read into a frozen tree, answered over a market, never run as code.

    >>> from engine.backtest import rules
    >>> read = rules.parse("long when sma(close, 50) > ema(close, 200) and rsi(14) < 70; stop 3*atr(20)")
    >>> rules.write(read)
    'long when sma(close, 50) > ema(close, 200) and rsi(close, 14) < 70; size equal; stop 3 * atr(20); delay 1'
    >>> rules.names(read).indicators, rules.warm_up(read), rules.settling(read)
    (('SMA', 'EMA', 'RSI', 'ATR'), 199, 1581)
    >>> rules.write(rules.parse("50SMA.200EMA"))
    'long when sma(close, 50) > ema(close, 200); exit when not sma(close, 50) > ema(close, 200); size equal; delay 1'

A short form may be followed by further clauses: ``50SMA.200EMA; stop 5%``.

Clauses are parted by ; or new lines: ``long when``, ``exit when``, ``short when``, ``cover when``,
``long top 20 by mom_12_1 in sp500``, ``short bottom 10% by ...`` (``top`` alone is long, ``bottom`` alone short),
``size equal | weight(5%) | volatility_target(10%) | shares(100)``, ``stop``, ``trail`` and ``take`` (5% or
3*atr(20)),
``hold 20``, ``rebalance daily | weekly | monthly | quarterly | yearly``, ``delay 2``. Expressions compare fields,
indicators of the catalogue (``macd(12, 26, 9).signal``), characteristics and numbers: and, or, not, between,
crosses above, crosses below, + - * /, ``close[1]``, abs, larger, smaller, known.

``plan(rules, market)`` answers them all at once, (n, k); ``signals(plan)`` are weights for the fast simulation, and
``Machine(plan)`` steps through sessions for one with orders. Row t of everything uses rows up to t.
"""

from engine.backtest.rules.book import CALENDARS, Distance, Ranking, Rules, Size
from engine.backtest.rules.characteristics import WARM_UP, characteristic
from engine.backtest.rules.errors import RuleError
from engine.backtest.rules.machine import Machine, signals, states
from engine.backtest.rules.parsing import Inputs, names, parse
from engine.backtest.rules.plan import Plan, Side, plan
from engine.backtest.rules.selecting import rebalances, selected
from engine.backtest.rules.short import short_form
from engine.backtest.rules.sizing import Level
from engine.backtest.rules.tree import Node
from engine.backtest.rules.values import Values
from engine.backtest.rules.warming import settling, warm_up
from engine.backtest.rules.written import expression, write

__all__ = [
    "CALENDARS",
    "WARM_UP",
    "Distance",
    "Inputs",
    "Level",
    "Machine",
    "Node",
    "Plan",
    "Ranking",
    "RuleError",
    "Rules",
    "Side",
    "Size",
    "Values",
    "characteristic",
    "expression",
    "names",
    "parse",
    "plan",
    "rebalances",
    "selected",
    "settling",
    "short_form",
    "signals",
    "states",
    "warm_up",
    "write",
]

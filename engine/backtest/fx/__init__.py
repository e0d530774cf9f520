"""Currency pairs: both legs are cash, rolled from value date to value date, equity in the account's currency."""

from engine.backtest.fx.rates import Fixings
from engine.backtest.fx.rollover import Rollover, tom_next, value_dates
from engine.backtest.fx.simulate import FxRun, simulate
from engine.backtest.fx.terms import FxTerms, pip

__all__ = ["Fixings", "FxRun", "FxTerms", "Rollover", "pip", "simulate", "tom_next", "value_dates"]

"""Many runs of one strategy with different parameters: points of a grid, simulated together, judged as a search.

    >>> from engine.backtest import sweep
    >>> grid = sweep.read_grid("{20,50}SMA.{100..300/100}EMA")
    >>> grid.shape, grid.text(0), grid.text(5)
    ((2, 3), '20SMA.100EMA', '50SMA.300EMA')

``evaluate`` simulates points over one set of inputs, as ``engine.backtest.run.run`` would one by one; ``judge`` says
what the best of them is worth, having been searched for.
"""

from engine.backtest.sweep.evaluate import Evaluated, evaluate, side_by_side, summed
from engine.backtest.sweep.grid import Dimension, Grid, GridError, read_grid
from engine.backtest.sweep.judge import Judged, judge
from engine.backtest.sweep.measures import MEASURES, Figures, figures, periods_a_year
from engine.backtest.sweep.outside import CrossValidated, Walked, cross_validated, sharpe, walked
from engine.backtest.sweep.reading import Reader, by_terms

__all__ = [
    "MEASURES",
    "CrossValidated",
    "Dimension",
    "Evaluated",
    "Figures",
    "Grid",
    "GridError",
    "Judged",
    "Reader",
    "Walked",
    "by_terms",
    "cross_validated",
    "evaluate",
    "figures",
    "judge",
    "periods_a_year",
    "read_grid",
    "sharpe",
    "side_by_side",
    "summed",
    "walked",
]

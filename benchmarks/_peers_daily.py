"""backtesting.py, backtrader and bt on the crossover: each on the conventions that it can hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks._peers import Answer, Side, frames, ours
from benchmarks.backtest_crossover import CAPITAL, FEE, SLIP, above
from engine.backtest.market import Market
from engine.backtest.result import Costs


def by_backtesting(given: Market) -> Side:
    """Whole shares; no slippage of exits in it, so slippage is left out and ours runs without it too."""
    from backtesting import Backtest, Strategy

    long = above(given.close)

    class Crossover(Strategy):  # type: ignore[misc]
        column = 0

        def init(self) -> None:
            self.long = long[:, self.column]

        def next(self) -> None:
            wanted = self.long[len(self.data) - 1]
            if wanted and not self.position:
                self.buy(size=0.999999999)
            elif not wanted and self.position:
                self.position.close()

    tables = [each.rename(columns=str.capitalize) for each in frames(given)]

    def call() -> Answer:
        ends, trades = [], 0
        for at, table in enumerate(tables):
            found = Backtest(table, Crossover, cash=CAPITAL, commission=FEE).run(column=at)
            ends.append(found._equity_curve["Equity"].iloc[-1])
            trades += len(found._trades) + len(found._strategy.trades)
        return np.array(ends), trades

    return call


def without_slippage(given: Market) -> Side:
    return ours(given, fractional=False, costs=Costs(per_notional=FEE))


def by_backtrader(given: Market) -> Side:
    """Sizes are worked out at the open (cheat on open), as ours are."""
    import backtrader as bt

    long = above(given.close)

    class Crossover(bt.Strategy):  # type: ignore[misc]
        params = (("column", 0),)

        def __init__(self) -> None:
            self.bought = 0

        def next_open(self) -> None:
            row = len(self.data) - 1  # of the bar whose open it is
            wanted = row > 0 and long[row - 1, self.p.column]
            if wanted and not self.position:
                price = self.data.open[0] * (1 + SLIP) * (1 + FEE)
                self.buy(size=self.broker.getcash() / price * (1 - 1e-12))
            elif not wanted and self.position:
                self.close()

        def next(self) -> None:
            """All is done at the open."""

        def notify_order(self, order: Any) -> None:
            self.bought += order.status == order.Completed and order.isbuy()

    tables = frames(given)

    def call() -> Answer:
        ends, trades = [], 0
        for at, table in enumerate(tables):
            cerebro = bt.Cerebro(cheat_on_open=True)
            cerebro.adddata(bt.feeds.PandasData(dataname=table))
            cerebro.addstrategy(Crossover, column=at)
            cerebro.broker.setcash(CAPITAL)
            cerebro.broker.set_checksubmit(False)  # it would check at the close before
            cerebro.broker.setcommission(commission=FEE)
            cerebro.broker.set_slippage_perc(SLIP, slip_open=True, slip_match=True, slip_out=True)
            trades += cerebro.run()[0].bought
            ends.append(cerebro.broker.getvalue())
        return np.array(ends), trades

    return call


def by_bt(given: Market) -> Side:
    """It knows one price a day: opens, with signals a day later; what is compared is valued at the last open."""
    import bt
    import pandas as pd

    long = above(given.close)
    index = pd.DatetimeIndex(given.dates.astype("M8[ns]"))

    def call() -> Answer:
        ends, trades = [], 0
        for at, symbol in enumerate(given.symbols):
            prices = pd.DataFrame({symbol: given.open[:, at]}, index=index)
            states = pd.Series(np.append(False, long[:-1, at]).astype(float), index=index)
            changes = states[states.diff() != 0].to_frame(symbol)
            book = bt.Strategy(symbol, [bt.algos.WeighTarget(changes), bt.algos.Rebalance()])
            test = bt.Backtest(
                book, prices, initial_capital=CAPITAL, integer_positions=False,
                commissions=lambda shares, price: abs(shares) * price * (FEE + SLIP), progress_bar=False,
            )  # fmt: skip
            test.run()
            ends.append(test.strategy.value)
            trades += int((test.strategy.positions[symbol].diff() > 0).sum())
        return np.array(ends), trades

    return call


def valued_at_open(given: Market) -> Side:
    """Ours, the last session's close replaced by its open."""
    close = given.close.copy()
    close[-1] = given.open[-1]
    return ours(replace(given, close=close), costs=Costs(per_notional=FEE + SLIP))

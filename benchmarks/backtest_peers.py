"""The crossover beside engines that go bar by bar (backtesting.py, backtrader, bt): final equity first, then time.

The same SMA(50)/SMA(200) crossover as ``backtest_crossover``: decided at the close, filled at the next open, 5 bp
commission and 10 bp slippage, each symbol an account of its own, over a few symbols (these engines take as long for
each one). Also: one symbol from the text of its rule, the first call of a fresh process, and memory a bar.

    python -m benchmarks backtest_peers
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import gc
import statistics
import subprocess
import sys
import time
import tracemalloc
import warnings
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.backtest_crossover import CAPITAL, FEE, SLIP, above, market
from engine.backtest.inputs import Inputs, RunSpec
from engine.backtest.market import Market
from engine.backtest.result import Costs, Terms
from engine.backtest.run import run

COLUMNS, ROUNDS = 5, 3
COSTS = Costs(per_notional=FEE, slippage=SLIP)
FRESH = """
import time
start = time.perf_counter()
from benchmarks.backtest_crossover import market
from engine.backtest.inputs import Inputs, RunSpec
from engine.backtest.result import Costs, Terms
from engine.backtest.run import run
given = Inputs(market(columns=1))
ready = time.perf_counter()
run(given, RunSpec("50SMA.200SMA", Costs(per_notional=0.0005, slippage=0.001)))
print(time.perf_counter() - start, time.perf_counter() - ready)
"""


def ours(given: Market, fractional: bool = True, costs: Costs = COSTS) -> Callable[[], np.ndarray]:
    spec = RunSpec("50SMA.200SMA", costs, Terms(CAPITAL, fractional), accounts=True)
    return lambda: np.asarray(run(Inputs(given), spec).result.accounts)[-1]


def frames(given: Market) -> list[Any]:
    import pandas as pd

    names = ("open", "high", "low", "close", "volume")
    index = pd.DatetimeIndex(given.dates.astype("M8[ns]"))
    return [
        pd.DataFrame({name: getattr(given, name)[:, at] for name in names}, index=index)
        for at in range(len(given.symbols))
    ]


def by_backtesting(given: Market) -> Callable[[], np.ndarray]:
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

    def call() -> np.ndarray:
        ends = []
        for at, table in enumerate(tables):
            test = Backtest(table, Crossover, cash=CAPITAL, commission=FEE)
            ends.append(test.run(column=at)._equity_curve["Equity"].iloc[-1])
        return np.array(ends)

    return call


def by_backtrader(given: Market) -> Callable[[], np.ndarray]:
    """Sizes are worked out at the open (cheat on open), as ours are."""
    import backtrader as bt

    long = above(given.close)

    class Crossover(bt.Strategy):  # type: ignore[misc]
        params = (("column", 0),)

        def next_open(self) -> None:
            row = len(self.data) - 1  # of the bar whose open it is
            wanted = row > 0 and long[row - 1, self.p.column]
            if wanted and not self.position:
                self.buy(
                    size=self.broker.getcash() / (self.data.open[0] * (1 + SLIP) * (1 + FEE)) * (1 - 1e-12)
                )
            elif not wanted and self.position:
                self.close()

        def next(self) -> None:
            """All is done at the open."""

    tables = frames(given)

    def call() -> np.ndarray:
        ends = []
        for at, table in enumerate(tables):
            cerebro = bt.Cerebro(cheat_on_open=True)
            cerebro.adddata(bt.feeds.PandasData(dataname=table))
            cerebro.addstrategy(Crossover, column=at)
            cerebro.broker.setcash(CAPITAL)
            cerebro.broker.set_checksubmit(False)  # it would check at the close before
            cerebro.broker.setcommission(commission=FEE)
            cerebro.broker.set_slippage_perc(SLIP, slip_open=True, slip_match=True, slip_out=True)
            cerebro.run()
            ends.append(cerebro.broker.getvalue())
        return np.array(ends)

    return call


def by_bt(given: Market) -> Callable[[], np.ndarray]:
    """It knows one price a day: opens, with signals a day later; what is compared is valued at the last open."""
    import bt
    import pandas as pd

    long = above(given.close)
    index = pd.DatetimeIndex(given.dates.astype("M8[ns]"))

    def call() -> np.ndarray:
        ends = []
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
        return np.array(ends)

    return call


def valued_at_open(given: Market) -> Callable[[], np.ndarray]:
    """Ours, the last session's close replaced by its open."""
    from dataclasses import replace

    close = given.close.copy()
    close[-1] = given.open[-1]
    return ours(replace(given, close=close), costs=Costs(per_notional=FEE + SLIP))


PEERS: tuple[
    tuple[str, Callable[[Market], Callable[[], Any]], Callable[[Market], Callable[[], Any]]], ...
] = (
    ("backtesting", by_backtesting, lambda given: ours(given, False, Costs(per_notional=FEE))),
    ("backtrader", by_backtrader, ours),
    ("bt", by_bt, valued_at_open),
)


def timed(call: Callable[[], Any]) -> float:
    gc.collect()
    start = time.process_time()
    call()
    return time.process_time() - start


def beside(given: Market) -> None:
    print(
        "| | final equity apart from ours | ms a symbol | ours, ms a symbol | times |\n|---|---:|---:|---:|---:|"
    )
    for module, make, mine in PEERS:
        if find_spec(module) is None:
            print(f"| {module} is not installed | | | | |")
            continue
        theirs, own = make(given), mine(given)
        apart = float(np.abs(np.asarray(theirs()) / own() - 1).max())
        turns = [(timed(theirs), timed(own)) for _ in range(ROUNDS)]
        slow, fast = (1e3 * statistics.median(each) / COLUMNS for each in zip(*turns, strict=True))
        print(f"| {module} {version(module)} | {apart:.1e} | {slow:.1f} | {fast:.2f} | {slow / fast:,.0f} |")


def main() -> None:
    warnings.simplefilter("ignore")
    print(f"Python {sys.version.split()[0]}, numpy {version('numpy')}")
    beside(market(columns=COLUMNS))
    one = Inputs(market(columns=1))
    call = lambda: run(one, RunSpec("50SMA.200SMA", COSTS))  # noqa: E731
    call()
    print(f"one symbol, warm: {1e3 * statistics.median(timed(call) for _ in range(25)):.2f} ms")
    found = subprocess.run([sys.executable, "-c", FRESH], capture_output=True, text=True, check=True)
    whole, first = (float(each) for each in found.stdout.split())
    print(f"fresh process: {whole:.2f} s with imports, {1e3 * first:.0f} ms of it the first run")
    for columns in (50, 500):
        given = market(columns=columns)
        for text in ("50SMA.200SMA", "long when sma(close, 50) > sma(close, 200); stop 3%"):
            tracemalloc.start()
            kept = run(Inputs(given), RunSpec(text, COSTS, accounts=True))
            size, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            bars = given.close.size
            print(
                f"{columns} symbols, {text}: {size / bars:.0f} bytes a bar kept, {peak / bars:.0f} at the peak"
            )
            del kept


if __name__ == "__main__":
    main()

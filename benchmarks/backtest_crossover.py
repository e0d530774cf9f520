"""SMA(50)/SMA(200) crossover: 500 symbols x 2,520 sessions, each its own account, beside vectorbt and raptorbt.

Long where the fast average of closes is above the slow one, else flat; decided at the close, filled at the next open;
5 bp commission and 10 bp slippage; fractions of shares, all of the account. A random walk of a fixed seed. A full
result: equity of every account and their sum, weights, trades with their costs; and total return, Sharpe ratio and
drawdown of each account. All sides get the same arrays, run in turn in one process, and must agree before they are
timed. raptorbt works its figures out with every run. A plain numba loop is the floor that numpy is held to.

    python -m benchmarks backtest_crossover
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")

import gc
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import numpy as np
import talib

from engine.backtest.kernel import run_fast
from engine.backtest.market import Market
from engine.backtest.result import Costs, Signals, Terms
from engine.backtest.summary import summary

FAST, SLOW, ROUNDS, CAPITAL = 50, 200, 9, 100_000.0
FEE, SLIP = 0.0005, 0.001
Answer = tuple[np.ndarray, int]  # equity of each account at the end, trades


def market(rows: int = 2520, columns: int = 500, seed: int = 5) -> Market:
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0.0002, 0.015, (rows, columns)), axis=0))
    open_ = np.vstack([close[:1], close[:-1]]) * np.exp(rng.normal(0, 0.003, (rows, columns)))
    ones, none = np.ones((rows, columns)), np.zeros((rows, columns))
    return Market(
        np.datetime64("2010-01-01") + np.arange(rows),
        tuple(f"S{column}" for column in range(columns)),
        np.arange(columns),
        open_,
        np.maximum(open_, close),
        np.minimum(open_, close),
        close,
        ones * 1e6,
        ones,
        none,
        none.astype(np.int64),
        np.full(columns, -1),
        np.full(columns, np.nan),
    )


def above(close: np.ndarray) -> np.ndarray:
    """Whether the fast average is above the slow one (rows, columns); False until both are known."""
    across = np.ascontiguousarray(close.T)
    found = np.empty(across.shape, dtype=bool)
    sma = getattr(talib.SMA, "__wrapped__", talib.SMA)  # as the engine's indicators call it
    for series, out in zip(across, found, strict=True):
        np.greater(sma(series, FAST), sma(series, SLOW), out=out)
    return np.ascontiguousarray(found.T)


class Ours:
    name = "asof"

    def __init__(self, given: Market) -> None:
        self.market = given

    def averages(self) -> np.ndarray:
        return above(self.market.close)

    def run(self, long: np.ndarray, full: bool = True) -> Answer:
        signals = Signals(long.astype(np.float64))
        costs = Costs(per_notional=FEE, slippage=SLIP)
        found = run_fast(self.market, signals, costs, Terms(CAPITAL, fractional=True), accounts=True)
        assert found.accounts is not None
        if full:
            summary(found.accounts, CAPITAL)
        return found.accounts[-1], len(found.trades)


class Vectorbt:
    name = "vectorbt"

    def __init__(self, given: Market) -> None:
        import pandas as pd

        self.close, self.open = (pd.DataFrame(each) for each in (given.close, given.open))

    def averages(self) -> np.ndarray:
        import vectorbt as vbt

        fast, slow = (vbt.MA.run(self.close, window).ma.to_numpy() for window in (FAST, SLOW))
        return np.asarray(fast > slow)

    def run(self, long: np.ndarray, full: bool = True) -> Answer:
        import vectorbt as vbt

        entries, exits = np.zeros_like(long), np.zeros_like(long)
        entries[1:], exits[1:] = long[:-1], ~long[:-1]
        book = vbt.Portfolio.from_signals(
            self.close, entries, exits, price=self.open, fees=FEE, slippage=SLIP, init_cash=CAPITAL, freq="1D"
        )
        if full:
            book.value().sum(axis=1)
            book.total_return()
            book.sharpe_ratio()
            book.max_drawdown()
        return book.value().to_numpy()[-1], len(book.trades.records)


class Raptorbt:
    name = "raptorbt"

    def __init__(self, given: Market) -> None:
        import raptorbt

        names = ("open", "high", "low", "close", "volume")
        self.bars = [
            [np.ascontiguousarray(getattr(given, name)[:, column]) for name in names]
            for column in range(len(given.symbols))
        ]
        self.times = given.dates.astype("datetime64[ns]").astype(np.int64)
        self.config = raptorbt.BacktestConfig(
            initial_capital=CAPITAL, fees=FEE, slippage=SLIP, fill_timing="next_bar_open"
        )

    def averages(self) -> np.ndarray:
        import raptorbt

        found = [raptorbt.sma(bars[3], FAST) > raptorbt.sma(bars[3], SLOW) for bars in self.bars]
        return np.ascontiguousarray(np.column_stack(found))

    def run(self, long: np.ndarray, full: bool = True) -> Answer:
        import raptorbt

        ends, trades, total = [], 0, np.zeros(len(self.times))
        across = np.ascontiguousarray(long.T)
        for bars, entries in zip(self.bars, across, strict=True):
            found = raptorbt.run_single_backtest(self.times, *bars, entries, ~entries, config=self.config)
            curve = found.equity_curve()
            total += curve
            ends.append(curve[-1])
            trades += len(found.trades()) if full else 0
        return np.array(ends), trades


class Floor:
    """What a compiled loop needs: equity, weights of the account and trades, nothing else."""

    name = "numba loop"

    def __init__(self, given: Market) -> None:
        import numba

        self.open, self.close = given.open, given.close
        self.loop = numba.njit(_loop)
        self.sma = numba.njit(_above)

    def averages(self) -> np.ndarray:
        return self.sma(self.close, FAST, SLOW)

    def run(self, long: np.ndarray, full: bool = True) -> Answer:
        accounts, _, trades = self.loop(self.open, self.close, long, FEE, SLIP, CAPITAL)
        if full:
            summary(accounts, CAPITAL)
        return accounts[-1], int(trades)


def _loop(open_: Any, close: Any, long: Any, fee: float, slip: float, capital: float) -> tuple[Any, Any, int]:
    rows, columns = close.shape
    accounts, values = np.empty((rows, columns)), np.empty((rows, columns))
    cash, shares = np.full(columns, capital), np.zeros(columns)
    trades = 0
    for row in range(rows):
        for column in range(columns):
            if row and long[row - 1, column] != (shares[column] > 0):
                if shares[column] > 0:
                    cash[column] += shares[column] * open_[row, column] * (1 - slip) * (1 - fee)
                    shares[column] = 0.0
                else:
                    shares[column] = cash[column] / (open_[row, column] * (1 + slip) * (1 + fee))
                    cash[column] = 0.0
                    trades += 1
            values[row, column] = shares[column] * close[row, column]
            accounts[row, column] = cash[column] + values[row, column]
    return accounts, values, trades


def _above(close: Any, fast: int, slow: int) -> Any:
    rows, columns = close.shape
    found = np.zeros((rows, columns), dtype=np.bool_)
    short, long = np.zeros(columns), np.zeros(columns)
    for row in range(rows):
        for column in range(columns):
            short[column] += close[row, column] - (close[row - fast, column] if row >= fast else 0.0)
            long[column] += close[row, column] - (close[row - slow, column] if row >= slow else 0.0)
            found[row, column] = row >= slow - 1 and short[column] * slow > long[column] * fast
    return found


def sides(given: Market) -> list[Any]:
    peers = ((Vectorbt, "vectorbt"), (Raptorbt, "raptorbt"), (Floor, "numba"))
    found: list[Any] = [Ours(given)]
    for kind, module in peers:
        if find_spec(module):
            found.append(kind(given))
        else:
            print(f"{module} is not installed: left out")
    return found


def check(given: list[Any], long: np.ndarray) -> None:
    """The same end of every account to 1e-9, the same number of trades, the same signals."""
    ends, trades = given[0].run(long)
    for side in list(given[1:]):
        theirs, count = side.run(long)
        apart = float(np.abs(theirs / ends - 1).max())
        others = int((side.averages()[SLOW:] != long[SLOW:]).sum())
        print(
            f"{side.name}: final equity apart by {apart:.1e}, {count} trades ({trades} ours), {others} signals differ"
        )
        if not apart < 1e-9:
            print(f"  {side.name} does not agree: not timed")
            given.remove(side)


def timed(calls: list[Callable[[], Any]], rounds: int = ROUNDS) -> list[float]:
    """Medians in seconds of the processor, in turn: other work on the machine does not count."""
    kept: list[list[float]] = [[] for _ in calls]
    for call in calls:
        call()
    for _ in range(rounds):
        for call, seconds in zip(calls, kept, strict=True):
            gc.collect()  # a side pays for its own garbage, not for the one before it
            start = time.process_time()
            call()
            seconds.append(time.process_time() - start)
    return [statistics.median(seconds) for seconds in kept]


def main() -> None:
    given = market()
    long = above(given.close)
    rivals = sides(given)
    check(rivals, long)
    packages = [name for name in ("numpy", "vectorbt", "raptorbt", "numba") if find_spec(name)]
    print(f"Python {sys.version.split()[0]},", ", ".join(f"{name} {version(name)}" for name in packages))
    rows = {
        "simulation, full result": [lambda side=side: side.run(long) for side in rivals],
        "simulation, equity and trades": [lambda side=side: side.run(long, full=False) for side in rivals],
        "averages": [side.averages for side in rivals],
        "averages and full result": [lambda side=side: side.run(side.averages()) for side in rivals],
    }
    print("\n| ms |", " | ".join(side.name for side in rivals), "|")
    print("|---|", "---:|" * len(rivals), sep="")
    for what, calls in rows.items():
        seconds = timed(calls)
        cells = (f"{1e3 * each:.1f} ({each / seconds[0]:.1f}x)" for each in seconds)
        print(f"| {what} |", " | ".join(cells), "|")


if __name__ == "__main__":
    main()

"""A sweep of 400 SMA crossovers (20 fast by 20 slow) beside vectorbt: over one symbol, and over 20, each by itself.

Long where the fast average of closes is above the slow one, else flat; decided at the close, filled at the next open;
5 bp commission and 10 bp slippage; fractions of shares, all of the account; 2,520 sessions of a random walk of fixed
seed. A full answer is the equity of every point, its return, Sharpe ratio and drawdown, and how many trades it made.
Both sides get the same arrays, work out averages, states and simulation, and must agree before they are timed, in
turn in one process.

    python -m benchmarks backtest_sweep
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
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

from benchmarks.backtest_crossover import market
from engine.backtest.assemble import one_symbol
from engine.backtest.inputs import Inputs, RunSpec
from engine.backtest.market import Market
from engine.backtest.result import Costs, Signals, Terms
from engine.backtest.run import run
from engine.backtest.sweep import evaluate, figures, read_grid

FASTS, SLOWS = range(5, 105, 5), range(110, 310, 10)
FEE, SLIP, CAPITAL, ROUNDS = 0.0005, 0.001, 100_000.0, 7
GRID = read_grid("{5..100/5}SMA.{110..300/10}SMA")
TEXTS = [GRID.text(point) for point in range(len(GRID))]
SPEC = RunSpec("", Costs(per_notional=FEE, slippage=SLIP), Terms(CAPITAL, fractional=True), accounts=True)
Answer = tuple[np.ndarray, int]  # equity of each point at the end, trades


def parts(given: Market) -> list[Market]:
    """Each symbol's market."""
    blank = Signals(np.zeros(given.close.shape))
    return [one_symbol(given, blank, column)[0] for column in range(len(given.symbols))]


def ours(markets: list[Market]) -> Answer:
    ends, trades = [], 0
    for each in markets:
        found = evaluate(Inputs(each), TEXTS, SPEC)
        figures(found.equity, CAPITAL)
        ends.append(found.equity[-1])
        trades += int(found.trades.sum())
    return np.concatenate(ends), trades


def one_by_one(markets: list[Market]) -> Answer:
    ends, trades = [], 0
    for each in markets:
        for text in TEXTS:
            result = run(Inputs(each), replace(SPEC, strategy=text)).result
            figures(result.equity[:, None], CAPITAL)
            ends.append(result.equity[-1])
            trades += len(result.trades)
    return np.array(ends), trades


def vectorbt_of(markets: list[Market]) -> Callable[[], Answer]:
    import pandas as pd
    import vectorbt as vbt

    series = [(pd.Series(each.close[:, 0]), pd.Series(each.open[:, 0])) for each in markets]

    def work() -> Answer:
        ends, trades = [], 0
        for close, first in series:
            fast, slow = (vbt.MA.run(close, list(windows)).ma.to_numpy() for windows in (FASTS, SLOWS))
            long = (fast[:, :, None] > slow[:, None, :]).reshape(len(close), -1)
            entries, exits = np.zeros_like(long), np.zeros_like(long)
            entries[1:], exits[1:] = long[:-1], ~long[:-1]
            book = vbt.Portfolio.from_signals(
                close, entries, exits, price=first, fees=FEE, slippage=SLIP, init_cash=CAPITAL, freq="1D"
            )
            value = book.value()
            book.total_return()
            book.sharpe_ratio()
            book.max_drawdown()
            ends.append(value.to_numpy()[-1])
            trades += int(book.trades.count().sum())
        return np.concatenate(ends), trades

    return work


def timed(work: Callable[[], Answer], rounds: int) -> tuple[float, float]:
    """Median milliseconds of the processor and of the clock."""
    spent, passed = [], []
    for _ in range(rounds):
        gc.collect()
        cpu, clock = time.process_time(), time.perf_counter()
        work()
        spent.append((time.process_time() - cpu) * 1e3)
        passed.append((time.perf_counter() - clock) * 1e3)
    return statistics.median(spent), statistics.median(passed)


def main() -> int:
    from engine.backtest.kernel import run_fast  # loaded before anything is timed

    assert callable(run_fast)
    known = find_spec("vectorbt") is not None
    for symbols, rounds in ((1, ROUNDS), (20, 3)):
        markets = parts(market(columns=symbols))
        sides: dict[str, Callable[[], Answer]] = {"asof": lambda held=markets: ours(held)}
        if symbols == 1:
            sides["asof, one by one"] = lambda held=markets: one_by_one(held)
        if known:
            sides["vectorbt"] = vectorbt_of(markets)
        answers = {name: work() for name, work in sides.items()}
        mine, trades = answers["asof"]
        for name, (ends, count) in answers.items():
            gap = float(np.abs(ends / mine - 1).max())
            assert count == trades, f"{name}: {count} trades, {trades} of ours"
            assert gap < 1e-9, f"{name} is {gap:.1e} off"
            print(f"{symbols} symbol(s): {name}: final equities within {gap:.1e}, {count:,} trades")
        base = 0.0
        for name, work in sides.items():
            cpu, clock = timed(work, 3 if name.endswith("one by one") else rounds)
            base = base or cpu
            told = f"{cpu:,.1f} ms of the processor, {clock:,.1f} by the clock ({cpu / base:.1f}x)"
            print(f"{symbols} symbol(s), {len(TEXTS)} points: {name}: {told}")
    if not known:
        print("vectorbt is not installed: its side was left out", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The crossover beside every peer that can do the work, in one run: final equity first, then time.

The SMA(50)/SMA(200) crossover of ``backtest_crossover``: decided at the close, filled at the next open, 5 bp
commission and 10 bp slippage, each symbol an account of its own. vectorbt and raptorbt get all 500 symbols and give a
full result, averages included; engines that go bar by bar get a few (they take as long for each one), and ours the
same ones, from the text of its rule. Each is compared on conventions that both can hold, told in its own file; what
a side needs of its own (frames, quotes, a bundle) is made before the clock starts. Also: ours from the text of the
rule, the first call of a fresh process, and memory a bar. ``peers.txt`` names versions that live together, in an
environment of their own beside asof's; the newest vectorbt asks for a newer pandas than zipline-reloaded and
nautilus_trader do, runs on theirs, and is installed after them without its demands.

    pip install -r benchmarks/peers.txt
    pip install --no-deps vectorbt==1.2.0
    python -m benchmarks backtest_peers
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")
os.environ.setdefault("TQDM_DISABLE", "1")  # bars of progress

import gc
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks._peers import COSTS, RULES, Peer, Side, ours, whole_shares
from benchmarks._peers_daily import by_backtesting, by_backtrader, by_bt, valued_at_open, without_slippage
from benchmarks._peers_fresh import first_calls
from benchmarks._peers_memory import beside, traced
from benchmarks._peers_nautilus import by_nautilus
from benchmarks._peers_zipline import by_zipline, sessions
from benchmarks.backtest_crossover import Ours, Raptorbt, Vectorbt, market
from engine.backtest.inputs import Inputs, RunSpec
from engine.backtest.market import Market
from engine.backtest.run import run

FEW, ALL, ROUNDS = 5, 500, 3


def full(kind: Any) -> Callable[[Market], Side]:
    """Averages and a full result of a side of ``backtest_crossover``."""

    def made(given: Market) -> Side:
        side = kind(given)
        return lambda: side.run(side.averages())

    return made


PEERS = (
    Peer("raptorbt", full(Raptorbt), full(Ours), ALL),
    Peer("vectorbt", full(Vectorbt), full(Ours), ALL),
    Peer("backtesting", by_backtesting, without_slippage, FEW),
    Peer("nautilus_trader", by_nautilus, whole_shares, FEW),
    Peer("bt", by_bt, valued_at_open, FEW),
    Peer("backtrader", by_backtrader, ours, FEW),
    Peer("zipline-reloaded", by_zipline, whole_shares, FEW, sessions),
)
MODULES = {"zipline-reloaded": "zipline"}


def timed(call: Callable[[], Any]) -> float:
    """Seconds of the processor: other work on the machine does not count."""
    gc.collect()
    start = time.process_time()
    call()
    return time.process_time() - start


def row(peer: Peer) -> str:
    """One line of the table."""
    given = peer.market(market(columns=peer.symbols))
    theirs, own = peer.make(given), peer.mine(given)
    (ends, count), (mine, trades) = theirs(), own()
    apart = float(np.abs(ends / mine - 1).max())
    turns = [(timed(theirs), timed(own)) for _ in range(ROUNDS)]
    slow, fast = (1e3 * statistics.median(each) / peer.symbols for each in zip(*turns, strict=True))
    told = f"| {peer.module} {version(peer.module)} | {peer.symbols} | {apart:.1e} | {count:,} | {trades:,} "
    return told + f"| {slow:.3g} | {fast:.3g} | {slow / fast:,.1f} |"


def table() -> None:
    print("| | symbols | final equity apart | trades | ours | ms a symbol | ours, ms a symbol | times |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for peer in PEERS:
        if find_spec(MODULES.get(peer.module, peer.module)) is None:
            print(f"| {peer.module} is not installed | | | | | | | |")
        else:
            print(row(peer), flush=True)


def main() -> None:
    warnings.simplefilter("ignore")
    packages = (name for name in ("numpy", "pandas", "numba") if find_spec(name))
    print(
        f"Python {sys.version.split()[0]},", ", ".join(f"{name} {version(name)}" for name in packages), "\n"
    )
    table()
    for columns in (1, ALL):
        given = Inputs(market(columns=columns))
        call = lambda: run(given, RunSpec(RULES, COSTS, accounts=True))  # noqa: B023, E731
        call()
        seconds = statistics.median(timed(call) for _ in range(25 if columns == 1 else 5))
        print(f"\nours from the text of the rule, warm, symbols: {columns}: {1e3 * seconds:.2f} ms")
    print()
    first_calls()
    print()
    beside()
    print()
    traced()


if __name__ == "__main__":
    main()

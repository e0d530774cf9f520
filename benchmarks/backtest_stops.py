"""Stops bar by bar: SMA(10)/SMA(30) with a stop of 3%, beside nautilus_trader, backtrader and backtesting.py.

Long while the fast average of closes is above the slow one; a stop works from the entry on; after it the position is
entered anew only after the averages have crossed back. Decided at the close; each symbol an account of its
own, fractions of shares where a side has them, 5 bp commission, no slippage. A random walk of a fixed seed.
Ours is the whole run from the text of the rules (parsed, averages, simulation, trades) over all symbols, as accounts
by symbol and as one account: plainly; with margin that never binds; with margin that cuts most entries (50%, of
positions that ask for more) and calls (49.5% to be kept: a fall of a percent); with 0.5% of a session's volume,
which leaves most fills in parts; with both. And plainly over 1, 5 and 20 symbols, which is what is typed most;
backtesting.py runs over the same one, too. How many were cut, called and in parts is told. backtesting.py knows
margin, and runs with twice the equity too; none of the three fills by volume. They get a few symbols each, as their
time hardly depends on how many: bars a second are compared. Conventions differ
(nautilus_trader fills at the close of the bar that decided, it and backtesting.py count the stop from that close), so
numbers of trades are told and not held to be equal.

    python -m benchmarks backtest_stops
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import gc
import statistics
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.backtest_crossover import market
from engine.backtest.inputs import Inputs, RunSpec
from engine.backtest.market import Market
from engine.backtest.result import Costs, Terms
from engine.backtest.run import run

NEVER, BINDS, PART = (0.5, 0.25), (0.5, 0.495), 0.005
FAST, SLOW, STOP, FEE, CAPITAL, ROUNDS = 10, 30, 0.03, 0.0005, 1_000_000.0, 3
REPEATED = 5  # runs of few symbols to a turn: they take milliseconds
TRADED = 1e8  # of the currency, a session and symbol
ABOVE = f"sma(close, {FAST}) > sma(close, {SLOW})"
RULES = f"long when {ABOVE}; exit when not {ABOVE}; stop 3%"


def bars(columns: int) -> Market:
    """The crossover's market, its bars with wicks, as much money traded in each."""
    given = market(columns=columns)
    noise = np.abs(np.random.default_rng(7).normal(0, 0.004, (2, *given.close.shape)))
    volume = np.round(TRADED / given.close)
    return replace(given, volume=volume, high=given.high * (1 + noise[0]), low=given.low * (1 - noise[1]))


def ours(
    given: Market, accounts: bool = True, margin: tuple[float, float] | None = None, part: float | None = None
) -> Callable[[], Any]:
    """Margins that bind are of positions which ask for more than there is: two and a half times the account, or 2%
    each of 500 symbols of which half are wanted at a time. Positions come to about CAPITAL each everywhere."""
    initial, least = margin or (None, None)
    capital, size = CAPITAL if accounts else CAPITAL * len(given.symbols), ""
    if margin == BINDS:
        capital = CAPITAL / 2 if accounts else CAPITAL / 0.02
        size = f"; size weight({'250%' if accounts else '2%'})"
    terms = Terms(capital, fractional=True, initial_margin=initial, maintenance_margin=least)
    spec = RunSpec(RULES + size, Costs(per_notional=FEE, participation=part), terms, accounts=accounts)
    return lambda: run(Inputs(given), spec).result


def by_backtesting(given: Market, margin: float = 1.0) -> Callable[[], Any]:
    import pandas as pd
    from backtesting import Backtest, Strategy

    class Crossover(Strategy):  # type: ignore[misc]
        def init(self) -> None:
            close = pd.Series(self.data.Close)
            self.fast = self.I(lambda: close.rolling(FAST).mean())
            self.slow = self.I(lambda: close.rolling(SLOW).mean())
            self.waits = False

        def next(self) -> None:
            above = self.fast[-1] > self.slow[-1]
            self.waits = self.waits and above
            if above and not self.position and not self.waits:
                size = 0.9999
                self.buy(size=size, sl=self.data.Close[-1] * (1 - STOP))
                self.waits = True
            elif not above and self.position:
                self.position.close()

    frames = [
        pd.DataFrame(
            {
                "Open": given.open[:, at], "High": given.high[:, at], "Low": given.low[:, at],
                "Close": given.close[:, at], "Volume": given.volume[:, at],
            },
            index=pd.DatetimeIndex(given.dates.astype("M8[ns]")),
        )
        for at in range(len(given.symbols))
    ]  # fmt: skip

    def call() -> list[int]:
        return [
            len(
                Backtest(frame, Crossover, cash=CAPITAL, commission=FEE, margin=margin, finalize_trades=True)
                .run()
                ._trades
            )
            for frame in frames
        ]

    return call


def by_backtrader(given: Market) -> Callable[[], Any]:
    import backtrader as bt
    import pandas as pd

    class Crossover(bt.Strategy):  # type: ignore[misc]
        def __init__(self) -> None:
            self.fast = bt.indicators.SMA(self.data.close, period=FAST)
            self.slow = bt.indicators.SMA(self.data.close, period=SLOW)
            self.stop_order, self.waits, self.count = None, False, 0

        def notify_order(self, order: Any) -> None:
            if order.status == order.Completed and order.isbuy():
                level = order.executed.price * (1 - STOP)
                self.stop_order = self.sell(exectype=bt.Order.Stop, price=level, size=order.executed.size)
                self.count += 1

        def next(self) -> None:
            above = self.fast[0] > self.slow[0]
            self.waits = self.waits and above
            if above and not self.position and not self.waits:
                self.buy(size=int(self.broker.getcash() / self.data.close[0] * 0.95))
                self.waits = True
            elif not above and self.position:
                self.cancel(self.stop_order)
                self.close()

    def call() -> list[int]:
        found = []
        for at in range(len(given.symbols)):
            frame = pd.DataFrame(
                {name: getattr(given, name)[:, at] for name in ("open", "high", "low", "close", "volume")},
                index=pd.DatetimeIndex(given.dates.astype("M8[ns]")),
            )
            cerebro = bt.Cerebro()
            cerebro.adddata(bt.feeds.PandasData(dataname=frame))
            cerebro.addstrategy(Crossover)
            cerebro.broker.setcash(CAPITAL)
            cerebro.broker.setcommission(commission=FEE)
            found.append(cerebro.run()[0].count)
        return found

    return call


def by_nautilus(given: Market) -> Callable[[], Any]:
    from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
    from nautilus_trader.config import LoggingConfig, StrategyConfig
    from nautilus_trader.indicators import SimpleMovingAverage
    from nautilus_trader.model.currencies import USD
    from nautilus_trader.model.data import Bar, BarType
    from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
    from nautilus_trader.model.identifiers import Venue
    from nautilus_trader.model.objects import Money, Price, Quantity
    from nautilus_trader.test_kit.providers import TestInstrumentProvider
    from nautilus_trader.trading.strategy import Strategy

    class Config(StrategyConfig, frozen=True):  # type: ignore[misc, call-arg]
        bar_type: Any

    class Crossover(Strategy):  # type: ignore[misc]
        def __init__(self, config: Any) -> None:
            super().__init__(config)
            self.fast, self.slow = SimpleMovingAverage(FAST), SimpleMovingAverage(SLOW)
            self.waits, self.count = False, 0

        def on_start(self) -> None:
            self.security = self.cache.instrument(self.config.bar_type.instrument_id)
            for each in (self.fast, self.slow):
                self.register_indicator_for_bars(self.config.bar_type, each)
            self.subscribe_bars(self.config.bar_type)

        def on_bar(self, bar: Any) -> None:
            if not self.slow.initialized:
                return
            above = self.fast.value > self.slow.value
            name, flat = self.security.id, self.portfolio.is_flat(self.security.id)
            self.waits = self.waits and above
            if above and flat and not self.waits:
                size = Quantity.from_int(int(0.9 * CAPITAL / float(bar.close)))
                self.submit_order(self.order_factory.market(name, OrderSide.BUY, size))
                level = Price(float(bar.close) * (1 - STOP), self.security.price_precision)
                stop = self.order_factory.stop_market(name, OrderSide.SELL, size, level, reduce_only=True)
                self.submit_order(stop)
                self.waits, self.count = True, self.count + 1
            elif not above and not flat:
                self.cancel_all_orders(name)
                self.close_all_positions(name)

    times = given.dates.astype("M8[ns]").astype(np.int64) + 16 * 3_600_000_000_000
    feeds = []
    for at, symbol in enumerate(given.symbols):
        security = TestInstrumentProvider.equity(symbol=symbol, venue="XNAS")
        kind = BarType.from_str(f"{security.id}-1-DAY-LAST-EXTERNAL")
        panels = (np.round(each[:, at], 2) for each in (given.open, given.high, given.low, given.close))
        rows = zip(*(each.tolist() for each in panels), times.tolist(), strict=True)
        volume = Quantity.from_int(1_000_000)
        feed = [
            Bar(kind, Price(o, 2), Price(max(h, o, c), 2), Price(min(lo, o, c), 2), Price(c, 2), volume, t, t)
            for o, h, lo, c, t in rows
        ]
        feeds.append((security, kind, feed))

    def call() -> list[int]:
        config = BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True), run_analysis=False)
        engine = BacktestEngine(config=config)
        money = [Money(CAPITAL * len(feeds), USD)]
        engine.add_venue(Venue("XNAS"), OmsType.NETTING, AccountType.MARGIN, money, USD)
        made = []
        for place, (security, kind, feed) in enumerate(feeds):
            engine.add_instrument(security)
            engine.add_data(feed)
            made.append(Crossover(Config(bar_type=kind, order_id_tag=f"{place:03d}")))
        engine.add_strategies(made)
        engine.run()
        engine.dispose()
        return [each.count for each in made]

    return call


FEW = (1, 5, 20)  # symbols
PEERS = (
    ("nautilus_trader", "nautilus_trader", by_nautilus, 10),
    ("backtesting.py", "backtesting", by_backtesting, 10),
    ("backtesting.py, 1 symbol,", "backtesting", by_backtesting, 1),
    ("backtesting.py, margin 50%,", "backtesting", lambda given: by_backtesting(given, 0.5), 10),
    ("backtrader", "backtrader", by_backtrader, 5),
)


def main() -> None:
    warnings.simplefilter("ignore")
    whole = bars(500)
    sides: list[tuple[str, Callable[[], Any], int]] = [
        (f"asof, {name}{words}", ours(whole, accounts, margin, part), 500)
        for words, margin, part in (
            ("", None, None), (", margin never binding", NEVER, None), (", margin binding", BINDS, None),
            (", volume binding", None, PART), (", both binding", BINDS, PART),
        )
        for name, accounts in (("500 accounts", True), ("one account", False))
    ]  # fmt: skip
    for columns in FEW:
        words = "1 symbol" if columns == 1 else f"{columns} symbols"
        sides.append((f"asof, {words}, an account each", ours(bars(columns)), columns))
        sides.append((f"asof, {words}, one account", ours(bars(columns), False), columns))
    for name, module, make, columns in PEERS:
        if find_spec(module) is None:
            print(f"{module} is not installed: left out")
            continue
        sides.append((f"{name} {version(module)}", make(bars(columns)), columns))
    kept: dict[str, list[float]] = {name: [] for name, _, _ in sides}
    trades: dict[str, float] = {}
    told: dict[str, list[str]] = {}
    for turn in range(ROUNDS + 1):
        for name, call, columns in sides:
            gc.collect()
            times = REPEATED if columns in FEW else 1
            start = time.process_time()
            for _ in range(times):
                found = call()
            seconds = (time.process_time() - start) / times
            count = len(found.trades) if hasattr(found, "trades") else sum(found)
            trades[name] = count / columns
            if hasattr(found, "events"):
                told[name] = [event.kind for event in found.events]
            del found
            if turn:
                kept[name].append(columns * len(whole.dates) / seconds)
    rates = {name: statistics.median(each) for name, each in kept.items()}
    print(f"Python {sys.version.split()[0]}, numpy {version('numpy')}")
    fastest = max((rate for name, rate in rates.items() if not name.startswith("asof")), default=float("nan"))
    print("\n| | bars a second | it / the fastest other | trades a symbol | cut | calls | in parts |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, rate in rates.items():
        kinds = Counter(told.get(name, ()))
        counts = " | ".join(f"{kinds[kind]:,}" for kind in ("margin", "margin call", "partial"))
        print(f"| {name} | {rate:,.0f} | {rate / fastest:,.1f} | {trades[name]:.1f} | {counts} |")


if __name__ == "__main__":
    main()

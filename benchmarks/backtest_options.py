"""Options session by session: straddles, covered calls, protective puts and condors on a chain quoted every day.

A random walk of a fixed seed with quarterly dividends and a weekly set of American contracts settled in shares: eight
Fridays ahead and ten third Fridays, calls and puts in steps of about 1.5%, bid and ask of each after every close.
Each strategy runs from the text of its legs to the whole result (choice by delta or strike, orders, margin,
assignment, early exercise at ex-dates, expiry, marks, exact ledger, trades). A bar is the quote of one
contract on one session; all of them stand in arrays before the clock starts, for every side.

Nobody else here simulates options with exercise and assignment. What stands beside it: backtesting.py, bar by bar
over the underlying alone with a stop; and nautilus_trader, which is handed quotes of option contracts and trades a
short straddle chosen beforehand through them, without exercise, assignment or a broker's margin: once every quote
of the chain, once those of the contracts it trades alone. Each side's own bars a second, and its sessions.

    python -m benchmarks backtest_options
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
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.backtest_stops import by_backtesting
from engine.backtest.market import Market
from engine.backtest.options import ChainMarket, chain_of, labels, parse, run_options
from engine.backtest.result import Costs, Terms

STRATEGIES = {
    "monthly short straddle": "sell call delta 0.50 expiry 30, sell put delta 0.50 expiry 30; close at 50% profit; "
    "close at 200% loss; every monthly",
    "weekly covered call": "sell call delta 0.30 expiry 7 and hold shares; when flat",
    "weekly protective put": "buy put strike 97% expiry 7 and hold shares; when flat",
    "iron condor": "sell put delta 0.20 expiry 45, buy put delta 0.08 expiry 45, sell call delta 0.20 expiry 45, "
    "buy call delta 0.08 expiry 45; close at 50% profit; close 21 days before expiry; size margin(20%)",
    "weekly strangles on margin": "sell put delta 0.25 expiry 30, sell call delta 0.25 expiry 30; every weekly; "
    "size margin(20%); close at 60% profit; close at 150% loss",
}
SPREAD, VOLATILITY, RATE = 0.03, 0.22, 0.02
CAPITAL, ROUNDS, PEER_ROWS = 1_000_000.0, 5, 252


def underlying(rows: int = 2520, seed: int = 5) -> Market:
    """Working days of a random walk from 100 that pays 0.5% a quarter."""
    rng = np.random.default_rng(seed)
    days = np.busday_offset(np.datetime64("2010-01-04"), np.arange(rows))
    moves = rng.normal(0.0002, 0.013, rows)
    dividend = np.where(np.arange(rows) % 63 == 40, 0.005, 0.0)
    close = np.round(100 * np.exp(np.cumsum(moves - dividend)), 2)
    paid = np.round(np.concatenate([[0], close[:-1]]) * dividend, 2)
    open_ = np.round(np.concatenate([[100], close[:-1]]) * np.exp(rng.normal(0, 0.003, rows)), 2)
    columns = [each[:, None] for each in (open_, np.maximum(open_, close), np.minimum(open_, close), close)]
    ones = np.ones((rows, 1))
    return Market(
        days, ("U",), np.array([1]), *columns, ones * 1e6, ones, paid[:, None], np.zeros((rows, 1), dtype=np.int64),
        np.array([-1]), np.array([np.nan]),
    )  # fmt: skip


def chain(bars: Market, width: int = 24, gaps: float = 0.0) -> ChainMarket:
    """Calls and puts of eight weeks and ten months ahead, listed within ``width`` strikes around a close and quoted
    from then on until they expire; ``gaps``: the part of quotes that is missing."""
    from engine.quant.options import bsm

    days, close = bars.dates, bars.close[:, 0]
    rng = np.random.default_rng(11)
    volatility = VOLATILITY * np.exp(np.cumsum(rng.normal(0, 0.002, len(days))))
    until, at, first = _listed(days, close, width)
    last = np.searchsorted(days, until, side="right") - 1
    counts = last - first + 1
    pair = np.repeat(np.arange(len(at)), counts)
    row = np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts - first, counts)
    years = np.maximum((until[pair] - days[row]).astype(np.float64), 1e-6) / 365
    quotes = []
    for kind in (1, -1):
        price = np.asarray(bsm(float(kind), close[row], at[pair], years, RATE, 0.02, volatility[row]))
        price = np.maximum(price, kind * (close[row] - at[pair]))
        half = np.maximum(price * SPREAD / 2, 0.005)
        bid = np.where(price - half < 0.01, 0.0, np.round(price - half, 2))
        quotes.append((bid, np.round(price + half, 2) + 0.01))
    kinds = np.tile([1, -1], len(at))
    strikes, expiries = np.repeat(at, 2), np.repeat(until, 2)
    columns = {
        "kind": kinds, "strike": strikes, "expiry": expiries, "multiplier": np.full(len(kinds), 100),
        "american": np.full(len(kinds), True), "settlement": np.zeros(len(kinds), dtype=np.int64),
    }  # fmt: skip
    symbols = labels("U", kinds, strikes, expiries)
    contract = (2 * pair[:, None] + np.arange(2)).ravel()
    bid, ask = (np.stack([each[side] for each in quotes], axis=1).ravel() for side in (0, 1))
    kept = rng.random(len(contract)) >= gaps
    rows = np.repeat(row, 2)[kept]
    return chain_of(days, symbols, columns, rows, contract[kept], bid[kept], ask[kept])


def _listed(days: np.ndarray, close: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Expiry, strike and first session of each pair of contracts, in order of expiry and strike."""
    fridays = np.busday_offset(days, 0, roll="forward", weekmask="Fri")[:, None] + 7 * np.arange(8)
    months = days.astype("datetime64[M]")[:, None] + np.arange(3, 13)
    thirds = np.busday_offset(months.astype("datetime64[D]"), 2, roll="forward", weekmask="Fri")
    expiry = np.concatenate([fridays, thirds], axis=1)  # (n, e)
    steps = np.array([0.5, 1.0, 2.5, 5.0, 10.0])
    size = steps[np.searchsorted(steps, close * 0.01).clip(0, len(steps) - 1)]
    strike = (np.round(close / size)[:, None] + np.arange(width) - width // 2) * size[:, None]  # (n, w)
    shape = (len(days), expiry.shape[1], width)
    until = np.broadcast_to(expiry[:, :, None], shape).ravel()
    at = np.broadcast_to(strike[:, None, :], shape).ravel()
    key = until.astype(np.int64) * 10_000_000 + np.round(at * 100).astype(np.int64)
    _, first = np.unique(key, return_index=True)
    first = first[at[first] > 0]
    return until[first], at[first], first // (shape[1] * shape[2])


def ours(book: ChainMarket, bars: Market, text: str) -> Callable[[], int]:
    costs, terms = Costs(per_notional=0.0005, cash_rate=RATE), Terms(CAPITAL)
    return lambda: len(run_options(book, bars, parse(text), costs, terms, rates=RATE).result.trades)


def straddles(book: ChainMarket, bars: Market) -> list[tuple[int, int, int]]:
    """A straddle a month, chosen beforehand: the row of its entry, the call at the money of some 30 days, the put."""
    months = bars.dates.astype("datetime64[M]")
    found = []
    for row in (np.flatnonzero(months[1:] != months[:-1]) + 1).tolist():
        quotes = book.session(row - 1)
        away = np.abs((book.expiry[quotes.contract] - bars.dates[row]).astype(int) - 30)
        far = away + np.abs(book.strike[quotes.contract] / bars.close[row - 1, 0] - 1)
        call = int(quotes.contract[np.argmin(far)])
        put = book.find(-1, float(book.strike[call]), book.expiry[call], row)
        call = book.find(1, float(book.strike[call]), book.expiry[call], row) or call
        if put is not None:
            found.append((row, call, put))
    return found


def only(book: ChainMarket, contracts: list[int]) -> ChainMarket:
    """The same chain with the quotes of some contracts."""
    kept = np.isin(book.contract, contracts)
    rows = np.repeat(np.arange(len(book.dates)), np.diff(book.first))[kept]
    first = np.searchsorted(rows, np.arange(len(book.dates) + 1))
    return replace(book, first=first, contract=book.contract[kept], bid=book.bid[kept], ask=book.ask[kept])


def by_nautilus(book: ChainMarket, bars: Market) -> Callable[[], int]:
    """Every quote of the chain goes through the simulated exchange; the strategy hears those it trades only."""
    from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
    from nautilus_trader.config import LoggingConfig
    from nautilus_trader.model.currencies import USD
    from nautilus_trader.model.data import QuoteTick
    from nautilus_trader.model.enums import AccountType, AssetClass, OmsType, OptionKind, OrderSide
    from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
    from nautilus_trader.model.instruments import OptionContract
    from nautilus_trader.model.objects import Money, Price, Quantity
    from nautilus_trader.trading.strategy import Strategy

    times = (bars.dates.astype("M8[ns]").astype(np.int64) + 20 * 3_600_000_000_000).tolist()
    names = [InstrumentId(Symbol(f"C{each}"), Venue("XCBO")) for each in range(len(book.symbols))]
    used = np.unique(book.contract).tolist()
    ends = ((book.expiry + 1).astype("M8[ns]").astype(np.int64)).tolist()
    contracts = [
        OptionContract(
            names[one], names[one].symbol, AssetClass.EQUITY, USD, 2, Price(0.01, 2), Quantity.from_int(100),
            Quantity.from_int(1), "U", OptionKind.CALL if book.kind[one] > 0 else OptionKind.PUT,
            Price(float(book.strike[one]), 2), 0, ends[one], 0, 0,
        )
        for one in used
    ]  # fmt: skip
    size, rows = Quantity.from_int(100), np.repeat(np.arange(len(bars.dates)), np.diff(book.first))
    feed = [
        QuoteTick(names[one], Price(bid, 2), Price(ask, 2), size, size, times[row], times[row])
        for row, one, bid, ask in zip(
            rows.tolist(), book.contract.tolist(), book.bid.tolist(), book.ask.tolist(), strict=True
        )
    ]
    plan = straddles(book, bars)

    class Straddles(Strategy):  # type: ignore[misc]
        def on_start(self) -> None:
            self.sold: dict[Any, float] = {}
            self.wanted = {names[one]: times[row] for row, *legs in plan for one in legs}
            self.until = {
                names[one]: times[min(row + 18, len(times) - 1)] for row, *legs in plan for one in legs
            }
            self.count = 0
            for name in self.wanted:
                self.subscribe_quote_ticks(name)

        def on_quote_tick(self, tick: Any) -> None:
            name, one = tick.instrument_id, Quantity.from_int(1)
            if tick.ts_event == self.wanted[name]:
                self.submit_order(self.order_factory.market(name, OrderSide.SELL, one))
                self.sold[name] = float(tick.bid_price)
                self.count += 1
            elif name in self.sold:
                ask, sold = float(tick.ask_price), self.sold[name]
                if ask <= 0.5 * sold or ask >= 3 * sold or tick.ts_event >= self.until[name]:
                    self.submit_order(self.order_factory.market(name, OrderSide.BUY, one))
                    del self.sold[name]

    def call() -> int:
        config = BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True), run_analysis=False)
        engine = BacktestEngine(config=config)
        money = [Money(CAPITAL, USD)]
        engine.add_venue(Venue("XCBO"), OmsType.NETTING, AccountType.MARGIN, money, USD)
        for each in contracts:
            engine.add_instrument(each)
        engine.add_data(feed)
        strategy = Straddles()
        engine.add_strategy(strategy)
        engine.run()
        engine.dispose()
        return int(strategy.count)

    return call


def peers_of(bars: Market) -> list[tuple[str, Callable[[], int], int, int]]:
    """Name, run, bars and sessions of each peer that is installed."""
    found: list[tuple[str, Callable[[], int], int, int]] = []
    if find_spec("nautilus_trader") is None:
        print("nautilus_trader is not installed: left out")
    else:
        short = underlying(PEER_ROWS)
        whole = chain(short)
        lean = only(whole, [one for _, *legs in straddles(whole, short) for one in legs])
        name = f"nautilus_trader {version('nautilus_trader')}, straddle,"
        found.append((f"{name} every quote", by_nautilus(whole, short), len(whole.bid), PEER_ROWS))
        found.append((f"{name} of its contracts", by_nautilus(lean, short), len(lean.bid), PEER_ROWS))
    if find_spec("backtesting") is None:
        print("backtesting is not installed: left out")
    else:
        name = f"backtesting.py {version('backtesting')}, the underlying's bars"
        call = by_backtesting(bars)
        found.append((name, lambda: sum(call()), len(bars.dates), len(bars.dates)))
    return found


def main() -> None:
    warnings.simplefilter("ignore")
    os.environ["TQDM_DISABLE"] = "1"
    bars = underlying()
    book, gapped = chain(bars), chain(bars, gaps=0.0005)
    count, rows = len(book.bid), len(bars.dates)
    print(f"Python {sys.version.split()[0]}, numpy {version('numpy')}")
    print(
        f"{count:,} quotes of {len(book.symbols):,} contracts on {rows:,} sessions, {count / rows:,.0f} a session"
    )
    sides = [(f"asof, {name}", ours(book, bars, text), count, rows) for name, text in STRATEGIES.items()]
    first = next(iter(STRATEGIES))
    name = f"asof, {first}, 1 quote of 2,000 missing"
    sides.append((name, ours(gapped, bars, STRATEGIES[first]), len(gapped.bid), rows))
    peers = peers_of(bars)
    taken: dict[str, list[float]] = {name: [] for name, *_ in (*sides, *peers)}
    found: dict[str, int] = {}
    for turn in range(ROUNDS + 1):
        for name, call, _, _ in (*sides, *peers):
            gc.collect()
            start = time.process_time()
            found[name] = call()
            if turn:
                taken[name].append(time.process_time() - start)
    seconds = {name: statistics.median(each) for name, each in taken.items()}
    beside = {name: quotes / seconds[name] for name, _, quotes, _ in peers}
    heads = "".join(f" over {name.split()[0]}, {name.split(', ')[-1]} |" for name in beside)
    print(f"\n| | quotes (bars) a second | ms | sessions a second | trades |{heads}")
    print("|---|---:|---:|---:|---:|" + "---:|" * len(beside))
    for name, _, quotes, sessions in (*sides, *peers):
        rate, pace = quotes / seconds[name], sessions / seconds[name]
        ratios = "".join(f" {rate / each:,.1f} |" for each in beside.values())
        print(f"| {name} | {rate:,.0f} | {seconds[name] * 1e3:,.0f} | {pace:,.0f} | {found[name]} |{ratios}")


if __name__ == "__main__":
    main()

"""nautilus_trader on the crossover: a quote at each open, a bar at each close, each symbol a venue with its account.

It holds prices and money in decimals: nine of each here (its US dollar has two, so a currency of the walk's own is
made), and whole shares. The quote at the open is the open less and plus the slippage; an order on it is filled there.
What it rounds away is the difference: 9e-4 of the equity with two decimals, 9e-7 with four, 1e-8 with six.
Decided on the bar before; sizes are of the quote, as ours are of the open. What is compared is the account's cash and
what is held at the last close.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np

from benchmarks._peers import PRICES, Answer, Side
from benchmarks.backtest_crossover import CAPITAL, FEE, SLIP, above
from engine.backtest.market import Market

DECIMALS = 9
HOUR = 3_600_000_000_000  # nanoseconds


def currency(decimals: int) -> Any:
    from nautilus_trader.model.enums import CurrencyType
    from nautilus_trader.model.objects import Currency

    made = Currency("WALK", decimals, 0, "the walk's", CurrencyType.FIAT)
    Currency.register(made, overwrite=True)
    return made


def feeds(given: Market, money: Any, decimals: int) -> list[tuple[Any, Any, list[Any]]]:
    """Securities, kinds of their bars, and quotes and bars in order of time."""
    from nautilus_trader.model.data import Bar, BarType, QuoteTick
    from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
    from nautilus_trader.model.instruments import Equity
    from nautilus_trader.model.objects import Price, Quantity

    opens = (given.dates.astype("M8[ns]").astype(np.int64) + 9 * HOUR).tolist()
    much, step, fee = Quantity.from_int(1_000_000), Price(10.0**-decimals, decimals), Decimal(str(FEE))
    found = []
    for at, symbol in enumerate(given.symbols):
        name = InstrumentId(Symbol(symbol), Venue(f"VENUE{at}"))
        security = Equity(
            name,
            Symbol(symbol),
            money,
            decimals,
            step,
            Quantity.from_int(1),
            0,
            0,
            maker_fee=fee,
            taker_fee=fee,
        )
        kind = BarType.from_str(f"{name}-1-DAY-LAST-EXTERNAL")
        told: list[Any] = []
        for time, *bar in zip(opens, *(getattr(given, each)[:, at].tolist() for each in PRICES), strict=True):
            bid, ask = (Price(bar[0] * (1 + slip), decimals) for slip in (-SLIP, SLIP))
            told.append(QuoteTick(name, bid, ask, much, much, time, time))
            prices = (Price(each, decimals) for each in bar)
            told.append(Bar(kind, *prices, much, time + 7 * HOUR, time + 7 * HOUR))
        found.append((security, kind, told))
    return found


def by_nautilus(given: Market, decimals: int = DECIMALS) -> Side:
    from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
    from nautilus_trader.config import LoggingConfig, StrategyConfig
    from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
    from nautilus_trader.model.objects import Money, Quantity
    from nautilus_trader.trading.strategy import Strategy

    class Config(StrategyConfig, frozen=True):  # type: ignore[misc, call-arg]
        bar_type: Any
        column: int

    class Crossover(Strategy):  # type: ignore[misc]
        def __init__(self, config: Any) -> None:
            super().__init__(config)
            self.long, self.row = long[:, config.column].tolist(), 0
            self.wanted, self.held, self.bought, self.last = False, 0, 0, 0.0

        def on_start(self) -> None:
            self.subscribe_quote_ticks(self.config.bar_type.instrument_id)
            self.subscribe_bars(self.config.bar_type)

        def on_bar(self, bar: Any) -> None:
            self.wanted, self.last = self.long[self.row], bar.close.as_double()
            self.row += 1

        def on_quote_tick(self, tick: Any) -> None:
            if self.wanted == bool(self.held):
                return
            size, side = self.held, OrderSide.SELL
            if self.wanted:
                cash = self.cash()
                size, side = int(cash / (tick.ask_price.as_double() * (1 + FEE))), OrderSide.BUY
            self.submit_order(self.order_factory.market(tick.instrument_id, side, Quantity.from_int(size)))

        def on_order_filled(self, event: Any) -> None:
            bought = event.order_side == OrderSide.BUY
            self.held += int(event.last_qty) * (1 if bought else -1)
            self.bought += bought

        def cash(self) -> float:
            name = self.config.bar_type.instrument_id
            return float(self.portfolio.account(name.venue).balance_total(money).as_double())

    long, money = above(given.close), currency(decimals)
    told = feeds(given, money, decimals)

    def call() -> Answer:
        quiet = LoggingConfig(bypass_logging=True)
        engine = BacktestEngine(config=BacktestEngineConfig(logging=quiet, run_analysis=False))
        made = []
        for at, (security, kind, data) in enumerate(told):
            venue = security.id.venue
            engine.add_venue(venue, OmsType.NETTING, AccountType.CASH, [Money(CAPITAL, money)])
            engine.add_instrument(security)
            engine.add_data(data)
            made.append(Crossover(Config(bar_type=kind, column=at, order_id_tag=f"{at:03d}")))
        engine.add_strategies(made)
        engine.run()
        ends = np.array([each.cash() + each.held * each.last for each in made])
        trades = sum(each.bought for each in made)
        engine.dispose()
        return ends, trades

    return call

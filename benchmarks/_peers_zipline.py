"""zipline-reloaded on the crossover, out of a bundle that is written from the arrays into a folder of its own.

It runs only on sessions of an exchange's calendar and on prices in thousandths, so both sides get New York's sessions
as dates and prices of three decimals (against prices that are not rounded it is 1e-5 apart); whole shares. An order
given at a close is filled in the next session at the price that its slippage names: here that session's open. Sizes
are of that open, as ours are. Nothing is read from the internet: the benchmark is given, all zeros.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks._peers import PRICES, Answer, Side, rounded
from benchmarks.backtest_crossover import CAPITAL, FEE, SLIP, above
from engine.backtest.market import Market

DECIMALS, CALENDAR, BUNDLE = 3, "XNYS", "walk"


def sessions(given: Market) -> Market:
    """The same walk on sessions that its calendar knows, in prices that its files hold."""
    from zipline.utils.calendar_utils import get_calendar

    known = get_calendar(CALENDAR).sessions
    dates = known[known >= given.dates[0]][: len(given.dates)]
    return rounded(replace(given, dates=dates.to_numpy().astype("M8[D]")), DECIMALS)


def ingested(given: Market, environ: dict[str, str]) -> None:
    """Writes the walk as a bundle under ``ZIPLINE_ROOT`` of ``environ``."""
    import pandas as pd
    from zipline.data import bundles

    dates = pd.DatetimeIndex(given.dates.astype("M8[ns]"))
    names = list(given.symbols)

    def bars(at: int) -> Any:
        return pd.DataFrame({name: getattr(given, name)[:, at] for name in (*PRICES, "volume")}, index=dates)

    def ingest(_: Any, assets: Any, __: Any, daily: Any, adjustments: Any, *___: Any) -> None:
        daily.write((at, bars(at)) for at in range(len(names)))
        whole = {"start_date": dates[0], "end_date": dates[-1], "exchange": "WALK"}
        table = pd.DataFrame({"symbol": names, "asset_name": names}).assign(**whole)
        venue = {"exchange": ["WALK"], "canonical_name": ["WALK"], "country_code": ["US"]}
        assets.write(equities=table, exchanges=pd.DataFrame(venue))
        adjustments.write()

    if BUNDLE in bundles.bundles:
        bundles.unregister(BUNDLE)
    bundles.register(BUNDLE, ingest, CALENDAR, start_session=dates[0], end_session=dates[-1])
    bundles.ingest(BUNDLE, environ=environ)


def by_zipline(given: Market) -> Side:
    """One algorithm a symbol, as each is an account of its own."""
    import pandas as pd
    from zipline import run_algorithm
    from zipline.api import order, set_commission, set_slippage, sid
    from zipline.finance.commission import PerDollar
    from zipline.finance.slippage import SlippageModel
    from zipline.utils.calendar_utils import get_calendar

    folder = tempfile.TemporaryDirectory(prefix="zipline-")
    ingested(given, {"ZIPLINE_ROOT": folder.name})
    long, last = above(given.close), len(given.dates) - 1
    dates = pd.DatetimeIndex(given.dates.astype("M8[ns]"))
    flat = pd.Series(0.0, index=dates)

    class AtOpen(SlippageModel):  # type: ignore[misc]
        def process_order(self, data: Any, order: Any) -> tuple[float, int]:
            return data.current(order.asset, "open") * (1 + SLIP * order.direction), order.amount

    def one(at: int) -> Any:
        def initialize(context: Any) -> None:
            context.row, context.asset = -1, sid(at)
            set_slippage(us_equities=AtOpen())
            set_commission(us_equities=PerDollar(FEE))

        def handle_data(context: Any, _: Any) -> None:
            context.row += 1
            row = context.row
            held = context.portfolio.positions[context.asset].amount
            if row == last or bool(long[row, at]) == bool(held):
                return
            price = given.open[row + 1, at] * (1 + SLIP) * (1 + FEE)
            order(context.asset, -held if held else int(context.portfolio.cash / price))

        return run_algorithm(
            dates[0], dates[-1], initialize, CAPITAL, handle_data, bundle=BUNDLE, default_extension=False,
            trading_calendar=get_calendar(CALENDAR), benchmark_returns=flat, environ={"ZIPLINE_ROOT": folder.name},
        )  # fmt: skip

    def call() -> Answer:
        ends, trades = [], 0
        for at in range(len(given.symbols)):
            told = one(at)
            ends.append(told.portfolio_value.iloc[-1])
            trades += sum(fill["amount"] > 0 for day in told.transactions for fill in day)
        return np.array(ends), trades

    return call

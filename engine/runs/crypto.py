"""A run of coins or perpetuals over the store: daily bars of UTC days, or bars of minutes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.backtest import rules
from engine.backtest.costs import volatility
from engine.backtest.crypto import PERIODS, CryptoRun, CryptoTerms, Funding, every, simulate
from engine.backtest.crypto.funding import HOURS
from engine.backtest.inputs import Inputs, Outcome
from engine.backtest.market import Market
from engine.backtest.result import Costs, Terms
from engine.backtest.targets import targets
from engine.backtest.window import market_from
from engine.errors import DataError
from engine.runs import listed
from engine.runs.derived import Told, most_margin
from engine.runs.market import gather
from engine.runs.market_told import Progress, Telling, no_progress
from engine.runs.wanted import Wanted

if TYPE_CHECKING:
    import polars as pl

    from store.reader import AsOfReader

MINUTES = {"1m": 1, "5m": 5, "15m": 15, "30m": 30, "1h": 60}


def crypto_run(
    reader: AsOfReader, ids: Sequence[int], text: str, start: date | None, end: date | None,
    costs: Costs | None = None, terms: Terms | None = None, *, crypto: CryptoTerms | None = None,
    funding: Funding | float | None = None, hours: int = HOURS, interval: str = "1d",
    progress: Progress = no_progress, cancelled: Callable[[], bool] = lambda: False,
) -> tuple[Outcome, Told, Market]:  # fmt: skip
    """Reads and simulates rules on coins.

    Parameters
    ----------
    ids : pairs of one quote currency, which is the account's.
    text : rules; a weight is notional over equity, ``size shares(0.5)`` is half a coin.
    start, end : days (UTC) that may be traded, both included; None for all there are.
    costs : ``per_notional`` is the taker's fee.
    crypto : coins where None; ``CryptoTerms(perpetual=True)`` for linear perpetuals.
    funding : of perpetuals: times and rates, or one rate at each ``hours``; None pays none, and a note says so.
    interval : 1d, or 1m, 5m, 15m, 30m, 1h of the store's intraday bars.

    Returns
    -------
    tuple
        The outcome; notes and facts of what was read; the market on the outcome's bars.

    Raises
    ------
    RuleError, ValueError
        The rules cannot be read, need fills within a bar, or sell coins short.
    DataError, Cancelled
        The store cannot serve it, and why; ``cancelled`` answered true.
    """
    costs, terms, crypto = costs or Costs(), terms or Terms(), crypto or CryptoTerms()
    read = rules.parse(text)
    telling = Telling(progress, cancelled)
    warm_up = rules.warm_up(read)
    if interval == "1d":
        found = gather(reader, Wanted(tuple(ids), start=start, end=end, warm_up=warm_up), cancelled=cancelled)
        inputs = found.inputs
        telling.notes += found.notes
        telling.facts += found.facts
    else:
        inputs = _intraday(reader, tuple(dict.fromkeys(ids)), start, end, warm_up, interval, telling)
    begin, market = inputs.begin, market_from(inputs.market, inputs.begin)
    wants = targets(read, inputs.decided, begin)
    moved = volatility(inputs.market)[begin:] if costs.scaled else None
    if isinstance(funding, float | int):
        funding = every(market.dates, float(funding), len(market.symbols), hours)

    def told(done: int, total: int) -> None:
        telling.step(done, total, "simulating")

    run = simulate(market, wants, costs, terms, crypto, funding, moved=moved, told=told)
    _tell(run, crypto, funding, telling)
    a_year = PERIODS * (1 if interval == "1d" else 1440 // MINUTES[interval])
    telling.fact("bars a year", a_year)
    words = _conventions(crypto, terms, costs, interval, inputs.fills == "close")
    return Outcome(run.result, "events", words), Told.of(telling), market


def _intraday(
    reader: AsOfReader, ids: tuple[int, ...], start: date | None, end: date | None, warm_up: int, interval: str,
    telling: Telling,
) -> Inputs:  # fmt: skip
    """Bars named by their start (UTC), those known when they ended or within one bar after."""
    import polars as pl

    if interval not in MINUTES:
        raise DataError(f"Bars are of 1d, {', '.join(MINUTES)}, not of {interval!r}.")
    names = listed.named(reader, ids, {})
    currency = listed.one_currency(names)
    step = timedelta(minutes=MINUTES[interval])
    telling.step(0, 2, "reading prices")
    first = None if start is None else start - timedelta(days=int(warm_up * MINUTES[interval] / 1440) + 1)
    rows = reader.rows("bars_intraday", ids, first, end).filter(pl.col("interval") == interval)
    if rows.is_empty():
        raise DataError(
            f"No bars of {interval} of {', '.join(each.ticker for each in names.values())} are known at this clock. "
            "BACKFILL fetches them, asof import --table bars_intraday brings them from a file."
        )
    telling.table("bars_intraday", reader.reads, int(rows["known_basis"].str.starts_with("estimated").sum()))
    in_time = rows.filter(pl.col("known_at") <= pl.col("start_at") + 2 * step)
    late = rows.height - in_time.height
    telling.fact("bars known too late for the decision after them", late)
    if late:
        telling.note(
            f"{late:,} bars became known more than a bar after they had ended: decisions go without them.",
            "warning",
        )
    dates = np.unique(rows["start_at"].dt.replace_time_zone(None).to_numpy().astype("datetime64[m]"))
    telling.step(1, 2, "reading prices")
    tickers = listed.symbols(np.array(ids), names, [dates[-1].astype("datetime64[D]").item()] * len(ids))
    market = _market(rows, ids, tickers, dates, currency)
    begin = (
        min(warm_up, len(dates) - 1)
        if start is None
        else int(np.searchsorted(dates, np.datetime64(start, "m")))
    )
    if begin >= len(dates):
        raise DataError(f"The bars of {interval} end on {dates[-1]}, before {start}.")
    gaps = int((np.diff(dates) > np.timedelta64(step)).sum())
    if gaps:
        telling.note(
            f"{gaps:,} times bars are missing in a row of {interval}: nothing trades in between.", "warning"
        )
    telling.fact("bars", len(dates) - begin)
    telling.fact("first bar", str(dates[begin]))
    telling.fact("last bar", str(dates[-1]))
    seen = _market(in_time, ids, tickers, dates, currency) if late else None
    return Inputs(market, begin=begin, seen=seen)


def _market(
    rows: pl.DataFrame,
    ids: tuple[int, ...],
    tickers: tuple[str, ...],
    dates: NDArray[np.datetime64],
    currency: str,
) -> Market:
    """Bars scattered by start and coin."""
    import polars as pl

    shape = (len(dates), len(ids))
    places = {number: at for at, number in enumerate(ids)}
    starts = rows["start_at"].dt.replace_time_zone(None).to_numpy().astype("datetime64[m]")
    down = np.searchsorted(dates, starts)
    across = np.array([places[number] for number in rows["security_id"].to_list()], dtype=np.int64)

    def panel(name: str) -> NDArray[np.float64]:
        found = np.full(shape, np.nan)
        found[down, across] = rows[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        return found

    return Market(
        dates, tickers, np.array(ids, dtype=np.int64), panel("open"), panel("high"), panel("low"), panel("close"),
        panel("volume"), np.ones(shape), np.zeros(shape), np.zeros(shape, dtype=np.int64), np.full(shape[1], -1),
        np.full(shape[1], np.nan), currency,
    )  # fmt: skip


def _tell(run: CryptoRun, crypto: CryptoTerms, funding: Funding | None, telling: Telling) -> None:
    if crypto.perpetual and funding is None:
        telling.note(
            "No funding rates were given: none is paid or received. A perpetual's carry is in its funding.",
            "warning",
        )
    if crypto.perpetual:
        telling.fact("funding paid", round(run.funding, 2))
        telling.fact("liquidations", run.liquidations)
        telling.fact("most margin required at a close", most_margin(run.margin, run.result.equity))


def _conventions(
    crypto: CryptoTerms, terms: Terms, costs: Costs, interval: str, closes: bool
) -> tuple[str, ...]:
    price = "close" if closes else "open"
    fee = (
        f"the taker's fee of {costs.per_notional:.3%}"
        if crypto.maker is None
        else f"the maker's fee of {crypto.maker:.3%}, as if every fill had rested in the book"
    )
    told = [
        f"Decided at the end of each bar of {interval}, filled at the next one's {price} in 1e-8 of a coin; fills "
        f"pay {fee}.",
        "The venue never closes: a year has 365 days, and bars are UTC.",
    ]
    if not crypto.perpetual:
        return (*told, "Coins are paid in full; none are sold short.")
    initial, least = terms.initial_margin or crypto.initial, terms.maintenance_margin or crypto.maintenance
    why = (
        ""
        if terms.initial_margin
        else " No margin was given: these are defaults; venues set their own tiers."
    )
    return (
        *told,
        "Funding is paid on notional by who holds at its moment; within a bar, at the bar's open.",
        f"Margin: {initial:.2%} of notional to open; where a bar's worst price leaves less than {least:.2%}, "
        f"the position is liquidated whole at that price, or an open beyond it, for {crypto.liquidation_fee:.2%} of "
        f"notional.{why} A loss beyond the account stays owed: no insurance fund is assumed.",
    )

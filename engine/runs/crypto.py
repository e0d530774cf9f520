"""A run of coins or perpetuals over the store: daily bars of UTC days, or bars of minutes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.backtest import rules
from engine.backtest.costs import volatility
from engine.backtest.crypto import PERIODS, CryptoRun, CryptoTerms, Funding, every, simulate
from engine.backtest.crypto.funding import HOURS
from engine.backtest.inputs import Fill, Outcome
from engine.backtest.market import Market
from engine.backtest.result import Costs, Terms
from engine.backtest.targets import decisions
from engine.backtest.window import market_from
from engine.runs._crypto_bars import MINUTES, intraday
from engine.runs._crypto_contract import contract
from engine.runs._within_bars import PRICES, filled_for, guarded
from engine.runs.derived import Floats, Told, most_margin
from engine.runs.market import gather
from engine.runs.market_told import Progress, Telling, no_progress, tell_warmth
from engine.runs.wanted import Warming

if TYPE_CHECKING:
    from store.reader import AsOfReader


def crypto_run(
    reader: AsOfReader, ids: Sequence[int], text: str, start: date | None, end: date | None,
    costs: Costs | None = None, terms: Terms | None = None, *, crypto: CryptoTerms | None = None,
    inverse: bool = False, funding: Funding | float | None = None, hours: int = HOURS, interval: str = "1d",
    fill: Fill = "open", progress: Progress = no_progress,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[Outcome, Told, Market]:  # fmt: skip
    """Reads and simulates rules on coins.

    Parameters
    ----------
    ids : pairs of one quote currency, which is the account's.
    text : rules; a weight is notional over equity, ``size shares(0.5)`` is half a coin.
    start, end : days (UTC) that may be traded, both included; None for all there are.
    costs : ``per_notional`` is the taker's fee.
    crypto : coins where None; ``CryptoTerms(perpetual=True)`` for linear perpetuals.
    inverse : a perpetual of contracts of a face, which ``crypto`` tells, or the store's table of contracts.
    funding : of perpetuals: times and rates, or one rate at each ``hours``; None pays none, and a note says so.
    interval : 1d, or 1m, 5m, 15m, 30m, 1h of the store's intraday bars.
    fill : the price of the next bar that decisions get; of perpetuals and of rules with stops its open.

    Returns
    -------
    tuple
        The outcome; notes and facts of what was read; the market on the outcome's bars.

    Raises
    ------
    RuleError, ValueError
        The rules cannot be read, sell coins short, or work within bars that they are not filled at the open of.
    DataError, Cancelled
        The store cannot serve it, and why; ``cancelled`` answered true.
    """
    costs, terms, crypto = costs or Costs(), terms or Terms(), crypto or CryptoTerms()
    read = rules.parse(text)
    telling = Telling(progress, cancelled)
    warming = Warming.of(read)
    if interval == "1d":
        found = gather(reader, warming.wanted(tuple(ids), start, end), cancelled=cancelled)
        inputs = found.inputs
        telling.notes += found.notes
        telling.facts += found.facts
    else:
        inputs = intraday(
            reader, tuple(dict.fromkeys(ids)), start, end, warming.read(start), interval, telling
        )
        tell_warmth(warming.needed, warming.settled, inputs.begin, inputs.market.dates, telling)
    begin, market = inputs.begin, market_from(inputs.market, inputs.begin)
    crypto = contract(reader, market, crypto, inverse, telling)
    wants = decisions(read, inputs.decided, begin)
    turnover = _turnover(reader, market)
    market = filled_for(_in_coins(reader, market, costs, telling), fill, wants, crypto.perpetual)
    moved = volatility(inputs.market)[begin:] if costs.scaled else None
    if isinstance(funding, float | int):
        funding = every(market.dates, float(funding), len(market.symbols), hours)

    def told(done: int, total: int) -> None:
        telling.step(done, total, "simulating")

    run = simulate(market, wants, costs, terms, crypto, funding, moved=moved, told=told)
    _tell(run, crypto, funding, telling)
    a_year = PERIODS * (1 if interval == "1d" else 1440 // MINUTES[interval])
    telling.fact("bars a year", a_year)
    words = _conventions(market, crypto, terms, costs, interval, "close" if inputs.fills == "close" else fill)
    words += guarded(wants, inputs.fills == "close", crypto.perpetual) + _limited(costs)
    return Outcome(run.result, "events", words), Told.of(telling, inputs, turnover), market


def _counts_money(reader: AsOfReader, market: Market) -> NDArray[np.bool_]:
    """Whose source counts turnover for volume, as the security's note says (k,)."""
    told = reader.securities(tuple(market.ids.tolist())).sort("valid_from")
    notes = dict(zip(told["security_id"].to_list(), told["note"].to_list(), strict=True))
    return np.array(
        [(notes.get(each) or "").startswith("Volume is turnover") for each in market.ids.tolist()], dtype=bool
    )


def _turnover(reader: AsOfReader, market: Market) -> Floats:
    """Money that changed hands (n, k), in the quote currency: volume where it counts that, else coins x close."""
    return np.where(_counts_money(reader, market), market.volume, market.volume * market.close)


def _in_coins(reader: AsOfReader, market: Market, costs: Costs, telling: Telling) -> Market:
    """The market with its volume in coins, where something hangs on it. A source that counts turnover says so in the
    security's note; of others volume is taken as coins, and a note says so."""
    if costs.participation is None and not costs.impact:
        return market
    money = _counts_money(reader, market)
    mean = (market.high + market.low + market.close) / 3
    if not money.all():
        names = ", ".join(name for name, is_money in zip(market.symbols, money, strict=True) if not is_money)
        telling.note(f"Nothing says what the volume of {names} counts: it is taken as coins.", "warning")
    return replace(market, volume=np.where(money, market.volume / mean, market.volume))


def _tell(run: CryptoRun, crypto: CryptoTerms, funding: Funding | None, telling: Telling) -> None:
    if crypto.perpetual and funding is None:
        telling.note(
            "No funding rates were given: none is paid or received. A perpetual's carry is in its funding.",
            "warning",
        )
    if not crypto.perpetual:
        return
    telling.fact("funding paid", round(run.funding, 2))
    telling.fact("liquidations", run.liquidations)
    telling.fact("most margin required at a close", most_margin(run.margin, run.result.equity))
    if run.coins is not None:
        telling.fact("coins at the first close", f"{run.coins[0]:,.8f}")
        telling.fact("coins at the last close", f"{run.coins[-1]:,.8f}")
        telling.note(
            "The account's own money is the coin: told in its quote currency it gains and loses with it, held or "
            f"not. It began with {run.coins[0]:,.6f} coins and ended with {run.coins[-1]:,.6f}."
        )


def _conventions(
    market: Market, crypto: CryptoTerms, terms: Terms, costs: Costs, interval: str, price: Fill
) -> tuple[str, ...]:
    fee = (
        f"the taker's fee of {costs.per_notional:.3%}"
        if crypto.maker is None
        else f"the maker's fee of {crypto.maker:.3%}, as if every fill had rested in the book"
    )
    unit = "1e-8 of a coin" if crypto.step * 1e8 < 1.5 else f"multiples of {crypto.step:g} coins"
    unit = unit if crypto.face is None else f"whole contracts of {crypto.face:g} {market.currency}"
    told = [
        f"Decided at the end of each bar of {interval}, filled at the next one's {PRICES[price]} in {unit}; fills "
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
    if crypto.face is not None:
        told.append(
            "Inverse: margin, profit, fees and funding are coins; N contracts of face s make N s (1/entry - 1/exit) "
            "of them. The capital is changed into coins at the first close; equity is all of them at the coin's mark."
        )
    return (
        *told,
        "Funding is paid on notional by who holds at its moment; within a bar, at the bar's open.",
        f"Margin: {initial:.2%} of notional to open; where a bar's worst price leaves less than {least:.2%}, "
        f"the position is liquidated whole at that price, or an open beyond it, for {crypto.liquidation_fee:.2%} of "
        f"notional.{why} A loss beyond the account stays owed: no insurance fund is assumed.",
    )


def _limited(costs: Costs) -> tuple[str, ...]:
    if costs.participation is None:
        return ()
    return (
        f"Orders take {costs.participation:.1%} of a bar's volume at most; what is left waits for the next open. "
        "Liquidations are not held up.",
    )

"""A run of currency pairs over the store: both legs in cash, rolled on, told in the account's currency."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from engine.backtest import rules
from engine.backtest.costs import volatility
from engine.backtest.fx import Fixings, FxRun, FxTerms, Rollover, simulate
from engine.backtest.fx.terms import CLOSE_OUT, INITIAL
from engine.backtest.inputs import Fill, Inputs, Outcome
from engine.backtest.market import Market
from engine.backtest.result import Costs, Terms
from engine.backtest.targets import decisions
from engine.backtest.window import market_from
from engine.errors import DataError
from engine.runs._within_bars import PRICES, filled_for, guarded
from engine.runs.derived import Days, Floats, Told, aligned, fixings, most_margin, short_rates
from engine.runs.market import gather
from engine.runs.market_told import Progress, Telling, no_progress
from engine.runs.wanted import Gathered, Warming

if TYPE_CHECKING:
    from store.reader import AsOfReader

_EVERY = 64  # sessions between two words of progress


def fx_run(
    reader: AsOfReader, pair_ids: Sequence[int], text: str, start: date | None, end: date | None,
    costs: Costs | None = None, terms: Terms | None = None, *, account: str = "USD", pips: float = 0.0,
    lot: float = 1.0, rates: Mapping[str, float | int] | None = None, markup: float = 0.0, fill: Fill = "open",
    progress: Progress = no_progress, cancelled: Callable[[], bool] = lambda: False,
) -> tuple[Outcome, Told, Market]:  # fmt: skip
    """Reads and simulates rules on currency pairs.

    Parameters
    ----------
    text : rules; a weight is notional over equity, ``size shares(10000)`` is units of the base currency.
    start, end : sessions that may be traded, both included; None for all there are.
    terms : margins are fractions of notional.
    account : the currency that the account starts in and is told in.
    pips : bid to ask.
    lot : units of the base currency that positions are multiples of, where ``terms`` hold no fractions.
    rates : short rates by currency: a fraction a year, or the id of a series of observations, as known each day.
        None, and nothing is rolled: the notes say so.
    markup : what the broker takes of either side of the rollover, a fraction a year.
    fill : the price of the next session that decisions get; of rules with stops its open.

    Returns
    -------
    tuple
        The outcome; notes and facts of what was read; the pairs' market on the outcome's sessions.

    Raises
    ------
    RuleError, ValueError
        The rules cannot be read, or work within bars that they are not filled at the open of.
    DataError, Cancelled
        The store cannot serve it, and why; ``cancelled`` answered true.
    """
    costs, terms = costs or Costs(), terms or Terms()
    read = rules.parse(text)
    telling, warming = Telling(progress, cancelled), Warming.of(read)
    wanted = [
        gather(reader, warming.wanted((each,), start, end), cancelled=cancelled)
        for each in dict.fromkeys(pair_ids)
    ]
    if not wanted:
        raise DataError("Name one currency pair or more.")
    inputs = _joined(wanted, telling)
    begin, market = inputs.begin, market_from(inputs.market, inputs.begin)
    codes = {code for pair in market.symbols for code in (pair[:3], pair[3:])}
    others = fixings(reader, codes, account, market.dates, market.symbols)
    wants = decisions(read, inputs.decided, begin)
    market = filled_for(market, fill, wants)
    rollover = Rollover(short_rates(reader, rates or {}, market.dates), markup)
    fx = FxTerms(account, pips, lot, rollover=rollover)
    moved = volatility(inputs.market)[begin:] if costs.scaled else None

    def told(done: int, total: int) -> None:
        if done % _EVERY == 0:
            telling.step(done, total, "simulating")

    run = simulate(market, wants, costs, terms, fx, Fixings(others), moved=moved, told=told)
    _tell(reader, run, others, codes, rates or {}, telling)
    return (
        Outcome(
            run.result,
            "events",
            _conventions(fx, terms, "close" if inputs.fills == "close" else fill, inputs.fills == "close")
            + guarded(wants, inputs.fills == "close"),
        ),
        Told.of(telling, inputs),
        market,
    )


def _joined(parts: Sequence[Gathered], telling: Telling) -> Inputs:
    """Pairs on one axis, without Saturdays and Sundays."""
    for part in parts:
        telling.notes += [note for note in part.notes if note not in telling.notes]
        telling.facts += [(f"{part.inputs.market.symbols[0]}: {name}", value) for name, value in part.facts]
    markets = [part.inputs.market for part in parts]
    odd = [market.symbols[0] for market in markets if not _pair(market.symbols[0])]
    if odd:
        raise DataError(
            f"{', '.join(odd)} is no currency pair: a pair is two codes of three letters, like EURUSD."
        )
    dates = np.unique(np.concatenate([market.dates for market in markets]))
    weekend = ~np.is_busday(dates)
    if weekend.any():
        telling.note(
            f"{int(weekend.sum()):,} bars of Saturdays and Sundays are left out: their moves are in Monday's open."
        )
    dates = dates[~weekend]
    if not len(dates):
        raise DataError("These pairs have no bars from Monday to Friday in the days asked for.")
    firsts = [part.inputs.market.dates[part.inputs.begin] for part in parts]
    begin = min(int(np.searchsorted(dates, min(firsts))), len(dates) - 1)
    fills = "close" if any(part.inputs.fills == "close" for part in parts) else "open"
    seen = [part.inputs.decided for part in parts]
    differs = any(part.inputs.seen is not None for part in parts)
    return Inputs(
        _market(markets, dates), begin=begin, fills="close" if fills == "close" else "open",
        seen=_market(seen, dates) if differs else None,
    )  # fmt: skip


def _pair(ticker: str) -> bool:
    return len(ticker) == 6 and ticker.isalpha() and ticker.isupper() and ticker[:3] != ticker[3:]


def _market(markets: Sequence[Market], dates: Days) -> Market:
    def panel(name: str) -> Floats:
        columns = []
        for market in markets:
            own = np.isin(market.dates, dates)
            columns.append(aligned(getattr(market, name)[own, 0], market.dates[own], dates))
        return np.column_stack(columns)

    shape = (len(dates), len(markets))
    return Market(
        dates, tuple(market.symbols[0] for market in markets), np.concatenate([market.ids for market in markets]),
        panel("open"), panel("high"), panel("low"), panel("close"), panel("volume"), np.ones(shape), np.zeros(shape),
        np.zeros(shape, dtype=np.int64), np.full(shape[1], -1), np.full(shape[1], np.nan), "",
    )  # fmt: skip


def _named(reader: AsOfReader, rates: Mapping[str, float | int]) -> str:
    """Short rates as they were given, series by their tickers."""
    ids = tuple(each for each in rates.values() if isinstance(each, int))
    rows = reader.securities(ids).sort("valid_from") if ids else None
    names = (
        {}
        if rows is None
        else dict(zip(rows["security_id"].to_list(), rows["ticker"].to_list(), strict=True))
    )
    told = [
        f"{code} {names.get(each, each)} as known each day" if isinstance(each, int) else f"{code} {each:.2%}"
        for code, each in rates.items()
    ]
    return ", ".join(told) or "none"


def _tell(
    reader: AsOfReader,
    run: FxRun,
    others: Mapping[str, Floats],
    codes: set[str],
    rates: Mapping[str, float | int],
    telling: Telling,
) -> None:
    telling.fact("short rates", _named(reader, rates))
    telling.fact("fixings to the account's currency", ", ".join(others) or "none but the pairs themselves")
    missing = sorted(codes - set(rates))
    if missing:
        telling.note(
            f"No short rate of {', '.join(missing)} was given: positions in it are not rolled, as if both currencies "
            "paid the same. SHORTRATES=USD=4.5,EUR=2 has it booked.",
            "warning",
        )
    elif run.unrolled:
        telling.note(f"{run.unrolled:,} nights were not rolled: no short rate was known by then.", "warning")
    telling.fact("nights not rolled", run.unrolled)
    telling.fact("margin calls", sum(event.kind == "margin call" for event in run.result.events))
    telling.fact("most margin required at a close", most_margin(run.margin, run.result.equity))


def _conventions(fx: FxTerms, terms: Terms, price: Fill, closes: bool) -> tuple[str, ...]:
    initial = terms.initial_margin or INITIAL
    least = terms.maintenance_margin or CLOSE_OUT * initial
    why = "" if terms.initial_margin else " No margin was given: major pairs' under ESMA's decision 2018/796."
    told = "fixing, the one price of a session" if closes else PRICES[price]
    lots = "" if fx.lot == 1.0 else f" Sizes are multiples of {fx.lot:,g} of the base currency."
    return (
        f"Decided after each close, filled at the next session's {told}; a fill pays half of {fx.pips:g} pips.{lots}",
        "Each fill books both currencies; equity is all cash at each session's rates, over the pairs themselves "
        f"where they lead to {fx.currency}.",
        "Rollover is the difference of the two short rates by covered parity, actual/360 or 365 as each money market "
        "counts, from value date to value date (two weekdays, one of USDCAD and a few): three days on Wednesdays. "
        "Holidays are not known; over them days are counted at the next session.",
        f"What a pair made is changed into {fx.currency} at the close that it is flat at; a trade's profit is each "
        "session's at that session's rate.",
        f"Margin: {initial:.2%} of notional to open; below {least:.2%} they are cut at the next open.{why}",
    )

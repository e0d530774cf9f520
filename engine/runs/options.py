"""A run of an option strategy over the store: its chain as decisions knew it, its underlying, its rates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.backtest.inputs import Inputs, Outcome
from engine.backtest.market import Market
from engine.backtest.options import ChainMarket, OptionRules, Simulated, parse, run_options, simulated_chain
from engine.backtest.result import Costs, Terms
from engine.backtest.window import market_from
from engine.errors import DataError
from engine.runs import listed
from engine.runs._option_chain import read_chain
from engine.runs._option_dividends import announced
from engine.runs.market import gather
from engine.runs.market_days import Axis
from engine.runs.market_told import Progress, Telling, no_progress
from engine.runs.wanted import Gathered, Wanted

if TYPE_CHECKING:
    from store.reader import AsOfReader

Floats = NDArray[np.float64]
EVERY = 64  # sessions between two words of progress
_LEVEL = 2.5  # a chain whose strikes lie further than so many times off the prices is of another level


@dataclass(frozen=True, slots=True)
class Rates:
    """Risk-free rates a year, continuously compounded, each standing from its date (ascending) to the next; and
    whose.
    """

    dates: NDArray[np.datetime64]
    values: Floats
    source: str = ""

    def on(self, dates: NDArray[np.datetime64]) -> Floats:
        """The rate of each session; the first one before it began."""
        at = np.maximum(np.searchsorted(self.dates, dates, side="right") - 1, 0)
        return self.values[at].astype(np.float64)


@dataclass(frozen=True, slots=True)
class OptionsGathered:
    """What an option run computes on: one underlying and its chain, from the first session that may be traded.

    ``closes`` (n,): the underlying's as decisions knew them. ``rates`` (n,): a year, continuous. ``announced`` (n,):
    dividends by ex-date as known the evening before. ``decided``: the chain as decisions knew it, where that is
    another. ``begin``: sessions that were gathered before the first one; ``index``: whether contracts settle in cash
    as an index's do.
    """

    chain: ChainMarket
    market: Market
    closes: Floats
    rates: Floats
    gathered: Gathered
    announced: Floats
    decided: ChainMarket | None = None
    begin: int = 0
    index: bool = False


@dataclass(frozen=True, slots=True)
class OptionTrial:
    """A run that can be made again: its rules and terms, and what it was gathered on."""

    ready: OptionsGathered
    rules: OptionRules
    costs: Costs | None = None
    terms: Terms | None = None

    @property
    def cells(self) -> int:
        """What it keeps, in cells of a market: a quote is about a sixth of one."""
        return len(self.ready.chain.bid) // 6

    def simulated(
        self,
        ready: OptionsGathered | None = None,
        *,
        told: Callable[[int, int], None] | None = None,
        given: Callable[[int, tuple[str, ...]], None] | None = None,
    ) -> Outcome:
        """The run, on what it was gathered on or on something else; ``told`` and ``given`` as ``run_options``."""
        on = ready or self.ready
        return run_options(
            on.chain, on.market, self.rules, self.costs, self.terms, rates=on.rates, known=on.closes,
            announced=on.announced, decided=on.decided, told=told, given=given,
        )  # fmt: skip


def gather_options(
    reader: AsOfReader, security_id: int, rules: OptionRules, start: date | None, end: date | None,
    rates: Rates | None = None, *, progress: Progress = no_progress, cancelled: Callable[[], bool] = lambda: False,
) -> OptionsGathered:  # fmt: skip
    """Reads what an option run needs; every read is on the reader's record.

    A run on quotes begins with the first session in the range that has any.

    Raises
    ------
    DataError
        There is nothing to trade, no quotes and no word that prices may be simulated, or the underlying's prices are
        of another level than the strikes.
    Cancelled
        ``cancelled`` answered true.
    """
    made = rules.prices
    wanted = Wanted((security_id,), start=start, end=end, warm_up=0 if made is None else made.window + 1)
    found = gather(reader, wanted, progress=progress, cancelled=cancelled)
    inputs, telling = found.inputs, Telling(progress, cancelled)
    telling.notes += found.notes
    telling.facts += found.facts
    yearly = _rates(rates, inputs.market.dates, telling)
    named = listed.named(reader, (security_id,), {})[security_id]
    if named.asset_class == "index" and not rules.hold:  # its options can be had, if not the index
        telling.notes[:] = [each for each in telling.notes if "an index cannot be bought" not in each[0]]
    index = named.asset_class == "index"
    chain: ChainMarket | None = None
    if made is None:
        chain = read_chain(reader, security_id, named, inputs.market.dates, telling)
        begin = _first_quoted(chain, inputs, named.ticker, telling)
        _same_level(chain, inputs.market, begin, named.ticker)
        chain = _later(chain, begin)
    else:
        begin = inputs.begin
        telling.note("SIMULATED: these contracts were priced by a model; no market quoted them.", "warning")
        telling.fact("option prices", f"simulated from realised volatility of {made.window} sessions")
    gathered = replace(found, notes=tuple(telling.notes), facts=tuple(telling.facts))
    axis = Axis.of(reader, inputs.market.dates, [named.calendar])
    dividends = announced(reader, security_id, axis, inputs.market.currency)[begin:]
    return readied(rules, gathered, yearly, dividends, index, begin, chain, None, telling)


def readied(
    rules: OptionRules, gathered: Gathered, yearly: Floats, dividends: Floats, index: bool, begin: int,
    chain: ChainMarket | None, decided: ChainMarket | None, telling: Telling,
) -> OptionsGathered:  # fmt: skip
    """What a run computes on, of an underlying that was gathered; contracts that no market quoted are priced.

    Parameters
    ----------
    yearly : rates of all sessions gathered.
    dividends : as announced, of the sessions from ``begin`` on.
    chain, decided : of the same sessions; None where rules have contracts priced.
    """
    inputs, made = gathered.inputs, rules.prices
    if chain is None:
        if made is None:
            raise ValueError("these rules need quotes")
        priced, known = _simulated(inputs, made, yearly, index, telling)
        chain, decided = _later(priced, begin), None if known is None else _later(known, begin)
    closes = inputs.decided.close[begin:, 0]
    return OptionsGathered(
        chain, market_from(inputs.market, begin), closes, yearly[begin:], gathered, dividends, decided, begin, index,
    )  # fmt: skip


def _simulated(
    inputs: Inputs, made: Simulated, yearly: Floats, index: bool, telling: Telling
) -> tuple[ChainMarket, ChainMarket | None]:
    """Contracts priced by what truly traded, for fills and marks; and, where that is something else, by what
    decisions knew of each session. Strikes are listed by what was known, so that both have the same ones.
    """
    told = telling_of(telling, "prices")
    if inputs.seen is None:
        return simulated_chain(inputs.market, made, yearly, index, told), None
    seen = simulated_chain(inputs.seen, made, yearly, index)
    return simulated_chain(inputs.market, made, yearly, index, told, inputs.seen), seen


def option_run(
    reader: AsOfReader, security_id: int, text: str, start: date | None, end: date | None,
    costs: Costs | None = None, terms: Terms | None = None, *, rates: Rates | None = None,
    progress: Progress = no_progress, cancelled: Callable[[], bool] = lambda: False,
) -> tuple[Outcome, Gathered, Market]:  # fmt: skip
    """Reads and simulates an option strategy.

    Parameters
    ----------
    security_id : the underlying.
    text : rules as ``engine.backtest.options.parse`` reads them.
    start, end : sessions that may be traded, both included; None for all there are.
    costs : of shares and of cash; contracts pay their quoted spread and the rules' commission.
    rates : risk-free rates; None is zero, and a note says so.

    Returns
    -------
    tuple
        The outcome; the notes and facts of what was read; the underlying's market on the outcome's sessions.

    Raises
    ------
    RuleError
        The text cannot be read.
    DataError, Cancelled
        As ``gather_options``.
    """
    trial = option_trial(
        reader,
        security_id,
        text,
        start,
        end,
        costs,
        terms,
        rates=rates,
        progress=progress,
        cancelled=cancelled,
    )
    outcome = trial.simulated(told=telling_of(Telling(progress, cancelled), "sessions", EVERY))
    return outcome, trial.ready.gathered, trial.ready.market


def option_trial(
    reader: AsOfReader, security_id: int, text: str, start: date | None, end: date | None,
    costs: Costs | None = None, terms: Terms | None = None, *, rates: Rates | None = None,
    progress: Progress = no_progress, cancelled: Callable[[], bool] = lambda: False,
) -> OptionTrial:  # fmt: skip
    """What ``option_run`` simulates, gathered and not yet simulated; it can be simulated on something else too."""
    rules = parse(text)
    ready = gather_options(
        reader, security_id, rules, start, end, rates, progress=progress, cancelled=cancelled
    )
    return OptionTrial(ready, rules, costs, terms)


def telling_of(telling: Telling, words: str, every: int = 1) -> Callable[[int, int], None]:
    """Progress of ``words`` each so many steps; it raises Cancelled where the user asked to stop."""

    def told(done: int, total: int) -> None:
        if done % every == 0:
            telling.step(done, total, words)

    return told


def _later(chain: ChainMarket, begin: int) -> ChainMarket:
    cut = int(chain.first[begin])
    columns = {name: getattr(chain, name)[cut:] for name in ("contract", "bid", "ask")}
    return replace(chain, dates=chain.dates[begin:], first=chain.first[begin:] - cut, **columns)


def _rates(rates: Rates | None, dates: NDArray[np.datetime64], telling: Telling) -> Floats:
    if rates is None or not len(rates.dates):
        telling.note("No risk-free rate is known at this clock: it is taken as zero.", "warning")
        return np.zeros(len(dates))
    telling.fact("risk-free rate", rates.source)
    return rates.on(dates)


def _first_quoted(chain: ChainMarket, inputs: Inputs, ticker: str, telling: Telling) -> int:
    """The first session from the start on that has quotes; says where they begin later, end earlier, or have
    holes.
    """
    there = np.flatnonzero(np.diff(chain.first)[inputs.begin :] > 0) + inputs.begin
    if not len(there):
        raise DataError(
            f"No option quotes of {ticker} were known on the sessions of this range, and prices are not made up "
            "unasked. Add prices simulated to the rules to price contracts from realised volatility, or bring "
            "quotes: asof import --table option_quotes, each known from its own quote time."
        )
    first, last = int(there[0]), int(there[-1])
    if first > inputs.begin:
        telling.note(f"Option quotes begin on {chain.dates[first]}, and the run with them.", "warning")
    holes = last - first + 1 - len(there)
    if holes:
        telling.note(
            f"Between {chain.dates[first]} and {chain.dates[last]} {holes:,} of {last - first + 1:,} sessions have "
            "no option quotes: nothing trades on them, and marks stay what they were.",
            "warning",
        )
    if last < len(chain.dates) - 1:
        telling.note(
            f"Option quotes end on {chain.dates[last]}: what is held then waits for its expiry.", "warning"
        )
    return first


def _same_level(chain: ChainMarket, market: Market, begin: int, ticker: str) -> None:
    """Strikes are of prices as they traded; adjusted prices are of another level."""
    quotes = chain.session(begin)
    close = float(market.close[begin, 0])
    middle = float(np.median(chain.strike[quotes.contract]))
    if np.isfinite(close) and not 1 / _LEVEL <= middle / close <= _LEVEL:
        raise DataError(
            f"The strikes quoted of {ticker} on {chain.dates[begin]} lie around {middle:,.6g}, and its "
            f"close is {close:,.6g}: these prices are adjusted, or of another security. Options need prices as they "
            "traded: import bars."
        )

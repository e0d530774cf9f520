"""What BACKTEST's pages are told from: the run's returns beside its benchmark's, the rate, the states, the trials."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.backtest.honesty import Deflated, deflated_by, trial_of
from engine.errors import DataError
from engine.history import read_history
from engine.quant import regimes
from engine.rates import RiskFree, risk_free
from engine.returns import PERIODS_PER_YEAR
from engine.runs.carry import Run
from engine.runs.memory import Memory
from engine.runs.trials import Counted

if TYPE_CHECKING:
    from engine.context import Context
    from engine.page import SecurityRef

_QUANTILES = (0.5, 0.85)
_LEAST = 63  # returns before the first state, of however long a run: no state hangs on how it goes on
_LATE = 31  # days of a run without its benchmark, above which it is told
_CARRIED = 5  # sessions without a price over which the last one stands
_rates: Memory[RiskFree] = Memory(8)
_held: Memory[NDArray[np.float64] | None] = Memory(8)


@dataclass(frozen=True, slots=True)
class Beside:
    """Something that is held throughout: its level (n,) on the run's sessions, 1 at the first that it has."""

    name: str
    told: str
    levels: NDArray[np.float64]

    @property
    def returns(self) -> NDArray[np.float64]:
        """A session's simple returns (n,), NaN where a level is missing on either side."""
        found = np.full(len(self.levels), np.nan)
        found[1:] = self.levels[1:] / self.levels[:-1] - 1.0
        return found


@dataclass(frozen=True, slots=True)
class States:
    """The market's state after each session (n,), -1 where none is told; by nothing later than it."""

    names: tuple[str, ...]
    values: NDArray[np.int64]
    told: str
    of: str  # what tells them


@dataclass(frozen=True, slots=True)
class Found:
    """A run, summed up. ``returns`` (n,) are simple, a session's; ``rate`` (n,) the risk-free rate of each."""

    run: Run
    returns: NDArray[np.float64]
    rate: NDArray[np.float64]
    rate_source: str
    beside: tuple[Beside, ...]
    states: States | None
    counted: Counted
    deflated: Deflated

    @property
    def dates(self) -> NDArray[np.datetime64]:
        return self.run.market.dates

    @property
    def rows(self) -> NDArray[np.int64]:
        """The last row of each day: every one but of bars within days."""
        days = self.dates.astype("datetime64[D]")
        return np.flatnonzero(np.append(days[1:] != days[:-1], True))

    @property
    def days(self) -> NDArray[np.datetime64]:
        """The day of each of ``rows``."""
        found: NDArray[np.datetime64] = self.dates.astype("datetime64[D]")[self.rows]
        return found

    @property
    def within(self) -> bool:
        """Whether its bars lie within days."""
        return self.dates.dtype != np.dtype("datetime64[D]")

    @property
    def plain(self) -> bool:
        """Whether the run's positions are the market's symbols themselves, and not contracts on them."""
        return self.run.outcome.result.symbols == self.run.market.symbols

    @property
    def traded(self) -> bool:
        """Whether there was any trade: without one a ratio would be of the risk-free rate alone."""
        return len(self.run.outcome.result.trades) > 0

    @property
    def ratios(self) -> bool:
        """Whether ratios say anything: it traded, and did not lose everything."""
        return self.traded and bool((self.returns > -1.0).all())

    @property
    def excess(self) -> NDArray[np.float64]:
        found: NDArray[np.float64] = self.returns - self.rate
        return found


def rate_of(context: Context, run: Run) -> RiskFree:
    """The risk-free rate of each of a run's bars, however many a year there are."""
    dates = run.market.dates
    found = _rates.recall(context, (dates.tobytes(),), lambda: risk_free(context, dates))
    scale = PERIODS_PER_YEAR["daily"] / run.periods
    return found if scale == 1.0 else RiskFree(np.expm1(np.log1p(found.values) * scale), found.source)


def summed(
    context: Context, run: Run, benchmark: SecurityRef | None, rate: RiskFree, counted: Counted
) -> Found:
    """Everything that the pages tell, of one run; ``rate`` is of its sessions."""
    returns = run.outcome.result.returns
    beside = _beside(context, run, benchmark)
    traded = len(run.outcome.result.trades) > 0
    chosen = trial_of("run", returns - rate.values if traded else 0.0 * returns)
    deflated = deflated_by(chosen, counted.trials, counted.variance)
    return Found(run, returns, rate.values, rate.source, beside, _states(beside, run), counted, deflated)


def traded_weights(found: Found) -> NDArray[np.float64]:
    """Bought (negative: sold) for the weights of each close (n, k), over the equity: what drifting left to do."""
    closes = found.run.market.signal_prices()["close"]
    weights = np.nan_to_num(np.asarray(found.run.outcome.result.weights))
    grown = np.zeros(weights.shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        moved = closes[1:] / closes[:-1]
        grown[1:] = weights[:-1] * np.where(np.isfinite(moved), moved, 1.0) / (1.0 + found.returns[1:, None])
    grown[~np.isfinite(grown)] = 0.0
    return np.asarray(weights - grown, dtype=np.float64)


def _beside(context: Context, run: Run, benchmark: SecurityRef | None) -> tuple[Beside, ...]:
    found = []
    if len(run.asked.refs) == 1:
        own = run.market.signal_prices(dividends=True)["close"][:, 0]
        name = run.asked.refs[0].ticker
        found.append(Beside(f"{name} held", f"{name} held, dividends reinvested, without costs", _based(own)))
    if benchmark is not None and benchmark not in run.asked.refs:
        dates = run.market.dates
        levels = _held.recall(
            context, (benchmark, dates.tobytes()), lambda: _levels(context, benchmark, dates)
        )
        if levels is not None:
            told = f"{benchmark.label} held, without costs"
            found.append(Beside(benchmark.ticker, told, _based(levels)))
        if why := _missing(benchmark.ticker, levels, dates):
            context.note(why)
    return tuple(found)


def _missing(ticker: str, levels: NDArray[np.float64] | None, dates: NDArray[np.datetime64]) -> str:
    """Why a benchmark does not stand beside a run, or only part of the way; empty where it does."""
    days = dates.astype("datetime64[D]")
    other = "BENCHMARK= takes another ticker, of the same asset class for one."
    if levels is None:
        return f"{ticker} has no closes between {days[0]} and {days[-1]}: no benchmark stands beside the run. {other}"
    known = np.flatnonzero(np.isfinite(levels))
    first, last = days[known[0]], days[known[-1]]
    if (days[-1] - last).astype(int) > _LATE:
        return f"Closes of {ticker} end on {last}, before the run does: it is compared up to there. {other}"
    if (first - days[0]).astype(int) > _LATE:
        return f"Closes of {ticker} begin on {first}, after the run: it is compared from there. {other}"
    return ""


def _levels(context: Context, ref: SecurityRef, dates: NDArray[np.datetime64]) -> NDArray[np.float64] | None:
    """The last close up to each date, None where the clock knew none of them."""
    stale = list(context.stale)  # how far it ends before the clock says nothing of the run's years
    try:
        history = read_history(context, ref, "total", hint=False)
    except DataError:
        return None
    finally:
        context.stale[:] = stale
    days = history.frame["session_date"].to_numpy().astype("datetime64[D]")
    closes = history.frame["close"].to_numpy()
    place = np.searchsorted(days, dates, side="right") - 1
    stale = (dates - days[np.maximum(place, 0)]).astype(int) > 10
    levels = np.where((place >= 0) & ~stale, closes[np.maximum(place, 0)], np.nan)
    return levels if np.isfinite(levels).sum() > 1 else None


def _based(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Levels over the first there is; one that is missing is the last before it, for ``_CARRIED`` sessions."""
    known = np.isfinite(levels) & (levels > 0)
    there = np.flatnonzero(known)
    if not len(there):
        return np.full(len(levels), np.nan)
    rows = np.arange(len(levels))
    last = np.maximum.accumulate(np.where(known, rows, -1))
    fresh = (last >= 0) & (rows - last <= _CARRIED)
    found: NDArray[np.float64] = np.where(fresh, levels[np.maximum(last, 0)], np.nan) / levels[there[0]]
    return found


def _states(beside: tuple[Beside, ...], run: Run) -> States | None:
    """Of the benchmark where there is one, of the security otherwise: volatility against its own past."""
    if not beside:
        return None
    source = beside[-1]
    returns = source.returns
    own = np.flatnonzero(np.isfinite(returns))
    if len(own) < 2 * _LEAST:
        return None
    names, told_states = _volatility_states(returns[own].tobytes(), run.periods)
    values = np.full(len(returns), -1, dtype=np.int64)
    values[own] = told_states
    told = (
        f"EWMA volatility of {source.name} (decay 0.94) against the quantiles 50% and 85% of its past up to each "
        f"session; none before {_LEAST} returns"
    )
    return States(names, values, told, source.name)


@lru_cache(maxsize=8)
def _volatility_states(returns: bytes, periods: float) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Of returns as float64: runs beside the same benchmark over the same years share them."""
    found = regimes.ewma_regimes(np.frombuffer(returns), _QUANTILES, least=_LEAST, periods_per_year=periods)
    return found.names, found.states

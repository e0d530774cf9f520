"""The market's state as panels that rules may ask for: what an index told of itself up to each session.

``market_calm`` and ``market_wild`` (1 or 0): volatility against the quantiles 50% and 85% of its own past.
``turbulence`` (0 to 1): the filtered probability of the more volatile of two states of a hidden Markov model that is
fitted anew on the past alone, every half year.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.errors import DataError
from engine.runs.wanted import Wanted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.runs.market_days import Days
    from engine.runs.market_told import Telling
    from store.reader import AsOfReader

STATES = ("market_calm", "market_wild", "turbulence")
LEAST, EVERY = 504, 126  # returns before the first model, and until the next
_QUANTILES = (0.5, 0.85)
_YEAR = 252  # returns before volatility has a past to stand against
_FRESH = 10  # days for which the last session of the index still speaks


def panels(
    reader: AsOfReader, wanted: Wanted, dates: Days, symbols: int, telling: Telling
) -> dict[str, NDArray[np.float64]]:
    """Panels (n, symbols) of the names wanted, alike for all symbols; NaN where the index had not told enough.

    Raises
    ------
    DataError
        No index is named to tell them.
    """
    from engine.runs.market import gather

    names = [name for name in STATES if name in wanted.panels]
    if not names:
        return {}
    if wanted.states_of is None:
        raise DataError(f"{names[0]} is told by an index: BENCHMARK= names one.")
    whole = Wanted(ids=(wanted.states_of,), end=dates[-1].astype(object))
    market = gather(reader, whole, cancelled=telling.stop).inputs.decided
    closes = market.signal_prices(dividends=True)["close"][:, 0]
    there = np.flatnonzero(np.isfinite(closes) & (closes > 0))
    days, returns = market.dates[there][1:], np.diff(np.log(closes[there]))
    telling.fact(
        "states of the market", f"told by {market.symbols[0]}, {len(returns):,} returns to {market.dates[-1]}"
    )
    found = {}
    for name in names:
        line = _line(name, returns, telling)
        found[name] = np.repeat(_standing(line, days, dates)[:, None], symbols, axis=1)
    return found


def _line(name: str, returns: NDArray[np.float64], telling: Telling) -> NDArray[np.float64]:
    """What is told after each return of the index."""
    from engine.quant import regimes

    if name == "turbulence":
        if len(returns) <= LEAST:
            return np.full(len(returns), np.nan)
        walked = regimes.walk_forward(
            returns, 2, least=LEAST, every=EVERY, seed=0, cancelled=telling.stop,
            progress=lambda done, total: telling.progress(done, total, "fitting states of the market on its past"),
        )  # fmt: skip
        told: NDArray[np.float64] = np.asarray(walked.probabilities[:, -1], dtype=np.float64)
        return told
    if len(returns) < _YEAR:
        return np.full(len(returns), np.nan)
    states = regimes.ewma_regimes(np.expm1(returns), _QUANTILES, least=_YEAR).states
    wanted = 0 if name == "market_calm" else len(_QUANTILES)
    return np.where(states < 0, np.nan, (states == wanted).astype(np.float64))


def _standing(line: NDArray[np.float64], days: Days, dates: Days) -> NDArray[np.float64]:
    """The last value told up to each date, for at most ``_FRESH`` days."""
    if not len(days):
        return np.full(len(dates), np.nan)
    place = np.searchsorted(days, dates, side="right") - 1
    last = np.maximum(place, 0)
    fresh = (place >= 0) & ((dates - days[last]).astype(np.int64) <= _FRESH)
    return np.where(fresh, line[last], np.nan)

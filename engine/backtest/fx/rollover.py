"""Rollover: what moving a position's value date on costs or brings, from the two currencies' short rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.backtest.market import Floats

Days = NDArray[np.datetime64]
# Money markets that count actual/365; the others count actual/360.
OF_365 = frozenset(
    ("GBP", "AUD", "NZD", "CAD", "HKD", "SGD", "ZAR", "PLN", "INR", "KRW", "THB", "TWD", "MYR", "RUB")
)
NEXT_DAY = frozenset(("USDCAD", "USDTRY", "USDPHP", "USDRUB"))  # spot is one business day, not two


def day_count(currency: str) -> int:
    """Days of a year of a currency's money market."""
    return 365 if currency in OF_365 else 360


def value_dates(dates: Days, pair: str) -> Days:
    """Spot value date of each day: two weekdays on (one for USDCAD and a few). Holidays are not known here; over
    them the days are counted at the next session, so that their sum is right."""
    lag = 1 if pair in NEXT_DAY else 2
    found: Days = np.busday_offset(dates.astype("datetime64[D]"), lag, roll="backward")
    return found


def nights(dates: Days, pair: str) -> NDArray[np.int64]:
    """Days (n,) that a position held at each close is rolled on by: to the value date of the next session (after the
    last one: of the next weekday)."""
    days = dates.astype("datetime64[D]")
    after = np.append(days[1:], np.busday_offset(days[-1], 1, roll="backward"))
    found: NDArray[np.int64] = (value_dates(after, pair) - value_dates(days, pair)).astype(np.int64)
    return found


def tom_next(pair: str, spot: Any, base: Any, quote: Any, days: Any) -> Any:
    """Cash in the quote currency that rolling one unit of a long position on by ``days`` brings; numbers or arrays.

    ``S - F``, with the forward of covered parity ``F = S (1 + r_quote d / B_quote) / (1 + r_base d / B_base)``,
    ``B`` 360 or 365 by currency (Weithers 2006, Foreign Exchange, ch. 5).
    """
    paid = 1 + quote * days / day_count(pair[3:])
    earned = 1 + base * days / day_count(pair[:3])
    return spot * (1 - paid / earned)


@dataclass(frozen=True, slots=True)
class Rollover:
    """``rates``: short rates by currency (n,), fractions a year, as known at each session, NaN where not known;
    ``markup``: what the broker takes of either side, a fraction of notional a year (actual/360)."""

    rates: Mapping[str, Floats] = field(default_factory=dict)
    markup: float = 0.0

    def brings(self, pair: str, spot: Floats, days: NDArray[np.int64]) -> Floats:
        """``tom_next`` of each session's close (n,), NaN where a rate of either currency is not known."""
        unknown = np.full(len(spot), np.nan)
        base, quote = (self.rates.get(code, unknown) for code in (pair[:3], pair[3:]))
        return np.asarray(tom_next(pair, spot, base, quote, days), dtype=np.float64)

    def charges(self, spot: Floats, days: NDArray[np.int64]) -> Floats:
        """What the broker takes of one unit (n,), in the quote currency."""
        return np.asarray(self.markup * spot * days / 360, dtype=np.float64)

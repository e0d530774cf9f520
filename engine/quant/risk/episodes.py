"""Bad times, dated: windows over which a portfolio is replayed. Dates are facts; returns come from the caller.

Each window runs from the S&P 500's last close before the fall, or its peak, to its low, so that what it shows
is the whole loss; ``source`` says who dates it so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.risk._inputs import Floats, square_of
from engine.quant.risk.propagation import propagate


@dataclass(frozen=True, slots=True)
class Episode:
    """From the close of ``start`` to the close of ``end``."""

    key: str
    name: str
    start: date
    end: date
    rationale: str
    source: str


EPISODES: tuple[Episode, ...] = (
    Episode(
        "1987", "Black Monday", date(1987, 8, 25), date(1987, 12, 4),
        "the S&P 500's peak to its low; 20% of it in one day, 19 October",
        "Brady Commission, Report of the Presidential Task Force on Market Mechanisms (1988)",
    ),
    Episode(
        "1998", "Russia and LTCM", date(1998, 7, 17), date(1998, 8, 31),
        "the S&P 500's peak to its first low; Russia defaulted on 17 August",
        "Committee on the Global Financial System, A Review of Financial Market Events in Autumn 1998 (BIS 1999)",
    ),
    Episode(
        "2000", "the end of the dot-com boom", date(2000, 3, 24), date(2002, 10, 9),
        "the S&P 500's peak to its low, with 11 September 2001 in it",
        "S&P 500 closing high and low; NBER dates the recession March to November 2001",
    ),
    Episode(
        "2008", "the global financial crisis", date(2007, 10, 9), date(2009, 3, 9),
        "the S&P 500's peak to its low",
        "S&P 500 closing high and low; NBER dated the recession on 1 December 2008",
    ),
    Episode(
        "2008L", "Lehman's failure", date(2008, 9, 12), date(2008, 11, 20),
        "the close before the bankruptcy of 15 September to the low of that autumn",
        "Bank for International Settlements, 79th Annual Report (June 2009), chapter II",
    ),
    Episode(
        "2011", "the US downgrade and the euro's debts", date(2011, 7, 22), date(2011, 10, 3),
        "the close before the ceiling talks broke down to the S&P 500's low; S&P cut the US on 5 August",
        "S&P 500 closing prices; ECB, Financial Stability Review (December 2011)",
    ),
    Episode(
        "2015", "China's devaluation", date(2015, 8, 10), date(2015, 8, 25),
        "the close before the devaluation of 11 August to the S&P 500's low",
        "SEC, Research Note: Equity Market Volatility on August 24, 2015",
    ),
    Episode(
        "2018", "rates and trade, fourth quarter", date(2018, 9, 20), date(2018, 12, 24),
        "the S&P 500's peak to its low",
        "BIS Quarterly Review (March 2019)",
    ),
    Episode(
        "2020", "the pandemic", date(2020, 2, 19), date(2020, 3, 23),
        "the S&P 500's peak to its low",
        "Financial Stability Board, Holistic Review of the March Market Turmoil (2020)",
    ),
    Episode(
        "2022", "inflation and rates", date(2022, 1, 3), date(2022, 10, 12),
        "the S&P 500's peak to its low",
        "S&P 500 closing high and low; BIS Annual Economic Report (2023)",
    ),
)  # fmt: skip


def episodes_by(day: date) -> tuple[Episode, ...]:
    """The episodes that were over on ``day``: an earlier clock has not heard of the others."""
    return tuple(episode for episode in EPISODES if episode.end <= day)


@dataclass(frozen=True, slots=True)
class Replay:
    """Simple returns (k,) over an episode; ``estimated`` (k,) where an asset had none of its own; ``covariance``
    (k, k) of the errors of these estimates, 0 where returns are known. All NaN where nothing is known."""

    returns: Floats
    estimated: np.ndarray
    covariance: Floats

    @property
    def deviation(self) -> Floats:
        """Of each estimate (k,); 0 where the return is known."""
        return np.asarray(np.sqrt(np.diag(self.covariance)), dtype=np.float64)


def replay(realised: ArrayLike, covariance: ArrayLike, days: int) -> Replay:
    """What each asset did; of those that did not trade yet, what the ones that did let expect.

    Log returns over the episode are taken as jointly normal with the covariance of one day times ``days``; an
    unknown one is its expectation given all known ones (Kupiec 1998), its error that of the condition.

    Parameters
    ----------
    realised : (k,) simple returns over the episode, NaN where an asset has none.
    covariance : (k, k) of daily log returns. days : sessions of the episode.
    """
    matrix = square_of(covariance) * days
    simple = np.asarray(realised, dtype=np.float64)
    if simple.shape != (len(matrix),):
        raise ValueError(f"{len(matrix)} assets need {len(matrix)} returns, not shape {simple.shape}")
    known = np.isfinite(simple)
    if not known.any():
        return Replay(simple, ~known, np.full_like(matrix, np.nan))
    if known.all():
        return Replay(simple, ~known, np.zeros_like(matrix))
    at = np.flatnonzero(known)
    found = propagate(matrix, [int(i) for i in at], np.log1p(simple[at]))
    told = np.where(known, simple, np.expm1(found.expected))
    return Replay(told, ~known, found.covariance * np.outer(1 + told, 1 + told))

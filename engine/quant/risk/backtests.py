"""Was the value at risk right? Tests on the days that lost more than it (exceptions)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.risk._inputs import level_of

Zone = Literal["green", "yellow", "red"]
_PLUS = {5: 0.40, 6: 0.50, 7: 0.65, 8: 0.75, 9: 0.85}


@dataclass(frozen=True, slots=True)
class Likelihood:
    """A likelihood-ratio test: its statistic and the chi-squared probability of a larger one."""

    name: str
    statistic: float
    degrees: int
    p_value: float


@dataclass(frozen=True, slots=True)
class TrafficLight:
    """The Basel Committee's verdict (1996): ``probability`` of so many exceptions or fewer from a right model;
    yellow begins at 95%, red at 99.99%. ``plus`` is added to the multiplier of 3, by the committee's table for
    250 days at 99% alone."""

    zone: Zone
    probability: float
    plus: float | None


def kupiec(exceptions: int, days: int, probability: float) -> Likelihood:
    """Unconditional coverage: are exceptions as frequent as ``probability`` says? ``-2 ln L(p) / L(x/n)``, one
    degree of freedom (Kupiec 1995)."""
    _counts(exceptions, days, probability)
    share = exceptions / days
    value = 2 * (_height(exceptions, days, share) - _height(exceptions, days, probability))
    return _ratio("Kupiec", value, 1)


def kupiec_region(probability: float, days: int, confidence: float = 0.95) -> tuple[int, int]:
    """Exclusive bounds of the exceptions that Kupiec's test does not reject: low < exceptions < high. A low of
    -1 says that none is fine too."""
    passed = [x for x in range(days + 1) if kupiec(x, days, probability).statistic < _critical(confidence, 1)]
    return passed[0] - 1, passed[-1] + 1


def christoffersen_independence(n00: int, n01: int, n10: int, n11: int) -> Likelihood:
    """Do exceptions cluster? Against a first-order Markov chain with ``n[ij]`` passages from state i to j (1: an
    exception), one degree of freedom (Christoffersen 1998, equation 8)."""
    if min(n00, n01, n10, n11) < 0 or n00 + n01 + n10 + n11 == 0:
        raise ValueError("passages are counted, at least one of them")
    total = n00 + n01 + n10 + n11
    hits = n01 + n11
    apart = _height(n01, n00 + n01, n01 / max(n00 + n01, 1)) + _height(
        n11, n10 + n11, n11 / max(n10 + n11, 1)
    )
    return _ratio("Christoffersen independence", 2 * (apart - _height(hits, total, hits / total)), 1)


def passages(exceptions: ArrayLike) -> tuple[int, int, int, int]:
    """Passages ``n00, n01, n10, n11`` of a series of days (n,), True where one was an exception."""
    hits = np.asarray(exceptions, dtype=bool)
    before, after = hits[:-1], hits[1:]
    return (
        int((~before & ~after).sum()), int((~before & after).sum()), int((before & ~after).sum()),
        int((before & after).sum()),
    )  # fmt: skip


def conditional_coverage(coverage: Likelihood, independence: Likelihood) -> Likelihood:
    """Both at once: the sum, two degrees of freedom (Christoffersen 1998, equation 10)."""
    return _ratio("Christoffersen conditional coverage", coverage.statistic + independence.statistic, 2)


def binomial_cdf(exceptions: int, days: int, probability: float) -> float:
    """Chance of so many exceptions or fewer, from a right model."""
    from scipy.special import bdtr

    _counts(exceptions, days, probability)
    return float(bdtr(exceptions, days, probability))


def binomial_tail(exceptions: int, days: int, probability: float) -> float:
    """Chance of so many exceptions or more."""
    from scipy.special import bdtrc

    _counts(exceptions, days, probability)
    return 1.0 if exceptions == 0 else float(bdtrc(exceptions - 1, days, probability))


def traffic_light(exceptions: int, days: int = 250, level: float = 0.99) -> TrafficLight:
    """The Basel Committee's zones (1996, table 2)."""
    found = binomial_cdf(exceptions, days, 1 - level_of(level))
    zone: Zone = "green" if found < 0.95 else "yellow" if found < 0.9999 else "red"
    standard = days == 250 and abs(level - 0.99) < 1e-12
    return TrafficLight(zone, found, plus_factor(exceptions) if standard else None)


def plus_factor(exceptions: int) -> float:
    """What is added to the capital multiplier of 3 after so many exceptions in 250 days at 99%."""
    return 0.0 if exceptions < 5 else _PLUS.get(exceptions, 1.0)


def _counts(exceptions: int, days: int, probability: float) -> None:
    if not 0 <= exceptions <= days or days < 1:
        raise ValueError(f"{exceptions} exceptions in {days} days cannot be")
    if not 0 < probability < 1:
        raise ValueError(f"a probability lies between 0 and 1, not {probability}")


def _height(hits: int, days: int, share: float) -> float:
    """Log-likelihood of ``hits`` in ``days``; 0 ln 0 is 0."""
    from scipy.special import xlog1py, xlogy

    return float(xlogy(hits, share) + xlog1py(days - hits, -share))


def _ratio(name: str, value: float, degrees: int) -> Likelihood:
    from scipy.special import chdtrc

    value = max(value, 0.0)  # rounding where both likelihoods are one
    return Likelihood(name, value, degrees, float(chdtrc(degrees, value)))


def _critical(confidence: float, degrees: int) -> float:
    from scipy.special import chdtri

    return float(chdtri(degrees, 1 - confidence))

"""The trials made on the same data, kept and counted, so that the best of them is judged as the best of many.

A ``TrialBook`` is a value: adding a trial answers a new one, ``to_plain`` and ``from_plain`` carry it to and from
what JSON holds. Who runs strategies keeps it; nothing here does I/O.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from math import isfinite
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.quant.performance import kurtosis, sharpe_ratio, skewness

Floats: TypeAlias = NDArray[np.float64]


def trial_key(snapshot: str, family: str) -> str:
    """The name under which trials are counted together: SHA-256 of the data snapshot's hash and the strategy family.

    The lengths go in with the words, so that no two pairs run into one.
    """
    text = f"{len(snapshot)}:{snapshot}{len(family)}:{family}"
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Trial:
    """One set of parameters that was tried: its Sharpe ratio A PERIOD, over how many, and the shape of its returns.

    ``kurtosis`` is raw, 3 for a normal law.
    """

    parameters: str
    sharpe: float
    observations: int
    skew: float = 0.0
    kurtosis: float = 3.0

    def __post_init__(self) -> None:
        if not all(isfinite(each) for each in (self.sharpe, self.skew, self.kurtosis)):
            raise ValueError(
                f"The trial {self.parameters!r} has no finite Sharpe ratio or moments: a run without dispersion "
                "is recorded with a Sharpe ratio of 0 and the moments of a normal law."
            )
        if self.observations < 2:
            raise ValueError("A trial has two observations or more.")


def trial_of(parameters: str, returns: ArrayLike) -> Trial:
    """The trial that a run's returns (n,) make; missing ones are left out, no dispersion is a ratio of 0."""
    values = np.asarray(returns, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError("A trial is one series of returns, (n,).")
    values = values[np.isfinite(values)]
    if len(values) < 2 or np.ptp(values) == 0:
        return Trial(parameters, 0.0, max(len(values), 2))
    shape = float(skewness(values)), float(kurtosis(values, excess=False))
    skew, raw = shape if all(map(isfinite, shape)) else (0.0, 3.0)
    return Trial(parameters, float(sharpe_ratio(values, periods=1)), len(values), skew, raw)


@dataclass(frozen=True, slots=True)
class TrialBook:
    """Trials by key (``trial_key``), all of one frequency, as their Sharpe ratios are a period's.

    The same parameters run again under a key are the same trial, not another.
    """

    trials: Mapping[str, tuple[Trial, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "trials", dict(self.trials))

    def add(self, key: str, *trials: Trial) -> TrialBook:
        """A book with these too; a trial whose parameters are known under the key takes the place of the old."""
        known = {one.parameters: one for one in (*self.trials.get(key, ()), *trials)}
        return TrialBook({**self.trials, key: tuple(known.values())})

    def merge(self, other: TrialBook) -> TrialBook:
        """Both books' trials, the other's where both know the same parameters: two processes' work joined."""
        book = self
        for key, trials in other.trials.items():
            book = book.add(key, *trials)
        return book

    def count(self, key: str) -> int:
        """Different parameters tried under a key."""
        return len(self.trials.get(key, ()))

    def sharpes(self, key: str) -> Floats:
        """Their Sharpe ratios a period, in the order in which they were first tried."""
        return np.array([one.sharpe for one in self.trials.get(key, ())], dtype=np.float64)

    def to_plain(self) -> dict[str, list[dict[str, Any]]]:
        """Dicts, lists, words and numbers only."""
        return {key: [asdict(one) for one in trials] for key, trials in self.trials.items()}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Iterable[Mapping[str, Any]]]) -> TrialBook:
        """What ``to_plain`` made; an unknown or missing field is a TypeError."""
        return cls({key: tuple(Trial(**one) for one in trials) for key, trials in plain.items()})

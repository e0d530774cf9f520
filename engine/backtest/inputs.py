"""What a run computes on, and what it is asked to do: plain values that go to another process as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.backtest.market import Floats, Market
from engine.backtest.result import Costs, Result, Terms

Bools: TypeAlias = NDArray[np.bool_]
Fill: TypeAlias = Literal["open", "vwap", "close"]
FILLS: tuple[Fill, ...] = ("open", "vwap", "close")


@dataclass(frozen=True, slots=True)
class Inputs:
    """A market and what else was known after the close of each of its sessions.

    ``panels``: values by name (n, k), NaN where they were not known. ``members``: by universe (n, k), whether a
    symbol was a member as was known then. ``begin``: the first session that may be traded; rows before only warm up.
    ``fills``: where a series has no opens (fixings, closes), "close": its ``open`` is then its close, and a
    decision fills at the next one. ``seen``: the market as decisions may know it, where that differs from what truly
    traded: bars and splits that became known, or were corrected, after their own session; None where it is the same.
    """

    market: Market
    panels: Mapping[str, Floats] = field(default_factory=dict)
    members: Mapping[str, Bools] = field(default_factory=dict)
    begin: int = 0
    fills: Fill = "open"
    seen: Market | None = None

    def __post_init__(self) -> None:
        shape = self.market.close.shape
        if self.seen is not None and self.seen.close.shape != shape:
            raise ValueError(f"seen has shape {self.seen.close.shape}; sessions by symbols are {shape}")
        for name, panel in (*self.panels.items(), *self.members.items()):
            if panel.shape != shape:
                raise ValueError(f"{name} has shape {panel.shape}; sessions by symbols are {shape}")
        if not 0 <= self.begin < max(shape[0], 1):
            raise ValueError(f"a run of {shape[0]} sessions cannot begin at row {self.begin}")

    @property
    def decided(self) -> Market:
        """What decisions are computed on; fills and marks are of ``market``."""
        return self.market if self.seen is None else self.seen


@dataclass(frozen=True, slots=True)
class Code:
    """A strategy written in Python: the whole source, so that a run can be made again after its file changed."""

    name: str
    source: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunSpec:
    """One run: a strategy and the terms it trades on.

    ``strategy``: text of rules, or code. ``fill``: at the next session's open, at its close, or at its average price
    (the mean of open, high, low and close, as a stand-in for the volume-weighted price). ``accounts``: each symbol an
    account of its own with the whole capital.
    """

    strategy: str | Code
    costs: Costs = field(default_factory=Costs)
    terms: Terms = field(default_factory=Terms)
    fill: Fill = "open"
    accounts: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run's result, from its first session on, and how it came about.

    ``path``: "fast" (all symbols of a session at once, in arrays) or "events" (one after the other). ``told``:
    sentences on what the simulation had to assume.
    """

    result: Result
    path: Literal["fast", "events"]
    told: tuple[str, ...] = ()

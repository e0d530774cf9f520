"""A timeline told as spells: from when to when each state held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import isfinite

from engine.figures import Timeline

__all__ = ["Spell", "current", "spells"]


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch of one state: its index (-1: none), first and last date, and how many dates it has."""

    state: int
    first: date
    last: date
    count: int

    @property
    def days(self) -> int:
        """Calendar days, both ends among them."""
        return (self.last - self.first).days + 1


def spells(figure: Timeline) -> tuple[Spell, ...]:
    """The stretches of one state, oldest first."""
    import numpy as np

    states = np.asarray(figure.states)
    if not len(states):
        return ()
    starts = np.flatnonzero(np.concatenate([[True], states[1:] != states[:-1]]))
    ends = np.concatenate([starts[1:], [len(states)]])
    days: list[date] = figure.dates.astype("datetime64[D]").tolist()
    return tuple(
        Spell(int(states[start]), days[start], days[end - 1], end - start)
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
    )


def current(figure: Timeline) -> tuple[tuple[str, float | None], ...]:
    """Each state with its probability on the last date; None where it is not known."""
    if figure.probabilities is None or not len(figure.dates):
        return ()
    newest = [float(value) for value in figure.probabilities[-1]]
    return tuple(
        (name, value if isfinite(value) else None) for name, value in zip(figure.names, newest, strict=True)
    )

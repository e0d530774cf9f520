"""How much longer work will take, told from how far it has come: a smoothed pace, and words for it."""

from __future__ import annotations

from collections.abc import Callable
from math import exp
from time import monotonic

PATIENCE = 2.0  # seconds before anything is told: of short work, and of a step that has just begun
MEMORY = 10.0  # seconds over which the pace is remembered, and no fewer than a quarter of the step's


class Eta:
    """Told ``done`` of ``total`` as work goes on; answers what is left in words, empty while it cannot be known.

    The pace is the seconds over the units of the last ``MEMORY`` seconds or so, older ones counting exponentially
    less; what a unit under way has taken counts once it is done. A total that changes, or a count that falls, is
    another step, whose pace is its own.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self.begin()

    def begin(self) -> None:
        """Other work starts: what was known of the pace is forgotten."""
        self._step(0, 0)

    def told(self, done: int, total: int) -> str:
        """What is left, such as ``about 12 s left``."""
        if total != self._total or done < self._done:
            self._step(done, total)
            return ""
        now = self._clock()
        if done > self._done:
            self._learn(now - self._seen, done - self._done, max(MEMORY, (now - self._begun) / 4))
            self._seen, self._done = now, done
        if not 0 < done < total or self._units <= 0 or now - self._begun < PATIENCE:
            return ""
        return in_words(self._seconds / self._units * (total - done))

    def _learn(self, seconds: float, units: int, memory: float) -> None:
        kept = exp(-seconds / memory)
        self._seconds = self._seconds * kept + seconds
        self._units = self._units * kept + units

    def _step(self, done: int, total: int) -> None:
        self._begun = self._seen = self._clock()
        self._done, self._total = done, total
        self._seconds = self._units = 0.0


def bar(done: int, total: int, width: int = 10, marks: str = "█░") -> str:
    """How far work is, drawn and in per cent: ``████░░░░░░ 40%``; empty where the end is not known."""
    if total <= 0:
        return ""
    share = min(max(done / total, 0.0), 1.0)
    full = int(share * width)
    return f"{marks[0] * full}{marks[1] * (width - full)} {int(share * 100)}%"


def in_words(seconds: float) -> str:
    """Seconds as one reads them at a glance: by fives above twenty, in minutes or hours where there are many."""
    if seconds < 1:
        return "less than a second left"
    if seconds < 90:
        shown = round(seconds) if seconds < 20 else 5 * round(seconds / 5)
        return f"about {shown} s left"
    if seconds < 5_400:
        return f"about {round(seconds / 60)} min left"
    return f"about {seconds / 3_600:.1f} h left"

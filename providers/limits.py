"""Rate limits that all processes of a box keep together: one key, one budget.

A sliding log in SQLite. A call counts from the moment its answer begins (until then as if it were sent just
now), so that whatever the network delays, no window of the source's own clock ever sees more than the limit.
Waiting users take turns: who had the fewest calls in the window goes first. The database holds a fingerprint
of a key, never the key.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from providers.errors import Kind, SourceError
from providers.limit_log import Clock, Log, Turn, box_clock
from providers.patience import Progress, quiet, wait
from providers.source import Limit, SourceInfo

PATIENCE = 120.0  # seconds; a longer wait is told instead
_POLL = 0.05
_REFRESH = 1.0  # a waiting process shows that it is there at least so often


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of one limit. ``frees_in``: seconds until a call is free again; 0 where one is."""

    limit: Limit
    used: int
    frees_in: float

    @property
    def words(self) -> str:
        return f"{max(0, self.limit.calls - self.used):,} of {limit_words(self.limit)}"


def fingerprint(secrets: Mapping[str, str]) -> str:
    """Names a key without telling it; all users of a box share the budget of its address without one."""
    if not secrets:
        return "address"
    told = "\0".join(f"{name}={secrets[name]}" for name in sorted(secrets))
    return hashlib.sha256(b"asof limits\0" + told.encode()).hexdigest()[:12]


def limit_words(limit: Limit) -> str:
    """ "5 a minute"."""
    units = {1: "a second", 60: "a minute", 3600: "an hour", 86400: "a day", 30 * 86400: "30 days"}
    per = units.get(int(limit.seconds)) if float(limit.seconds).is_integer() else None
    return f"{limit.calls:,} {per or f'in {limit.seconds:,g} s'}"


class RateLimits:
    """The limits of all sources, kept in ``$ASOF_HOME/limits.sqlite``. Safe to share between threads."""

    def __init__(
        self, path: Path, user: str, *, clock: Clock = box_clock, patience: float = PATIENCE
    ) -> None:
        self._log, self._user, self._patience = Log(path, clock), user, patience

    def budget(self, info: SourceInfo, secrets: Mapping[str, str]) -> Budget:
        """What one source allows one key."""
        return Budget(
            self._log,
            info.title,
            f"{info.name}:{fingerprint(secrets)}",
            info.limits,
            self._user,
            self._patience,
        )

    def left(self, info: SourceInfo, secrets: Mapping[str, str]) -> tuple[Left, ...]:
        budget = self.budget(info, secrets)
        return tuple(
            Left(limit, *self._log.used(budget.key, limit)) for limit in sorted(info.limits, key=_seconds)
        )

    def last_answer(self, info: SourceInfo, secrets: Mapping[str, str]) -> tuple[datetime, str] | None:
        """When a source was asked last with this key, and what its answer's status was."""
        found = self._log.answer(f"{info.name}:{fingerprint(secrets)}")
        return None if found is None else (datetime.fromtimestamp(found[0], UTC), found[1])

    def close(self) -> None:
        self._log.close()


@dataclass(frozen=True, slots=True)
class Budget:
    """The calls that one source allows one key."""

    log: Log
    title: str
    key: str
    limits: tuple[Limit, ...]
    user: str
    patience: float = PATIENCE

    def acquire(self, cancelled: Callable[[], bool], progress: Progress) -> Lease:
        """Wait for a call within all limits, in turn with other users.

        Raises
        ------
        SourceError
            Rate limit, where the next call is free only after a long while; cancelled.
        """
        turn = Turn(self.user)
        try:
            while True:
                if cancelled():
                    raise SourceError(Kind.CANCELLED, "cancelled")
                answer = self.log.ask(self.key, self.limits, turn)
                if answer.call is not None:
                    return Lease(self.log, self.key, answer.call)
                if answer.wait > self.patience:
                    raise self._exhausted(answer.wait, answer.limit)
                self._wait(answer.wait, answer.limit, cancelled, progress)
        finally:
            self.log.leave(turn)

    def pause(self, seconds: float) -> None:
        """The source asked to be left alone: nobody on the box asks it with this key meanwhile."""
        self.log.pause(self.key, seconds)

    def _wait(
        self, seconds: float, limit: Limit | None, cancelled: Callable[[], bool], progress: Progress
    ) -> None:
        what = f"limit of {limit_words(limit)}" if limit is not None else "pause that it asked for"
        if seconds >= 1:
            progress(0, 0, f"waiting {seconds:,.0f} s for {_possessive(self.title)} {what}")
        wait(min(max(seconds, _POLL), _REFRESH), cancelled, quiet, "")  # told already

    def _exhausted(self, seconds: float, limit: Limit | None) -> SourceError:
        until = datetime.fromtimestamp(time.time() + seconds, UTC)
        when = f"{until:%H:%M}" if seconds < 43200 else f"{until:%Y-%m-%d %H:%M}"
        what = f"limit of {limit_words(limit)} is used up" if limit is not None else "pause is not over"
        return SourceError(
            Kind.RATE_LIMIT,
            f"{_possessive(self.title)} {what}: the next call is free at {when} UTC",
            retry_after=seconds,
        )


@dataclass(slots=True)
class Lease:
    """One call under way."""

    _log: Log
    _key: str
    _call: int
    _open: bool = True

    def arrived(self) -> None:
        """The source has the call: it counts from now."""
        if self._open:
            self._open = False
            self._log.arrived(self._call)

    def done(self, outcome: str) -> None:
        """The call is over, with this outcome in a word."""
        self.arrived()
        self._log.tell(self._key, outcome)


def _seconds(limit: Limit) -> float:
    return limit.seconds


def _possessive(title: str) -> str:
    return f"{title}'" if title.endswith("s") else f"{title}'s"

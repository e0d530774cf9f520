"""What a run reads of the store, told so that another process can read the same."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from engine.backtest.inputs import Inputs
    from engine.backtest.rules import Rules

Fact: TypeAlias = str | int | float
_LEAST = 400


@dataclass(frozen=True, slots=True)
class Wanted:
    """Securities, or the members of universes through time, over some years.

    ``ids``: securities that are named. ``universes``: words (lower case, as rules say ``in sp500``) with the index
    that each is; of their members all that belonged to one between ``start`` and ``end`` are read. ``start`` None:
    as far back as there are prices. ``warm_up``: sessions that are read before ``start``, or left out of the run
    where there is none; of these the rules need ``needed`` to be known (all where None), and after ``settled``
    nothing that their averages were seeded with weighs any more. ``panels``: names beyond what prices tell (``pe``,
    ``roe``, ``mktcap``), read as known at each session's close; those of ``engine.runs.states`` are told by the index
    ``states_of``. ``alone``: each symbol is an account of its own, which gets the worth of a successor's shares where
    it would else get them.
    """

    ids: tuple[int, ...] = ()
    universes: tuple[tuple[str, int], ...] = ()
    start: date | None = None
    end: date | None = None
    warm_up: int = 0
    panels: tuple[str, ...] = ()
    states_of: int | None = None
    alone: bool = False
    needed: int | None = None
    settled: int = 0


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was read. A market's symbol is its ticker, made unique by its id where two share one.

    ``notes``: (sentence, level) for the page. ``facts``: by name, for the page that lists inputs: how many bars,
    corrections kept out of earlier decisions, estimated dates, names that ended in a delisting.
    """

    inputs: Inputs
    notes: tuple[tuple[str, str], ...] = ()
    facts: tuple[tuple[str, Fact], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Warming:
    """Sessions before the first that rules decide: ``needed`` to know everything in them, ``settled`` to have
    forgotten what averages were seeded with (``engine.backtest.rules.settling``)."""

    needed: int = 0
    settled: int = 0

    @classmethod
    def of(cls, rules: Rules) -> Warming:
        from engine.backtest.rules import settling, warm_up

        return cls(warm_up(rules), settling(rules))

    def __or__(self, other: Warming) -> Warming:
        return Warming(max(self.needed, other.needed), max(self.settled, other.settled))

    def read(self, start: date | None, asked: int = 0) -> int:
        """Sessions that are read before ``start``; no fewer than the line asks for (WARMUP=), and no more where the
        run begins with the first prices, or where it asks."""
        return max(self.needed, asked) if asked or start is None else self.settled

    def wanted(self, ids: tuple[int, ...], start: date | None, end: date | None) -> Wanted:
        """What is read of securities by themselves."""
        warm_up = self.read(start)
        return Wanted(ids, (), start, end, warm_up, needed=self.needed, settled=self.settled)


def days_before(strategies: Iterable[str]) -> int:
    """Days of the calendar before a start in which rules warm up, at least ``_LEAST``: what is fetched for them."""
    from engine.backtest.rules import RuleError, parse
    from engine.runs.states import STATES

    most = 0
    for text in strategies:
        with suppress(RuleError):  # the run says so
            most = max(most, Warming.of(parse(text, panels=STATES)).settled)
    return max(_LEAST, int(most * 1.6) + 10)

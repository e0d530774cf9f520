"""What a run reads of the store, told so that another process can read the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from engine.backtest.inputs import Inputs

Fact: TypeAlias = str | int | float


@dataclass(frozen=True, slots=True)
class Wanted:
    """Securities, or the members of universes through time, over some years.

    ``ids``: securities that are named. ``universes``: words (lower case, as rules say ``in sp500``) with the index
    that each is; of their members all that belonged to one between ``start`` and ``end`` are read. ``start`` None:
    as far back as there are prices. ``warm_up``: sessions before ``start`` that the rules need. ``panels``: names
    beyond what prices tell (``pe``, ``roe``, ``mktcap``), read as known at each session's close; those of
    ``engine.runs.states`` are told by the index ``states_of``. ``alone``: each symbol is an account of its own, which
    gets the worth of a successor's shares where it would else get them.
    """

    ids: tuple[int, ...] = ()
    universes: tuple[tuple[str, int], ...] = ()
    start: date | None = None
    end: date | None = None
    warm_up: int = 0
    panels: tuple[str, ...] = ()
    states_of: int | None = None
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was read. A market's symbol is its ticker, made unique by its id where two share one.

    ``notes``: (sentence, level) for the page. ``facts``: by name, for the page that lists inputs: how many bars,
    corrections kept out of earlier decisions, estimated dates, names that ended in a delisting.
    """

    inputs: Inputs
    notes: tuple[tuple[str, str], ...] = ()
    facts: tuple[tuple[str, Fact], ...] = field(default=())

"""What a sweep is made of, as a document that any process of any machine can work on; its id is of that alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, cast

from engine.runs.wanted import Wanted

if TYPE_CHECKING:
    from engine.backtest.inputs import Fill, RunSpec
    from engine.backtest.sweep import Grid

FORM = 1  # of the documents and of what batches hold: another number makes another id


@dataclass(frozen=True, slots=True)
class Subject:
    """What every point is run on: one security, or the members of universes as one portfolio."""

    label: str
    ids: tuple[int, ...] = ()
    universes: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """Points of one subject."""

    number: int
    subject: int
    points: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """``text`` has the braces; instants and days are ISO texts, empty where there is none.

    ``within``: a universe that every decision is kept to. ``accounts``: each symbol an account of its own.
    ``batch``: points worked on at a time, in the order in which the parameters ``fast`` run fastest. ``period`` as
    typed; ``tail``: what a BACKTEST line says after a strategy.
    """

    text: str
    subjects: tuple[Subject, ...]
    asof: str
    snapshot: int
    recorded: str
    start: str
    end: str
    warm_up: int
    panels: tuple[str, ...]
    within: str
    costs: Mapping[str, Any]
    terms: Mapping[str, Any]
    fill: str
    accounts: bool
    batch: int
    fast: tuple[int, ...]
    period: str
    tail: str
    version: str
    form: int = field(default=FORM)

    @property
    def id(self) -> str:
        return sha256(self.document().encode()).hexdigest()[:12]

    def document(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @property
    def grid(self) -> Grid:
        from engine.backtest.sweep import read_grid

        return read_grid(self.text)

    @property
    def points(self) -> int:
        """Of all subjects together."""
        return len(self.subjects) * len(self.grid)

    @property
    def batches(self) -> tuple[Batch, ...]:
        points = self.grid.order(self.fast)
        parts = [points[first : first + self.batch] for first in range(0, len(points), self.batch)]
        each = [(subject, part) for subject in range(len(self.subjects)) for part in parts]
        return tuple(Batch(number, subject, part) for number, (subject, part) in enumerate(each))

    @property
    def sessions(self) -> int:
        """At most so many, of a market that trades five days a week; 0 where the start is not told."""
        if not self.start:
            return 0
        return round((date.fromisoformat(self.end) - date.fromisoformat(self.start)).days * 252 / 365)

    def wanted(self, subject: Subject) -> Wanted:
        """What is read of the store for a subject."""
        start, end = (date.fromisoformat(each) if each else None for each in (self.start, self.end))
        return Wanted(subject.ids, subject.universes, start, end, self.warm_up, self.panels)

    def strategy(self, text: str) -> str:
        """A point's rules as they are run."""
        if not self.within:
            return text
        from engine.backtest import rules
        from engine.runs.asked import kept_within

        return rules.write(kept_within(rules.parse(text), self.within))

    def spec(self, text: str = "") -> RunSpec:
        from engine.backtest.inputs import RunSpec
        from engine.backtest.result import Costs, Terms

        return RunSpec(text, Costs(**self.costs), Terms(**self.terms), cast("Fill", self.fill), self.accounts)

    def instants(self) -> tuple[datetime, datetime | None]:
        """The clock, and the day by which it was recorded."""
        recorded = datetime.fromisoformat(self.recorded) if self.recorded else None
        return datetime.fromisoformat(self.asof), recorded


def order_of(document: str) -> Order:
    """The order that a document says."""
    body = json.loads(document)
    subjects = tuple(
        Subject(
            each["label"],
            tuple(each["ids"]),
            tuple((word, int(number)) for word, number in each["universes"]),
        )
        for each in body.pop("subjects")
    )
    return Order(
        **{**body, "subjects": subjects, "panels": tuple(body["panels"]), "fast": tuple(body["fast"])}
    )

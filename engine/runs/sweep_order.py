"""What a sweep is made of, as a document that any process of any machine can work on; its id is of that alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, cast

from engine.runs.wanted import Wanted, Warming

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.backtest.inputs import Code, Fill, RunSpec
    from engine.backtest.sweep import Grid, Reader

FORM = 2  # of the documents and of what batches hold: another number makes another id


@dataclass(frozen=True, slots=True)
class Subject:
    """What every point is run on: one security, or several or the members of universes as one portfolio.

    ``start`` and ``end``: its own years, where those of the order are not.
    """

    label: str
    ids: tuple[int, ...] = ()
    universes: tuple[tuple[str, int], ...] = ()
    start: str = ""
    end: str = ""


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

    ``kind``: "rules" of anything with prices of its own; "code", of which ``text`` holds the parameters and ``code``
    the name and the source; "options", "currency", "crypto", "future", each run by itself as BACKTEST does it, with
    ``more`` of the line (names and values). ``states_of``: the index that tells the market's states. ``scores``: the
    names and the SHA-256 of scores, kept in the strategies' folder of ``owner``. ``needed`` and ``settled``: what
    rules read before a start (``Warming``), ``warm_up`` what the line asks for. ``data``: whose rows the snapshot
    holds, so that what is done over one store is not found over another that came into its place.
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
    kind: str = "rules"
    code: tuple[str, str] = ("", "")
    more: tuple[tuple[str, Any], ...] = ()
    states_of: int | None = None
    scores: str = ""
    score_names: tuple[str, ...] = ()
    owner: str = ""
    needed: int = 0
    settled: int = 0
    data: str = ""
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
    def apart(self) -> bool:
        """Whether each point is a run of an engine of its own, which reads the store itself."""
        return self.kind not in ("rules", "code")

    @property
    def portfolio(self) -> bool:
        """Whether points trade the members of an index, or several securities in one account."""
        return bool(self.subjects[0].universes) or len(self.subjects[0].ids) > 1

    @property
    def reader(self) -> Reader:
        """Reads rules, with the names that this order's may ask for."""
        from engine.backtest.sweep import Reader
        from engine.runs.states import STATES

        return Reader((*STATES, *self.score_names) if self.kind == "rules" else STATES)

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

    def bounds(self, subject: Subject) -> tuple[date | None, date | None]:
        """First and last day of a subject's runs."""
        days = (subject.start, subject.end) if subject.end else (self.start, self.end)
        start, end = (date.fromisoformat(each) if each else None for each in days)
        return start, end

    def wanted(self, subject: Subject) -> Wanted:
        """What is read of the store for a subject."""
        start, end = self.bounds(subject)
        warm_up = Warming(self.needed, self.settled).read(start, self.warm_up)
        return Wanted(
            subject.ids, subject.universes, start, end, warm_up, self.panels, self.states_of, self.accounts,
            self.needed or None, self.settled,
        )  # fmt: skip

    def strategy(self, text: str) -> str:
        """A point's rules as they are run."""
        if not self.within or self.kind != "rules":
            return text
        from engine.backtest import rules
        from engine.runs.asked import kept_within

        return rules.write(kept_within(self.reader(text), self.within))

    def spec(self, text: str = "") -> RunSpec:
        """A point's run: of code the text has its parameters."""
        from engine.backtest.inputs import Code, RunSpec
        from engine.backtest.result import Costs, Terms

        strategy: str | Code = text
        if self.kind == "code":
            from engine.runs.code import parameters_of

            strategy = Code(*self.code, parameters_of(text))
        fill = cast("Fill", self.fill)
        return RunSpec(strategy, Costs(**self.costs), Terms(**self.terms), fill, self.accounts)

    def instants(self) -> tuple[datetime, datetime | None]:
        """The clock, and the day by which it was recorded."""
        recorded = datetime.fromisoformat(self.recorded) if self.recorded else None
        return datetime.fromisoformat(self.asof), recorded


def other_sessions(dates: NDArray[np.datetime64]) -> str:
    """Why a run cannot stand beside others, which are over ``dates``."""
    return (
        f"It runs over other sessions than the first point ({dates[0]} to {dates[-1]}): a range in years or dates "
        "gives all of them the same, and BACKTEST runs it by itself."
    )


def order_of(document: str) -> Order:
    """The order that a document says."""
    body = json.loads(document)
    subjects = tuple(
        Subject(
            each["label"],
            tuple(each["ids"]),
            tuple((word, int(number)) for word, number in each["universes"]),
            each["start"],
            each["end"],
        )
        for each in body.pop("subjects")
    )
    plain = {name: tuple(body[name]) for name in ("panels", "fast", "code", "score_names")}
    more = tuple((name, value) for name, value in body["more"])
    return Order(**{**body, **plain, "more": more, "subjects": subjects})

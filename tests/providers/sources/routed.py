"""A sample put to the router on a store of its own: what the fault matrix asks once more on the whole way.

A ``Bench`` is one sample with a server whose behaviour can be changed between two questions, and stores that begin
empty. What a good answer leaves in the store is read once; every fault is measured by that.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from providers.breaker import Breaker
from providers.choices import Choices
from providers.http import Client
from providers.outcomes import Outcome
from providers.router import Router
from providers.source import Source, SourceInfo
from providers.sources import sources
from store import Store, open_store
from store.audit import AuditEvent
from store.schema import TABLES
from tests.providers.sources.faulty import MOST_BYTES, PATIENCE
from tests.providers.sources.loopback import Asked, Behaviour, Loopback, Said, Sample, serving

AGENT = "asof-tests/1.0 (tests@example.com)"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Held:
    """The keys of whoever is asked."""

    values: Mapping[str, str]

    def secrets(self, info: SourceInfo) -> Mapping[str, str]:
        return self.values

    def origin(self, info: SourceInfo) -> str:
        return "keyring" if self.values else ""


@dataclass(frozen=True)
class Bounded:
    """A source whose answers may not be larger than the faults' bound."""

    source: Source

    @property
    def info(self) -> SourceInfo:
        return replace(self.source.info, max_bytes=MOST_BYTES)

    def fetch(self, request: Any, access: Any) -> Any:
        return self.source.fetch(request, access)


@dataclass
class Switch:
    """A server's behaviour that changes under it, and how many questions came since."""

    behaviour: Behaviour
    asked: list[Asked] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Said:
        self.asked.append(asked)
        return self.behaviour(asked)


@dataclass
class Bench:
    """One sample, its server, and the homes of its stores."""

    sample: Sample
    switch: Switch
    server: Loopback
    folder: Path
    calendars: Path
    homes: int = 0

    def store(self) -> Store:
        """A new and empty one."""
        self.homes += 1
        store = open_store(self.folder / str(self.homes), clock=lambda: self.sample.now)
        for kept in self.calendars.glob("*.npz"):
            shutil.copy(kept, store.home / "cache" / kept.name)
        return store

    def ask(
        self,
        store: Store,
        behaviour: Behaviour | None = None,
        *,
        url: str = "",
        read_seconds: float = 5.0,
        refresh: bool = False,
    ) -> Outcome:
        """The sample's question, by a router that has just been started."""
        sample, self.switch.asked = self.sample, []
        self.switch.behaviour = behaviour or sound(sample)
        source = Bounded(sources()[sample.source])
        with Client(
            user_agent=AGENT,
            patience=PATIENCE,
            connect_seconds=2.0,
            read_seconds=read_seconds,
            total_seconds=8.0,
        ) as client:
            router = Router(
                store, client=client, keys=Held(sample.secrets),  # type: ignore[arg-type]
                choices=Choices(), clock=lambda: sample.now,
                base_urls={sample.source: dict.fromkeys(source.info.base_urls, url or self.server.url)},
                sources=lambda: {sample.source: source}, breaker=Breaker(longest=0.0), ready=lambda info: "",
            )  # fmt: skip
            request = sample.request
            return router.ensure(
                request.dataset,
                request.subject,
                request.start,
                request.end,
                detail=request.detail,
                refresh=refresh,
            )


@contextmanager
def bench(sample: Sample, folder: Path, calendars: Path) -> Iterator[Bench]:
    switch = Switch(sound(sample))
    with serving(switch) as server:
        yield Bench(sample, switch, server, folder, calendars)


def sound(sample: Sample) -> Behaviour:
    """The sample's answers also for other days in the path: the router asks to the last session that is over."""
    behaviour = sample.behaviour()
    by_shape = {_DAY.sub("*", path): path for path in (route.partition("?")[0] for route in sample.routes)}
    return lambda asked: behaviour(replace(asked, path=by_shape.get(_DAY.sub("*", asked.path), asked.path)))


def from_question(number: int, said: Said, behaviour: Behaviour) -> Behaviour:
    """``behaviour`` up to a question, and ``said`` from that one on."""
    seen: list[str] = []

    def answer(asked: Asked) -> Said:
        seen.append(asked.path)
        return behaviour(asked) if len(seen) < number else said

    return answer


# -- what the store holds ---------------------------------------------------------------------------------


def contents(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, as it is read at the end of time."""
    reader = store.reader(datetime(2100, 1, 1, tzinfo=UTC))
    found = {}
    for table in TABLES:
        frame = reader.rows(table)
        if frame.height:
            found[table] = sorted(frame.drop("seq", strict=False).rows(), key=repr)
    return found


def heights(held: Mapping[str, list[tuple[Any, ...]]]) -> dict[str, int]:
    return {table: len(rows) for table, rows in held.items()}


def written(store: Store) -> dict[str, int]:
    """How many rows the commits tell of, by table."""
    total: dict[str, int] = {}
    for batch in store.batches():
        for table, rows in batch.rows.items():
            total[table] = total.get(table, 0) + rows
    return {table: rows for table, rows in total.items() if rows}


def settled(store: Store, sample: Sample) -> list[tuple[date, date]]:
    """The ranges of the sample's question that need not be asked again."""
    number = store.identify([sample.request.subject.identity])[sample.request.subject.identity]
    records = store.fetched(sample.request.dataset, number, detail=sample.request.detail)
    return [(record.start, record.end) for record in records]


def fetches(store: Store) -> list[AuditEvent]:
    """The audit's lines of questions to sources, oldest first."""
    return store.audit.events(10_000, "fetch")[::-1]


def left_behind(store: Store) -> list[str]:
    return [path.name for path in store.home.rglob("*.tmp")]

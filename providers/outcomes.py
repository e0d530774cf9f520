"""What the router is asked and what became of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from providers.errors import Kind, SourceError
from providers.ranges import Range
from providers.source import SourceInfo, Subject

Progress: TypeAlias = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a source gave no rows. ``asked`` is False where it was not even tried."""

    source: str
    kind: Kind
    message: str
    asked: bool = True

    @property
    def passing(self) -> bool:
        return SourceError(self.kind, self.message).passing


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question. ``from_store``: nothing had to be asked."""

    source: str = ""
    rows: int = 0
    seq: int = 0
    failures: tuple[Failure, ...] = ()
    from_store: bool = False
    quarantined: int = 0
    fallback: bool = False
    missing: tuple[Range, ...] = ()  # what no source gave

    @property
    def asked(self) -> tuple[Failure, ...]:
        """Failures of sources that were tried."""
        return tuple(failure for failure in self.failures if failure.asked)


@dataclass(frozen=True, slots=True)
class Question:
    """What ``ensure`` was asked, with the clock it was asked at."""

    dataset: str
    subject: Subject
    start: date | None
    end: date | None
    detail: str
    refresh: bool
    max_age: float
    now: datetime
    progress: Progress
    cancelled: Callable[[], bool]

    @property
    def name(self) -> tuple[str, str, str]:
        return (self.dataset, self.subject.identity, self.detail)


def named(info: SourceInfo, fault: SourceError) -> SourceError:
    """The failure in a sentence that names its source, also where it tells of an address alone."""
    said = str(fault)
    words = re.sub(r"https?://\S+", "", said).lower()
    if any(name.lower() in words for name in (info.name, info.title, info.title.split(maxsplit=1)[0])):
        return fault
    return SourceError(fault.kind, f"{info.title}: {said}", source=info.name, retry_after=fault.retry_after)

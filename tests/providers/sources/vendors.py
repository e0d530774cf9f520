"""What the tests of the price vendors share: a sample asked, a recorded answer served, rows by key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from providers.source import Answer, Request, Source
from tests.providers.sources.loopback import Asked, Said, Sample, ask, serving


def answer_to(sample: Sample, source: Source, folder: Path) -> Answer:
    """What a source makes of a sample."""
    with serving(sample.behaviour()) as server:
        return ask(source, sample.request, server, folder, secrets=sample.secrets, now=sample.now)


def answered(
    source: Source,
    request: Request,
    behaviour: Callable[[Asked], Said] | Mapping[str, bytes | Said],
    folder: Path,
    now: datetime,
    secrets: Mapping[str, str] | None = None,
) -> Answer:
    """What a source makes of these answers."""
    if not callable(behaviour):
        behaviour = Sample(source.info.name, request, behaviour, {}).behaviour()
    with serving(behaviour) as server:
        return ask(source, request, server, folder, secrets=secrets or {"key": "loopback-key"}, now=now)


def rows(answer: Answer, table: str) -> list[dict[str, Any]]:
    return list(answer.frames[table].iter_rows(named=True)) if table in answer.frames else []


def counts(answer: Answer) -> dict[str, int]:
    return {table: frame.height for table, frame in answer.frames.items() if frame.height}

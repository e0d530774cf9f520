"""Every way in which a source's answer can go wrong, applied to any sample: the harness of the fault matrix.

A fault wraps what the server would say and says what may come of it. New samples are found by themselves.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from providers.access import WebAccess
from providers.embedded.loader import StoreCalendars
from providers.errors import Kind, SourceError
from providers.http import Client
from providers.patience import Patience
from providers.source import Answer, Source
from providers.sources import sources
from providers.validate import check
from store.sessions import Calendars
from tests.providers.net.raw import closed_port
from tests.providers.sources import samples as folder
from tests.providers.sources.loopback import Asked, Behaviour, Said, Sample, serving

MOST_BYTES = 1 << 20
PATIENCE = Patience(tries=2, refused_tries=2, timeout_tries=1, backoff_seconds=0.01, longest_wait=0.1)
JSON = {"content-type": "application/json"}
Outcome = Answer | SourceError


@dataclass(frozen=True)
class Fault:
    """``apply`` makes the faulty behaviour of a sound one. ``kinds``: the errors that may come of it; ``rows``: what
    an answer may hold instead (``none`` at all, at most those of the sample: ``fewer``, exactly those: ``same``,
    ``any``, or ``no answer`` may come)."""

    name: str
    apply: Callable[[Sample, Behaviour], Behaviour]
    kinds: frozenset[Kind]
    rows: str = "no answer"
    fits: Callable[[Sample], bool] = lambda sample: True


def every_sample() -> list[Sample]:
    """What stands in ``samples/`` of sources that there are."""
    found: list[Sample] = []
    for module in pkgutil.iter_modules(folder.__path__):
        found += importlib.import_module(f"{folder.__name__}.{module.name}").SAMPLES
    return [sample for sample in found if sample.source in sources()]


# -- asking ---------------------------------------------------------------------------------------------


def outcome_of(
    sample: Sample, url: str, home: Path, source: Source | None = None, *, max_bytes: int = MOST_BYTES
) -> Outcome:
    """What comes of asking: rows or a SourceError. Any other exception is a failure of the source."""
    source = source or sources()[sample.source]
    with Client(
        user_agent="asof-tests/1.0 (tests@example.com)", patience=PATIENCE, connect_seconds=0.5, read_seconds=0.2,
        total_seconds=2.0,
    ) as client:  # fmt: skip
        access = WebAccess(
            info=replace(source.info, max_bytes=max_bytes),
            client=client,
            now=sample.now,
            calendars=StoreCalendars(Calendars(home).get),
            secrets=sample.secrets,
            base_urls=dict.fromkeys(source.info.base_urls, url),
        )
        try:
            return source.fetch(sample.request, access)
        except SourceError as error:
            return error


def outcome_under(fault: Fault, sample: Sample, home: Path, source: Source | None = None) -> Outcome:
    if fault.name == "refused connection":
        return outcome_of(sample, f"http://127.0.0.1:{closed_port()}", home, source)
    with serving(fault.apply(sample, sample.behaviour())) as server:
        return outcome_of(sample, server.url, home, source)


def rows_of(answer: Answer) -> dict[str, int]:
    return {table: frame.height for table, frame in answer.frames.items() if frame.height}


def judge(fault: Fault, sample: Sample, outcome: Outcome) -> str:
    """What is wrong with an outcome; empty where it is as it should be."""
    if isinstance(outcome, SourceError):
        if outcome.kind not in fault.kinds:
            return f"{outcome.kind} is not what this is ({', '.join(sorted(fault.kinds)) or 'rows are'}): {outcome}"
        return _unclear(str(outcome), sample)
    rows = rows_of(outcome)
    if fault.rows == "no answer":
        return f"taken for an answer of {rows}"
    if fault.rows == "none" and rows:
        return f"rows came of it: {rows}"
    if fault.rows == "same" and rows != dict(sample.rows):
        return f"other rows than without the fault: {rows}, not {dict(sample.rows)}"
    known = {table: sample.rows.get(table, 0) for table in rows}
    if fault.rows == "fewer" and any(rows[table] > known[table] for table in rows):
        return f"more rows than without the fault: {rows}"
    return unsound(sample, outcome)


def unsound(sample: Sample, answer: Answer) -> str:
    """Rows that the checks before every commit would let through and must not."""
    import polars as pl

    for table, frame in answer.frames.items():
        if not frame.height or "member" in frame.columns:  # who is a member is numbered before it is checked
            continue
        if frame["known_at"].max() > sample.now:  # type: ignore[operator]
            return f"{table} holds a row known after the request"
        passed = check(table, frame, positive=answer.positive)
        kept = passed.good
        for name in ("open", "high", "low", "close"):
            if name in kept.columns and answer.positive and kept.filter(~(pl.col(name) > 0)).height:
                return f"{table}.{name} at or below zero, or not a number, passes every check"
    return ""


def _unclear(sentence: str, sample: Sample) -> str:
    """Why a message is none for an analyst."""
    if not 15 <= len(sentence) <= 700:
        return f"a message of {len(sentence)} characters: {sentence}"
    if re.search(r"Traceback|Error\(|object at 0x|KeyError|NoneType", sentence):
        return f"a message for programmers: {sentence}"
    if any(
        secret in sentence for secret in sample.secrets.values() if len(secret) > 7 and not secret.isalpha()
    ):
        return f"a message with the key in it: {sentence}"
    return ""


# -- the faults -------------------------------------------------------------------------------------------


def _always(said: Said) -> Callable[[Sample, Behaviour], Behaviour]:
    return lambda sample, sound: lambda asked: said


def _first(said: Said) -> Callable[[Sample, Behaviour], Behaviour]:
    """The first question fails, those after it are answered. (A form is never sent twice, and fails for good.)"""

    def apply(sample: Sample, sound: Behaviour) -> Behaviour:
        failed = threading.Event()

        def answer(asked: Asked) -> Said:
            if asked.method == "GET" and not failed.is_set():
                failed.set()
                return said
            return sound(asked)

        return answer

    return apply


def _each(change: Callable[[Said], Said]) -> Callable[[Sample, Behaviour], Behaviour]:
    return lambda sample, sound: lambda asked: change(sound(asked))


def _rows(change: Callable[[list[Any]], list[Any]]) -> Callable[[Sample, Behaviour], Behaviour]:
    """The rows of a JSON body changed, where they lie in it."""

    def apply(sample: Sample, sound: Behaviour) -> Behaviour:
        def answer(asked: Asked) -> Said:
            said = sound(asked)
            try:
                body = json.loads(said.body)
                place = body
                *way, last = sample.rows_of or ()
                for step in way:
                    place = place[step]
                place[last] = change(place[last])
            except (ValueError, KeyError, IndexError, TypeError):
                return said  # another page of the sample, without rows
            return replace(said, body=json.dumps(body).encode())

        return answer

    return apply


def _values(change: Callable[[Any], Any]) -> Callable[[Sample, Behaviour], Behaviour]:
    """Every value of a JSON body changed."""

    def walked(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: walked(inside) for name, inside in value.items()}
        if isinstance(value, list):
            return [walked(inside) for inside in value]
        return change(value)

    def changed(said: Said) -> Said:
        try:
            return replace(said, body=json.dumps(walked(json.loads(said.body))).encode())
        except ValueError:
            return said

    return _each(changed)


def _price(value: Any, new: Any) -> Any:
    """``new`` in place of a fractional number (as prices are), also one written as text."""
    if isinstance(value, float):
        return new
    return str(new) if isinstance(value, str) and re.fullmatch(r"\d+\.\d+", value) else value


def _zoneless(value: Any) -> Any:
    """Another time zone on an instant: no vendor's day begins there."""
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d", value):
        return value[:16] + ":00+13:45"
    if isinstance(value, int) and value > 1_000_000_000:
        return value + 13 * 3600 * (1000 if value > 100_000_000_000 else 1)
    return value


def _halved(said: Said) -> Said:
    return replace(said, body=said.body[: len(said.body) // 2])


def _gigabyte(said: Said) -> Said:
    return replace(said, body=b"x" * 99, headers={**said.headers, "content-length": str(1 << 30)})


def is_json(sample: Sample) -> bool:
    bodies = [body.body if isinstance(body, Said) else body for body in sample.routes.values()]
    return bool(bodies) and all(body.lstrip()[:1] in (b"{", b"[") for body in bodies)


def _has_rows(sample: Sample) -> bool:
    return sample.rows_of is not None


HTML = Said(
    b"<!doctype html><html><body>Please enable JavaScript</body></html>",
    headers={"content-type": "text/html"},
)
_WRONG = frozenset(
    {Kind.MALFORMED, Kind.REFUSED, Kind.NOT_FOUND, Kind.NEEDS_KEY, Kind.RATE_LIMIT, Kind.SERVER}
)
_NO_KEY = frozenset({Kind.NEEDS_KEY, Kind.FORBIDDEN, Kind.REFUSED})
_ERRORS: Mapping[str, bytes] = {
    "message": b'{"error": "the service is closed on Sundays"}',
    "status": b'{"status": "error", "code": "closed", "message": "the service is closed on Sundays"}',
    "list": b'[{"message": [{"id": "120", "value": "the service is closed on Sundays"}]}]',
}

FAULTS: tuple[Fault, ...] = (
    Fault("refused connection", lambda sample, sound: sound, frozenset({Kind.UNREACHABLE})),
    Fault("silence in the body", _each(lambda said: replace(said, body=said.body + b" " * 9, stall=30)),
          frozenset({Kind.TIMEOUT})),
    Fault("body cut short", _each(lambda said: replace(said, body=said.body + b" " * 9, cut=len(said.body) // 2)),
          frozenset({Kind.MALFORMED})),
    Fault("401", _always(Said(b'{"error": "no"}', 401)), _NO_KEY),
    Fault("403", _always(Said(b'{"error": "no"}', 403)), _NO_KEY | {Kind.RATE_LIMIT, Kind.NOT_FOUND}),
    Fault("404", _always(Said(b'{"error": "no"}', 404)), _WRONG, "none"),
    Fault("429", _always(Said(b"{}", 429)), frozenset({Kind.RATE_LIMIT})),
    Fault("429 with Retry-After", _always(Said(b"{}", 429, {**JSON, "retry-after": "3600"})),
          frozenset({Kind.RATE_LIMIT})),
    Fault("500", _always(Said(b"oops", 500)), frozenset({Kind.SERVER})),
    Fault("500 then success", _first(Said(b"oops", 500)), frozenset(), "same"),
    Fault("half of the JSON", _each(_halved), _WRONG, fits=is_json),
    Fault("half of the file", _each(_halved), _WRONG, "fewer", fits=lambda sample: not is_json(sample)),
    Fault("HTML", _always(HTML), _WRONG),
    Fault("nothing", _always(Said(b"")), _WRONG, "none"),
    *(Fault(f"error in a 200: {name}", _always(Said(body)), _WRONG) for name, body in _ERRORS.items()),
    Fault("no rows", _rows(lambda rows: []), _WRONG, "fewer", fits=_has_rows),
    Fault("rows twice", _rows(lambda rows: [row for row in rows for _ in range(2)]), frozenset(), "same",
          fits=_has_rows),
    Fault("rows out of order", _rows(lambda rows: rows[::-1]), frozenset(), "same", fits=_has_rows),
    Fault("NaN prices", _values(lambda value: _price(value, float("nan"))), _WRONG, "fewer", fits=is_json),
    Fault("negative prices", _values(lambda value: _price(value, -1.5)), _WRONG, "fewer", fits=is_json),
    Fault("a wrong time zone", _values(_zoneless), _WRONG, "any", fits=is_json),
    Fault("a gigabyte announced", _each(_gigabyte), frozenset({Kind.TOO_LARGE})),
    Fault("more than the bound", _each(lambda said: replace(said, body=said.body + b" " * MOST_BYTES)),
          frozenset({Kind.TOO_LARGE})),
)  # fmt: skip

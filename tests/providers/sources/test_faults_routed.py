"""The fault matrix on the whole way: through the router into a store, every sample of every source.

Whatever a source does wrong, the store holds the rows of a good answer or none; the outcome says what happened in
a sentence that names the source; one line of the audit tells how each question ended; nothing half-written is left.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from providers.errors import Kind
from providers.outcomes import Failure, Outcome
from providers.source import SourceInfo
from providers.sources import sources
from store import Store, open_store
from store.audit import AuditEvent
from tests.providers.net.raw import closed_port
from tests.providers.sources.faulty import FAULTS, HTML, Fault, every_sample
from tests.providers.sources.loopback import Said, Sample
from tests.providers.sources.routed import (
    Bench,
    bench,
    contents,
    fetches,
    from_question,
    heights,
    left_behind,
    settled,
    sound,
    written,
)

SAMPLES = every_sample()
NAMES = {"securities"}  # rows that may say nothing new: what has rows and no name yet gets one, once
LATER = {
    "a server fault": Said(b"oops", 500),
    "HTML": HTML,
    "nothing": Said(b""),
    "a limit": Said(b"{}", 429),
    "an error in a 200": Said(b'{"status": "error", "code": "closed", "message": "closed on Sundays"}'),
}
SET_ASIDE = {"NaN prices", "negative prices"}  # of these every row that does not come is listed
Question = Callable[[Store], Outcome]
Contents = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def calendars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the trading days are kept: made once."""
    store = open_store(tmp_path_factory.mktemp("calendars") / "home")
    made = store.reader(SAMPLES[0].now).calendars
    for name in sorted({sample.request.subject.calendar for sample in SAMPLES} - {""}):
        made.get(name)
    return store.home / "cache"


def name_of(sample: Sample) -> str:
    request = sample.request
    return f"{sample.source}-{request.dataset}-{request.subject.ticker}-{request.detail}".rstrip("-")


@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_every_fault_on_the_way_into_the_store(sample: Sample, tmp_path: Path, calendars: Path) -> None:
    with bench(sample, tmp_path, calendars) as asking:
        first, empty = asking.store(), asking.store()  # of a good answer, and of all that leave nothing
        outcome = asking.ask(first)
        questions = len(asking.switch.asked)
        wrong, good = _good(sample, first, outcome), contents(first)
        for fault in FAULTS:
            if fault.fits(sample):
                wrong += [f"{fault.name}: {what}" for what in _under(fault, asking, empty, good)]
        for number in range(2, questions + 1):
            for name, said in LATER.items():
                question = partial(asking.ask, behaviour=from_question(number, said, sound(sample)))
                found = _judged(asking, asking.store(), good, question, "same")
                wrong += [f"{name} from question {number} of {questions} on: {what}" for what in found]
        wrong += [f"at the end: {problem}" for problem in (*empty.verify_audit(), *empty.check())]
        wrong += [f"at the end there are {heights(contents(empty))}"] if contents(empty) else []
    assert not wrong, "\n".join(wrong)


def _good(sample: Sample, store: Store, outcome: Outcome) -> list[str]:
    if outcome.failures:
        return [f"without a fault: {outcome.failures}"]
    told = {table: rows for table, rows in written(store).items() if table not in NAMES}
    expected = {table: rows for table, rows in sample.rows.items() if table not in NAMES}
    return [] if told == expected else [f"without a fault {told} were written, not {expected}"]


def _under(fault: Fault, asking: Bench, empty: Store, good: Contents) -> list[str]:
    question = partial(
        asking.ask,
        behaviour=fault.apply(asking.sample, sound(asking.sample)),
        url=f"http://127.0.0.1:{closed_port()}" if fault.name == "refused connection" else "",
        read_seconds=0.1 if fault.name == "silence in the body" else 5.0,
    )
    rows = "none" if fault.rows == "no answer" else fault.rows
    listed = fault.name in SET_ASIDE
    return _judged(asking, empty if rows == "none" else asking.store(), good, question, rows, listed=listed)


def _judged(
    asking: Bench, store: Store, good: Contents, question: Question, rows: str, *, listed: bool = False
) -> list[str]:
    """What is wrong with a store after a question that went wrong, and with what was told of it. ``rows`` as in a
    Fault; ``listed``: what does not come must be set aside."""
    before, lines, snapshot = written(store), len(fetches(store)), store.snapshot()
    outcome = question(store)
    told = fetches(store)[lines:]
    wrong = [f"left behind: {name}" for name in left_behind(store)]
    if len(told) != 1:
        return [*wrong, f"{len(told)} lines in the audit"]
    if outcome.failures:
        wrong += _failed(sources()[asking.sample.source].info, outcome, told[0])
        if written(store) != before or store.snapshot() != snapshot:
            wrong.append(f"a failure, and yet there are {written(store)}")
        if settled(store, asking.sample):
            wrong.append("a failure, and yet the question counts as answered")
        return wrong
    if (told[0].facts.get("outcome"), told[0].facts.get("rows")) != ("answered", outcome.rows):
        wrong.append(f"the audit says {told[0].facts}")
    return wrong + _answered(outcome, store, good, rows, listed=listed)


def _failed(info: SourceInfo, outcome: Outcome, told: AuditEvent) -> list[str]:
    failure, *more = outcome.failures
    wrong = [f"rows or more than one failure: {outcome}"] if more or outcome.rows or outcome.source else []
    words = re.sub(r"https?://\S+", "", failure.message).lower()
    if not any(name.lower() in words for name in (info.name, info.title, info.title.split()[0])):
        wrong.append(f"a sentence that does not name {info.title}: {failure.message}")
    said = tuple(told.facts.get(fact) for fact in ("source", "outcome", "why"))
    if said != (info.name, failure.kind.value, failure.message):
        wrong.append(f"the audit says {said}, not {failure}")
    return wrong


def _answered(outcome: Outcome, store: Store, good: Contents, rows: str, *, listed: bool) -> list[str]:
    now = contents(store)
    aside = store.quarantine()
    wrong = [*store.verify_audit(), *store.check()]
    if rows == "none" and now:
        wrong.append(f"rows came of it: {heights(now)}")
    if rows == "same" and now != good:
        wrong.append(f"other rows than without the fault: {now}, not {good}")
    fewer = [t for t in good if t not in NAMES and len(now.get(t, [])) < len(good[t])]
    more = [t for t in now if t not in NAMES and len(now[t]) > len(good.get(t, []))]
    if rows == "fewer" and more:
        wrong.append(f"more rows than without the fault: {heights(now)}")
    if listed and fewer and not aside:
        wrong.append(f"rows are gone and none is set aside: {heights(now)}")
    if sum(record.rows for record in aside) != outcome.quarantined:
        wrong.append(f"{outcome.quarantined} rows set aside, and others listed: {aside}")
    return wrong + [f"set aside without a reason: {record}" for record in aside if len(record.reason) < 10]


# -- the harness itself -----------------------------------------------------------------------------------


def test_what_breaks_the_rules_is_found(tmp_path: Path, calendars: Path) -> None:
    sample = SAMPLES[0]
    failure = Outcome(failures=(Failure(sample.source, Kind.SERVER, "oops"),))
    with bench(sample, tmp_path, calendars) as asking:
        first = asking.store()
        asking.ask(first)
        good = contents(first)

        def careless(store: Store) -> Outcome:
            """Tells of a failure after writing rows."""
            asking.ask(store)
            (store.home / "data" / "half.tmp").write_bytes(b"")
            return failure

        said = "\n".join(_judged(asking, asking.store(), good, careless, "none"))
        for wrong in (
            "left behind",
            "yet there are",
            "counts as answered",
            "does not name",
            "the audit says",
        ):
            assert wrong in said
        assert _judged(asking, asking.store(), good, lambda store: failure, "none") == [
            "0 lines in the audit"
        ]
        assert "rows came of it" in "\n".join(_judged(asking, asking.store(), good, asking.ask, "none"))
        assert _judged(asking, asking.store(), good, asking.ask, "same") == []

"""``asof audit verify|show``: the audit from a shell."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from terminal.exits import Exit, say
from terminal.progress import Meter

if TYPE_CHECKING:
    from store import Store
    from store.audit_lines import AuditEvent
    from terminal.arguments import Options

_SHOWN = 20


def run_audit(options: Options) -> int:
    """Do what ``asof audit`` was asked to, on a store that exists: none is made."""
    from store import open_store

    verb, _, count = options.line.partition(" ")
    store = open_store(options.home, create=False)
    return _verify(store) if verb == "verify" else _show(store, int(count or _SHOWN))


def _verify(store: Store) -> int:
    with Meter("verifying") as meter:
        problems = store.verify_audit(meter)
    for problem in problems:
        _print(problem)
    if problems:
        say(f"{len(problems)} problem{'s' if len(problems) > 1 else ''} in the audit of {store.home}")
        return Exit.STORE
    newest = store.audit.events(1)
    count = newest[0].seq if newest else 0
    _print(f"{store.home}: {count:,} event{'s' * (count != 1)}, every line as it was written")
    torn = len(store.audit.events(count, "torn")) if count else 0
    if torn:
        _print(
            f"{torn:,} half line{'s' * (torn != 1)} of killed writers mended: the events named torn tell of them"
        )
    return Exit.OK


def _show(store: Store, count: int) -> int:
    events = store.audit.events(count)
    for event in events:
        _print(_line(event))
    if not events:
        _print("the audit is empty")
    return Exit.OK


def _line(event: AuditEvent) -> str:
    facts = " ".join(f"{name}={_fact(value)}" for name, value in event.facts.items())
    return f"{event.seq}  {event.at:%Y-%m-%d %H:%M:%S}Z  {event.user}  {event.event}  {facts}".rstrip()


def _fact(value: object) -> str:
    text = "" if value is None else str(value)
    return f'"{text}"' if " " in text or not text else text


def _print(text: str) -> None:
    from engine.sanitize import clean

    sys.stdout.write(f"{clean(text)}\n")

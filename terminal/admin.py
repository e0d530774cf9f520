"""``asof store where|check|compact|vacuum``: looking after the store from a shell."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from terminal.exits import Exit, UsageError, say
from terminal.progress import Meter

if TYPE_CHECKING:
    from pathlib import Path

    from store import Store
    from terminal.arguments import Options


def run_admin(options: Options) -> int:
    """Do what ``asof store`` was asked to, on a store that exists: none is made."""
    verb, _, table = options.line.partition(" ")
    if verb == "where":
        _print(str(_home(options)))
        return Exit.OK
    from store import open_store

    store = open_store(options.home, create=False)
    match verb:
        case "check":
            return _check(store)
        case "compact":
            return _compact(store, table or None)
        case _:
            return _vacuum(store)


def _home(options: Options) -> Path:
    from store.paths import default_home

    return options.home or default_home()


def _check(store: Store) -> int:
    with Meter("checking") as meter:
        problems = store.check(meter)
    for problem in problems:
        _print(problem)
    if problems:
        say(f"{len(problems)} problem{'s' if len(problems) > 1 else ''} in {store.home}")
        return Exit.STORE
    _print(f"{store.home}: every file is as it was written")
    return Exit.OK


def _compact(store: Store, table: str | None) -> int:
    from store.schema import TABLES

    if table is not None and table not in TABLES:
        raise UsageError(f"no table {table}; the store has {', '.join(TABLES)}")
    with Meter("compacting") as meter:
        results = store.compact(table, force=True, progress=meter)
    for one in results:
        _print(f"{one.table}: {one.rows:,} rows, {one.fragments:,} fragments became {one.files:,} files")
    if not results:
        _print("nothing to compact")
    return Exit.OK


def _vacuum(store: Store) -> int:
    done = store.vacuum()
    _print(
        f"{store.home}: removed {done.orphans:,} files that no commit acknowledged and {done.replaced:,} "
        f"that compaction had replaced, {done.bytes:,} bytes"
    )
    return Exit.OK


def _print(text: str) -> None:
    from engine.sanitize import clean

    sys.stdout.write(f"{clean(text)}\n")

"""``asof store where|check|compact|vacuum|publish``: looking after the store from a shell."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from store.objects.address import read_address
from terminal.exits import Exit, UsageError, say
from terminal.progress import Meter

if TYPE_CHECKING:
    from store import Store
    from terminal.arguments import Options


def run_admin(options: Options) -> int:
    """Do what ``asof store`` was asked to, on a store that exists: none is made."""
    verb, _, word = options.line.partition(" ")
    if verb == "where":
        return _where(options)
    from store import open_store

    store = open_store(options.home, create=False)
    match verb:
        case "check":
            return _check(store)
        case "compact":
            return _compact(store, word or None)
        case "publish":
            return _publish(store, word)
        case _:
            return _vacuum(store)


def _where(options: Options) -> int:
    from store.objects.address import is_address
    from store.opening import STORE
    from store.paths import default_home

    place = options.home or os.environ.get(STORE) or default_home()
    _print(str(place))
    if is_address(place):
        from store.objects.cache import bound_of, cache_home

        say(f"what is read of it is kept in {cache_home()}, at most {bound_of() / 1e9:g} GB")
    return Exit.OK


def _publish(store: Store, word: str) -> int:
    from engine.runs.sweep_place import PUBLISHED

    address = word or os.environ.get(PUBLISHED, "")
    if not address:
        raise UsageError(f"asof store publish takes an address, s3://bucket/prefix (or {PUBLISHED})")
    with Meter(f"publishing to {read_address(address)}") as meter:
        done = store.publish(address, meter)
    _print(
        f"snapshot {done.seq:,} of {store.home} is at {done.address}: {done.files:,} files, of which {done.sent:,} "
        f"({done.sent_bytes:,} bytes) were not there yet"
    )
    return Exit.OK


def _check(store: Store) -> int:
    with Meter("checking") as meter:
        problems = store.check(meter)
    for problem in problems:
        _print(problem)
    if problems:
        say(f"{len(problems)} problem{'s' if len(problems) > 1 else ''} in {store.place}")
        return Exit.STORE
    _print(f"{store.place}: every file is as it was written")
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

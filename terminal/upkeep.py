"""The store's upkeep beside the screen: compaction in a process of its own, at low priority."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store import Store

# compaction sorts millions of rows on all cores: in this process it would keep keys waiting
_WORK = "import os, sys; os.nice(10); from store import open_store; open_store(sys.argv[1]).compact()"
_started: list[subprocess.Popen[bytes]] = []  # held, so that Python does not warn of a child it forgot


def compact_if_due(store: Store) -> subprocess.Popen[bytes] | None:
    """Start a compaction where a table needs one; None where none does.

    It outlives this program, and returns at once where another process compacts already. What it cannot
    do (a store that may only be read) it leaves: reads stay right, only slower.
    """
    if not store.due_for_compaction():
        return None
    command = [sys.executable, "-P", "-c", _WORK, str(store.home)]
    work = subprocess.Popen(  # noqa: S603 - our own interpreter and our own line
        command,
        cwd=store.home,  # with -P: nothing in the folder one happens to stand in is imported
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    _started.append(work)
    return work

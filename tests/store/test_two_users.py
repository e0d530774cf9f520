"""Two Unix users of one group on one store: reading by one never stops the other from writing."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GROUP = 43_210
FIRST, SECOND, STRANGER = 43_211, 43_212, 43_213

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become two users")

WRITE = """
import sys
from pathlib import Path
from store import open_store
from tests.store.worker import batch_of, check
store = open_store(Path(sys.argv[1]))
for name in sys.argv[2:]:
    store.append(batch_of(name, store.identify([name])[name]))
    store.state(name).put("preferences", "", {"name": name})
    check(store)
"""
READ = """
import sys
from pathlib import Path
from store import open_store
from tests.store.worker import check
store = open_store(Path(sys.argv[1]))
check(store)
print(store.snapshot())
"""
COMPACT = """
import sys
from pathlib import Path
from store import open_store
store = open_store(Path(sys.argv[1]))
print(len(store.compact(force=True)), store.check())
store.vacuum(0, removed_grace_seconds=0)
"""


# The interpreter may lie where other users cannot read. So the process starts as root, runs the script once
# on a store of its own (which imports all that is imported late), becomes the user, and runs it in earnest.
BECOME = """
import os, sys, tempfile
user, group, script, home, *words = sys.argv[1:]
from pathlib import Path
from store import open_store
from tests.store import worker
with tempfile.TemporaryDirectory() as scratch:
    first = open_store(Path(scratch))
    for name in ("a", "b"):
        first.append(worker.batch_of(name, first.identify([name])[name]))
    worker.check(first)
    first.compact(force=True), first.vacuum(0), first.check()
    first.state("a").put("preferences", "", {})
os.umask(0o077)
os.setgroups([int(group)])
os.setgid(int(user))
os.setuid(int(user))
sys.argv = ["script", home, *words]
exec(script)
"""


def run(user: int, script: str, home: Path, *words: str, group: int = GROUP) -> str:
    """Run a script as a user whose own umask would share nothing."""
    done = subprocess.run(
        [sys.executable, "-c", BECOME, str(user), str(group), script, str(home), *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder of the group, as an administrator would make it."""
    folder = Path(tempfile.mkdtemp(prefix="asof-two-users-"))
    try:
        os.chown(folder, 0, GROUP)
        folder.chmod(0o2775)
        yield folder / "home"
    finally:
        shutil.rmtree(folder)


@pytest.mark.slow
def test_each_reads_and_writes_what_the_other_made(shared: Path) -> None:
    run(FIRST, WRITE, shared, "one", "two")
    run(SECOND, WRITE, shared, "three")
    assert run(FIRST, READ, shared) == "3"
    # A mere reader leaves nothing behind that keeps the other from writing.
    run(SECOND, READ, shared)
    run(FIRST, WRITE, shared, "four")
    run(SECOND, WRITE, shared, "five")
    assert run(SECOND, COMPACT, shared) == "3 []"
    run(FIRST, WRITE, shared, "six")
    assert run(FIRST, COMPACT, shared) == "3 []"
    assert run(SECOND, READ, shared) == "12"  # six batches and six compactions of a table
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [shared, *shared.rglob("*")]}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o2775}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o664}
    assert {path.stat().st_gid for path in modes} == {GROUP}


def test_a_writer_killed_by_the_other_user_leaves_no_lock(shared: Path) -> None:
    run(FIRST, WRITE, shared, "one")
    script = WRITE.replace(
        "open_store(Path(sys.argv[1]))",
        "open_store(Path(sys.argv[1]), fault=lambda p: __import__('os').kill(__import__('os').getpid(), 9)"
        " if p == 'before commit' else None)",
    )
    with pytest.raises(AssertionError):
        run(FIRST, script, shared, "torn")
    run(SECOND, WRITE, shared, "two")
    assert run(SECOND, READ, shared) == "2"


def test_a_user_outside_the_group_is_told_so(shared: Path) -> None:
    run(FIRST, WRITE, shared, "one")
    with pytest.raises(AssertionError, match=r"ask its owner for group access|may not be written"):
        run(STRANGER, WRITE, shared, "two", group=STRANGER)

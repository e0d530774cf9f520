"""Real processes: killed half way, and two at once."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from providers.embedded import embedded_loaded, load_embedded
from store import open_store
from tests.providers.conftest import NOW, ids

ROOT = Path(__file__).resolve().parents[2]


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.providers.loading", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "where", ["reading", "writing", "temporary written", "renamed", "before commit", "after commit"]
)
def test_killed_half_way_leaves_all_or_nothing(tmp_path: Path, where: str) -> None:
    home = tmp_path / "home"
    process = start(str(home), where)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL, errors
    store = open_store(home)
    acknowledged = where == "after commit"
    assert embedded_loaded(store) == acknowledged
    assert (store.snapshot() > 0) == acknowledged
    assert store.securities(asof=NOW).is_empty() != acknowledged
    result = load_embedded(store)
    assert result.duplicate == acknowledged
    assert embedded_loaded(store)
    (aapl,) = ids(store, "AAPL")
    assert store.bars(aapl, asof=NOW).height == 3_270
    assert store.check() == []
    store.vacuum(grace_seconds=0)
    listed = {path.name for path in (store.home / "data").rglob("*.parquet")}
    assert len(listed) == 22  # what the killed process left is gone, what is live is not
    assert store.bars(aapl, asof=NOW).height == 3_270
    store.close()


@pytest.mark.slow
def test_two_at_once_make_one_load(tmp_path: Path) -> None:
    home, gate = tmp_path / "home", tmp_path / "gate"
    processes = [start(str(home), "never", str(gate)) for _ in range(2)]
    gate.touch()
    answers = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], answers
    words = sorted(answer.split()[0] for answer, _ in answers)
    assert words == ["duplicate", "loaded"]
    store = open_store(home)
    sources = [(batch.source, batch.dataset) for batch in store.batches()]
    assert len(sources) == len(set(sources)) == store.snapshot() == 15
    (aapl,) = ids(store, "AAPL")
    assert store.bars(aapl, asof=NOW).height == 3_270
    store.close()

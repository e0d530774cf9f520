"""Users' documents: damage counts as absence and is kept aside, changes of many processes all count."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from store import Store, open_store
from store.commit import user_name
from store.state import ASIDE

ROOT = Path(__file__).resolve().parents[2]


def damage(store: Store, kind: str, body: object, name: str = "") -> None:
    """Write a body as no program would."""
    store.state("me").put(kind, name, {})
    with store._catalog.write() as connection:
        connection.execute("update documents set body = ? where kind = ? and name = ?", (body, kind, name))


UNREADABLE = ("{bad", "", "null", "[1]", "5", b"\xff\xfe\x00", b"", "[" * 100_000)
MISSHAPEN = (
    ("history", {"lines": None}),
    ("history", {"lines": [1]}),
    ("watchlist", {"ids": "AAPL"}),
    ("watchlist", {"ids": [None]}),
    ("workspace", {"position": "first"}),
    ("workspace", {"visits": [5]}),
    ("workspace", {"draft": {}}),
)


@pytest.mark.parametrize("body", UNREADABLE)
@pytest.mark.parametrize("kind", ["preferences", "workspace", "watchlist", "history", "of no declared shape"])
def test_what_cannot_be_read_counts_as_absent(tmp_path: Path, kind: str, body: str | bytes) -> None:
    store = open_store(tmp_path)
    state = store.state("me")
    damage(store, kind, body)
    assert state.get(kind) is None
    assert state.damaged(kind)
    assert state.update(kind, "", lambda before: None if before is None else {}) is None
    assert state.damaged(kind)  # read twice, and still there
    assert state.update(kind, "", lambda before: {"was": str(before)}) == {"was": "None"}
    assert state.get(kind) == {"was": "None"}
    assert not state.damaged(kind)
    aside = state.get(ASIDE, f"{kind}/")
    assert aside is not None
    text = body if isinstance(body, str) else body.decode(errors="backslashreplace")
    assert aside["body"] == text


@pytest.mark.parametrize(("kind", "body"), MISSHAPEN)
def test_a_field_of_another_kind_counts_as_absent(tmp_path: Path, kind: str, body: object) -> None:
    store = open_store(tmp_path)
    damage(store, kind, json.dumps(body))
    assert store.state("me").get(kind) is None
    store.state("me").put(kind, "", {})
    assert json.loads((store.state("me").get(ASIDE, f"{kind}/") or {})["body"]) == body


def test_text_that_is_no_unicode_is_kept_as_far_as_it_is(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    state = store.state("m\udcff")
    state.put("watchlist", "\udcff", {"note": "a\udcffb"})
    assert state.get("watchlist", "\udcff") == {"note": "a?b"}
    assert state.get("watchlist", "\udcfe") is None
    assert len(state.names("watchlist")) == 1
    state.delete("watchlist", "\udcff")
    assert state.names("watchlist") == []
    damage(store, "history", '{"lines":["\\udcff", "\\ud83d\\ude00"]}')
    assert store.state("me").get("history") == {"lines": ["?", "\U0001f600"]}


def test_a_change_that_fails_leaves_the_document(tmp_path: Path) -> None:
    state = open_store(tmp_path).state("me")
    state.put("history", "", {"lines": ["a"]})

    def change(body: dict[str, object] | None) -> dict[str, object]:
        raise KeyError("no")

    with pytest.raises(KeyError):
        state.update("history", "", change)
    assert state.get("history") == {"lines": ["a"]}


COUNT = """
import sys
from pathlib import Path
from store import open_store
state = open_store(Path(sys.argv[1])).state("me")
for each in range(25):
    state.update("count", "", lambda body: {**(body or {}), sys.argv[2]: each + 1})
"""


def test_changes_of_eight_processes_all_count(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    names = [f"process {number}" for number in range(8)]
    running = [
        subprocess.Popen([sys.executable, "-c", COUNT, str(tmp_path), name], cwd=ROOT) for name in names
    ]
    assert [process.wait(60) for process in running] == [0] * 8
    assert store.state("me").get("count") == dict.fromkeys(names, 25)


def test_a_commit_is_by_the_system_s_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "alice")
    assert user_name() == pwd.getpwuid(os.getuid()).pw_name

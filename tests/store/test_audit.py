"""The audit: whatever is done to its lines is found, whoever is killed while writing, however many write."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store import Batch, Quarantined, Store, StoreError, open_store
from store.audit import Audit, Head, anchor
from store.audit_check import verify
from store.audit_lines import BEGINNING, backward, files_of, line_of, parsed
from store.catalog import Catalog
from store.paths import Layout, make_empty_file, make_folder
from tests.store.rows import Clock, append, bar, frame

ROOT = Path(__file__).resolve().parents[2]

texts = st.text(st.characters(), max_size=12)
facts = st.dictionaries(
    st.sampled_from(["source", "symbol", "why"]),
    st.one_of(
        texts, st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none()
    ),
    max_size=3,
)
chains = st.lists(st.tuples(st.sampled_from(["fetch", "write", "key"]), facts), min_size=3, max_size=12)


def written(events: list[tuple[str, dict[str, object]]]) -> list[bytes]:
    """The lines of a chain, a month every four."""
    previous, lines = BEGINNING, []
    for number, (event, said) in enumerate(events, 1):
        at = datetime(2024, 1 + (number - 1) // 4, 5, tzinfo=UTC)
        line, previous = line_of(number, previous, at, "ann", event, said)  # type: ignore[arg-type]
        lines.append(line)
    return lines


def problems_of(
    lines: list[bytes], heads: dict[int, str], place: Callable[[int], int] | None = None
) -> list[str]:
    """What ``verify`` says of lines laid into monthly files of four."""
    with tempfile.TemporaryDirectory() as name:
        layout = Layout(Path(name))
        for folder in (layout.audit, layout.locks):
            make_folder(folder)
        make_empty_file(layout.catalog)
        catalog = Catalog(layout.catalog)
        catalog.prepare()
        with catalog.write() as connection:
            for count, digest in heads.items():
                anchor(connection, Head(count, digest), count)
        for index, line in enumerate(lines):
            month = 1 + (index if place is None else place(index)) // 4
            with (layout.audit / f"2024-{month:02d}.jsonl").open("ab") as handle:
                handle.write(line)
        try:
            return verify(Audit(layout), catalog)
        finally:
            catalog.close()


def head_of(lines: list[bytes]) -> dict[int, str]:
    last = parsed(lines[-1])
    assert last is not None
    return {last.seq: last.hash}


@settings(max_examples=40, deadline=None)
@given(chains)
def test_a_chain_that_nobody_touched_is_whole(events: list[tuple[str, dict[str, object]]]) -> None:
    lines = written(events)
    assert problems_of(lines, head_of(lines)) == []
    assert all(32 <= byte < 127 for line in lines for byte in line[:-1]), "facts cannot act on a terminal"


@settings(max_examples=60, deadline=None)
@given(chains, st.data())
def test_any_changed_byte_is_found(events: list[tuple[str, dict[str, object]]], data: st.DataObject) -> None:
    lines = written(events)
    heads = head_of(lines)
    at = data.draw(st.integers(0, len(lines) - 1))
    where = data.draw(st.integers(0, len(lines[at]) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda b: b != lines[at][where]))
    lines[at] = lines[at][:where] + bytes([byte]) + lines[at][where + 1 :]
    found = problems_of(lines, heads)
    assert found
    assert f"2024-{1 + at // 4:02d}.jsonl line {1 + at % 4}" in found[0]


@settings(max_examples=60, deadline=None)
@given(chains, st.data())
def test_any_removed_moved_or_inserted_line_is_found(
    events: list[tuple[str, dict[str, object]]], data: st.DataObject
) -> None:
    lines = written(events)
    heads = head_of(lines)
    at = data.draw(st.integers(0, len(lines) - 1))
    what = data.draw(st.sampled_from(["remove", "swap", "insert", "forge", "cut"]))
    if what == "remove":
        del lines[at]
    elif what == "swap":
        other = data.draw(st.integers(0, len(lines) - 1).filter(lambda i: i != at))
        lines[at], lines[other] = lines[other], lines[at]
    elif what == "insert":
        lines.insert(data.draw(st.integers(0, len(lines))), lines[at])
    elif what == "forge":  # a line that fits the one before it, hash and all
        before = parsed(lines[at])
        assert before is not None
        forged, _ = line_of(before.seq + 1, before.hash, before.at, "eve", "fetch", {"rows": 0})
        lines.insert(at + 1, forged)
        if at + 2 == len(lines):
            heads[before.seq + 1] = "0" * 64  # at the end only the catalog can tell
    else:
        del lines[at:]
    assert problems_of(lines, heads)


def test_an_audit_written_anew_from_a_line_on_is_found() -> None:
    events: list[tuple[str, dict[str, object]]] = [("fetch", {"rows": n}) for n in range(8)]
    lines = written(events)
    events[3] = ("fetch", {"rows": 99})
    forged = written(events)
    assert problems_of(forged, {}) == []
    (problem,) = problems_of(forged, head_of(lines))
    assert "2024-02.jsonl line 4 is not the line that the catalog noted at commit 8" in problem


def test_each_problem_is_told_once_and_by_its_line() -> None:
    lines = written([("fetch", {"rows": n}) for n in range(10)])
    heads = head_of(lines)
    changed = [line.replace(b'"rows":5', b'"rows":7') for line in lines]
    assert problems_of(changed, heads) == [
        "2024-02.jsonl line 2 was changed: its hash does not fit what it says"
    ]
    assert problems_of(lines[:5] + lines[6:], heads, lambda i: i + (i >= 5)) == [
        "2024-02.jsonl line 2 holds event 7: event 6 before it was removed or moved"
    ]
    assert problems_of(lines[:7], heads) == [
        "the end of the audit was cut: at commit 10 there were 10 events, now the last one is 7"
    ]


def test_what_the_store_does_is_told(store: Store, clock: Clock) -> None:
    rows = frame(bar(1, "2024-01-02", 1.0), bar(1, "2024-01-03", 2.0))
    bad = Quarantined("bars", "high below low", rows.head(1))
    batch = Batch("vendor", "bars AAPL", "ff", {"bars": rows}, basis="exact", quarantined=(bad,))
    first = store.append(batch)
    store.append(batch)  # there already: nothing was written, nothing is told
    store.compact(force=True)
    store.audit.record("fetch", source="vendor", rows=2, fallback=False, seconds=0.5, symbol=None)
    told = store.audit.events()
    assert [one.event for one in told] == ["fetch", "compact", "quarantine", "write"]
    assert dict(told[3].facts) == {
        "seq": first.seq, "source": "vendor", "dataset": "bars AAPL",
        "rows": 2, "tables": "bars 2", "answer_hash": "ff",
    }  # fmt: skip
    assert told[2].facts["reason"] == "high below low"
    assert told[0].facts == {"source": "vendor", "rows": 2, "fallback": False, "seconds": 0.5, "symbol": None}
    assert [one.seq for one in store.audit.events(1, "write")] == [1]
    assert store.audit.events(event="key") == []
    assert store.verify_audit() == []


def test_a_cut_end_is_found_once_a_commit_came_after_it(store: Store) -> None:
    append(store, bars=frame(bar(1, "2024-01-02", 1.0)))
    store.audit.record("key", source="fred", origin="keyring")
    append(store, bars=frame(bar(1, "2024-01-03", 1.0)))
    (path,) = files_of(store.home / "audit")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0])
    assert "the end of the audit was cut: at commit 2 there were 2 events" in store.verify_audit()[0]
    for day in range(4, 9):  # and what is written over the gap does not heal it
        append(store, bars=frame(bar(1, f"2024-01-0{day}", 1.0)))
    assert "is not the line that the catalog noted at commit 2" in store.verify_audit()[0]
    path.unlink()
    assert "the end of the audit was cut" in store.verify_audit()[0]


@pytest.mark.parametrize("kept", ["half", "all but the newline"])
def test_a_torn_line_is_mended_and_told(store: Store, kept: str) -> None:
    for n in range(3):
        store.audit.record("fetch", rows=n)
    (path,) = files_of(store.home / "audit")
    whole = path.read_bytes()
    last = whole.splitlines(keepends=True)[-1]
    torn = last[: len(last) // 2] if kept == "half" else last[:-1]
    path.write_bytes(whole[: -len(last)] + torn)
    assert "line 3 is cut short" in store.verify_audit()[0]
    store.audit.record("fetch", rows=9)
    assert store.verify_audit() == []
    events = store.audit.events()
    if kept == "half":
        assert [one.event for one in events] == ["fetch", "torn", "fetch", "fetch"]
        assert events[1].facts == {"file": path.name, "bytes": len(torn), "text": torn.decode()}
    else:
        assert [one.facts["rows"] for one in events] == [9, 2, 1, 0]


def test_the_chain_runs_on_over_months_and_clocks_that_go_back(store: Store, clock: Clock) -> None:
    for month in (6, 7, 5, 9):
        clock.now = datetime(2024, month, 3, tzinfo=UTC)
        store.audit.record("fetch", rows=month)
    names = [path.name for path in files_of(store.home / "audit")]
    assert names == ["2024-06.jsonl", "2024-07.jsonl", "2024-09.jsonl"]
    assert [one.facts["rows"] for one in store.audit.events(3)] == [9, 5, 7]
    assert store.verify_audit() == []
    (store.home / "audit" / "2024-07.jsonl").unlink()
    assert store.verify_audit() == [
        "2024-09.jsonl line 1 holds event 4: events 2 to 3 before it were removed or moved"
    ]


def test_secrets_and_what_is_not_plain_are_refused(store: Store) -> None:
    for name in ("api_key", "token", "key", "Secret"):
        with pytest.raises(StoreError, match="keeps no secrets"):
            store.audit.record("key", **{name: "abc"})
    with pytest.raises(StoreError, match="rows is a list"):
        store.audit.record("fetch", rows=[1])  # type: ignore[arg-type]
    store.audit.record("fetch", answer_hash="ff", seconds=float("nan"), why="x" * 5_000)
    (event,) = store.audit.events()
    assert event.facts["seconds"] == "nan"
    assert str(event.facts["why"]).endswith("x... (5,000 characters)")


def test_nothing_is_committed_where_the_audit_cannot_be_kept(store: Store) -> None:
    store.audit.record("fetch")
    (path,) = files_of(store.home / "audit")
    path.unlink()
    path.mkdir()
    with pytest.raises(StoreError, match="nothing is committed without it"):
        append(store, bars=frame(bar(1, "2024-01-02", 1.0)))
    assert store.snapshot() == 0


def test_lines_come_back_from_the_end_whatever_their_length(tmp_path: Path) -> None:
    lines = [b"x" * n + b"\n" for n in (0, 1, 2_046, 2_047, 2_048, 70_000, 3, 200_000, 5)]
    path = tmp_path / "lines"
    path.write_bytes(b"".join(lines) + b"torn")
    assert list(backward(path)) == [b"torn", *reversed(lines)]
    path.write_bytes(b"".join(lines))
    assert list(backward(path)) == lines[::-1]


# -- processes --------------------------------------------------------------------------------------------

WRITER = """
import sys
from store import open_store
store = open_store(sys.argv[1])
count = int(sys.argv[3])
for n in range(count):
    store.audit.record("fetch", who=sys.argv[2], n=n)
    print(n, flush=True)
"""
TORN = """
import os, signal, sys
from store import audit, open_store
store = open_store(sys.argv[1])
def half(descriptor, content):
    os.write(descriptor, content[: int(sys.argv[2])])
    os.kill(os.getpid(), signal.SIGKILL)
audit._write = half
store.audit.record("fetch", why="killed in the middle of this line")
"""


def start(code: str, *words: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *map(str, words)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_four_processes_at_once_keep_one_chain(store: Store) -> None:
    writers = [start(WRITER, store.home, name, 150) for name in "abcd"]
    append(store, bars=frame(bar(1, "2024-01-02", 1.0)))
    assert store.verify_audit() == [], "checked while others write"
    for writer in writers:
        assert writer.communicate()[0].split()[-1] == "149"
    assert store.verify_audit() == []
    told = store.audit.events(1_000, "fetch")
    for name in "abcd":
        assert [one.facts["n"] for one in told if one.facts["who"] == name] == list(range(149, -1, -1))


def test_killed_writers_lose_nothing_that_was_acknowledged(store: Store) -> None:
    writers = [start(WRITER, store.home, name, 1_000_000) for name in "abcd"]
    for turn, writer in enumerate(writers):
        assert writer.stdout is not None
        for _ in range(20 + 15 * turn):
            writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
    said = {
        name: writer.communicate()[0].split("\n")[:-1] for name, writer in zip("abcd", writers, strict=True)
    }
    store.audit.record("fetch", who="last", n=0)
    assert store.verify_audit() == []
    told = store.audit.events(1_000_000, "fetch")
    for name, lines in said.items():
        kept = {one.facts["n"] for one in told if one.facts["who"] == name}
        assert {int(line) for line in lines if line} <= kept


@pytest.mark.parametrize("length", [1, 40, 200])
def test_a_writer_killed_in_the_middle_of_a_line(store: Store, length: int) -> None:
    store.audit.record("fetch", rows=1)
    writer = start(TORN, store.home, length)
    writer.communicate()
    assert writer.returncode == -signal.SIGKILL
    append(store, bars=frame(bar(1, "2024-01-02", 1.0)))
    assert store.verify_audit() == []
    assert [one.event for one in store.audit.events()] == ["write", "torn", "fetch"]
    assert store.audit.events(event="torn")[0].facts["bytes"] == length


def test_a_second_open_store_sees_the_same_chain(store: Store) -> None:
    store.audit.record("fetch", rows=1)
    again = open_store(store.home)
    again.audit.record("fetch", rows=2)
    assert [one.seq for one in store.audit.events()] == [2, 1]
    assert os.stat(store.home / "audit").st_mode & 0o777 == 0o775

"""Opening a store, what it imports, documents, kept pages, upkeep."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from store import PageRecord, Store, StoreError, open_store
from store.paths import default_home
from tests.store.rows import NOON, append, bar, frame, made

HEAVY = """
import sys
from pathlib import Path
from store import open_store
store = open_store(Path(sys.argv[1]))
store.snapshot(), store.state("me").get("workspace"), store.batches(), store.find_page("x")
heavy = {"polars", "numpy", "pandas", "duckdb", "pyarrow", "structlog", "exchange_calendars"}
print(sorted(heavy & set(sys.modules)))
"""


def test_opening_imports_nothing_heavy(tmp_path: Path) -> None:
    for _ in ("made", "opened again"):
        done = subprocess.run(
            [sys.executable, "-c", HEAVY, str(tmp_path / "home")], capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == "[]"


def test_home_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASOF_HOME", str(tmp_path / "elsewhere"))
    assert default_home() == tmp_path / "elsewhere"
    assert open_store().home == tmp_path / "elsewhere"
    monkeypatch.delenv("ASOF_HOME")
    assert default_home().name == "asof"


def test_a_store_is_one_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store"):
        open_store(tmp_path / "home", create=False)
    first = open_store(tmp_path / "home")
    assert open_store(tmp_path / "home", create=False).id == first.id
    assert first.snapshot() == 0


def test_modes_do_not_follow_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        store = open_store(tmp_path / "home")
        append(store, bars=frame(bar(1, "2024-01-02", 1.0)))
        store.compact(force=True)
        store.reader(NOON).last_session()
    finally:
        os.umask(before)
    for path in [store.home, *store.home.rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o2775 if path.is_dir() else 0o664), path


@pytest.mark.parametrize(
    ("given", "files"), [(0o700, 0o600), (0o755, 0o644), (0o2775, 0o664), (0o750, 0o640)]
)
def test_a_home_that_exists_keeps_its_mode_and_what_is_in_it_follows(
    tmp_path: Path, given: int, files: int
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(given)
    store = open_store(home)
    append(store, bars=frame(bar(1, "2024-01-02", 1.0)))
    store.compact(force=True)
    store.reader(NOON).last_session()
    for path in [home, *home.rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (given if path.is_dir() else files), path


def test_the_platform_s_folder_of_one_user_is_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ASOF_HOME", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    store = open_store()
    assert stat.S_IMODE(store.home.stat().st_mode) == 0o700


def test_a_later_format_is_refused(store: Store) -> None:
    with store._catalog.write() as connection:
        connection.execute("update meta set value = '99' where key = 'format'")
    with pytest.raises(StoreError, match="format 99"):
        open_store(store.home)


def test_a_catalog_that_is_none_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite").write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreError, match="damaged"):
        open_store(tmp_path)


def test_documents(store: Store) -> None:
    mine, other = store.state("me"), store.state("someone else")
    assert mine.get("workspace", "macro") is None
    mine.put("workspace", "macro", {"panels": ["GP", "é"]})
    mine.put("workspace", "macro", {"panels": ["HP"]})
    mine.put("workspace", "rates", {})
    assert mine.get("workspace", "macro") == {"panels": ["HP"]}
    assert mine.names("workspace") == ["macro", "rates"]
    assert other.names("workspace") == []
    mine.delete("workspace", "macro")
    mine.delete("workspace", "macro")
    assert mine.names("workspace") == ["rates"]


def page(identity: str, **changes: object) -> PageRecord:
    fields = {
        "id": identity,
        "command": "AAPL GP 5Y",
        "asof": NOON,
        "live": False,
        "recorded": None,
        "snapshot": 3,
        "version": "0.1.0",
        "user": "me",
        "kept_at": NOON,
        "page_hash": "ff",
        "note": "",
        "context": {"security": 1},
    }
    return PageRecord(**(fields | changes))  # type: ignore[arg-type]


def test_kept_pages(store: Store) -> None:
    store.keep_page(page("abc1"))
    store.keep_page(page("abd2", recorded=NOON - timedelta(days=1), live=True, user="you"))
    assert store.find_page("abc1") == page("abc1")
    assert store.find_page("abd") == page("abd2", recorded=NOON - timedelta(days=1), live=True, user="you")
    assert store.find_page("") is None
    assert store.find_page("%") is None
    assert store.find_page("zz") is None
    with pytest.raises(StoreError, match="Several pages"):
        store.find_page("ab")
    store.keep_page(page("abc1", command="changed", note="look here"))
    assert store.find_page("abc1") == page("abc1", note="look here")
    assert [record.id for record in store.pages("you")] == ["abd2"]
    assert len(store.pages()) == 2


def test_vacuum_keeps_what_is_young_and_what_is_live(store: Store) -> None:
    append(store, bars=frame(bar(1, "2024-01-02", 1.0)))
    orphan = store.home / "data" / "bars" / "000000009-f0-dead.parquet"
    orphan.write_bytes(b"x")
    half = store.home / "data" / "bars" / "half.parquet.tmp"
    half.write_bytes(b"x")
    assert store.vacuum().orphans == 0
    os.utime(half, (0, 0))
    assert store.vacuum().orphans == 1
    assert orphan.exists()
    assert store.vacuum(0).bytes == 1
    assert not orphan.exists()
    store.compact(force=True)
    assert store.vacuum(0).replaced == 0, "replaced files stay for readers that have listed them"
    assert store.check() == []


def test_few_fragments_are_left_alone(store: Store) -> None:
    for day in range(1, 20):
        append(store, bars=frame(bar(1, f"2024-01-{day:02d}", 1.0)))
    assert store.compact() == []
    append(store, bars=frame(bar(1, "2024-01-20", 1.0)))
    (result,) = store.compact()
    assert (result.table, result.fragments, result.files, result.rows) == ("bars", 20, 2, 20)
    assert store.compact(force=True) == []
    with pytest.raises(StoreError, match="there is no table"):
        store.compact("../bars")


def test_threads_share_a_store(store: Store) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for day in range(1, 9):
                append(store, bars=frame(bar(number, f"2024-01-{day:02d}", float(number))))
                answer = store.reader(NOON).bars(number)
                assert answer["close"].to_list() == [float(number)] * day
                store.state("me").put("history", str(number), {"day": day})
                if day == 5:
                    store.compact(force=True)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert store.reader(NOON).bars(None).height == 48


def test_a_fork_takes_its_own_connections(store: Store) -> None:
    append(store, bars=frame(bar(1, "2024-01-02", 1.0)))
    child = os.fork()
    if child == 0:
        store.state("child").put("history", "", {"pid": os.getpid()})
        os._exit(0 if store.snapshot() == 1 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert store.state("child").get("history") == {"pid": child}


def test_two_stores_open_at_once(tmp_path: Path) -> None:
    made_by = [made(tmp_path / "home") for _ in range(3)]
    assert len({one.id for one in made_by}) == 1

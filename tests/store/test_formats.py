"""A store of the first format opens as one of today's: what it lacks is added, what it has is left alone."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from store import Batch, Fetched, Selection, open_store
from store.schema import TABLES
from tests.store.rows import NOON, append, bar, frame, made

FIRST = (
    "meta",
    "commits",
    "files",
    "identities",
    "documents",
    "pages",
    "quarantine",
)  # the first format's tables
OLD_TABLES = ("securities", "bars", "closes", "actions", "observations")


def dump(home: Path) -> dict[str, list[tuple[object, ...]]]:
    with sqlite3.connect(home / "catalog.sqlite") as connection:
        found = {name: connection.execute(f"select * from {name}").fetchall() for name in FIRST}  # noqa: S608
    connection.close()
    found["meta"] = [row for row in found["meta"] if row[0] != "format"]
    return found


def format_of(home: Path) -> str:
    with sqlite3.connect(home / "catalog.sqlite") as connection:
        row = connection.execute("select value from meta where key = 'format'").fetchone()
    connection.close()
    return str(row[0])


def aged(home: Path) -> None:
    """What the first format did not have, taken away."""
    with sqlite3.connect(home / "catalog.sqlite") as connection:
        names = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
        for (name,) in names:
            if name not in FIRST:
                connection.execute(f"drop table {name}")
        connection.execute("update meta set value = '1' where key = 'format'")
    connection.close()
    for name in TABLES:
        if name not in OLD_TABLES:
            shutil.rmtree(home / "data" / name)
    for path in (home / "audit").iterdir():
        path.unlink()


def test_a_store_of_the_first_format_is_brought_up_to_date(tmp_path: Path) -> None:
    home = tmp_path / "home"
    old = made(home)
    append(old, bars=frame(bar(1, "2024-01-02", 1.0), bar(2, "2024-01-02", 2.0)))
    append(old, bars=frame(bar(1, "2024-01-02", 3.0, known="2024-01-05")))
    old.compact(force=True)
    old.identify(["us-equity:AAPL"])
    old.state("ann").put("workspace", "", {"draft": "AAPL"})
    rows, identity = old.reader(NOON).rows("bars"), old.id
    old.close()
    aged(home)
    before, files = dump(home), {path: path.read_bytes() for path in home.glob("data/*/*")}
    assert format_of(home) == "1"

    store = made(home)
    assert store.id == identity
    assert format_of(home) == "2"
    assert dump(home) == before
    assert {path: path.read_bytes() for path in home.glob("data/*/*")} == files
    assert store.reader(NOON).rows("bars").equals(rows)
    assert store.state("ann").get("workspace") == {"draft": "AAPL"}
    assert store.fetched("bars") == store.jobs.list() == store.snapshots() == store.audit.events() == []
    assert store.check() == store.verify_audit() == []
    # and what is new works on it
    fetched = Fetched("bars", 1, bar(1, "2024-01-02", 1.0)["session_date"], NOON.date())  # type: ignore[arg-type]
    store.append(Batch("vendor", "facts", "x", fetched=(fetched,)))
    kept = store.save_snapshot("old rows", [Selection("bars"), Selection("facts")], NOON)
    assert store.load_snapshot(kept.id).frames[0].height == 2
    store.jobs.start("update", "nightly", "ann", {})
    assert [event.event for event in store.audit.events()] == ["snapshot", "write"]
    store.close()


def test_a_store_of_this_format_that_lacks_a_table_gets_it(tmp_path: Path) -> None:
    made(tmp_path / "home").close()
    with sqlite3.connect(tmp_path / "home" / "catalog.sqlite") as connection:
        connection.execute("drop table jobs")
    connection.close()
    assert open_store(tmp_path / "home").jobs.list() == []

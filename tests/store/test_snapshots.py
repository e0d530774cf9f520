"""Snapshots give the identical rows for ever, and refuse by name whatever was tampered with."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store import Damaged, Selection, SnapshotRecord, Store, StoreError, open_store
from store.canonical import content_hash
from store.clock import from_micros
from store.schema import TABLES, polars_type
from tests.store import canonical_twin as twin
from tests.store.rows import NOON, append, bar, dividend, frame, split

TYPES = {"integer": st.integers(-(2**63), 2**63 - 1), "number": st.floats(), "text": st.text(max_size=5),
         "date": st.dates(), "flag": st.booleans(),
         "instant": st.datetimes(datetime(1, 1, 2), datetime(9999, 1, 1), timezones=st.just(UTC))}  # fmt: skip


# -- the canonical form -----------------------------------------------------------------------------------


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[dict[str, object]], dict[str, str], list[str]]:
    """Rows, the types of their columns, and a key that is unique."""
    words = st.sampled_from(sorted(TYPES))
    names = st.text(
        st.characters(exclude_characters="*^", codec="utf-8"), min_size=1, max_size=4
    )  # polars' patterns are no names
    types = draw(st.dictionaries(names, words, min_size=1, max_size=5))
    key = [name for name in types if types[name] not in ("number", "flag")][:2] or ["k"]
    types |= {name: types.get(name, "integer") for name in key}
    one = st.fixed_dictionaries(
        {name: TYPES[word] if name in key else st.none() | TYPES[word] for name, word in types.items()}
    )
    return draw(st.lists(one, max_size=20, unique_by=lambda row: tuple(row[n] for n in key))), types, key


@settings(max_examples=150, deadline=None)
@given(tables())
def test_two_implementations_agree_on_the_hash_of_rows(
    table: tuple[list[dict[str, object]], dict[str, str], list[str]],
) -> None:
    rows, types, key = table
    schema = {name: polars_type(word) for name, word in types.items()}  # type: ignore[arg-type]
    held = pl.DataFrame(rows, schema=schema, orient="row")
    assert content_hash(held, key) == twin.rows_hash(rows, types, key)
    assert content_hash(held.reverse().select(sorted(types)), key) == twin.rows_hash(rows, types, key)


def types_of(read_table: str, columns: list[str]) -> dict[str, str]:
    declared = {column.name: str(column.type) for column in TABLES[read_table].columns}
    return {name: declared[name] for name in columns} | {
        "known_at": "instant", "known_basis": "text", "seq": "integer",
    }  # fmt: skip


def id_by_the_document(store: Store, record: SnapshotRecord) -> str:
    """The id worked out from the rows and the catalog, by docs/snapshots.md alone."""
    held = store.load_snapshot(record.id).frames
    catalog = sqlite3.connect(store.home / "catalog.sqlite")
    reads, seqs = [], {record.snapshot} - {0}
    for read, rows in zip(record.reads, held, strict=True):
        key = list(TABLES[read.table].key)
        count: dict[int, int] = {}
        for seq in rows["seq"].to_list():
            count[seq] = count.get(seq, 0) + 1
        seqs |= count.keys()
        reads.append({
            "table": read.table, "ids": None if read.ids is None else list(read.ids),
            "start": read.start and read.start.isoformat(), "end": read.end and read.end.isoformat(),
            "columns": list(read.columns), "asof": twin.micros(read.asof), "rows": rows.height,
            "commits": [[seq, count[seq]] for seq in sorted(count)],
            "hash": twin.rows_hash(rows.to_dicts(), types_of(read.table, [*key, *read.columns]), key),
        })  # fmt: skip
    query = (
        "select seq, kind, source, dataset, answer_hash, basis, note, user, recorded_at, rows "
        "from commits where seq = ?"
    )
    entries = {seq: catalog.execute(query, (seq,)).fetchone() for seq in sorted(seqs)}
    commits = [[seq, twin.parts_hash("asof commit 1", entry)] for seq, entry in entries.items()]
    catalog.close()
    recorded = None if record.recorded is None else twin.micros(record.recorded)
    return twin.snapshot_id({
        "format": "asof snapshot 1", "snapshot": record.snapshot, "recorded": recorded,
        "reads": reads, "commits": commits,
    })  # fmt: skip


# -- the same rows for ever ---------------------------------------------------------------------------------

BARS = Selection("bars", (1, 2), date(2024, 1, 1), date(2024, 12, 31))
ACTIONS = Selection("actions", None, columns=("ratio", "amount"))


def filled(store: Store) -> Store:
    append(store, "first", bars=frame(*(bar(1, f"2024-01-{day:02d}", 10.0 + day) for day in range(2, 12))))
    append(store, "second", bars=frame(bar(2, "2024-01-03", 5.0), bar(3, "2024-01-03", 7.0)))
    append(
        store,
        "third",
        bars=frame(bar(1, "2024-01-05", 99.0, known="2024-02-01"), bar(2, "2024-01-04", 6.0, volume=None)),
        actions=frame(
            split(1, "2024-03-01", 2.0, known="2024-02-02"),
            dividend(2, "2024-03-01", 0.5, known="2024-02-03"),
        ),
    )  # fmt: skip
    return store


def test_the_rows_are_identical_whatever_happens_later(store: Store) -> None:
    filled(store)
    record = store.save_snapshot("study", [BARS, ACTIONS], NOON, note="before the correction", user="ann")
    assert (record.name, record.note, record.user, record.rows) == (
        "study",
        "before the correction",
        "ann",
        14,
    )
    first = store.load_snapshot(record.id)
    assert first.frames[0].height == 12
    assert first.frames[1].columns == [
        "security_id", "kind", "ex_date", "ratio", "amount", "known_at", "known_basis", "seq",
    ]  # fmt: skip
    fifth = first.frames[0].filter(session_date=date(2024, 1, 5))
    assert (fifth["close"].item(), fifth["seq"].item()) == (99.0, 3)
    assert id_by_the_document(store, record) == record.id

    append(
        store,
        "later",
        bars=frame(bar(1, "2024-01-05", 98.0, known="2024-02-02"), bar(1, "2024-01-06", 1.0, deleted=True)),
    )
    for again in ("appended", "compacted", "vacuumed"):
        if again == "compacted":
            store.compact(force=True)
        elif again == "vacuumed":
            append(store, "latest", bars=frame(bar(2, "2024-01-03", 4.0)))
            store.compact(force=True)
            store.vacuum(0, removed_grace_seconds=0)
        held = open_store(store.home).load_snapshot(record.id[:10])
        assert held.record == record
        assert all(one.equals(other) for one, other in zip(held.frames, first.frames, strict=True))
    assert id_by_the_document(store, record) == record.id


def test_the_id_says_what_and_not_who(store: Store) -> None:
    filled(store)
    record = store.save_snapshot("one", [BARS], NOON, user="ann")
    assert store.save_snapshot("", [BARS, BARS], NOON, user="bob") == record
    renamed = store.save_snapshot("two", [BARS], NOON, note="again", user="bob")
    assert (renamed.id, renamed.name, renamed.user, renamed.made_at) == (
        record.id,
        "two",
        "ann",
        record.made_at,
    )
    assert store.load_snapshot("two").record == renamed
    others = [
        store.save_snapshot("", [BARS], NOON - timedelta(days=200)),
        store.save_snapshot("", [BARS], NOON, snapshot=1),
        store.save_snapshot("", [Selection("bars", (1, 2))], NOON),
        store.save_snapshot(
            "", [Selection("bars", (1, 2), date(2024, 1, 1), date(2024, 12, 31), ("close",))], NOON
        ),
        store.save_snapshot("", [BARS], NOON, recorded=from_micros(2**50)),
    ]
    assert len({record.id, *(other.id for other in others)}) == 6
    assert len(store.snapshots()) == 6
    assert [each.id for each in store.snapshots("ann")] == [record.id]
    events = store.audit.events(event="snapshot")
    assert [event.facts["id"] for event in events[-2:]] == [record.id, record.id]
    assert [event.facts["name"] for event in events[-2:]] == ["two", "one"]
    assert store.verify_audit() == []
    for other in others:
        assert id_by_the_document(store, other) == other.id


def test_reads_of_a_reader_can_be_kept(store: Store) -> None:
    filled(store)
    reader = store.reader(NOON)
    reader.bars((1, 2), adjust="total")
    reader.coverage("bars")
    reader.bars((), adjust="none")
    reader.closes(None)
    record = store.save_snapshot("page", reader.reads, NOON)
    assert [(read.table, read.ids, read.rows) for read in record.reads] == [
        ("bars", (1, 2), 12), ("actions", (1, 2), 2), ("bars", None, 13), ("bars", (), 0), ("closes", (), 0),
    ]  # fmt: skip
    assert [held.height for held in store.load_snapshot(record.id).frames] == [12, 2, 13, 0, 0]


def test_what_cannot_be_kept_or_found_says_so(store: Store) -> None:
    with pytest.raises(StoreError, match="of something"):
        store.save_snapshot("x", [], NOON)
    with pytest.raises(StoreError, match="no table 'prices'"):
        store.save_snapshot("x", [Selection("prices")], NOON)
    with pytest.raises(StoreError, match="no such column: price"):
        store.save_snapshot("x", [Selection("bars", columns=("price",))], NOON)
    with pytest.raises(StoreError, match="no snapshot 9"):
        store.save_snapshot("x", [BARS], NOON, snapshot=9)
    with pytest.raises(StoreError, match="no snapshot is kept under 'ff'"):
        store.load_snapshot("ff")
    assert store.find_snapshot("") is None
    empty = store.save_snapshot("x", [BARS], NOON)
    assert store.load_snapshot(empty.id).frames[0].is_empty()
    assert id_by_the_document(store, empty) == empty.id


# -- tampering ----------------------------------------------------------------------------------------------


def sql(statement: str) -> Callable[[Path], None]:
    def change(home: Path) -> None:
        with sqlite3.connect(home / "catalog.sqlite") as connection:
            assert connection.execute(statement).rowcount > 0, statement

    return change


def flip(home: Path) -> None:
    victim = sorted((home / "data" / "bars").glob("000000003*.parquet"))[0]
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(bytes(content))


def forge(home: Path) -> None:
    """Other rows in a file, and the catalog's length and hash of it made to fit."""
    import hashlib

    victim = sorted((home / "data" / "bars").glob("000000003*.parquet"))[0]
    rows = pl.read_parquet(victim).with_columns(close=pl.col("close") + 1)
    rows.write_parquet(victim)
    content = victim.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    where = f"where path like '%{victim.name}'"
    sql(f"update files set sha256 = '{digest}', bytes = {len(content)} {where}")(home)  # noqa: S608


def remove(home: Path) -> None:
    for path in (home / "data" / "bars").glob("000000003*.parquet"):
        path.unlink()


TAMPERING = {
    "a changed byte of a file": (flip, r"bars/000000003.*damaged"),
    "other rows in a file, its entry made to fit": (forge, "rows of bars are not what they were"),
    "a missing file": (remove, r"bars/000000003.*is missing"),
    "a file's hash": (
        sql("update files set sha256 = 'ff' where added_seq = 3 and table_name = 'bars'"),
        "bars/000000003",
    ),
    "a file's rows": (
        sql("update files set rows = 1 where added_seq = 1"),
        r"list of files.*bars/000000001.*says rows 1",
    ),
    "a file hidden by its statistics": (
        sql("update files set min_security = 50, max_security = 60 where added_seq = 1"),
        "list of files of bars was changed: it brings 0 rows of commit 1",
    ),
    "a file hidden by its clock": (
        sql("update files set min_known = 1 << 60 where added_seq = 3"),
        "brings 0 rows of commit 3",
    ),
    "a file taken for one removed": (
        sql("update files set removed_seq = 2 where added_seq = 3"),
        "brings 0 rows of commit 3",
    ),
    "a file off the list": (sql("delete from files where added_seq = 3"), "brings 0 rows of commit 3"),
    "a file given to another commit": (
        sql("update files set added_seq = 2 where added_seq = 3 and table_name = 'bars'"), "list of files",
    ),
    "a commit's source": (
        sql("update commits set source = 'x' where seq = 2"),
        "commit 2 is not what it was",
    ),
    "a commit's time": (
        sql("update commits set recorded_at = recorded_at + 1 where seq = 3"),
        "commit 3 is not what it was",
    ),
    "a commit off the list": (sql("delete from commits where seq = 3"), "commit 3 is gone"),
    "what was read": (
        sql("update snapshots set body = replace(body, '\"rows\":12', '\"rows\":11')"),
        "does not hash to its id",
    ),
    "a body that is none": (sql("update snapshots set body = 'é{'"), "entry of snapshot .* was changed"),
    "the note": (sql("update snapshots set note = 'other'"), "name, note, user or time"),
    "who made it": (sql("update snapshots set user = 'eve'"), "name, note, user or time"),
    "when": (sql("update snapshots set made_at = made_at - 1"), "name, note, user or time"),
}  # fmt: skip


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    store = filled(open_store(tmp_path_factory.mktemp("kept") / "home"))
    record = store.save_snapshot("study", [BARS, ACTIONS], NOON)
    store.close()
    return store.home, record.id


@pytest.mark.parametrize("what", TAMPERING)
def test_tampering_is_refused_and_named(kept: tuple[Path, str], tmp_path: Path, what: str) -> None:
    home, id_ = kept
    shutil.copytree(home, tmp_path / "home")
    store = open_store(tmp_path / "home")
    store.load_snapshot(id_)  # in order so far; what was found in order is looked at again
    change, said = TAMPERING[what]
    change(store.home)
    with pytest.raises(Damaged, match=said):
        store.load_snapshot(id_)
    store.close()

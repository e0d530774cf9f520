"""A store published to object storage and read from there: the same rows, nothing private, nothing half done."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from store import Batch, Interrupted, Store, StoreError, open_store
from store import files as listing
from store.catalog import Catalog
from store.files import LiveFile
from store.objects.address import read_address
from store.objects.bucket import Bucket
from store.objects.opened import open_published
from store.objects.publish import publish
from store.paths import Layout
from tests.runs.sweeping import PRESENT, made_store
from tests.store.objects.s3 import S3

PLACE = "s3://research/asof"
NOW = datetime(2024, 1, 2, tzinfo=UTC)


def more(store: Store, name: str, close: float, session: date = date(2019, 6, 28)) -> None:
    row = {
        "security_id": 1, "session_date": session, "open": close, "high": close, "low": close, "close": close,
        "volume": 1, "known_at": datetime(2019, 6, 28, 21, 30, tzinfo=UTC), "known_basis": "exact",
    }  # fmt: skip
    store.append(Batch("own market", "correction", name, {"bars": pl.DataFrame([row])}))


def rows_of(
    store: Store, snapshot: int | None = None
) -> tuple[pl.DataFrame, list[tuple[str, int, int, str]]]:
    reader = store.reader(PRESENT, snapshot=snapshot)
    frame = reader.bars(None)
    return frame, [(read.table, read.rows, read.files, read.hash) for read in reader.reads]


def same(one: Store, other: Store, snapshot: int | None = None) -> bool:
    (a, reads_a), (b, reads_b) = rows_of(one, snapshot), rows_of(other, snapshot)
    return a.equals(b) and reads_a == reads_b and a.height > 0


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made, _ = made_store(tmp_path / "home")
    return made


def test_what_is_published_reads_as_the_folder_does(store: Store, s3: S3) -> None:
    first = store.publish(PLACE)
    assert (first.seq, first.files, first.sent, first.before) == (1, 2, 2, False)
    more(store, "a", 77.0)
    store.compact(force=True)
    second = store.publish(PLACE)
    assert second.sent == second.files  # the sorted copies; the fragments of the first stay for its readers
    again = store.publish(PLACE)
    assert (again.sent, again.before) == (0, False)
    read = open_store(PLACE)
    assert read.id == store.id
    assert read.snapshot() == store.snapshot() == second.seq
    assert s3.count("GET", "/data/") == 0  # nothing is fetched before it is read
    for snapshot in (None, 1, 2):
        assert same(store, read, snapshot)
    asked = s3.count("GET", "/data/")
    assert same(store, open_store(PLACE))  # another opening on this machine finds what was fetched
    assert s3.count("GET", "/data/") == asked
    old = open_published(PLACE, snapshot=1, clock=lambda: NOW)
    assert old.snapshot() == 1
    assert rows_of(old)[0].equals(rows_of(store, 1)[0])
    assert not s3.secret_seen


def test_panels_of_a_sorted_store_are_the_same(store: Store, s3: S3) -> None:
    store.compact(force=True)
    store.publish(PLACE)
    read = open_store(PLACE)
    days = store.reader(PRESENT).sessions(date(2017, 1, 3), date(2019, 6, 28))
    one, other = (each.reader(PRESENT) for each in (store, read))
    assert (
        one.price_panel("close", [1, 2], days).tobytes() == other.price_panel("close", [1, 2], days).tobytes()
    )
    assert [each.hash for each in one.reads] == [each.hash for each in other.reads]


def test_nothing_private_is_published(store: Store, s3: S3) -> None:
    store.state("joan").put("watchlist", "secret plans", {"ids": [1]})
    store.jobs.start("sweep", "of joan", "joan", {"sweep": "x"})
    store.publish(PLACE)
    (name,) = [key for key in s3.objects if key.endswith(".sqlite")]
    content = s3.objects[name]
    person = sqlite3.connect(store.home / "catalog.sqlite").execute("select user from commits").fetchone()[0]
    for word in ("joan", "secret plans", str(person)):
        assert word.encode() not in content
    assert all(key.startswith("research/asof/") for key in s3.objects)


def test_a_published_store_is_only_read(store: Store, s3: S3) -> None:
    store.publish(PLACE)
    before = dict(s3.objects)
    read = open_store(PLACE)
    doings: list[Callable[[], object]] = [
        lambda: more(read, "b", 3.0), lambda: read.identify(["us-equity:NEW"]), read.compact, read.vacuum,
        lambda: read.save_snapshot("n", [], PRESENT), lambda: read.publish(PLACE),
    ]  # fmt: skip
    for do in doings:
        with pytest.raises(StoreError, match="cannot be written"):
            do()
    with pytest.raises(StoreError, match="verify it there"):
        read.verify_audit()
    assert read.due_for_compaction() == []
    read.state("joan").put("watchlist", "mine", {"ids": [1]})  # what a user keeps lies on this machine
    assert open_store(PLACE).state("joan").get("watchlist", "mine") == {"ids": [1]}
    assert s3.objects == before


@pytest.mark.parametrize("at", ["data/", "catalogs/", "snapshots/", "latest"])
def test_a_publish_that_ends_anywhere_is_not_seen(store: Store, s3: S3, at: str) -> None:
    store.publish(PLACE)
    more(store, "a", 77.0)
    s3.faults[("PUT", at)] = [403] * 9
    with pytest.raises(StoreError, match="refuses access"):
        store.publish(PLACE)
    s3.faults.clear()
    assert open_store(PLACE).snapshot() == 1
    if at != "latest":
        with pytest.raises(StoreError, match=r"snapshot 2 is not published.*asof store publish"):
            open_published(PLACE, snapshot=2, clock=lambda: NOW)
    done = store.publish(PLACE)
    assert done.sent == (1 if at == "data/" else 0)
    assert not list((store.home / "cache").glob("publish-*"))
    assert same(store, open_store(PLACE))


def test_cancelled_and_of_another_store(store: Store, s3: S3, tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        store.publish(PLACE, cancelled=lambda: True)
    with pytest.raises(StoreError, match="nothing is published"):
        open_store(PLACE)
    store.publish(PLACE)
    other, _ = made_store(tmp_path / "other")
    with pytest.raises(StoreError, match="holds another store"):
        other.publish(PLACE)
    with pytest.raises(StoreError, match="holds another store"):
        open_published(PLACE, identity=other.id, clock=lambda: NOW)
    with pytest.raises(StoreError, match="the store is empty"):
        open_store(tmp_path / "empty").publish(PLACE)


def test_latest_only_moves_on(store: Store, s3: S3) -> None:
    store.publish(PLACE)
    old = s3.objects["research/asof/latest.json"]
    more(store, "a", 77.0)
    store.publish(PLACE)
    s3.objects["research/asof/latest.json"] = old  # as a publisher that was overtaken would see it
    store.publish(PLACE)
    assert json.loads(s3.objects["research/asof/latest.json"])["seq"] == 2
    assert store.publish(PLACE).sent == 0
    del s3.objects["research/asof/snapshots/000000001.json"]
    for refusal in ([], [403]):  # who may not list is refused what is not there
        s3.faults[("GET", "snapshots/")] = list(refusal)
        assert open_published(PLACE, snapshot=1, clock=lambda: NOW).snapshot() == 2  # which has the first too


def test_a_copy_that_went_its_own_way_is_told(store: Store, s3: S3, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(store.home, tmp_path / "copy")
    copy = open_store(tmp_path / "copy")
    more(store, "a", 77.0)
    more(copy, "b", 78.0)
    store.publish(PLACE)
    with pytest.raises(StoreError, match="another copy of this store"):
        copy.publish(PLACE)
    assert same(store, open_store(PLACE))


def test_damage_here_is_not_published(store: Store, s3: S3) -> None:
    (file,) = (store.home / "data" / "bars").glob("*.parquet")
    content = bytearray(file.read_bytes())
    content[100] ^= 1
    file.write_bytes(bytes(content))
    with pytest.raises(StoreError, match="damaged and was not published"):
        store.publish(PLACE)
    assert not [key for key in s3.objects if "/data/bars" in key or "/catalogs/" in key]


def test_a_folder_is_an_address_too(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASOF_OBJECT_CACHE", str(tmp_path / "kept"))
    place = f"file://{tmp_path}/published"
    assert store.publish(place).sent == 2
    more(store, "a", 77.0)
    assert store.publish(place).seq == 2
    assert same(store, open_store(place))


def test_what_is_published_can_be_checked(store: Store, s3: S3) -> None:
    store.publish(PLACE)
    read = open_store(PLACE)
    assert read.check() == []
    names = sorted(key for key in s3.objects if "/data/" in key)
    s3.objects[names[0]] = bytes(len(s3.objects[names[0]]))
    del s3.objects[names[1]]
    problems = read.check()
    assert ["is not what was published" in problems[0], "has no data/" in problems[1]] == [True, True]
    with pytest.raises(StoreError, match="is not what was published"):
        rows_of(read)


def test_room_is_made_by_age(store: Store, s3: S3, tmp_path: Path) -> None:
    from store.objects.cache import Cache

    more(store, "a", 77.0)
    store.publish(PLACE)
    read = open_store(PLACE)
    rows_of(read)
    read.reader(PRESENT).securities()
    files = sorted((read.home / "data").glob("*/*.parquet"))
    assert len(files) == 3
    layout = Layout(read.home)
    wanted = _live(store, files[0].name)
    for path in files:
        os.utime(path, (1_000_000, 1_000_000))
    os.utime(files[-1])  # read just now: it stays
    files[0].unlink()
    Cache(Bucket(read_address(PLACE)), layout, 1)([wanted])
    assert sorted((read.home / "data").glob("*/*.parquet")) == [files[0], files[-1]]
    assert same(store, read)  # what was thrown away comes again


def _live(store: Store, name: str) -> LiveFile:
    with Catalog(store.home / "catalog.sqlite").read() as connection:
        found = listing.live(connection, "bars", 99)
    return next(file for file in found if file.path.endswith(name))


def test_two_publish_at_once(store: Store, s3: S3) -> None:
    """Both read that nothing is there; the later one finds the other's catalog and lets it stand."""
    bucket = Bucket(read_address(PLACE))
    layout = Layout(store.home)

    def meanwhile(done: int, total: int, label: str) -> None:
        if not s3.count("PUT", "snapshots/"):
            store.publish(PLACE)

    done = publish(Catalog(layout.catalog), layout, store.id, bucket, meanwhile)
    assert done.seq == 1
    assert same(store, open_store(PLACE))

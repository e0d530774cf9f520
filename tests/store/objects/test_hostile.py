"""A published store made by somebody who means harm: nothing of this machine is touched, and a sentence says why."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from store import StoreError, open_store
from store.objects.address import read_address
from store.objects.release import Release, read_release
from tests.runs.sweeping import PRESENT, made_store
from tests.store.objects.s3 import S3

PLACE = "s3://research/asof"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Objects of a store that is published, by their keys."""
    folder = tmp_path_factory.mktemp("hostile")
    made, _ = made_store(folder / "home")
    made.publish(f"file://{folder}/objects")
    found = folder / "objects"
    files = (path for path in found.rglob("*") if path.is_file())
    return {f"research/asof/{path.relative_to(found)}": path.read_bytes() for path in files}


@pytest.fixture
def hostile(s3: S3, published: dict[str, bytes]) -> S3:
    s3.objects |= published
    return s3


def changed(s3: S3, folder: Path, *statements: str) -> None:
    """Publish the catalog anew after some statements, with a document that fits it."""
    (name,) = (key for key in s3.objects if "/catalogs/" in key)
    (newest,) = (key for key in s3.objects if key.endswith("latest.json"))
    path = folder / "hostile.sqlite"
    path.write_bytes(s3.objects[name])
    with closing(sqlite3.connect(path)) as made:
        for statement in statements:
            made.execute(statement)
        made.commit()
    content, told = path.read_bytes(), json.loads(s3.objects[newest])
    told |= {"catalog_bytes": len(content), "catalog_sha256": hashlib.sha256(content).hexdigest()}
    s3.objects[newest] = json.dumps(told).encode()
    fresh = name.rpartition("/")[0] + f"/{told['seq']:09d}-{told['catalog_sha256'][:16]}.sqlite"
    s3.objects[fresh] = s3.objects.pop(name) and content


@pytest.mark.parametrize(
    "path",
    ["catalog.sqlite", "strategies/me/mine.py", "data/../catalog.sqlite", "/etc/passwd", "data/bars/a.py"],
)
def test_files_that_a_catalog_lists_elsewhere_are_neither_fetched_nor_thrown_away(
    hostile: S3, tmp_path: Path, path: str
) -> None:
    """A kept file of another length is thrown away: that of a path outside the data never."""
    read = open_store(PLACE)
    read.state("me").put("watchlist", "mine", {"ids": [1]})
    mine = read.home / "strategies" / "me" / "mine.py"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    changed(hostile, tmp_path, f"update files set path = '{path}' where table_name = 'bars'")  # noqa: S608
    with pytest.raises(StoreError, match="outside the store"):
        open_store(PLACE).reader(PRESENT).bars(None)
    assert mine.read_text() == "mine"
    assert open_store(PLACE).state("me").get("watchlist", "mine") == {"ids": [1]}
    assert not [key for how, key in hostile.asked if how == "GET" and path in key]


@pytest.mark.parametrize(
    "statements",
    [
        ("create view odd as select 1",),
        ("create trigger odd after insert on commits begin select 1; end",),
        ("create virtual table odd using fts5(a)",),
        ("create table odd (a integer, b integer generated always as (a + 1))",),
        ("alter table files rename to held", "create view files as select * from held"),
        ("update files set bytes = 'many'",),
        ("update meta set value = 'another' where key = 'id'",),
        ("update meta set value = 'odd' where key = 'format'",),
    ],
)
def test_a_catalog_that_is_a_program_or_anothers_is_not_read(
    hostile: S3, tmp_path: Path, statements: tuple[str, ...]
) -> None:
    changed(hostile, tmp_path, *statements)
    with pytest.raises(StoreError, match="none that this program publishes"):
        open_store(PLACE)


def _huge(s3: S3, key: str) -> None:
    s3.objects[key] = b" " * 70_000


def _deep(s3: S3, key: str) -> None:
    s3.objects[key] = b"[" * 60_000


def _told(**more: object) -> Callable[[S3, str], None]:
    def change(s3: S3, key: str) -> None:
        s3.objects[key] = json.dumps(json.loads(s3.objects[key]) | more).encode()

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_huge, "no document of a published store"),
        (_deep, "something else"),
        (_told(seq=10**300), "something else"),
        (_told(form=float("inf")), "something else"),
        (_told(catalog_bytes=10**15), "something else"),
        (_told(catalog_bytes=1), "is not what was published"),
        (_told(store="../../../../home/of/somebody"), "something else"),
        (_told(catalog_sha256="../" * 20), "something else"),
    ],
)
def test_documents_that_are_none(hostile: S3, change: Callable[[S3, str], None], words: str) -> None:
    (newest,) = (key for key in hostile.objects if key.endswith("latest.json"))
    change(hostile, newest)
    with pytest.raises(StoreError, match=words):
        open_store(PLACE)


def test_a_document_that_is_one_is_read() -> None:
    told = Release("a" * 32, 7, 4096, "b" * 64, 1)
    assert read_release(told.document(), read_address(PLACE)) == told


def test_who_claims_to_be_another_store_gets_nothing_of_its_folder(hostile: S3) -> None:
    elsewhere = {key.replace("research/asof", "research/copy"): each for key, each in hostile.objects.items()}
    hostile.objects |= elsewhere
    one, other = open_store(PLACE), open_store("s3://research/copy")
    assert one.id == other.id
    one.state("me").put("watchlist", "mine", {"ids": [1]})
    assert other.state("me").get("watchlist", "mine") is None
    assert one.home != other.home

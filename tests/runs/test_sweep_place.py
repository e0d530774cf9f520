"""Workers that read the store where it is published: the same bytes, and clear words where it is not there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from engine.errors import DataError
from engine.runs import sweep_place
from engine.runs.sweep_keep import Kept
from engine.runs.sweep_place import Place, kept_scores_path, published_place
from engine.runs.sweep_work import work
from store import Batch, Store, StoreError, open_store
from terminal.exits import UsageError
from terminal.sweeping import run
from tests.runs.sweeping import made_store, order
from tests.runs.test_sweep_run import alone
from tests.store.objects.s3 import S3, serving

PLACE = "s3://research/asof"
SCORES = b"date,ticker,mine\n2017-06-05,AAA,1\n2018-01-02,AAA,-1\n2018-06-04,AAA,1\n"


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[S3]:
    with serving() as held:
        for name, value in held.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("ASOF_OBJECT_CACHE", str(tmp_path / "kept"))
        yield held


@pytest.fixture
def market(tmp_path: Path) -> tuple[Store, dict[str, int]]:
    return made_store(tmp_path / "home")


def test_scores_go_along_and_an_older_snapshot_is_there(
    market: tuple[Store, dict[str, int]], storage: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = market
    digest = sha256(SCORES).hexdigest()
    given = order(
        *market, "long when mine > 0 and close > sma({5,20})", scores=digest, score_names=("mine",), owner="joan",
        batch=1, fast=(0,),
    )  # fmt: skip
    path = kept_scores_path(store.home, given)
    path.parent.mkdir(parents=True)
    path.write_bytes(SCORES)
    wanted = alone(store, given)
    store.append(Batch("own market", "later", "2", {}))
    store.publish(PLACE)
    place = published_place(store, given, PLACE)
    assert [work(given.document(), place, each.number) for each in given.batches] == wanted
    assert not [key for key in storage.objects if SCORES in storage.objects[key]]
    monkeypatch.setattr(sweep_place, "_LARGEST", 10)
    with pytest.raises(DataError, match="do not go with batches"):
        published_place(store, given, PLACE)


def test_what_is_not_published_is_said_before_anything_is_sent(
    market: tuple[Store, dict[str, int]], storage: S3, tmp_path: Path
) -> None:
    store, ids = market
    given = order(store, ids)
    Kept.at(store.home, given.id).begin(given)
    words = ["sweep", "--order", given.id, "--home", str(store.home), "--store", PLACE]
    with pytest.raises(UsageError, match="goes with --cluster"):
        run(words)
    words += ["--cluster", "tcp://127.0.0.1:9"]
    with pytest.raises(StoreError, match="nothing is published"):
        run(words)
    other, _ = made_store(tmp_path / "other")
    other.publish(PLACE)
    with pytest.raises(StoreError, match="holds another store"):
        run(words)
    with pytest.raises(StoreError, match="holds another store"):  # as a worker sees it
        work(given.document(), Place(PLACE, store.id), 0)
    store.publish("s3://research/mine")
    copy = open_store(shutil.copytree(store.home, tmp_path / "copy"))
    for number, each in enumerate((store, copy)):
        each.append(Batch("own market", "apart", str(number), {}))
    copy.publish("s3://research/mine")
    with pytest.raises(StoreError, match="another copy of this store"):
        published_place(store, order(store, ids), "s3://research/mine")
    later = order(store, ids, snapshot=7)
    with pytest.raises(StoreError, match=r"snapshot 7 is not published.*asof store publish"):
        published_place(store, later, "s3://research/mine")
    assert store.jobs.list(5) == []

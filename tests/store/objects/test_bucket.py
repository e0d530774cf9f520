"""Storage that fails: tried again within bounds, then told in words that hold no secret."""

from __future__ import annotations

import sys
import time
import traceback
from pathlib import Path

import pytest

from store.errors import StoreError
from store.objects.address import Address, http_allowed, read_address
from store.objects.bucket import Bucket, Patience
from store.objects.cache import bound_of
from store.objects.faults import Broken, Missing, Refused, Unreachable
from tests.store.objects.s3 import KEY, S3, SECRET

QUICK = Patience(retries=2, first=0.01, idle=0.3)
NAME = "data/bars/a.parquet"


@pytest.fixture
def bucket(s3: S3) -> Bucket:
    made = Bucket(read_address("s3://research/asof"), QUICK)
    assert made.put_new(NAME, b"what was put")
    s3.asked.clear()
    return made


@pytest.mark.parametrize("fault", [503, 500, "cut", "wrong", "slow"])
def test_what_passes_is_tried_again(bucket: Bucket, s3: S3, tmp_path: Path, fault: int | str) -> None:
    import hashlib

    s3.faults[("GET", NAME)] = [fault]
    bucket.fetch(NAME, 12, hashlib.sha256(b"what was put").hexdigest(), tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"what was put"
    assert s3.count("GET", NAME) == 2


@pytest.mark.parametrize(
    ("fault", "kind", "words", "most"),
    [
        (503, Unreachable, "SlowDown", 3),
        (403, Refused, "credentials come from the environment", 1),
        (404, Missing, "has no data/bars/a.parquet", 1),
        ("cut", Broken, "cut short", 9),
        ("wrong", Broken, "is not what was published", 3),
        ("slow", Unreachable, "no answer in time", 3),
    ],
)
def test_what_stays_is_told(
    bucket: Bucket, s3: S3, fault: int | str, kind: type[StoreError], words: str, most: int
) -> None:
    s3.faults[("GET", NAME)] = [fault] * 20
    begun = time.monotonic()
    with pytest.raises(kind, match=words) as told:
        bucket.check(NAME, 12, "0" * 64)
    assert 1 <= s3.count("GET", NAME) <= most
    assert time.monotonic() - begun < 10
    text = "".join(traceback.format_exception(told.value))
    assert not [word for word in (KEY, SECRET, "http://") if word in text]


def test_nothing_is_put_twice(bucket: Bucket, s3: S3) -> None:
    assert not bucket.put_new(NAME, b"other")
    found = bucket.find(NAME)
    assert found is not None
    assert bucket.find("none.json") is None
    assert bucket.swap(NAME, b"newer", found[1])
    assert not bucket.swap(NAME, b"newest", found[1])  # another was quicker
    assert bucket.get(NAME) == b"newer"
    assert bucket.sizes("data") == {NAME: 5}
    s3.faults[("PUT", "b.parquet")] = [503]
    assert bucket.put_new("data/bars/b.parquet", b"b")


def test_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    with pytest.raises(Unreachable, match="nobody listens there"):
        Bucket(read_address("s3://research/asof"), QUICK).get("latest.json")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("http://host/asof", "begins with s3://"),
        ("s3:///asof", "names a bucket"),
        ("s3://key:word@bucket/asof", "no user, password or query"),
        ("s3://bucket/asof?X-Amz-Signature=1", "no user, password or query"),
        ("s3://bucket/../other", "no \\.\\."),
        ("file://host/asof", "from the root"),
    ],
)
def test_addresses(text: str, words: str) -> None:
    with pytest.raises(StoreError, match=words) as told:
        read_address(text)
    assert "word" not in str(told.value).replace("password", "")


def test_addresses_are_written_as_they_are_read() -> None:
    for text in ("s3://bucket/a/b", "gs://bucket", "az://container/p", "file:///shared/published"):
        assert str(read_address(f"{text}/")) == text


@pytest.mark.parametrize(
    ("environ", "allowed"),
    [
        ({}, False),
        ({"AWS_ENDPOINT_URL": "https://minio.example"}, False),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9000"}, True),
        ({"AWS_ENDPOINT": "http://[::1]:9000"}, True),
        ({"AWS_ENDPOINT_URL": "http://minio.example", "ASOF_ALLOW_HTTP": "1"}, True),
        ({"AWS_ENDPOINT_URL": "http://minio.example"}, None),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1.example"}, None),
        ({"AWS_ENDPOINT_URL_S3": "http://minio.example", "AWS_ENDPOINT_URL": "http://localhost"}, None),
    ],
)
def test_only_this_machine_is_spoken_to_openly(environ: dict[str, str], allowed: bool | None) -> None:
    if allowed is None:
        with pytest.raises(StoreError, match="not https"):
            http_allowed(Address("s3", "bucket", ""), environ)
    else:
        assert http_allowed(Address("s3", "bucket", ""), environ) is allowed


def test_what_is_missing_or_mistyped_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert bound_of({}) == 20_000_000_000
    assert bound_of({"ASOF_OBJECT_CACHE_GB": "0.5"}) == 500_000_000
    for text in ("much", "-1", "0"):
        with pytest.raises(StoreError, match="takes gigabytes"):
            bound_of({"ASOF_OBJECT_CACHE_GB": text})
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    with pytest.raises(StoreError, match=r"pip install 'asof\[objects\]'"):
        Bucket(read_address("s3://bucket/asof"))

"""Publishing: the files of the newest snapshot, then its catalog, then the document that makes it visible.

Nothing that is there is written over but ``latest.json``, which only ever moves on. A publish that ends anywhere
leaves files that the next one finds and need not put again; until its last steps no reader sees anything of it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from store.catalog import Catalog
from store.errors import Damaged, Interrupted, StoreError
from store.locks import in_turn
from store.objects.bucket import Bucket
from store.objects.public_catalog import LiveObject, PublicCatalog, copy_catalog
from store.objects.release import LATEST, OWNER, Release, owner_document, read_release
from store.paths import Layout, make_folder

Progress = Callable[[int, int, str], None]
_TOGETHER = 4  # uploads at a time: each holds one file in memory
_COPY = "publish-"
_ABANDONED = 86_400.0  # seconds after which a copy is nobody's
_SWAPS = 20  # publishers that may move ``latest.json`` on before we do


@dataclass(frozen=True, slots=True)
class Published:
    """What a publish did: ``files`` of the snapshot in all, ``sent`` and ``sent_bytes`` of them put now; ``before``:
    the snapshot was there already."""

    address: str
    seq: int
    files: int
    sent: int
    sent_bytes: int
    before: bool


def publish(
    catalog: Catalog,
    layout: Layout,
    identity: str,
    bucket: Bucket,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Published:
    """Publish the newest snapshot of the store at ``layout``.

    Raises
    ------
    StoreError
        The address is another store's, a file here is damaged, or storage fails (see ``faults``).
    Interrupted
        It was cancelled: no reader sees anything of it.
    """
    make_folder(layout.cache)
    _clear(layout.cache)
    with tempfile.TemporaryDirectory(prefix=_COPY, dir=layout.cache) as folder:
        copy = copy_catalog(catalog, Path(folder) / "catalog.sqlite")
        _own(bucket, identity)
        sent = _send(layout, bucket, copy.files, progress, cancelled)
        release, before = _release(bucket, identity, copy)
    _move_on(bucket, release)
    size = sum(file.bytes for file in sent)
    return Published(str(bucket.address), release.seq, len(copy.files), len(sent), size, before)


def _clear(folder: Path) -> None:
    """Throw away the copies of publishes that were killed."""
    for left in folder.glob(f"{_COPY}*"):
        with contextlib.suppress(OSError):  # another process throws it away too
            if time.time() - left.stat().st_mtime > _ABANDONED:
                shutil.rmtree(left)


def _own(bucket: Bucket, identity: str) -> None:
    """The address is this store's from the first publish on."""
    mine = owner_document(identity)
    if bucket.put_new(OWNER, mine):
        return
    try:
        owner = str(json.loads(bucket.get(OWNER))["store"])
    except (ValueError, KeyError, TypeError):
        owner = "something else"
    if owner != identity:
        raise StoreError(
            f"{bucket.address} holds another store ({owner[:8]}; this one is {identity[:8]}): publish under another "
            "prefix"
        )


def _send(
    layout: Layout,
    bucket: Bucket,
    files: tuple[LiveObject, ...],
    progress: Progress | None,
    cancelled: Callable[[], bool] | None,
) -> list[LiveObject]:
    """Put the files that are not there; those are answered."""
    there = bucket.sizes("data")
    for file in files:
        if there.get(file.path, file.bytes) != file.bytes:
            raise StoreError(
                f"{bucket.address} holds another {file.path} ({there[file.path]:,} bytes, not {file.bytes:,}), which "
                "is not written over: remove it there, or publish under another prefix"
            )
    missing = [file for file in files if file.path not in there]
    total, done = sum(file.bytes for file in missing), 0
    with ThreadPoolExecutor(_TOGETHER) as pool:
        running: dict[Future[None], LiveObject] = {}
        waiting = list(reversed(missing))
        try:
            while waiting or running:
                if cancelled is not None and cancelled():
                    raise Interrupted(
                        "cancelled; nothing new is visible, and what was sent need not be sent again"
                    )
                while waiting and len(running) < _TOGETHER:
                    file = waiting.pop()
                    running[pool.submit(_send_one, layout, bucket, file)] = file
                ready, _ = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
                for future in ready:
                    future.result()
                    done += running.pop(future).bytes
                if progress is not None:
                    progress(
                        done,
                        total,
                        f"{len(missing) - len(waiting) - len(running):,} of {len(missing):,} files",
                    )
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    return missing


def _send_one(layout: Layout, bucket: Bucket, file: LiveObject) -> None:
    path = layout.file(file.path)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise Damaged(f"the data file {path} is missing: `asof store check` lists the damage") from None
    except OSError as fault:
        raise Damaged(f"the data file {path} cannot be read: {fault.strerror}") from fault
    if len(content) != file.bytes or hashlib.sha256(content).hexdigest() != file.sha256:
        raise Damaged(
            f"the data file {path} is damaged and was not published: `asof store check` lists the damage"
        )
    bucket.put_new(file.path, content)


def _release(bucket: Bucket, identity: str, catalog: PublicCatalog) -> tuple[Release, bool]:
    """Put the catalog and its document; where the snapshot is there already, that one stands."""
    content = catalog.content()
    made = Release(identity, catalog.seq, len(content), catalog.sha256(), catalog.recorded_at)
    if (held := bucket.find(made.name)) is None:
        bucket.put_new(made.catalog, content)
        if bucket.put_new(made.name, made.document()):
            return made, False
        held = (bucket.get(made.name), {})
    found = read_release(held[0], bucket.address)
    if found.recorded_at != made.recorded_at:
        raise another_copy(str(bucket.address), made.seq)
    return found, found != made


def another_copy(address: str, seq: int) -> StoreError:
    """What is said where a folder and its copy were both written to: they have one id, and are two stores."""
    return StoreError(
        f"snapshot {seq} at {address} is not the one of this folder: it was published from another copy of this "
        "store, which was written to since. Publish each under a prefix of its own"
    )


def _move_on(bucket: Bucket, release: Release) -> None:
    """Have ``latest.json`` tell of this release, unless it tells of a later one."""
    with _turn(bucket):
        for _ in range(_SWAPS):
            held = bucket.find(LATEST)
            if held is not None and read_release(held[0], bucket.address).seq >= release.seq:
                return
            if bucket.swap(LATEST, release.document(), None if held is None else held[1]):
                return
    raise StoreError(f"others publish to {bucket.address} all the time: run it again")


@contextlib.contextmanager
def _turn(bucket: Bucket) -> Iterator[None]:
    """Of a folder, which knows no conditional replacing, one publisher at a time."""
    if bucket.folder is None:
        yield
        return
    with in_turn(bucket.folder / ".latest.lock"):
        yield

"""Where the workers of a sweep read the store: in its folder, or where it is published."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import DataError
from store.objects.address import is_address

if TYPE_CHECKING:
    from engine.runs.sweep_order import Order
    from store import Store
    from store.reader import AsOfReader

PUBLISHED = "ASOF_PUBLISHED"
_LARGEST = 32 << 20  # of scores, which go with every batch


@dataclass(frozen=True, slots=True)
class Place:
    """``home``: a folder, or an address of the store whose id is ``store``, to which the user's ``scores`` go along:
    they are never published."""

    home: str
    store: str = ""
    scores: bytes = b""

    def reader(self, order: Order) -> AsOfReader:
        """The store at the order's clock and snapshot.

        Raises
        ------
        DataError
            The folder is not seen from here.
        StoreError
            The address does not hold the snapshot, or cannot be read.
        """
        asof, recorded = order.instants()
        return self._store(order).reader(asof, snapshot=order.snapshot, recorded=recorded)

    def _store(self, order: Order) -> Store:
        if is_address(self.home):
            from store.clock import utc_now
            from store.objects.cache import keep
            from store.objects.opened import open_published

            opened = open_published(
                self.home, snapshot=order.snapshot, identity=self.store or None, clock=utc_now
            )
            if self.scores:
                keep(kept_scores_path(opened.home, order), self.scores)
            return opened
        from store import open_store

        if not Path(self.home).is_dir():
            raise DataError(
                f"A worker does not see the store's folder, {self.home}. Share it with the workers under the same "
                "path, or publish the store (asof store publish s3://bucket/prefix) and name that address to the "
                f"sweep: {PUBLISHED}=s3://bucket/prefix in the environment of the terminal, or asof sweep --store."
            )
        return open_store(self.home, create=False)


def kept_scores_path(home: Path, order: Order) -> Path:
    """Where scores that were used before are kept."""
    from engine.runs.code import folder_of

    return folder_of(home, order.owner) / ".kept" / f"{order.scores}.csv"


def published_place(store: Store, order: Order, address: str) -> Place:
    """The place of workers elsewhere, once it is sure that they find there what the order needs.

    Raises
    ------
    StoreError
        Nothing is published there, not this snapshot, or another store.
    DataError
        The scores are too large to go along.
    """
    from store.clock import to_micros
    from store.errors import StoreError
    from store.objects.address import read_address
    from store.objects.bucket import Bucket
    from store.objects.opened import find_release
    from store.objects.publish import another_copy

    bucket = Bucket(read_address(address))
    release = find_release(bucket, order.snapshot)
    if release.store != store.id:
        raise StoreError(
            f"{bucket.address} holds another store ({release.store[:8]}; this one is {store.id[:8]}): name the "
            "address to which this one is published"
        )
    if not store.address:  # else it is what is published that the desk reads
        mine = {each.seq: to_micros(each.recorded_at) for each in store.batches()}
        if mine.get(release.seq) != release.recorded_at:
            raise another_copy(str(bucket.address), release.seq)
    scores = b""
    if order.scores:
        path = kept_scores_path(store.home, order)
        if not path.is_file():
            raise DataError(
                f"The scores of this sweep ({order.scores[:12]}) are not kept here: type its line again."
            )
        if path.stat().st_size > _LARGEST:
            raise DataError(
                f"Scores of more than {_LARGEST >> 20} MiB do not go with batches to workers that read the store at "
                f"{bucket.address}: run this sweep in processes here, or on workers that share the store's folder."
            )
        scores = path.read_bytes()
    return Place(str(bucket.address), store.id, scores)


def address_of(store: Store, asked: str) -> str:
    """The address that workers elsewhere read: what was asked for, the environment's, or the store's own; empty where
    they share the folder."""
    return asked or os.environ.get(PUBLISHED, "") or store.address

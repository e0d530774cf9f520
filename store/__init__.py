"""What was known when: bitemporal tables in immutable files, an SQLite catalog, reads as of a clock.

Importing this package costs the standard library only; polars comes with the first frame.
"""

from store.batch import Batch, BatchInfo, CommitResult, Fetched, FetchedRecord, Quarantined, QuarantineRecord
from store.core import Store
from store.errors import BadBatch, Busy, Damaged, Interrupted, StoreError
from store.jobs import Job
from store.opening import open_store
from store.pages import PageRecord
from store.reads import Read
from store.snapshot_form import Selection, SnapshotRead
from store.snapshots import Snapshot, SnapshotRecord
from store.state import UserState

__all__ = [
    "BadBatch",
    "Batch",
    "BatchInfo",
    "Busy",
    "CommitResult",
    "Damaged",
    "Fetched",
    "FetchedRecord",
    "Interrupted",
    "Job",
    "PageRecord",
    "QuarantineRecord",
    "Quarantined",
    "Read",
    "Selection",
    "Snapshot",
    "SnapshotRead",
    "SnapshotRecord",
    "Store",
    "StoreError",
    "UserState",
    "open_store",
]

"""Batches of several threads committed together: one transaction for all that wait, as databases do."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from store import Batch, CommitResult, StoreError

if TYPE_CHECKING:
    from store import Store


@dataclass(slots=True)
class _Waiting:
    batch: Batch
    result: CommitResult | None = None
    fault: BaseException | None = None


@dataclass(slots=True)
class GroupCommit:
    """``append`` as the store's own; whoever gets to it first takes along what others have brought meanwhile."""

    store: Store
    _queue: list[_Waiting] = field(default_factory=list)
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def append(self, batch: Batch) -> CommitResult:
        mine = _Waiting(batch)
        with self._guard:
            self._queue.append(mine)
        with self._turn:
            if mine.result is None and mine.fault is None:
                with self._guard:
                    together, self._queue = self._queue, []
                self._write(together)
        if mine.fault is not None:
            raise mine.fault
        assert mine.result is not None  # noqa: S101 - one of the two is there
        return mine.result

    def _write(self, together: list[_Waiting]) -> None:
        named = {waiting.batch.ingest_key: waiting.batch for waiting in together}
        try:
            results = self.store.append_all(list(named.values()))
        except StoreError:
            for waiting in together:  # one of them may be at fault: each by itself
                try:
                    waiting.result = self.store.append(waiting.batch)
                except StoreError as fault:
                    waiting.fault = fault
            return
        except BaseException as fault:
            for waiting in together:
                waiting.fault = fault
            raise
        by_name = dict(zip(named, results, strict=True))
        for waiting in together:
            waiting.result = by_name[waiting.batch.ingest_key]

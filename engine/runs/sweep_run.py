"""A sweep worked off by an executor: what is done is kept at once, what is lost with a worker is done again."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import DataError
from engine.runs.sweep_keep import Kept
from engine.runs.sweep_order import Order
from engine.runs.sweep_place import Place
from engine.runs.sweep_work import work

Told = Callable[[int, int, str], None]
Pool = Callable[[], AbstractContextManager[Executor]]
_ROUNDS = 3  # pools that may break, one after another, without a batch done between


@dataclass(slots=True)
class Carrying:
    """One order worked off. ``home``: where workers read the store. ``told`` hears how many points are done;
    ``stopped`` is asked five times a second."""

    order: Order
    home: Path | Place
    kept: Kept
    pool: Pool
    workers: int
    told: Told = lambda *_: None
    stopped: Callable[[], bool] = lambda: False
    _begun: float = field(default_factory=time.monotonic)
    _before: int = 0  # points that were there already

    def run(self) -> bool:
        """Work all missing batches off; False where it was stopped before the end.

        Raises
        ------
        DataError
            Workers end again and again before a batch is done, or the cluster does not answer.
        """
        missing = self._missing()
        self._before = self._points() if missing else 0
        broken = 0
        while missing and not self.stopped():
            before = len(missing)
            whole = self._round(missing)
            missing = self._missing()
            broken = 0 if whole or len(missing) < before else broken + 1
            if broken >= _ROUNDS:
                done = len(self.order.batches) - len(missing)
                raise DataError(
                    f"Worker processes end by themselves (killed, or out of memory) before a batch is done: {done:,} "
                    f"of {len(self.order.batches):,} batches are kept. Fewer workers need less memory: WORKERS=1, "
                    "or a shorter range; JOBS RESUME goes on from there."
                )
        return not missing

    def _missing(self) -> list[int]:
        done = self.kept.done()
        return [each.number for each in self.order.batches if each.number not in done]

    def _round(self, missing: list[int]) -> bool:
        """Batches by one pool; False where it broke. What was done until then is kept."""
        document, waiting = self.order.document(), list(reversed(missing))
        place = Place(str(self.home)) if isinstance(self.home, Path) else self.home
        running: dict[Future[bytes], int] = {}
        try:
            with self.pool() as pool:
                while (waiting or running) and not self.stopped():
                    while waiting and len(running) < 2 * self.workers:
                        number = waiting.pop()
                        running[pool.submit(work, document, place, number)] = number
                    ready, _ = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
                    for future in ready:
                        self.kept.put(running[future], future.result())
                        del running[future]
                    self._tell()
                for future in running:
                    future.cancel()
        except BrokenExecutor:
            return False
        except Exception as fault:
            if type(fault).__name__ not in ("KilledWorker", "CancelledError", "CommClosedError"):
                raise
            return False  # the same, as Dask says it
        return True

    def _points(self) -> int:
        done = self.kept.done()
        return sum(len(each.points) for each in self.order.batches if each.number in done)

    def _tell(self) -> None:
        done, total = self._points(), self.order.points
        seconds = time.monotonic() - self._begun
        rate = (done - self._before) / seconds if seconds > 0 else 0.0
        left = f", {_time((total - done) / rate)} left" if rate > 0 and done < total else ""
        self.told(done, total, f"{rate:,.0f} points/s{left}" if rate else "starting")


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"

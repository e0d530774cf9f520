"""Who works: this process, processes beside it, or a Dask cluster; all of them behind one kind of executor."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from engine.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
_LOADED = ("engine.runs.sweep_work", "engine.runs.market", "engine.backtest.sweep", "store")
_PATIENCE = "15s"  # for a cluster to answer


def one_thread() -> None:
    """Linear algebra takes one thread: there is a process a core. Of use before numpy is loaded."""
    for name in THREADS:
        os.environ.setdefault(name, "1")


class Inline(Executor):
    """Does the work where it is asked for, at once."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as fault:
            future.set_exception(fault)
        return future


@contextmanager
def processes(workers: int) -> Iterator[Executor]:
    """Processes of a fork server, which has loaded what they need: none inherits this one's threads and locks."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    one_thread()
    context = get_context("forkserver")
    context.set_forkserver_preload(list(_LOADED))
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=one_thread)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """The Dask cluster whose scheduler listens at ``address`` (tcp://host:8786).

    Its workers run this program's version, and see the store's folder under the same path or read the store where it
    is published.

    Raises
    ------
    DataError
        Dask is not installed, or nobody answers there.
    """
    try:
        client_of: Any = import_module("distributed").Client
    except ImportError as fault:
        raise DataError(
            "A cluster needs Dask: pip install 'asof[cluster]'. Without CLUSTER= the sweep runs in processes here."
        ) from fault
    try:
        client = client_of(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as fault:
        raise DataError(
            f"No Dask scheduler answers at {address}. dask scheduler starts one, dask worker {address} its workers; "
            "without CLUSTER= the sweep runs in processes here."
        ) from fault
    try:
        if not client.scheduler_info()["workers"]:
            raise DataError(
                f"The Dask scheduler at {address} has no worker: dask worker {address} starts one."
            )
        with client.get_executor(pure=False) as pool:
            yield pool
    finally:
        client.close()


def cores() -> int:
    """Processors that this process may use."""
    return max(1, len(os.sched_getaffinity(0)))

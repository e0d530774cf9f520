"""Running a checked query: in a process of its own that is ended where it must be, without files, network or
settings.

A thread cannot do it: DuckDB hears an interrupt between rows only, and counts no memory within one value, so
that ``repeat('x', 3000000000)`` would keep six gigabytes and the desk for a minute.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

from engine.sql.check import QueryError
from engine.sql.worker import NO_MEMORY, REFUSED

if TYPE_CHECKING:
    import polars as pl

MOST_ROWS = 100_000
MOST_SECONDS = 30.0
_LOOK = 0.02  # seconds between two looks at whether it ended or has to
_ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, slots=True)
class Result:
    """Rows of a query; ``whole`` is False where there were more than the bound."""

    frame: pl.DataFrame
    whole: bool
    seconds: float


def environment() -> dict[str, str]:
    """All that the process of a query is told: where this program lies. Keys of sources stay here."""
    return {"PYTHONPATH": str(_ROOT), "PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"}


def run(
    text: str,
    views: Mapping[str, pl.DataFrame],
    *,
    asof: datetime,
    day: date,
    cancelled: Callable[[], bool] = lambda: False,
    most_rows: int = MOST_ROWS,
    most_seconds: float = MOST_SECONDS,
) -> Result:
    """The rows of ``text`` over ``views``. Raises QueryError, also where time is up or the user stopped it."""
    import polars as pl
    import pyarrow

    with ExitStack() as stack:
        files = {name: stack.enter_context(_file()) for name in views}
        for name, frame in views.items():
            _write(frame, files[name])
        question = {
            "text": text, "views": {name: file.fileno() for name, file in files.items()},
            "asof": asof.strftime("%Y-%m-%d %H:%M:%S.%f+00"), "day": day.isoformat(),
            "rows": most_rows + 1, "seconds": most_seconds,
        }  # fmt: skip
        asked, answer = stack.enter_context(_file()), stack.enter_context(_file())
        asked.write(json.dumps(question).encode())
        asked.seek(0)
        started = time.perf_counter()
        code = _ended(asked, answer, [file.fileno() for file in files.values()], cancelled, most_seconds)
        seconds = time.perf_counter() - started
        answer.seek(0)
        if code == REFUSED:
            raise QueryError(answer.read().decode("utf-8", "replace"))
        if code != 0:  # killed, or out of memory where nothing can be told any more
            raise QueryError(NO_MEMORY)
        frame = pl.DataFrame(pyarrow.ipc.open_file(answer.read()).read_all())
    return Result(frame.head(most_rows), frame.height <= most_rows, seconds)


def _ended(
    asked: IO[bytes], answer: IO[bytes], views: list[int], cancelled: Callable[[], bool], seconds: float
) -> int:
    """The exit code of the process; it is gone, however this is left."""
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "engine.sql.worker"],
            stdin=asked, stdout=answer, stderr=subprocess.DEVNULL, cwd="/", env=environment(),
            pass_fds=views,
        )  # fmt: skip
    except OSError as error:
        raise QueryError(f"The query's process cannot be started: {error.strerror or error}.") from error
    deadline = time.monotonic() + seconds
    try:
        while True:
            try:
                return process.wait(_LOOK)
            except subprocess.TimeoutExpired:
                if cancelled():
                    raise QueryError("Cancelled.") from None
                if time.monotonic() > deadline:
                    raise QueryError(f"The query took longer than {seconds:.0f} s: narrow it down.") from None
    finally:
        process.kill()
        process.wait()


def _file() -> IO[bytes]:
    """A file without a name; in memory where the system has such."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("asof-sql"), "w+b")
    return tempfile.TemporaryFile()


def _write(frame: pl.DataFrame, file: IO[bytes]) -> None:
    import pyarrow

    table = frame.to_arrow()
    with pyarrow.ipc.new_file(file, table.schema) as out:
        out.write_table(table)
    file.flush()

"""Running a checked query: in a DuckDB of its own, without files, network or settings, within bounds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from engine.sql.check import QueryError

if TYPE_CHECKING:
    import duckdb
    import polars as pl

MOST_ROWS = 100_000
MOST_SECONDS = 30.0
_CLOSED: Mapping[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "allow_community_extensions": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",  # a name is never a variable of this program
    "temp_directory": "",
    "memory_limit": "2GB",
    "threads": "1",  # the screen's keys are answered meanwhile, and rows come in one order
}


@dataclass(frozen=True, slots=True)
class Result:
    """Rows of a query; ``whole`` is False where there were more than the bound."""

    frame: pl.DataFrame
    whole: bool
    seconds: float


def connect() -> duckdb.DuckDBPyConnection:
    """A connection that reads nothing but what is registered with it."""
    import duckdb

    return duckdb.connect(":memory:", config=dict(_CLOSED))


def run(
    connection: duckdb.DuckDBPyConnection,
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
    import duckdb

    connection.execute("set timezone = 'UTC'")
    for name, frame in views.items():
        connection.register(name, frame)
    stamp = asof.strftime("%Y-%m-%d %H:%M:%S.%f+00")
    connection.execute(f"create macro asof_instant() as timestamptz '{stamp}'")
    connection.execute(f"create macro asof_date() as date '{day.isoformat()}'")
    connection.execute("set lock_configuration = true")
    started = time.perf_counter()
    with _Watch(connection, cancelled, most_seconds) as watch:
        try:
            asked = connection.sql(text)
            frame = asked.project(plain(asked.columns, asked.types)).limit(most_rows + 1).pl()
        except duckdb.InterruptException:
            raise QueryError(watch.why or "The query was stopped.") from None
        except duckdb.OutOfMemoryException:
            raise QueryError("The query needs more memory than it may take (2 GB): narrow it down.") from None
        except duckdb.Error as fault:
            raise _told(fault) from None
    seconds = time.perf_counter() - started
    return Result(frame.head(most_rows), frame.height <= most_rows, seconds)


class _Watch:
    """Interrupts the connection when time is up or the user stops it."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, cancelled: Callable[[], bool], seconds: float
    ) -> None:
        self._connection, self._cancelled, self._seconds = connection, cancelled, seconds
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="asof-sql-watch", daemon=True)
        self.why = ""

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        deadline = time.monotonic() + self._seconds
        while not self._done.wait(0.05):
            if self._cancelled():
                self.why = "Cancelled."
            elif time.monotonic() > deadline:
                self.why = f"The query took longer than {self._seconds:.0f} s: narrow it down."
            if self.why:
                self._connection.interrupt()


_WHOLE = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"})
_NUMBERS = frozenset({"FLOAT", "DOUBLE", "UBIGINT", "HUGEINT", "UHUGEINT"})
_INSTANTS = frozenset({"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"})


def plain(names: Sequence[str], types: Sequence[object]) -> str:
    """A projection to the types that figures know: text, whole numbers, numbers, dates, instants in UTC; a
    name that stands twice is numbered."""
    columns, seen = [], set[str]()
    for place, (name, kind) in enumerate(zip(names, map(str, types), strict=True), start=1):
        unique, number = name, 2
        while unique.lower() in seen:
            unique, number = f"{name}_{number}", number + 1
        seen.add(unique.lower())
        if kind in _WHOLE:
            told = f"#{place}::bigint"
        elif kind in _NUMBERS or kind.startswith("DECIMAL"):
            told = f"#{place}::double"
        elif kind == "DATE":
            told = f"#{place}"
        elif kind in _INSTANTS:
            told = f"(#{place}::timestamp at time zone 'UTC')"
        elif kind == "TIMESTAMP WITH TIME ZONE":
            told = f"#{place}"
        elif kind == "BLOB":
            told = f"hex(#{place})"
        else:
            told = f"#{place}::varchar"
        quoted = unique.replace('"', '""')
        columns.append(f'{told} as "{quoted}"')
    return ", ".join(columns)


def _told(fault: Exception) -> QueryError:
    """DuckDB's error in a sentence: its first line, without the kind and without the picture of the line."""
    first = str(fault).split("\n", 1)[0]
    kind, colon, rest = first.partition(": ")
    text = rest if colon and kind.endswith("Error") else first
    return QueryError(text.rstrip(".!") + ".")

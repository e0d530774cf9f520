"""The process that one query runs in: ``python -m engine.sql.worker``, started by ``engine.sql.run``.

Its standard input is a file with the question as JSON, its standard output one for the answer: an Arrow file, or
(exit code ``REFUSED``) why there is none as a sentence. The views are files that it was handed open.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    import duckdb

REFUSED = 3
MOST_BYTES = 256 << 20  # of an answer: a page holds it in memory
SPARE = 1 << 30  # bytes beside DuckDB's own bound: the interpreter, and the answer on its way
MEMORY = 2 << 30
NO_MEMORY = "The query needs more memory than it may take (2 GB): narrow it down."
_TOO_LARGE = f"The answer is larger than {MOST_BYTES >> 20} MB: select fewer columns or rows."
_CLOSED: Mapping[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "allow_community_extensions": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",  # a name is never a variable of this program
    "temp_directory": "",
    "memory_limit": "2GB",
    "threads": "1",  # rows come in one order
}


def connect() -> duckdb.DuckDBPyConnection:
    """A connection that reads nothing but what is registered with it."""
    import duckdb

    return duckdb.connect(":memory:", config=dict(_CLOSED))


def main() -> int:
    with os.fdopen(os.dup(1), "wb") as answer:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a library prints is no answer
        question = json.load(sys.stdin)
        _bound(question["seconds"])
        return _answer(question, answer)


def _bound(seconds: float) -> None:
    """What DuckDB does not count (one giant text), the system does; and an orphan ends by itself."""
    import resource

    for kind, most in (
        (resource.RLIMIT_DATA, MEMORY + SPARE),
        (resource.RLIMIT_CPU, int(seconds) + 10),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _answer(question: Mapping[str, Any], answer: BinaryIO) -> int:
    import duckdb
    import pyarrow

    connection = connect()
    try:
        connection.execute("set timezone = 'UTC'")
        for name, descriptor in question["views"].items():
            source = pyarrow.memory_map(f"/dev/fd/{descriptor}")
            connection.register(name, pyarrow.ipc.open_file(source).read_all())
        connection.execute(f"create macro asof_instant() as timestamptz '{question['asof']}'")
        connection.execute(f"create macro asof_date() as date '{question['day']}'")
        connection.execute("set lock_configuration = true")
        asked = connection.sql(question["text"])
        rows = asked.project(plain(asked.columns, asked.types)).limit(question["rows"])
        with rows.to_arrow_reader(2_048) as batches, pyarrow.ipc.new_file(answer, batches.schema) as out:
            size = 0
            for batch in batches:
                size += batch.nbytes
                if size > MOST_BYTES:
                    return _refused(answer, _TOO_LARGE)
                out.write_batch(batch)
    except (duckdb.OutOfMemoryException, pyarrow.ArrowMemoryError, MemoryError):
        return _refused(answer, NO_MEMORY)
    except (duckdb.Error, pyarrow.ArrowException) as fault:
        text = str(fault)
        return _refused(answer, _TOO_LARGE if "maximum total string size" in text else _told(text))
    finally:
        connection.close()
    return 0


def _refused(answer: BinaryIO, why: str) -> int:
    answer.flush()
    answer.seek(0)
    answer.truncate()
    answer.write(why.encode())
    return REFUSED


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


def _told(text: str) -> str:
    """DuckDB's error in a sentence: its first line, without the kind and without the picture of the line."""
    first = text.split("\n", 1)[0]
    kind, colon, rest = first.partition(": ")
    told = rest if colon and kind.endswith("Error") else first
    return told.rstrip(".!") + "."


if __name__ == "__main__":
    sys.exit(main())

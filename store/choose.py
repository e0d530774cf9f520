"""Which of the two sorted copies answers a read with fewer rows touched."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date

from store.clock import to_days
from store.files import ROW_GROUP, LiveFile

_OPENING = 5_000  # what opening a file costs, in rows read
_SORTING = 2.0  # rows of the copy by year are sorted by security before they are answered


def cheaper(
    files: Sequence[LiveFile], ids: tuple[int, ...] | None, start: date | None, end: date | None
) -> list[LiveFile]:
    """The fragments, and either the copy by security or the copy by year."""
    fragments = fragments_of(files, ids)
    by_security = sorted_by_security(files, ids)
    by_year = [file for file in files if file.layout == "by_year"]
    low = None if start is None else to_days(start)
    high = None if end is None else to_days(end)
    across = sum(_touched(file.rows, _share_of_ids(file, ids)) for file in by_security)
    down = sum(_touched(file.rows, _share_of_days(file, low, high)) for file in by_year)
    return (by_security if across <= down * _SORTING else by_year) + fragments


def sorted_by_security(files: Sequence[LiveFile], ids: tuple[int, ...] | None) -> list[LiveFile]:
    """The files of the copy by security that may hold any of ``ids``."""
    return [file for file in files if file.layout == "by_security" and _holds(file, ids)]


def fragments_of(files: Sequence[LiveFile], ids: tuple[int, ...] | None) -> list[LiveFile]:
    """The fragments that may hold any of ``ids``."""
    return [file for file in files if file.layout == "fragment" and _holds(file, ids)]


def _touched(rows: int, share: float) -> float:
    return _OPENING + max(min(rows, ROW_GROUP), rows * share)


def _count(ids: tuple[int, ...], file: LiveFile) -> int:
    return bisect_right(ids, file.max_security) - bisect_left(ids, file.min_security)


def _holds(file: LiveFile, ids: tuple[int, ...] | None) -> bool:
    return ids is None or _count(ids, file) > 0


def _share_of_ids(file: LiveFile, ids: tuple[int, ...] | None) -> float:
    if ids is None:
        return 1.0
    return min(1.0, _count(ids, file) / (file.max_security - file.min_security + 1))


def _share_of_days(file: LiveFile, low: int | None, high: int | None) -> float:
    first = file.min_session if low is None else max(low, file.min_session)
    last = file.max_session if high is None else min(high, file.max_session)
    return max(0, last - first + 1) / (file.max_session - file.min_session + 1)

"""TA-Lib, imported without pandas: its wrappers for Series cost half a second of a first page; arrays need none."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import contextmanager
from functools import cache
from importlib.abc import MetaPathFinder
from threading import get_ident
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.machinery import ModuleSpec
    from types import ModuleType


class _Refused(MetaPathFinder):
    """Finds no pandas in this thread; other threads find it."""

    def __init__(self) -> None:
        self.thread = get_ident()

    def find_spec(
        self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name == "pandas" and get_ident() == self.thread:
            raise ModuleNotFoundError("pandas is left out here", name="pandas")
        return None


@contextmanager
def _without_pandas() -> Iterator[None]:
    finder = _Refused()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


@cache
def talib() -> Any:
    """TA-Lib and its abstract interface. Where pandas was imported before, or TA-Lib was, it is as it always is."""
    with _without_pandas():
        import talib
        import talib.abstract
    return talib

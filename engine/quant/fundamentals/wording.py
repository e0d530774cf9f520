"""Text that is put together only where somebody reads it.

A figure says how it came about. Pages show that; panels of a run's years ask the same figures for their values alone,
many thousand times.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Text: TypeAlias = str | Callable[[], str]


def spelled(text: Text) -> str:
    """The text itself."""
    return text if isinstance(text, str) else text()

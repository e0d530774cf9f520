"""What is wrong with a screen, and where."""

from __future__ import annotations

from engine.quant.expressions import ExpressionError


class ScreenError(ExpressionError):
    """A screen that cannot be read. ``start`` and ``end`` are offsets of the word at fault in its text; ``nearest``
    are words that could stand there, best first."""

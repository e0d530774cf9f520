"""What is wrong with an expression, and where."""

from __future__ import annotations


class ExpressionError(ValueError):
    """An expression that cannot be read. ``start`` and ``end`` are offsets of the word at fault in its text;
    ``nearest`` are words that could stand there, best first."""

    def __init__(self, message: str, start: int, end: int, nearest: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message, self.start, self.end, self.nearest = message, start, end, nearest

"""What is wrong with rules, and where."""

from __future__ import annotations

from engine.quant.expressions import ExpressionError


class RuleError(ExpressionError):
    """Rules that cannot be read, or not be answered. ``start`` and ``end`` are offsets of the word at fault in their
    text; ``nearest`` are words that could stand there, best first."""

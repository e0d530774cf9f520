"""What can be wrong with a user's strategy."""

from __future__ import annotations


class StrategyError(ValueError):
    """A strategy that cannot be read or asked, or whose answer is none; the sentence says where."""


class LookAheadError(StrategyError):
    """A strategy asked for what was not known yet."""

"""Errors that a user is meant to read. Each says what was wrong, where, and the nearest valid form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


class AsofError(Exception):
    """Base of every error whose message is written for the user."""


@dataclass
class CommandError(AsofError):
    """A line that cannot be run.

    ``start``/``end`` are offsets into ``line`` of the word at fault; ``suggestions`` are whole lines
    (or words, where no line can be made) that would be valid, best first.
    """

    message: str
    line: str = ""
    start: int = 0
    end: int = 0
    suggestions: tuple[str, ...] = field(default_factory=tuple)
    argument: str = ""  # the argument at fault, where a function finds it: the desk finds its word

    def __str__(self) -> str:
        return self.message

    def pointer(self) -> str:
        """The line with carets below the word at fault, and what would be valid."""
        parts = [self.message]
        if self.line:
            width = max(1, self.end - self.start)
            parts += ["  " + self.line, "  " + " " * self.start + "^" * width]
        if self.suggestions:
            parts.append("  try: " + "   ".join(self.suggestions))
        return "\n".join(parts)


class NotKnownThen(CommandError):
    """A line that is well formed, but whose security was not known at the clock that was set."""


class DataError(AsofError):
    """The store cannot answer: nothing loaded, not yet known at the clock, or a file is damaged."""


class Cancelled(AsofError):
    """The user cancelled the work."""


@dataclass(frozen=True, slots=True)
class SecretField:
    """One part of a secret that a person types into a masked field."""

    name: str
    label: str


@dataclass
class NeedsSecret(AsofError):
    """The line goes on only with a secret, typed into masked fields and never part of a line.

    ``keep`` is given the values by field, keeps them and answers where, in a sentence; it raises AsofError
    where they cannot be kept. ``after`` is the line to run then.
    """

    title: str
    about: tuple[str, ...]
    fields: tuple[SecretField, ...]
    keep: Callable[[Mapping[str, str]], str]
    after: str

    def __str__(self) -> str:
        return f"{self.title}: a masked field asks for it."

"""The lines typed before, walked with Up and Down; below the newest stands what was being typed."""

from __future__ import annotations


class Recall:
    """A list of lines, each once, newest last, with a place in it while it is being walked."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.added: list[str] = []  # in this session
        self._at: int | None = None
        self._draft = ""

    def add(self, line: str) -> None:
        """A line was run: it is the newest now, and the walk starts afresh."""
        self.lines = [*(old for old in self.lines if old != line), line]
        self.added = [*(old for old in self.added if old != line), line]
        self._at = None

    def step(self, by: int, typed: str) -> str | None:
        """The line that way from ``typed``; None where there is none."""
        if not self.lines or (self._at is None and by > 0):
            return None
        if self._at is None:
            self._draft, self._at = typed, len(self.lines)
            if self.lines[-1] == typed:  # a line at fault stands on the bar already
                self._at -= 1
        self._at = max(0, self._at + by)
        if self._at >= len(self.lines):
            self._at = None
            return self._draft
        return self.lines[self._at]

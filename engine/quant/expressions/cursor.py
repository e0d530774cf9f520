"""A place in the words of a text, and what every recursive reader of them asks there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from engine.quant.expressions.errors import ExpressionError
from engine.quant.expressions.words import Token

DEEPEST = 40


class Cursor:
    """Words read one after the other; ``next`` is the one ahead, the last is of kind "end"."""

    error: type[ExpressionError] = ExpressionError

    def __init__(self, words: tuple[Token, ...]) -> None:
        self.words, self.at, self.depth = words, 0, 0

    @property
    def next(self) -> Token:
        return self.words[self.at]

    def take(self) -> Token:
        token = self.next
        self.at += token.kind != "end"
        return token

    def ahead(self, *texts: str) -> bool:
        """Whether the next word is one of these marks or keywords."""
        return self.next.kind in ("mark", "keyword") and self.next.text in texts

    def takes(self, *texts: str) -> bool:
        """Whether the next word is one of these; it is then behind us."""
        found = self.ahead(*texts)
        self.at += found
        return found

    def expect(self, text: str, why: str) -> Token:
        if not self.ahead(text):
            raise self.fault(self.next, f"{why}, and {told(self.next)} stands there instead.", (text,))
        return self.take()

    def fault(self, token: Token, message: str, nearest: tuple[str, ...] = ()) -> ExpressionError:
        return self.error(message, token.start, token.end, nearest)

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """One level of nesting; what is nested too deep is refused before Python's stack is."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.fault(
                self.next, f"The expression is nested deeper than {DEEPEST} levels: take parentheses away."
            )
        yield
        self.depth -= 1


def told(token: Token) -> str:
    """A word as a sentence names it."""
    return "the end" if token.kind == "end" else f"{token.text!r}"

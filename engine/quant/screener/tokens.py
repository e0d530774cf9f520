"""The words of a screen."""

from __future__ import annotations

from engine.quant.expressions import Token, Vocabulary, words
from engine.quant.screener.errors import ScreenError

MOST_CHARACTERS, MOST_WORDS = 2_000, 400
KEYWORDS = ("and", "or", "not", "between", "in", "top", "bottom", "by", "within")
_VOCABULARY = Vocabulary(
    keywords=frozenset(KEYWORDS),
    marks=("<=", ">=", "!=", "-", "+", "*", "/", "(", ")", "<", ">", "=", ","),
    fault=ScreenError,
    hint="Conditions are joined by and, or, not; text goes in straight quotes.",
    most_characters=MOST_CHARACTERS,
    most_words=MOST_WORDS,
)


def tokens(text: str) -> tuple[Token, ...]:
    """The words of ``text``, with one of kind "end" after them.

    Raises
    ------
    ScreenError
        What is no word, a quotation that never closes, or too long a text.
    """
    return words(text, _VOCABULARY)

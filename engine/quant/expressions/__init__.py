"""What languages of expressions share: words that remember where they stood, a reader of them, and the error.

    >>> from engine.quant.expressions import Vocabulary, words
    >>> vocabulary = Vocabulary(keywords=frozenset({"and"}), marks=("<=", "<", "(", ")"))
    >>> [(each.kind, each.text, each.start) for each in words("pe <= 5% and", vocabulary)]
    [('name', 'pe', 0), ('mark', '<=', 3), ('number', '5%', 6), ('keyword', 'and', 9), ('end', '', 12)]

A language derives its reader from ``Cursor`` and its error from ``ExpressionError``; screens
(``engine.quant.screener``) and the rules of backtests are written so. Nothing is ever run as code.
"""

from engine.quant.expressions.cursor import Cursor
from engine.quant.expressions.errors import ExpressionError
from engine.quant.expressions.words import SCALES, Token, Vocabulary, words

__all__ = ["SCALES", "Cursor", "ExpressionError", "Token", "Vocabulary", "words"]

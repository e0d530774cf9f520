"""A small word list that scores what people write about shares: our own, open, and crude.

The idea, counting words of two lists, is Loughran and McDonald's ("When Is a Liability Not a Liability?",
Journal of Finance 66(1), 2011). The words are ours and fit short posts rather than filings. Irony, negation
beyond the word before, and what a picture says escape it.
"""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


POSITIVE = _words(
    "beat beats beating bull bullish buy buying bought calls cheap climb climbed climbing gain gained gains growth "
    "good great green high higher hold holding long love moon oversold outperform outperformed profit profits "
    "profitable raise raised rally rallied rallying rebound recover recovered recovery rise rises rising rocket "
    "soar soared soaring solid strong stronger surge surged surging undervalued up upgrade upgraded upside win "
    "winner winning"
)
NEGATIVE = _words(
    "bad bag bagholder bankrupt bankruptcy bear bearish bubble collapse collapsed crash crashed crashing cut cuts "
    "decline declined declining delisted dilution down downgrade downgraded downside drop dropped dropping dump "
    "dumped dumping expensive fail failed fall fallen falling fear fraud lawsuit lose loser losing loss losses "
    "lost low lower miss missed misses overbought overvalued panic plunge plunged plunging poor puts recession "
    "red sell selling short sink sinking slump sold tank tanked tanking terrible weak weaker worse worst"
)
NEGATIONS = _words("not no never isn't wasn't aren't don't doesn't didn't won't can't without")
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


def score(text: str) -> float:
    """``(p - n) / (p + n)`` over the positive and negative words of a text, from -1 to 1; 0 where it has none.

    A word right after a negation counts for the other side.
    """
    positive = negative = 0
    before = ""
    for word in _WORD.findall(text.lower().replace("\u2019", "'")):
        sign = (word in POSITIVE) - (word in NEGATIVE)
        if before in NEGATIONS:
            sign = -sign
        positive += sign > 0
        negative += sign < 0
        before = word
    return (positive - negative) / (positive + negative) if positive + negative else 0.0

"""The words of option rules."""

from __future__ import annotations

from difflib import get_close_matches

from engine.backtest.rules.errors import RuleError
from engine.quant.expressions import Token, Vocabulary, words

SIDES = ("sell", "buy")
CLAUSES = (
    *SIDES,
    "hold",
    "close",
    "take",
    "stop",
    "exit",
    "every",
    "when",
    "size",
    "fill",
    "prices",
    "commission",
)
EVERY = ("daily", "weekly", "monthly", "quarterly", "yearly")
SIZES = ("contracts", "cash_secured", "notional", "margin")
_OTHERS = (
    "call", "put", "delta", "strike", "expiry", "and", "shares", "at", "profit", "loss", "days", "day", "before",
    "flat", "dte", "of", "credit", "debit", "premium", "quotes", "mid", "quoted", "simulated",
)  # fmt: skip
_VOCABULARY = Vocabulary(
    keywords=frozenset((*CLAUSES, *EVERY, *SIZES, *_OTHERS)),
    marks=(",", ";", "(", ")"),
    fault=RuleError,
    noun="text of the rules",
    one="option rules",
    hint="Legs are parted by commas, clauses by ; or a new line.",
    comments=True,
)


def tokens(text: str) -> tuple[Token, ...]:
    """The words of option rules. Raises RuleError where something is no word."""
    return words(text, _VOCABULARY)


def begins(text: str) -> bool:
    """Whether a text is option rules by its first word, sell or buy."""
    for line in text.splitlines():
        said = line.partition("#")[0].split()
        if said:
            return said[0].lower() in SIDES
    return False


def nearest(word: str, among: tuple[str, ...]) -> tuple[str, ...]:
    """Words that ``word`` may be a slip of, best first; all of them where none is near."""
    return tuple(get_close_matches(word, among, n=3, cutoff=0.55)) or among

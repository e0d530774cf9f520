"""The words of rules: what a value may be called, and the nearest to what is none."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches

from engine.backtest.rules.errors import RuleError
from engine.quant.expressions import Token, Vocabulary, words
from engine.quant.indicators import CATALOGUE, Indicator, indicator
from engine.quant.screener import ALIASES, KINDS

FIELDS = ("open", "high", "low", "close", "volume")
# the screener's; rsi_14 is rsi(14) here
CHARACTERISTICS = tuple(
    name for name, kind in KINDS.items() if kind == "number" and name not in (*FIELDS, "rsi_14")
)
FUNCTIONS: Mapping[str, tuple[int, int]] = {
    "abs": (1, 1),
    "larger": (2, 20),
    "smaller": (2, 20),
    "known": (1, 1),
}
SYNONYMS: Mapping[str, str] = {"highest": "MAX", "lowest": "MIN", "log": "LN", "bb": "BBANDS"}
CLAUSES = ("long", "exit", "short", "cover", "size", "stop", "trail", "take", "hold", "rebalance", "delay", "top",
           "bottom")  # fmt: skip
JOINERS = ("and", "or", "not", "between", "cross", "crosses", "above", "below", "when", "by", "in")
MOST_CHARACTERS, MOST_WORDS = 8_000, 1_200
_VOCABULARY = Vocabulary(
    keywords=frozenset((*CLAUSES, *JOINERS)),
    marks=("<=", ">=", "!=", "-", "+", "*", "/", "(", ")", "[", "]", "<", ">", "=", ",", ";", "."),
    fault=RuleError,
    noun="text of the rules",
    one="rules",
    hint="Clauses are parted by ; or a new line, conditions joined by and, or, not.",
    most_characters=MOST_CHARACTERS,
    most_words=MOST_WORDS,
    comments=True,
)


def tokens(text: str) -> tuple[Token, ...]:
    """The words of rules. Raises RuleError where something is no word."""
    return words(text, _VOCABULARY)


def found_indicator(name: str) -> Indicator | None:
    """The catalogue's entry that rules call ``name``."""
    try:
        return indicator(SYNONYMS.get(name, name))
    except ValueError:
        return None


def value_name(token: Token, panels: Collection[str]) -> str:
    """The canonical name of a field, characteristic or panel. Raises RuleError with the nearest names."""
    name = token.text
    if name in FIELDS or name in panels or name in CHARACTERISTICS:
        return name
    if ALIASES.get(name) in CHARACTERISTICS:
        return ALIASES[name]
    if name in FUNCTIONS or found_indicator(name):
        raise RuleError(f"{name} goes with parentheses: {name}().", token.start, token.end, (f"{name}()",))
    near = nearest(name, [*FIELDS, *panels, *CHARACTERISTICS, *(each.lower() for each in CATALOGUE)])
    raise RuleError(
        f"{name} is no field, characteristic or indicator.{_meant(near)}", token.start, token.end, near
    )


def no_function(token: Token) -> RuleError:
    """What is said of a call of nothing."""
    near = nearest(token.text, [*FUNCTIONS, *SYNONYMS, *(each.lower() for each in CATALOGUE)])
    return RuleError(f"{token.text} is no indicator or function.{_meant(near)}", token.start, token.end, near)


def nearest(name: str, among: Collection[str]) -> tuple[str, ...]:
    """At most three words that ``name`` may be a slip of, best first."""
    return tuple(get_close_matches(name, list(dict.fromkeys(among)), n=3, cutoff=0.55))


def _meant(near: tuple[str, ...]) -> str:
    return f" Nearest: {', '.join(near)}." if near else " FLDS lists the indicators."

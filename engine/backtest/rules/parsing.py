"""What rules read, and their parser."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from engine.backtest.rules.book import Rules
from engine.backtest.rules.clauses import read
from engine.backtest.rules.optimised import OPTIMISERS
from engine.backtest.rules.short import parse_short
from engine.backtest.rules.tree import Line, Name, walk
from engine.backtest.rules.vocabulary import FIELDS


@dataclass(frozen=True, slots=True)
class Inputs:
    """What rules read, each once, in the order of the text: fields of bars, indicators, characteristics (and panels
    of the caller's), universes."""

    fields: tuple[str, ...]
    indicators: tuple[str, ...]
    characteristics: tuple[str, ...]
    universes: tuple[str, ...]


def parse(text: str, *, panels: Collection[str] = (), universes: Collection[str] | None = None) -> Rules:
    """The rules of a line or a file, which may begin with a short form.

    Parameters
    ----------
    text : ``long when sma(close, 50) > ema(close, 200); stop 3*atr(20)``, one clause a line in a file, # a comment
    panels : names beyond the catalogue, in lower case, that the caller will give values for (a model's score)
    universes : names that ``in`` may take, in lower case; any where None

    Returns
    -------
    The rules with what is left unsaid filled in: a position lasts while its condition holds where no other way out is
    said, rankings are renewed monthly, sizes are equal, fills come at the next open (delay 1).

    Raises
    ------
    RuleError
        With offsets of the word at fault and the nearest words that would do.
    """
    return _parsed(text, tuple(panels), None if universes is None else tuple(universes))


@lru_cache(maxsize=256)
def _parsed(text: str, panels: tuple[str, ...], universes: tuple[str, ...] | None) -> Rules:
    """Rules never change: a text is read once for the line, the run and its pages."""
    short = parse_short(text, panels=panels, universes=universes)
    return short or read(text, panels=panels, universes=universes)


def names(rules: Rules) -> Inputs:
    """Everything that the rules read."""
    fields: dict[str, None] = {}
    lines: dict[str, None] = {}
    others: dict[str, None] = {}
    for condition in rules.conditions():
        for node in walk(condition):
            if isinstance(node, Line):
                lines[node.indicator] = None
            elif isinstance(node, Name):
                (fields if node.name in FIELDS else others)[node.name] = None
    if rules.size.kind == "volatility_target" or rules.size.kind in OPTIMISERS:
        fields["close"] = None
    universes = [each.universe for each in (rules.longs, rules.shorts) if each is not None and each.universe]
    return Inputs(tuple(fields), tuple(lines), tuple(others), tuple(dict.fromkeys(universes)))

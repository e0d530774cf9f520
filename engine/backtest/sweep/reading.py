"""The points of a grid as rules; the words that short forms share are read once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from engine.backtest import rules as language
from engine.backtest.rules import Node, Rules
from engine.backtest.rules.tree import Comparison, Not

_PAIR = re.compile(r"\s*([A-Za-z0-9_]+)([.<>])([A-Za-z0-9_]+(?:\.[0-9]+)?)\s*")


@dataclass(slots=True)
class Reader:
    """Reads texts; ``panels`` and ``universes`` as of ``rules.parse``."""

    panels: tuple[str, ...] = ()
    universes: tuple[str, ...] | None = None
    _sides: dict[str, Node] = field(default_factory=dict)
    _read: dict[str, Rules] = field(default_factory=dict)
    _model: Rules | None = None  # what a short form leaves unsaid

    def __call__(self, text: str) -> Rules:
        """The rules of a text, as ``rules.parse`` reads them.

        Raises
        ------
        RuleError
        """
        found = self._read.get(text)
        if found is None:
            pair = _PAIR.fullmatch(text)
            found = self._whole(text) if pair is None else self._pair(text, *pair.groups())
            self._read[text] = found
        return found

    def _whole(self, text: str) -> Rules:
        return language.parse(text, panels=self.panels, universes=self.universes)

    def _pair(self, text: str, left: str, sign: str, right: str) -> Rules:
        """A short form; its sides may have been read in another."""
        if self._model is not None and left in self._sides and right in self._sides:
            condition = Comparison(self._sides[left], "<" if sign == "<" else ">", self._sides[right])
            return replace(self._model, long=condition, exit=Not(condition))
        read = self._whole(text)
        if isinstance(read.long, Comparison):
            self._model = read
            self._sides[left], self._sides[right] = read.long.left, read.long.right
        return read


@lru_cache(maxsize=8)
def read_texts(
    texts: tuple[str, ...], panels: tuple[str, ...], universes: tuple[str, ...] | None
) -> tuple[tuple[tuple[list[int], list[Rules]], ...], tuple[tuple[int, str], ...]]:
    """Groups of ``by_terms`` (places and rules), and places and reasons of texts that are no rules.

    The same texts are read once, for however many symbols.
    """
    reader = Reader(panels, universes)
    places, read, failed = [], [], []
    for place, text in enumerate(texts):
        try:
            read.append(reader(text))
            places.append(place)
        except language.RuleError as fault:
            failed.append((place, str(fault)))
    groups = by_terms(read).values()
    return tuple(([places[at] for at in each], [read[at] for at in each]) for each in groups), tuple(failed)


def by_terms(read: Sequence[Rules]) -> dict[tuple[object, ...], list[int]]:
    """Places of rules that differ in their conditions alone, and have the same ones."""
    found: dict[tuple[object, ...], list[int]] = {}
    for at, each in enumerate(read):
        given = tuple(one is not None for one in (each.long, each.exit, each.short, each.cover))
        guards = (each.stop, each.trail, each.take)
        terms = (given, guards, each.size, each.hold, each.rebalance, each.delay)
        found.setdefault(terms, []).append(at)
    return found

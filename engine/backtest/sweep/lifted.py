"""Conditions of many points answered at once: a column a point, each different number worked out once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np

from engine.backtest.inputs import Bools
from engine.backtest.market import Floats
from engine.backtest.rules import Values
from engine.backtest.rules.tree import And, Between, Comparison, Node, Not, Or
from engine.backtest.rules.values import Truth


class Lifted:
    """``Values`` of one symbol, asked for many conditions of one shape: answers have a column for each of them.

    Row t of every answer uses rows up to t, as ``Values`` has it.
    """

    def __init__(self, values: Values) -> None:
        if values.shape[1] != 1:
            raise ValueError("points stand beside each other over one symbol")
        self.values = values
        self._known: dict[tuple[int, ...], tuple[Sequence[Node], Truth]] = {}

    def truth(self, nodes: Sequence[Node]) -> Truth:
        """Conditions, int8 (n, p) or, where all are the same, (n, 1): 1 true, -1 false, 0 unknown."""
        key = tuple(map(id, nodes))  # an exit is often the entry's own condition, turned round
        if key not in self._known:
            self._known[key] = (nodes, self._truth(nodes))
        return self._known[key][1]

    def _truth(self, nodes: Sequence[Node]) -> Truth:
        first = nodes[0]
        if all(each == first for each in nodes):
            return self.values.truth(first)
        kinds = {type(each) for each in nodes}
        if len(kinds) > 1:
            return self._each(nodes)
        match first:
            case Not():
                return -self.truth([each.of for each in cast("Sequence[Not]", nodes)])
            case And() | Or():
                parts = [each.parts for each in cast("Sequence[And | Or]", nodes)]
                if len({len(each) for each in parts}) > 1:
                    return self._each(nodes)
                join = np.minimum if isinstance(first, And) else np.maximum
                found = self.truth([each[0] for each in parts])
                for at in range(1, len(parts[0])):
                    found = join(found, self.truth([each[at] for each in parts]))
                return found
            case Comparison():
                return self._compared(cast("Sequence[Comparison]", nodes))
            case Between():
                between = cast("Sequence[Between]", nodes)
                of = [each.of for each in between]
                low = [Comparison(x, ">=", each.low) for x, each in zip(of, between, strict=True)]
                high = [Comparison(x, "<=", each.high) for x, each in zip(of, between, strict=True)]
                return np.minimum(self.truth(low), self.truth(high))
            case _:
                return self._each(nodes)

    def _each(self, nodes: Sequence[Node]) -> Truth:
        """One at a time, each different one once."""
        places, index = _places(nodes)
        return np.hstack([self.values.truth(each) for each in places])[:, index]

    def _compared(self, nodes: Sequence[Comparison]) -> Truth:
        signs = {each.sign for each in nodes}
        if len(signs) > 1:
            return self._each(nodes)
        left, left_blank = self._numbers([each.left for each in nodes])
        right, right_blank = self._numbers([each.right for each in nodes])
        sign = signs.pop()
        held = _SIGNS[sign](left, right).view(np.int8)
        known = ~(left_blank | right_blank)
        found = (held * np.int8(2) - np.int8(1)) * known.view(np.int8)
        return np.ascontiguousarray(found.T)

    def _numbers(self, nodes: Sequence[Node]) -> tuple[Floats, Bools]:
        """Numbers, a row a point (p, n), or (1, n) where all are the same; and which are not known."""
        places, index = _places(nodes)
        rows = self.values.shape[0]
        found = np.empty((len(places), rows))
        for row, each in zip(found, places, strict=True):
            number = self.values.number(each)
            row[:] = number if number.ndim == 0 else number[:, 0]
        blank = np.isnan(found)
        return (found, blank) if len(places) == 1 else (found[index], blank[index])


def _places(nodes: Sequence[Node]) -> tuple[dict[Node, int], list[int]]:
    """Different nodes with their places, and the place of each; the same object is not looked at twice."""
    places: dict[Node, int] = {}
    seen: dict[int, int] = {}
    index = []
    for each in nodes:
        place = seen.get(id(each))
        if place is None:
            place = seen[id(each)] = places.setdefault(each, len(places))
        index.append(place)
    return places, index


_SIGNS = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "=": np.equal,
          "!=": np.not_equal}  # fmt: skip

"""Cross rates: every currency against every other, from pairs that share one."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = [
    "Cross",
    "crosses",
]


@dataclass(frozen=True, slots=True)
class Cross:
    """How many of ``quote`` one ``base`` costs, and the pairs it was worked out from, in order."""

    base: str
    quote: str
    rate: float
    pairs: tuple[str, ...]


def crosses(rates: Mapping[str, float], currencies: Sequence[str]) -> dict[tuple[str, str], Cross]:
    """Rates of all ordered pairs of ``currencies`` that ``rates`` (by pair: EURUSD) lead to.

    The way with the fewest pairs is taken; of two, the one whose pairs come first in ``rates``. Rates of one pair
    and of its reverse are each other's reciprocals. Rates that are not above zero are passed over.
    """
    edges: dict[str, dict[str, tuple[float, str]]] = {}
    for pair, rate in rates.items():
        if len(pair) == 6 and rate > 0:
            base, quote = pair[:3], pair[3:]
            edges.setdefault(base, {}).setdefault(quote, (rate, pair))
            edges.setdefault(quote, {}).setdefault(base, (1.0 / rate, pair))
    found: dict[tuple[str, str], Cross] = {}
    for at, base in enumerate(currencies):
        reached = _reached(base, edges)
        for quote in currencies[at + 1 :]:
            if quote in reached and quote != base:
                rate, pairs = reached[quote]
                found[base, quote] = Cross(base, quote, rate, pairs)
                found[quote, base] = Cross(quote, base, 1.0 / rate, pairs[::-1])
    return found


def _reached(
    start: str, edges: Mapping[str, Mapping[str, tuple[float, str]]]
) -> dict[str, tuple[float, tuple[str, ...]]]:
    """Every currency reached from ``start``, breadth first: the rate to it and the pairs on the way."""
    reached: dict[str, tuple[float, tuple[str, ...]]] = {start: (1.0, ())}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        rate, pairs = reached[here]
        for there, (step, pair) in edges.get(here, {}).items():
            if there not in reached:
                reached[there] = (rate * step, (*pairs, pair))
                waiting.append(there)
    return reached

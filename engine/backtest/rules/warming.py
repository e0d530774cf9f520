"""How many bars rules read before the first session that they decide: to know everything, and to have forgotten."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from engine.backtest.rules.book import Rules
from engine.backtest.rules.characteristics import WARM_UP
from engine.backtest.rules.optimised import window_of
from engine.backtest.rules.tree import Cross, Line, Name, Node, Previous, Setting, children
from engine.quant.indicators import indicator
from engine.quant.indicators.memory import forgets

MOST_SETTLING = (
    2_520  # sessions beyond ``warm_up``: ten years, in which an EMA of 365 sessions forgets its seed
)


def warm_up(rules: Rules) -> int:
    """Bars before the first session on which everything in the rules can be known: the longest of their expressions.

    What an indicator is seeded with weighs on longer (``settling``).
    """
    of_size = int(rules.size.values[1]) if rules.size.kind == "volatility_target" else 0
    return max([of_size, window_of(rules.size), *(_bars(each, _known) for each in rules.conditions())])


def settling(rules: Rules) -> int:
    """Bars before the first session on which, besides, less than 1e-6 is left in any indicator of what it was seeded
    with (``engine.quant.indicators.memory``): its values no longer depend on where reading began.

    At most ``MOST_SETTLING`` beyond ``warm_up``. What is cumulated from the first bar on (OBV) keeps it for ever.
    """
    known = warm_up(rules)
    settled = max([known, *(_bars(each, _settled) for each in rules.conditions())])
    return min(settled, known + MOST_SETTLING)


def _known(line: Line) -> int:
    return _of_indicator(line.indicator, line.settings)[0]


def _settled(line: Line) -> int:
    return sum(_of_indicator(line.indicator, line.settings))


@lru_cache(maxsize=4_096)
def _of_indicator(name: str, settings: tuple[Setting, ...]) -> tuple[int, int]:
    """Bars until an indicator's first value, and from there until it forgot its seed."""
    entry = indicator(name)
    given = dict(zip((each.name for each in entry.parameters), settings, strict=True))
    return entry.warm_up(**given), forgets(name, given)


def _bars(node: Node, of_line: Callable[[Line], int]) -> int:
    below = max((_bars(each, of_line) for each in children(node)), default=0)
    match node:
        case Name(name):
            return WARM_UP.get(name, 0)
        case Line():
            return below + of_line(node)
        case Previous(_, bars):
            return below + bars
        case Cross():
            return below + 1
        case _:
            return below

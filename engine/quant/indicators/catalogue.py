"""The catalogue: every indicator by name, what TA-Lib computes and what it has not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches

from engine.quant.indicators import _measures, _momentum, _overlap, _own, _patterns
from engine.quant.indicators._table import read
from engine.quant.indicators.indicator import Indicator


def _all() -> dict[str, Indicator]:
    by_library = [
        each
        for table in (_overlap.ROWS, _momentum.ROWS, _measures.ROWS, _patterns.ROWS)
        for each in read(table)
    ]
    own = [replace(each, maths=_own.MATHS[each.name], wait=_own.WAITS[each.name]) for each in read(_own.ROWS)]
    own = [replace(each, source="") if each.source.startswith("TA-Lib") else each for each in own]
    order = {group: at for at, group in enumerate(dict.fromkeys(each.group for each in by_library))}
    everything = sorted((*by_library, *own), key=lambda each: order[each.group])
    return {each.name: each for each in everything}


CATALOGUE: Mapping[str, Indicator] = _all()
GROUPS: tuple[str, ...] = tuple(dict.fromkeys(each.group for each in CATALOGUE.values()))
_ALIASES = {alias: each.name for each in CATALOGUE.values() for alias in each.aliases}


def indicator(name: str) -> Indicator:
    """The entry called ``name``, in any case; also by an alias (KELTNER).

    Raises
    ------
    ValueError
        No entry; the sentence names near ones.
    """
    wanted = name.upper()
    found = CATALOGUE.get(_ALIASES.get(wanted, wanted))
    if found is None:
        near = get_close_matches(wanted, [*CATALOGUE, *_ALIASES], n=3, cutoff=0.6)
        ahead = f" Near it: {', '.join(near)}." if near else ""
        raise ValueError(f"No indicator is called {name}.{ahead}")
    return found


def search(text: str) -> tuple[Indicator, ...]:
    """Entries whose name, alias, title, group or source holds every word of ``text``, in any case."""
    words = text.lower().split()

    def told(each: Indicator) -> str:
        return " ".join((each.name, *each.aliases, each.title, each.group, each.source)).lower()

    return tuple(each for each in CATALOGUE.values() if all(word in told(each) for word in words))

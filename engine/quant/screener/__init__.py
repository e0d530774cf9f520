"""Screens: conditions over a day's universe, read by a parser of their own, answered over arrays.

    >>> import numpy as np
    >>> from engine.quant import screener
    >>> day = {"mktcap": np.array([2e12, 4e9, np.nan]), "pe": np.array([28.0, 9.0, 12.0])}
    >>> tree = screener.parse("mktcap > 1B and pe < 15", screener.KINDS)
    >>> found = screener.screen(tree, day)
    >>> found.told.tolist()  # 1 passes, -1 fails, 0 unknown
    [-1, 1, 0]
    >>> [(each.text, each.passes, each.unknown, each.left) for each in found.conditions]
    [('mktcap > 1b', 2, 1, 2), ('pe < 15', 2, 0, 1)]
    >>> screener.numbers(screener.parse("rank(-pe)", screener.KINDS, want="number"), day).tolist()
    [1.0, 3.0, 2.0]

Expressions compare fields (``FIELDS`` has the catalogue) with numbers (10B, 500M, 5%), texts and each other: and, or,
not, + - * /, ``between 5 and 15``, ``sector in ("Energy", "Technology")``, ``mom_12_1 top 20%``, ``bottom 50``,
``top 3 by roe within sector``, rank, percentile, zscore, winsorize, abs, log, sqrt, min, max, known. They are parsed
into a frozen tree and never run as code. NaN and "" are unknown: a condition on them is unknown, and not passed.
"""

from engine.quant.screener.books import company_fields
from engine.quant.screener.check import ACROSS, FUNCTIONS, parse
from engine.quant.screener.errors import ScreenError
from engine.quant.screener.fields import ALIASES, FIELDS, KINDS, Field, search
from engine.quant.screener.funnel import Condition, Screened, explain, ordering, screen
from engine.quant.screener.prices import Panels, price_fields
from engine.quant.screener.tree import Node, conjuncts, field_names
from engine.quant.screener.values import numbers, truth
from engine.quant.screener.written import write

__all__ = [
    "ACROSS",
    "ALIASES",
    "FIELDS",
    "FUNCTIONS",
    "KINDS",
    "Condition",
    "Field",
    "Node",
    "Panels",
    "ScreenError",
    "Screened",
    "company_fields",
    "conjuncts",
    "explain",
    "field_names",
    "numbers",
    "ordering",
    "parse",
    "price_fields",
    "screen",
    "search",
    "truth",
    "write",
]

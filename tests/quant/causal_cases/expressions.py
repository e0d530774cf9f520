"""Expressions: words have no time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.quant.causal import Floats, Market

CASES: Mapping[str, Callable[[Market], Floats]] = {}
TIMELESS: Mapping[str, str] = {"expressions.words": "of a text: it has no time axis"}

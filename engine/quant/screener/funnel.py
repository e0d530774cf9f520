"""A screen of a day: who passes, and how many pass each condition in turn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.quant.screener.tree import And, Node, conjuncts
from engine.quant.screener.values import FALSE, TRUE, UNKNOWN, Columns, Truth, numbers, size, truth
from engine.quant.screener.written import write


@dataclass(frozen=True, slots=True)
class Condition:
    """One of the conditions that are joined by and. ``passes``, ``fails`` and ``unknown`` count the day's whole
    universe; ``left``: how many pass this condition and all before it."""

    text: str
    passes: int
    fails: int
    unknown: int
    left: int


@dataclass(frozen=True, slots=True)
class Screened:
    """``told`` int8 (n,): 1 passes, -1 fails, 0 unknown."""

    told: Truth
    conditions: tuple[Condition, ...]
    score: NDArray[np.float64] | None = None

    @property
    def passes(self) -> NDArray[np.bool_]:
        return np.asarray(self.told == TRUE)

    @property
    def unknown(self) -> int:
        """How many would pass or fail by a value that is not known."""
        return int((self.told == UNKNOWN).sum())


def screen(tree: Node, columns: Columns, score: Node | None = None) -> Screened:
    """The day's universe by a checked condition, and by a score where one is given.

    Parameters
    ----------
    tree : of ``parse``
    columns : of each field that ``field_names`` names, (n,) numbers (NaN is unknown) or texts ("" is unknown)
    score : a checked number; the whole universe is scored, so that a rank is a rank in the universe

    Returns
    -------
    Screened, with conditions counted in the order of the text.
    """
    parts = conjuncts(tree)
    told = [truth(part, columns) for part in parts]
    found: list[Condition] = []
    so_far = np.ones(size(columns), dtype=bool)
    for part, each in zip(parts, told, strict=True):
        so_far = so_far & (each == TRUE)
        text = f"({write(part)})" if isinstance(part, And) else write(part)
        found.append(Condition(text, *_counts(each), int(so_far.sum())))
    whole = np.minimum.reduce(told).astype(np.int8)
    return Screened(whole, tuple(found), None if score is None else numbers(score, columns))


def explain(tree: Node, columns: Columns) -> tuple[Condition, ...]:
    """How many pass, fail and are unknown at each condition in turn."""
    return screen(tree, columns).conditions


def _counts(told: Truth) -> tuple[int, int, int]:
    return int((told == TRUE).sum()), int((told == FALSE).sum()), int((told == UNKNOWN).sum())


def ordering(keys: NDArray[np.float64], places: NDArray[np.intp], *, descending: bool) -> NDArray[np.intp]:
    """``places`` (m,) by ``keys`` (n,), unknown ones last; ties stay in their order."""
    chosen = keys[places]
    signed = -chosen if descending else chosen
    return places[np.argsort(np.where(np.isfinite(signed), signed, np.inf), kind="stable")]

"""A waterfall's arithmetic: where each step begins and ends, and how it reads without colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, nan

from engine.figures import Step, Waterfall
from engine.format import DOWN, UP, format_cell

__all__ = ["Span", "share", "spans", "told"]


@dataclass(frozen=True, slots=True)
class Span:
    """A step and the levels it leads from and to; both NaN where its value is not known."""

    step: Step
    start: float
    end: float

    @property
    def low(self) -> float:
        return min(self.start, self.end)

    @property
    def high(self) -> float:
        return max(self.start, self.end)


def spans(steps: Sequence[Step]) -> tuple[Span, ...]:
    """Every step with its levels: a total stands on zero, a change on the level before it.

    A value that is not finite has no levels, and the next step goes on from the level before.
    """
    made: list[Span] = []
    level = 0.0
    for step in steps:
        value = float(step.value)
        if not isfinite(value):
            made.append(Span(step, nan, nan))
            continue
        start, end = (0.0, value) if step.total else (level, level + value)
        if not isfinite(end):
            made.append(Span(step, nan, nan))
            continue
        level = end
        made.append(Span(step, start, end))
    return tuple(made)


def share(level: float, low: float, high: float) -> float:
    """Where ``level`` lies between ``low`` and ``high``, from 0 to 1."""
    # halved before subtracting, so that two finite values of opposite sign cannot overflow
    whole = high / 2 - low / 2
    return (level / 2 - low / 2) / whole if whole > 0 else 0.0


def told(step: Step, figure: Waterfall, *, unit: bool = False) -> str:
    """The step's value: a total as it is (``= 100.00``), a change with arrow and sign (``▲ +3.20``)."""
    value = float(step.value)
    shown = format_cell(value, figure.kind, figure.decimals, figure.unit if unit else "")
    if step.total:
        return f"= {shown}"
    if figure.kind == "change" or not isfinite(value) or not any(digit in shown for digit in "123456789"):
        return shown
    return f"{UP} +{shown}" if value > 0 else f"{DOWN} {shown}"

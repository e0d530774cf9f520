"""How a form's fields stand in a window: pure arithmetic, tested without a screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from terminal.strips import cell_len, plain

if TYPE_CHECKING:
    from engine.page import Field

GAP = 3  # between columns
MARKS = 2  # cells before a field: the cursor's mark, and a blank
_LABEL, _VALUE, _UNIT, _BASIS = 30, 26, 20, 40  # cells that each part takes at most
_LEAST_VALUE, _LEAST_BASIS = 8, 12
_MOST = 3  # columns
_MANY, _SHORT_BASIS = 12, 18  # from so many fields on columns are worth more than the end of a basis


@dataclass(frozen=True, slots=True)
class Measure:
    """Cells of the parts of one column: label, mark of what was given, value, unit, basis."""

    width: int
    label: int
    value: int
    unit: int
    basis: int

    @property
    def box(self) -> int:
        """Cells of a value that is being typed: it takes the place of the parts after it."""
        return self.width - MARKS - self.label - 3


@dataclass(frozen=True, slots=True)
class Slot:
    """A line of a column: a field by its number, or the heading of a group, or nothing."""

    field: int = -1
    heading: str = ""


def measure(fields: Sequence[Field], width: int) -> tuple[int, Measure]:
    """How many columns stand beside each other in ``width`` cells, and the parts of each."""
    label = min(_LABEL, max((cell_len(plain(field.label)) for field in fields), default=0))
    value = min(_VALUE, max([_LEAST_VALUE, *(cell_len(plain(field.shown)) for field in fields)]))
    unit = min(_UNIT, max((cell_len(plain(field.unit)) for field in fields), default=0))
    basis = min(_BASIS, max([_LEAST_BASIS, *(cell_len(origin(field)) for field in fields)]))
    fixed = MARKS + label + 3 + value + 1 + unit + (1 if unit else 0)
    beside = basis if len(fields) < _MANY else min(basis, _SHORT_BASIS)  # the line below tells it whole
    count = max(1, min(_MOST, (width + GAP) // (fixed + beside + GAP), ceil(len(fields) / 3)))
    across = (width - GAP * (count - 1)) // count
    if across < fixed:  # a narrow window: the label gives way, the value never
        label = max(8, label - (fixed - across))
        fixed = MARKS + label + 3 + value + 1 + unit + (1 if unit else 0)
    return count, Measure(across, label, value, unit, max(0, across - fixed))


def origin(field: Field) -> str:
    """Where a value comes from, in words."""
    return "given" if field.given else plain(field.basis)


def flow(fields: Sequence[Field], count: int) -> list[list[Slot]]:
    """The fields down the columns and then across, each group under its heading."""
    slots: list[Slot] = []
    group = ""
    for number, field in enumerate(fields):
        if field.group != group:
            group = field.group
            slots.append(Slot(heading=plain(group)))
        slots.append(Slot(number))
    depth = ceil(len(slots) / count) if slots else 0
    columns: list[list[Slot]] = [[]]
    for at, slot in enumerate(slots):
        alone = slot.field < 0 and len(columns[-1]) == depth - 1 and at + 1 < len(slots)
        if len(columns) < count and (len(columns[-1]) >= depth or (alone and depth > 1)):
            columns.append([])
        columns[-1].append(slot)
    return columns


def choice_after(choices: Sequence[str], text: str, step: int) -> str:
    """The choice ``step`` places after the one that ``text`` names or begins; round at the ends."""
    at = next((i for i, choice in enumerate(choices) if choice.upper() == text.strip().upper()), None)
    if at is None:
        return choices[0 if step > 0 else -1]
    return choices[(at + step) % len(choices)]


def completed(choices: Sequence[str], text: str) -> str:
    """The one choice that begins with ``text``; ``text`` as it is where none or several do."""
    wanted = text.strip().upper()
    if any(choice.upper() == wanted for choice in choices):
        return text.strip()
    begun = [choice for choice in choices if wanted and choice.upper().startswith(wanted)]
    return begun[0] if len(begun) == 1 else text

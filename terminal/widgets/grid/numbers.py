"""How a cell's number is written in as few characters as there is room for."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, isnan
from typing import TYPE_CHECKING

from engine.format import format_cell
from engine.page import BLANK_GLYPHS, Blank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.page import ColumnKind

BLANK = BLANK_GLYPHS[Blank.NEVER_EXISTED]


@dataclass(frozen=True, slots=True)
class Form:
    """One way of writing numbers: decimals, whether the percent sign stands, whether the nought before the point."""

    kind: ColumnKind
    decimals: int
    sign: bool = True  # the percent sign
    nought: bool = True
    width: int = 0

    def text(self, value: float) -> str:
        """The number in this form; the blank's glyph where there is none."""
        if isnan(value):
            return BLANK
        percent = self.kind in ("percent", "change")
        shown = format_cell(value, "percent" if percent else self.kind, self.decimals)
        if self.kind == "change" and value > 0 and any(digit in shown for digit in "123456789"):
            shown = "+" + shown
        if percent and not self.sign:
            shown = shown.removesuffix("%")
        return shown if self.nought else shown.replace("0.", ".", 1) if _below_one(shown) else shown


def _below_one(text: str) -> bool:
    return text.lstrip("+-").startswith("0.")


def forms(low: float, high: float, kind: ColumnKind, decimals: int) -> list[Form]:
    """Ways to write numbers between ``low`` and ``high``, the fullest first; no two of one width.

    Decimals go as long as the larger of the two keeps a figure that tells something.
    """
    if kind == "integer":
        decimals = 0
    percent = kind in ("percent", "change")
    size = max((abs(end) * (100 if percent else 1) for end in (low, high) if isfinite(end)), default=0.0)
    # a scale that ends below one keeps a decimal: noughts in every cell would tell nothing
    fewest = 0 if size >= 2 or size == 0 else 1 if size >= 0.1 else 2
    found = [Form(kind, decimals)]
    found += [Form(kind, places, sign=False) for places in range(decimals, min(fewest, decimals) - 1, -1)]
    if size < 1.0005 and found[-1].decimals:
        found.append(Form(kind, found[-1].decimals, sign=False, nought=False))
    out: list[Form] = []
    for form in found:
        width = max(len(form.text(low)), len(form.text(high)), 1)
        if not out or width < out[-1].width:
            out.append(Form(form.kind, form.decimals, form.sign, form.nought, width))
    return out


def fits(found: Sequence[Form], room: int) -> Form | None:
    """The fullest form that stands in ``room`` cells."""
    return next((form for form in found if form.width <= room), None)

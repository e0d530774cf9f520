"""Macro series as ECO and ECST read them: every version known at the clock, and how values are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from engine.page import CellSource, ColumnKind, SecurityRef
from engine.quant.vintages import (
    STEP_DAYS,
    Frequency,
    Transform,
    Version,
    Vintages,
    frequency,
    settle,
)

if TYPE_CHECKING:
    import polars as pl

    from engine.context import Context

_MOST_DECIMALS = 4
LATE_DAYS = 60  # beyond two of its periods, before a series counts as behind


@dataclass(frozen=True, slots=True)
class Macro:
    """One series with all its versions known at the clock."""

    ref: SecurityRef
    unit: str
    vintages: Vintages

    @property
    def periods(self) -> tuple[date, ...]:
        return tuple(self.vintages)

    @property
    def frequency(self) -> Frequency:
        return frequency(self.periods)

    @property
    def last(self) -> date:
        return self.periods[-1]

    @property
    def rate(self) -> bool:
        """Whether its changes are differences: a rate, a diffusion index, or what may stand below zero."""
        words = self.unit.lower()
        if words.startswith("percent") or "diffusion" in words or words in ("pt", "fraction a year"):
            return True
        return any(v.value is not None and v.value <= 0 for each in self.vintages.values() for v in each)

    def is_behind(self, today: date) -> bool:
        """Whether the last period lies further back than two of its periods and what publishing takes."""
        return (today - self.last).days > 2 * STEP_DAYS[self.frequency] + LATE_DAYS

    def latest(self, period: date) -> Version:
        return self.vintages[period][-1]

    def source(self, period: date | None = None) -> CellSource:
        """The observation behind a cell: of one period, or of the period that each row names."""
        constants: dict[str, object] = {"security_id": self.ref.security_id}
        if period is not None:
            return CellSource("observations", "value", {}, {**constants, "period_date": period})
        return CellSource("observations", "value", {"period_date": "period_date"}, constants)


@dataclass(frozen=True, slots=True)
class Telling:
    """How values under a transformation are written."""

    kind: ColumnKind
    decimals: int | None
    unit: str
    formula: str


def read_macro(context: Context, refs: Sequence[SecurityRef], start: date | None = None) -> dict[int, Macro]:
    """The series that have values known at the clock, by id, in the order asked."""
    frame = context.reader.vintages("observations", [ref.security_id for ref in refs], start)
    groups: dict[int, pl.DataFrame] = {
        int(str(key[0])): group
        for key, group in frame.partition_by("security_id", as_dict=True, maintain_order=True).items()
    }
    found: dict[int, Macro] = {}
    for ref in refs:
        rows = groups.get(ref.security_id)
        if rows is None:
            continue
        columns = ("period_date", "known_at", "value", "deleted", "known_basis")
        versions = settle(
            (period, known_at, None if deleted else value, basis)
            for period, known_at, value, deleted, basis in rows.select(columns).iter_rows()
        )
        # a period withdrawn by the clock is not known at it
        held = {period: each for period, each in versions.items() if each[-1].value is not None}
        if held:
            found[ref.security_id] = Macro(ref, unit_of(context, ref), held)
    return found


def unit_of(context: Context, ref: SecurityRef) -> str:
    security = context.directory.by_id(ref.security_id)
    return security.current.unit if security else ""


def decimals_of(values: Sequence[float]) -> int:
    """As many as the values are written with, four at most."""
    for decimals in range(_MOST_DECIMALS):
        if all(abs(round(value, decimals) - value) <= 1e-9 * max(1.0, abs(value)) for value in values):
            return decimals
    return _MOST_DECIMALS


def telling(macro: Macro, how: Transform) -> Telling:
    """Kind, decimals, unit and formula of values under a transformation."""
    values = [
        version.value for each in macro.vintages.values() for version in each if version.value is not None
    ]
    decimals = decimals_of(values)
    points = "percentage points" if macro.unit.lower().startswith("percent") else macro.unit
    within = "both as they stood in the same vintage"
    match how:
        case "LEVEL":
            return Telling("number", decimals, macro.unit, "value as published")
        case "CHANGE":
            return Telling("number", decimals, points, f"value - value of the period before, {within}")
        case "PCT":
            return Telling("percent", 2, "", f"value / value of the period before - 1, {within}")
        case "YOY" if macro.rate:
            return Telling("number", decimals, points, f"value - value of the year before, {within}")
    return Telling("percent", 2, "", f"value / value of the year before - 1, {within}")


def day_of(instant: datetime) -> date:
    """The day of an instant in New York, as the reader counts days."""
    from zoneinfo import ZoneInfo

    return instant.astimezone(ZoneInfo("America/New_York")).date()

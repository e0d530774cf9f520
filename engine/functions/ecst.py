"""ECST: one macro series, what was first released, every later revision, and what stood at the clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, cast

from engine.errors import DataError
from engine.frames import TypeWord, frame_of
from engine.function import Args, Argument, Function, Kind
from engine.functions._macro import Macro, Telling, day_of, read_macro, telling
from engine.needs import Need
from engine.page import Blank, CellSource, Column, Lines, Metric, Metrics, Page, Panel, Series, Table
from engine.period import Period
from engine.quant.vintages import (
    Transform,
    Vintages,
    next_period,
    next_release,
    released,
    standing,
    transformed,
)

if TYPE_CHECKING:
    from engine.context import Context

_DAY = 86_400.0
_TRIANGLE = (12, 8)  # periods down, vintages across
_WHAT = {
    "LEVEL": "values",
    "CHANGE": "changes on the period before",
    "PCT": "changes on the period before",
    "YOY": "changes on the year before",
}
_RELEASE, _HELD = "release", "oldest held"


def needs(context: Context, args: Args) -> Sequence[Need]:
    """The series' vintages, at most a day old."""
    return [Need("observations", context.security, max_age_seconds=_DAY)]


def run(context: Context, args: Args) -> Page:
    ref = context.security
    macro = read_macro(context, [ref]).get(ref.security_id)
    if macro is None:
        raise _nothing(context)
    how = cast("Transform", args["transform"])
    told = telling(macro, how)
    shown = transformed(macro.vintages, how, rate=macro.rate)
    kept = _within(args["period"], shown)
    if not kept:
        raise DataError(
            f"No {_WHAT[how]} of {ref.ticker} lie within {args['period']}: the store holds {macro.periods[0]} to "
            f"{macro.last} at this clock. Try ECST {ref.ticker} MAX, or LEVEL."
        )
    first_known = set(released(macro.vintages))
    if macro.is_behind(context.today):
        context.stale.append(
            (ref.ticker, f"the last value in the store is of {macro.last} ({macro.frequency}), "
             f"{(context.today - macro.last).days:,} days before the clock.")
        )  # fmt: skip
    if not first_known & set(kept):
        context.note(
            f"{ref.ticker}: the store holds no vintage from before these periods, so that FIRST is the oldest "
            "vintage held and not the first release."
        )
    unit = f", {told.unit}" if told.unit else ""
    panels = (
        Panel("chart", f"{macro.frequency} {_WHAT[how]}{unit}", _lines(macro, kept, told), 2),
        Panel("facts", macro.ref.ticker, Metrics(_facts(context, macro, shown, told, first_known)), side=True),
        Panel("observations", f"{len(kept):,} periods, newest first: first release, revisions, latest",
              _table(macro, kept, told, first_known), 2),
        Panel("triangle", "what stood at each vintage, newest at the right", _triangle(macro, kept, told), 1),
    )  # fmt: skip
    return Page(f"{ref.label}  {ref.name}", panels)


def _nothing(context: Context) -> DataError:
    ref = context.security
    if ref.asset_class != "macro" and not context.reader.coverage("bars", [ref.security_id]).is_empty():
        return DataError(f"{ref.label} has prices and no vintages: {ref.ticker} GP draws them.")
    when = "" if context.live else f" as of {context.show(context.asof)}"
    return DataError(
        f"No observation of {ref.label} is known{when}. ECO lists the series that the store holds"
        + ("." if context.live else "; ASOF NOW looks from today.")
    )


def _within(period: Period, vintages: Vintages) -> Vintages:
    """The periods of a range, counted back from the last."""
    if not vintages:
        return {}
    start, end = period.bounds(max(vintages))
    counted = period.unit in ("D", "W", "M", "Y")
    return {
        day: versions
        for day, versions in vintages.items()
        if day <= end and (start is None or day > start or (day == start and not counted))
    }


def _facts(
    context: Context, macro: Macro, shown: Vintages, told: Telling, first_known: set[date]
) -> tuple[Metric, ...]:
    last = max(shown)
    versions = shown[last]
    first, latest = versions[0], versions[-1]
    source = macro.source(last)
    vintages = sorted({v.known_at for each in macro.vintages.values() for v in each})
    expected = next_release(macro.vintages)
    note = "an estimate, by the median delay of its last first releases"
    if expected is not None and expected < context.today:
        note = "an estimate, and past: it is late, or the store is behind"
    revised = sum(len(each) > 1 for each in macro.vintages.values())
    return (
        Metric("latest", latest.value, told.kind, told.decimals, told.unit, told.formula, source,
               note=f"{last}"),
        Metric("known at", latest.known_at, "instant", source=replace(source, column="known_at"), note=latest.basis),
        Metric("first release" if last in first_known else "oldest held", first.value, told.kind, told.decimals,
               formula=told.formula, source=source),
        Metric("first known at", first.known_at, "instant", source=replace(source, column="known_at")),
        Metric("revision since", _minus(latest.value, first.value), told.kind, told.decimals,
               formula="latest - first", source=source),
        Metric("vintages held", len(vintages), "integer",
               note=f"{day_of(vintages[0])} to {day_of(vintages[-1])}"),
        Metric("periods revised", revised, "integer", note=f"of {len(macro.vintages):,}"),
        Metric("next expected", expected, "date", formula=f"{next_period(macro.periods)}, the next period, + the "
               "median delay of the last first releases", note=note if expected else "fewer than 3 first releases "
               "are held: no rhythm to go by", blank=Blank.NOT_YET_KNOWN),
    )  # fmt: skip


def _minus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _lines(macro: Macro, kept: Vintages, told: Telling) -> Lines:
    """The latest and, where any was revised, the first release."""
    import numpy as np

    scale = 100.0 if told.kind == "percent" else 1.0
    unit = "percent" if told.kind == "percent" else told.unit
    days = np.array(list(kept), "datetime64[D]")
    source = CellSource(
        "observations", "value", {"period_date": "session_date"}, {"security_id": macro.ref.security_id}
    )

    def line(name: str, values: list[float | None]) -> Series:
        numbers = np.array([np.nan if v is None else v * scale for v in values], dtype=float)
        return Series(name, days, numbers, unit, told.formula, source)

    latest = line("latest", [versions[-1].value for versions in kept.values()])
    decimals = 2 if told.kind == "percent" else told.decimals or 0
    if all(len(versions) == 1 for versions in kept.values()):
        return Lines((latest,), unit, decimals)
    return Lines((latest, line("first", [versions[0].value for versions in kept.values()])), unit, decimals)


def _table(macro: Macro, kept: Vintages, told: Telling, first_known: set[date]) -> Table:
    rows = [
        {
            "period_date": period,
            "first": versions[0].value,
            "first_known_at": versions[0].known_at,
            "what": _RELEASE if period in first_known else _HELD,
            "latest": versions[-1].value,
            "known_at": versions[-1].known_at,
            "revision": _minus(versions[-1].value, versions[0].value) if len(versions) > 1 else None,
            "times": len(versions) - 1,
            "steps": " > ".join(_short(v.value, told) for v in versions[1:-1][-6:]) or None,
            "known_basis": versions[-1].basis,
            "tone": _tone(versions[0].value, versions[-1].value),
        }
        for period, versions in sorted(kept.items(), reverse=True)
    ]
    frame = frame_of(
        rows, period_date="date", first="number", first_known_at="instant", what="text", latest="number",
        known_at="instant", revision="number", times="integer", steps="text", known_basis="text", tone="text",
    )  # fmt: skip
    source = macro.source()
    columns = (
        Column("period_date", "period", "date"),
        Column("first", "first", told.kind, told.decimals, formula=f"{told.formula}; its oldest version",
               source=source),
        Column("latest", "latest", told.kind, told.decimals, formula=f"{told.formula}; its newest version",
               source=source),
        Column("revision", "revision", told.kind, told.decimals, formula="latest - first", source=source),
        Column("times", "times", "integer", formula="how often it was revised"),
        Column("first_known_at", "first known", "instant"),
        Column("known_at", "latest known", "instant"),
        Column("what", "first is"),
        Column("steps", "between", width=30, formula="the values between the first and the latest"),
        Column("known_basis", "basis of latest", width=40),
    )  # fmt: skip
    return Table(frame, columns, key=("period_date",), emphasis="tone")


def _tone(first: float | None, latest: float | None) -> str:
    if first is None or latest is None or first == latest:
        return ""
    return "up" if latest > first else "down"


def _short(value: float | None, told: Telling) -> str:
    from engine.format import format_cell

    return "withdrawn" if value is None else format_cell(value, told.kind, told.decimals)


def _triangle(macro: Macro, kept: Vintages, told: Telling) -> Table:
    """The newest periods down, the newest vintages that touched them across."""
    down, across = _TRIANGLE
    periods = sorted(kept, reverse=True)[:down]
    by_day: dict[date, datetime] = {}
    for period in periods:
        for version in kept[period]:
            day = day_of(version.known_at)
            by_day[day] = max(version.known_at, by_day.get(day, version.known_at))
    days = sorted(by_day)[-across:]
    rows = []
    for period in periods:
        row: dict[str, Any] = {"period_date": period}
        for place, day in enumerate(days):
            stood = standing(kept[period], by_day[day])
            row[f"v{place}"] = stood.value if stood else None
        rows.append(row)
    values: dict[str, TypeWord] = {f"v{place}": "number" for place in range(len(days))}
    frame = frame_of(rows, period_date="date", **values)
    columns = [Column("period_date", "period", "date")]
    columns += [
        Column(
            f"v{place}", str(day), told.kind, told.decimals, formula=f"{told.formula}; as it stood on {day}",
            source=macro.source(), default_blank=Blank.NOT_YET_KNOWN,
        )
        for place, day in enumerate(days)
    ]  # fmt: skip
    return Table(frame, tuple(columns), key=("period_date",))


FUNCTIONS = (
    Function(
        "ECST",
        "one macro series: first release, revisions, latest",
        run,
        arguments=(
            Argument(
                "transform",
                Kind.CHOICE,
                "the values, or their changes within each vintage",
                "LEVEL",
                choices={
                    "LEVEL": ("LVL",),
                    "CHANGE": ("CHG", "DIFF"),
                    "PCT": ("POP", "MOM", "QOQ"),
                    "YOY": ("ANNUAL",),
                },
            ),
            Argument("period", Kind.PERIOD, "range, counted back from the last period", Period("Y", 10)),
        ),
        security="required",
        asset_classes=frozenset({"macro"}),
        needs=needs,
        examples=(
            ("ECST UNRATE", "the unemployment rate: first releases and what became of them"),
            ("UNRATE ECST YOY 5Y", "against the year before, each vintage with its own"),
            ("GDPC1 ECST MAX", "everything held"),
        ),
        about=(
            "A vintage is what stood from a release on. FIRST is a period's oldest version in the store: its first "
            "release where the store held an older vintage already, else only the oldest held, and the column says "
            "which. LATEST is what stood at the clock. Changes compare two values of one vintage, so that a change "
            "as first released is the one that was printed that day; it has a new version whenever either of its "
            "values was revised. CHANGE is a difference, PCT a fraction of the period before, YOY a fraction of the "
            "year before, of rates a difference. The next release is an estimate: the next period's first day and "
            "the median delay of the last twelve first releases."
        ),
        order=72,
    ),
)

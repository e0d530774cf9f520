"""A series of periods whose values were revised: what stood when, changes within a vintage, and its rhythm.

A change that was published compares values of one vintage: growth as first released is the new figure over
the year-ago figure as it stood on that day, not as it stands today (Croushore and Stark, "A real-time data set
for macroeconomists", Journal of Econometrics 105, 2001).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Literal, TypeAlias

__all__ = [
    "Version",
    "compared_with",
    "first_vintage",
    "frequency",
    "next_period",
    "next_release",
    "released",
    "settle",
    "standing",
    "transformed",
]

Frequency: TypeAlias = Literal["daily", "weekly", "monthly", "quarterly", "yearly"]
Transform: TypeAlias = Literal["LEVEL", "CHANGE", "PCT", "YOY"]

_SPACING: tuple[tuple[Frequency, int], ...] = (
    ("daily", 4), ("weekly", 10), ("monthly", 45), ("quarterly", 135),
)  # fmt: skip
STEP_DAYS: Mapping[Frequency, float] = {
    "daily": 1, "weekly": 7, "monthly": 30.44, "quarterly": 91.31, "yearly": 365.25,
}  # fmt: skip
_STEP_MONTHS: Mapping[Frequency, int] = {"monthly": 1, "quarterly": 3, "yearly": 12}
LEAST_RELEASES = 3  # before a rhythm is told
_RECENT = 12


@dataclass(frozen=True, slots=True)
class Version:
    """What a period's value was from ``known_at`` on; None where it was withdrawn."""

    known_at: datetime
    value: float | None
    basis: str = ""


Vintages: TypeAlias = Mapping[date, tuple[Version, ...]]  # by period, ascending; versions oldest first


def settle(rows: Iterable[tuple[date, datetime, float | None, str]]) -> dict[date, tuple[Version, ...]]:
    """Versions by period from rows sorted by (period, known_at, order of writing).

    Of several versions known at one instant the last written holds; one that says what stood before is none.
    """
    found: dict[date, list[Version]] = {}
    for period, known_at, value, basis in rows:
        versions = found.setdefault(period, [])
        if versions and versions[-1].known_at == known_at:
            versions.pop()
        if (versions and versions[-1].value == value) or (not versions and value is None):
            continue
        versions.append(Version(known_at, value, basis))
    return {period: tuple(versions) for period, versions in sorted(found.items()) if versions}


def standing(versions: Sequence[Version], at: datetime) -> Version | None:
    """The version that stood at an instant."""
    place = bisect_right(versions, at, key=lambda version: version.known_at)
    return versions[place - 1] if place else None


def frequency(periods: Sequence[date]) -> Frequency:
    """How far apart most periods are; yearly where there are too few to tell."""
    gaps = [(later - earlier).days for earlier, later in pairwise(periods)]
    if not gaps:
        return "yearly"
    middle = median(gaps)
    return next((name for name, most in _SPACING if middle <= most), "yearly")


def compared_with(periods: Sequence[date], how: Transform) -> dict[date, date]:
    """For each period the one that its change is measured from: the one before, or that of a year before.

    A period whose counterpart is missing has none: a change over a gap is no change of a period.
    """
    often = frequency(periods)
    reach = timedelta(days=1.7 * STEP_DAYS[often] + 3)
    ordered = list(periods)
    out: dict[date, date] = {}
    for place, period in enumerate(ordered):
        if how == "YOY":
            wanted = _year_before(period)
            at = bisect_right(ordered, wanted)
            slack = timedelta(days={"daily": 7, "weekly": 6}.get(often, 0))
            if at and wanted - ordered[at - 1] <= slack:
                out[period] = ordered[at - 1]
        elif place and period - ordered[place - 1] <= reach:
            out[period] = ordered[place - 1]
    return out


def transformed(vintages: Vintages, how: Transform, *, rate: bool) -> dict[date, tuple[Version, ...]]:
    """The vintages of the changes: each as it was at its own clock.

    CHANGE: value - value before. PCT: value / value before - 1. YOY: value / value of a year before - 1, of a
    ``rate`` the difference. A change has a new version whenever either of its two values has.
    """
    if how == "LEVEL":
        return dict(vintages)
    before = compared_with(tuple(vintages), how)
    share = how == "PCT" or (how == "YOY" and not rate)
    out: dict[date, tuple[Version, ...]] = {}
    for period, base in before.items():
        own, other = vintages[period], vintages[base]
        begin = max(own[0].known_at, other[0].known_at)
        clocks = sorted({v.known_at for v in (*own, *other) if v.known_at >= begin})
        versions: list[Version] = []
        for clock in clocks:
            now, then = standing(own, clock), standing(other, clock)
            value = _change(now.value if now else None, then.value if then else None, share=share)
            if (versions and versions[-1].value == value) or (not versions and value is None):
                continue
            bases = {v.basis for v in (now, then) if v is not None and v.known_at == clock}
            versions.append(Version(clock, value, "; ".join(sorted(bases))))
        if versions:
            out[period] = tuple(versions)
    return out


def _change(now: float | None, then: float | None, *, share: bool) -> float | None:
    if now is None or then is None:
        return None
    if not share:
        return now - then
    return now / then - 1 if then > 0 else None


def _year_before(period: date) -> date:
    try:
        return period.replace(year=period.year - 1)
    except ValueError:
        return period.replace(year=period.year - 1, day=28)


def first_vintage(vintages: Vintages) -> datetime | None:
    """The instant of the oldest vintage held: what is dated by it may have been released earlier."""
    return min((versions[0].known_at for versions in vintages.values()), default=None)


def released(vintages: Vintages) -> list[date]:
    """Periods of which the first version held came after the oldest vintage: it is their first release."""
    oldest = first_vintage(vintages)
    return [period for period, versions in vintages.items() if oldest and versions[0].known_at > oldest]


def next_period(periods: Sequence[date]) -> date:
    """The period after the last."""
    last, often = periods[-1], frequency(periods)
    if often not in _STEP_MONTHS:
        return last + timedelta(days=7 if often == "weekly" else 3 if last.weekday() == 4 else 1)
    year, month = divmod(last.year * 12 + last.month - 1 + _STEP_MONTHS[often], 12)
    return date(year, month + 1, min(last.day, 28))


def next_release(vintages: Vintages) -> date | None:
    """When the next period is expected: its first day and the median delay of the last twelve first releases.

    Of several periods first released on one day (a gap caught up) the newest counts. None where fewer than
    three first releases are held: there is no rhythm to go by.
    """
    on_day: dict[date, date] = {}
    for period in released(vintages):
        on_day[vintages[period][0].known_at.date()] = period
    delays = [(day - period).days for day, period in sorted(on_day.items())][-_RECENT:]
    if len(delays) < LEAST_RELEASES:
        return None
    return next_period(tuple(vintages)) + timedelta(days=round(median(delays)))

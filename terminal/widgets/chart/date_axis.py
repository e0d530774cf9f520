"""Ticks of a date axis on which sessions follow one another: any span from days to decades."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
GRAINS = ("day", "week", "month", "quarter", "half", "year", "2y", "5y", "10y", "20y")
MINUTES = {"5min": 5, "15min": 15, "30min": 30, "hour": 60, "2h": 120, "4h": 240}  # of bars within sessions
YEARS = {"year": 1, "2y": 2, "5y": 5, "10y": 10, "20y": 20}


@dataclass(frozen=True, slots=True)
class DateTick:
    """A label and the column it belongs to; ``rank`` 0 day, 1 month, 2 year."""

    column: int
    label: str
    rank: int


def _period_ids(dates: np.ndarray, grain: str) -> np.ndarray:
    import numpy as np

    if grain in MINUTES:
        return dates.astype("datetime64[m]").astype(np.int64) // MINUTES[grain]
    days = dates.astype("datetime64[D]")
    if grain == "day":
        return days.astype(np.int64)
    if grain == "week":
        return (days.astype(np.int64) + 3) // 7
    if grain in YEARS:
        return (days.astype("datetime64[Y]").astype(np.int64) + 1970) // YEARS[grain]
    return days.astype("datetime64[M]").astype(np.int64) // {"month": 1, "quarter": 3, "half": 6}[grain]


def _candidates(dates: np.ndarray, columns: np.ndarray, grain: str) -> list[DateTick]:
    """A tick at the first date of each new period of the grain."""
    import numpy as np

    if grain in MINUTES:
        return _times(dates, columns, grain)
    dates = dates.astype("datetime64[D]")
    ids = _period_ids(dates, grain)
    rows = np.flatnonzero(np.diff(ids)) + 1
    months = dates.astype("datetime64[M]").astype(np.int64)
    years = dates.astype("datetime64[Y]").astype(np.int64)
    ticks = []
    for row in rows.tolist():
        if years[row] != years[row - 1]:
            label, rank = str(int(years[row]) + 1970), 2
        elif months[row] != months[row - 1]:
            label, rank = MONTHS[int(months[row]) % 12], 1
        else:
            label, rank = str(int((dates[row] - dates[row].astype("datetime64[M]")).astype(int)) + 1), 0
        ticks.append(DateTick(int(columns[row]), label, rank))
    return ticks


def _times(dates: np.ndarray, columns: np.ndarray, grain: str) -> list[DateTick]:
    """Ticks within days: the time, and at the first bar of a day the day."""
    import numpy as np

    days = dates.astype("datetime64[D]")
    ticks = []
    for row in (np.flatnonzero(np.diff(_period_ids(dates, grain))) + 1).tolist():
        label, rank = str(dates[row].astype("datetime64[m]"))[11:], 0
        if days[row] != days[row - 1]:
            label, rank = _day_words(days[row]), 1
        ticks.append(DateTick(int(columns[row]), label, rank))
    return ticks


def _day_words(day: np.datetime64) -> str:
    """28 Feb."""
    month = day.astype("datetime64[M]")
    return f"{int((day - month).astype(int)) + 1} {MONTHS[int(month.astype(int)) % 12]}"


def _opening(dates: np.ndarray, columns: np.ndarray, grain: str) -> DateTick:
    """What stands at the left end, so that the first ticks are never without their year."""
    import numpy as np

    year = str(int(dates[0].astype("datetime64[Y]").astype(np.int64)) + 1970)
    month = MONTHS[int(dates[0].astype("datetime64[M]").astype(np.int64)) % 12]
    if grain in ("day", "week", *MINUTES):
        return DateTick(int(columns[0]), f"{_day_words(dates[0].astype('datetime64[D]'))} {year}", 2)
    return DateTick(int(columns[0]), f"{month} {year}" if grain not in YEARS else year, 2)


def left_edge(tick: DateTick, width: int) -> int:
    """Where a tick's label begins: centred, but inside the plot."""
    return max(0, min(tick.column - len(tick.label) // 2, width - len(tick.label)))


def _place(ticks: list[DateTick], width: int, gap: int) -> list[DateTick]:
    """Ticks whose labels do not meet; years are placed before months, months before days."""
    taken: list[tuple[int, int]] = []
    placed: list[DateTick] = []
    for rank in (2, 1, 0):
        for tick in ticks:
            start = left_edge(tick, width)
            end = start + len(tick.label)
            if (
                tick.rank == rank
                and end <= width
                and all(end + gap <= a or start >= b + gap for a, b in taken)
            ):
                taken.append((start, end))
                placed.append(tick)
    return sorted(placed, key=lambda tick: tick.column)


def date_ticks(dates: np.ndarray, columns: np.ndarray, width: int, gap: int = 3) -> list[DateTick]:
    """Ticks for ascending dates standing at columns (both shape (n,)) of a plot ``width`` wide.

    The finest grain is taken of which nearly every tick finds its place. The left end says month
    and year (or the day) unless a year's own tick stands there.
    """
    if not len(dates) or width < 4:
        return []
    import numpy as np

    placed: list[DateTick] = []
    grain = GRAINS[-1]
    within = dates.dtype == np.dtype("datetime64[m]")
    for grain in (*MINUTES, *GRAINS) if within else GRAINS:
        if np.count_nonzero(np.diff(_period_ids(dates, grain))) * (1 + gap) > width + 1:
            continue
        ticks = _candidates(dates, columns, grain)
        placed = _place(ticks, width, gap)
        if len(placed) >= 0.8 * len(ticks):
            break
    opening = _opening(dates, columns, grain)
    end = left_edge(opening, width) + len(opening.label) + gap
    clear = [tick for tick in placed if left_edge(tick, width) >= end]
    crowded = any(tick.rank == 2 for tick in placed if tick not in clear)
    if crowded or len(opening.label) > width:
        return placed
    return [opening, *clear]

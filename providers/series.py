"""What sources of macro series without vintages share: periods, and when their figures were surely known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from providers.clocks import NEW_YORK
from store.batch import Quarantined

if TYPE_CHECKING:
    import polars as pl

_PERIOD = re.compile(
    r"^(?P<year>\d{4})(?:-?(?:(?P<kind>[SQMW])(?P<number>\d{1,2})|A1)|-(?P<month>\d{2})(?:-(?P<day>\d{2}))?)?$"
)
_MONTHS = {"A": 12, "S": 6, "Q": 3, "M": 1}
# How many months after its end a period's figure is surely out. Late by choice: a figure is then shown too late
# and never too early.
LAG = {"A": 12, "S": 9, "Q": 6, "M": 3, "W": 1, "D": 1}
WORDS = {"A": "annual", "S": "half-yearly", "Q": "quarterly", "M": "monthly", "W": "weekly", "D": "daily"}


@dataclass(frozen=True, slots=True)
class Period:
    """A period of a macro series: its first day, the day after its last, and its frequency's letter."""

    start: date
    after: date
    frequency: str


def parse_period(text: str) -> Period | None:
    """``2025``, ``2025-A1``, ``2025Q4``, ``2025-Q4``, ``2025M02``, ``2025-02``, ``2025-W07``, ``2025-S1`` or a
    day; None where it is no period."""
    found = _PERIOD.match(text)
    if not found:
        return None
    year, kind, number = int(found["year"]), found["kind"], int(found["number"] or 1)
    try:
        if found["day"]:
            day = date(year, int(found["month"]), int(found["day"]))
            return Period(day, day + timedelta(days=1), "D")
        if kind == "W":
            monday = date.fromisocalendar(year, number, 1)
            return Period(monday, monday + timedelta(days=7), "W")
        if found["month"]:
            kind, number = "M", int(found["month"])
        kind = kind or "A"
        start = date(year, (number - 1) * _MONTHS[kind] + 1, 1)
    except ValueError:
        return None
    return Period(start, add_months(start, _MONTHS[kind]), kind)


def add_months(day: date, months: int) -> date:
    """``months`` later; from a day that the month does not have, its last."""
    from calendar import monthrange

    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def surely_known(period: Period) -> datetime:
    """The end of the day, in New York, by which a figure of the period was surely out."""
    from zoneinfo import ZoneInfo

    last = add_months(period.after - timedelta(days=1), LAG[period.frequency])
    end = datetime(last.year, last.month, last.day, 23, 59, 59, 999999, ZoneInfo(NEW_YORK))
    return end.astimezone(UTC)


def late_basis(frequency: str, who: str) -> str:
    """The late rule in words."""
    months = LAG[frequency]
    return (
        f"estimated: end of the day in New York {months} month{'s' if months > 1 else ''} after the end of the "
        f"period ({WORDS[frequency]}); {who} keeps no vintages, what it said then may have been another figure"
    )


def observation_schema() -> dict[str, pl.DataType]:
    import polars as pl

    return {
        "identity": pl.String(), "period_date": pl.Date(), "value": pl.Float64(),
        "known_at": pl.Datetime("us", "UTC"), "known_basis": pl.String(),
    }  # fmt: skip


def one_a_key(frame: pl.DataFrame, key: list[str], table: str) -> tuple[pl.DataFrame, list[Quarantined]]:
    """Sorted, one row a key: a row that came twice is one row, rows that contradict one another are set aside."""
    import polars as pl

    frame = frame.unique(maintain_order=True)
    twice = pl.len().over(key) > 1
    aside = frame.filter(twice)
    reason = "the answer has contradictory rows of one key"
    return frame.filter(~twice).sort(key), [Quarantined(table, reason, aside)] if aside.height else []


def set_aside(table: str, rows: list[tuple[str, dict[str, object]]]) -> list[Quarantined]:
    """Raw rows that could not be mapped, grouped by the reason."""
    import polars as pl

    groups: dict[str, list[dict[str, object]]] = {}
    for reason, row in rows:
        groups.setdefault(reason, []).append({name: str(value)[:300] for name, value in row.items()})
    return [
        Quarantined(table, reason, pl.from_dicts(group, infer_schema_length=None))
        for reason, group in groups.items()
    ]


def series_row(
    identity: str, ticker: str, name: str, unit: str, note: str, observations: pl.DataFrame
) -> pl.DataFrame:
    """The row of ``securities`` for a series: listed from when the first of its values was known."""
    import polars as pl

    if observations.is_empty():
        return pl.DataFrame()
    first = observations.sort("known_at", "period_date").row(0, named=True)
    return pl.DataFrame(
        {
            "identity": [identity], "valid_from": [observations["period_date"].min()], "ticker": [ticker],
            "name": [name or ticker], "market": ["MACRO"], "asset_class": ["macro"], "exchange": [""],
            "calendar": [""], "unit": [unit], "note": [note], "known_at": [first["known_at"]],
            "known_basis": [first["known_basis"]],
        }
    )  # fmt: skip

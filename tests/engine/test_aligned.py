"""Macro panels aligned by knowledge, against the slow and obvious way: one reader a date."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from engine.aligned import aligned
from store import Store, open_store
from tests.store.rows import append

NOW = datetime(2020, 6, 30, 22, 0, tzinfo=UTC)


def observed(*rows: tuple[int, str, float | None, datetime]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "security_id": n,
                "period_date": date.fromisoformat(p),
                "value": v,
                "known_at": k,
                "deleted": False,
            }
            for n, p, v, k in rows
        ]
    )


def made(folder: Path) -> Store:
    return open_store(folder, clock=lambda: NOW)


def slowly(store: Store, ids: list[int], days: list[date]) -> list[tuple[object, ...]]:
    found = []
    for day in days:
        evening = datetime(day.year, day.month, day.day, 23, 59, 59, 999999, ZoneInfo("America/New_York"))
        rows = store.reader(min(evening.astimezone(UTC), NOW)).rows("observations", ids).drop_nulls("value")
        for number in ids:
            own = rows.filter(pl.col("security_id") == number).sort("period_date")
            if own.height:
                last = own.row(-1, named=True)
                found.append((day, number, last["period_date"], last["value"], last["known_at"]))
    return found


def test_each_date_has_what_was_known_then(tmp_path: Path) -> None:
    store = made(tmp_path)
    first, revised = datetime(2020, 2, 5, 13, 30, tzinfo=UTC), datetime(2020, 3, 5, 13, 30, tzinfo=UTC)
    append(
        store,
        observations=observed(
            (1, "2020-01-01", 1.0, first),
            (1, "2020-02-01", 2.0, revised),
            (1, "2020-01-01", 1.1, revised + timedelta(days=9)),  # an old month revised: not the newest
            (2, "2020-01-01", 7.0, revised),
        ),
    )
    days = [date(2020, 2, 4), date(2020, 2, 5), date(2020, 3, 4), date(2020, 3, 20), date(2020, 7, 1)]
    panel = aligned(store.reader(NOW), [1, 2], days)
    assert panel.select("date", "security_id", "value").rows() == [
        (date(2020, 2, 5), 1, 1.0),
        (date(2020, 3, 4), 1, 1.0),
        (date(2020, 3, 20), 1, 2.0),
        (date(2020, 3, 20), 2, 7.0),
    ]
    assert aligned(store.reader(NOW), [1, 2], days, most_days=40)["date"].to_list() == [days[1]]
    early = store.reader(first)
    assert aligned(early, [1, 2], days)["value"].to_list() == [1.0]
    assert early.reads
    assert aligned(store.reader(NOW), [9], days).is_empty()


def test_it_is_as_one_reader_a_date(tmp_path: Path) -> None:
    store, dice = made(tmp_path), random.Random(3)
    rows: dict[tuple[int, str, datetime], float | None] = {}
    for _ in range(300):
        number, month = dice.choice([1, 2, 3]), dice.randint(1, 12)
        known = datetime(2019, month, 1, tzinfo=UTC) + timedelta(
            days=dice.randint(31, 300), hours=dice.randint(0, 23)
        )
        if known < NOW:
            value = None if dice.random() < 0.05 else round(dice.random(), 3)
            rows[number, f"2019-{month:02}-01", known] = value
    append(store, observations=observed(*[(n, p, v, k) for (n, p, k), v in rows.items()]))
    days = [date(2019, 1, 1) + timedelta(days=11 * n) for n in range(49)]
    panel = aligned(store.reader(NOW), [1, 2, 3], days)
    assert panel.rows() == sorted(slowly(store, [1, 2, 3], days), key=lambda row: (row[0], row[1]))

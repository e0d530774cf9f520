"""FRED's API in its documented form: a series with vintages, one of which was withdrawn."""

from __future__ import annotations

import json

from providers.source import Request, Subject
from tests.providers.sources.loopback import Said, Sample

UNRATE = Subject("macro:UNRATE", "UNRATE", "MACRO", "macro", calendar="")


def series(frequency: str = "M", *titles: tuple[str, str, str]) -> bytes:
    """Metadata: one entry a (realtime_start, title, units)."""
    entries = titles or (("1990-01-05", "Unemployment Rate", "Percent"),)
    told = [
        {
            "id": "UNRATE", "realtime_start": start, "realtime_end": "9999-12-31", "title": title,
            "observation_start": "1989-12-01", "frequency_short": frequency, "units": units,
            "frequency": "Monthly", "seasonal_adjustment": "Seasonally Adjusted", "notes": "From households.",
        }
        for start, title, units in entries
    ]  # fmt: skip
    return json.dumps({"realtime_start": "1776-07-04", "seriess": told}).encode()


def vintages(*days: str) -> bytes:
    return json.dumps({"count": len(days), "offset": 0, "limit": 10000, "vintage_dates": days}).encode()


def observations(*rows: tuple[str, str, str]) -> bytes:
    """Rows of (realtime_start, date, value)."""
    told = [
        {"realtime_start": start, "realtime_end": "9999-12-31", "date": day, "value": value}
        for start, day, value in rows
    ]
    return json.dumps(
        {"output_type": 1, "count": len(told), "offset": 0, "limit": 100000, "observations": told}
    ).encode()


ROWS = (
    ("1990-01-05", "1989-12-01", "5.3"),
    ("1990-02-02", "1989-12-01", "5.4"),
    ("1990-03-09", "1989-12-01", "."),
    ("1990-02-02", "1990-01-01", "5.3"),
    ("1990-02-02", "1990-02-01", "."),
    ("1990-03-09", "1990-02-01", "5.2"),
)
GRAPH = b"observation_date,UNRATE\n2026-09-01,4.3\n2026-10-01,\n2026-08-01,4.2\n"

SAMPLES = (
    Sample(
        "fred",
        Request("observations", UNRATE),
        {
            "/fred/series": series(),
            "/fred/series/vintagedates": vintages("1990-01-05", "1990-02-02", "1990-03-09"),
            "/fred/series/observations": observations(*ROWS),
        },
        {"observations": 5, "securities": 1},
        rows_of=("observations",),
    ),
    Sample(
        "fred",
        Request("observations", UNRATE),
        {"/graph/fredgraph.csv": Said(GRAPH, headers={"content-type": "text/csv"})},
        {"observations": 2, "securities": 1},
        secrets={},
    ),
)

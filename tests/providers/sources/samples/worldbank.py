"""The World Bank in its documented form: ``[meta, rows]``, newest first, years without a figure as null."""

import json

from providers.source import Request
from providers.worldbank import subject
from tests.providers.sources.loopback import Sample

PATH = "/country/USA/indicator/NY.GDP.MKTP.CD"


def row(year: str, value: float | None, **other: object) -> dict[str, object]:
    return {
        "indicator": {"id": "NY.GDP.MKTP.CD", "value": "GDP (current US$)"},
        "country": {"id": "US", "value": "United States"},
        "countryiso3code": "USA", "date": year, "value": value, "unit": "", "obs_status": "", "decimal": 0,
        **other,
    }  # fmt: skip


def page(rows: list[dict[str, object]], number: int = 1, pages: int = 1) -> bytes:
    meta = {
        "page": number, "pages": pages, "per_page": "1000", "total": len(rows), "sourceid": "2",
        "lastupdated": "2026-07-01",
    }  # fmt: skip
    return json.dumps([meta, rows]).encode()


SAMPLES = (
    Sample(
        "worldbank",
        Request("observations", subject("NY.GDP.MKTP.CD", "USA")),
        {PATH: page([row("2025", None), row("2024", 29.2e12), row("2023", 27.7e12), row("2022", 26.0e12)])},
        {"observations": 3, "securities": 1},
        {},
        rows_of=(1,),
    ),
)

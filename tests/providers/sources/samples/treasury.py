"""The Treasury's feed of the par yield curve, in the documented form."""

from __future__ import annotations

from datetime import date

from providers.source import Request, Subject
from tests.providers.sources.loopback import Said, Sample

PATH = "/resource-center/data-chart-center/interest-rates/pages/xml"
CURVE = Subject("curve:UST", "UST", "GOVT", "government", calendar="")


def feed(*entries: str) -> bytes:
    """A feed of entries, each the inside of ``m:properties``."""
    body = "".join(
        f'<entry><content type="application/xml"><m:properties>{entry}</m:properties></content></entry>'
        for entry in entries
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<feed xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices" '
        'xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata" '
        f'xmlns="http://www.w3.org/2005/Atom">{body}</feed>'
    ).encode()


def entry(day: str, **rates: str) -> str:
    """One day's quotes, by element name."""
    quoted = "".join(f'<d:{name} m:type="Edm.Double">{rate}</d:{name}>' for name, rate in rates.items())
    return f'<d:NEW_DATE m:type="Edm.DateTime">{day}T00:00:00</d:NEW_DATE>{quoted}'


FEED = feed(
    entry("2026-03-04", BC_1MONTH="4.21", BC_1_5MONTH="4.20", BC_10YEAR="4.55", BC_30YEARDISPLAY="4.9"),
    entry("2026-03-03", BC_1MONTH="4.22", BC_1_5MONTH="", BC_10YEAR="4.57", BC_50YEAR="4.99"),
)

SAMPLES = (
    Sample(
        "treasury",
        Request("curve", CURVE, date(2026, 3, 1), date(2026, 3, 31)),
        {PATH: Said(FEED, headers={"content-type": "application/xml"})},
        {"yield_curves": 6, "securities": 1},
    ),
)

"""Google Trends as its page asks it: a cookie, the widgets with their tokens, then a prefixed time line."""

import json

from providers.source import Request, Subject
from tests.providers.sources.loopback import Said, Sample, day

AAPL = Subject("us-equity:AAPL", "AAPL", name="Apple Inc.")
PREFIX = b")]}',\n"


def widgets() -> bytes:
    request = {"time": "2026-11-01 2026-11-20", "resolution": "DAY", "locale": "en-US", "comparisonItem": []}
    line = {"id": "TIMESERIES", "token": "loopback-widget", "request": request}
    return b")]}'\n" + json.dumps({"widgets": [{"id": "TITLE_0"}, line]}).encode()


def point(when: int, value: float, **other: object) -> dict[str, object]:
    return {"time": str(when), "value": [value], "hasData": [True], "formattedValue": [str(value)], **other}


def line(points: list[dict[str, object]]) -> bytes:
    return PREFIX + json.dumps({"default": {"timelineData": points, "averages": []}}).encode()


SAMPLES = (
    Sample(
        "google_trends",
        Request("trends", AAPL, day("2026-11-01"), day("2026-11-20"), "US"),
        {
            "/explore/": Said(
                b"<html></html>", headers={"content-type": "text/html", "set-cookie": "NID=511=abc; path=/"}
            ),
            "/api/explore": widgets(),
            "/api/widgetdata/multiline": line(
                [
                    point(1793491200, 41),
                    point(1793577600, 100),
                    point(1793664000, 63, isPartial=True),
                ]
            ),
        },
        {"trends": 3},
        {},
    ),
)

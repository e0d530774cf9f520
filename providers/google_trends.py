"""Google Trends: search interest in a word, 0 to 100 within one request. Not a supported interface: experimental.

The word is the ticker, as Da, Engelberg and Gao ask for it ("In Search of Attention", Journal of Finance 66(5),
2011): who types a ticker looks for the share and not for the product.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from providers.base import answer_hash
from providers.clocks import NEW_YORK
from providers.errors import Kind, SourceError, malformed
from providers.series import one_a_key, set_aside
from providers.source import Access, Answer, Limit, Reply, Request, Service, SourceInfo

if TYPE_CHECKING:
    import polars as pl

_FIRST = date(2004, 1, 1)
_REGION = re.compile(r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")
_COOKIE = re.compile(r"\bNID=[^;,\s]+")
_SETTLED = 3  # days after which a window's last days are no longer preliminary
BASIS = (
    "estimated: end of the day in New York three days after the window asked for; each value is a share of the "
    "window's peak, so that none was known before the window ended"
)
FETCHED = "estimated: when it was fetched; each value is a share of the peak of a window that had just ended"
RULES = "google_trends 1"

INFO = SourceInfo(
    "google_trends",
    "Google Trends",
    {"": "https://trends.google.com/trends"},
    (Service("trends", (), "from 2004", note="rescaled in each request; detail: a region such as US"),),
    (Limit(1, 5.0), Limit(60, 3600.0)),
    "No public interface: what the site's own page asks, which Google may refuse and its terms do not offer.",
    "https://policies.google.com/terms",
    consent=True,
    experimental=True,
    max_bytes=8 << 20,
)


class GoogleTrends:
    """Interest in one word over one window."""

    info = INFO

    def fetch(self, request: Request, access: Access) -> Answer:
        if request.dataset != "trends":
            raise SourceError(Kind.NOT_SERVED, f"Google Trends serves trends, not {request.dataset}")
        region = request.detail.upper()
        if region and not _REGION.match(region):
            raise SourceError(
                Kind.NOT_SERVED, f"{request.detail} is no region: US, GB, US-CA, or none for the world"
            )
        today = access.now.date()
        end = min(request.end or today, today)
        start = max(request.start or _FIRST, _FIRST)
        if start >= end:
            return Answer({"trends": _frame([])}, answer_hash(RULES))
        term = request.subject.ticker
        widget, asked = _widget(term, region, start, end, access)
        access.check_cancelled()
        reply = access.get(
            "api/widgetdata/multiline",
            {"hl": "en-US", "tz": 0, "req": json.dumps(widget["request"], separators=(",", ":"))},
            secret_params={"token": str(widget["token"])},
            headers=asked,
        )
        points = _points(reply)
        resolution = str(widget["request"].get("resolution") or "DAY")
        scale = f"{region or 'world'} {start} {end} {resolution} asked {today}"
        known = datetime.combine(
            end + timedelta(days=_SETTLED), time(23, 59, 59, 999999), ZoneInfo(NEW_YORK)
        ).astimezone(UTC)
        clock = (known, BASIS) if known <= access.now else (access.now, FETCHED)
        good, bad = _mapped(points, request.subject.identity, term, scale, clock)
        frame, twice = one_a_key(_frame(good), ["period_date"], "trends")
        return Answer(
            {"trends": frame}, answer_hash(RULES, scale.encode(), reply.content), start=start, end=end,
            note=f"0 to 100 within the window {start} to {end}", positive=False,
            quarantined=(*set_aside("trends", bad), *twice),
        )  # fmt: skip


def _widget(
    term: str, region: str, start: date, end: date, access: Access
) -> tuple[dict[str, Any], dict[str, str]]:
    """The first step: a cookie, then the page's widgets; the one of the time series carries its token."""
    first = access.get("explore/", {"geo": region or "US"}, accept=(200, 302, 404))
    cookie = _COOKIE.search(first.headers.get("set-cookie", ""))
    headers = {"Cookie": cookie[0]} if cookie else {}
    question = {
        "comparisonItem": [{"keyword": term, "time": f"{start} {end}", "geo": region}],
        "category": 0,
        "property": "",
    }
    query = urlencode({"hl": "en-US", "tz": 0, "req": json.dumps(question, separators=(",", ":"))})
    reply = access.post(f"api/explore?{query}", {}, headers=headers)
    body = _prefixed(reply)
    widgets = body.get("widgets")
    for widget in widgets if isinstance(widgets, list) else []:
        line = isinstance(widget, dict) and widget.get("id") == "TIMESERIES"
        if line and isinstance(widget.get("request"), dict) and widget.get("token"):
            return widget, headers
    raise malformed(f"{first.url}: Google Trends offers no time series for {term}")


def _prefixed(reply: Reply) -> dict[str, Any]:
    """JSON after the line that keeps it from being run as a script."""
    from dataclasses import replace

    text = reply.content.lstrip()
    if text.startswith(b")]}'"):
        rest = text[4:].lstrip(b",").lstrip()
        body = replace(reply, content=rest).json()
    else:
        body = reply.json()
    if not isinstance(body, dict):
        raise malformed(f"{reply.url} answered something else than an object")
    return body


def _points(reply: Reply) -> list[Any]:
    default = _prefixed(reply).get("default")
    points = default.get("timelineData") if isinstance(default, dict) else None
    if not isinstance(points, list):
        raise malformed(f"{reply.url} answered without a time line")
    return points


def _mapped(
    points: list[Any], identity: str, term: str, scale: str, clock: tuple[datetime, str]
) -> tuple[list[dict[str, Any]], list[tuple[str, dict[str, object]]]]:
    good: list[dict[str, Any]] = []
    bad: list[tuple[str, dict[str, object]]] = []
    for point in points:
        row = point if isinstance(point, dict) else {"point": point}
        values, has = row.get("value"), row.get("hasData")
        stamp = str(row.get("time") or "")
        value = values[0] if isinstance(values, list) and values else None
        if not stamp.isdigit():
            bad.append(("its time is no instant", row))
        elif isinstance(value, bool) or not isinstance(value, int | float):
            bad.append(("its value is no number", row))
        elif not 0 <= value <= 100:
            bad.append(("its value is not from 0 to 100", row))
        elif isinstance(has, list) and has and has[0] is False:
            bad.append(("too few searches to tell a value", row))
        else:
            good.append(
                {
                    "identity": identity,
                    "period_date": datetime.fromtimestamp(int(stamp), UTC).date(),
                    "term": term,
                    "scale": scale,
                    "value": float(value),
                    "partial": row.get("isPartial") is True,
                    "known_at": clock[0],
                    "known_basis": clock[1],
                }
            )
    return good, bad


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    import polars as pl

    schema: dict[str, pl.DataType] = {
        "identity": pl.String(), "period_date": pl.Date(), "term": pl.String(), "scale": pl.String(),
        "value": pl.Float64(), "partial": pl.Boolean(), "known_at": pl.Datetime("us", "UTC"),
        "known_basis": pl.String(),
    }  # fmt: skip
    return pl.DataFrame(rows, schema)


SOURCE: GoogleTrends = GoogleTrends()

"""World Bank, API v2: one indicator of one country a series. Figures without vintages, dated late by rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from providers.base import answer_hash
from providers.clocks import NEW_YORK
from providers.errors import Kind, SourceError, malformed, not_found, refused
from providers.series import (
    Period,
    late_basis,
    observation_schema,
    one_a_key,
    parse_period,
    series_row,
    set_aside,
    surely_known,
)
from providers.source import Access, Answer, Limit, Request, Service, SourceInfo, Subject

_IDENTITY = re.compile(r"^macro:WB:(?P<indicator>[A-Za-z0-9._]+):(?P<country>[A-Z0-9]{2,3})$")
_TICKER = re.compile(r"^(?P<indicator>[A-Z0-9_]+(?:\.[A-Z0-9_]+)+)\.(?P<country>[A-Z]{3})$")
_PAGE = 1000
_UPDATED = "estimated: end of the day in New York of the World Bank's update that the figure came with"
_FETCHED = "estimated: when it was fetched; the day by which it was surely known was not over"
_UNKNOWN = {"120", "175"}  # "Invalid value", "The indicator was not found"
RULES = "worldbank 1"

INFO = SourceInfo(
    "worldbank",
    "World Bank indicators",
    {"": "https://api.worldbank.org/v2"},
    (
        Service(
            "observations", ("macro",), "from 1960, by indicator", note="no vintages: known by a late rule"
        ),
    ),
    (Limit(10, 1.0),),
    "Open data (CC BY 4.0 for most indicators): name the World Bank as the source.",
    "https://www.worldbank.org/en/about/legal/terms-of-use-for-datasets",
)


def subject(indicator: str, country: str) -> Subject:
    """The series of an indicator and a country (ISO 3166 alpha-3, or an aggregate such as WLD)."""
    code, where = indicator.upper(), country.upper()
    return Subject(f"macro:WB:{code}:{where}", f"{code}.{where}", "MACRO", "macro", currency="", calendar="")


def series_of(about: Subject) -> tuple[str, str] | None:
    """Indicator and country of a subject, by its identity or by a ticker such as NY.GDP.MKTP.CD.USA."""
    found = _IDENTITY.match(about.identity) or _TICKER.match(about.ticker.upper())
    return (found["indicator"], found["country"]) if found else None


class WorldBank:
    """Observations of one series."""

    info = INFO
    test_request = Request("observations", subject("NY.GDP.MKTP.CD", "USA"))

    def fetch(self, request: Request, access: Access) -> Answer:
        import polars as pl

        wanted = series_of(request.subject)
        if request.dataset != "observations" or wanted is None:
            raise SourceError(
                Kind.NOT_SERVED,
                f"The World Bank serves indicators of countries such as NY.GDP.MKTP.CD.USA, "
                f"not {request.dataset} of {request.subject.ticker}",
            )
        indicator, country = wanted
        path = f"country/{country}/indicator/{indicator}"
        # A series is asked for whole: it is small, and a revision of an old figure is seen only so.
        params: dict[str, str | int | float] = {"format": "json", "per_page": _PAGE}
        rows: list[dict[str, Any]] = []
        contents: list[bytes] = []
        updated = ""
        for content, meta, page in _pages(path, params, access):
            contents.append(content)
            updated = str(meta.get("lastupdated") or updated)
            rows += page
        good, bad = _mapped(rows, country, request.subject.identity, updated, access.now)
        frame, twice = one_a_key(
            pl.DataFrame(good, observation_schema(), orient="row"), ["period_date"], "observations"
        )
        name = next((_name(row) for row in rows if _name(row)), "")
        unit = next((str(row["unit"]) for row in rows if row.get("unit")), "")
        frames = {"observations": frame}
        if frame.height:
            note = f"World Bank, indicator {indicator}; no vintages are kept."
            ticker = f"{indicator}.{country}"
            frames["securities"] = series_row(request.subject.identity, ticker, name, unit, note, frame)
        return Answer(
            frames, answer_hash(RULES, *contents), note=f"updated {updated}" if updated else "",
            quarantined=(*set_aside("observations", bad), *twice), positive=False,
        )  # fmt: skip


def _pages(
    path: str, params: dict[str, str | int | float], access: Access
) -> Iterator[tuple[bytes, dict[str, Any], list[dict[str, Any]]]]:
    """Every page of an answer: bytes, meta, rows."""
    page, pages = 1, 1
    while page <= pages:
        access.check_cancelled()
        reply = access.get(path, {**params, "page": page})
        body = reply.json()
        if isinstance(body, list) and body and isinstance(body[0], dict) and "message" in body[0]:
            raise _said(body[0]["message"], path)
        if not isinstance(body, list) or len(body) != 2 or not isinstance(body[0], dict):
            raise malformed(f"{reply.url} answered something else than a page of an indicator")
        meta, rows = body
        pages = _whole(meta.get("pages"), reply.url)
        yield reply.content, meta, [row for row in rows or [] if isinstance(row, dict)]
        access.progress(page, pages, "pages")
        page += 1


def _whole(value: Any, url: str) -> int:
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise malformed(f"{url} answered without the number of its pages") from error


def _said(messages: Any, path: str) -> SourceError:
    """An error told inside a 200."""
    first = messages[0] if isinstance(messages, list) and messages else {}
    words = str(first.get("value") or first.get("key") or "an error without words")
    if str(first.get("id")) in _UNKNOWN:
        return not_found(
            f"The World Bank does not know {path}: {words}. Check the indicator and the country's code"
        )
    return refused(f"The World Bank will not answer {path}: {words}")


def _name(row: dict[str, Any]) -> str:
    indicator, country = row.get("indicator"), row.get("country")
    if not isinstance(indicator, dict) or not isinstance(country, dict) or not indicator.get("value"):
        return ""
    return f"{country.get('value') or row.get('countryiso3code')}: {indicator['value']}"


def _mapped(
    rows: list[dict[str, Any]], country: str, identity: str, updated: str, now: datetime
) -> tuple[list[tuple[Any, ...]], list[tuple[str, dict[str, object]]]]:
    """Rows of ``observations``, and those set aside. A year without a figure (null) makes no row."""
    good, bad = [], []
    for row in rows:
        period = parse_period(str(row.get("date")))
        code = row.get("countryiso3code") or (row.get("country") or {}).get("id")
        if code != country and (row.get("country") or {}).get("id") != country:
            bad.append((f"about another country than {country}", row))
        elif period is None:
            bad.append(("its date is no period", row))
        elif row.get("value") is None:
            continue
        elif isinstance(row["value"], bool) or not isinstance(row["value"], int | float):
            bad.append(("its value is no number", row))
        elif period.after > now.date():
            bad.append(("a projection: its period is not over", row))
        else:
            known = _known(period, updated, now)
            good.append((identity, period.start, float(row["value"]), *known))
    return good, bad


def _known(period: Period, updated: str, now: datetime) -> tuple[datetime, str]:
    """By the late rule, or at the update that the answer names where that was earlier."""
    ruled = surely_known(period)
    try:
        day = date.fromisoformat(updated)
    except ValueError:
        return (ruled, late_basis(period.frequency, "the World Bank")) if ruled <= now else (now, _FETCHED)
    update = datetime.combine(day, time(23, 59, 59, 999999), ZoneInfo(NEW_YORK)).astimezone(UTC)
    if ruled <= min(update, now):
        return ruled, late_basis(period.frequency, "the World Bank")
    return (update, _UPDATED) if update <= now else (now, _FETCHED)


SOURCE: WorldBank = WorldBank()

"""FRED and ALFRED of the St. Louis Fed: macro series with every vintage, or, without a key, their latest values.

With a key: the series' names over time, its vintage dates, then observations over the whole real time: one row a
period and value, with the day on which it was first told. Where there are many vintages they are asked in blocks.
Without one: the table behind FRED's chart, latest values only, known when they were fetched.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from providers import fred_rows as rows
from providers.base import answer_hash
from providers.errors import Kind, SourceError, malformed, not_found, refused
from providers.source import Access, Answer, KeyNeed, Limit, Request, Service, SourceInfo

if TYPE_CHECKING:
    import polars as pl

RULES = "fred 1"
EVER = {"realtime_start": "1776-07-04", "realtime_end": "9999-12-31"}
BLOCK = 1000  # vintages a call: FRED refuses calls over too many of them
PAGE = 100_000  # FRED's own limit of rows a call
_ID = re.compile(r"[A-Za-z0-9_]{1,60}")

INFO = SourceInfo(
    name="fred",
    title="FRED",
    base_urls={"": "https://api.stlouisfed.org", "graph": "https://fred.stlouisfed.org"},
    services=(
        Service("observations", ("macro",), "as far as each series goes, vintages mostly since the 1990s",
                note="Without a key the latest values only, known when they were fetched."),
    ),
    limits=(Limit(120, 60),),
    terms="Free with a key of one's own; some series are their owners' and not to be passed on.",
    terms_url="https://fred.stlouisfed.org/docs/api/terms_of_use.html",
    key=KeyNeed(
        ("key",), (("FRED_API_KEY",),), "https://fredaccount.stlouisfed.org/apikeys", optional=True
    ),
)  # fmt: skip


class Fred:
    """Observations of one series."""

    info = INFO

    def fetch(self, request: Request, access: Access) -> Answer:
        series = request.subject.ticker.upper()
        if request.dataset != "observations" or not _ID.fullmatch(series):
            raise SourceError(Kind.NOT_SERVED, f"FRED has series such as UNRATE; {series} is no name of one")
        return _vintages(series, request, access) if access.has_secret() else _graph(series, request, access)


def _vintages(series: str, request: Request, access: Access) -> Answer:

    contents: list[bytes] = []
    entries = _list(_described(series, access, contents), "seriess", series)
    if not entries:
        raise not_found(f"FRED knows no series {series}")
    frequency = str(entries[-1].get("frequency_short") or "")
    vintages = _vintage_dates(series, access, contents)
    span = {"observation_start": request.start.isoformat()} if request.start else {}
    span |= {"observation_end": request.end.isoformat()} if request.end else {}
    by_vintage = len(vintages) > 1
    told: list[dict[str, Any]] = []
    blocks = _blocks(vintages) if by_vintage else [{}]
    for done, real_time in enumerate(blocks):
        access.progress(done, len(blocks), f"FRED {series}")
        told += _observations(series, {**span, **real_time}, access, contents)
    frame, aside = rows.parse(told)
    known = rows.by_vintage(frame) if by_vintage else rows.by_lag(frame, frequency)
    if by_vintage and frequency == "D":
        known = rows.as_quoted(known, vintages[0])
    observations = rows.named(known, request.subject.identity, access.now)
    # Where only a part of the series was asked for, it was known as a series all the same.
    first = rows.end_in_new_york(vintages[0]) if by_vintage else observations["known_at"].min()
    securities = rows.securities(request.subject.identity, series, entries, first, access.now)
    note = f"{len(vintages):,} vintages." if by_vintage else "Without vintages: values as they stand today."
    frames: dict[str, pl.DataFrame] = {"observations": observations, "securities": securities}
    return Answer(frames, answer_hash(RULES, *contents), note=note, quarantined=tuple(aside), positive=False)


def _described(series: str, access: Access, contents: list[bytes]) -> dict[str, Any]:
    """The series' metadata over all real time; of one that ALFRED does not keep, today's."""
    found = _ask("/fred/series", {"series_id": series, **EVER}, access, contents)
    if found is None:
        found = _ask("/fred/series", {"series_id": series}, access, contents)
    if found is None:
        raise not_found(f"FRED knows no series {series}")
    return found


def _vintage_dates(series: str, access: Access, contents: list[bytes]) -> list[date]:
    """The days on which anything of the series was told, oldest first; none where ALFRED does not keep it."""
    days: list[str] = []
    page: list[str] = []
    while True:
        asked: dict[str, str | int] = {"series_id": series, "limit": 10_000, "offset": len(days), **EVER}
        found = _ask("/fred/series/vintagedates", asked, access, contents)
        if found is None:
            return []
        page = _another(_list(found, "vintage_dates", series, str), page, series)
        days += page
        if _complete(days, page, found, series):
            break
        access.check_cancelled()
    try:
        return sorted({date.fromisoformat(day) for day in days})
    except ValueError as error:
        raise malformed(f"FRED names a vintage of {series} that is no day: {error}") from error


def _blocks(vintages: list[date]) -> list[dict[str, str]]:
    """Real-time periods that together are all of it, each with at most BLOCK vintages."""
    firsts = vintages[::BLOCK]
    ends = [first - timedelta(days=1) for first in firsts[1:]] + [date.max]
    return [
        {"realtime_start": first.isoformat(), "realtime_end": end.isoformat()}
        for first, end in zip(firsts, ends, strict=True)
    ]


def _observations(
    series: str, params: dict[str, str], access: Access, contents: list[bytes]
) -> list[dict[str, Any]]:
    """Every page of one call's observations."""
    told: list[dict[str, Any]] = []
    page: list[dict[str, Any]] = []
    while True:
        access.check_cancelled()
        asked: dict[str, str | int] = {"series_id": series, "limit": PAGE, "offset": len(told), **params}
        found = _ask("/fred/series/observations", asked, access, contents)
        if found is None:
            raise not_found(f"FRED has no observations of {series}")
        page = _another(_list(found, "observations", series), page, series)
        told += page
        if _complete(told, page, found, series):
            return told


def _ask(
    path: str, params: dict[str, str | int], access: Access, contents: list[bytes]
) -> dict[str, Any] | None:
    """One answer of the API; None where it says that ALFRED does not keep the series."""
    reply = access.get(
        path, {**params, "file_type": "json"}, secret_params={"api_key": access.secret()}, accept=(200, 400)
    )
    body = reply.json()
    if not isinstance(body, dict):
        raise malformed(f"{reply.url} answered no JSON object")
    if reply.status == 200 and "error_code" not in body and "error_message" not in body:
        contents.append(reply.content)
        return body
    message = str(body.get("error_message", ""))[:200]
    if "ALFRED" in message:
        return None
    if "series does not exist" in message:
        raise not_found(f"FRED knows no series {params['series_id']}")
    if "api_key" in message:
        raise SourceError(
            Kind.NEEDS_KEY,
            "FRED refused the key: it must be the 32 letters and digits of one that is registered",
        )
    if str(body.get("error_code")) == "429":
        raise SourceError(Kind.RATE_LIMIT, f"FRED: {message}")
    raise refused(f"FRED will not answer for {params['series_id']}: {message or f'status {reply.status}'}")


def _list(body: dict[str, Any], name: str, series: str, kind: type = dict) -> list[Any]:
    found = body.get(name)
    if not isinstance(found, list) or not all(isinstance(item, kind) for item in found):
        raise malformed(f"FRED's answer about {series} has no list of {name}")
    return found


def _another(page: list[Any], before: list[Any], series: str) -> list[Any]:
    """The page, unless it is the one before over again: paging would never end."""
    if page and page == before:
        raise malformed(f"FRED tells the same page of {series} again where the next one should be")
    return page


def _complete(told: list[Any], page: list[Any], found: dict[str, Any], series: str) -> bool:
    """Whether all that FRED counts was told; half of a history must not pass for the whole."""
    try:
        count = int(found.get("count", 0))
    except (TypeError, ValueError) as error:
        raise malformed(f"FRED answered for {series} without the number of its rows") from error
    if not page and len(told) < count:
        raise malformed(f"FRED counts {count:,} rows of {series} and ends after {len(told):,}")
    return len(told) >= count


def _graph(series: str, request: Request, access: Access) -> Answer:
    """The chart's table: a date and a value a line."""
    params = {"id": series}
    params |= {"cosd": request.start.isoformat()} if request.start else {}
    params |= {"coed": request.end.isoformat()} if request.end else {}
    reply = access.get("/graph/fredgraph.csv", params, role="graph")
    lines = [line.split(",") for line in reply.text().splitlines() if line.strip()]
    if not lines or [cell.strip().upper() for cell in lines[0]][1:] != [series]:
        start = reply.text()[:60].strip()
        raise malformed(
            f"{reply.url} answered no table of {series}: {start!r}; with a key FRED answers better"
        )
    odd = {"realtime_start": "", "realtime_end": ""}
    told = [{"date": line[0], "value": ",".join(line[1:]) or ".", **odd} for line in lines[1:]]
    frame, aside = rows.parse(told)
    observations = rows.named(rows.by_fetch(frame, access.now), request.subject.identity, access.now)
    entry = {"title": request.subject.name or series, "units": "", "observation_start": str(
        observations["period_date"].min() or "")}  # fmt: skip
    securities = rows.securities(request.subject.identity, series, [entry], access.now, access.now)
    note = "Latest values only, known when they were fetched: set a key (KEYS) for what was known before."
    return Answer(
        {"observations": observations, "securities": securities}, answer_hash(RULES, reply.content), note=note,
        quarantined=tuple(aside), positive=False,
    )  # fmt: skip


SOURCE = Fred()

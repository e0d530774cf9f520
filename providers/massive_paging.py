"""Massive's pages: followed to their end, and what it says in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from providers.errors import Kind, SourceError, malformed, refused
from providers.source import Access, Reply
from providers.vendor_values import Gathered, listed, told

# The vendor was Polygon.io until October 2025; both names answer, and pages may point to either.
HOSTS = frozenset({"api.massive.com", "api.polygon.io"})
MOST_PAGES = 2_000
_FINE = frozenset({"OK", "DELAYED", "SUCCESS"})  # without results: there are none
_REFUSALS = frozenset({"ERROR", "NOT_AUTHORIZED", "NOT_FOUND"})


def body_of(gathered: Gathered, path: str, params: Mapping[str, str | int | float]) -> tuple[Any, Reply]:
    """One answer's object. The key goes in a header, so that no address carries it."""
    reply = ask(gathered.access, path, params)
    body = told(gathered.read(reply), reply.url)
    status = str(body.get("status") or "").upper()
    if "results" not in body and status not in _FINE:
        raise spoken(status, str(body.get("error") or body.get("message") or "neither results nor a reason"))
    if status in _REFUSALS:
        raise spoken(status, str(body.get("error") or body.get("message") or "no reason given"))
    return body, reply


def ask(access: Access, path: str, params: Mapping[str, str | int | float]) -> Reply:
    """GET with the key; what the plan does not include is told in Massive's own words."""
    reply = access.get(
        path, params, secret_headers={"authorization": f"Bearer {access.secret()}"}, accept=(200, 403)
    )
    if reply.status == 403:
        try:
            body = told(reply.json(), reply.url)
        except SourceError:
            body = {}
        why = body.get("message") or body.get("error") or "no reason given"
        raise SourceError(Kind.FORBIDDEN, f"Massive refuses {reply.url}: {why}")
    return reply


def pages(gathered: Gathered, path: str, params: Mapping[str, str | int | float], label: str) -> list[Any]:
    """The ``results`` of every page. A missing list is an empty one: so Massive answers where it has nothing."""
    found: list[Any] = []
    seen: set[str] = set()
    for page in range(MOST_PAGES):
        gathered.access.check_cancelled()
        body, reply = body_of(gathered, path, params)
        found += listed(body.get("results"), f"results of {reply.url}")
        gathered.access.progress(page + 1, 0, f"{label}: {len(found):,} rows")
        following = body.get("next_url")
        if not following:
            return found
        if following in seen:
            raise malformed(f"{reply.url} names a page that was read already as the next one")
        seen.add(following)
        path, params = _next(str(following))
    raise malformed(f"Massive names more than {MOST_PAGES:,} pages for {label}: not followed any further")


def _next(url: str) -> tuple[str, dict[str, str | int | float]]:
    """The page that ``next_url`` names (it comes without the key, and may carry a port)."""
    parts = urlsplit(url)
    if parts.hostname not in HOSTS:
        raise malformed(f"Massive points to another host, {parts.hostname}: not followed")
    return parts.path, {name: value for name, value in parse_qsl(parts.query) if name != "apiKey"}


def spoken(status: str, said: str) -> SourceError:
    """An error inside a 200, by what it says."""
    text = f"Massive answers: {said}"
    if "maximum requests" in said:
        return SourceError(Kind.RATE_LIMIT, text)
    kinds = {"NOT_AUTHORIZED": Kind.FORBIDDEN, "NOT_FOUND": Kind.NOT_FOUND}
    if status.upper() in kinds:
        return SourceError(kinds[status.upper()], text)
    return SourceError(Kind.NEEDS_KEY, text) if "api key" in said.lower() else refused(text)

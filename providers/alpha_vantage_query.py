"""Asking Alpha Vantage: one address for everything, and every refusal inside an answer of status 200."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from providers.errors import Kind, SourceError, malformed, not_found, refused
from providers.source import Reply
from providers.vendor_values import Gathered, told

RULES = "alpha_vantage 1"
_LIMITS = ("rate limit", "requests per day", "per second", "per minute", "call frequency", "spreading out")
_EMPTY = ("no articles found", "no data for")


def ask(gathered: Gathered, function: str, **params: str) -> Reply:
    """The reply of one function."""
    access = gathered.access
    access.check_cancelled()
    reply = access.get("/query", {"function": function, **params}, secret_params={"apikey": access.secret()})
    gathered.contents.append(reply.content)
    return reply


def query(gathered: Gathered, function: str, **params: str) -> Mapping[str, Any]:
    """The object that one function answers; empty where it says that there is nothing."""
    reply = ask(gathered, function, **params)
    body = told(reply.json(), reply.url)
    for name in ("Error Message", "Information", "Note", "message", "error"):
        said = str(body.get(name) or "")
        if said and not (name == "message" and said == "success"):
            if any(words in said.lower() for words in _EMPTY):
                return {}
            raise spoken(name, said.replace(gathered.access.secret(), "(your key)"), gathered)
    return body


def spoken(name: str, said: str, gathered: Gathered) -> SourceError:
    """What a refusal in words means. The words for a spent quota also sell a plan: they are looked for first."""
    text, low = f"Alpha Vantage answers: {said}", said.lower()
    if name == "Note" or any(words in low for words in _LIMITS):
        return SourceError(Kind.RATE_LIMIT, text)
    if "premium" in low:
        return SourceError(Kind.FORBIDDEN, text)
    if "apikey" in low and "invalid" in low and "invalid api call" not in low:
        return SourceError(Kind.NEEDS_KEY, text)
    if "invalid api call" in low:
        return not_found(f"Alpha Vantage does not know {gathered.request.subject.ticker}: {said}")
    return refused(text)


def series_of(body: Mapping[str, Any], gathered: Gathered) -> tuple[Mapping[str, Any], ZoneInfo]:
    """The series in an answer, by time, and the zone that its times are of. ``{}`` is an unknown symbol."""
    if not body:
        raise not_found(f"Alpha Vantage does not know {gathered.request.subject.ticker}")
    meta = told(body.get("Meta Data"), "Meta Data")
    name = next((each for each in body if each.startswith("Time Series")), None)
    if name is None:
        raise malformed(f"Alpha Vantage answers without a series, but with {', '.join(sorted(body))}")
    zone = next((str(value) for key, value in meta.items() if key.endswith("Time Zone")), "")
    try:
        return told(body[name], name), ZoneInfo(zone.partition(" ")[0])
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise malformed(f"Alpha Vantage names an unknown time zone: {zone!r}") from error

"""What a status that nobody asked for means, in a sentence that says what to do."""

from __future__ import annotations

import re

from providers.errors import Kind, SourceError
from providers.patience import retry_after
from providers.source import Reply, SourceInfo

_KINDS = {
    401: Kind.NEEDS_KEY,
    403: Kind.FORBIDDEN,
    404: Kind.NOT_FOUND,
    410: Kind.NOT_FOUND,
    413: Kind.TOO_LARGE,
    418: Kind.RATE_LIMIT,  # Binance: banned for a while after too many 429
    429: Kind.RATE_LIMIT,
    451: Kind.FORBIDDEN,
}
_TOO_OFTEN = re.compile(rb"rate threshold|too many requests|rate limit exceeded|request rate", re.IGNORECASE)
_UNDECLARED = re.compile(rb"undeclared automated tool", re.IGNORECASE)
_BLOCK_SECONDS = 600.0  # EDGAR lets an address in again ten minutes after it became slow enough
_QUOTED = 160


def fault_of(info: SourceInfo, reply: Reply, *, with_key: bool) -> SourceError:
    """The error for an answer of a status that was not accepted."""
    status, wait = reply.status, retry_after(reply.headers)
    kind = _KINDS.get(status, Kind.SERVER if status >= 500 else Kind.REFUSED)
    if status == 403 and _TOO_OFTEN.search(reply.content[:20_000]):
        # a block for asking too often, told as 403 (EDGAR does)
        kind, wait = Kind.RATE_LIMIT, wait or _BLOCK_SECONDS
    message = (
        f"{info.title} {_said(info, reply, kind, wait, with_key)} ({status} to {reply.url}){_quoted(reply)}"
    )
    return SourceError(kind, message, source=info.name, retry_after=wait)


def _said(info: SourceInfo, reply: Reply, kind: Kind, wait: float | None, with_key: bool) -> str:
    if reply.status == 403 and _UNDECLARED.search(reply.content[:20_000]):
        return "wants to know who asks: type KEYS CONTACT and your mail address"
    match kind:
        case Kind.NEEDS_KEY:
            what = "refuses the key" if with_key else "wants a key"
            return f"{what}: KEYS SET {info.name.upper()} sets one"
        case Kind.FORBIDDEN:
            return "does not allow this: the plan of the key may not include it, or this address is blocked"
        case Kind.NOT_FOUND:
            return "does not know what was asked for"
        case Kind.RATE_LIMIT if reply.status == 403:
            return "was asked too often and blocks this address for some minutes"
        case Kind.RATE_LIMIT:
            asks = f": it asks to wait {wait:,.0f} s" if wait else ""
            return f"was asked more often than it allows{asks}"
        case Kind.SERVER:
            return "has a fault of its own, try again later"
        case _:
            return "refuses the request"


def _quoted(reply: Reply) -> str:
    """The start of what it says, where that is words and not a page."""
    start = " ".join(reply.content[:2_000].decode("utf-8", "replace").split())
    if not start or start.startswith("<"):
        return ""
    return f": {start[:_QUOTED]}{'...' if len(start) > _QUOTED else ''}"

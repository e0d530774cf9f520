"""What can go wrong with a source: each failure has a kind that says what to do about it."""

from __future__ import annotations

from enum import StrEnum

from providers.base import ProviderError


class Kind(StrEnum):
    """Why a source gave no rows."""

    UNREACHABLE = "unreachable"  # no connection
    TIMEOUT = "timeout"
    NEEDS_KEY = "needs key"  # none is set, or the one that is was refused (401)
    FORBIDDEN = "forbidden"  # 403: the plan does not include it, or the address is blocked
    NOT_FOUND = "not found"  # the source does not know the symbol or series
    RATE_LIMIT = "rate limit"
    SERVER = "server error"  # 5xx
    MALFORMED = "malformed"  # not what the source documents
    TOO_LARGE = "too large"
    REFUSED = "refused"  # the source says in words that it will not (an error inside a 200 too)
    NOT_SERVED = "not served"  # it was asked for what it does not offer
    CANCELLED = "cancelled"


# Another try, or another hour, may bring rows; the others need a person or another source.
PASSING = frozenset({Kind.UNREACHABLE, Kind.TIMEOUT, Kind.RATE_LIMIT, Kind.SERVER, Kind.MALFORMED})


class SourceError(ProviderError):
    """A source gave no rows. The message is a sentence for the user, without secrets.

    ``source`` is filled in by the access layer. ``retry_after``: seconds, where the source named them.
    """

    def __init__(
        self, kind: Kind, message: str, *, source: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.kind, self.source, self.retry_after = kind, source, retry_after

    @property
    def passing(self) -> bool:
        return self.kind in PASSING


def malformed(message: str) -> SourceError:
    return SourceError(Kind.MALFORMED, message)


def not_found(message: str) -> SourceError:
    return SourceError(Kind.NOT_FOUND, message)


def refused(message: str) -> SourceError:
    return SourceError(Kind.REFUSED, message)

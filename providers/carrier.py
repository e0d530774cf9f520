"""What may carry a question in place of our own connections, where a source wants a browser.

Everything around it stays ours: limits, retries, the bound on an answer, redaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from providers.source import Reply, SourceInfo


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one exchange may cost. ``seconds``: to connect, between two bytes, for the whole answer."""

    shown: str  # the address as it may be told
    seconds: tuple[float, float, float]
    max_bytes: int
    cancelled: Callable[[], bool]


class Carrier(Protocol):
    """Carries one GET."""

    def carry(self, url: str, params: Mapping[str, str], bounds: Bounds) -> Reply:
        """The answer, of whatever status; SourceError of a kind that says whether another try may help."""


def carrier_of(info: SourceInfo, url: str) -> Carrier | None:
    """The carrier of a source, imported when it is first needed, and only for the source's own hosts: an address
    put in their place (tests) is asked over our own connections."""
    if not info.carrier or not any(
        url.startswith(base.rstrip("/") + "/") for base in info.base_urls.values()
    ):
        return None
    carrier: Carrier = import_module(info.carrier).CARRIER
    return carrier

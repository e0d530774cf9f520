"""Other base addresses than a source's own, for programs that tests start: loopback and nothing else.

``ASOF_SOURCE_URLS`` reads ``yahoo=http://127.0.0.1:1234,fred=http://127.0.0.1:1235``. A source that has
several base addresses gets the one given for all of them; ``edgar.archive=...`` names one by its role.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from providers.base import ProviderError

VARIABLE = "ASOF_SOURCE_URLS"


def is_loopback(host: str | None) -> bool:
    """Whether a host name is this machine, without asking anyone: a name could be made to lead elsewhere."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def source_urls(
    environ: Mapping[str, str], roles: Mapping[str, tuple[str, ...]] | None = None
) -> dict[str, dict[str, str]]:
    """Base addresses by source and role from the environment; empty where it says nothing.

    ``roles``: the roles of each source's base addresses, for entries that name none (only ``""`` without).

    Raises
    ------
    ProviderError
        The variable cannot be read, or names an address that is not this machine's.
    """
    found: dict[str, dict[str, str]] = {}
    for entry in environ.get(VARIABLE, "").split(","):
        if not entry.strip():
            continue
        name, equals, url = entry.strip().partition("=")
        source, dot, role = name.strip().partition(".")
        parts = _base(url.strip())
        if not equals or not source or parts is None:
            raise ProviderError(
                f"{VARIABLE} holds {entry.strip()!r}; it takes source=http://127.0.0.1:port, with commas between"
            )
        if not is_loopback(parts.hostname) or parts.username is not None:
            raise ProviderError(
                f"{VARIABLE} sends {source} to {parts.hostname}: only addresses of this machine (127.0.0.1) "
                "may stand there"
            )
        wanted = (role,) if dot else (roles or {}).get(source, ("",))
        found.setdefault(source, {}).update(dict.fromkeys(wanted, url.strip().rstrip("/")))
    return found


def _base(url: str) -> SplitResult | None:
    """The parts of a base address; None where it is none."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # looked at only when it is asked for
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and not (parts.query or parts.fragment) else None

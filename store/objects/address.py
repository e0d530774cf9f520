"""Where a store is published, s3://bucket/prefix and the like: told apart from a folder, and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from store.errors import StoreError

SCHEMES = ("s3", "gs", "az", "file")
ALLOW_HTTP = "ASOF_ALLOW_HTTP"
_ENDPOINTS = {
    "s3": ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"),
    "gs": ("GOOGLE_BASE_URL",),
    "az": ("AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT"),
}


@dataclass(frozen=True, slots=True)
class Address:
    """A scheme, a bucket (of file:// none) and a prefix without slashes around it."""

    scheme: str
    bucket: str
    prefix: str

    def __str__(self) -> str:
        return f"{self.scheme}://{'/'.join(part for part in (self.bucket, self.prefix) if part)}"


def is_address(place: object) -> bool:
    """Whether a store's place is an address rather than a folder."""
    return isinstance(place, str) and "://" in place


def place_of(text: str) -> Path | str:
    """What was typed as a store's place: an address as it is, a folder as its path from the root."""
    return text if is_address(text) else Path(text).expanduser().absolute()


def read_address(text: str) -> Address:
    """The address that a text says.

    Raises
    ------
    StoreError
        It is none, or holds what an address must not (a user, a password, a query).
    """
    from urllib.parse import urlsplit

    parts = urlsplit(text.strip())
    if parts.scheme not in SCHEMES:
        raise StoreError(
            f"a published store's address begins with {', '.join(f'{name}://' for name in SCHEMES)}, "
            f"as s3://bucket/prefix; {parts.scheme or 'this'} is none of them"
        )
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise StoreError(
            "an address holds no user, password or query: credentials come from the environment or the machine"
        )
    if ".." in parts.path.split("/"):
        raise StoreError("an address goes down from its bucket: it holds no ..")
    if parts.scheme == "file":
        if parts.netloc or not parts.path.strip("/"):
            raise StoreError("a file address names a folder from the root: file:///shared/published")
        return Address("file", "", parts.path.rstrip("/"))
    if not parts.netloc:
        raise StoreError(f"an address names a bucket: {parts.scheme}://bucket/prefix")
    return Address(parts.scheme, parts.netloc, parts.path.strip("/"))


def http_allowed(address: Address, environ: Mapping[str, str]) -> bool:
    """Whether the endpoint that the environment names is spoken to without encryption: one of this machine, or one
    that ``ASOF_ALLOW_HTTP=1`` allows.

    Raises
    ------
    StoreError
        It is neither.
    """
    named = next((environ[name] for name in _ENDPOINTS.get(address.scheme, ()) if environ.get(name)), "")
    if not named or named.startswith("https://"):
        return False
    from urllib.parse import urlsplit

    parts = urlsplit(named)
    if parts.scheme == "http" and (environ.get(ALLOW_HTTP) == "1" or _loopback(parts.hostname or "")):
        return True
    raise StoreError(
        f"the endpoint of {address} is not https: credentials and data would travel open. Name an https endpoint, or "
        f"set {ALLOW_HTTP}=1 on a network that you trust"
    )


def _loopback(host: str) -> bool:
    import ipaddress

    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

"""A source's way to the network for one request: its addresses, its key, its errors by status."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from providers.errors import Kind, SourceError
from providers.source import Reply, SourceInfo

if TYPE_CHECKING:
    from providers.clocks import Calendars
    from providers.http import Client


def quiet(done: int, total: int, label: str) -> None:
    """Nobody watches."""


@dataclass(slots=True)
class WebAccess:
    """``Access`` over the real client. ``base_urls`` stand in for the source's own in tests."""

    info: SourceInfo
    client: Client
    now: datetime
    calendars: Calendars
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    base_urls: Mapping[str, str] = field(default_factory=dict)
    progress: Callable[[int, int, str], None] = quiet
    cancelled: Callable[[], bool] = lambda: False

    def get(
        self,
        path: str,
        params: Mapping[str, str | int | float] | None = None,
        *,
        role: str = "",
        headers: Mapping[str, str] | None = None,
        secret_params: Mapping[str, str] | None = None,
        secret_headers: Mapping[str, str] | None = None,
        accept: tuple[int, ...] = (200,),
    ) -> Reply:
        told = {name: str(value) for name, value in (params or {}).items()}
        hidden = dict(secret_params or {})
        return self._send("GET", path, role, {**told, **hidden}, told, headers, secret_headers, None, accept)

    def post(
        self,
        path: str,
        data: Mapping[str, str],
        *,
        role: str = "",
        headers: Mapping[str, str] | None = None,
        secret_headers: Mapping[str, str] | None = None,
        accept: tuple[int, ...] = (200,),
    ) -> Reply:
        return self._send("POST", path, role, {}, {}, headers, secret_headers, data, accept)

    def secret(self, field: str = "key") -> str:
        if field not in self.secrets:
            raise SourceError(Kind.NEEDS_KEY, f"{self.info.title} needs a key: KEYS SET {self.info.name}")
        return self.secrets[field]

    def has_secret(self, field: str = "key") -> bool:
        return field in self.secrets

    def check_cancelled(self) -> None:
        if self.cancelled():
            raise SourceError(Kind.CANCELLED, "cancelled", source=self.info.name)

    def _address(self, path: str, role: str) -> str:
        base = self.base_urls.get(role, self.info.base_urls[role])
        if "://" not in path:
            return base.rstrip("/") + "/" + path.lstrip("/")
        # A whole address, as paging gives it: only on a host of this source, a key goes nowhere else.
        own = {urlsplit(url).netloc: name for name, url in self.info.base_urls.items()}
        parts = urlsplit(path)
        if parts.netloc in own:
            base = self.base_urls.get(own[parts.netloc], self.info.base_urls[own[parts.netloc]])
            rest = parts.path + (f"?{parts.query}" if parts.query else "")
            return base.rstrip("/") + rest
        raise SourceError(
            Kind.MALFORMED, f"{self.info.title} points to another host, {parts.netloc}: not followed"
        )

    def _send(
        self,
        method: str,
        path: str,
        role: str,
        params: Mapping[str, str],
        told: Mapping[str, str],
        headers: Mapping[str, str] | None,
        secret_headers: Mapping[str, str] | None,
        data: Mapping[str, str] | None,
        accept: tuple[int, ...],
    ) -> Reply:
        from urllib.parse import urlencode

        self.check_cancelled()
        url = self._address(path, role)
        shown = url + (f"{'&' if '?' in url else '?'}{urlencode(told)}" if told else "")
        reply = self.client.send(
            method, url, params=params, headers={**(headers or {}), **(secret_headers or {})}, data=data,
            shown=shown, max_bytes=self.info.max_bytes, cancelled=self.cancelled,
        )  # fmt: skip
        if reply.status not in accept:
            raise self._fault(reply)
        return reply

    def _fault(self, reply: Reply) -> SourceError:
        status = reply.status
        kind = {401: Kind.NEEDS_KEY, 403: Kind.FORBIDDEN, 404: Kind.NOT_FOUND, 429: Kind.RATE_LIMIT}.get(
            status, Kind.SERVER if status >= 500 else Kind.REFUSED
        )
        return SourceError(kind, f"{self.info.title} answered {status} to {reply.url}", source=self.info.name)

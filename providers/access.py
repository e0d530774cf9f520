"""A source's way to the network for one request: its addresses, its key, its errors by status."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from providers.carrier import carrier_of
from providers.errors import Kind, SourceError
from providers.faults import fault_of
from providers.patience import quiet
from providers.source import Reply, SourceInfo

if TYPE_CHECKING:
    from providers.clocks import Calendars
    from providers.http import Client


@dataclass(slots=True)
class WebAccess:
    """``Access`` over the real client. ``base_urls`` stand in for the source's own in tests.

    ``contact``: the mail address that sources which want one are told; else the client's own User-Agent says it.
    """

    info: SourceInfo
    client: Client
    now: datetime
    calendars: Calendars
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    base_urls: Mapping[str, str] = field(default_factory=dict)
    progress: Callable[[int, int, str], None] = quiet
    cancelled: Callable[[], bool] = lambda: False
    contact: str = ""

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
        hidden = {*self.secrets.values(), *(secret_headers or {}).values()}
        hidden |= {value for name, value in params.items() if name not in told}
        limits = self.client.limits
        try:
            reply = self.client.send(
                method, url, params=params, headers=self._headers(headers, secret_headers), data=data,
                shown=shown, max_bytes=self.info.max_bytes, cancelled=self.cancelled, accept=accept,
                secrets=tuple(sorted(hidden)), progress=self.progress,
                budget=limits.budget(self.info, self.secrets) if limits is not None else None,
                carrier=carrier_of(self.info, url),
            )  # fmt: skip
        except SourceError as error:
            error.source = error.source or self.info.name
            raise
        if reply.status not in accept:
            fault = fault_of(self.info, reply, with_key=bool(hidden))
            if fault.kind is Kind.RATE_LIMIT and reply.status == 403 and limits is not None:
                limits.budget(self.info, self.secrets).pause(fault.retry_after or 0.0)
            raise fault
        return reply

    def _headers(
        self, headers: Mapping[str, str] | None, secret_headers: Mapping[str, str] | None
    ) -> dict[str, str]:
        """The request's headers, with the contact that the source wants."""
        sent = {name.lower(): value for name, value in {**(headers or {}), **(secret_headers or {})}.items()}
        agent = sent.get("user-agent", self.client.user_agent)
        if self.info.contact and "@" not in agent:
            if "@" not in self.contact:
                raise SourceError(
                    Kind.REFUSED,
                    f"{self.info.title} answers only who says how to be reached. Type KEYS CONTACT and your mail "
                    "address (KEYS CONTACT you@firm.com): it is sent in the User-Agent header",
                    source=self.info.name,
                )
            sent["user-agent"] = f"{agent} ({self.contact})"
        return sent

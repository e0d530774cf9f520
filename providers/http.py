"""The one HTTP client: httpx is imported here and nowhere else."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urljoin, urlsplit

from providers.addresses import is_loopback
from providers.body import ENCODINGS, CutShort, read_body
from providers.carrier import Bounds, Carrier
from providers.errors import Kind, SourceError
from providers.http_cache import HttpCache, request_name
from providers.patience import AGAIN, Patience, Progress, quiet, retry_after, wait
from providers.redact import Redactor
from providers.source import Reply
from providers.streams import Watch, watched

if TYPE_CHECKING:
    from providers.limits import Budget, Lease, RateLimits

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5


def user_agent(version: str, contact: str = "") -> str:
    """Who asks: the program, and where its user can be written to."""
    return f"asof/{version}" + (f" ({contact})" if contact else "")


@dataclass(frozen=True, slots=True)
class _Call:
    """One question, as it is asked each time."""

    method: str
    url: str
    params: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    data: Mapping[str, str] | None = field(repr=False)
    shown: str
    max_bytes: int
    cancelled: Callable[[], bool]
    accept: tuple[int, ...]
    redact: Redactor
    budget: Budget | None
    progress: Progress
    carrier: Carrier | None


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Why a try brought no answer. ``sent``: the source may have carried the request out."""

    kind: Kind
    message: str
    sent: bool


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """A redirect; where it leads may carry the key."""

    location: str = field(repr=False)


class Client:
    """GET and POST over pooled connections, with timeouts, bounds, retries and limits.

    May be shared by threads; ``close`` (or ``with``) ends its connections.

    Parameters
    ----------
    user_agent : what it calls itself; ``contact`` of a call takes the place of the one in it
    connect_seconds, read_seconds, total_seconds : to connect, between two bytes, for one whole answer
    patience : when it tries again
    limits : what the processes of this box may ask together; without, nothing is counted
    cache : where answers are kept for conditional requests; none are kept without
    """

    def __init__(
        self,
        *,
        user_agent: str,
        connect_seconds: float = 5.0,
        read_seconds: float = 30.0,
        total_seconds: float = 180.0,
        patience: Patience | None = None,
        limits: RateLimits | None = None,
        cache: HttpCache | None = None,
        connections: int = 16,
    ) -> None:
        self.user_agent, self.limits = user_agent, limits
        self._seconds = (connect_seconds, read_seconds, total_seconds)
        self._patience = patience or Patience()
        self._cache, self._connections = cache, connections
        self._lock = threading.Lock()
        self._pool: Any = None
        self._end: weakref.finalize[..., Any] | None = None

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End every connection. A closed client opens new ones where it is used again."""
        with self._lock:
            end, self._end, self._pool = self._end, None, None
        if end is not None:
            end()

    def send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str],
        headers: Mapping[str, str],
        data: Mapping[str, str] | None,
        shown: str,
        max_bytes: int,
        cancelled: Callable[[], bool],
        accept: tuple[int, ...] = (200,),
        secrets: tuple[str, ...] = (),
        budget: Budget | None = None,
        progress: Progress = quiet,
        carrier: Carrier | None = None,
    ) -> Reply:
        """One answer, of whatever status. ``shown`` is the address as it may be told; ``secrets`` never show.

        Raises
        ------
        SourceError
            No answer came, it is too large, or a wait would be longer than anybody waits.
        """
        redact = Redactor(secrets)
        call = _Call(
            method, url, params, {"user-agent": self.user_agent, "accept-encoding": ENCODINGS, **headers}, data,
            redact(shown), max_bytes, cancelled, accept, redact, budget, progress, carrier,
        )  # fmt: skip
        kept, name = None, ""
        if self._cache is not None and method == "GET" and carrier is None:
            name = request_name(url, params, headers)
            kept = self._cache.get(name)
            if kept is not None:
                call = replace(call, headers={**kept.conditions, **call.headers}, accept=(*accept, 304))
        reply = self._patient(call)
        if kept is not None and reply.status == 304:
            return Reply(call.shown, 200, {**reply.headers, **kept.headers}, kept.content)
        if self._cache is not None and name and reply.status == 200:
            self._cache.put(name, reply.headers, reply.content, secrets)
        return reply

    def _patient(self, call: _Call) -> Reply:
        """Try until there is an answer, or none is to be expected."""
        tried = 0
        while True:
            outcome = self._once(call)
            tried += 1
            if isinstance(outcome, Reply):
                if outcome.status in call.accept or outcome.status not in AGAIN:
                    return outcome
                asked = retry_after(outcome.headers)
                if asked is not None and call.budget is not None:
                    call.budget.pause(asked)
                longest = self._patience.longest_wait
                if call.method != "GET" or tried >= self._patience.tries or (asked or 0) > longest:
                    return outcome
                pause = self._patience.backoff(tried)
                pause = pause if asked is None else asked + min(pause, 1.0)
                why = f"before asking {_host(call.url)} again: it answered {outcome.status}"
            else:
                sent = outcome.sent and call.method != "GET"
                if tried >= self._patience.tries_for(outcome.kind, sent=sent):
                    times = f" (tried {tried} times)" if tried > 1 else ""
                    raise SourceError(outcome.kind, outcome.message + times)
                pause = self._patience.backoff(tried)
                why = f"before asking {_host(call.url)} again: {outcome.message}"
            wait(pause, call.cancelled, call.progress, why)

    def _once(self, call: _Call) -> Reply | _Trouble:
        """One try, redirects on the same host followed."""
        for _ in range(_MOST_REDIRECTS + 1):
            outcome = self._within_limits(call)
            if not isinstance(outcome, _Elsewhere):
                return outcome
            call = replace(call, url=_followed(call, outcome.location), params={})
        raise SourceError(Kind.MALFORMED, f"{call.shown} redirects in a circle: not followed any further")

    def _within_limits(self, call: _Call) -> Reply | _Trouble | _Elsewhere:
        if call.budget is None:
            return self._exchange(call, None)
        lease = call.budget.acquire(call.cancelled, call.progress)
        told = "no answer"
        try:
            outcome = self._exchange(call, lease)
            if isinstance(outcome, Reply):
                told = str(outcome.status)
            return outcome
        finally:
            lease.done(told)

    def _carried(self, call: _Call, carrier: Carrier) -> Reply | _Trouble:
        """One request by what stands in for our connections."""
        try:
            reply = carrier.carry(
                call.url, call.params, Bounds(call.shown, self._seconds, call.max_bytes, call.cancelled)
            )
        except SourceError as error:
            if not error.passing:
                raise
            return _Trouble(error.kind, call.redact(str(error)), error.kind is not Kind.UNREACHABLE)
        named = {name: call.redact(value) for name, value in reply.headers.items()}
        return Reply(call.shown, reply.status, named, call.redact.body(reply.content))

    def _exchange(self, call: _Call, lease: Lease | None) -> Reply | _Trouble | _Elsewhere:
        """One request on the wire. No error of httpx's leaves here: they carry the address with its key."""
        if call.carrier is not None:
            return self._carried(call, call.carrier)
        import httpx

        client = self._opened()
        headers = {name: value.encode() for name, value in call.headers.items()}
        watch = Watch(self._seconds[2], call.cancelled, call.shown)
        trouble: _Trouble
        try:
            with (
                watched(watch),
                client.stream(
                    call.method, call.url, params=dict(call.params) or None, headers=headers,
                    data=dict(call.data) if call.data is not None else None,
                ) as response,
            ):  # fmt: skip
                if lease is not None:
                    lease.arrived()
                location = response.headers.get("location", "")
                if location and response.status_code in _REDIRECTS - set(call.accept):
                    return _Elsewhere(location)
                named = {name.lower(): call.redact(value) for name, value in response.headers.items()}
                content = read_body(response.iter_raw(), named, call.shown, call.max_bytes)
                named.pop("content-encoding", None)
                return Reply(call.shown, response.status_code, named, call.redact.body(content))
        except httpx.ConnectTimeout:
            trouble = _Trouble(Kind.TIMEOUT, f"{_host(call.url)} could not be connected to in time", False)
        except httpx.TimeoutException:
            trouble = _Trouble(Kind.TIMEOUT, f"{call.shown} did not answer in time", True)
        except httpx.ConnectError as error:
            why = call.redact(str(error)) or type(error).__name__
            trouble = _Trouble(Kind.UNREACHABLE, f"{_host(call.url)} cannot be reached: {why}", False)
        except (httpx.RemoteProtocolError, httpx.ReadError, CutShort):
            message = f"the answer of {call.shown} was cut short: the connection broke before its end"
            trouble = _Trouble(Kind.MALFORMED, message, True)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            trouble = _Trouble(
                Kind.UNREACHABLE, f"{call.shown} cannot be reached ({type(error).__name__})", True
            )
        return trouble

    def _opened(self) -> Any:
        """The pooled client, made at the first use."""
        with self._lock:
            if self._pool is None:
                self._pool = _pooled(self._seconds[0], self._seconds[1], self._connections)
                self._end = weakref.finalize(self, self._pool.close)
            return self._pool


def _pooled(connect: float, read: float, connections: int) -> Any:
    import logging
    from http.cookiejar import DefaultCookiePolicy

    import httpx

    from providers.streams import SlicedBackend

    for name in ("httpx", "httpcore"):  # they log whole addresses, keys and all
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    client = httpx.Client(
        verify=_certificates(),
        timeout=httpx.Timeout(read, connect=connect),
        limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        follow_redirects=False,
        mounts={"all://127.0.0.1": None, "all://localhost": None},  # this machine, never by way of a proxy
    )
    # nothing is remembered between questions: a source that needs a cookie hands it over itself
    client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    # httpx has no public way to hand its transports another network backend: the one private touch
    for transport in {client._transport, *client._mounts.values()} - {None}:
        transport._pool._network_backend = SlicedBackend(transport._pool._network_backend)  # type: ignore[union-attr]
    return client


@cache
def _certificates() -> Any:
    """What encrypted connections trust; 30 ms to load, so once a process."""
    import httpx

    return httpx.create_ssl_context()


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


def _port(parts: SplitResult) -> int | None:
    """The port of an address, also where it goes without saying. ValueError where what stands there is none."""
    return parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _followed(call: _Call, location: str) -> str:
    """Where a redirect leads, if it may be followed: the same host, encrypted (or this machine)."""
    try:
        target = urljoin(call.url, location)
        here, there = urlsplit(call.url), urlsplit(target)
        ports = _port(here), _port(there)
    except ValueError:
        raise SourceError(Kind.MALFORMED, f"{call.shown} redirects to what is no address") from None
    alike = here.hostname == there.hostname
    same = alike and ports[0] == ports[1]
    upgraded = alike and (here.scheme, there.scheme, *ports) == ("http", "https", 80, 443)
    safe = there.scheme == "https" or (there.scheme == here.scheme == "http" and is_loopback(there.hostname))
    if call.method != "GET" or not (same or upgraded) or not safe or there.username is not None:
        raise SourceError(
            Kind.REFUSED,
            f"{call.shown} redirects to {call.redact(_host(target))}: not followed, keys go nowhere else",
        )
    return target

"""How questions reach Yahoo: over yfinance's data layer, for its cookie, its crumb and a browser's TLS.

Yahoo answers a plain client with 429 by the way it speaks TLS, and some pages want a cookie and a crumb that
belong together; both change, and yfinance keeps up with them. Nothing else of yfinance is used: the bytes are
handed on as they come. Bounds are kept here as our client keeps them: time, size, a wish to stop.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from providers.carrier import Bounds
from providers.errors import Kind, SourceError
from providers.source import Reply


def unchanged(url: str) -> str:
    """Every address as it is."""
    return url


@dataclass(slots=True)
class YahooTransport:
    """One session with Yahoo: cookie and crumb are had once and kept. May be shared by threads.

    ``address``: where an address is asked instead, for tests. ``cookies``: the folder that yfinance keeps its
    cookie in from one run to the next; its own where none is given.
    """

    address: Callable[[str], str] = unchanged
    cookies: Path | None = None
    _data: Any = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _local: threading.local = field(default_factory=threading.local)

    def carry(self, url: str, params: Mapping[str, str], bounds: Bounds) -> Reply:
        """GET one address. SourceError of a kind that tells whether another try may help."""
        from curl_cffi.requests import exceptions
        from yfinance.exceptions import YFException, YFRateLimitError

        data = self._opened()
        self._local.bounds, self._local.end = bounds, time.monotonic() + bounds.seconds[2]
        try:
            response = data.get(url, params=dict(params), timeout=bounds.seconds[1])
        except YFRateLimitError:
            # Refused twice, with either way to a cookie: as the answer it stands for, for retries to see.
            return Reply(bounds.shown, 429, {}, b"Too Many Requests")
        except exceptions.Timeout as error:
            raise SourceError(Kind.TIMEOUT, f"{bounds.shown} did not answer in time") from error
        except exceptions.IncompleteRead as error:
            raise SourceError(Kind.MALFORMED, f"the answer of {bounds.shown} was cut short") from error
        except exceptions.RequestException as error:
            host = urlsplit(url).netloc
            raise SourceError(
                Kind.UNREACHABLE, f"{host} cannot be reached ({type(error).__name__})"
            ) from None  # the error's text has the crumb in its address
        except YFException as error:
            raise SourceError(Kind.REFUSED, f"yfinance cannot ask {bounds.shown}: {error}") from error
        names = {str(name).lower(): str(value) for name, value in response.headers.items()}
        for name in ("content-encoding", "set-cookie"):  # undone already; a secret
            names.pop(name, None)
        return Reply(bounds.shown, int(response.status_code), names, bytes(response.content))

    def _opened(self) -> Any:
        """yfinance's data layer over a session of ours, made at the first use (0.7 s)."""
        with self._lock:
            if self._data is None:
                import logging

                from yfinance import set_tz_cache_location
                from yfinance.data import YfData

                for name in ("yfinance", "peewee"):  # they would write over the screen
                    logging.getLogger(name).setLevel(logging.CRITICAL + 1)
                if self.cookies is not None:
                    set_tz_cache_location(str(self.cookies))
                # A YfData of our own: the class hands out one for the whole process otherwise, and another
                # part of a program that uses yfinance would change its session under us.
                self._data = type.__call__(YfData, session=self._session())
            return self._data

    def _session(self) -> Any:
        from curl_cffi.requests import Session

        transport = self

        class BoundedSession(Session[Any]):
            """A browser's session whose every answer, cookies and crumb too, keeps to the bounds."""

            def request(self, method: str, url: str, *args: Any, **options: Any) -> Any:
                return transport.bounded(super().request, method, url, *args, **options)

        return BoundedSession(impersonate="chrome")

    def bounded(self, request: Callable[..., Any], method: str, url: str, *args: Any, **options: Any) -> Any:
        """One request of the session, its body read in parts and no further than allowed."""
        bounds: Bounds = self._local.bounds
        connect, read, _ = bounds.seconds
        options = {**options, "timeout": (connect, read), "stream": True}
        response = request(method, self.address(url), *args, **options)
        parts, size = [], 0
        try:
            for part in response.iter_content():
                size += len(part)
                if size > bounds.max_bytes:
                    raise SourceError(
                        Kind.TOO_LARGE, f"{bounds.shown} answers more than {bounds.max_bytes:,} bytes"
                    )
                if bounds.cancelled():
                    raise SourceError(Kind.CANCELLED, "cancelled")
                if time.monotonic() > self._local.end:
                    raise SourceError(Kind.TIMEOUT, f"{bounds.shown} did not answer in time")
                parts.append(part)
        finally:
            response.close()
        response.content = b"".join(parts)
        return response


CARRIER = YahooTransport()

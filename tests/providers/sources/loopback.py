"""A real HTTP server on this machine that answers as a source would, with faults where a test wants them."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from providers.access import WebAccess
from providers.embedded.loader import StoreCalendars
from providers.http import Client
from providers.patience import Patience
from providers.source import Answer, Request, Source
from store.sessions import Calendars

SHARED = Path(__file__).resolve().parents[4] / "shared" / "providers"


# Tries as often as the program does, and hardly waits in between.
HURRIED = Patience(backoff_seconds=0.01, longest_wait=1.0)


@dataclass(frozen=True)
class Asked:
    """A request as it reached the server."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    body: bytes


@dataclass(frozen=True)
class Said:
    """What the server says. ``cut``: the body ends there and the connection is closed. ``stall``: seconds
    before the rest of the body."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    cut: int | None = None
    stall: float = 0.0


Behaviour = Callable[[Asked], Said]


@dataclass
class Loopback:
    """A running server. ``asked`` is what came, in order."""

    url: str
    asked: list[Asked]


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[Loopback]:
    """Serve ``behaviour`` on a free port of 127.0.0.1."""
    asked: list[Asked] = []
    released = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else a body may wait 40 ms for what says that the head came

        def answer(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("content-length") or 0)
            request = Asked(
                self.command,
                parts.path,
                {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()},
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(length),
            )
            asked.append(request)
            said = behaviour(request)
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            if "content-length" not in said.headers:  # else the server lies about it
                self.send_header("content-length", str(len(said.body)))
            self.end_headers()
            try:
                if said.cut is None and not said.stall:
                    self.wfile.write(said.body)
                    return
                self.wfile.write(said.body[: said.cut if said.cut is not None else len(said.body) // 2])
                self.wfile.flush()
                released.wait(said.stall)
                self.close_connection = True
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        do_GET = do_POST = answer

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield Loopback(f"http://127.0.0.1:{server.server_address[1]}", asked)
    finally:
        released.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


@dataclass(frozen=True)
class Sample:
    """One question to a source and an answer in the documented form, written for these tests.

    ``routes``: body by path (query left out), or by ``path?name=value&...`` where pages differ. Every module in
    ``samples`` has a tuple ``SAMPLES``; the fault matrix runs over all of them. ``rows``: how many rows the answer
    makes, by table. ``rows_of``: where the rows lie in the JSON body (keys to follow), for the tests that repeat and
    reverse them; None for other bodies.
    """

    source: str
    request: Request
    routes: Mapping[str, bytes | Said]
    rows: Mapping[str, int]
    secrets: Mapping[str, str] = field(default_factory=lambda: {"key": "loopback-key"})
    rows_of: tuple[str | int, ...] | None = None
    now: datetime = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)

    def behaviour(self) -> Behaviour:
        def answer(asked: Asked) -> Said:
            for route, body in self.routes.items():
                path, _, query = route.partition("?")
                wanted = {name: values[-1] for name, values in parse_qs(query).items()}
                if path == asked.path and all(asked.query.get(n) == v for n, v in wanted.items()):
                    return body if isinstance(body, Said) else Said(body)
            return Said(b'{"error": "no such route in this sample"}', 404)

        return answer


def ask(
    source: Source,
    request: Request,
    server: Loopback,
    folder: Path,
    *,
    secrets: Mapping[str, str] | None = None,
    now: datetime = datetime(2026, 11, 20, 22, 0, tzinfo=UTC),
    patience: Patience = HURRIED,
    **client: float,
) -> Answer:
    """Fetch from the loopback server instead of the source's own addresses."""
    agent = "asof-tests/1.0 (tests@example.com)"
    with Client(user_agent=agent, patience=patience, **client) as pooled:
        access = WebAccess(
            info=source.info,
            client=pooled,
            now=now,
            calendars=StoreCalendars(Calendars(folder).get),
            secrets=secrets or {},
            base_urls=dict.fromkeys(source.info.base_urls, server.url),
        )
        return source.fetch(request, access)


def recorded(source: str, name: str) -> bytes:
    """A recorded answer from ../shared; the test is skipped where that is absent."""
    path = SHARED / source / name
    if not path.is_file():
        pytest.skip(f"../shared/providers/{source}/{name} is not on this machine")
    content = path.read_bytes()
    return gzip.decompress(content) if path.suffix == ".gz" else content


def day(text: str) -> date:
    return date.fromisoformat(text)

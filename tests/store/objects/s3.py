"""A small S3 on loopback: GET with ranges, HEAD, PUT with If-None-Match and If-Match, lists; and faults on demand."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

KEY = "AKIDTEST"
SECRET = "told-to-nobody"


@dataclass(slots=True)
class S3:
    """What the server holds and was asked. ``faults``: (method, part of the key) to what happens to how many of the
    next requests: a status, "cut" (half the body), "wrong" (other bytes) or "slow" (a second)."""

    objects: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    faults: dict[tuple[str, str], list[int | str]] = field(default_factory=dict)
    secret_seen: bool = False
    address: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, method: str, part: str = "") -> int:
        return sum(how == method and part in key for how, key in self.asked)

    def fault(self, method: str, key: str) -> int | str | None:
        with self.lock:
            self.asked.append((method, key))
            for (how, part), left in self.faults.items():
                if how == method and part in key and left:
                    return left.pop(0)
        return None

    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.address, "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1",
        }  # fmt: skip


@contextmanager
def serving() -> Iterator[S3]:
    held = S3()

    class Handler(_Handler):
        s3 = held

    server = _Server(("127.0.0.1", 0), Handler)
    held.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Who hung up before the answer is nobody's fault."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else a body may wait 40 ms for what says that the head came
    s3: S3

    def do_GET(self) -> None:
        key, query = self._key()
        if "list-type" in query:
            return self._list(query)
        fault = self.s3.fault("GET", key)
        if self._failed(fault):
            return None
        body = self.s3.objects.get(key)
        if body is None:
            return self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
        tag = _tag(body)
        if fault == "wrong":
            body = bytes(len(body))
        status, head = 200, {"ETag": tag, "Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"}
        if (span := self.headers.get("Range")) is not None:
            low, _, high = span.removeprefix("bytes=").partition("-")
            first, last = int(low), min(int(high or len(body) - 1), len(body) - 1)
            head["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
            status, body = 206, body[first : last + 1]
        return self._answer(status, body, head, cut=fault == "cut")

    do_HEAD = do_GET

    def do_PUT(self) -> None:
        key, _ = self._key()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self._failed(self.s3.fault("PUT", key)):
            return
        with self.s3.lock:
            held = self.s3.objects.get(key)
            wanted = self.headers.get("If-Match")
            stale = wanted is not None and (held is None or _tag(held) != wanted)
            if stale or (self.headers.get("If-None-Match") == "*" and held is not None):
                self._answer(412, b"<Error><Code>PreconditionFailed</Code></Error>")
                return
            self.s3.objects[key] = body
        self._answer(200, b"", {"ETag": _tag(body)})

    def _list(self, query: dict[str, list[str]]) -> None:
        prefix = query.get("prefix", [""])[0]
        if self._failed(self.s3.fault("LIST", prefix)):
            return
        bucket = urlsplit(self.path).path.strip("/")
        found = [
            f"<Contents><Key>{escape(key.removeprefix(f'{bucket}/'))}</Key><Size>{len(body)}</Size>"
            f"<ETag>{escape(_tag(body))}</ETag><LastModified>2024-01-01T00:00:00.000Z</LastModified></Contents>"
            for key, body in sorted(self.s3.objects.items())
            if key.startswith(f"{bucket}/{prefix}")
        ]
        body = f"<ListBucketResult><IsTruncated>false</IsTruncated>{''.join(found)}</ListBucketResult>"
        self._answer(200, body.encode())

    def _key(self) -> tuple[str, dict[str, list[str]]]:
        parts = urlsplit(self.path)
        if SECRET in str(self.headers) or SECRET in self.path:
            self.s3.secret_seen = True
        return unquote(parts.path).lstrip("/"), parse_qs(parts.query)

    def _failed(self, fault: int | str | None) -> bool:
        if KEY not in self.headers.get("Authorization", ""):
            fault = 403
        if isinstance(fault, int):
            word = {403: "AccessDenied", 503: "SlowDown"}.get(fault, "InternalError")
            text = f"<Error><Code>{word}</Code><StringToSign>{SECRET}</StringToSign></Error>"
            self._answer(fault, text.encode())
            return True
        if fault == "slow":
            threading.Event().wait(1.0)
        return False

    def _answer(
        self, status: int, body: bytes, head: dict[str, str] | None = None, *, cut: bool = False
    ) -> None:
        self.send_response(status)
        for name, value in {**(head or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self.wfile.flush()
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Nothing is printed."""


def _tag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'

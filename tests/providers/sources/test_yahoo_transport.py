"""yfinance as carrier: cookie and crumb on this machine, bounds kept, nothing leaves it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from providers.carrier import Bounds, carrier_of
from providers.errors import Kind, SourceError
from providers.http import Client
from providers.patience import Patience
from providers.source import Reply
from providers.yahoo import SOURCE
from providers.yahoo_transport import CARRIER, YahooTransport
from tests.providers.sources.loopback import Asked, Loopback, Said, serving

CHART = "https://query2.finance.yahoo.com/v8/finance/chart/ZZZ"
TEXT = {"content-type": "text/plain"}


def yahoo(chart: Said) -> Callable[[Asked], Said]:
    """Yahoo's hosts, told apart by the first part of the path."""

    def answer(asked: Asked) -> Said:
        host, _, path = asked.path.removeprefix("/").partition("/")
        if host == "fc.yahoo.com":
            cookie = "A3=loopback-cookie; Path=/; Max-Age=31536000"
            return Said(b"", 404, {**TEXT, "set-cookie": cookie})
        if path.startswith("v1/test/getcrumb"):
            return Said(b"loopback-crumb", 200, TEXT)
        if path.startswith("v8/finance/chart/"):
            return chart
        return Said(b"<html></html>", 200, {"content-type": "text/html"})

    return answer


def carrier(server: Loopback, folder: Path) -> YahooTransport:
    def address(url: str) -> str:
        parts = urlsplit(url)
        return f"{server.url}/{parts.netloc}{parts.path}" + (f"?{parts.query}" if parts.query else "")

    return YahooTransport(address=address, cookies=folder)


def carry(
    transport: YahooTransport, *, max_bytes: int = 1 << 20, read: float = 10.0, stop: bool = False
) -> Reply:
    bounds = Bounds(
        "https://query2.finance.yahoo.com/v8/finance/chart/ZZZ", (5.0, read, 60.0), max_bytes, lambda: stop
    )
    return transport.carry(CHART, {"interval": "1d"}, bounds)


def test_cookie_and_crumb_come_first_and_are_kept(tmp_path: Path) -> None:
    with serving(yahoo(Said(b'{"chart": {}}'))) as server:
        transport = carrier(server, tmp_path)
        assert carry(transport).json() == {"chart": {}}
        carry(transport)
        paths = [asked.path for asked in server.asked]
        asked = server.asked[-1]
    assert (
        paths[0] == "/fc.yahoo.com"
    )  # asked again each time here: a cookie of 127.0.0.1 is not kept on disk
    assert [path.rpartition("/")[2] for path in paths if "fc." not in path] == ["getcrumb", "ZZZ", "ZZZ"]
    assert (asked.query["crumb"], asked.query["interval"]) == ("loopback-crumb", "1d")
    assert "loopback-cookie" in asked.headers["cookie"]
    assert "Chrome" in asked.headers["user-agent"]


def test_the_crumb_and_the_cookie_are_not_told(tmp_path: Path) -> None:
    said = Said(b"{}", 200, {"content-type": "application/json", "set-cookie": "A1=other"})
    with serving(yahoo(said)) as server:
        reply = carry(carrier(server, tmp_path))
    assert "crumb" not in reply.url
    assert "set-cookie" not in reply.headers


def test_refusals_keep_their_status(tmp_path: Path) -> None:
    said = Said(b'{"chart":{"result":null,"error":{"code":"Not Found"}}}', 404)
    with serving(yahoo(said)) as server:
        reply = carry(carrier(server, tmp_path))
    assert (reply.status, b"Not Found" in reply.content) == (404, True)


def test_too_many_requests_is_a_429(tmp_path: Path) -> None:
    with serving(yahoo(Said(b"Too Many Requests", 429, TEXT))) as server:
        assert carry(carrier(server, tmp_path)).status == 429


@pytest.mark.parametrize(
    ("said", "options", "kind"),
    [
        (Said(b"x" * 300_000), {"max_bytes": 100_000}, Kind.TOO_LARGE),
        (Said(b"x" * 100_000, stall=30.0), {"read": 1.0}, Kind.TIMEOUT),
        (Said(b"{}"), {"stop": True}, Kind.CANCELLED),
    ],
)
def test_bounds(said: Said, options: dict[str, float], kind: Kind, tmp_path: Path) -> None:
    with serving(yahoo(said)) as server, pytest.raises(SourceError) as raised:
        carry(carrier(server, tmp_path), **options)  # type: ignore[arg-type]
    assert raised.value.kind is kind


def test_nobody_there(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        transport = carrier(Loopback(f"http://127.0.0.1:{taken.getsockname()[1]}", []), tmp_path)
        with pytest.raises(SourceError) as raised:
            carry(transport)
    assert raised.value.kind is Kind.UNREACHABLE
    assert "crumb" not in str(raised.value)


def test_only_yahoos_own_hosts_are_asked_this_way() -> None:
    assert carrier_of(SOURCE.info, CHART) is CARRIER
    assert carrier_of(SOURCE.info, "http://127.0.0.1:1234/v8/finance/chart/ZZZ") is None
    assert carrier_of(SOURCE.info, "https://query2.finance.yahoo.com.example/v8") is None


def through_client(transport: YahooTransport, client: Client, secrets: tuple[str, ...] = ()) -> Reply:
    return client.send(
        "GET", CHART, params={"interval": "1d"}, headers={}, data=None, shown=CHART, max_bytes=1 << 20,
        cancelled=lambda: False, carrier=transport, secrets=secrets,
    )  # fmt: skip


def test_the_client_tries_again_and_redacts_around_it(tmp_path: Path) -> None:
    told = iter([Said(b"", 503), Said(b"", 503), Said(b'{"said": "top-secret"}')])
    with serving(lambda asked: next(told) if "ZZZ" in asked.path else yahoo(Said())(asked)) as server:
        client = Client(user_agent="asof-tests/1.0", patience=Patience(backoff_seconds=0.01))
        reply = through_client(carrier(server, tmp_path), client, ("top-secret",))
    assert reply.status == 200
    assert b"top-secret" not in reply.content

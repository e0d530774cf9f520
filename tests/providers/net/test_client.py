"""The client against servers that fail in every way the network knows: real sockets on this machine."""

from __future__ import annotations

import gzip
import threading
import zlib
from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from providers.errors import Kind, SourceError
from providers.http import Client, _Call, _followed, user_agent
from providers.http_cache import HttpCache
from providers.patience import Patience, quiet, retry_after
from providers.redact import Redactor
from providers.source import Reply
from tests.providers.net.raw import closed_port, head, scripted, trickle
from tests.providers.sources.loopback import HURRIED, Asked, Said, serving

FAST = replace(HURRIED, tries=3)


def send(url: str, client: Client | None = None, method: str = "GET", **named: Any) -> Reply:
    settings: dict[str, Any] = {
        "params": {}, "headers": {}, "data": None, "shown": url, "max_bytes": 1 << 20,
        "cancelled": lambda: False, **named,
    }  # fmt: skip
    if client is not None:
        return client.send(method, url, **settings)
    with Client(user_agent="asof/1", patience=FAST, read_seconds=0.4, total_seconds=1.0) as made:
        return made.send(method, url, **settings)


def fault(url: str, client: Client | None = None, method: str = "GET", **named: Any) -> SourceError:
    with pytest.raises(SourceError) as caught:
        send(url, client, method, **named)
    return caught.value


def in_turn(*answers: Said) -> Callable[[Asked], Said]:
    """Answers one after the other, the last one for ever."""
    left = list(answers)
    lock = threading.Lock()

    def answer(asked: Asked) -> Said:
        with lock:
            return left.pop(0) if len(left) > 1 else left[0]

    return answer


# -- what is tried again --------------------------------------------------------------------------------


def test_a_refused_connection_is_tried_three_times_and_told() -> None:
    error = fault(f"http://127.0.0.1:{closed_port()}/x")
    assert error.kind is Kind.UNREACHABLE
    assert "tried 3 times" in str(error)
    assert "127.0.0.1" in str(error)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(status: int) -> None:
    with serving(in_turn(Said(status=status), Said(b"rows"))) as server:
        assert send(server.url).content == b"rows"
        assert len(server.asked) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 501])
def test_what_will_not_pass_is_asked_once(status: int) -> None:
    with serving(in_turn(Said(status=status))) as server:
        assert send(server.url).status == status
        assert len(server.asked) == 1


def test_what_stays_bad_comes_back_after_the_last_try() -> None:
    with serving(in_turn(Said(status=503))) as server:
        assert send(server.url).status == 503
        assert len(server.asked) == FAST.tries


def test_a_form_is_never_sent_twice() -> None:
    with serving(in_turn(Said(status=503), Said(b"token"))) as server:
        assert send(server.url, method="POST", data={"a": "b"}).status == 503
        assert len(server.asked) == 1
    with serving(in_turn(Said(b"x" * 100, cut=10))) as server:
        assert fault(server.url, method="POST", data={"a": "b"}).kind is Kind.MALFORMED
        assert len(server.asked) == 1


def test_an_accepted_status_is_no_failure() -> None:
    with serving(in_turn(Said(b"busy", status=503))) as server:
        assert send(server.url, accept=(200, 503)).content == b"busy"
        assert len(server.asked) == 1


# -- Retry-After ----------------------------------------------------------------------------------------


def test_a_long_retry_after_is_told_and_not_slept() -> None:
    with serving(in_turn(Said(status=429, headers={"retry-after": "3600"}))) as server:
        assert send(server.url).status == 429
        assert len(server.asked) == 1


def test_a_short_retry_after_is_waited_for_and_told() -> None:
    told: list[str] = []
    patience = Patience(tries=2, backoff_seconds=0.01, longest_wait=5)
    with (
        serving(in_turn(Said(status=429, headers={"retry-after": "1"}), Said(b"rows"))) as server,
        Client(user_agent="asof/1", patience=patience) as client,
    ):
        assert send(server.url, client, progress=lambda *said: told.append(said[2])).content == b"rows"
    assert any("answered 429" in words for words in told)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "12"}, 12.0),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": formatdate(1_000_060, usegmt=True)}, 60.0),
        ({"retry-after": formatdate(500_030, usegmt=True), "date": formatdate(500_000, usegmt=True)}, 30.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({}, None),
    ],
)
def test_retry_after_in_seconds_and_as_a_date(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, lambda: 1_000_000.0) == seconds


def test_jitter_is_drawn_from_nothing_to_twice_the_last() -> None:
    patience = Patience(backoff_seconds=1.0, longest_wait=5.0)
    assert [patience.backoff(n, lambda: 1.0) for n in (1, 2, 3, 4)] == [2.0, 4.0, 5.0, 5.0]
    assert patience.backoff(3, lambda: 0.0) == 0.0


# -- bounds ---------------------------------------------------------------------------------------------


def test_a_gigabyte_announced_is_refused_unread() -> None:
    with scripted(lambda c, _: c.sendall(head("content-length: 1073741824") + b"x" * 1000)) as url:
        error = fault(url)
    assert error.kind is Kind.TOO_LARGE
    assert "1,048,576 bytes" in str(error)


def test_a_gigabyte_streamed_is_cut_off_at_the_bound() -> None:
    sent = [0]

    def pour(connection: Any, _: int) -> None:
        connection.sendall(head("transfer-encoding: chunked"))
        while sent[0] < 1 << 30:
            connection.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            sent[0] += 65536

    with scripted(pour) as url:
        assert fault(url).kind is Kind.TOO_LARGE
    assert sent[0] < 64 << 20  # what sockets buffer


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_a_small_answer_that_unpacks_to_a_large_one_is_cut_off(pack: Callable[[bytes], bytes]) -> None:
    bomb = pack(b"\0" * (32 << 20))
    assert len(bomb) < 1 << 16
    encoding = "gzip" if pack is gzip.compress else "deflate"
    with serving(in_turn(Said(bomb, headers={"content-encoding": encoding}))) as server:
        assert fault(server.url).kind is Kind.TOO_LARGE


def test_packed_answers_are_unpacked() -> None:
    body = gzip.compress(b"one ") + gzip.compress(b"two")
    with serving(in_turn(Said(body, headers={"content-encoding": "gzip"}))) as server:
        assert send(server.url).content == b"one two"
        assert server.asked[0].headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (Said(b"not packed", headers={"content-encoding": "gzip"}), Kind.MALFORMED),
        (Said(gzip.compress(b"x" * 999)[:20], headers={"content-encoding": "gzip"}), Kind.MALFORMED),
        (Said(b"\x1b\x00", headers={"content-encoding": "br"}), Kind.MALFORMED),
        (Said(b"x" * 5000, cut=100), Kind.MALFORMED),
    ],
)
def test_a_body_that_is_not_whole_is_told(said: Said, kind: Kind) -> None:
    with serving(in_turn(said)) as server:
        assert fault(server.url).kind is kind


def test_a_body_cut_short_once_is_asked_for_again() -> None:
    with serving(in_turn(Said(b"x" * 5000, cut=100), Said(b"whole"))) as server:
        assert send(server.url).content == b"whole"


# -- time -----------------------------------------------------------------------------------------------


def test_silence_in_the_middle_of_a_body_ends() -> None:
    with serving(in_turn(Said(b"x" * 100, stall=20))) as server:
        assert fault(server.url).kind is Kind.TIMEOUT
        assert len(server.asked) == FAST.timeout_tries


@pytest.mark.parametrize("where", ["header", "body"])
def test_an_answer_that_trickles_in_ends(where: str) -> None:
    def slowly(connection: Any, _: int) -> None:
        if where == "body":
            connection.sendall(head("content-length: 10000"))
            trickle(connection, b"x" * 10000, 0.02)
        else:
            trickle(connection, b"HTTP/1.1 200 OK\r\n" + b"x-long: 1\r\n" * 1000, 0.02)

    with scripted(slowly) as url:
        error = fault(url)
    assert error.kind is Kind.TIMEOUT
    assert "within 1 s" in str(error)


def test_a_silent_answer_is_left_when_the_user_stops() -> None:
    stop = threading.Event()
    with (
        serving(in_turn(Said(b"x" * 100, stall=30))) as server,
        Client(user_agent="asof/1", read_seconds=60) as client,
    ):
        threading.Timer(0.2, stop.set).start()
        assert fault(server.url, client, cancelled=stop.is_set).kind is Kind.CANCELLED


def test_a_wait_is_left_when_the_user_stops() -> None:
    stop = threading.Event()
    said = Said(status=429, headers={"retry-after": "50"})
    with serving(in_turn(said)) as server, Client(user_agent="asof/1") as client:
        threading.Timer(0.2, stop.set).start()
        assert fault(server.url, client, cancelled=stop.is_set).kind is Kind.CANCELLED


# -- redirects ------------------------------------------------------------------------------------------


def test_a_redirect_on_the_same_host_is_followed() -> None:
    def behave(asked: Asked) -> Said:
        if asked.path == "/old":
            return Said(status=301, headers={"location": "/new?a=1"})
        return Said(asked.headers["x-key"].encode() + asked.query["a"].encode())

    with serving(behave) as server:
        assert send(f"{server.url}/old", headers={"x-key": "s"}).content == b"s1"


def test_a_redirect_elsewhere_is_not_followed_and_gets_no_key() -> None:
    with serving(in_turn(Said(b"stolen"))) as other:
        for target in (other.url, "http://example.com/", "//evil.example/", "ftp://127.0.0.1/x"):
            location = {"location": f"{target}?k=sesame-opens"}
            with serving(in_turn(Said(status=302, headers=location))) as server:
                error = fault(server.url, secrets=("sesame-opens",), headers={"x": "sesame-opens"})
                assert error.kind is Kind.REFUSED
                assert "sesame" not in str(error)
        assert other.asked == []


@pytest.mark.parametrize(
    ("asked", "location", "leads"),
    [
        ("https://api.example/a", "https://api.example:443/b", "https://api.example:443/b"),
        ("http://api.example/a", "https://api.example/b", "https://api.example/b"),
        ("https://api.example/a", "https://api.example:8443/b", None),
        ("http://api.example/a", "https://api.example:8443/b", None),
        ("https://api.example/a", "http://api.example/b", None),
        ("https://api.example/a", "https://api.example@evil.example/", None),
        ("https://api.example/a", "https://evil.example\\@api.example/", None),
        ("http://127.0.0.1:8000/a", "http://127.0.0.1:9000/", None),
    ],
)
def test_where_a_redirect_may_lead(asked: str, location: str, leads: str | None) -> None:
    """The same host by the same door: another port may be another's program."""
    call = _Call(
        "GET", asked, {}, {}, None, asked, 1, lambda: False, (200,), Redactor([]), None, quiet, None
    )  # fmt: skip
    if leads is not None:
        assert _followed(call, location) == leads
        return
    with pytest.raises(SourceError, match="not followed"):
        _followed(call, location)


def test_a_redirect_to_no_address_is_told() -> None:
    for location in ("http://[::1", "http://127.0.0.1:port/"):
        with serving(in_turn(Said(status=302, headers={"location": location}))) as server:
            assert fault(server.url).kind is Kind.MALFORMED


def test_a_circle_of_redirects_ends() -> None:
    with serving(in_turn(Said(status=302, headers={"location": "/again"}))) as server:
        assert "circle" in str(fault(server.url))


def test_a_redirect_that_was_asked_for_is_an_answer() -> None:
    with serving(in_turn(Said(status=302, headers={"location": "http://example.com/"}))) as server:
        assert send(server.url, accept=(302,)).headers["location"] == "http://example.com/"


# -- conditional requests --------------------------------------------------------------------------------


def test_an_answer_that_did_not_change_is_not_sent_again(tmp_path: Path) -> None:
    def behave(asked: Asked) -> Said:
        if asked.headers.get("if-none-match") == '"v1"':
            return Said(status=304, headers={"etag": '"v1"'})
        return Said(b"a large list", headers={"etag": '"v1"', "content-type": "text/plain"})

    folder = tmp_path / "http" / "me"
    with serving(behave) as server, Client(user_agent="asof/1", cache=HttpCache(folder)) as client:
        url = f"{server.url}/list"
        first = send(url, client, params={"apikey": "sesame-opens"}, secrets=("sesame-opens",))
        again = send(url, client, params={"apikey": "sesame-opens"}, secrets=("sesame-opens",))
        assert (first.status, again.status, again.content) == (200, 200, b"a large list")
        assert again.headers["content-type"] == "text/plain"
        assert server.asked[1].headers["if-none-match"] == '"v1"'
        send(url, client, params={"apikey": "another-key"}, secrets=("another-key",))
        assert "if-none-match" not in server.asked[2].headers
    kept = [path.read_bytes() for path in folder.iterdir()]
    assert len(kept) == 2
    assert not any(b"sesame" in entry for entry in kept)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in folder.iterdir())


def test_a_damaged_entry_is_as_none(tmp_path: Path) -> None:
    cache = HttpCache(tmp_path / "http")
    cache.put("a", {"etag": "1"}, b"content", ())
    assert cache.get("a") is not None
    (tmp_path / "http" / "a").write_bytes((tmp_path / "http" / "a").read_bytes()[:-1])
    assert cache.get("a") is None
    assert cache.get("b") is None


def test_the_cache_stays_within_its_bound(tmp_path: Path) -> None:
    cache = HttpCache(tmp_path / "http", most_bytes=10_000)
    for number in range(50):
        cache.put(f"n{number}", {"etag": "1"}, bytes(900), ())
    cache.sweep()
    assert sum(path.stat().st_size for path in (tmp_path / "http").iterdir()) <= 10_000
    assert cache.get("n49") is not None


@pytest.mark.parametrize(
    ("headers", "content"),
    [
        ({"etag": "1", "cache-control": "private, no-store"}, b"x"),
        ({}, b"x"),
        ({"etag": "1"}, b"your key is sesame-opens"),
        ({"etag": "1"}, bytes(101)),
    ],
)
def test_what_must_not_be_kept_is_not(tmp_path: Path, headers: dict[str, str], content: bytes) -> None:
    cache = HttpCache(tmp_path / "http", most_of_one=100)
    cache.put("a", headers, content, ("sesame-opens",))
    assert cache.get("a") is None


# -- one client, many threads ------------------------------------------------------------------------------


def test_one_client_serves_many_threads_and_is_closed(recwarn: pytest.WarningsRecorder) -> None:
    with (
        serving(lambda asked: Said(asked.path.encode())) as server,
        Client(user_agent="asof/1") as client,
    ):
        answers: dict[int, bytes] = {}

        def ask(number: int) -> None:
            answers[number] = send(f"{server.url}/{number}", client).content

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == {number: f"/{number}".encode() for number in range(20)}
    assert not [w for w in recwarn if issubclass(w.category, ResourceWarning)]


def test_no_cookie_is_carried_from_one_question_to_the_next() -> None:
    with (
        serving(in_turn(Said(headers={"set-cookie": "a=b; Path=/"}))) as server,
        Client(user_agent=user_agent("1.0", "me@firm.com")) as client,
    ):
        send(server.url, client)
        send(server.url, client)
        assert "cookie" not in server.asked[1].headers
        assert server.asked[1].headers["user-agent"] == "asof/1.0 (me@firm.com)"

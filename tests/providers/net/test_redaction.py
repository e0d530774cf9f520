"""No key in an address, an error, the chain behind it, a log line or what an answer echoes."""

from __future__ import annotations

import base64
import io
import logging
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from providers.access import WebAccess
from providers.embedded.loader import StoreCalendars
from providers.errors import Kind, SourceError
from providers.http import Client
from providers.redact import MARK, Redactor
from providers.source import KeyNeed, Limit, Service, SourceInfo
from store.sessions import Calendars
from tests.providers.net.raw import closed_port
from tests.providers.sources.loopback import HURRIED, Asked, Said, serving

KEY = 's3cr3t/key+with %odd"bits&é'
PARTS = ("s3cr3t", "odd%22bits", 'odd"bits')
INFO = SourceInfo(
    "made", "Made Up", {"": "https://api.made.example"}, (Service("bars"),), (Limit(100, 1.0),), "None.",
    key=KeyNeed(("key",), (("MADE_KEY",),), "https://made.example"),
)  # fmt: skip


@pytest.mark.parametrize(
    "form",
    [
        KEY,
        quote(KEY, safe=""),
        quote(KEY),
        quote(KEY, safe="").lower(),
        quote(KEY, safe="").replace("%2F", "/"),
        quote(quote(KEY, safe=""), safe=""),
        KEY.replace('"', '\\"').replace("é", "\\u00e9"),
        base64.b64encode(KEY.encode()).decode(),
        KEY.encode().decode("latin-1"),
        KEY.replace("/", "\\/").replace('"', '\\"'),  # as PHP writes JSON
        KEY.replace("+", "\\u002B").replace("&", "\\u0026"),  # as .NET and Go write JSON
        KEY.replace("+", "%2b"),
        KEY.replace("&", "&amp;").replace('"', "&#34;").replace("+", "&#x2B;"),
        KEY.replace(" ", "+"),
    ],
)
def test_every_form_of_a_key_is_found(form: str) -> None:
    assert Redactor([KEY])(f"before {form} after") == f"before {MARK} after"


@pytest.mark.parametrize("scheme", ["Bearer ", "token ", ""])
def test_a_headers_secret_is_its_value_without_the_scheme(scheme: str) -> None:
    assert Redactor([scheme + "abcdef123456"])("saw abcdef123456") == f"saw {MARK}"


def test_the_password_inside_basic_authorisation_is_one_too() -> None:
    basic = base64.b64encode(b"client:pass-phrase").decode()
    assert Redactor([f"Basic {basic}"])(f"pass-phrase {basic}") == f"{MARK} {MARK}"


def test_bodies_change_by_nothing_but_the_key() -> None:
    redact = Redactor(["sesame-opens", "abcd"])
    every = bytes(range(256)) * 3
    assert redact.body(every) is every
    assert redact.body(every + b"sesame-opens" + every) == every + MARK.encode() + every
    assert redact.body(b"abcd") == b"abcd"  # too short to be told from data
    assert "sesame" not in repr(redact)
    assert Redactor([]).body(b"x") == b"x"
    assert Redactor(["", "a"])("a cat") == "a cat"


def access_to(url: str, client: Client, folder: Path, **named: Any) -> WebAccess:
    return WebAccess(
        info=INFO, client=client, now=datetime(2026, 11, 20, tzinfo=UTC),
        calendars=StoreCalendars(Calendars(folder).get), secrets={"key": KEY}, base_urls={"": url}, **named,
    )  # fmt: skip


def everything_told(error: BaseException) -> str:
    """All that a log, a debugger's line or a crash report would show of an error and what is behind it."""
    told = ["".join(traceback.format_exception(error))]
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        told += [repr(one), str(one), repr(vars(one)), repr(getattr(one, "_request", ""))]
        told.append(str(getattr(getattr(one, "_request", None), "url", "")))
        waiting += [one.__cause__, one.__context__]
    return "\n".join(told)


def echo(asked: Asked) -> Said:
    said = f"key {asked.query.get('apikey', '')} {asked.headers.get('x-key', '')} is {asked.path}"
    return Said(said.encode(), status=int(asked.path[1:]), headers={"x-echo": quote(KEY, safe="")})


@pytest.mark.parametrize("status", [200, 301, 401, 403, 404, 429, 500])
def test_no_key_in_anything_that_an_answer_leaves(
    status: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(echo) as server, Client(user_agent="asof/1", patience=HURRIED) as client:
        access = access_to(server.url, client, tmp_path)
        keys = {"secret_params": {"apikey": KEY}, "secret_headers": {"x-key": "header-sésame"}}
        if status == 200:
            reply = access.get("/200", {"symbol": "AAPL"}, **keys)
            told = f"{reply!r} {reply.url} {dict(reply.headers)} {reply.text()}"
            assert MARK in reply.text()
            assert reply.url.endswith("/200?symbol=AAPL")
        else:
            with pytest.raises(SourceError) as caught:
                access.get(f"/{status}", {"symbol": "AAPL"}, **keys)
            told = everything_told(caught.value)
            assert caught.value.source == "made"
        assert server.asked[0].query["apikey"] == KEY  # it was sent
    told += repr(access) + repr(client) + caplog.text
    assert not [part for part in (*PARTS, "header-s") if part in told]


def test_no_key_in_what_a_dead_connection_leaves(tmp_path: Path) -> None:
    for url in (f"http://127.0.0.1:{closed_port()}", "http://127.0.0.1:1"):
        with Client(user_agent="asof/1", patience=HURRIED) as client:
            access = access_to(url, client, tmp_path)
            with pytest.raises(SourceError) as caught:
                access.get("/x", secret_params={"apikey": KEY})
        told = everything_told(caught.value)
        assert caught.value.kind is Kind.UNREACHABLE
        assert not [part for part in PARTS if part in told]


def test_nothing_is_logged_by_the_libraries_below(tmp_path: Path) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with serving(lambda _: Said(b"x")) as server, Client(user_agent="asof/1") as client:
            access_to(server.url, client, tmp_path).get("/x", secret_params={"apikey": KEY})
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    assert stream.getvalue() == ""

"""KEYS: what every source needs, and how it is given; never a key in a page, a log or a history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from engine.command import parse
from engine.desk import Desk
from engine.encode.text import encode
from engine.errors import AsofError, CommandError, DataError, NeedsSecret
from engine.registry import registry
from engine.secret_lines import holds_secret, without_secret
from providers.choices import Choices, read_choices
from providers.http import Client
from providers.keys import Keys
from providers.sources import sources
from tests.providers.sources.loopback import HURRIED, Said, serving

TYPED = "sesame0opens1this2door"


@dataclass
class Router:
    """What KEYS needs of a router."""

    keys: Keys
    client: Client
    base_urls: dict[str, dict[str, str]] = field(default_factory=dict)
    offline: bool = False
    paused: bool = False


@pytest.fixture
def router(tmp_path: Path) -> Iterator[Router]:
    with Client(user_agent="asof/1", patience=HURRIED) as client:
        yield Router(Keys(tmp_path / "config", {}, ring=False), client)


@pytest.fixture
def desk(make_desk: Callable[..., Desk], router: Router) -> Desk:
    made = make_desk()
    made.router = router  # type: ignore[assignment]
    return made


def told(page: Any) -> str:
    return encode(page, panel=None, width=200, tz=None) + " ".join(note.text for note in page.notes)


def secret_asked(desk: Desk, line: str) -> NeedsSecret:
    with pytest.raises(NeedsSecret) as caught:
        desk.run(line)
    return caught.value


def test_every_source_is_listed_with_what_it_needs(desk: Desk) -> None:
    said = told(desk.run("KEYS"))
    for name in sources():
        assert name.upper() in said
    assert "missing: NEWSAPI" in said
    for state in ("terms not agreed", "contact missing", "key missing", "ready"):
        assert state in said
    assert "KEYS ALLOW YAHOO" in told(desk.run("KEYS YAHOO"))
    assert "KEYS CONTACT" in told(desk.run("KEYS EDGAR"))
    assert "No keyring works on this box" in said


def test_a_key_is_asked_for_kept_shown_by_origin_and_forgotten(desk: Desk, router: Router) -> None:
    asked = secret_asked(desk, "KEYS SET FRED")
    assert [part.name for part in asked.fields] == ["key", "passphrase"]
    with pytest.raises(DataError, match="8 characters"):
        asked.keep({"key": TYPED, "passphrase": "short"})
    assert "encrypted file" in asked.keep({"key": TYPED, "passphrase": "correct horse"})
    said = told(desk.run(asked.after))
    assert "encrypted file" in said
    assert TYPED not in said
    assert [part.name for part in secret_asked(desk, "KEYS SET MASSIVE").fields] == ["key"]
    assert "removed from the encrypted file" in told(desk.run("KEYS FORGET FRED"))
    assert router.keys.secrets(sources()["fred"].info) == {}


def test_a_locked_file_is_opened(desk: Desk, router: Router, tmp_path: Path) -> None:
    Keys(tmp_path / "config", {}, ring=False).put(
        sources()["fred"].info, {"key": TYPED}, passphrase="correct horse"
    )
    assert "is locked (KEYS UNLOCK)" in told(desk.run("KEYS"))
    asked = secret_asked(desk, "KEYS UNLOCK")
    with pytest.raises(DataError, match="not the passphrase"):
        asked.keep({"passphrase": "correct pony"})
    assert "fred" in asked.keep({"passphrase": "correct horse"})
    assert router.keys.secrets(sources()["fred"].info) == {"key": TYPED}


@pytest.mark.parametrize(
    "line",
    [f"KEYS SET FRED {TYPED}", f"keys set fred {TYPED}", f"KEYS SET {TYPED}", f"KEYS SET FRED={TYPED}",
     f"  KEYS  SET  fred  key={TYPED}", f"KEY SET FRED {TYPED}", f"KEYS {TYPED} SET FRED", f"KEYS FRED SET {TYPED}",
     f"KEYS VALUE={TYPED} ACTION=SET SOURCE=FRED", f"KEYS UNLOCK {TYPED}", f"KEYS {TYPED} UNLOCK",
     f"SET FRED_API_KEY={TYPED}", "KEYS FRED 0123456789abcdef0123456789abcdef".replace("0123", TYPED)],
)  # fmt: skip
def test_a_key_typed_into_the_line_is_refused_and_kept_nowhere(desk: Desk, line: str) -> None:
    with pytest.raises(CommandError) as caught:
        desk.run(line)
    assert TYPED not in caught.value.pointer()
    assert "masked field" in str(caught.value)
    assert TYPED not in without_secret(line)
    desk.save_history()
    desk.close()
    for path in desk.store.home.rglob("*"):
        if path.is_file() and path.suffix != ".parquet":
            assert TYPED.encode() not in path.read_bytes(), path


@pytest.mark.parametrize(
    "line",
    [
        "KEYS SET FRED",
        "KEYS",
        "SET period=5Y",
        "AAPL GP",
        "KEYS SET",
        "KEYS CONTACT a@b.c",
        "KEYS UNLOCK",
        "KEYS GP 2010-01-01 2020-01-01",
        "KEY US EQUITY FA",
        "KEYS ALLOW ALPHA_VANTAGE YES",
        "  KEYS  GP  5Y",
    ],
)
def test_other_lines_are_left_alone(line: str) -> None:
    assert not holds_secret(line)


def test_terms_are_shown_before_they_are_agreed_to(desk: Desk) -> None:
    yahoo = sources()["yahoo"].info
    assert yahoo.terms in told(desk.run("KEYS ALLOW YAHOO"))
    assert read_choices(desk.state) == Choices()
    desk.run("KEYS ALLOW YAHOO YES")
    assert read_choices(desk.state).allowed == {"yahoo"}
    desk.run("KEYS DENY YAHOO")
    assert read_choices(desk.state).allowed == frozenset()


def test_the_contact_is_a_mail_address(desk: Desk) -> None:
    for bad in ("me", "me@firm", "a@b.c,d", "é@firm.com"):
        with pytest.raises(AsofError):
            desk.run(f"KEYS CONTACT {bad}")
    desk.run("KEYS CONTACT me@firm.com")
    assert read_choices(desk.state).contact == "me@firm.com"
    assert "KEYS CONTACT" not in told(desk.run("KEYS EDGAR")).split("notes")[0].replace("contact told", "")


def test_a_source_is_tried_by_one_question(desk: Desk, router: Router) -> None:
    assert "Not asked" in told(desk.run("KEYS TEST NEWSAPI"))
    body = Said(b'{"error_message": "Bad Request. The value for variable api_key is not registered."}', 400)
    with serving(lambda _: body) as server:
        router.keys = Keys(router.keys.file.path.parent, {"FRED_API_KEY": TYPED}, ring=False)
        router.base_urls = {"fred": dict.fromkeys(sources()["fred"].info.base_urls, server.url)}
        said = told(desk.run("KEYS TEST FRED"))
        assert server.asked, said
    assert "gave no rows" in said
    assert TYPED not in said
    router.offline = True
    assert "offline" in told(desk.run("KEYS TEST FRED"))


def test_keys_is_no_page_that_asof_moves(desk: Desk) -> None:
    function = registry().get("KEYS")
    assert function is not None
    assert function.changes
    assert parse("KEYS FRED", registry()).function is function  # type: ignore[union-attr]

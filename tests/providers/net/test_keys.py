"""Keys from every place, in order; kept encrypted; never shown."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from providers.addresses import source_urls
from providers.base import ProviderError
from providers.choices import Choices, read_choices, ready, write_choices
from providers.key_ring import desktop_ring
from providers.keys import KeyFault, Keys
from providers.source import KeyNeed, Service, SourceInfo
from store import open_store

SECRET = "sesame-opens-1"
NEED = KeyNeed(
    ("id", "secret"), (("MADE_ID",), ("MADE_SECRET", "MADE_OLD_SECRET")), "https://made.example/keys"
)
PAIR = SourceInfo("made", "Made Up", {"": "https://x"}, (Service("bars"),), (), "None.", key=NEED)
ONE = SourceInfo(
    "one", "One", {"": "https://x"}, (Service("bars"),), (), "None.",
    key=KeyNeed(("key",), (("ONE_KEY",),), "https://one.example"), consent=True, contact=True,
)  # fmt: skip
OPEN = SourceInfo("open", "Open", {"": "https://x"}, (Service("bars"),), (), "None.")
VALUES = {"id": "identifier", "secret": SECRET}


class FakeRing:
    title = "a ring of the tests"

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, str]] = {}

    def get(self, source: str) -> dict[str, str]:
        return self.kept.get(source, {})

    def put(self, source: str, values: Mapping[str, str]) -> None:
        self.kept[source] = dict(values)

    def forget(self, source: str) -> bool:
        return self.kept.pop(source, None) is not None


def keys_at(folder: Path, environ: Mapping[str, str] | None = None, ring: FakeRing | bool = False) -> Keys:
    return Keys(folder, environ or {}, ring=ring)


def test_the_first_place_with_every_part_wins(tmp_path: Path) -> None:
    ring = FakeRing()
    ring.put("made", {"id": "r", "secret": "ring-secret"})
    (tmp_path / "MADE_ID").write_text("c\n")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path), "MADE_ID": "e", "MADE_OLD_SECRET": "old"}
    keys = keys_at(tmp_path / "config", environ, ring)
    assert keys.secrets(PAIR) == {"id": "e", "secret": "old"}
    assert keys.origin(PAIR) == "environment MADE_ID, MADE_OLD_SECRET"
    (tmp_path / "made_secret").write_text("from-credentials")
    assert keys.secrets(PAIR) == {"id": "c", "secret": "from-credentials"}
    assert keys.origin(PAIR) == "credentials folder"
    assert keys_at(tmp_path / "config", {"MADE_ID": "e"}, ring).origin(PAIR) == "keyring"
    assert keys_at(tmp_path / "config", {"MADE_ID": "e"}).secrets(PAIR) == {}
    assert keys_at(tmp_path / "config").origin(OPEN) == ""


def test_a_keyring_takes_and_forgets(tmp_path: Path) -> None:
    keys = keys_at(tmp_path, ring=FakeRing())
    assert not keys.needs_passphrase
    assert keys.put(PAIR, VALUES) == "the keyring"
    assert keys.secrets(PAIR) == VALUES
    assert keys.forget(PAIR) == ("keyring",)
    assert keys.forget(PAIR) == ()
    assert not list(tmp_path.iterdir())


def test_the_encrypted_file_opens_with_its_passphrase_alone(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    keys = keys_at(folder)
    assert keys.needs_passphrase
    with pytest.raises(KeyFault, match="locked"):
        keys.put(PAIR, VALUES)
    with pytest.raises(KeyFault, match="8 characters"):
        keys.put(PAIR, VALUES, passphrase="short")
    assert str(folder / "keys.json") in keys.put(PAIR, VALUES, passphrase="correct horse")
    assert (folder.stat().st_mode & 0o777, keys.file.path.stat().st_mode & 0o777) == (0o700, 0o600)
    assert SECRET not in keys.file.path.read_text()
    assert keys.origin(PAIR) == "encrypted file"

    later = keys_at(folder)
    assert later.locked
    assert later.held_in_file == ("made",)
    assert later.secrets(PAIR) == {}
    assert "KEYS UNLOCK" in ready(PAIR, later, Choices())
    with pytest.raises(KeyFault, match="not the passphrase"):
        later.unlock("correct pony")
    assert later.locked
    later.unlock("correct horse")
    assert later.secrets(PAIR) == VALUES
    assert keys_at(folder, {"ASOF_PASSPHRASE": "correct horse"}).secrets(PAIR) == VALUES
    assert keys_at(folder, {"ASOF_PASSPHRASE": "wrong horse"}).locked
    assert SECRET not in repr(later) + repr(later.file)


def test_two_sessions_change_one_file(tmp_path: Path) -> None:
    first, second = keys_at(tmp_path), keys_at(tmp_path)
    first.put(PAIR, VALUES, passphrase="correct horse")
    second.put(ONE, {"key": "another-key"}, passphrase="correct horse")
    assert first.secrets(ONE) == {"key": "another-key"}
    with pytest.raises(KeyFault, match="not the passphrase"):
        keys_at(tmp_path).put(ONE, {"key": "third-key"}, passphrase="wrong horse")
    assert second.forget(PAIR) == ("encrypted file",)
    assert first.secrets(PAIR) == {}
    assert first.secrets(ONE) == {"key": "another-key"}


@pytest.mark.parametrize("change", ["data", "sources", "scrypt"])
def test_a_changed_file_is_told_and_left(tmp_path: Path, change: str) -> None:
    keys = keys_at(tmp_path)
    keys.put(PAIR, VALUES, passphrase="correct horse")
    body = json.loads(keys.file.path.read_text())
    body[change] = {
        "data": body["data"][:-8] + "AAAAAAA=",
        "sources": ["other"],
        "scrypt": {"n": 3, "r": 8, "p": 1},
    }[change]
    text = json.dumps(body)
    keys.file.path.write_text(text)
    with pytest.raises(KeyFault, match=r"not the passphrase|damaged"):
        keys_at(tmp_path).unlock("correct horse")
    assert keys.file.path.read_text() == text


def test_a_file_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    keys = keys_at(tmp_path)
    keys.put(PAIR, VALUES, passphrase="correct horse")
    keys.file.path.chmod(0o644)
    later = keys_at(tmp_path, {"ASOF_PASSPHRASE": "correct horse"})
    assert later.secrets(PAIR) == {}
    with pytest.raises(KeyFault, match="chmod 600"):
        later.unlock("correct horse")


@pytest.mark.parametrize("value", ["", "   ", "two words", "a\nb-c-d", "abc"])
def test_what_is_no_key_is_not_kept(tmp_path: Path, value: str) -> None:
    with pytest.raises(KeyFault, match="nothing was kept"):
        keys_at(tmp_path, ring=FakeRing()).put(ONE, {"key": value})


def test_no_keyring_here_means_no_ring_and_no_question() -> None:
    assert desktop_ring({"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}) is None
    code = "import os; from providers.key_ring import desktop_ring; print(desktop_ring(os.environ))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[3], stdin=subprocess.DEVNULL, text=True,
        env={"PATH": "/usr/bin:/bin", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"},
        capture_output=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "None"


def test_what_a_source_waits_for_is_said_with_what_to_type(tmp_path: Path) -> None:
    none, some = keys_at(tmp_path), keys_at(tmp_path, {"ONE_KEY": "one-key"})
    assert ready(OPEN, none, Choices()) == ""
    assert "KEYS ALLOW ONE" in ready(ONE, some, Choices())
    allowed = Choices(frozenset({"one"}))
    assert "KEYS CONTACT" in ready(ONE, some, allowed)
    reachable = Choices(frozenset({"one"}), "me@firm.com")
    assert "KEYS SET ONE takes it, or the variable ONE_KEY" in ready(ONE, none, reachable)
    assert ready(ONE, some, reachable) == ""


def test_choices_are_kept_and_other_fields_stay(tmp_path: Path) -> None:
    store = open_store(tmp_path / "home", clock=lambda: datetime(2026, 11, 20, tzinfo=UTC))
    state = store.state("ann")
    assert read_choices(state) == Choices()
    state.put("sources", "", {"other": 1, "allowed": "nonsense", "order": ["b", "b", 3]})
    assert read_choices(state) == Choices(order=("b",))
    chosen = Choices(frozenset({"yahoo"}), "me@firm.com", ("fred", "yahoo"))
    write_choices(state, chosen)
    assert read_choices(state) == chosen
    assert (state.get("sources") or {})["other"] == 1
    store.close()


def test_base_addresses_from_the_environment() -> None:
    assert source_urls({}) == {}
    told = source_urls(
        {
            "ASOF_SOURCE_URLS": "fred=http://127.0.0.1:1/, edgar=http://localhost:2 ,oanda.stream=http://[::1]:3"
        },
        {"edgar": ("", "data")},
    )
    assert told == {
        "fred": {"": "http://127.0.0.1:1"},
        "edgar": {"": "http://localhost:2", "data": "http://localhost:2"},
        "oanda": {"stream": "http://[::1]:3"},
    }


@pytest.mark.parametrize(
    "text", ["fred=http://10.0.0.1", "fred=https://example.com", "fred", "fred=ftp://127.0.0.1", "=http://127.0.0.1",
             "fred=http://127.0.0.1.example.com", "fred=http://me:pw@127.0.0.1", "fred=http://[::1",
             "fred=http://127.0.0.1:80 .example.com", "fred=http://127.0.0.1:99999", "fred=http://127.0.0.1?x="],
)  # fmt: skip
def test_other_addresses_are_refused(text: str) -> None:
    with pytest.raises(ProviderError, match="ASOF_SOURCE_URLS"):
        source_urls({"ASOF_SOURCE_URLS": text})

"""``asof audit ...`` on a real store, as a real process."""

from __future__ import annotations

from pathlib import Path

import pytest

from store import Store, open_store
from store.audit_lines import files_of
from tests.headless.running import asof


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "home")


def test_verify_and_show_of_an_empty_audit(store: Store) -> None:
    done = asof("audit", "verify", "--home", str(store.home))
    assert (done.returncode, done.stdout) == (0, f"{store.home}: 0 events, every line as it was written\n")
    assert asof("audit", "show", "--home", str(store.home)).stdout == "the audit is empty\n"


def test_show_prints_the_newest_first_and_no_control_characters(store: Store) -> None:
    for n in range(30):
        store.audit.record("fetch", source="vendor", rows=n, why="" if n else "\x1b]0;taken\x07 \u202e over")
    home = str(store.home)
    lines = asof("audit", "show", "2", "--home", home).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["30", "29"]
    assert lines[0].endswith('fetch  rows=29 source=vendor why=""')
    assert len(asof("audit", "show", "--home", home).stdout.splitlines()) == 20
    whole = asof("audit", "show", "100", "--home", home).stdout
    assert len(whole.splitlines()) == 30
    assert not {"\x1b", "\x07", "\u202e"} & set(whole)


def test_a_changed_line_is_code_4_and_named(store: Store) -> None:
    for n in range(3):
        store.audit.record("fetch", rows=n)
    home = str(store.home)
    assert "3 events, every line as it was written" in asof("audit", "verify", "--home", home).stdout
    (path,) = files_of(store.home / "audit")
    path.write_bytes(path.read_bytes().replace(b'"rows":1', b'"rows":7'))
    done = asof("audit", "verify", "--home", home)
    assert done.returncode == 4
    assert done.stdout == f"{path.name} line 2 was changed: its hash does not fit what it says\n"
    assert "1 problem in the audit" in done.stderr


def test_a_mended_line_is_told(store: Store) -> None:
    store.audit.record("fetch", rows=1)
    (path,) = files_of(store.home / "audit")
    with path.open("ab") as handle:
        handle.write(b'{"at":"20')
    assert asof("audit", "verify", "--home", str(store.home)).returncode == 4
    store.audit.record("fetch", rows=2)
    done = asof("audit", "verify", "--home", str(store.home))
    assert done.returncode == 0
    assert "1 half line of killed writers mended" in done.stdout


def test_no_store_is_code_4_and_makes_none(tmp_path: Path) -> None:
    done = asof("audit", "verify", "--home", str(tmp_path / "x"))
    assert done.returncode == 4
    assert "there is no store" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words", [(), ("destroy",), ("verify", "x"), ("show", "x"), ("show", "0"), ("show", "1", "2")]
)
def test_wrong_words_are_code_2(words: tuple[str, ...]) -> None:
    assert asof("audit", *words).returncode == 2
    assert "--json does not go with asof audit" in asof("audit", "verify", "--json").stderr

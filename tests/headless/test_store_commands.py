"""``asof store ...`` on a real store, as a real process."""

from __future__ import annotations

from pathlib import Path

import pytest

from store import open_store
from tests.headless.running import asof


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return open_store(tmp_path / "home").home


def test_where_prints_the_folder_and_makes_nothing(tmp_path: Path) -> None:
    assert asof("store", "where", "--home", str(tmp_path / "x")).stdout == f"{tmp_path / 'x'}\n"
    assert asof("store", "where", ASOF_HOME=str(tmp_path / "y")).stdout == f"{tmp_path / 'y'}\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("verb", ["check", "compact", "vacuum"])
def test_no_store_is_code_4_and_makes_none(verb: str, tmp_path: Path) -> None:
    done = asof("store", verb, "--home", str(tmp_path / "x"))
    assert done.returncode == 4
    assert "there is no store" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_check_compact_and_vacuum_of_an_empty_store(home: Path) -> None:
    assert "every file is as it was written" in asof("store", "check", "--home", str(home)).stdout
    assert asof("store", "compact", "--home", str(home)).stdout == "nothing to compact\n"
    assert "removed 0 files" in asof("store", "vacuum", "--home", str(home)).stdout


def test_wrong_words_are_code_2(home: Path) -> None:
    assert "no table nosuch; the store has" in asof("store", "compact", "nosuch", "--home", str(home)).stderr
    assert asof("store", "destroy").returncode == 2
    assert "--json does not go with asof store" in asof("store", "check", "--json").stderr


def test_a_damaged_file_is_code_4_and_named(loaded_home: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(loaded_home, copy)
    assert asof("store", "check", "--home", str(copy)).returncode == 0
    victim = next((copy / "data" / "bars").glob("*.parquet"))
    victim.write_bytes(victim.read_bytes()[:-100])
    done = asof("store", "check", "--home", str(copy))
    assert done.returncode == 4
    assert victim.name in done.stdout
    assert "\x1b" not in done.stdout + done.stderr

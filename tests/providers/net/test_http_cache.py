"""The folder of answers lies where colleagues may write: it is its owner's alone, or it is not used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from providers.http_cache import HttpCache

HEADERS = {"etag": '"v1"'}


def kept(folder: Path) -> bool:
    cache = HttpCache(folder)
    cache.put("0" * 64, HEADERS, b"rows", ())
    return cache.get("0" * 64) is not None


def test_an_answer_is_kept_in_a_folder_of_its_own(tmp_path: Path) -> None:
    assert kept(tmp_path / "http" / "me")
    assert (tmp_path / "http" / "me").stat().st_mode & 0o777 == 0o700


def test_a_folder_open_to_others_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "me").mkdir()
    (tmp_path / "me").chmod(0o777)
    assert not kept(tmp_path / "me")
    assert list((tmp_path / "me").iterdir()) == []


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir(mode=0o700)
    (tmp_path / "me").symlink_to(tmp_path / "theirs")
    assert not kept(tmp_path / "me")
    assert list((tmp_path / "theirs").iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_that_another_user_made_is_not_used(tmp_path: Path) -> None:
    """Whoever makes it first would read what a key opened, and could put answers into it."""
    (tmp_path / "me").mkdir(mode=0o700)
    os.chown(tmp_path / "me", 43_211, 43_210)
    assert not kept(tmp_path / "me")

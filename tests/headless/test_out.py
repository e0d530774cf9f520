"""--out: a file appears whole, or not at all; nothing else is touched."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import pytest

from terminal.output import write_atomically
from tests.headless.running import asof


def test_the_suffix_chooses_the_format_and_the_path_is_told(tmp_path: Path) -> None:
    done = asof("GP", "--out", str(tmp_path / "page.json"))
    assert done.returncode == 0
    assert done.stdout == ""
    assert done.stderr.startswith(f"asof: wrote {tmp_path / 'page.json'} (")
    assert json.loads((tmp_path / "page.json").read_text())["schema"] == "asof.page/1"
    assert asof("GP", "--out", str(tmp_path / "page.CSV"), "--panel=bars").returncode == 0
    assert (tmp_path / "page.CSV").read_bytes().startswith(b"label,value\r\n")
    assert asof("GP", "--json", "--out", str(tmp_path / "page.txt")).returncode == 0
    assert json.loads((tmp_path / "page.txt").read_text())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.CSV", "page.json", "page.txt"]


@pytest.mark.parametrize("words", [["FAIL"], ["NODATA"], ["CRASH"], ["GP", "--panel=nosuch"]])
def test_a_failure_creates_nothing_and_keeps_what_was_there(words: list[str], tmp_path: Path) -> None:
    old = tmp_path / "old.txt"
    old.write_text("old")
    assert asof(*words, "--out", str(tmp_path / "new.txt")).returncode != 0
    assert asof(*words, "--out", str(old)).returncode != 0
    assert old.read_text() == "old"
    assert list(tmp_path.iterdir()) == [old]


def test_a_folder_is_refused(tmp_path: Path) -> None:
    done = asof("GP", "--out", str(tmp_path))
    assert done.returncode == 2
    assert "that is a folder" in done.stderr
    missing = asof("GP", "--out", str(tmp_path / "no" / "page.json"))
    assert missing.returncode == 2
    assert "there is no folder" in missing.stderr
    assert list(tmp_path.iterdir()) == []


def test_links_and_modes_are_kept(tmp_path: Path) -> None:
    target = tmp_path / "target.txt"
    target.write_text("old")
    target.chmod(0o640)
    (tmp_path / "link.txt").symlink_to(target)
    assert asof("EMPTY", "--out", str(tmp_path / "link.txt")).returncode == 0
    assert (tmp_path / "link.txt").is_symlink()
    assert "No splits known" in target.read_text()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_named_pipe_is_written_to_and_never_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    received: list[str] = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_text()))
    reader.start()
    assert asof("EMPTY", "--text", "--out", str(pipe)).returncode == 0
    reader.join(10)
    assert "No splits known" in received[0]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_failing_write_leaves_no_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="No space"):
        write_atomically(tmp_path / "page.json", b"x")
    assert list(tmp_path.iterdir()) == []

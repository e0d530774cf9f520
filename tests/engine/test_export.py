"""EXPORT: never over a file that is not its own, never with another mode, never a traceback."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.desk import Desk
from engine.errors import AsofError, CommandError, DataError
from engine.functions.export import Target, target, write_whole
from engine.page import Page

MakeDesk = Callable[..., Desk]


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    desk = make_desk()
    desk.run("AAPL HP 1M")
    return desk


@pytest.fixture
def private_umask() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


def saved(page: Page) -> Path:
    return Path(next(n.text for n in page.notes if n.text.startswith("Saved as")).removeprefix("Saved as "))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("line", ["EXPORT CSV {}", 'EXPORT CSV "{}"'])
def test_a_file_that_is_there_is_replaced_only_where_that_was_typed(
    desk: Desk, tmp_path: Path, line: str
) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("mine")
    path.chmod(0o600)
    with pytest.raises(CommandError, match="REPLACE") as fault:
        desk.run(line.format(path))
    assert fault.value.start == len("EXPORT CSV ")
    assert path.read_text() == "mine"
    page = desk.run(line.format(path) + " REPLACE")
    assert saved(page) == path
    assert "2013-03-01" in path.read_text()
    assert mode(path) == 0o600
    desk.run(f"EXPORT CSV REPLACE {path}")
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == ["mine.csv"]


@pytest.mark.parametrize(
    "name", ["important.py", "important.csv.bak", ".bashrc.sh", "apple.json", "x.CSVX", "notes.txt"]
)
@pytest.mark.parametrize("end", ["", " REPLACE"])
def test_only_files_of_the_format(desk: Desk, tmp_path: Path, name: str, end: str) -> None:
    path = tmp_path / name
    path.write_text("mine")
    with pytest.raises(CommandError, match=r"ends in \.csv"):
        desk.run(f"EXPORT CSV {path}{end}")
    assert path.read_text() == "mine"


def test_a_name_without_a_suffix_gets_one(desk: Desk, tmp_path: Path) -> None:
    assert saved(desk.run(f"EXPORT JSON {tmp_path}/apple")) == tmp_path / "apple.json"
    assert json.loads((tmp_path / "apple.json").read_text())["function"] == "HP"
    assert saved(desk.run(f"EXPORT CSV {tmp_path}/two words.csv")) == tmp_path / "two words.csv"


@pytest.mark.usefixtures("private_umask")
def test_new_files_are_the_user_s_own_outside_and_the_group_s_in_the_store(
    desk: Desk, tmp_path: Path
) -> None:
    desk.run(f"EXPORT CSV {tmp_path}/apple.csv")
    assert mode(tmp_path / "apple.csv") == 0o600
    exports = desk.store.home / "exports"
    exports.chmod(0o2775)
    path = saved(desk.run("EXPORT CSV"))
    assert (mode(path), mode(path.parent)) == (0o664, 0o2775)


def test_without_a_name_no_export_replaces_another(desk: Desk) -> None:
    first, second = saved(desk.run("EXPORT CSV")), saved(desk.run("EXPORT CSV"))
    assert first != second
    assert second.stem == f"{first.stem}-2"
    assert first.read_bytes() == second.read_bytes()
    named = saved(desk.run("EXPORT CSV apple"))
    assert saved(desk.run("EXPORT CSV apple")) == named


def test_a_link_is_followed_and_what_it_points_to_is_safe(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "link.csv").symlink_to(tmp_path / "mine")
    with pytest.raises(CommandError, match="exists already"):
        desk.run(f"EXPORT CSV {tmp_path}/link.csv")
    assert (tmp_path / "mine").read_text() == "mine"


@pytest.mark.parametrize(
    "name",
    ["/no/such/folder/x.csv", "~no-such-user/x.csv", "./a\x00b.csv", "/" + "x" * 4000, "./"],
)
def test_what_cannot_be_a_file_is_refused(desk: Desk, name: str) -> None:
    with pytest.raises(AsofError):
        desk.run(f'EXPORT CSV "{name}"')
    with pytest.raises(AsofError):
        desk.run(f'EXPORT CSV REPLACE "{name}"')


@pytest.mark.parametrize("name", ["a\udcff", "\ud800", "./a\udcff.csv", "/tmp/\ud800.csv", "~\udcff/x.csv"])
def test_a_name_that_is_no_unicode_is_refused_or_made_safe(desk: Desk, tmp_path: Path, name: str) -> None:
    page = desk.page
    assert page is not None
    try:
        path = write_whole(target(tmp_path, page, "csv", name), "a\udcffb")
    except CommandError as fault:
        str(fault).encode()
    else:
        assert path.parent == tmp_path
        assert path.read_text() == "a?b"


def test_a_full_disk_leaves_nothing_behind(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.functions.export._placed", full)
    with pytest.raises(DataError, match="No space left"):
        desk.run(f"EXPORT CSV {tmp_path}/apple.csv")
    assert [p for p in tmp_path.iterdir() if p.is_file()] == []


def test_without_links_a_new_file_still_replaces_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", unknown)
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    assert write_whole(Target(iter(paths)), "one") == paths[0]
    assert write_whole(Target(iter(paths)), "two") == paths[1]
    assert [path.read_text() for path in paths] == ["one", "two"]
    with pytest.raises(CommandError):
        write_whole(Target(iter(paths)), "three")


def test_what_is_no_file_is_never_replaced(desk: Desk, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    for name in ("pipe.csv", "folder.csv"):
        with pytest.raises(CommandError, match="is no file"):
            desk.run(f"EXPORT CSV {tmp_path}/{name} REPLACE")

"""Scripts: state carries from line to line, errors name their line."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.headless.running import asof

SCRIPT = "# a comment\n\n  STATE\nECHO two\n\nSTATE\n"


def test_state_is_carried_and_comments_are_left_out(tmp_path: Path) -> None:
    script = tmp_path / "s.asof"
    script.write_text(SCRIPT)
    done = asof("run", str(script))
    assert done.returncode == 0
    assert "> STATE\nState\n" in done.stdout
    assert "line 1" in done.stdout
    assert "line 3" in done.stdout


def test_json_is_a_page_a_line() -> None:
    done = asof("run", "-", "--json", stdin=SCRIPT)
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert [document["title"] for document in documents] == ["State", "Echo", "State"]


def test_csv_names_the_command_of_each_page() -> None:
    done = asof("run", "-", "--csv", stdin='ECHO "a, b"\nECHO c\n')
    rows = list(csv.reader(io.StringIO(done.stdout, newline="")))
    assert rows == [
        ['# command ECHO "a, b"'],
        ["line"],
        ['ECHO "a, b"'],
        [],
        ["# command ECHO c"],
        ["line"],
        ["ECHO c"],
    ]


def test_the_first_error_stops_and_names_its_line(tmp_path: Path) -> None:
    script = tmp_path / "s.asof"
    script.write_text("ECHO one\n# here\nFAIL\nECHO three\n")
    done = asof("run", str(script), "--text")
    assert done.returncode == 2
    assert f"asof: {script}:3: No function FAIL.\n  FAIL\n  ^^^^\n" in done.stderr
    assert "ECHO one" in done.stdout
    assert "ECHO three" not in done.stdout


def test_keep_going_tells_every_error_and_keeps_the_first_code() -> None:
    done = asof("run", "-", "--keep-going", stdin="NODATA\nECHO two\nFAIL\nCRASH\nECHO five\n")
    assert done.returncode == 3
    assert "stdin:1: Nothing" in done.stderr
    assert "stdin:3: No function" in done.stderr
    assert "stdin:4: a fault of the program" in done.stderr
    assert "ECHO two" in done.stdout
    assert "ECHO five" in done.stdout


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"# only\n", "holds no command"), (b"\xff\xfe\x00", "not UTF-8"), (None, "cannot read the script")],
)
def test_scripts_that_cannot_be_read(content: bytes | None, message: str, tmp_path: Path) -> None:
    script = tmp_path / "s.asof"
    if content is not None:
        script.write_bytes(content)
    done = asof("run", str(script))
    assert done.returncode == 2
    assert message in done.stderr


def test_out_holds_every_page_or_does_not_appear(tmp_path: Path) -> None:
    out = tmp_path / "pages.json"
    assert asof("run", "-", "--out", str(out), stdin="ECHO one\nFAIL\n").returncode == 2
    assert not out.exists()
    assert asof("run", "-", "--out", str(out), stdin="ECHO one\nECHO two\n").returncode == 0
    assert len(out.read_text().splitlines()) == 2


def test_windows_line_ends_and_a_byte_order_mark(tmp_path: Path) -> None:
    script = tmp_path / "s.asof"
    script.write_bytes("\ufeffECHO one\r\nECHO two\r\n".encode())
    assert asof("run", str(script)).returncode == 0


def test_the_clock_of_the_option_holds_for_the_script() -> None:
    assert "asof 2008-09-15" in asof("run", "-", "--asof", "2008-09-15", stdin="STATE\n").stdout

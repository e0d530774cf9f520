"""What README tells a reader to type works as it says."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from terminal.arguments import HELP
from terminal.exits import Exit
from tests.headless.running import ROOT, environment

README = (ROOT / "README.md").read_text("utf-8")


def section(title: str) -> str:
    return README.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


TOUR = [
    line.strip()
    for line in re.findall(r"^    ([A-Z0-9 -]+\w(?: close)?)  +", section("Five lines to try"), re.M)
]
SHELL = [
    line.split("  #")[0].strip() for line in re.findall(r"^    (.+)", section("Without the screen"), re.M)
]


def run(words: list[str], home: Path, cwd: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "terminal.cli", *words],
        input=stdin, capture_output=True, text=True, cwd=cwd, env=environment(ASOF_HOME=str(home)), timeout=120,
        check=False,
    )  # fmt: skip


def test_the_tour(loaded_home: Path, tmp_path: Path) -> None:
    assert len(TOUR) == 5
    done = run(["run", "-", "--text"], loaded_home, tmp_path, "\n".join(TOUR))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("line", SHELL)
def test_the_headless_examples(line: str, loaded_home: Path, tmp_path: Path) -> None:
    (tmp_path / "morning.asof").write_text("# the morning's pages\nAAPL GP\nMSFT HP 1M\n")
    command = line.rsplit("|", 1)[-1].strip()
    stdin = line.split('"')[1] if "|" in line else ""
    program, *words = shlex.split(command)
    done = run(words, loaded_home, tmp_path, stdin)
    assert program == "asof"
    assert done.returncode == 0, done.stderr


def test_every_exit_code_is_documented() -> None:
    for code in Exit:
        assert f"| {code.value} |" in README
        assert re.search(rf"\b{code.value} \w", HELP.split("exit codes")[1])


def test_it_begins_with_the_two_commands() -> None:
    lines = [line.strip() for line in README.splitlines() if line.strip()]
    assert lines[1].startswith("make run")
    assert lines[2].startswith("make test")

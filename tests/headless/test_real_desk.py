"""The whole house without the screen: the embedded data, the desk, the encoders."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.headless.running import ROOT, environment


def asof(
    home: Path, *words: str, stdin: str = "", cwd: Path = ROOT, timeout: float = 120, **more: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "terminal.cli", *words],
        input=stdin, capture_output=True, text=True, cwd=cwd,
        env=environment(ASOF_HOME=str(home), **more), timeout=timeout, check=False,
    )  # fmt: skip


def test_the_first_run_loads_the_data_and_says_so_in_one_line(first_run) -> None:
    home, done = first_run
    assert done.returncode == 0
    assert done.stderr == f"asof: first run: loading the embedded data into {home}\n"
    assert json.loads(done.stdout)["security"]["ticker"] == "AAPL"


def test_the_second_run_is_quiet(loaded_home: Path) -> None:
    done = asof(loaded_home, "AAPL GP 5Y", "--json")
    assert (done.returncode, done.stderr) == (0, "")


def test_the_clock_hides_what_came_later(loaded_home: Path) -> None:
    done = asof(loaded_home, "AAPL", "GP", "MAX", "--json", "--asof", "2008-09-15")
    document = json.loads(done.stdout)
    dates = document["panels"][0]["figure"]["data"]["session_date"]
    assert dates[-1] == "2008-09-15"
    newest = [read["newest_known_at"] for read in document["lineage"]["reads"] if read["newest_known_at"]]
    assert max(newest) <= document["lineage"]["asof"]


def test_prices_as_csv(loaded_home: Path) -> None:
    done = asof(loaded_home, "AAPL HP 1M", "--csv", "--asof", "2008-09-15")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert rows
    assert {"140.36"} <= set(rows[0].values()) | set(rows[-1].values())


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["AAPL GPX"], 2),
        (["NOSUCHTICKER GP"], 2),
        (["AAPL GP", "--asof", "1971-01-01"], 3),
        (["AAPL GP", "--asof", "yesteryear"], 2),
        (["AAPL GP", "--asof", "2999-01-01"], 2),
        (["GP"], 2),
    ],
)
def test_exit_codes(words: list[str], code: int, loaded_home: Path) -> None:
    done = asof(loaded_home, *words, "--json")
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("asof: ")


def test_a_script_carries_security_clock_and_page(loaded_home: Path) -> None:
    script = "AAPL GP 1Y\nASOF 2008-09-15\nHP 1M\nLEAK\n"
    done = asof(loaded_home, "run", "-", "--json", stdin=script)
    assert done.returncode == 0, done.stderr
    pages = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(pages) == 4
    assert pages[2]["security"]["ticker"] == "AAPL"
    assert pages[2]["lineage"]["asof"].startswith("2008-09-16T03:59:59")
    assert pages[3]["function"] == "LEAK"


@pytest.mark.slow
def test_every_example_of_every_function_runs_or_says_why(loaded_home: Path, tmp_path: Path) -> None:
    from engine.registry import registry

    lines = ["AAPL GP", *(line for function in registry() for line, _ in function.examples)]
    script = "\n".join(lines)
    # the examples are a minute's work on a quiet machine, and their time, unlike a page's, is not what is tried
    done = asof(
        loaded_home, "run", "-", "--keep-going", stdin=script, cwd=tmp_path, timeout=900, HOME=str(tmp_path)
    )
    assert done.returncode in (0, 1, 2, 3), done.stderr
    assert "a fault of the program" not in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


def test_an_unreadable_home_is_code_4(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file, not a folder")
    done = asof(tmp_path / "home", "AAPL GP", "--json")
    assert done.returncode == 4
    assert done.stdout == ""

"""A store with the embedded data, loaded by the command line itself, once for these tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.headless.running import ROOT, environment


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The home of a first run, and what that run said."""
    home = tmp_path_factory.mktemp("first") / "home"
    done = subprocess.run(
        [sys.executable, "-m", "terminal.cli", "AAPL", "GP", "5Y", "--json"],
        capture_output=True, text=True, cwd=ROOT, env=environment(ASOF_HOME=str(home)), timeout=120, check=False,
    )  # fmt: skip
    return home, done


@pytest.fixture(scope="session")
def loaded_home(first_run: tuple[Path, subprocess.CompletedProcess[str]]) -> Path:
    home, done = first_run
    assert done.returncode == 0, done.stderr
    return home

"""Starts the command line as a real process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
DRIVER = [sys.executable, "-m", "tests.headless.driver"]


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


def asof(
    *words: str, stdin: str | None = None, cwd: Path = ROOT, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run ``asof`` with the fake desk, its streams piped."""
    done = subprocess.run(
        [*DRIVER, *words],
        input=stdin.encode() if stdin is not None else None,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        cwd=cwd,
        env=environment(**more),
        timeout=60,
        check=False,
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    )

"""The package's own examples run, its names are all there, and importing it loads nothing slow."""

from __future__ import annotations

import doctest
import subprocess
import sys

from engine.backtest import honesty


def test_the_examples_hold() -> None:
    found = doctest.testmod(honesty)
    assert found.attempted > 10
    assert found.failed == 0


def test_every_name_is_there_and_documented() -> None:
    assert sorted(honesty.__all__) == honesty.__all__
    for name in honesty.__all__:
        assert getattr(honesty, name).__doc__, name


def test_importing_it_is_light() -> None:
    code = "import sys, engine.backtest.honesty\nprint(*{n.partition('.')[0] for n in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"sklearn", "pandas", "arch", "skfolio", "statsmodels"} & set(done.stdout.split())

"""The file's own scripts under node: their tests, their lint, and what they ask of D3."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from d3_export import assets, vendored

ROOT = Path(__file__).parents[2]
RUN = (sys.executable, str(ROOT / "hatch_build.py"))
ESLINT = ROOT / "d3_export" / "npm" / "node_modules" / ".bin" / "eslint"


def node(*words: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*RUN, "node", *words], capture_output=True, text=True, cwd=ROOT / "d3_export", check=False
    )
    if "there is no node" in done.stderr:
        pytest.skip(done.stderr)
    return done


def test_the_scripts_own_tests() -> None:
    files = [str(path) for path in sorted((ROOT / "d3_export" / "js" / "tests").glob("*.test.js"))]
    done = node("-e", "for (const file of process.argv.slice(1)) require(file);", *files)  # one start for all
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_scripts_are_linted() -> None:
    if not ESLINT.exists():
        pytest.skip("eslint is not installed: make check does that")
    done = node(str(ESLINT), "-c", "npm/eslint.config.mjs", "js")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_scripts_ask_only_for_what_d3_brings(tmp_path: Path) -> None:
    asked = sorted(set(re.findall(r"\bd3\.(\w+)", assets.script())) - {"version"})
    check = f"{vendored.d3().source}\nfor (const name of {asked}) if (!(name in d3)) console.log(name);"
    path = tmp_path / "check.js"
    path.write_text(f"(function () {{ var exports, module, define; {check} }}).call(globalThis);")
    done = node(str(path))
    assert done.stdout.split() == [], done.stderr
    assert asked


def test_every_figure_kind_has_its_script() -> None:
    from tests.pages import FIGURES

    names = {path.stem for path in assets.script_files() if path.parent.name == "figures"}
    assert set(FIGURES) <= names

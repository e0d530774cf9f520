"""Nobody imports upward; first paint stays light; the repository holds nothing of any one machine."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.floors import OURS, imports_of, violations

ROOT = Path(__file__).parents[1]
HEAVY = (
    "polars",
    "numpy",
    "duckdb",
    "pandas",
    "pyarrow",
    "structlog",
    "scipy",
    "exchange_calendars",
    "talib",
)


def test_nobody_imports_upward() -> None:
    assert violations(ROOT) == []


@pytest.mark.parametrize(
    ("path", "source", "fault"),
    [
        ("store/a.py", "from engine.page import Page", "store imports only store"),
        ("store/a.py", "import providers.base", "store imports only store"),
        ("store/a.py", "def f():\n    import terminal", "store imports only store"),
        ("providers/a.py", "from engine import page", "providers imports only providers, store"),
        ("engine/quant/a.py", "from store import open_store", "engine.quant imports only"),
        ("engine/quant/a.py", "from engine.desk import Desk", "engine.quant imports only"),
        ("engine/quant/a.py", "from ..desk import Desk", "engine.quant imports only"),
        ("engine/desk.py", "import terminal.app", "engine imports only"),
        (
            "engine/desk.py",
            "import importlib\nimportlib.import_module('terminal.app')",
            "engine imports only",
        ),
        ("engine/desk.py", "from textual.app import App", "only terminal/ draws"),
        ("engine/desk.py", "import rich", "only terminal/ draws"),
        ("engine/page.py", "from store.reads import Read", "engine.page imports only engine.figures"),
        ("terminal/a.py", "import httpx", "only providers/ reach the network"),
    ],
)
def test_the_check_sees_a_violation(path: str, source: str, fault: str, tmp_path: Path) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(source)
    assert any(fault in one for one in violations(tmp_path))


def test_the_check_allows_what_is_allowed(tmp_path: Path) -> None:
    sources = {
        "store/a.py": "from store.reads import Read\nfrom . import b",
        "providers/a.py": "import store\nimport httpx",
        "engine/page.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from store.reads import Read",
        "engine/desk.py": "from engine.page import Page\nfrom store.errors import StoreError",
        "terminal/a.py": "import textual\nfrom engine.desk import Desk\nimport richardson",
    }
    for path, source in sources.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(source)
    assert violations(tmp_path) == []


def test_httpx_is_imported_in_one_file(tmp_path: Path) -> None:
    (tmp_path / "providers").mkdir()
    (tmp_path / "providers/a.py").write_text("import httpx")
    (tmp_path / "providers/b.py").write_text("from httpx import Client")
    assert "one file only" in violations(tmp_path)[0]


def test_relative_imports_are_followed() -> None:
    assert [one.target for one in imports_of("from ..x import y\nfrom . import z", "a.b.c")] == ["a.x", "a.b"]


@pytest.mark.parametrize(
    "modules",
    [
        "store",
        "engine.page, engine.function, engine.command, engine.registry, engine.desk, engine.completion",
        "engine.format, engine.sanitize, engine.encode.json, engine.encode.csv, engine.encode.text",
        "providers.embedded",
        "terminal.cli, terminal.arguments, terminal.headless, terminal.output",
    ],
)
def test_importing_costs_the_standard_library_only(modules: str) -> None:
    code = f"import sys, {modules}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not {*HEAVY, "textual", "rich"} & set(done.stdout.split())


def test_the_functions_declarations_are_light() -> None:
    code = "import sys\nfrom engine.registry import registry\nregistry()\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not set(HEAVY) & set(done.stdout.split())


def test_the_version_costs_nothing() -> None:
    code = "import sys\nbefore = set(sys.modules)\nfrom terminal.cli import main\nmain(['--version'])\n"
    code += "print(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = set(done.stdout.split("\n", 1)[1].split())
    assert loaded <= {"__future__", "terminal", "terminal.cli", "engine", "engine.version"}


# -- what must not be in the repository ---------------------------------------------------------------

# written so that this file does not hold what it looks for
FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/[\w.]+|/tmp/\w*brief"),
    "an address of a package host": re.compile(
        r"--(?:extra-)?index-url|--find-links|files\.pythonhosted|pypi\.org/simple|registry\.npmjs",
        re.IGNORECASE,
    ),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE " + "KEY"),
    "a credential": re.compile(
        r"\b(?:sk-ant-[\w-]{8}|AKIA[0-9A-Z]{16}|gh[pousr]_\w{20}|xox[baprs]-\w{10}|eyJ[\w-]{20,}\.[\w-]{10,}\.)"
        r"|(?:api[_-]?key|secret|password|token)[\"']?\s*[:=]\s*[\"'][A-Za-z0-9+/_-]{20,}[\"']",
        re.IGNORECASE,
    ),
}
THIS = "tests/test_floors.py"


def tracked() -> list[Path]:
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    if done.returncode:
        pytest.skip("not a git work tree")
    return [ROOT / name for name in done.stdout.split("\0") if name and name != THIS]


def faults_of(text: str) -> list[str]:
    return [f"{what}: {found[0]!r}" for what, pattern in FORBIDDEN.items() if (found := pattern.search(text))]


def test_nothing_of_any_one_machine_and_no_secret_is_kept() -> None:
    found = []
    for path in tracked():
        if path.is_file() and path.stat().st_size < 2_000_000:
            text = path.read_bytes().decode("utf-8", "replace")
            found += [f"{path.relative_to(ROOT)}: {fault}" for fault in faults_of(text)]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "see /wor" + "k/main/x.py",
        "open('/hom" + "e/ann/x')",
        "pip install --extra-" + "index-url x",
        "-----BEGIN RSA PRIVATE " + "KEY-----",
        "api_key = 'abcdefghijklm" + "nopqrstuvwxyz'",
        "sk-" + "ant-api03-abcdefgh",
    ],
)
def test_the_search_finds_what_it_looks_for(text: str) -> None:
    assert faults_of(text)


@pytest.mark.parametrize(
    "text", ["https://pypi.org/project/arch", "/usr/bin/env bash", "token = next(tokens)"]
)
def test_the_search_lets_ordinary_text_be(text: str) -> None:
    assert not faults_of(text)


def test_no_file_is_too_long() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines())
        for package in OURS
        for path in (ROOT / package).rglob("*.py")
    }
    assert {name: count for name, count in lengths.items() if count > 400} == {}

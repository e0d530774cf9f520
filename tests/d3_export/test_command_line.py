"""asof --html and asof open FILE.html: files appear whole or not at all, and lead back to their pages."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from d3_export import opened
from tests.headless.running import ROOT, environment


@pytest.fixture(scope="module")
def made(embedded_home: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A home of these tests, and a file of one page made in it."""
    import shutil

    base = tmp_path_factory.mktemp("html")
    home = base / "home"
    shutil.copytree(embedded_home, home)
    path = base / "apple.html"
    done = asof(home, "AAPL GP 1Y", "--asof", "2012-03-16", "--html", "--out", str(path))
    assert done.returncode == 0, done.stderr
    return home, path


def asof(home: Path, *words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "terminal.cli", *words],
        capture_output=True, text=True, cwd=cwd, env=environment(ASOF_HOME=str(home)), timeout=120, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_a_line_as_one_file_twice_the_same(made: tuple[Path, Path], tmp_path: Path) -> None:
    home, path = made
    again = tmp_path / "again.html"
    done = asof(home, "AAPL GP 1Y", "--asof", "2012-03-16", "--out", str(again))  # the suffix is enough
    assert done.stderr.startswith(f"asof: wrote {again} (")
    assert again.read_bytes() == path.read_bytes()
    held = opened(path.read_text("utf-8"))
    assert held.verified
    assert held.pages[0]["lineage"]["asof"] == "2012-03-17T03:59:59.999999Z"


def test_a_script_is_one_file_with_a_page_a_line(made: tuple[Path, Path], tmp_path: Path) -> None:
    script, path = tmp_path / "morning.asof", tmp_path / "m.html"
    script.write_text("ASOF 2010-06-30\nAAPL GP 1Y\nMSFT HP 1M\nAAPL GP 1Y\nSET\n")
    done = asof(made[0], "run", str(script), "--html", "--out", str(path))
    assert done.returncode == 0, done.stderr
    data = opened(path.read_text("utf-8")).data
    assert data["title"] == "morning"
    assert [one["function"] for one in data["pages"]] == ["GP", "HP"]
    assert {one["lineage"]["asof"] for one in data["pages"]} == {"2010-07-01T03:59:59.999999Z"}


def test_a_script_that_fails_writes_nothing(made: tuple[Path, Path], tmp_path: Path) -> None:
    script, path = tmp_path / "bad.asof", tmp_path / "bad.html"
    script.write_text("AAPL GP 1Y\nAAPL NOSUCH\n")
    done = asof(made[0], "run", str(script), "--html", "--out", str(path))
    assert done.returncode == 2
    assert "bad.asof:2" in done.stderr
    assert not path.exists()
    assert asof(made[0], "run", str(script), "--html", "--out", str(path), "--keep-going").returncode == 2
    assert len(opened(path.read_text("utf-8")).pages) == 1


def test_one_panel_and_a_pipe(made: tuple[Path, Path]) -> None:
    done = asof(made[0], "AAPL GP 1Y", "--html", "--panel", "price", "--asof", "2012-03-16")
    names = [panel["name"] for panel in opened(done.stdout).pages[0]["panels"]]
    assert names == ["price"]
    done = asof(made[0], "AAPL GP 1Y", "--html", "--panel", "nosuch")
    assert done.returncode == 2
    assert "no panel nosuch; it has" in done.stderr


def test_a_screen_is_no_place_for_html(made: tuple[Path, Path]) -> None:
    leader, follower = os.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "terminal.cli", "AAPL GP", "--html"],
        stdin=follower, stdout=follower, stderr=subprocess.PIPE, cwd=ROOT,
        env=environment(ASOF_HOME=str(made[0])), timeout=60, check=False,
    )  # fmt: skip
    os.close(leader)
    os.close(follower)
    assert done.returncode == 2
    assert b"add --out FILE.html" in done.stderr


def test_a_file_leads_back_to_its_page(made: tuple[Path, Path]) -> None:
    home, path = made
    done = asof(home, "open", str(path), "--text")
    assert done.returncode == 0, done.stderr
    assert "2011-03-16 to 2012-03-16" in done.stdout
    assert "verified, and this store makes the same page from the same snapshot" in done.stderr


def test_an_altered_file_is_told_and_not_opened(made: tuple[Path, Path], tmp_path: Path) -> None:
    home, path = made
    bad = tmp_path / "bad.html"
    bad.write_text(path.read_text("utf-8").replace('"open":[', '"open":[1,', 1), "utf-8")
    done = asof(home, "open", str(bad))
    assert (done.returncode, done.stdout) == (2, "")
    assert "was ALTERED" in done.stderr


def test_a_forged_file_with_a_right_hash_is_found_by_the_store(
    made: tuple[Path, Path], tmp_path: Path
) -> None:
    """Whoever alters data can alter the hash beside them: the store's own page tells."""
    from hashlib import sha256

    home, path = made
    html = path.read_text("utf-8")
    block = html.split('id="asof-data">', 1)[1].split("</script>", 1)[0]
    forged = block.replace('"close":[', '"close":[1e6,', 1)
    text = html.replace(block, forged).replace(opened(html).expected, sha256(forged.encode()).hexdigest())
    bad = tmp_path / "forged.html"
    bad.write_text(text, "utf-8")
    assert opened(text).verified
    done = asof(home, "open", str(bad))
    assert "this store makes the page otherwise than the file shows it: price" in done.stderr


def test_a_store_that_does_not_know_the_page_says_what_to_do(made: tuple[Path, Path], tmp_path: Path) -> None:
    done = asof(tmp_path / "other", "open", str(made[1]))
    assert done.returncode == 3
    assert "does not know its page" in done.stderr
    assert "--asof 2012-03-17T03:59:59.999999Z" in done.stderr


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("nosuch.html",), "cannot read nosuch.html"),
        (("{file}", "2"), "holds 1 page(s), not 2"),
        (("{file}", "x"), "the number of one of its pages"),
        (("plain.html",), "no HTML file that asof wrote"),
        (("binary.html",), "not UTF-8"),
    ],
)
def test_what_cannot_be_opened(
    made: tuple[Path, Path], tmp_path: Path, words: tuple[str, ...], why: str
) -> None:
    (tmp_path / "plain.html").write_text("<html></html>")
    (tmp_path / "binary.html").write_bytes(b"\xff\xfe\x00")
    told = [word.format(file=made[1]) for word in words]
    done = asof(made[0], "open", *told, cwd=tmp_path)
    assert done.returncode == 2
    assert why in done.stderr


def test_an_id_is_still_opened_as_a_command(made: tuple[Path, Path]) -> None:
    identity = opened(made[1].read_text("utf-8")).pages[0]["lineage"]["snapshot_id"]
    done = asof(made[0], "open", identity, "--text")
    assert done.returncode == 0, done.stderr

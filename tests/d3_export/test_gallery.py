"""make gallery: one file a page and one of all, told where; every figure kind is in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from d3_export import opened
from engine.page import Page
from terminal import gallery
from tests.pages import FIGURES, every_figure


class OneDesk:
    """A desk that answers the page of every figure, and has nothing recorded."""

    renderers = gallery.RENDERERS
    store = type("EmptyStore", (), {"batches": staticmethod(list)})()

    def run(self, line: str, **_: object) -> Page:
        return every_figure()

    def close(self) -> None:
        pass


def test_files_are_written_and_the_folder_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gallery, "_desk", lambda home: OneDesk())
    assert gallery.main([str(tmp_path / "shown")]) == 0
    names = {path.name for path in (tmp_path / "shown").iterdir()}
    assert names == {f"{name}.html" for name, _ in gallery.LINES} | {"surface.html", "index.html"}
    held = opened((tmp_path / "shown" / "index.html").read_text("utf-8"))
    assert len(held.pages) == len(gallery.LINES) + 1
    assert f"into {tmp_path / 'shown'}" in capsys.readouterr().err


def test_the_surface_says_that_it_is_no_market(tmp_path: Path) -> None:
    page = gallery.surface_page()
    assert "From a formula" in page.notes[0].text
    assert page.lineage is None


@pytest.mark.nightly
def test_every_kind_is_in_the_gallery(tmp_path: Path) -> None:
    assert gallery.main([str(tmp_path)]) == 0
    pages = opened((tmp_path / "index.html").read_text("utf-8")).pages
    assert {panel["figure"]["kind"] for page in pages for panel in page["panels"]} == set(FIGURES)

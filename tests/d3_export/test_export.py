"""EXPORT HTML: a page or a workspace as one file, whole, at its clocks, and never over another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from d3_export import opened
from engine.desk import Desk
from engine.errors import CommandError, DataError
from engine.page import Page
from store import open_store
from terminal.html_pages import RENDERERS
from tests.conftest import PRESENT
from tests.engine.test_export import saved

MakeDesk = Callable[..., Desk]


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    desk = make_desk()
    desk.renderers = RENDERERS
    desk.run("AAPL HP 1M")
    return desk


def test_the_page_is_written_and_the_path_is_told(desk: Desk) -> None:
    path = saved(desk.run("EXPORT HTML"))
    assert path.parent == desk.store.home / "exports" / "tester"
    assert path.suffix == ".html"
    held = opened(path.read_text("utf-8"))
    assert held.verified
    assert desk.page is not None
    assert desk.page.lineage is not None
    lineage = held.pages[0]["lineage"]
    assert lineage["snapshot_id"] == desk.page.lineage.snapshot_id
    assert lineage["command"] == desk.page.lineage.command
    assert "user" not in lineage
    assert set(lineage["recorded_at"]) >= set(desk.page.lineage.sources)


def test_the_same_page_is_the_same_file(desk: Desk, make_desk: MakeDesk) -> None:
    first = saved(desk.run("EXPORT HTML one")).read_bytes()
    colleague = make_desk("colleague", desk.store)
    colleague.renderers = RENDERERS
    colleague.run("AAPL HP 1M")
    assert saved(colleague.run("EXPORT HTML two")).read_bytes() == first


def test_a_desk_without_a_renderer_says_so(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("AAPL HP 1M")
    with pytest.raises(DataError, match="writes no HTML files"):
        desk.run("EXPORT HTML")
    assert list((desk.store.home / "exports").rglob("*")) == []


def test_without_d3_nothing_is_written(desk: Desk) -> None:
    from d3_export import MissingD3

    def missing(*_: object, **__: object) -> str:
        raise MissingD3

    desk.renderers = {"html": missing}
    with pytest.raises(DataError, match="npm registry"):
        desk.run("EXPORT HTML apple")
    assert list((desk.store.home / "exports").rglob("*")) == []


def test_another_file_is_left_as_it_is(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "mine.html"
    path.write_text("mine")
    with pytest.raises(CommandError, match="REPLACE"):
        desk.run(f"EXPORT HTML {path}")
    assert path.read_text() == "mine"
    assert saved(desk.run(f"EXPORT HTML {path} REPLACE")) == path
    with pytest.raises(CommandError, match=r"ends in \.html"):
        desk.run(f"EXPORT HTML {tmp_path}/page.csv")


def keep(desk: Desk, *visits: tuple[str, str]) -> None:
    body = {"visits": [{"line": line, "asof": asof, "title": "", "panels": []} for line, asof in visits]}
    desk.state.update("workspace", "last", lambda _: body)


def test_a_workspace_is_one_file_of_every_page_at_its_own_clock(desk: Desk) -> None:
    then = "2008-09-16T03:59:59.999999+00:00"
    keep(desk, ("GP MSFT", ""), ("GP MSFT", then), ("DES IBM", ""), ("GP MSFT", ""))
    page = desk.run("EXPORT HTML WORKSPACE")
    assert "4 pages" in page.notes[-1].text
    path = Path(page.notes[-1].text.removeprefix("Saved as ").rsplit(":", 1)[0])
    assert path.name == "workspace.html"
    pages = opened(path.read_text("utf-8")).pages
    assert [one["function"] for one in pages] == ["GP", "GP", "DES", "HP"]
    assert [one["lineage"]["live"] for one in pages] == [True, False, True, True]
    assert pages[1]["lineage"]["asof"] == "2008-09-16T03:59:59.999999Z"
    desk.close()
    for one in pages:  # whoever gets the file finds the way back
        assert desk.store.find_page(one["lineage"]["snapshot_id"]) is not None
    assert desk.page is not None
    assert desk.page.function == "HP"


def test_a_page_that_cannot_be_made_says_why_in_its_place(desk: Desk) -> None:
    keep(desk, ("GP NOSUCHNAME", ""), ("GP MSFT", "not an instant"), ("", ""))
    page = desk.run("EXPORT HTML WS whole")
    assert "3 pages, 2 of them failed" in page.notes[-1].text
    path = desk.store.home / "exports" / "tester" / "whole.html"
    first = opened(path.read_text("utf-8")).pages[0]
    assert first["notes"][0]["level"] == "error"
    assert "NOSUCHNAME" in first["panels"][0]["figure"]["lines"][0]


def test_a_workspace_of_another_version_is_no_crash(desk: Desk) -> None:
    desk.state.update("workspace", "last", lambda _: {"visits": "many"})
    assert "1 page" in desk.run("EXPORT HTML WORKSPACE").notes[-1].text


def test_a_workspace_is_html_only(desk: Desk) -> None:
    with pytest.raises(CommandError, match="one HTML file") as fault:
        desk.run("EXPORT CSV WORKSPACE")
    assert fault.value.suggestions == ("EXPORT HTML WORKSPACE",)


def test_what_was_recorded_later_is_not_told(desk: Desk, home: Path) -> None:
    from dataclasses import replace

    from engine.rendering import recorded_of

    page: Page | None = desk.page
    assert page is not None
    assert page.lineage is not None
    assert recorded_of(desk.store, page.lineage)
    assert recorded_of(desk.store, replace(page.lineage, snapshot=0)) == {}
    before = replace(page.lineage, recorded=PRESENT.replace(year=1990))
    assert recorded_of(open_store(home), before) == {}

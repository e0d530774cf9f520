"""EXPORT HTML: the page on screen, or every page of the workspace, as one file for readers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.errors import AsofError, Cancelled
from engine.page import Note, Page, text_page
from engine.rendering import rendered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.context import Context

_WORKSPACE = ("workspace", "last")  # where the terminal keeps the lines that were visited


def one(context: Context, page: Page) -> tuple[str, str]:
    """The page's file, and nothing to tell."""
    return rendered(context.desk, "html", [page]), ""


def workspace(context: Context, page: Page, title: str) -> tuple[str, str]:
    """One file of all pages of the workspace, each as it is now at its own clock, and how many they are.

    Raises Cancelled; a page that cannot be made says why in its place.
    """
    places = tuple(_places(context, page))
    pages = []
    for number, (line, asof) in enumerate(places):
        context.check_cancelled()
        context.progress(number, len(places), line)
        pages.append(page if _is(page, line, asof) else _made(context, line, asof))
    context.progress(len(places), len(places), "writing the file")
    failed = sum(made.lineage is None for made in pages)
    told = f"{len(pages)} pages" if len(pages) > 1 else "1 page"
    return rendered(context.desk, "html", pages, title), told + (
        f", {failed} of them failed" if failed else ""
    )


def _places(context: Context, page: Page) -> Iterator[tuple[str, str]]:
    """Line and clock of every visit, each once, as they came; the page on screen is among them."""
    body = context.desk.state.get(*_WORKSPACE) or {}
    seen: dict[tuple[str, str], None] = {}
    for visit in _visits(body):
        seen[str(visit.get("line", "")), str(visit.get("asof", ""))] = None
    if page.lineage is not None:
        lineage = page.lineage
        seen[page.live or lineage.command, "" if lineage.live else lineage.asof.isoformat()] = None
    yield from (place for place in seen if place[0])


def _visits(body: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """What another version kept may be of another form."""
    visits = body.get("visits")
    return (one for one in visits if isinstance(one, dict)) if isinstance(visits, list) else ()


def _is(page: Page, line: str, asof: str) -> bool:
    lineage = page.lineage
    if lineage is None or page.live:
        return False
    return lineage.command == line and ("" if lineage.live else lineage.asof.isoformat()) == asof


def _made(context: Context, line: str, asof: str) -> Page:
    """The page of a line at its clock; where it cannot be made, a page that says why."""
    desk = context.desk
    try:
        command = desk.parse(line)
        page = desk.run_at(command, context, asof=datetime.fromisoformat(asof) if asof else None)
    except Cancelled:
        raise
    except (AsofError, ValueError) as fault:
        note = Note("This page of the workspace could not be made.", "error")
        return text_page(line, [str(fault)], notes=(note,))
    desk.remember_page(page)
    return page

"""Pages as one HTML file: what the desk is handed for EXPORT HTML, and what ``--html`` writes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

from terminal.exits import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.desk import Desk
    from engine.page import Page
    from engine.rendering import Recorded, Renderer
    from terminal.arguments import Options
    from terminal.headless import HeadlessDesk


def write_html(pages: Sequence[Page], *, title: str = "", recorded: Recorded | None = None) -> str:
    """The renderer, imported when the first file is written."""
    from d3_export import render

    return render(pages, title=title, recorded=recorded or {})


RENDERERS: dict[str, Renderer] = {"html": write_html}


def check_html(options: Options) -> None:
    """Before the work: a file of interactive figures goes into a file or a pipe, and needs D3.

    Raises UsageError, or MissingD3 with what to do.
    """
    from d3_export.vendored import d3

    if options.out is None and sys.stdout is not None and sys.stdout.isatty():
        raise UsageError("--html writes a file for a browser: add --out FILE.html")
    d3()


def as_html(desk: HeadlessDesk, pages: Sequence[Page], options: Options) -> str:
    """``pages`` as one file; of a script those that show data, each once.

    Raises KeyError where a panel was asked for that a page does not have.
    """
    from dataclasses import replace

    from engine.rendering import rendered

    if options.verb == "run":
        pages = _for_readers(pages)
    if options.panel is not None:
        chosen = [page.panel(options.panel) for page in pages]
        if None in chosen:
            raise KeyError(options.panel)
        pages = [
            replace(page, panels=(panel,))
            for page, panel in zip(pages, chosen, strict=True)
            if panel is not None
        ]
    title = "" if options.verb != "run" or options.line == "-" else Path(options.line).stem
    return rendered(cast("Desk", desk), "html", pages, title if len(pages) > 1 else "")


def _for_readers(pages: Sequence[Page]) -> list[Page]:
    """Without what only set the desk (its clock, a preference), and each page once; all where none shows data."""
    from engine.registry import registry

    functions, found = registry(), {}
    for page in pages:
        function = functions.get(page.function)
        if page.lineage is not None and not (function is not None and function.changes):
            found[page.lineage.snapshot_id] = page
    return list(found.values()) or list(pages)

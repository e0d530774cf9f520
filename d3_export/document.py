"""The file: one HTML text whose parts are hashed in its own policy.

The data are one JSON block (schema ``asof.export/1``); everything a reader sees is made from it by the
file's script. Deterministic: who made it and how long that took are left out.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from d3_export import assets
from d3_export.vendored import D3, d3
from engine.encode.csv import instant
from engine.encode.json import as_document
from engine.sanitize import clean
from engine.version import VERSION

if TYPE_CHECKING:
    from datetime import datetime

    from engine.page import Page

__all__ = ["SCHEMA", "data_block", "lasting", "render"]

SCHEMA = "asof.export/1"
_NOTHING_TOLD: Mapping[str, Mapping[str, datetime]] = MappingProxyType({})

# What ends a script or begins a comment in HTML, and line ends that old parsers of JavaScript stop at.
_ESCAPES = {ord(one): f"\\u{ord(one):04x}" for one in "<>&\u2028\u2029"}


def render(
    pages: Sequence[Page],
    *,
    title: str = "",
    recorded: Mapping[str, Mapping[str, datetime]] = _NOTHING_TOLD,
) -> str:
    """``pages`` as one standalone HTML text.

    Parameters
    ----------
    title : heads a file of several pages; without one the first page's title does
    recorded : by page id and source, when the store last recorded what the page could see of it

    Raises MissingD3 where D3 did not come with the install, ValueError where there is no page.
    """
    if not pages:
        raise ValueError("a file needs a page")
    named = clean(title or pages[0].title)
    return _html(named, data_block(pages, named, recorded), pages, d3())


def data_block(
    pages: Sequence[Page], title: str, recorded: Mapping[str, Mapping[str, datetime]] = _NOTHING_TOLD
) -> str:
    """The data as they lie in the file: canonical JSON in which nothing can end the element it lies in."""
    body = {
        "schema": SCHEMA,
        "title": title,
        "version": VERSION,
        "pages": [_page(page, recorded) for page in pages],
    }
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate(_ESCAPES)


def _page(page: Page, recorded: Mapping[str, Mapping[str, datetime]]) -> dict[str, Any]:
    document = lasting(as_document(page))
    if document["lineage"] is not None:
        told = recorded.get(document["lineage"]["snapshot_id"], {})
        document["lineage"]["recorded_at"] = {clean(source): instant(at) for source, at in told.items()}
    return document


def lasting(document: dict[str, Any]) -> dict[str, Any]:
    """``document`` without what differs between two equal runs, and without what was said in passing."""
    lineage = document["lineage"]
    notes = [note for note in document["notes"] if not note["passing"]]
    if lineage is not None:
        reads = [_without(read, "seconds", "files") for read in lineage["reads"]]
        lineage = {**_without(lineage, "seconds", "user"), "reads": reads}
    return {**document, "notes": notes, "lineage": lineage}


def _without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}


def _html(title: str, data: str, pages: Sequence[Page], library: D3) -> str:
    style = assets.style()
    scripts = (
        _inert(f"{library.source}\nd3.version = {json.dumps(library.version)};\n"),
        _inert(assets.script()),
    )
    hashed = sha256(data.encode()).hexdigest()
    return "".join(
        (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{_policy(scripts, style)}">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            '<meta name="referrer" content="no-referrer">\n',
            f'<meta name="generator" content="asof {VERSION}">\n',
            f'<meta name="asof-data-sha256" content="{hashed}">\n',
            f"<title>{escape(title)}</title>\n<style>{style}</style>\n",
            f"<!--\nDrawn by D3 {library.version}. {_comment(library.licences)}\n-->\n",
            f'</head>\n<body>\n<div id="asof">\n{_without_script(title, pages)}</div>\n',
            f'<script type="application/json" id="asof-data">{data}</script>\n',
            *(f"<script>{script}</script>\n" for script in scripts),
            "</body>\n</html>\n",
        )
    )


def _policy(scripts: Sequence[str], style: str) -> str:
    """Nothing but the file's own scripts and style, by their hashes; no network, no markup from text."""
    ours = " ".join(_source_hash(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {ours}; style-src {_source_hash(style)}; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _source_hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _inert(script: str) -> str:
    """A script that cannot end its own element."""
    if "</script" in script.lower() or "<!--" in script:
        raise ValueError("a script of the file holds what would end it")
    return script


def _comment(text: str) -> str:
    """Text that cannot end the comment it stands in."""
    return text.replace("--", "- -").replace(">", "&gt;")


def _without_script(title: str, pages: Sequence[Page]) -> str:
    """What stands there until the script runs, and where none may."""
    told = "".join(f"<li>{escape(_line(page))}</li>\n" for page in pages)
    return (
        f"<h1>{escape(title)}</h1>\n<ul>\n{told}</ul>\n"
        "<noscript><p>The figures of this file are drawn by its own script, which is not allowed to run here. "
        "Save the file and open it in a browser. It loads nothing and sends nothing.</p></noscript>\n"
    )


def _line(page: Page) -> str:
    title, lineage = clean(page.title), page.lineage
    if lineage is None:
        return title
    clock = "live at" if lineage.live else "as of"
    return f"{title}: {clock} {lineage.asof:%Y-%m-%d %H:%M} UTC, page {lineage.snapshot_id}, {clean(lineage.command)}"

"""The file's own JavaScript and CSS, put together in the order that ``js/README.md`` tells."""

from __future__ import annotations

from functools import cache
from pathlib import Path

__all__ = ["lean", "script", "script_files", "style", "style_files"]

HERE = Path(__file__).parent
FIRST = ("dom", "verify", "csv", "kit")
LAST = ("notes", "provenance", "panel", "page", "boot")

_OPENING = '(() => {\n"use strict";\nconst core = {}, kit = {}, figures = {};\n'
_CLOSING = "})();\n"


def script_files() -> tuple[Path, ...]:
    """Our scripts: what all stand on, the helpers, the figures, the page and its start."""
    core = {path.stem: path for path in (HERE / "js" / "core").glob("*.js")}
    between = sorted(name for name in core if name not in (*FIRST, *LAST))
    figures = sorted((HERE / "js" / "figures").glob("*.js"))
    first = [core[name] for name in (*FIRST, *between)]
    return (*first, *figures, *(core[name] for name in LAST))


def style_files() -> tuple[Path, ...]:
    """Our style sheets."""
    folder = HERE / "css"
    return (*sorted(folder.glob("*.css")), *sorted((folder / "figures").glob("*.css")))


@cache
def script() -> str:
    """One script: each file a block of its own within one strict function."""
    blocks = (
        f"// {path.parent.name}/{path.name}\n{{\n{lean(path.read_text('utf-8'), path.name)}}}\n"
        for path in script_files()
    )
    return _OPENING + "".join(blocks) + _CLOSING


@cache
def style() -> str:
    """One style sheet."""
    return "".join(lean(path.read_text("utf-8"), path.name) for path in style_files())


def lean(source: str, name: str) -> str:
    """``source`` without comments that fill whole lines, indentation and empty lines: a third of its length.

    Line by line, which is safe where no text goes over several lines. Raises ValueError where a template does.
    """
    kept, within = [], False
    for line in source.splitlines():
        text = line.strip()
        opens = not within and text.startswith("/*")
        within = within or opens
        if within:
            within = "*/" not in text
            if not within and not text.endswith("*/"):
                raise ValueError(f"{name}: code stands behind a comment: {text}")
            continue
        if text.count("`") % 2:
            raise ValueError(f"{name}: a template goes over several lines: {text}")
        if text and not text.startswith("//"):
            kept.append(text)
    return "".join(f"{line}\n" for line in kept)

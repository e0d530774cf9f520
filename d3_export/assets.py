"""The file's own JavaScript and CSS, put together in the order that ``js/README.md`` tells."""

from __future__ import annotations

from functools import cache
from pathlib import Path

__all__ = ["FIRST", "LAST", "script", "script_files", "style", "style_files"]

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
        f"// {path.parent.name}/{path.name}\n{{\n{path.read_text('utf-8')}}}\n" for path in script_files()
    )
    return _OPENING + "".join(blocks) + _CLOSING


@cache
def style() -> str:
    """One style sheet."""
    return "".join(path.read_text("utf-8") for path in style_files())

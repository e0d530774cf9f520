"""D3 as it came with the install: ``hatch_build.py`` put it beside this file, with its licences and versions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from engine.errors import DataError

__all__ = ["D3", "FOLDER", "MissingD3", "d3"]

FOLDER = Path(__file__).with_name("vendored")


class MissingD3(DataError):
    """D3 is not there; the message says what to do."""

    def __init__(self) -> None:
        super().__init__(
            "HTML files need D3, which this install did not get: it comes from the npm registry while asof is "
            "installed. With a network that reaches it, run make install (or pip install again), then try again. "
            "CSV, JSON and text need nothing."
        )


@dataclass(frozen=True, slots=True)
class D3:
    """The library's source, its version, and the licences of all of its parts."""

    source: str
    version: str
    licences: str


@cache
def _read(folder: Path) -> D3:
    try:
        versions = json.loads((folder / "versions.json").read_text("utf-8"))
        source = (folder / "d3.js").read_text("utf-8")
        return D3(source, versions["d3"], (folder / "licences.txt").read_text("utf-8"))
    except (OSError, ValueError, KeyError) as fault:
        raise MissingD3 from fault


def d3(folder: Path = FOLDER) -> D3:
    """D3. Raises MissingD3."""
    return _read(folder)

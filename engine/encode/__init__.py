"""Pages as text that leaves the program: JSON, CSV, plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.page import Page


def encode(page: Page, form: str) -> str:
    """``page`` as "json", "csv" or "text"."""
    from engine.encode import csv, json, text

    return {"json": json.encode, "csv": csv.encode, "text": text.encode}[form](page)


def page_hash(page: Page) -> str:
    """Hash of the page's content, whenever and wherever it was made."""
    from engine.encode import json

    return json.page_hash(page)

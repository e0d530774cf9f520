"""``asof open FILE.html``: from a file that was sent around back to the terminal's page."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from terminal.exits import UsageError, say

if TYPE_CHECKING:
    from engine.page import Page
    from terminal.arguments import Options

_ID = re.compile(r"[0-9a-f]{4,64}")
_MOST = 512 * 1024 * 1024  # bytes; no file that asof wrote is near it


@dataclass(frozen=True, slots=True)
class Reopened:
    """A page of a file, verified: what the file says of it."""

    file: Path
    number: int
    count: int
    document: dict[str, Any]

    @property
    def lineage(self) -> dict[str, Any]:
        return dict(self.document["lineage"])

    def compare(self, page: Page) -> str:
        """A sentence: whether the page that the store makes is the one in the file."""
        from d3_export.document import lasting
        from engine.encode.json import as_document

        own, kept = lasting(as_document(page)), self.document
        if all(own[name] == kept[name] for name in ("title", "panels", "notes")):
            return f"{self.file.name}: verified, and this store makes the same page from the same snapshot"
        panels = {one["name"]: one for one in kept["panels"]}
        other = [one["name"] for one in own["panels"] if panels.get(one["name"]) != one]
        what = ", ".join(other) or "its title, notes or panels"
        return f"{self.file.name}: this store makes the page otherwise than the file shows it: {what}"


def reopen(options: Options) -> tuple[Options, Reopened]:
    """The options that run the file's page, OPEN with its id, and what the file says.

    Raises
    ------
    UsageError
        The file cannot be read, is not asof's, was altered, or has no such page.
    DataError
        The store does not know the page: what to do is said.
    """
    assert options.file is not None  # noqa: S101 - the verb's parser sets it
    found = _page_of(options.file, int(options.line))
    _check_known(found, options)
    if found.count > 1:
        say(f"{options.file}: page {found.number} of {found.count}; asof open {options.file} N opens another")
    line = f"OPEN {found.lineage['snapshot_id']}"
    return replace(options, verb="line", line=line), found


def _page_of(path: Path, number: int) -> Reopened:
    from d3_export import Unreadable, opened

    try:
        if path.stat().st_size > _MOST:
            raise UsageError(f"{path} is larger than any file that asof writes")
        held = opened(path.read_bytes().decode("utf-8"))
    except OSError as fault:
        raise UsageError(f"cannot read {path}: {fault.strerror}") from fault
    except UnicodeDecodeError as fault:
        raise UsageError(f"{path} was altered: it is not UTF-8 text any more") from fault
    except Unreadable as fault:
        raise UsageError(f"{path}: {fault}") from fault
    if not held.verified:
        raise UsageError(
            f"{path} was ALTERED: its data have sha256 {held.found[:16]}... and were written with "
            f"{held.expected[:16]}... Ask for the file again. What it says is not shown as if it were true."
        )
    if number > len(held.pages):
        raise UsageError(f"{path} holds {len(held.pages)} page(s), not {number}")
    document = held.pages[number - 1]
    lineage = document.get("lineage")
    if not isinstance(lineage, dict) or not _ID.fullmatch(str(lineage.get("snapshot_id", ""))):
        raise UsageError(f"page {number} of {path} was made from no data: there is nothing to return to")
    return Reopened(path, number, len(held.pages), document)


def _check_known(found: Reopened, options: Options) -> None:
    from engine.errors import DataError
    from store import open_store

    store, lineage = open_store(options.home), found.lineage
    if store.find_page(lineage["snapshot_id"]) is None:
        clock = "" if lineage["live"] else f" --asof {lineage['asof']}"
        raise DataError(
            f"{found.file} is verified, but this store ({store.home}) does not know its page "
            f"{lineage['snapshot_id']}: it was made on another one. Open it there (--home), or ask this store the "
            f'same: asof "{lineage["command"]}"{clock}'
        )

"""Reading a file back: the data it holds, and whether they are the ones it was written with."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

__all__ = ["Opened", "Unreadable", "opened"]

_HASH = re.compile(r'<meta name="asof-data-sha256" content="([0-9a-f]{64})">')
_DATA = re.compile(r'<script type="application/json" id="asof-data">([^<]*)</script>')


class Unreadable(Exception):
    """The text is not a file that asof wrote, or was cut; the message says which."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What a file holds. ``data`` is of schema asof.export/1; ``verified``: it has the hash it was written with."""

    data: dict[str, Any]
    expected: str
    found: str

    @property
    def verified(self) -> bool:
        return self.expected == self.found

    @property
    def pages(self) -> list[dict[str, Any]]:
        return list(self.data["pages"])


def opened(html: str) -> Opened:
    """The data of a file that ``render`` wrote. Raises Unreadable; altered data are no error here."""
    hashed, block = _HASH.search(html), _DATA.search(html)
    if hashed is None:
        raise Unreadable("this is no HTML file that asof wrote: it has no hash of its data")
    if block is None:
        raise Unreadable("the file's data block is missing or cut")
    try:
        data = json.loads(block[1])
    except ValueError as fault:
        raise Unreadable("the file's data block was altered: it is no JSON any more") from fault
    if (
        not isinstance(data, dict)
        or data.get("schema") != "asof.export/1"
        or not isinstance(data.get("pages"), list)
    ):
        raise Unreadable("the file's data block is of no form that this version reads")
    return Opened(data, hashed[1], sha256(block[1].encode()).hexdigest())

"""Keys are never typed into the line: a line that holds one is not run, logged, kept or shown again."""

from __future__ import annotations

import re

REFUSED = (
    "A key is not typed into the line: it would stay in histories and logs. This line was not run and is kept "
    "nowhere. Type KEYS SET and the source's name alone (KEYS SET FRED): a masked field asks for the key."
)
_SET = re.compile(r"^(.*?\bKEYS?\s+SET)\b\s*(.*)$", re.IGNORECASE | re.DOTALL)


def without_secret(line: str) -> str:
    """``line`` as it may be kept: of ``KEYS SET`` nothing but the name of a source."""
    found = _SET.match(line.strip())
    if found is None or not found[2]:
        return line
    from providers.sources import NAMES

    name, _, rest = found[2].partition(" ")
    if name.lower() not in NAMES:
        return found[1]
    return f"{found[1]} {name}" if rest.strip() else line


def holds_secret(line: str) -> bool:
    return without_secret(line) != line

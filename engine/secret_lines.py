"""Keys are never typed into the line: a line that holds one is not run, logged, kept or shown again.

``KEYS`` is also a ticker, so that a word is taken for a secret only beside SET or UNLOCK, wherever they stand, or
where it looks like one and like nothing else that is typed.
"""

from __future__ import annotations

import re

REFUSED = (
    "A key is not typed into the line: it would stay in histories and logs. This line was not run and is kept "
    "nowhere. Type KEYS SET and the source's name alone (KEYS SET FRED): a masked field asks for the key; KEYS "
    "UNLOCK alone asks for the passphrase."
)
_KEYS = re.compile(r"^(.*?\bKEYS?)(\s.*)$", re.IGNORECASE | re.DOTALL)
_ASSIGNED = re.compile(r"(\b\w*(?:API_?KEY|TOKEN|SECRET|PASSPHRASE)\s*=\s*)\S+", re.IGNORECASE)
_LIKE_A_KEY = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9+/=_.~-]{16,}$")
_ACTIONS = frozenset({"SET", "UNLOCK", "TEST", "ALLOW", "DENY", "FORGET", "CONTACT", "YES"})
_NAMED = re.compile(r"^(?:ACTION|SOURCE)=", re.IGNORECASE)


def without_secret(line: str) -> str:
    """``line`` as it may be kept: of one that sets a key nothing but the words of KEYS and the name of a source."""
    line = _ASSIGNED.sub(r"\1", line)
    found = _KEYS.match(line.strip())
    if found is None:
        return line
    from providers.sources import NAMES

    words = found[2].split()
    bare = [_NAMED.sub("", word).strip("'\"").upper() for word in words]
    hiding = not {"SET", "UNLOCK"}.isdisjoint(bare)
    kept = [
        word
        for word, name in zip(words, bare, strict=True)
        if name in _ACTIONS or name.lower() in NAMES or not (hiding or _LIKE_A_KEY.match(word))
    ]
    return line if kept == words else " ".join([found[1], *kept])


def holds_secret(line: str) -> bool:
    return without_secret(line) != line

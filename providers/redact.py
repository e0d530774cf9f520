"""Keys are taken out of everything that may be shown: addresses, errors, logs, echoes in answers.

A key is looked for as it is and in the forms in which HTTP and its libraries write it: percent-encoded
(either case of the digits, blanks as ``+``), base64 (as Basic authorisation has it), escaped in JSON.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MARK = "[key]"
_SHORTEST = 4  # a shorter "secret" would blank out ordinary words, and protects nothing
_SHORTEST_IN_BODY = 8
_PLAIN_WORD = 12  # up to here a word of small letters is a setting beside a key ("practice"), not a key


class Redactor:
    """Replaces the secrets it was given. Its own repr shows none."""

    __slots__ = ("_body", "_text")

    def __init__(self, secrets: Iterable[str]) -> None:
        values = {part for secret in secrets for part in _parts(secret) if _guarded(part)}
        self._text = _pattern(values)
        self._body = _pattern({value for value in values if len(value) >= _SHORTEST_IN_BODY})

    def __repr__(self) -> str:
        return "Redactor()"

    def __call__(self, text: str) -> str:
        """``text`` without the secrets."""
        return self._text.sub(MARK, text) if self._text is not None else text

    def body(self, content: bytes) -> bytes:
        """An answer without echoes of the key: sources quote their answers in errors."""
        if self._body is None:
            return content
        # latin-1 maps every byte to one character and back, so nothing else of the body changes
        text = content.decode("latin-1")
        return self._body.sub(MARK, text).encode("latin-1") if self._body.search(text) else content


def _guarded(value: str) -> bool:
    plain = value.isalpha() and value.islower() and len(value) <= _PLAIN_WORD
    return len(value) >= _SHORTEST and not plain


def _parts(secret: str) -> tuple[str, ...]:
    """A header's value is a secret, and so is what follows its scheme (``Bearer abc``, ``Basic b64``)."""
    scheme, _, rest = secret.strip().partition(" ")
    if scheme.lower() in ("bearer", "basic", "token", "apikey", "key") and rest:
        return (rest.strip(), *_unpacked(rest.strip()))
    return (secret.strip(),)


def _unpacked(text: str) -> tuple[str, ...]:
    """The identifier and password inside Basic authorisation."""
    try:
        decoded = base64.b64decode(text, validate=True).decode()
    except ValueError:
        return ()
    return tuple(decoded.split(":", 1)) if ":" in decoded and decoded.isprintable() else ()


def _pattern(values: set[str]) -> re.Pattern[str] | None:
    forms: set[str] = set()
    for value in values:
        encoded = value.encode()
        forms |= {
            value,
            encoded.decode("latin-1"),
            encoded.decode("latin-1").encode().decode("latin-1"),  # taken for Latin-1 on the way
            quote(value, safe=""),
            quote(value),
            quote_plus(value),
            quote(quote(value, safe=""), safe=""),
            json.dumps(value)[1:-1],
            base64.b64encode(encoded).decode(),
            base64.urlsafe_b64encode(encoded).decode().rstrip("="),
        }
    longest_first = sorted(filter(None, forms), key=lambda form: (-len(form), form))
    if not longest_first:
        return None
    return re.compile("|".join(_either_case(form) for form in longest_first))


def _either_case(form: str) -> str:
    """The form as a pattern; the hexadecimal digits of percent escapes in either case."""
    return re.sub(
        r"%([0-9A-Fa-f]{2})",
        lambda escape: "%" + "".join(f"[{c.lower()}{c.upper()}]" if c.isalpha() else c for c in escape[1]),
        re.escape(form),
    )

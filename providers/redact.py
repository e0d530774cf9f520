"""Keys are taken out of everything that may be shown: addresses, errors, logs, echoes in answers.

A key is looked for as it is and in the forms in which HTTP and its libraries write it: percent-encoded
(either case of the digits), base64 (as Basic authorisation has it), escaped in JSON and in HTML.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable

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
    forms: dict[str, str] = {}  # what is written, as a pattern
    for value in filter(None, values):
        encoded = value.encode()
        for whole in (
            base64.b64encode(encoded).decode(),
            base64.urlsafe_b64encode(encoded).decode().rstrip("="),
        ):
            forms[whole] = re.escape(whole)
        forms[value] = "".join(map(_character, value))
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    return re.compile("|".join(forms[form] for form in longest_first)) if forms else None


def _character(c: str) -> str:
    """One character in every form in which it may be written: each by itself, since of one key some encoders
    escape the plus sign and some the slash."""
    if c.isascii() and c.isalnum():
        return c
    encoded = c.encode().decode("latin-1")
    spellings = {
        c,
        encoded,
        encoded.encode().decode("latin-1"),  # taken for Latin-1 on the way
        json.dumps(c)[1:-1],
        "".join(f"\\u{unit:04x}" for unit in _utf16(c)),
        "".join(f"%{byte:02x}" for byte in c.encode()),
        "".join(f"%25{byte:02x}" for byte in c.encode()),
        f"\\{c}",
        f"&#{ord(c)};",
        f"&#x{ord(c):x};",
        html.escape(c),
        "+" if c == " " else c,
    }
    longest_first = sorted(spellings, key=lambda form: (-len(form), form))
    return f"(?:{'|'.join(map(_either_case, longest_first))})"


def _utf16(c: str) -> list[int]:
    units = c.encode("utf-16-be")
    return [int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2)]


_DIGITS = re.compile(r"(?<=%25)[0-9a-f]{2}|(?<=%)[0-9a-f]{2}|(?<=\\u)[0-9a-f]{4}|(?<=&#x)[0-9a-f]+")


def _either_case(form: str) -> str:
    """The form as a pattern; the hexadecimal digits of escapes in either case."""
    pattern, at = "", 0
    for digits in _DIGITS.finditer(form):
        pattern += re.escape(form[at : digits.start()])
        pattern += "".join(f"[{d}{d.upper()}]" if d.isalpha() else d for d in digits[0])
        at = digits.end()
    return pattern + re.escape(form[at:])

"""Outside text made inert: what comes from a provider, a headline or a name is data, never control.

Applied where data comes in and again before it goes out to a terminal: an escape sequence in a
company's name must not retitle the window, and a bidi override must not turn a number around.
"""

from __future__ import annotations

import re

__all__ = ["clean"]

# Whole escape sequences first, in their 7-bit (ESC x) and 8-bit (C1) forms: only then single characters,
# else the parameters of a sequence would stay behind as text.
_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor, modes
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # OSC, DCS, SOS, PM, APC
    r"|\x1b[ -/]*[0-~]"  # two-character and charset sequences
)

# Everything that breaks a line becomes one space (or one newline, where lines are wanted).
_BREAKS = re.compile(r"\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")

# Controls, bidi controls, zero-width and invisible characters, lone surrogates.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f"
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff\ud800-\udfff]"
)


def clean(text: str, *, newlines: bool = False) -> str:
    """``text`` without anything that a terminal, a browser or a reader could take for more than text.

    Line breaks and tabs become spaces; with ``newlines`` every kind of line break becomes ``"\\n"``.
    """
    if text.isprintable() and text.isascii():  # nearly all text, at the cost of one scan
        return text
    text = _SEQUENCE.sub("", text)
    text = _BREAKS.sub("\n" if newlines else " ", text)
    return _UNSEEN.sub("", text).replace("\t", " ")

"""What a line that needs a secret leads to: a masked prompt on the screen, a hidden one on a console."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from engine.errors import NeedsSecret
    from terminal.messages import SecretAsked


class AsksSecrets:
    """The app's share: show the prompt, then run what comes after it."""

    async def on_secret_asked(self: Any, message: SecretAsked) -> None:
        from terminal.screens.secret import SecretPrompt

        asked = message.error
        self._stand(message.standing)
        self._tell_clock()
        self.shell.status.change(work="")

        def done(told: str | None) -> None:
            self.say(told or "nothing was kept")
            if told:
                self.run_line(asked.after, quiet=True)

        self.push_screen(SecretPrompt(asked), done)


def ask_on_console(asked: NeedsSecret, stream: TextIO | None = None) -> str:
    """Read each part without showing it, or a line each from standard input where it is piped; answers where it is
    kept. Raises AsofError where it cannot be."""
    from engine.errors import DataError
    from engine.sanitize import clean
    from terminal.exits import say

    stream, values = stream or sys.stdin, {}
    if stream is not None and stream.isatty():
        from getpass import getpass

        for sentence in asked.about:
            say(clean(sentence))
        for part in asked.fields:
            values[part.name] = getpass(f"{clean(part.label)}: ")
    else:
        for part in asked.fields:
            line = stream.readline() if stream is not None else ""
            if not line:
                labels = ", ".join(clean(each.label) for each in asked.fields)
                raise DataError(
                    f"Standard input ended before {clean(part.label)}: it takes one line each of {labels}."
                )
            values[part.name] = line.rstrip("\r\n")
    return asked.keep(values)

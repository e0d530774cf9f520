"""Numbers typed alone: 1 to 89 choose a row of the page, the 90s an action on the screen."""

from __future__ import annotations

from collections.abc import Mapping

from engine.command import Choice
from engine.errors import CommandError
from engine.page import Page, Table

# the numbers stay the same between releases; terminal-only actions (back, forward) have none
SCREEN_ACTIONS: Mapping[int, tuple[str, str]] = {
    90: ("HELP", "what the function on screen does"),
    91: ("LEAK", "every read behind this page"),
    92: ("SNAP", "keep this page under its id"),
    93: ("EXPORT CSV", "save as CSV"),
    94: ("EXPORT JSON", "save as JSON"),
    95: ("ASOF NOW", "back to now"),
}


def chosen_line(choice: Choice, page: Page | None) -> str:
    """The command line that a number stands for on ``page``; raises CommandError where it stands for none."""
    number = choice.number
    if number >= 90:
        if number in SCREEN_ACTIONS:
            line = SCREEN_ACTIONS[number][0]
            return f"{line} {page.function}" if line == "HELP" and page is not None else line
        known = ", ".join(f"{n} {line}" for n, (line, _) in SCREEN_ACTIONS.items())
        raise CommandError(
            f"{number} is no screen action. There are: {known}.", choice.line, 0, len(choice.line)
        )
    tables = [panel.figure for panel in page.panels if isinstance(panel.figure, Table)] if page else []
    table = next((t for t in tables if t.command and t.command in t.frame.columns), None)
    if table is None:
        raise CommandError("This page has no rows to choose by number.", choice.line, 0, len(choice.line))
    if table.frame.is_empty():
        raise CommandError("The table on this page is empty.", choice.line, 0, len(choice.line))
    if number > (rows := table.frame.height):
        message = f"There is no row {number}: the table on this page has {rows}."
        raise CommandError(message, choice.line, 0, len(choice.line), (str(rows),))
    line = table.frame[number - 1, table.command or ""]
    if not line:
        raise CommandError(f"Row {number} leads nowhere.", choice.line, 0, len(choice.line))
    return str(line)

"""SET: preferences, kept per user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import CommandError
from engine.function import Args, Argument, Function, Kind
from engine.page import Column, Page, Panel, Table
from engine.preferences import PREFERENCES

if TYPE_CHECKING:
    from engine.context import Context


def run(context: Context, args: Args) -> Page:
    import polars as pl

    words = (args["setting"] or "").replace("=", " ").split(None, 1)
    if words:
        name = words[0].lower()
        if name not in PREFERENCES:
            known = tuple(f"SET {n}={p.default}" for n, p in PREFERENCES.items())
            raise CommandError(f"There is no setting {words[0]!r}.", suggestions=known, argument="setting")
        if len(words) == 1:
            raise CommandError(
                f"SET {name} needs a value: {PREFERENCES[name].help}.",
                suggestions=(f"SET {name}={PREFERENCES[name].default}",),
            )
        try:
            value = context.desk.set_preference(name, words[1].strip())
        except ValueError as fault:
            example = f"SET {name}={PREFERENCES[name].default}"
            raise CommandError(f"{name} {fault}.", suggestions=(example,)) from fault
        context.note(f"{name} is {value} now, kept for {context.user}.")
    for sentence in context.desk.unread:
        context.note(sentence, "warning")
    current = context.desk.preferences
    frame = pl.DataFrame(
        {
            "name": list(PREFERENCES),
            "value": [current[n] for n in PREFERENCES],
            "default": [p.default for p in PREFERENCES.values()],
            "help": [p.help for p in PREFERENCES.values()],
        }
    )
    columns = tuple(Column(n, n) for n in ("name", "value", "default", "help"))
    panel = Panel("settings", "SET name=value changes one", Table(frame, columns, key=("name",)))
    return Page(f"Settings of {context.user}", (panel,))


FUNCTIONS = (
    Function(
        "SET",
        "preferences",
        run,
        arguments=(Argument("setting", Kind.TEXT, "name=value"),),
        changes=True,
        examples=(
            ("SET", "all settings"),
            ("SET theme=light", "light colours"),
            ("SET period=5Y", "the range of GP and HP"),
        ),
        order=910,
    ),
)

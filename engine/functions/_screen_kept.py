"""Screens that a user keeps: the text of the line, never its results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.errors import CommandError, DataError
from engine.functions._screen_line import OPTIONS, Line
from engine.page import Column, Page, Panel, Table
from engine.portfolios import NAME
from engine.words import quote

if TYPE_CHECKING:
    from engine.context import Context
    from engine.function import Args

KIND = "screen"
_KEPT = ("expression", *(each.name for each in OPTIONS if each.name != "save"))


def keep(context: Context, line: Line) -> Line:
    """Write the screen under the name that SAVE= gives; the line is then without it."""
    name = str(line.args["save"]).strip().lower()
    if not NAME.match(name):
        raise CommandError(
            "A screen's name has letters, digits, - and _, forty at most: SAVE=value.", argument="save"
        )
    body = {each: line.args[each] for each in _KEPT if line.args[each] is not None}
    context.desk.state.update(KIND, name, lambda _: body)
    context.note(f"Kept as screen {name}: SCREEN NAME={name} runs it at any clock.", passing=True)
    return Line({**line.args, "save": None}, line.places)


def recalled(context: Context, args: Args) -> Args:
    """The arguments of the screen that NAME= calls; what the line gives beside it goes first.

    Raises
    ------
    DataError
        None is kept under that name.
    """
    name = str(args["name"]).strip().lower()
    body: Mapping[str, Any] = context.desk.state.get(KIND, name) or {}
    if not isinstance(body.get("expression"), str):
        there = ", ".join(names(context)) or "none is kept yet: add SAVE=name to a SCREEN line"
        raise DataError(f"No screen is called {name}. There are: {there}.")
    defaults = {each.name: each.default for each in OPTIONS}
    kept = {
        each: body[each] for each in _KEPT
        if isinstance(body.get(each), int if each == "limit" else str) and args[each] == defaults.get(each)
    }  # fmt: skip
    return {**args, **kept, "name": None}


def names(context: Context) -> list[str]:
    return sorted(context.desk.state.names(KIND))


def delete(context: Context, typed: str) -> Page:
    name = typed.strip().lower()
    if name not in names(context):
        there = ", ".join(names(context)) or "none is kept"
        raise CommandError(f"No screen is called {name}. There are: {there}.", argument="delete")
    context.desk.state.delete(KIND, name)
    context.note(f"Screen {name} is deleted.", passing=True)
    return listed(context)


def listed(context: Context) -> Page:
    """The screens kept."""
    from engine.frames import frame_of

    rows = []
    for name in names(context):
        body = context.desk.state.get(KIND, name) or {}
        options = [
            f"{each.upper()}={quote(str(body[each]))}" for each in _KEPT[1:] if body.get(each) is not None
        ]
        rows.append({"name": name, "expression": str(body.get("expression", "")), "options": " ".join(options),
                     "command": f"SCREEN NAME={name}"})  # fmt: skip
    context.restate((), {"page": "LIST", "delete": None})
    table = Table(
        frame_of(rows, name="text", expression="text", options="text", command="text"),
        (Column("name", "screen"), Column("expression", "expression", least=24), Column("options", "options")),
        key=("name",), command="command",
        empty='No screen is kept. SCREEN "pe < 15 and roe > 15%" SAVE=value keeps one.',
    )  # fmt: skip
    return Page("Screens", (Panel("screens", "screens kept: a number runs one", table),))

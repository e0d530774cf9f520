"""HELP: made from the declarations, so that it cannot say what is not so."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from engine.actions import SCREEN_ACTIONS
from engine.errors import CommandError
from engine.function import Args, Argument, Function, Kind
from engine.page import Column, Page, Panel, Table, Text
from engine.values import expected, write

if TYPE_CHECKING:
    from engine.context import Context


def run(context: Context, args: Args) -> Page:
    name = args["about"]
    if name is None:
        return _index(context)
    function = context.desk.functions.get(name)
    if function is None:
        from difflib import get_close_matches

        near = get_close_matches(name, context.desk.functions.names(), n=3, cutoff=0.4)
        raise CommandError(
            f"There is no function {name}.", suggestions=tuple(f"HELP {n}" for n in near), argument="about"
        )
    return _one(function)


def _index(context: Context) -> Page:
    import polars as pl

    functions = list(context.desk.functions)
    frame = pl.DataFrame(
        {
            "mnemonic": [f.mnemonic for f in functions],
            "also": [", ".join(f.aliases) for f in functions],
            "title": [f.title for f in functions],
            "example": [f.examples[0][0] if f.examples else f.mnemonic for f in functions],
            "command": [f"HELP {f.mnemonic}" for f in functions],
        }
    )
    columns = (
        Column("mnemonic", "function"),
        Column("title", "what it shows"),
        Column("example", "type"),
        Column("also", "also"),
    )
    table = Table(frame, columns, key=("mnemonic",), command="command")
    return Page(
        "Help",
        (
            Panel("functions", "functions: type a number for its help", table, 3),
            Panel("manners", "how to type", Text(_MANNERS), 2, side=True),
        ),
    )


_MANNERS = (
    "# A line",
    "Security and function in either order: AAPL GP or GP AAPL. A bare security is described; a function without "
    "one is about the security loaded. Case does not matter.",
    "A bare word is a ticker, of today or before. A name, or its beginning, goes in quotes: "
    '"international business" GP.',
    "A function's own words are known by their look, in any order: 5Y, 2008-01-01, LOG, 50SMA. NAME=value says "
    "which one is meant: PERIOD=5Y. HELP GP lists them.",
    "Such words come before tickers: GP W is weekly bars, GP ALL the whole range, W AAPL a watchlist, and AAPL D "
    "an error, since it names no function for D.",
    "A market word makes a ticker of any word, and breaks a tie: W US EQUITY GP, SPX INDEX, EURUSD CURNCY.",
    "# The clock",
    "ASOF 2008-09-15 shows what was known that evening, on every page, until ASOF NOW.",
    "WHY 3 close says where a cell of the table on screen comes from. LEAK lists every read behind the page. "
    "ASOF DIFF 2005-02-25 2005-02-28 compares the page at two clocks.",
    "# Keys",
    "/ goes to the command line, Tab to the panels, Esc back up. Alt+Left and Alt+Right walk the pages visited.",
    "In a chart: Left and Right move the crosshair, Home and End to its ends; Up and Down zoom, [ and ] pan, 0 "
    "shows the whole range, l changes between linear and log, c hides the crosshair, w asks WHY of its bar.",
    "In a table: arrows move, s sorts by the column, w asks WHY of the cell, Enter runs the row.",
    "In a form: Tab and arrows visit the fields, typing or Enter changes one, Left and Right go through its choices, "
    "Enter applies and runs the page again with it, Esc restores. In a waterfall: arrows choose a step, w asks WHY.",
    "# Numbers",
    "A number typed alone: 1 to 89 choose a row of the table on screen; "
    + ", ".join(f"{n} {line}" for n, (line, _) in SCREEN_ACTIONS.items())
    + ", of the page on screen.",
)

_FIELDS = (
    "Where the page shows its assumptions as fields, Tab visits them. Typing or Enter changes the one under the "
    "cursor, Left and Right go through its choices; Enter applies it, which runs the page again with NAME=value, "
    "and Esc restores it. A field left empty takes its default. Alt+Left goes back to the page before."
)


def _one(function: Function) -> Page:
    import polars as pl

    lines = [f"# {usage(function)}", function.title[:1].upper() + function.title[1:] + "."]
    if function.aliases:
        lines.append("Also: " + ", ".join(function.aliases) + ".")
    if function.asset_classes:
        lines.append("For securities of class " + " or ".join(sorted(function.asset_classes)) + ".")
    if function.security == "required" and function.unnamed is None:
        lines.append("Without a security it is about the one loaded.")
    if function.on_page:
        lines.append("It is about the page on screen.")
    if function.about:
        lines.append("# Method")
        lines += _prose(function.about)
    shown = list(function.arguments)
    if any(a.named_only and a.kind in (Kind.NUMBER, Kind.INTEGER) for a in shown):
        lines += ["# Assumptions", _FIELDS]
    panels = [Panel("usage", function.mnemonic, Text(tuple(lines)), 2)]
    if shown:
        frame = pl.DataFrame(
            {
                "name": [a.name.upper() for a in shown],
                "takes": [_takes(a) for a in shown],
                "default": [_default(a) for a in shown],
                "help": [a.help for a in shown],
            }
        )
        columns = tuple(Column(n, n) for n in ("name", "takes", "default", "help"))
        panels.append(Panel("arguments", "arguments", Table(frame, columns, key=("name",)), 2))
    if function.examples:
        frame = pl.DataFrame(
            {"command": [c for c, _ in function.examples], "shows": [s for _, s in function.examples]}
        )
        columns = (Column("command", "type"), Column("shows", "to see"))
        table = Table(frame, columns, key=("command",), command="command")
        panels.append(Panel("examples", "examples: type a number to run one", table, 2))
    return Page(f"Help on {function.mnemonic}", tuple(panels))


def usage(function: Function) -> str:
    """``[security] GP [period] [interval] ...``: in brackets what may be left out, ``[rec=...]`` what only its
    name gives."""
    words = {"none": "", "optional": "[security] ", "required": "[security] "}[function.security]
    arguments = " ".join(a.name if a.required else f"[{_spelt(a)}]" for a in function.arguments)
    return f"{words}{function.mnemonic} {arguments}".rstrip()


def _spelt(argument: Argument) -> str:
    if argument.named_only:
        return f"{argument.name}=..."
    return f"{argument.name}..." if argument.many else argument.name


_MANY = 40  # choices that are told with their synonyms


def _prose(about: str) -> Iterator[str]:
    """Paragraphs as one line each, blank lines between them; indented lines stand as they are: they are code."""
    for number, paragraph in enumerate(about.strip().split("\n\n")):
        if number:
            yield ""
        for code, group in groupby(paragraph.splitlines(), lambda row: row.startswith("    ")):
            rows = list(group)
            yield from rows if code else (" ".join(" ".join(rows).split()),)


def _takes(argument: Argument) -> str:
    if argument.kind is Kind.CHOICE and argument.choices and len(argument.choices) < _MANY:
        return " | ".join(
            f"{word} ({', '.join(also)})" if also else word for word, also in argument.choices.items()
        )
    taken = expected(argument)
    return f"{taken}, only as {argument.name.upper()}=" if argument.named_only else taken


def _default(argument: Argument) -> str:
    value = "" if argument.default in (None, (), "") else write(argument.default)
    return f"{value} (SET {argument.preference})" if argument.preference else value


FUNCTIONS = (
    Function(
        "HELP",
        "what can be typed, made from the declarations",
        run,
        arguments=(Argument("about", Kind.FUNCTION, "the function to explain"),),
        aliases=("?",),
        examples=(
            ("HELP", "all functions, and how to type"),
            ("HELP GP", "one of them"),
            ("?GP", "the same"),
            ("HELP ASOF DIFF", "a mnemonic of two words"),
        ),
        order=900,
    ),
)

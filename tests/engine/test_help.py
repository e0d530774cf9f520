"""HELP says what is so: each row opens its own help, each line that it shows is read as it says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.command import Command, parse
from engine.desk import Desk
from engine.errors import CommandError
from engine.page import Table, Text
from engine.registry import registry

FUNCTIONS = registry()
MakeDesk = Callable[..., Desk]


def test_every_row_opens_the_help_of_its_own_function(make_desk: MakeDesk) -> None:
    desk = make_desk()
    index = desk.run("HELP").panel("functions")
    assert index is not None
    assert isinstance(index.figure, Table)
    for mnemonic, line in index.figure.frame.select("mnemonic", "command").iter_rows():
        assert desk.run(line).title == f"Help on {mnemonic}"


def test_the_screen_action_explains_the_function_on_screen(make_desk: MakeDesk) -> None:
    desk = make_desk()
    assert desk.run("90").title == "Help"
    desk.run("AAPL HP 1M")
    assert desk.run("90").title == "Help on HP"


def test_code_stands_as_code_and_prose_is_one_line_a_paragraph(make_desk: MakeDesk) -> None:
    usage = make_desk().run("HELP BACKTEST").panel("usage")
    assert usage is not None
    assert isinstance(usage.figure, Text)
    assert "        def __init__(self, sessions=120): self.sessions = sessions" in usage.figure.lines
    assert any(
        each.startswith("Futures named in one line") and len(each) > 300 for each in usage.figure.lines
    )


def test_a_row_beyond_the_last_offers_the_last(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("W IBM AAPL")
    with pytest.raises(CommandError, match="the table on this page has 2") as fault:
        desk.run("7")
    assert fault.value.suggestions == ("2",)


@pytest.mark.parametrize(
    ("line", "canonical"),
    [
        ("GP W", "GP INTERVAL=W"),
        ("GP ALL", "GP PERIOD=MAX"),
        ("W AAPL", "W AAPL"),
        ("W US EQUITY GP", "GP W US EQUITY"),
        ('"international business" GP', 'GP "international business"'),
        ("SPX INDEX", "DES SPX INDEX"),
        ("EURUSD CURNCY", "DES EURUSD CURNCY"),
        ("WHY 3 close", "WHY ROW=3 COLUMN=close"),
        ("ASOF DIFF 2005-02-25 2005-02-28", "ASOF DIFF FROM=2005-02-25 TO=2005-02-28"),
    ],
)
def test_what_the_manners_say_of_a_line_is_so(make_desk: MakeDesk, line: str, canonical: str) -> None:
    manners = make_desk().run("HELP").panel("manners")
    assert manners is not None
    assert isinstance(manners.figure, Text)
    assert line in " ".join(manners.figure.lines)
    command = parse(line, FUNCTIONS)
    assert isinstance(command, Command)
    assert command.canonical() == canonical
    with pytest.raises(CommandError, match="neither a function nor something DES takes"):
        parse("AAPL D", FUNCTIONS)

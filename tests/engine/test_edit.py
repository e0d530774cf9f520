"""Editing a field is running the page's command with one argument changed: text stays data, defaults come back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.command import Command, parse
from engine.edit import with_argument
from engine.errors import CommandError
from engine.function import Argument, Function, Kind
from engine.page import Page
from engine.registry import Registry, registry

ARGUMENTS = (
    Argument("wacc", Kind.NUMBER, "cost of capital", minimum=0.0, maximum=0.5, named_only=True),
    Argument("years", Kind.INTEGER, "years", 5, minimum=1, maximum=40, named_only=True),
    Argument("method", Kind.CHOICE, "terminal value", choices={"GORDON": ("G",), "MULTIPLE": ()}),
    Argument("period", Kind.PERIOD, "range"),
    Argument("overlay", Kind.OVERLAY, "lines", many=True),
    Argument("moved", Kind.NUMBER, "a shock in per cent", named_only=True, percent=True),
    Argument("note", Kind.WORD, "one word or a quotation", named_only=True),
    Argument("text", Kind.TEXT, "the rest of the line"),
)
FUNCTIONS = Registry(
    [Function("DCF", "a model", lambda _c, _a: Page("", ()), ARGUMENTS, security="required")]
)
LINE = "DCF AAPL US EQUITY WACC=0.089 METHOD=GORDON"


def edited(name: str, text: str, line: str = LINE) -> Command:
    made = with_argument(line, name, text, FUNCTIONS)
    command = parse(made, FUNCTIONS)
    assert isinstance(command, Command)
    assert command.canonical() == made
    return command


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("wacc", "0.1", 0.1),
        ("WACC", " .1 ", 0.1),
        ("wacc", "8.5%", 0.085),
        ("wacc", "7 %", 0.07),
        ("years", "10", 10),
        ("method", "multiple", "MULTIPLE"),
        ("method", "g", "GORDON"),
        ("overlay", "50SMA 200EMA", None),
        ("moved", "-20%", -20.0),
        ("moved", "1,000", 1000.0),
        ("note", "two words", "two words"),
        ("text", "say \"it\" = 'so'", "say \"it\" = 'so'"),
    ],
)
def test_the_argument_is_what_was_typed(name: str, text: str, value: object) -> None:
    command = edited(name, text)
    if value is not None:
        assert command.args[name.lower()] == value
    assert [str(word) for word in command.securities] == ["AAPL US EQUITY"]
    if name.lower() != "wacc":
        assert command.args["wacc"] == 0.089


def test_many_words_are_each_one() -> None:
    assert [str(each) for each in edited("overlay", "50SMA 200EMA").args["overlay"]] == ["50SMA", "200EMA"]
    assert [str(each) for each in edited("overlay", "20BB", "DCF AAPL 50SMA").args["overlay"]] == ["20BB"]


def test_nothing_typed_brings_the_default_back() -> None:
    command = edited("wacc", "  ")
    assert "wacc" not in command.args
    assert command.args["method"] == "GORDON"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("wacc", "0.9", "0.9: wacc must be at most 0.5."),
        ("wacc", "ten", "Wacc takes a number from 0 to 0.5, not 'ten'."),
        ("wacc", "ten%", "Wacc takes a number from 0 to 0.5, not 'ten%'."),
        ("years", "2.5", "2.5 is not a whole number."),
        ("method", "DDM", "Method takes GORDON | MULTIPLE, not 'DDM'."),
        ("speed", "1", "DCF has no argument 'speed'."),
    ],
)
def test_what_it_does_not_take_is_said_as_on_the_line(name: str, text: str, said: str) -> None:
    with pytest.raises(CommandError) as fault:
        with_argument(LINE, name, text, FUNCTIONS)
    assert str(fault.value) == said


TYPED = st.text(max_size=40).filter(str.strip)


@given(st.sampled_from(["note", "text"]), TYPED)
def test_any_text_is_held_whole_or_refused_in_words(name: str, text: str) -> None:
    try:
        made = with_argument(LINE, name, text, FUNCTIONS)
    except CommandError as fault:
        assert "no text" in str(fault)  # NUL and halves of characters, which no line can hold
        return
    command = parse(made, FUNCTIONS)
    assert isinstance(command, Command)
    assert command.args[name] == text
    assert command.args["wacc"] == 0.089
    assert [str(word) for word in command.securities] == ["AAPL US EQUITY"]


@given(st.floats(0, 0.5))
def test_any_number_is_held_exactly(number: float) -> None:
    assert edited("wacc", repr(number)).args["wacc"] == number


def test_every_function_takes_its_own_defaults_as_edits() -> None:
    """What a form shows as an argument's text can be typed back."""
    from engine.values import write

    functions, tried = registry(), 0
    for function in functions:
        line = function.mnemonic + "".join(
            f" {a.name}={write(_sample(a))}"
            for a in function.arguments
            if a.required and a.kind is not Kind.SECURITY
        )
        for argument in function.arguments:
            if argument.default in (None, ()) or argument.many or argument.kind is Kind.SECURITY:
                continue
            made = with_argument(line, argument.name, write(argument.default), functions)
            command = parse(made, functions)
            assert isinstance(command, Command)
            assert write(command.args[argument.name]) == write(argument.default), made
            tried += 1
    assert tried > 10


def _sample(argument: Argument) -> object:
    return {
        Kind.INSTANT: "2008-09-15",
        Kind.DATE: "2008-09-15",
        Kind.INTEGER: int(argument.minimum or 1),
        Kind.NUMBER: argument.minimum or 1.0,
        Kind.CHOICE: next(iter(argument.choices or {"": ()})),
    }.get(argument.kind, "word")

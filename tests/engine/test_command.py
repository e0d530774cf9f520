"""The grammar: both orders, market words, arguments by their look, and errors that point."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.command import Choice, Command, SecurityWord, parse
from engine.errors import CommandError
from engine.period import Period
from engine.registry import registry
from engine.values import Overlay

FUNCTIONS = registry()


def run(line: str) -> Command:
    parsed = parse(line, FUNCTIONS)
    assert isinstance(parsed, Command)
    return parsed


def words(command: Command) -> list[str]:
    return [str(word) for word in command.securities]


@pytest.mark.parametrize(
    "line",
    [
        "AAPL GP 5Y",
        "GP AAPL 5Y",
        "gp aapl 5y",
        "aapl 5y gp",
        "AAPL CHART 5Y",
        "GP AAPL period=5Y",
        "5Y AAPL GP",
    ],
)
def test_both_orders_any_case_and_aliases(line: str) -> None:
    command = run(line)
    assert command.function.mnemonic == "GP"
    assert [w.text.upper() for w in command.securities] == ["AAPL"]
    assert command.args["period"] == Period("Y", 5)


def test_bare_words() -> None:
    assert run("AAPL").function.mnemonic == "DES"
    assert run("GP").securities == ()
    assert run("?").function.mnemonic == "HELP"
    assert run("?GP").args == {"about": "GP"}
    assert run("HELP GP").args == {"about": "GP"}
    assert parse("12", FUNCTIONS) == Choice(12)


def test_market_words_belong_to_the_security_before_them() -> None:
    assert words(run("AAPL US EQUITY GP 5Y")) == ["AAPL US EQUITY"]
    assert words(run("GP SPX INDEX EURUSD CURNCY AAPL")) == ["SPX INDEX", "EURUSD CURNCY", "AAPL"]


def test_a_ticker_that_is_a_mnemonic_or_an_argument_is_told_by_its_market() -> None:
    assert run("W").function.mnemonic == "W"
    command = run("W US EQUITY GP")
    assert (command.function.mnemonic, words(command)) == ("GP", ["W US EQUITY"])
    command = run("GP D US EQUITY D")
    assert (words(command), command.args) == (["D US EQUITY"], {"interval": "D"})


def test_arguments_are_known_by_their_look() -> None:
    command = run("GP AAPL 2008-01-01 2009-06-30 W LOG RAW 50SMA EMA200 20bb LINE")
    assert command.args == {
        "period": Period(
            "DATES", 1, *(__import__("datetime").date(*d) for d in ((2008, 1, 1), (2009, 6, 30)))
        ),
        "interval": "W",
        "scale": "LOG",
        "adjust": "NONE",
        "overlays": (Overlay("SMA", 50), Overlay("EMA", 200), Overlay("BB", 20)),
        "style": "LINE",
    }


def test_two_word_mnemonics() -> None:
    command = run("ASOF DIFF 2005-02-25 2005-02-28")
    assert command.function.mnemonic == "ASOF DIFF"
    assert command.args == {"from": "2005-02-25", "to": "2005-02-28"}


def test_names_in_quotes() -> None:
    assert words(run('"international business" GP')) == ['"international business"']


def test_text_takes_the_rest_of_the_line() -> None:
    assert run("SNAP before the split = 2:1").args["note"] == "before the split = 2:1"
    assert run('SNAP "before  it"').args["note"] == "before  it"


def test_a_named_only_argument_is_not_taken_by_look() -> None:
    command = run("W ADD AAPL MSFT LIST=tech")
    assert [w.text for w in command.securities] == ["AAPL", "MSFT"]
    assert command.args == {"change": "ADD", "list": "tech"}


@pytest.mark.parametrize(
    ("line", "fault", "suggestion"),
    [
        ("GP AAPL 2008-13-45", "2008-13-45", "AAPL GP 5Y"),
        ("GP AAPL 0SMA", "0SMA", "AAPL GP 5Y"),
        ("GP AAPL 5Y 6M", "6M", "GP AAPL 5Y"),
        ("GP AAPL D W", "W", "GP AAPL D W US EQUITY"),
        ("GP AAPL SCALE=LOQ", "SCALE=LOQ", "AAPL GP 5Y"),
        ("AAPL GPP", "GPP", "AAPL GP"),
        ("AAPL 5Y", "5Y", "AAPL GP 5Y"),
        ("GP ../../etc/passwd", "../../etc/passwd", "AAPL GP 5Y"),
        ("HELP GP DES", "DES", "HELP GP"),
        ("AAPL GP 1Y 5Y", "5Y", "AAPL GP 5Y"),
        ('AAPL GP "', '"', "AAPL GP"),
        ("AAPL US EQUTY GP", "EQUTY", "AAPL US EQUITY GP"),
        ("AAPL US EQUTY", "EQUTY", "AAPL US EQUITY"),
        ("AAPL US GP", "US", "AAPL US EQUITY GP"),
        ("EQUITY GP", "EQUITY", "AAPL GP 5Y"),
        ("US EQUITY GP", "US", "AAPL GP 5Y"),
        ("LOG 6000", "6000", "LOG 5000"),
        ("LOG LINES=0", "LINES=0", "LOG LINES=1"),
        ("AAPL GP 2000SMA", "2000SMA", "AAPL GP 1000SMA"),
        ("LOG 2.5", "2.5", "LOG"),
    ],
)
def test_errors_point_at_the_word_and_offer_a_line(line: str, fault: str, suggestion: str) -> None:
    with pytest.raises(CommandError) as raised:
        run(line)
    error = raised.value
    assert line[error.start : error.end] == fault
    assert suggestion in error.suggestions
    assert "^" * len(fault) in error.pointer()


def test_a_number_out_of_range_may_be_another_arguments_word() -> None:
    """20200316 is no row of a table, and a date."""
    assert str(run("WHY 20200316 close").args["date"]) == "2020-03-16"


def test_bounds_are_written_as_one_types_them() -> None:
    with pytest.raises(CommandError, match="at most 10000000"):
        run("WHY ROW=20200316")


def test_help_takes_two_word_mnemonics() -> None:
    for line in ("HELP ASOF DIFF", "?asof diff", 'HELP "ASOF DIFF"', 'HELP ABOUT="ASOF  DIFF"'):
        assert run(line).args == {"about": "ASOF DIFF"}
    assert run("HELP ASOF").args == {"about": "ASOF"}


def test_a_missing_argument_points_past_the_end() -> None:
    with pytest.raises(CommandError, match="needs from") as raised:
        run("ASOF DIFF")
    assert raised.value.start == len("ASOF DIFF")


# -- generated lines: a million in the nightly form ------------------------------------------------

TOKENS = [
    *FUNCTIONS.names(), "AAPL", "MSFT", "W", "D", "US", "EQUITY", "INDEX", "CURNCY", "5Y", "YTD", "MAX",
    "2008-09-15", "2008-02-30", "..", "50SMA", "0SMA", "LOG", "RAW", "PERIOD=5Y", "PERIOD=", "=", "=5", "LIST=x",
    '"', "'", '"two words"', "'x", "?", "12", "99", "100", "0", "-1", "1e400", "nan", "../../x", "^GSPC", "EURUSD=X",
    "BRK.B", "[/]", "[@click=app.x]", "\x1b[31m", "\u202e", "\x00", "\ud800", "é", "²", "١٢", "ſ", "CLOSE", "3",
    "NOW", "EQUTY", "GPP", "LOQ", "6000",
]  # fmt: skip
lines = st.one_of(
    st.lists(st.one_of(st.sampled_from(TOKENS), st.text(max_size=8)), max_size=8).map(" ".join),
    st.text(st.characters(), max_size=60),
)
MANY = int(os.environ.get("ASOF_LINES", "1500"))


def _never_raises(line: str) -> None:
    try:
        parsed = parse(line, FUNCTIONS)
    except CommandError as error:
        assert error.message
        assert 0 <= error.start <= error.end <= len(line) + 1
        assert error.pointer().encode()
        for suggestion in error.suggestions:
            assert " ".join(suggestion.upper().split()) != " ".join(line.upper().split())
            parse(suggestion, FUNCTIONS)
        return
    if isinstance(parsed, Choice):
        assert 1 <= parsed.number <= 99
        return
    again = parse(parsed.canonical(), FUNCTIONS)
    assert again == parsed, parsed.canonical()


@settings(max_examples=MANY, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lines)
@example("GP AAPL =")
@example("SNAP 'a \" b")
def test_generated_lines_never_raise_and_their_canonical_form_says_the_same(line: str) -> None:
    _never_raises(line)


@pytest.mark.nightly
@settings(max_examples=1_000_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines)
def test_a_million_generated_lines(line: str) -> None:
    _never_raises(line)


def test_security_words_say_what_was_typed() -> None:
    assert str(SecurityWord("AAPL", "US EQUITY")) == "AAPL US EQUITY"
    assert str(SecurityWord("two words")) == '"two words"'
    assert str(SecurityWord("D", quoted=True)) == '"D"'
    assert str(SecurityWord("EQUITY", "US EQUITY")) == '"EQUITY" US EQUITY'


def test_quotes_are_kept_since_they_let_the_beginning_of_a_name_do() -> None:
    assert run('"general" GP').securities[0].quoted
    assert run('"general" US EQUITY GP').canonical() == 'GP "general" US EQUITY'
    assert not run("general GP").securities[0].quoted
    assert run("general GP") != run('"general" GP')


def test_every_example_in_the_declarations_parses() -> None:
    for function in FUNCTIONS:
        for line, shows in function.examples:
            command: Any = parse(line, FUNCTIONS)
            assert isinstance(command, Command), line
            assert shows

"""What an error suggests at a desk: a line that runs, and never the one that failed."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from engine.command import parse
from engine.desk import Desk
from engine.errors import AsofError, CommandError, NotKnownThen
from engine.registry import registry
from engine.securities import Directory
from engine.settle import settle

FUNCTIONS = registry()
MakeDesk = Callable[..., Desk]


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    return make_desk()


def fault_of(desk: Desk, line: str) -> CommandError:
    with pytest.raises(CommandError) as raised:
        desk.run(line)
    return raised.value


@pytest.mark.parametrize(
    ("line", "at", "suggestion"),
    [
        ("GEN GP", "GEN", "GE GP"),
        ("APPL", "APPL", "AAPL"),
        ("APPL GP 5Y", "APPL", "AAPL GP 5Y"),
        ("WAL", "WAL", "WMT"),
        ("CHE", "CHE", "CVX"),
        ("ALL", "ALL", "PAYEMS"),
        ("EURUSD INDEX", "EURUSD INDEX", "EURUSD CURNCY"),
        ("EURUSD INDEX GP", "EURUSD INDEX", "EURUSD CURNCY GP"),
        ("GP EURUDS", "EURUDS", "GP EURUSD"),
        ("AAPL W GP", "GP", "GP AAPL W"),
        ("W GP", "GP", "W"),
        ("GP ASOF 2020-03-16", "ASOF", "ASOF 2020-03-16"),
        ("AAPL EQUTY GP", "EQUTY", "AAPL EQUITY GP"),
        ("AAPL GP LOQ", "LOQ", "AAPL GP LOG"),
        ("5Y GP", "", "AAPL 5Y GP"),
        ('"euro" GP', '"euro"', ""),
        ("HELP GPP", "GPP", "HELP GP"),
    ],
)
def test_what_was_meant_is_offered_first_and_runs(desk: Desk, line: str, at: str, suggestion: str) -> None:
    fault = fault_of(desk, line)
    assert line[fault.start : fault.end] == at
    if suggestion:
        assert fault.suggestions[0] == suggestion
    for each in fault.suggestions:
        assert desk.run(each).lineage is not None


@pytest.mark.parametrize("line", ["GEN GP", "APPL", "WAL", "CHE DES", "ALL", "INTER HP", "W GEN"])
@pytest.mark.parametrize("clock", ["NOW", "2005-06-30", "2012-12-31"])
def test_no_clock_makes_a_bare_word_the_beginning_of_a_name(desk: Desk, line: str, clock: str) -> None:
    desk.run(f"ASOF {clock}")
    assert fault_of(desk, line)


def test_a_name_in_quotes_is_found_by_its_beginning(desk: Desk) -> None:
    assert desk.run('"general elec" GP').security == desk.run("GE").security


def test_no_function_is_suggested_where_none_can_stand(desk: Desk) -> None:
    for line in ("T GP", "SETT GP", "GP DESS"):
        suggested = " ".join(fault_of(desk, line).suggestions).split()
        assert not {"SET", "DES", "HP"} & set(suggested)
    assert "HELP" in fault_of(desk, "HELPP").suggestions


def test_a_suggestion_belongs_to_the_clock(desk: Desk) -> None:
    """Apple's neighbours of later days are not offered before they were known."""
    desk.run("ASOF 2005-06-30")
    fault = fault_of(desk, "METAA GP")
    assert isinstance(fault, NotKnownThen)
    assert not any("META" in each for each in fault.suggestions)


def test_a_tie_offers_each_security_as_a_line(desk: Desk) -> None:
    rows = [
        {"security_id": i, "ticker": "W", "name": name, "market": market, "asset_class": kind,
         "valid_from": date(2000, 1, 3)}
        for i, name, market, kind in (
            (1, "Wayfair Inc.", "US EQUITY", "equity"),
            (2, "Wheat front month", "COMDTY", "commodity"),
        )
    ]  # fmt: skip
    context = desk.context(None, None, None)
    context.directory = Directory(rows, date(2020, 1, 2))
    for line, expected in (
        ("W EQUITY GP", ()),
        ("DES W", ("DES W US EQUITY", 'DES "Wayfair Inc."', "DES W COMDTY", 'DES "Wheat front month"')),
        ('DES "w"', ("DES W US EQUITY", 'DES "Wayfair Inc."', "DES W COMDTY", 'DES "Wheat front month"')),
        ("CACS W", ("CACS W US EQUITY", 'CACS "Wayfair Inc."')),  # it serves no commodity
    ):
        command = parse(line, FUNCTIONS)
        if not expected:
            assert settle(command, context, None, FUNCTIONS).securities[0].market == "US EQUITY"
            continue
        with pytest.raises(CommandError, match="is the ticker of several securities") as fault:
            settle(command, context, None, FUNCTIONS)
        assert fault.value.suggestions == expected


WORDS = [
    *FUNCTIONS.names(), "AAPL", "MSFT", "IBM", "GE", "META", "FB", "EURUSD", "SPX", "APPL", "GEN", "T", "W", "D",
    "ALL", "IBMM", "EURUDS", "US", "EQUITY", "EQUTY", "INDEX", "CURNCY", "5Y", "1Y", "LOQ", "LOG", "50SMA", "0SMA",
    "2020", "2020-03-16", "2020-02-30", "HELPP", '"', '"general"', '"euro"', "PERIOD=6Z", "ADD", "6000", "GPP",
    "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("clock", [None, datetime(2005, 6, 30, 20, tzinfo=UTC)])
def test_suggestions_of_generated_lines_run(desk: Desk, clock: datetime | None) -> None:
    """Each parses and differs from its line; nearly all run (those of the parser know no directory)."""
    chance, tried, ran = random.Random(5), 0, 0
    context = desk.context(clock, None, None)
    for _ in range(3000):
        line = " ".join(chance.choices(WORDS, k=chance.randint(1, 4)))
        try:
            settle(desk.parse(line), context, None, FUNCTIONS)
        except CommandError as fault:
            for each in fault.suggestions:
                assert each.split() != line.split()
                tried += 1
                try:
                    settle(desk.parse(each), context, None, FUNCTIONS)
                    ran += 1
                except AsofError:
                    continue
        except AsofError:
            continue
    assert tried > 500
    assert ran / tried > 0.8, (ran, tried)

"""Rules stand in a line without quotes: where they begin and end, and that the canonical line says the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.command import Command, parse
from engine.errors import CommandError
from engine.period import Period
from engine.registry import registry
from engine.runs.phrase import begins, of_options


def _parsed(line: str) -> Command:
    found = parse(line, registry())
    assert isinstance(found, Command)
    return found


@pytest.mark.parametrize(
    ("line", "securities", "strategy"),
    [
        ("BACKTEST AAPL 50SMA.200EMA", ["AAPL"], "50SMA.200EMA"),
        ("AAPL BT 50SMA.200EMA 5Y", ["AAPL"], "50SMA.200EMA"),
        ("BT AAPL 50SMA.200EMA; stop 5% 5Y", ["AAPL"], "50SMA.200EMA; stop 5%"),
        ("BT AAPL 50SMA.200EMA;stop 5%; COST=2", ["AAPL"], "50SMA.200EMA;stop 5%;"),
        ('BT AAPL "50SMA.200EMA; size equal" 5Y', ["AAPL"], "50SMA.200EMA; size equal"),
        ("SWEEP AAPL {20,50}SMA.{100..300/50}EMA; stop {5, 10}%", ["AAPL"],
         "{20,50}SMA.{100..300/50}EMA; stop {5, 10}%"),
        ("BACKTEST BRK.B RSI14<30", ["BRK.B"], "RSI14<30"),
        ("BACKTEST AAPL 50SMA", ["AAPL"], "50SMA"),
        ("BACKTEST AAPL rsi(14) < 30 5Y", ["AAPL"], "rsi(14) < 30"),
        (
            "BT AAPL MSFT long when close > sma(200); hold 20 10Y COST=2",
            ["AAPL", "MSFT"],
            "long when close > sma(200); hold 20",
        ),
        (
            "BT top 9 by mom_12_1 in sp500; rebalance monthly PAGE=TRADES",
            [],
            "top 9 by mom_12_1 in sp500; rebalance monthly",
        ),
        ('BT AAPL "long when close >= 5"', ["AAPL"], "long when close >= 5"),
        ("BT AAPL sell put delta 0.3 expiry 30 TRADES", ["AAPL"], "sell put delta 0.3 expiry 30"),
        ("BT AAPL STRATEGY=\"long when close > 5\" 2010-01-01 2012-01-01", ["AAPL"], "long when close > 5"),
    ],
)  # fmt: skip
def test_a_phrase_is_found_among_securities_and_options(
    line: str, securities: list[str], strategy: str
) -> None:
    command = _parsed(line)
    assert [word.text for word in command.securities] == securities
    assert command.args["strategy"] == strategy
    assert _parsed(command.canonical()) == command


def test_what_follows_the_phrase_keeps_its_meaning() -> None:
    command = _parsed("BT AAPL long when rsi(14) < 30; exit when rsi(14) > 60 2005-01-01 2010-12-31 TRADES")
    assert command.args["strategy"] == "long when rsi(14) < 30; exit when rsi(14) > 60"
    assert isinstance(command.args["period"], Period)
    assert str(command.args["period"]) == "2005-01-01..2010-12-31"
    assert command.args["page"] == "TRADES"


def test_an_option_may_stand_between_clauses() -> None:
    command = _parsed("BT AAPL CASH=2; 50SMA.200EMA; CAPITAL=100000; stop 5%; COST=3; 5Y")
    assert command.args["strategy"].replace(" ", "") == "50SMA.200EMA;;stop5%;"
    assert (command.args["cash"], command.args["capital"], command.args["cost"]) == (2, 100_000, 3)
    assert str(command.args["period"]) == "5Y"
    start, end = command.spans["strategy"]
    assert end - start == len(command.args["strategy"])  # a place in the rules is one in the line
    assert _parsed(command.canonical()) == command


def test_securities_before_a_market_word_are_no_phrase() -> None:
    command = _parsed("BT AAPL US EQUITY 50SMA.200EMA")
    assert str(command.securities[0]) == "AAPL US EQUITY"


@pytest.mark.parametrize("word", ["AAPL", "BRK.B", "0700.HK", "10Y", "COST=5", "2010-01-01", "BF.B", ""])
def test_tickers_periods_and_options_begin_no_phrase(word: str) -> None:
    assert not begins(word)


def test_options_are_told_by_their_first_word() -> None:
    assert of_options("Sell put delta 0.3")
    assert not of_options("long when close > 5")


@given(st.text(max_size=40))
def test_any_text_is_either_refused_in_words_or_read_the_same_again(text: str) -> None:
    try:
        found = parse(f"BT AAPL long {text}", registry())
    except CommandError as fault:
        assert fault.message
        return
    if isinstance(found, Command) and found.function.mnemonic == "BACKTEST":
        assert parse(found.canonical(), registry()) == found

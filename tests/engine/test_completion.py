"""Completion: what is offered, in which order, and that every offer leads to a line that parses."""

from __future__ import annotations

from datetime import date
from itertools import islice
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.command import Command, parse
from engine.completion import Completion, complete
from engine.errors import CommandError
from engine.registry import registry
from engine.securities import Directory

FUNCTIONS = registry()
NAMES = [("AAPL", "Apple Inc."), ("AMD", "Advanced Micro Devices"), ("MSFT", "Microsoft Corporation"),
         ("GPC", "Genuine Parts Company"), ("APA", "APA Corporation")]  # fmt: skip
DIRECTORY = Directory(
    [
        {"security_id": i, "ticker": t, "name": n, "market": "US EQUITY", "asset_class": "equity",
         "valid_from": date(2000, 1, 3)}
        for i, (t, n) in enumerate(NAMES)
    ],
    date(2020, 1, 2),
)  # fmt: skip


def offers(
    line: str, recent: tuple[str, ...] = (), history: tuple[str, ...] = (), limit: int = 8
) -> list[Completion]:
    seen = [DIRECTORY.resolve(ticker).security.ref for ticker in recent]
    return complete(line, len(line), FUNCTIONS, DIRECTORY, seen, history, limit)


def labels(line: str, **more: tuple[str, ...]) -> list[str]:
    return [o.label for o in offers(line, **more)]


def test_tickers_names_and_functions_are_mixed() -> None:
    assert "AAPL" in labels("AP")  # by name
    assert labels("AAP")[0] == "AAPL"
    found = labels("GP")
    assert "GPC" in found
    assert "GP" not in found  # typed whole already


def test_recent_securities_come_first() -> None:
    plain = [o.label for o in offers("A") if o.kind == "security"]
    recent = [o.label for o in offers("A", recent=("AMD",)) if o.kind == "security"]
    assert recent[0] == "AMD"
    assert sorted(recent) == sorted(plain)


def test_arguments_of_the_function_typed() -> None:
    assert {"5Y", "5D"} & set(labels("AAPL GP 5"))
    assert "LOG" in labels("GP AAPL L")
    assert "LOG" not in labels("GP AAPL LOG L")
    assert "MSFT" in labels("GP AAPL MS")
    assert labels("EXPORT ") == ["HTML", "CSV", "JSON", "WORKSPACE", "REPLACE"]


def test_only_securities_that_the_function_takes_are_offered() -> None:
    assert not [o for o in offers("ECST A") if o.kind == "security"]  # of equities it has no vintages
    assert [o for o in offers("FA A") if o.kind == "security"]


def test_insert_is_the_whole_line() -> None:
    assert next(o for o in offers("AAPL GP lo") if o.label == "LOG").insert == "AAPL GP LOG"


def test_an_empty_line_offers_what_was_typed_before() -> None:
    assert labels("", history=("AAPL GP", "MSFT HP")) == ["MSFT HP", "AAPL GP"]
    assert "AAPL GP 5Y" in labels("AAPL", history=("AAPL GP 5Y",))


@pytest.mark.parametrize("line", ['"app', "AAPL GP 5Ymore"])
def test_nothing_is_offered_where_nothing_fits(line: str) -> None:
    assert offers(line) == []


RENAMED = [
    {"security_id": 1, "ticker": "FB", "name": "Facebook, Inc.", "market": "US EQUITY", "asset_class": "equity",
     "valid_from": date(2012, 5, 18)},
    {"security_id": 1, "ticker": "META", "name": "Meta Platforms, Inc.", "market": "US EQUITY",
     "asset_class": "equity", "valid_from": date(2022, 6, 9)},
]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "typed", "offered"),
    [
        (date(2005, 1, 3), ("M", "ME", "F", "", "MET", "GP M", "GP "), set()),
        (date(2015, 1, 2), ("M", "ME", "MET", "GP M"), set()),
        (date(2015, 1, 2), ("F", "GP F", "GP "), {"FB"}),
        (date(2023, 1, 3), ("M", "GP M", "GP "), {"META"}),
    ],
)
def test_recent_securities_and_past_lines_name_nothing_later_than_the_clock(
    day: date, typed: tuple[str, ...], offered: set[str]
) -> None:
    """A difference to 2023, then a key at a desk in 2005: no Meta Platforms."""
    later = Directory(RENAMED, date(2023, 1, 3)).resolve("META").security.ref
    then = Directory(RENAMED, day)
    history = ("META GP", '"meta plat" GP', "GP META US EQUITY", "W ADD META")
    for line in typed:
        found = complete(line, len(line), FUNCTIONS, then, [later], history)
        assert {o.label for o in found if o.kind == "security"} == offered, line
        text = " ".join(f"{o.insert} {o.detail}" for o in found if o.kind != "function").upper()
        assert ("META" in text) == (day.year == 2023), line
    assert not [o for o in complete("", 0, FUNCTIONS, None, [later], history) if "META" in o.insert]


def test_a_past_line_without_a_security_is_offered_at_every_clock() -> None:
    past = [o.insert for o in complete("", 0, FUNCTIONS, None, (), ("HELP GP", "META GP", "5"))]
    assert past == ["5", "HELP GP"]


def test_a_ticker_that_would_be_taken_for_something_else_is_qualified() -> None:
    names = [("W", "Wayfair Inc.", "US EQUITY"), ("D", "Dominion Energy", "US EQUITY"),
             ("GOVT", "Treasury Bond Fund", "US EQUITY"), ("DX", "Dynex Capital", "US EQUITY")]  # fmt: skip
    rows = [
        {"security_id": i, "ticker": t, "name": n, "market": m, "asset_class": "equity",
         "valid_from": date(2000, 1, 3)}
        for i, (t, n, m) in enumerate(names)
    ]  # fmt: skip
    directory = Directory(rows, date(2020, 1, 2))
    for line, insert in (
        ("Way", "W US EQUITY"),
        ("GP Way", "GP W US EQUITY"),
        ("GP Domin", "GP D US EQUITY"),
        ("Domin", "D"),
        ("GP Trea", 'GP "GOVT" US EQUITY'),
        ("GP Dyn", "GP DX"),
    ):
        found = [o.insert for o in complete(line, len(line), FUNCTIONS, directory) if o.kind == "security"]
        assert found == [insert]
        command = parse(insert, FUNCTIONS)
        assert isinstance(command, Command)
        assert len(command.securities) == 1


def test_help_completes_mnemonics_and_mnemonics_of_two_words() -> None:
    assert "GP" in labels("HELP G")
    assert "ASOF DIFF" in labels("HELP AS")
    assert labels("HELP GP ") == []
    assert "DIFF" in labels("ASOF D")


def test_a_key_is_answered_within_a_millisecond_among_ten_thousand_securities() -> None:
    rows = [
        {"security_id": i, "ticker": f"{chr(65 + i % 26)}{chr(65 + i // 26 % 26)}{i}",
         "name": f"{chr(65 + i % 26)}co {i} Holdings Inc.", "market": "US EQUITY", "asset_class": "equity",
         "valid_from": date(2000, 1, 3)}
        for i in range(10_000)
    ]  # fmt: skip
    directory = Directory(rows, date(2020, 1, 2))
    history = [f"{row['ticker']} GP" for row in rows[:250]] + [f"GONE{i} GP" for i in range(250)]
    recent = [security.ref for security in islice(directory, 30)]
    for line in ("", "A", "AB", "H", "GP H", "AA0 GP 5", "GP AA0 H", "HELP G", "zz"):

        def key(line: str = line) -> float:
            started = perf_counter()
            complete(line, len(line), FUNCTIONS, directory, recent, history)
            return perf_counter() - started

        assert min(key() for _ in range(30)) < 0.001, line


def test_nothing_is_offered_inside_a_word() -> None:
    assert complete("AAPL", 2, FUNCTIONS, DIRECTORY) == []


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(["AAPL", "GP", "HP", "W", "5Y", "L", "A", "AD", "S", "5", "MS", ""]), max_size=4)
)
def test_every_offer_of_a_line_that_stands_parses(words: list[str]) -> None:
    line = " ".join(words)
    for offer in offers(line):
        assert offer.insert.startswith(line[: line.rfind(" ") + 1]) or offer.kind == "history"
        try:
            parse(line[: line.rfind(" ") + 1].strip() or "AAPL", FUNCTIONS)
        except CommandError:
            continue  # the words before the cursor are at fault already
        if offer.kind != "argument" or not offer.insert.endswith("="):
            try:
                parse(offer.insert, FUNCTIONS)
            except CommandError as fault:
                assert (
                    fault.start < line.rfind(" ") + 1 or "needs" in fault.message or "twice" in fault.message
                )


@pytest.mark.parametrize("line", ["A", "GP A", "GP 1Y B", "CORR A"])
def test_no_more_securities_are_worked_out_than_are_shown(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """How a ticker is written takes a parse, or a look at every argument: a key's time, were it done for all."""
    from engine import completion

    rows = [
        {"security_id": at, "ticker": f"{first}{at:03}", "name": f"Number {at}", "market": "US EQUITY",
         "asset_class": "equity", "valid_from": date(2000, 1, 3)}
        for at, first in enumerate("AB" * 200)
    ]  # fmt: skip
    directory, asked = Directory(rows, date(2020, 1, 2)), []
    word = completion._word
    monkeypatch.setattr(completion, "_word", lambda ref, *more: asked.append(ref) or word(ref, *more))
    found = complete(line, len(line), FUNCTIONS, directory, (), (), 8)
    assert len([offer for offer in found if offer.kind == "security"]) >= 4
    assert len(asked) <= 9


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("BACKTEST AAPL long wh", "when"),
        ("BT AAPL long when RS", "rsi("),
        ("BACKTEST AAPL long when sma(cl", "close"),
        ("BACKTEST AAPL long when close > sma(close,50); reb", "rebalance monthly"),
    ],
)
def test_within_rules_their_words_are_offered_and_no_security(line: str, word: str) -> None:
    found = offers(line)
    assert word in [each.label for each in found]
    assert not [each for each in found if each.kind == "security"]
    whole = next(each.insert for each in found if each.label == word)
    assert whole.endswith(word)
    assert whole.lower().startswith(line.lower())


def test_after_rules_the_options_are_offered() -> None:
    assert "COST=" in labels("BACKTEST AAPL 50SMA.200EMA CO")


def test_words_that_are_offered_are_words_of_rules() -> None:
    from engine.backtest.rules.optimised import OPTIMISERS
    from engine.backtest.rules.vocabulary import (
        CHARACTERISTICS,
        CLAUSES,
        FIELDS,
        JOINERS,
        found_indicator,
    )
    from engine.runs.phrase_words import WORDS
    from engine.runs.states import STATES

    sizes = {"equal", "weight", "volatility_target", "shares", "monthly", "weekly", "quarterly"}
    known = {*CHARACTERISTICS, *CLAUSES, *FIELDS, *JOINERS, *STATES, *OPTIMISERS, *sizes}
    for word in WORDS:
        for part in word.split():
            name = part.rstrip("(")
            assert name in known or found_indicator(name) is not None, word

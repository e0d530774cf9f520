"""Completion: what is offered, in which order, and that every offer leads to a line that parses."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.command import parse
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
    assert labels("EXPORT ") == ["CSV", "JSON"]


def test_insert_is_the_whole_line() -> None:
    assert next(o for o in offers("AAPL GP lo") if o.label == "LOG").insert == "AAPL GP LOG"


def test_an_empty_line_offers_what_was_typed_before() -> None:
    assert labels("", history=("AAPL GP", "MSFT HP")) == ["MSFT HP", "AAPL GP"]
    assert "AAPL GP 5Y" in labels("AAPL", history=("AAPL GP 5Y",))


@pytest.mark.parametrize("line", ['"app', "AAPL GP 5Ymore"])
def test_nothing_is_offered_where_nothing_fits(line: str) -> None:
    assert offers(line) == []


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

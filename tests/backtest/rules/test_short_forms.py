"""A short form with clauses after it: the same rules as written out, and what is told where they cannot be read."""

from __future__ import annotations

import re

import pytest

from engine.backtest.rules import RuleError, parse, write

LONG = "long when sma(close, 50) > ema(close, 200); exit when not sma(close, 50) > ema(close, 200)"


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("50SMA.200EMA; stop 5%", f"{LONG}; stop 5%"),
        ("50SMA.200EMA;size volatility_target(10%);", f"{LONG}; size volatility_target(10%)"),
        ("50SMA > 200EMA; trail 3*atr(20); hold 20", f"{LONG}; trail 3*atr(20); hold 20"),
        ("50SMA.200EMA  # of a file\ntake 20%  # at a gain", f"{LONG}; take 20%"),
        (
            "50SMA.200EMA; exit when rsi(14) > 80",
            "long when sma(close, 50) > ema(close, 200); exit when rsi(14) > 80",
        ),
    ],
)
def test_clauses_after_a_short_form_are_those_of_the_rules_written_out(short: str, long: str) -> None:
    assert write(parse(short)) == write(parse(long))


@pytest.mark.parametrize(
    ("text", "word", "near", "says"),
    [
        ("50SMA.200EMA stop 5%", "stop", "; stop", "parted from a short form by ;"),
        ("RSI14<30 hold 20", "hold", "; hold", "parted from a short form by ;"),
        ("50SMA.200EMA MSFT", "MSFT", None, "securities stand before it"),
        ("50SMA.200EMA and rsi(14) < 30", "and", None, "long when sma(50) > ema(200) and"),
        ("50SMA.200EMA; stap 5%", "stap", "stop", "A clause begins with"),
        ("  50SMA.200EMA; stop 5", "5", "5%", "share of the price"),
        ("50SMA.200EMMA; stop 5%", "200EMMA", "ema", "EMMA is no indicator"),
    ],
)
def test_what_cannot_be_read_after_a_short_form_is_pointed_at(
    text: str, word: str, near: str | None, says: str
) -> None:
    with pytest.raises(RuleError, match=re.escape(says)) as fault:
        parse(text)
    assert text[fault.value.start : fault.value.end] == word
    assert near is None or near in fault.value.nearest


def test_names_of_the_caller_stand_in_clauses_after_a_short_form() -> None:
    rules = parse("50SMA.200EMA; exit when score < 0", panels=("score",))
    assert write(rules).startswith("long when sma(close, 50) > ema(close, 200); exit when score < 0")

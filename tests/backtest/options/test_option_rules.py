"""The language of option strategies: what it reads, what it writes, and where it says a word is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.backtest.options import Leg, OptionRules, OptionSize, Simulated, begins, names, parse, write
from engine.backtest.rules import RuleError


def test_a_sold_put_with_its_ways_out() -> None:
    read = parse(
        "sell put delta 0.30 expiry 30; close at 50% profit; close at 200% loss; close 7 days before expiry"
    )
    assert read == OptionRules((Leg(-1, 1, "put", "delta", 0.30, 30),), profit=0.5, loss=2.0, before=7)
    assert names(read).fields == ("open", "close", "bid", "ask")


def test_a_covered_call_and_a_condor_of_four_legs() -> None:
    assert parse("SELL CALL strike 105% expiry 30 days and hold shares") == OptionRules(
        (Leg(-1, 1, "call", "share", 1.05, 30),), hold=True
    )
    condor = parse(
        "sell call delta 0.16 expiry 45, sell put delta 0.16 expiry 45,\n"
        "buy call delta 0.05 expiry 45, buy put delta 0.05 expiry 45\n"
        "every weekly # a new one each week\nsize margin(20%)\nfill mid 25%"
    )
    assert [(leg.side, leg.right, leg.value) for leg in condor.legs] == [
        (-1, "call", 0.16),
        (-1, "put", 0.16),
        (1, "call", 0.05),
        (1, "put", 0.05),
    ]
    assert (condor.every, condor.size, condor.fill) == ("weekly", OptionSize("margin", 0.2), 0.25)


def test_what_is_written_says_every_default() -> None:
    assert write(parse("buy 2 call strike 90 expiry 60; prices simulated; every when flat")) == (
        "buy 2 call strike 90 expiry 60; when flat; size contracts(1); fill quotes; prices simulated(63, 4%); "
        "commission 0.65"
    )
    assert parse("sell put strike 95% expiry 7; prices simulated(21, 1%)").prices == Simulated(21, 0.01)


@pytest.mark.parametrize(
    ("text", "word", "near"),
    [
        ("sel put delta 0.3 expiry 30", "sel", ("sell",)),
        ("sell putt delta 0.3 expiry 30", "putt", ("put",)),
        ("sell put dleta 0.3 expiry 30", "dleta", ("delta",)),
        ("sell put delta 1.3 expiry 30", "1.3", ()),
        ("sell put delta 0.3", "", ("expiry",)),
        ("sell put delta 0.3 expiry 30.5", "30.5", ()),
        ("sell put delta 0.3 expiry 30 close at 50% profit", "close", (";",)),
        ("sell put delta 0.3 expiry 30; close at 50 profit", "50", ("50%",)),
        ("sell put delta 0.3 expiry 30; close at 150% profit", "profit", ()),
        ("sell put delta 0.3 expiry 30; close at 50% proft", "proft", ("profit",)),
        ("sell put delta 0.3 expiry 30; close 30 days before expiry", "close", ()),
        ("sell put delta 0.3 expiry 30; every monhtly", "monhtly", ("monthly",)),
        ("sell put delta 0.3 expiry 30; size cash", "cash", ("cash_secured",)),
        ("sell put delta 0.3 expiry 30; size contracts(1); size contracts(2)", "size", ()),
        ("sell call delta 0.3 expiry 30; size cash_secured", "cash_secured", ("margin(20%)",)),
        ("sell put delta 0.3 expiry 30, sell put delta 0.3 expiry 30", "sell", ()),
        ("sell put delta 0.3 expiry 30 and hold stocks", "stocks", ("shares",)),
        ("close at 50% profit", "", ("sell", "buy")),
        ("sell put delta 0.3 expiry 30; __import__('os')", "__import__", ()),
    ],
)
def test_an_error_points_at_the_word(text: str, word: str, near: tuple[str, ...]) -> None:
    with pytest.raises(RuleError) as raised:
        parse(text)
    assert text[raised.value.start : raised.value.end] == word
    assert set(near) <= set(raised.value.nearest)


def test_option_rules_begin_with_sell_or_buy() -> None:
    assert begins("Sell put delta 0.3 expiry 30")
    assert begins("# a comment\n buy call strike 100% expiry 9")
    assert not begins("long when close > 5")
    assert not begins("")


LEGS = st.builds(
    Leg,
    st.sampled_from([1, -1]),
    st.integers(1, 9),
    st.just("put"),
    st.sampled_from(["delta", "share"]),
    st.integers(6, 99).map(lambda whole: float(f"0.{whole:02d}")),
    st.integers(40, 400),
)


@given(
    st.builds(
        OptionRules,
        st.lists(LEGS, min_size=1, max_size=4, unique=True).map(tuple),
        st.booleans(),
        st.none() | st.sampled_from([0.005, 0.25, 1.0]),
        st.none() | st.sampled_from([0.1, 2.0]),
        st.none() | st.integers(1, 39),
        st.sampled_from(["flat", "weekly", "monthly", "yearly"]),
        st.sampled_from([OptionSize(), OptionSize("cash_secured"), OptionSize("notional", 0.375)]),
        st.sampled_from([0.5, 0.0, 0.1]),
        st.none() | st.just(Simulated(21, 0.025)),
        st.sampled_from([0.0, 0.65, 1.25]),
    )
)
def test_what_is_written_reads_back_as_the_same_rules(rules: OptionRules) -> None:
    assert parse(write(rules)) == rules


def test_short_words_for_ways_out_say_the_same() -> None:
    short = parse("sell put delta 0.30 expiry 45; take 50%; stop 200% of credit; exit 21 dte")
    assert short == parse(
        "sell put delta 0.30 expiry 45; close at 50% profit; close at 200% loss; close 21 days before expiry"
    )
    assert parse(write(short)) == short
    for text, why in (
        ("take 50", "50%"), ("stop 200% of strike", "of the credit"), ("exit 21 days", "exit 21 dte"),
        ("take 150%", "never make more than 100%"), ("take 50%; close at 30% profit", "said twice"),
    ):  # fmt: skip
        with pytest.raises(RuleError, match=why):
            parse(f"sell put delta 0.30 expiry 45; {text}")

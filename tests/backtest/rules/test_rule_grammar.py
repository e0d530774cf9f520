"""The language of rules: what it prints reads back, text of any kind raises nothing else, precedence is Python's."""

from __future__ import annotations

import ast
import re
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.backtest.rules import (
    Distance,
    Node,
    Ranking,
    RuleError,
    Rules,
    Size,
    names,
    parse,
    plan,
    short_form,
    signals,
    states,
    warm_up,
    write,
)
from engine.backtest.rules.book import CALENDARS
from engine.backtest.rules.tree import (
    And,
    Arithmetic,
    Between,
    Comparison,
    Cross,
    Function,
    Known,
    Line,
    Name,
    Negative,
    Not,
    Number,
    Or,
    Previous,
    height,
    walk,
)  # fmt: skip
from engine.backtest.rules.vocabulary import CLAUSES, MOST_CHARACTERS, MOST_WORDS
from engine.backtest.strategy import shortened
from engine.quant.indicators import AVERAGES, CATALOGUE, Parameter
from tests.backtest.rules.markets import random

ISSUE = (
    "long when sma(close,50) > ema(close,200) and rsi(14) < 70; exit when rsi(14) > 80; "
    "size volatility_target(0.10); stop 3*atr(20); rebalance monthly; top 20 by mom_12_1 in sp500"
)
# NONE and DEFAULT are averages to TA-Lib and no words of an analyst, but read back all the same
_AVERAGES = st.sampled_from(sorted(AVERAGES)).map(str.lower)


def setting(draw: st.DrawFn, parameter: Parameter) -> int | float | str:
    if parameter.kind == "average":
        return draw(_AVERAGES)
    if parameter.kind == "date":
        return draw(st.sampled_from(("2020-01-02", "1999-12-31", "")))
    low, high = max(parameter.minimum, -1e6), min(parameter.maximum, 1e6)
    if parameter.kind == "integer":
        return draw(st.integers(int(low), int(min(high, 500))))
    return draw(st.floats(low, high, allow_nan=False)) + 0.0


@st.composite
def lines(draw: st.DrawFn, inner: st.SearchStrategy[Node]) -> Node:
    entry = CATALOGUE[draw(st.sampled_from(sorted(CATALOGUE)))]
    inputs: tuple[Node, ...] = tuple(Name(each) for each in entry.inputs)
    if "periods" in entry.inputs or draw(st.booleans()):
        first = draw(inner)
        inputs = (first if reads(first) else Name("low"), Name("mom_6_1"), Name("open"), Name("high"))[
            : len(inputs)
        ]
    given_ = tuple(setting(draw, each) for each in entry.parameters)
    line = draw(st.sampled_from([each.name for each in entry.outputs]))
    return Line(entry.name, inputs, given_, line)


def numbers() -> st.SearchStrategy[Node]:
    leaf: st.SearchStrategy[Node] = st.floats(0, 1e18).map(lambda x: Number(abs(x))) | st.sampled_from(
        ("open", "close", "volume", "mom_12_1", "pe")
    ).map(Name)

    def grown(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        return st.one_of(
            inner.map(Negative),
            st.builds(Arithmetic, inner, st.sampled_from("+-*/"), inner),
            st.builds(Function, st.just("abs"), st.tuples(inner)),
            st.builds(Function, st.sampled_from(("larger", "smaller")), st.tuples(inner, inner)),
            st.builds(Previous, inner.filter(lambda node: not isinstance(node, Number)), st.integers(1, 500)),
            lines(inner),
        )

    return st.recursive(leaf, grown, max_leaves=5)


def conditions(crosses: bool = True) -> st.SearchStrategy[Node]:
    number = numbers()
    leaf: st.SearchStrategy[Node] = st.one_of(
        st.builds(Comparison, number, st.sampled_from(("<", "<=", ">", ">=", "=", "!=")), number),
        st.builds(Between, number, number, number),
        number.map(Known),
    )
    if crosses:
        leaf = leaf | st.builds(Cross, number, st.sampled_from(("above", "below")), number)

    def grown(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        return st.one_of(inner.map(Not), several.map(And), several.map(Or))

    return st.recursive(leaf, grown, max_leaves=4)


def reads(node: Node) -> bool:
    return any(isinstance(each, Name | Line) for each in walk(node))


@st.composite
def books(draw: st.DrawFn) -> Rules:
    count = st.tuples(st.integers(1, 500).map(float), st.just(False)) | st.tuples(
        st.sampled_from((1.0, 2.5, 10.0, 20.0, 100.0)), st.just(True)
    )
    ranking = st.builds(
        lambda side, many, of, universe: Ranking(side, many[0], many[1], of, universe),
        st.sampled_from(("top", "bottom")), count, numbers().filter(reads), st.sampled_from(("", "sp500")),
    )  # fmt: skip
    distance = st.integers(1, 990).map(lambda x: Distance(Number(x / 1000), True)) | numbers().filter(
        reads
    ).map(lambda node: Distance(node, False))
    positive = st.floats(1e-6, 1e6)
    size = st.one_of(
        st.just(Size()), positive.map(lambda x: Size("weight", (x,))), positive.map(lambda x: Size("shares", (x,))),
        st.tuples(positive, st.integers(2, 500), positive).map(
            lambda x: Size("volatility_target", (x[0], float(x[1]), x[2]))
        ),
    )  # fmt: skip
    long, short = draw(st.none() | conditions()), draw(st.none() | conditions())
    longs, shorts = draw(st.none() | ranking), draw(st.none() | ranking)
    if long is None and short is None and longs is None and shorts is None:
        long = draw(conditions())
    leaves, covers = long is not None or longs is not None, short is not None or shorts is not None
    return Rules(
        long, draw(conditions()) if leaves else None, short, draw(conditions()) if covers else None, longs, shorts,
        draw(size), draw(st.none() | distance), draw(st.none() | distance), draw(st.none() | distance),
        draw(st.none() | st.integers(1, 500)),
        draw(st.sampled_from(CALENDARS) if longs or shorts else st.none() | st.sampled_from(CALENDARS)),
        draw(st.integers(1, 20)),
    )  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(books())
def test_what_is_printed_reads_back(rules: Rules) -> None:
    text = write(rules)
    again = parse(text)
    assert again == rules
    assert write(again) == text
    assert parse(text.replace("; ", "\n")) == rules  # a clause a line, as in a file


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(books(), st.sampled_from((1, 2, 40)))
def test_what_reads_can_be_answered(rules: Rules, sessions: int) -> None:
    """Over any market, with a sentence where settings do not go together."""
    market = random(60, 3)
    market = shortened(market, sessions - 1)
    panels = {"pe": market.close, "mom_12_1": -market.close}
    try:
        made = plan(rules, market, panels=panels, members={"sp500": np.isfinite(market.close)})
    except RuleError as fault:
        assert "cannot be computed" in str(fault)
        return
    assert states(made).shape == market.close.shape
    if not made.needs_fills:
        signals(made)


WORDS = st.sampled_from(
    [*CLAUSES, "when", "by", "in", "and", "or", "not", "between", "crosses", "above", "below", "close", "sma", "sma(",
     "rsi(14)", "(", ")",
     "[", "]", "1", "20", "5%", "<", ">", ";", "\n", ".", ",", "-", "*", "/", "+", "=", "# x", "'a'",
     "ema", "mom_12_1", "monthly", "equal", "weight(", "bbands(20).upper", "1e9", "é", "\x00", "__import__", "1e999"]
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=60) | st.lists(WORDS, max_size=30).map(" ".join))
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        rules = parse(text)
    except RuleError as fault:
        assert 0 <= fault.start <= fault.end <= len(text)
        assert str(fault)
    else:
        assert parse(write(rules)) == rules


@pytest.mark.parametrize(
    "text",
    ["long when " + "(" * 5000 + "close" + ")" * 5000, "long when " + "-" * 3000 + "close > 1",
     "long when " + "not " * 300 + "close > 1", "long when close" + " + close" * 590 + " > 1",
     "long when close" + "[1]" * 390 + " > 1", "x" * (MOST_CHARACTERS + 1), "; " * (MOST_WORDS + 1),
     "long when sma(" * 390],
)  # fmt: skip
def test_what_is_too_much_is_refused_in_words(text: str) -> None:
    with pytest.raises(RuleError):
        parse(text)


# precedence, as Python's own parser has it -----------------------------------------------------------------

SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">",
         ast.GtE: ">=", ast.Eq: "=", ast.NotEq: "!="}  # fmt: skip


def twin(node: ast.expr) -> str:
    """A tree of Python's as nested words."""
    match node:
        case ast.BoolOp(op, parts):
            word = "and" if isinstance(op, ast.And) else "or"
            return f"[{word} {' '.join(twin(each) for each in parts)}]"
        case ast.UnaryOp(op, of):
            return f"[{'not' if isinstance(op, ast.Not) else 'minus'} {twin(of)}]"
        case ast.BinOp(left, sign, right):
            return f"[{SIGNS[type(sign)]} {twin(left)} {twin(right)}]"
        case ast.Compare(left, [sign], [right]):
            return f"[{SIGNS[type(sign)]} {twin(left)} {twin(right)}]"
        case ast.Subscript(of, ast.Constant(bars)):
            return f"[ago {twin(of)} {bars}]"
        case ast.Name(name):
            return name
        case ast.Constant(value):
            return repr(float(value))  # type: ignore[arg-type]
        case _:
            raise TypeError(ast.dump(node))


def told(node: Node) -> str:
    match node:
        case And(parts) | Or(parts):
            return f"[{'and' if isinstance(node, And) else 'or'} {' '.join(told(each) for each in parts)}]"
        case Not(of):
            return f"[not {told(of)}]"
        case Negative(of):
            return f"[minus {told(of)}]"
        case Arithmetic(left, sign, right) | Comparison(left, sign, right):
            return f"[{sign} {told(left)} {told(right)}]"
        case Previous(of, bars):
            return f"[ago {told(of)} {bars}]"
        case Name(name):
            return name
        case Number(value):
            return repr(value)
        case _:
            raise TypeError(type(node).__name__)


VALUES = st.sampled_from(("close", "open", "high[2]", "-low", "3", "2.5", "(close - 1)", "-close[1]"))
SUMS = st.builds(
    lambda first, rest: first + "".join(f" {sign} {value}" for sign, value in rest),
    VALUES, st.lists(st.tuples(st.sampled_from("+-*/"), VALUES), max_size=4),
)  # fmt: skip
TESTS = st.builds(
    lambda x, sign, y: f"{x} {sign} {y}", SUMS, st.sampled_from(("<", "<=", ">", ">=", "==", "!=")), SUMS
)
JOINED = st.builds(
    lambda first, rest: first + "".join(f" {word} {test}" for word, test in rest),
    TESTS, st.lists(st.tuples(st.sampled_from(("and", "or", "and not", "or not")), TESTS), max_size=4),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(JOINED)
def test_precedence_is_that_of_python(text: str) -> None:
    rules = parse(f"long when {text}; exit when close > 1")
    assert rules.long is not None
    assert told(rules.long) == twin(ast.parse(text, mode="eval").body)


# what is read -----------------------------------------------------------------------------------------------


def test_the_language_of_the_issue() -> None:
    rules = parse(ISSUE)
    assert rules.longs == Ranking("top", 20.0, False, Name("mom_12_1"), "sp500")
    assert rules.size == Size("volatility_target", (0.10, 63.0, 1.0))
    assert rules.rebalance == "monthly"
    assert rules.delay == 1
    found = names(rules)
    assert found.fields == ("close", "high", "low")
    assert found.indicators == ("SMA", "EMA", "RSI", "ATR")
    assert found.characteristics == ("mom_12_1",)
    assert found.universes == ("sp500",)
    assert warm_up(rules) == 252
    assert write(rules) == (
        "long when sma(close, 50) > ema(close, 200) and rsi(close, 14) < 70; exit when rsi(close, 14) > 80; "
        "long top 20 by mom_12_1 in sp500; size volatility_target(0.1, 63, 1); stop 3 * atr(20); "
        "rebalance monthly; delay 1"
    )


def test_a_file_has_a_clause_a_line_and_comments() -> None:
    text = (
        "# trend\nlong when sma(close, 50)\n  > ema(close, 200)  # faster above slower\nhold 20\n\ndelay 2;\n"
    )
    assert write(parse(text)) == "long when sma(close, 50) > ema(close, 200); size equal; hold 20; delay 2"


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("50SMA.200EMA", "long when sma(close, 50) > ema(close, 200)"),
        ("SMA50.EMA200", "long when sma(close, 50) > ema(close, 200)"),
        ("50sma>200sma", "long when sma(close, 50) > sma(close, 200)"),
        ("RSI14<30", "long when rsi(close, 14) < 30"),
        ("14RSI < 30", "long when rsi(close, 14) < 30"),
        ("CLOSE>200SMA", "long when close > sma(close, 200)"),
        ("12ROC>-2.5", "long when roc(close, 12) > -2.5"),
        ("5T3.20T3", "long when t3(close, 5, 0.7) > t3(close, 20, 0.7)"),
    ],
)
def test_the_short_form_is_long_while_it_holds(short: str, long: str) -> None:
    condition = long.removeprefix("long when ")
    assert write(parse(short)) == f"{long}; exit when not {condition}; size equal; delay 1"
    assert short_form(long) is None


@pytest.mark.parametrize(
    ("text", "word", "near", "says"),
    [
        ("long when sma(close,50) > emma(close,200)", "emma", "ema", "no indicator or function"),
        ("long when closse > 3", "closse", "close", "Nearest: close"),
        ("long when rsi > 3", "rsi", "rsi()", "parentheses"),
        ("long when rsi(0) > 3", "0", None, "from 2"),
        ("long when rsi(1.5) > 3", "1.5", None, "whole number"),
        ("long when ma(close, 5, hull) > 3", "hull", None, "no field"),
        ("long when atr(close, 20) > 3", "close", None, "3 inputs"),
        ("long when sma(close, 20, 3) > 3", "3", None, "fewer settings"),
        ("long when mavp(2, 30) > 3", "mavp", None, "periods"),
        ('long when avwap("soon") > 3', '"soon"', None, "a date in quotes"),
        ("long when bbands(20) > 3", "bbands", ".upper", "several lines"),
        ("long when bbands(20).uper > 3", "uper", "upper", "no line"),
        ("long when macd(12, 26, 9).signal", "macd(12, 26, 9).signal", None, "condition is needed"),
        ("long when 5 < close < 6", "<", None, "between"),
        ("long when close > (close > 3)", "close > 3", None, "number is needed"),
        ("long when close[0] > 3", "0", "1", "from 1"),
        ("long when close crosses 5", "5", "above", "above or below"),
        ("long when close crosses above 5", "close crosses above 5", "exit", "one session only"),
        ("long when close > 5 stop 3%", "stop", ";", "part them"),
        ("long if close > 5", "if", "when", "followed by when"),
        ("lnog when close > 5", "lnog", "long", "begins with"),
        ("long when close > 5; rebalance montly", "montly", "monthly", "takes daily"),
        ("long when close > 5; size equl", "equl", "equal", "size takes"),
        ("long when close > 5; size weight", "weight", None, "1 number"),
        ("long when close > 5; size weight(-1)", "-", None, "number should stand"),
        ("long when close > 5; stop 3", "3", "5%", "with %"),
        ("long when close > 5; stop 120%", "120%", None, "below all of it"),
        ("long when close > 5; hold 2.5", "2.5", None, "whole number"),
        ("long when close > 5; delay 0", "0", None, "from 1"),
        ("long when close > 5; hold 3; hold 4", "hold", None, "twice"),
        ("long when close > 5; cover when close > 6", "cover", "short", "leaves nothing"),
        ("top 2.5 by close", "2.5", None, "whole number"),
        ("top 20 by 3", "3", None, "ranks nothing"),
        ("top 20 by mom_12_1 in sp50", "sp50", "sp500", "no universe"),
        ("hold 20", "", "long", "Nothing is ever held"),
        ("", "", "long", "Nothing is ever held"),
        ("50SMMA.200EMA", "50SMMA", "sma", "no indicator or price"),
        ("SMA.200EMA", "SMA", None, "needs a length"),
        ("20BBANDS.200EMA", "20BBANDS", None, "not told by a length"),
    ],
)  # fmt: skip
def test_errors_point_at_the_word(text: str, word: str, near: str | None, says: str) -> None:
    with pytest.raises(RuleError, match=re.escape(says)) as caught:
        parse(text, universes=("sp500", "ndx"))
    assert text[caught.value.start : caught.value.end] == word
    assert near is None or near in caught.value.nearest


def test_a_panel_of_the_callers_is_a_name() -> None:
    assert names(parse("top 10 by score", panels=("score",))).characteristics == ("score",)
    with pytest.raises(RuleError, match="score is no field"):
        parse("top 10 by score")


def test_other_names_are_the_same() -> None:
    assert parse("long when highest(close, 20) > bb(20).upper") == parse(
        "long when max(close, 20) > bbands(close, 20, 2, 2, sma).upper"
    )


def test_warm_up_counts_every_bar_that_must_pass() -> None:
    assert warm_up(parse("long when close > 3; hold 1")) == 0
    assert warm_up(parse("long when sma(sma(close, 10), 5)[3] > 0; hold 1")) == 9 + 4 + 3
    assert warm_up(parse("long when close crosses above sma(close, 10); hold 1")) == 10
    assert warm_up(parse("long when close > 0; size volatility_target(10%, 40)")) == 40


def test_settings_that_do_not_go_together_are_told_when_they_are_computed() -> None:
    rules = parse("top 1 by mavp(close, volume, 30, 2)")
    with pytest.raises(RuleError, match="cannot be computed with minperiod=30"):
        plan(rules, random(60, 3))


def test_trees_are_frozen_and_know_their_places() -> None:
    text = "long when close[1] + 2 > -open"
    node = parse(text).long
    assert isinstance(node, Comparison)
    with pytest.raises(FrozenInstanceError):
        node.sign = "<"  # type: ignore[misc]
    assert [text[slice(*each.at)] for each in walk(node)] == [
        "close[1] + 2 > -open", "close[1] + 2", "close[1]", "close", "2", "-open", "open"
    ]  # fmt: skip
    assert height(node) == 4

"""The parser: what it prints reads back, text of any kind raises nothing else, precedence as a slow twin has it."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.expressions.cursor import DEEPEST
from engine.quant.screener import (
    ALIASES,
    FIELDS,
    KINDS,
    ScreenError,
    conjuncts,
    field_names,
    parse,
    search,
    write,
)
from engine.quant.screener.grammar import read
from engine.quant.screener.tokens import MOST_CHARACTERS, MOST_WORDS
from engine.quant.screener.tree import (
    And,
    Arithmetic,
    Between,
    Call,
    Comparison,
    Extreme,
    In,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Or,
    Text,
)

NUMERIC = ("pe", "roe", "mktcap", "mom_12_1", "close")
TEXTS = ("sector", "ticker", "industry")


def numbers() -> st.SearchStrategy[Node]:
    leaf: st.SearchStrategy[Node] = st.one_of(
        st.floats(0, 1e18, allow_nan=False).map(Number), st.sampled_from(NUMERIC).map(Name)
    )

    def grown(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        return st.one_of(
            inner.map(Negative),
            st.builds(Arithmetic, inner, st.sampled_from("+-*/"), inner),
            st.builds(Call, st.sampled_from(("abs", "log", "sqrt")), st.tuples(inner)),
            st.builds(Call, st.sampled_from(("rank", "percentile", "zscore")), st.tuples(inner),
                      st.sampled_from(("", "sector"))),
            st.builds(Call, st.just("max"), st.tuples(inner, inner)),
        )  # fmt: skip

    return st.recursive(leaf, grown, max_leaves=6)


def conditions() -> st.SearchStrategy[Node]:
    text = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12).map(Text)
    word = st.sampled_from(TEXTS).map(Name)
    number = numbers()
    count = st.tuples(st.integers(1, 500).map(float), st.just(False)) | st.tuples(
        st.integers(1, 100).map(float), st.just(True)
    )
    leaf: st.SearchStrategy[Node] = st.one_of(
        st.builds(Comparison, number, st.sampled_from(("<", "<=", ">", ">=", "=", "!=")), number),
        st.builds(Comparison, word, st.sampled_from(("=", "!=")), text),
        st.builds(Between, number, number, number),
        st.builds(In, word, st.lists(text, min_size=1, max_size=3).map(tuple)),
        st.builds(
            lambda of, side, many, within: Extreme(of, side, many[0], many[1], within),
            number, st.sampled_from(("top", "bottom")), count, st.sampled_from(("", "sector")),
        ),
        st.builds(Call, st.just("known"), st.tuples(number)),
    )  # fmt: skip

    def grown(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        return st.one_of(inner.map(Not), several.map(And), several.map(Or))

    return st.recursive(leaf, grown, max_leaves=6)


@settings(max_examples=300, deadline=None)
@given(conditions())
def test_what_is_printed_reads_back(tree: Node) -> None:
    text = write(tree)
    if len(text) > MOST_CHARACTERS:
        return
    again = parse(text, KINDS)
    assert write(again) == text
    assert again == tree


@settings(max_examples=300, deadline=None)
@given(numbers())
def test_a_score_reads_back(tree: Node) -> None:
    assert parse(write(tree), KINDS, want="number") == tree


WORDS = st.sampled_from(
    ["pe", "<", "(", ")", "and", "or", "not", "top", "20%", "10B", "in", '"Energy"', "sector", "between", "-", ",",
     "by", "within", "rank(", "zscore(", "1e9", "=", "'", "*", "/", "+", "x9", "%", "é", "\x00", "__import__", "'a'"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=80) | st.lists(WORDS, max_size=25).map(" ".join))
def test_no_text_raises_anything_else(text: str) -> None:
    for want in ("condition", "number"):
        try:
            parse(text, KINDS, want=want, aliases=ALIASES)  # type: ignore[arg-type]
        except ScreenError as fault:
            assert 0 <= fault.start <= fault.end <= len(text)
            assert fault.message.endswith((".", ")", "?"))


def test_the_issues_own_expression() -> None:
    tree = parse("mktcap > 10e9 and pe < 15 and mom_12_1 top 20%", KINDS)
    assert tree == And(
        (
            Comparison(Name("mktcap"), ">", Number(10e9)),
            Comparison(Name("pe"), "<", Number(15.0)),
            Extreme(Name("mom_12_1"), "top", 20.0, True),
        )
    )
    assert field_names(tree) == ("mktcap", "pe", "mom_12_1")
    assert [write(each) for each in conjuncts(tree)] == ["mktcap > 10e9", "pe < 15", "mom_12_1 top 20%"]


@pytest.mark.parametrize(
    ("text", "value"),
    [("10B", 10e9), ("500M", 5e8), ("5%", 0.05), ("1.5k", 1500.0), ("2T", 2e12), ("3bn", 3e9), (".5", 0.5),
     ("10e9", 10e9), ("1e-3%", 1e-5)],
)  # fmt: skip
def test_numbers_may_have_a_suffix(text: str, value: float) -> None:
    assert read(text) == Number(value)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("pe < 1 and roe > 2 or close > 3", "(pe < 1 and roe > 2) or close > 3"),
        ("not pe < 1 and roe > 2", "(not (pe < 1)) and roe > 2"),
        ("pe + 2 * roe < 3", "(pe + (2 * roe)) < 3"),
        ("pe - 1 - 2 < 3", "((pe - 1) - 2) < 3"),
        ("-pe * 2 < 1", "((-pe) * 2) < 1"),
        ("pe not in (1, 2)", "not (pe in (1, 2))"),
        ("pe not between 1 and 2 and roe > 0", "(not (pe between 1 and 2)) and roe > 0"),
        ("top 10 by pe", "pe top 10"),
        ("top 3 by roe within sector", "roe top 3 within sector"),
        ("pe == 1 and roe <> 2", "pe = 1 and roe != 2"),
        ("PE < 1 AND Roe > 2", "pe < 1 and roe > 2"),
    ],
)
def test_ways_of_saying_the_same(one: str, other: str) -> None:
    assert parse(one, KINDS) == parse(other, KINDS)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 9), st.sampled_from("+-*/")), min_size=1, max_size=9), st.integers(1, 9)
)
def test_arithmetic_binds_as_python_has_it(terms: list[tuple[int, str]], last: int) -> None:
    """The slow twin is Python's own grammar, on digits and signs that this test wrote."""
    import numpy as np

    from engine.quant.screener import numbers as value

    text = "".join(f"{n} {sign} " for n, sign in terms) + str(last)
    assert re.fullmatch(r"[0-9+\-*/ ]+", text)
    expected = float(eval(text))  # noqa: S307 - digits and signs only
    assert value(read(text), {"pe": np.zeros(1)})[0] == pytest.approx(expected, rel=1e-12)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(("and", "or")), min_size=1, max_size=7), st.data())
def test_logic_binds_as_python_has_it(joints: list[str], data: st.DataObject) -> None:
    import numpy as np

    from engine.quant.screener import truth

    facts = [data.draw(st.booleans()) for _ in range(len(joints) + 1)]
    nots = [data.draw(st.booleans()) for _ in facts]
    ours = [f"{'not ' * n}1 {'=' if f else '!='} 1" for f, n in zip(facts, nots, strict=True)]
    theirs = [f"{'not ' * n}{f}" for f, n in zip(facts, nots, strict=True)]
    whole = ours[0] + "".join(f" {j} {t}" for j, t in zip(joints, ours[1:], strict=True))
    python = theirs[0] + "".join(f" {j} {t}" for j, t in zip(joints, theirs[1:], strict=True))
    expected = 1 if eval(python) else -1  # noqa: S307 - True, False, not, and, or only
    assert truth(parse(whole, KINDS), {"pe": np.zeros(1)})[0] == expected


@pytest.mark.parametrize(
    ("text", "word", "near"),
    [
        ("mktcap > 1 and pee < 15", "pee", "pe"),
        ("momentun > 1", "momentun", "mom_12_1"),
        ("rnk(pe) < 3", "rnk", "rank"),
        ("pe < 10x", "10x", "10"),
        ("sector = Energy", "Energy", '"energy"'),
        ("rank(pe) within pe < 2", "pe", "sector"),
        ("sector < 'a'", "sector < 'a'", "="),
        ("pe top 0", "0", ""),
        ("pe top 120%", "120%", ""),
        ("5 < pe < 15", "<", ""),
        ("pe < 15 roe > 2", "roe", "and"),
        ("pe", "pe", ""),
        ("pe < 'a'", "pe < 'a'", ""),
        ("sector in ('a', 5)", "5", ""),
        ("zscore(pe, 60%) > 1", "60%", "1%"),
        ("max(pe) > 1", "max(pe)", ""),
        ("abs(pe) within sector > 1", "abs(pe) within sector", ""),
        ('name = "never closed', '"never closed', ""),
        ("1e999 > pe", "1e999", ""),
        ("pe < 15;", ";", ""),
    ],
)
def test_errors_point_at_the_word(text: str, word: str, near: str) -> None:
    with pytest.raises(ScreenError) as caught:
        parse(text, KINDS, aliases=ALIASES)
    fault = caught.value
    assert text[fault.start : fault.end] == word
    assert not near or near in fault.nearest
    if near and word in ("pee", "sector = Energy"):
        parse(text[: fault.start] + fault.nearest[0] + text[fault.end :], KINDS)


def test_an_unfinished_expression_points_at_its_end() -> None:
    for text in ("pe <", "pe < 1 and", "(pe < 1", "pe between 1", "pe in (", "top", "rank(pe"):
        with pytest.raises(ScreenError) as caught:
            parse(text, KINDS)
        assert caught.value.start == len(text)


def test_depth_and_length_are_bounded() -> None:
    deep = DEEPEST - 2
    parse("(" * deep + "pe" + ")" * deep + " < 1", KINDS)
    for text in (
        "(" * 1900 + "pe", "not " * 300 + "pe < 1", "-" * 900 + "pe < 1", "abs(" * 200 + "pe",
        "pe < " + " " * MOST_CHARACTERS + "1", " + ".join(["pe"] * (MOST_WORDS // 2 + 2)) + " < 1",
    ):  # fmt: skip
        with pytest.raises(ScreenError):
            parse(text, KINDS)


def test_the_longest_chain_is_still_answered() -> None:
    import numpy as np

    from engine.quant.screener import truth

    text = " + ".join(["pe"] * (MOST_WORDS // 2 - 2)) + " > 1"
    assert truth(parse(text, KINDS), {"pe": np.ones(1)})[0] == 1


@pytest.mark.parametrize(
    "text", ["__import__('os')", "pe.__class__ < 1", "(lambda: 1)() < 2", "[1] < pe", "`id` = 1"]
)
def test_what_would_be_code_is_no_expression(text: str) -> None:
    with pytest.raises(ScreenError):
        parse(text, KINDS)


def test_hostile_text_stays_text() -> None:
    tree = parse('name = "\x1b[31m[red]’; drop table --\u202e"', KINDS)
    assert isinstance(tree, Comparison)
    assert tree.right == Text("\x1b[31m[red]’; drop table --\u202e")


def test_trees_are_frozen() -> None:
    tree = parse("pe < 1", KINDS)
    with pytest.raises(FrozenInstanceError):
        tree.sign = ">"  # type: ignore[union-attr,misc]


def test_the_catalogue_is_consistent() -> None:
    assert len(FIELDS) >= 70
    assert not set(ALIASES) & set(FIELDS)
    for name, each in FIELDS.items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
        assert all((each.formula, each.source, each.label, each.needs))
        assert parse(f"known({name})", KINDS)
    assert {each.name for each in search("momentum")} >= {"mom_12_1", "mom_6_1"}
    assert {"pe", "roe", "mktcap", "sector", "age", "beta_1y", "fcf_yield", "asset_growth"} <= set(FIELDS)

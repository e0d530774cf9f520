"""Outside text is made inert, and ordinary text is left alone."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.sanitize import clean


@pytest.mark.parametrize(
    ("dirty", "cleaned"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("\x1b]0;your title\x07name", "name"),
        ("\x1b]52;c;ZXZpbA==\x1b\\name", "name"),
        ("\x9d0;title\x9cname", "name"),
        ("\x1bPq#0;2;0;0;0\x1b\\sixel", "sixel"),
        ("\x1b]0;never ended", "0;never ended"),
        ("\x1b(0lqk", "lqk"),
        ("abc\u202e321", "abc321"),
        ("\u2066AAPL\u2069", "AAPL"),
        ("\u061cx\u200e\u200f", "x"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("a\u2028b\u2029c", "a b c"),
        ("a\r\nb\tc", "a b c"),
        ("lone \ud800 surrogate", "lone  surrogate"),
        ("tag\U000e0041s", "tags"),
        ("bell\x07 null\x00 delete\x7f", "bell null delete"),
        ("[/bold] [@click=app.quit]x[/]", "[/bold] [@click=app.quit]x[/]"),
    ],
)
def test_what_goes_and_what_stays(dirty: str, cleaned: str) -> None:
    assert clean(dirty) == cleaned


@pytest.mark.parametrize(
    "text", ["Nestlé S.A.", "三菱UFJ", "Ørsted A/S", "Ελλάς", "שלום", "AT&T [old]", "▲ +1.2%"]
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert clean(text) == text


def test_newlines_are_kept_where_wanted() -> None:
    assert clean("a\r\nb\u2028c\x85d", newlines=True) == "a\nb\nc\nd"


ANY = st.text(st.characters(), max_size=60)  # every code point, surrogates among them
SPICED = st.lists(
    st.one_of(
        ANY,
        st.sampled_from(
            ["\x1b", "\x1b[", "\x1b]0;", "\x07", "\x9b", "\x9d", "\x9c", "\x1b\\", "\u202e", "\ud800"]
        ),
    ),
    max_size=12,
).map("".join)


@given(SPICED, st.booleans())
@example("\x1b\x1b[31m[31m", False)
@example("\x1b\u200b[31mred", False)
def test_nothing_that_acts_is_left(text: str, newlines: bool) -> None:
    cleaned = clean(text, newlines=newlines)
    left = cleaned.replace("\n", "") if newlines else cleaned
    assert not [c for c in left if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")]
    assert not [c for c in left if unicodedata.bidirectional(c) in ("LRE", "RLE", "LRO", "RLO", "PDF")]
    assert not [c for c in left if unicodedata.bidirectional(c) in ("LRI", "RLI", "FSI", "PDI")]
    assert not set(left) & set("\u200b\u200c\u200d\u200e\u200f\u061c\ufeff")
    left.encode()  # no lone surrogate is left: it can be written anywhere


@given(SPICED, st.booleans())
def test_cleaning_twice_is_cleaning_once(text: str, newlines: bool) -> None:
    once = clean(text, newlines=newlines)
    assert clean(once, newlines=newlines) == once


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_plain_ascii_is_untouched(text: str) -> None:
    assert clean(text) == text

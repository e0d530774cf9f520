"""CSV: reads back with any reader, and runs no formula in a spreadsheet."""

from __future__ import annotations

import csv
import io

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.encode.csv import encode, guard
from engine.page import Column, Page, Panel, Table
from tests import pages


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_one_panel_is_pure_csv() -> None:
    rows = read(encode(pages.every_figure(), panel="table"))
    assert rows[0] == ["ticker", "close", "change", "volume", "session_date", "known_at"]
    assert rows[1] == ["AAPL", "173.5", "0.0123", "1234567", "2008-01-02", "2008-01-02T21:00:00Z"]
    assert rows[2] == [pages.HOSTILE_CLEAN, "", "-0.05", "", "", ""]
    assert rows[3][:2] == ["'=HYPERLINK(1)", ""]
    assert rows[4][:2] == ["三菱", "0.0"]


def test_candles_read_back_as_a_frame() -> None:
    text = encode(pages.every_figure(), panel="candles")
    frame = pl.read_csv(io.StringIO(text), try_parse_dates=True)
    original = pages.candles().frame
    assert frame.columns == ["session_date", "open", "high", "low", "close", "volume", "50SMA"]
    assert frame.select(original.columns).equals(original)


def test_lines_share_their_dates() -> None:
    assert read(encode(pages.every_figure(), panel="lines")) == [
        ["date", "CPI", "'+GDP"],
        ["2008-01-01", "1.0", ""],
        ["2008-02-01", "", "2.0"],
        ["2008-03-01", "", "4.0"],
    ]


def test_several_panels_are_told_apart() -> None:
    rows = read(encode(pages.every_figure()))
    assert [row[0] for row in rows if row and row[0].startswith("# panel")] == [
        f"# panel {name}: The {name}" for name in pages.FIGURES
    ]
    with pytest.raises(KeyError):
        encode(pages.every_figure(), panel="none such")


def test_line_ends_and_quotes_follow_rfc_4180() -> None:
    frame = pl.DataFrame({"a": ['say "x", y', "plain"]})
    text = encode(Page("t", (Panel("p", "", Table(frame, (Column("a", "A"),))),)))
    assert text == 'a\r\n"say ""x"", y"\r\nplain\r\n'


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", " =1", "\t=1", "＝1+1", "=", "\x1b[0m=1", "\u202e=1"],
)
def test_formulas_are_guarded(text: str) -> None:
    assert guard(text).startswith("'")


@pytest.mark.parametrize("text", ["-1", "+1.5", "-1,234.5", "-3%", "-.5", "-1e-9", "AAPL", "", "a=b", "3-2"])
def test_numbers_and_plain_words_are_not_harmed(text: str) -> None:
    assert guard(text) == text


@given(st.lists(st.tuples(st.text(max_size=12), st.floats(allow_nan=False)), max_size=20))
def test_numbers_survive_and_no_text_cell_starts_a_formula(rows: list[tuple[str, float]]) -> None:
    frame = pl.DataFrame(rows, schema={"t": pl.String, "n": pl.Float64}, orient="row")
    columns = (Column("t", "T"), Column("n", "N", "number"))
    told = read(encode(Page("", (Panel("p", "", Table(frame, columns)),))))
    assert len(told) == len(rows) + 1
    for (text, number), (shown, digits) in zip(rows, told[1:], strict=True):
        assert float(digits) == number
        assert shown == guard(text)
        assert shown.lstrip()[:1] not in ("=", "@")

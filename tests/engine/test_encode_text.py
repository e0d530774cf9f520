"""Plain text: everything readable, nothing wider than asked, nothing that acts on a terminal."""

from __future__ import annotations

import unicodedata
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.encode.grid import align, cell_width, fit, sparkline
from engine.encode.tabular import GridColumn
from engine.encode.text import encode
from tests import pages


def test_the_whole_page_reads() -> None:
    text = encode(pages.every_figure(), tz=ZoneInfo("America/New_York"))
    assert text.startswith("AAPL US EQUITY prices\n═")
    assert "warning: the last session is 3 days old" in text
    assert "events: 2008-03-03 2:1 split" in text
    assert "last 10 of 300 rows" in text
    assert "METHOD" in text
    assert "AS OF 2008-09-15 23:59:59 EDT; newest fact known 2008-09-15 16:00 EDT" in text
    assert "snapshot 7 (7f3a): AAPL US EQUITY GP PERIOD=1Y" in text
    assert "sources: test data, " + pages.HOSTILE_CLEAN in text


def test_tables_are_aligned_and_blanks_told_apart() -> None:
    lines = encode(pages.every_figure(), panel="table").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("Ticker"))
    header, first, second, third = lines[start], *lines[start + 2 : start + 5]
    end = header.index("Close USD") + len("Close USD")
    assert first[:end].endswith("173.50")
    assert second[:end].endswith("…")  # not yet known
    assert third[:end].endswith("✗")  # failed to load
    assert "▲ +1.23%" in first
    assert "▼ -5.00%" in second
    assert "1,234,567" in first


def test_metrics_name_their_blank() -> None:
    text = encode(pages.every_figure(), panel="metrics")
    assert "Delisted  … not yet known" in text
    assert "173.50 USD  (as traded)" in text or "173.50 USD (as traded)" in text


def test_an_empty_table_says_what_to_do() -> None:
    assert "No splits known at this clock." in encode(pages.empty_table())


@pytest.mark.parametrize("width", [40, 60, 80, 200, None])
@pytest.mark.parametrize("name", list(pages.FIGURES))
def test_nothing_is_wider_than_asked_and_nothing_acts(name: str, width: int | None) -> None:
    text = encode(pages.every_figure(), panel=name, width=width)
    assert text.endswith("\n")
    for line in text.splitlines():
        assert width is None or cell_width(line) <= width
        assert not [char for char in line if unicodedata.category(char) in ("Cc", "Cf", "Cs")]


def test_a_narrow_table_drops_no_column() -> None:
    text = encode(pages.every_figure(), panel="candles", width=40)
    for label in ("Open", "High", "Low", "Close", "Volume", "50SMA"):
        assert label in text
    assert "1,000,299" in text


def test_an_unknown_panel_is_an_error() -> None:
    with pytest.raises(KeyError):
        encode(pages.every_figure(), panel="none such")


def test_sparkline() -> None:
    assert sparkline([1, 2, 3, 4, 5, 6, 7, 8]) == "▁▂▃▄▅▆▇█"
    assert sparkline([5.0, 5.0]) == "▄▄"
    assert sparkline([1.0, float("nan"), 2.0]) == "▁ █"
    assert sparkline([]) == sparkline([None]) == ""


@given(st.lists(st.floats() | st.none(), max_size=200), st.integers(1, 80))
def test_sparkline_of_anything(values: list[float | None], width: int) -> None:
    assert len(sparkline(values, width)) <= width


@given(st.text(max_size=30), st.integers(1, 20), st.booleans())
def test_fit_is_exact(text: str, width: int, right: bool) -> None:
    assert cell_width(fit(text, width, right=right)) == width


def test_the_column_that_names_a_row_gives_way_last() -> None:
    """A contract's name is no use cut to its root; reasons stay readable where columns follow below in any case."""
    names = GridColumn("symbol", "symbol", "text", values=["AAPL 2013-03-15 P 430"])
    why = [
        GridColumn(f"why{at}", f"why {at}", "text", values=["exit when rsi(close, 14) > 60"])
        for at in range(6)
    ]
    lines = align([names, *why], width=80)
    assert sum("AAPL 2013-03-15 P 430" in line for line in lines) > 1
    assert "exit when rsi(close" in "\n".join(lines)
    assert max(map(cell_width, lines)) <= 80

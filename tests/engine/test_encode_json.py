"""JSON: the schema holds every figure, the bytes are canonical, the hash is over content only."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.encode.json import SCHEMA, encode, page_hash
from engine.page import Column, Lines, Page, Panel, Series, Table
from tests import pages


@pytest.fixture(scope="module")
def document() -> dict:
    return json.loads(encode(pages.every_figure()))


def figure(document: dict, name: str) -> dict:
    return next(panel["figure"] for panel in document["panels"] if panel["name"] == name)


def test_every_figure_kind_is_there(document: dict) -> None:
    assert document["schema"] == SCHEMA == "asof.page/1"
    assert [panel["figure"]["kind"] for panel in document["panels"]] == list(pages.FIGURES)


def test_table_rows_blanks_and_key(document: dict) -> None:
    shown = figure(document, "table")
    assert shown["rows"][0] == {
        "ticker": "AAPL",
        "close": 173.5,
        "change": 0.0123,
        "volume": 1234567,
        "session_date": "2008-01-02",
        "known_at": "2008-01-02T21:00:00Z",
        "hidden": "a",
    }
    assert shown["rows"][2]["close"] is None  # NaN
    assert shown["blanks"] == [{"row": 1, "column": "close", "kind": "not yet known"}]
    assert shown["columns"][3]["default_blank"] == "not yet known"
    assert shown["columns"][1]["source"] == {
        "table": "bars",
        "column": "close",
        "keys": {"security_id": "hidden"},
        "constants": {"basis": "close"},
    }


def test_cells_of_their_own_decimals_and_rows_of_an_emphasis_say_so() -> None:
    frame = pl.DataFrame({"rate": [1.0, 2.0], "places": [1, None], "tone": ["strong", ""]})
    column = Column("rate", "Rate", "number", 2, decimals_from="places")
    table = Table(frame, (column,), emphasis="tone")
    shown = json.loads(encode(Page("t", (Panel("table", "t", table),))))["panels"][0]["figure"]
    assert shown["decimals"] == {"rate": [1, None]}
    assert shown["emphasis"] == ["strong", ""]
    plain = json.loads(encode(Page("t", (Panel("table", "t", Table(frame, (Column("rate", "Rate"),))),))))
    assert not {"decimals", "emphasis"} & set(plain["panels"][0]["figure"])


def test_charts_are_columns(document: dict) -> None:
    candles = figure(document, "candles")
    assert {len(values) for values in candles["data"].values()} == {300}
    assert candles["data"]["session_date"][0] == "2008-01-02"
    assert candles["events"] == [{"date": "2008-03-03", "kind": "split", "label": "2:1 split"}]
    assert figure(document, "lines")["series"][0]["values"] == [1.0, None]
    assert figure(document, "bars")["values"] == [1.5, -3.0]


def test_lineage_holds_the_reads(document: dict) -> None:
    lineage = document["lineage"]
    assert lineage["asof"] == "2008-09-16T03:59:59.999999Z"
    assert lineage["reads"][0]["newest_known_at"] == "2008-09-15T20:00:00Z"
    assert lineage["reads"][0]["bases"] == ["exact"]


def test_outside_text_is_inert(document: dict) -> None:
    assert figure(document, "table")["rows"][1]["ticker"] == pages.HOSTILE_CLEAN
    text = encode(pages.every_figure())
    assert "\n" not in text
    assert not any(char in text for char in "\x1b\x9b\x07\u202e")


def test_canonical_bytes() -> None:
    text = encode(pages.every_figure())
    assert text == json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def test_hash_is_over_content_without_timings_or_lineage() -> None:
    page = pages.every_figure(seconds=0.01)
    assert page_hash(page) == page_hash(pages.every_figure(seconds=9.0))
    assert page_hash(page) == page_hash(replace(page, lineage=None))
    assert page_hash(page) != page_hash(replace(page, panels=page.panels[1:]))
    assert page_hash(page) != page_hash(replace(page, notes=()))


def test_one_panel_alone() -> None:
    document = json.loads(encode(pages.every_figure(), panel="bars"))
    assert [panel["name"] for panel in document["panels"]] == ["bars"]
    with pytest.raises(KeyError):
        encode(pages.every_figure(), panel="none such")


@given(
    st.lists(st.floats() | st.none(), min_size=1, max_size=20), st.lists(st.text(max_size=10), max_size=20)
)
def test_any_values_make_valid_json_that_reads_back(numbers: list, words: list[str]) -> None:
    frame = pl.DataFrame({"n": numbers}, schema={"n": pl.Float64})
    days = np.arange(len(numbers)).astype("datetime64[D]")
    series = Series("n", days, np.array([np.nan if n is None else n for n in numbers]))
    figures = (Table(frame, (Column("n", "N", "number"),)), Lines((series,)))
    page = Page(" ".join(words), tuple(Panel(f"p{i}", "", one) for i, one in enumerate(figures)))
    document = json.loads(encode(page), parse_constant=pytest.fail)  # no NaN, no Infinity
    expected = [n if n is not None and np.isfinite(n) else None for n in numbers]
    assert [row["n"] for row in document["panels"][0]["figure"]["rows"]] == expected
    assert page_hash(page) == page_hash(page)

"""ASOF DIFF's marks: restated only where a source row was, whatever the chart makes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest

from engine.desk import Desk
from engine.diff import differences
from engine.page import CellSource, Lines, Metric, Metrics, Page, Panel, Series, Table
from store import Batch

MakeDesk = Callable[..., Desk]


def marks(page: Page) -> dict[str, int]:
    found = page.panel("differences")
    assert found is not None
    assert isinstance(found.figure, Table)
    return dict(found.figure.frame["mark"].value_counts().rows())


def rows(page: Page) -> pl.DataFrame:
    found = page.panel("differences")
    assert found is not None
    assert isinstance(found.figure, Table)
    return found.figure.frame


@pytest.mark.parametrize("line", ["", "W", "M", "LINE", "W LINE", "TOTAL", "W TOTAL LOG", "M LINE"])
def test_a_split_restates_nothing(make_desk: MakeDesk, line: str) -> None:
    """Apple, two for one on 2005-02-28."""
    desk = make_desk()
    desk.run(f"AAPL GP 2004-01-01 2005-12-31 {line}")
    found = marks(desk.run("ASOF DIFF 2005-02-25 2005-02-28"))
    assert found["re-adjusted"] > 10
    assert "restated" not in found, found


@pytest.mark.parametrize(
    "line", ["AAPL HP 2004-01-01 2005-12-31", "DES AAPL", "GP AAPL IBM 2004-01-01 2005-12-31"]
)
def test_a_split_restates_no_table_value_or_comparison(make_desk: MakeDesk, line: str) -> None:
    desk = make_desk()
    desk.run(line)
    assert "restated" not in marks(desk.run("ASOF DIFF 2005-02-25 2005-02-28"))


def test_a_growing_month_is_one_bar_that_changes(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("IBM GP 2008-01-01 2008-12-31 M RAW")
    found = rows(desk.run("ASOF DIFF 2008-06-13 2008-06-16"))
    assert set(found["row"]) == {"2008-06-01"}
    assert set(found["mark"]) == {"changed"}
    assert {"close", "volume"} <= set(found["column"])


def test_a_newer_last_price_is_no_restatement(make_desk: MakeDesk) -> None:
    desk = make_desk()
    for line in ("W AAPL EURUSD", "DES AAPL", "DES EURUSD"):
        desk.run(line)
        found = marks(desk.run("ASOF DIFF 2005-01-03 2005-01-10"))
        assert found.get("changed", 0) > 0
        assert "restated" not in found, (line, found)


def correct(desk: Desk, ticker: str, day: date) -> None:
    """A vendor's correction of one bar, known since 2005-02-28."""
    security = desk.run(ticker).security
    assert security is not None
    row = {
        "security_id": [security.security_id], "session_date": [day], "open": [79.0], "high": [99.0], "low": [70.0],
        "close": [90.0], "volume": [1_000_000], "known_at": [datetime(2005, 2, 28, 23, tzinfo=UTC)],
        "known_basis": ["exact"],
    }  # fmt: skip
    desk.store.append(Batch("vendor", "correction", "1", {"bars": pl.DataFrame(row)}))


def test_a_correction_beside_a_split_is_told_from_it(make_desk: MakeDesk) -> None:
    desk = make_desk()
    correct(desk, "AAPL", date(2005, 2, 11))
    desk.run("AAPL GP 2005-01-01 2005-03-31")
    daily = rows(desk.run("ASOF DIFF 2005-02-25 2005-02-28"))
    restated = daily.filter(pl.col("mark") == "restated")
    assert set(restated["row"]) == {"2005-02-11"}
    assert set(restated["column"]) == {"open", "high", "low", "close", "volume"}
    assert daily.filter(pl.col("mark") == "re-adjusted").height > 100
    desk.run("AAPL GP 2005-01-01 2005-03-31 W")
    weekly = rows(desk.run("ASOF DIFF 2005-02-25 2005-02-28")).filter(pl.col("row") == "2005-02-07")
    told = dict(weekly.select("column", "mark").rows())
    assert told["close"] == "restated"  # still Friday's row, which says otherwise
    assert told["high"] == "changed"  # another day's now
    assert told["open"] == "re-adjusted"  # Monday's
    assert told["volume"] == "restated"
    desk.run("AAPL GP 2005-01-01 2005-03-31 LINE")
    line = rows(desk.run("ASOF DIFF 2005-02-25 2005-02-28"))
    assert line.filter(pl.col("mark") == "restated")["row"].to_list() == ["AAPL 2005-02-11"]


def test_a_new_vintage_is_revised(make_desk: MakeDesk) -> None:
    desk = make_desk()
    for line in ("GDPC1 HP 3Y", "GDPC1 GP 3Y", "DES GDPC1"):
        desk.run(line)
        found = marks(desk.run("ASOF DIFF 2016-06-30 2016-07-30"))
        assert found.get("revised", 0) + found.get("newly known", 0) + found.get("changed", 0) > 0
        assert "restated" not in found


SOURCE = CellSource("bars", "close", {"session_date": "session_date"}, {"security_id": 1})
DAYS = np.array(["2020-01-02"], dtype="datetime64[D]")


def drawn(value: float, factor: float | None) -> Page:
    factors = None if factor is None else np.array([factor])
    line = Series("A", DAYS, np.array([value]), source=SOURCE, formula="x", factors=factors)
    return Page("", (Panel("price", "", Lines((line,))),))


@pytest.mark.parametrize(
    ("early", "late", "mark"),
    [
        ((10.0, 1.0), (5.0, 0.5), "re-adjusted"),
        ((10.0, 1.0), (5.1, 0.5), "restated"),
        ((10.0, 1.0), (10.1, 1.0), "restated"),
        ((10.0, None), (5.0, None), "changed"),
        ((10.0, 1.0), (5.0, None), "changed"),
    ],
)
def test_the_mark_of_one_row(
    early: tuple[float, float | None], late: tuple[float, float | None], mark: str
) -> None:
    assert [d.mark for d in differences(drawn(*early), drawn(*late))] == [mark]


def test_a_labelled_value_of_another_row_is_changed() -> None:
    def page(value: float, day: date, factor: float | None = 1.0) -> Page:
        source = CellSource("bars", "close", {}, {"security_id": 1, "session_date": day})
        return Page(
            "", (Panel("m", "", Metrics((Metric("last", value, "price", source=source, factor=factor),))),)
        )

    first, second = date(2020, 1, 2), date(2020, 1, 3)
    assert [d.mark for d in differences(page(1.0, first), page(2.0, second))] == ["changed"]
    assert [d.mark for d in differences(page(1.0, first), page(2.0, first))] == ["restated"]
    assert [d.mark for d in differences(page(1.0, first), page(0.5, first, 0.5))] == ["re-adjusted"]

"""WEI and FXIP: values as of the clock, checked against the sources' own files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from engine.desk import Desk
from engine.errors import CommandError
from engine.page import Page, Table
from store import Batch, open_store

MakeDesk = Callable[..., Desk]


def rows(page: Page, name: str) -> dict[str, dict[str, object]]:
    panel = page.panel(name)
    assert panel is not None
    assert isinstance(panel.figure, Table)
    frame = panel.figure.frame
    first = "ticker" if "ticker" in frame.columns else "currency"
    return {str(row[first]): row for row in frame.iter_rows(named=True)}


def test_indices_at_a_clock(make_desk: MakeDesk) -> None:
    """S&P 500: 2,237.40 on the low of 2020-03-23; the embedded index ends before, closes alone run on."""
    desk = make_desk()
    desk.run("ASOF 2008-10-10")
    row = rows(desk.run("WEI"), "americas")["SPX"]
    assert row["session_date"] == date(2008, 10, 10)
    assert row["last"] == pytest.approx(899.22)
    assert row["day"] == pytest.approx(899.22 / 909.92 - 1, abs=1e-5)  # 2008-10-09: 909.92
    assert row["week"] == pytest.approx(899.22 / 1099.23 - 1, abs=1e-5)  # 2008-10-03: 1,099.23
    assert row["year"] == pytest.approx(899.22 / 1562.47 - 1, abs=1e-5)  # 2007-10-10: 1,562.47


def test_cross_rates_are_of_one_day(make_desk: MakeDesk) -> None:
    """ECB reference rates of 2008-09-15: EURUSD 1.4151, EURJPY 149.48."""
    desk = make_desk()
    desk.run("ASOF 2008-09-15")
    page = desk.run("FXIP USD EUR JPY")
    pairs, matrix = rows(page, "pairs"), rows(page, "crosses")
    euro = pairs["EURUSD"]["last"]
    yen = pairs["EURJPY"]["last"]
    assert isinstance(euro, float)
    assert isinstance(yen, float)
    assert matrix["USD"]["JPY"] == pytest.approx(yen / euro)
    assert matrix["JPY"]["EUR"] == pytest.approx(1 / yen)
    assert matrix["EUR"]["EUR"] is None
    panel = page.panel("crosses")
    assert panel is not None
    assert "2008-09-15" in panel.title


def test_retired_currencies_stay_out_of_the_matrix(make_desk: MakeDesk) -> None:
    page = make_desk().run("FXIP EUR CYP USD")
    assert rows(page, "pairs")["EURCYP"]["session_date"] == date(2007, 12, 31)
    assert set(rows(page, "crosses")) == {"EUR", "USD"}


def test_a_pair_that_runs_ahead_does_not_empty_the_matrix(make_desk: MakeDesk, home: Path) -> None:
    """One source has a later day of one pair alone: the matrix stays on the day that all pairs have."""
    store = open_store(home)
    euro = store.identify(["fx:EURUSD"])["fx:EURUSD"]
    later = {
        "security_id": euro, "session_date": date(2026, 11, 2), "open": 1.1, "high": 1.2, "low": 1.0, "close": 1.15,
        "volume": None, "known_at": datetime(2026, 11, 2, 22, tzinfo=UTC), "known_basis": "exact",
    }  # fmt: skip
    frame = pl.DataFrame([later], schema_overrides={"volume": pl.Int64})
    store.append(Batch("a dealer", "bars EURUSD", "one bar", {"bars": frame}))
    page = make_desk(store=store).run("FXIP EUR USD JPY")
    assert set(rows(page, "crosses")) == {"EUR", "USD", "JPY"}
    assert rows(page, "pairs")["EURUSD"]["year"] is not None  # the few bars do not hide years of closes


@pytest.mark.parametrize("line", ["FXIP EU USD", "FXIP USD"])
def test_bad_currencies_are_told(make_desk: MakeDesk, line: str) -> None:
    with pytest.raises(CommandError):
        make_desk().run(line)

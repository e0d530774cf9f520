"""SCREEN over securities of which only closes are known: one basis at a time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

import polars as pl
import pytest

from engine.desk import Desk
from engine.page import Table
from store import Batch, open_store

PRESENT = datetime(2021, 3, 31, 22, 0, tzinfo=UTC)
START, CHANGE = date(2019, 1, 2), date(2020, 12, 31)


def known(day: date) -> datetime:
    return datetime.combine(day, time(21, 5), UTC)


@pytest.mark.parametrize(("raw_from", "year"), [(CHANGE, None), (START, 1.2)])
def test_returns_are_of_one_basis(tmp_path: Path, raw_from: date, year: float | None) -> None:
    """A vendor's adjusted closes end where raw ones go on: their scales differ, and no return spans both."""
    store = open_store(tmp_path / "home")
    number = store.identify(["us-equity:TWO"])["us-equity:TWO"]
    name = {"security_id": number, "valid_from": START, "ticker": "TWO", "name": "Two", "market": "US EQUITY",
            "asset_class": "equity", "exchange": "XNYS", "currency": "USD", "unit": "USD a share", "calendar": "XNYS",
            "listing_date": START, "known_at": known(START), "known_basis": "exact"}  # fmt: skip
    days = store.reader(PRESENT).sessions(START, PRESENT.date()).astype(object).tolist()
    fresh = days[-252]
    rows = [
        {"security_id": number, "session_date": day, "basis": basis, "close": level, "known_at": known(day),
         "known_basis": "exact"}
        for day in days
        for basis, level in (("adjusted", 7.0), ("close", 600.0 if day >= fresh else 500.0))
        if (day < CHANGE if basis == "adjusted" else day >= raw_from)
    ]  # fmt: skip
    frames = {"securities": pl.DataFrame([name]), "closes": pl.DataFrame(rows)}
    store.append(Batch("own", "simulated", "1", frames))
    desk = Desk(store, "tester", clock=lambda: PRESENT)
    panel = desk.run("SCREEN 'close > 0' UNIVERSE=ALL COLUMNS=close,ret_1y,ret_1m").panel("results")
    assert panel is not None
    assert isinstance(panel.figure, Table)
    row = panel.figure.frame.row(0, named=True)
    desk.close()
    assert (row["close"], row["ret_1m"]) == (600.0, 0.0)
    assert row["ret_1y"] == (None if year is None else pytest.approx(year - 1.0))

"""Attribution by sector as it was at each entry, what is said where none is known, and the universe on the report."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from engine.desk import Desk
from engine.page import Page, Table, Text
from store import Batch, Store
from tests.runs.sweeping import PRESENT, at, made_store

LINE = "BACKTEST AAA 3SMA.20EMA 2017-06-01 2019-06-28"


def profile(number: int, since: date, sector: str) -> dict[str, Any]:
    return {"security_id": number, "valid_from": since, "sector": sector, "known_at": at(since),
            "known_basis": "exact"}  # fmt: skip


def told(store: Store, *profiles: dict[str, Any]) -> Page:
    if profiles:
        store.append(Batch("own market", "profiles", "2", {"profiles": pl.DataFrame(profiles)}))
    return Desk(store, "tester", clock=lambda: PRESENT).run(f"{LINE} PAGE=ATTRIBUTION")


def rows(page: Page, name: str) -> list[dict[str, Any]]:
    panel = page.panel(name)
    assert panel is not None
    assert isinstance(panel.figure, Table)
    return list(panel.figure.frame.iter_rows(named=True))


def notes(page: Page) -> str:
    return "\n".join(note.text for note in page.notes)


def test_a_trade_counts_to_the_sector_of_its_entry(tmp_path: Path) -> None:
    store, ids = made_store(tmp_path / "home")
    turn = date(2018, 6, 1)
    page = told(
        store, profile(ids["AAA"], date(2017, 1, 3), "Energy"), profile(ids["AAA"], turn, "Technology")
    )
    entered = [row["entry"] for row in rows(Desk(store, "tester", clock=lambda: PRESENT).run(
        f"{LINE} PAGE=TRADES"), "trades")]  # fmt: skip
    found = {row["name"]: row for row in rows(page, "sectors")}
    assert found["Energy"]["trades"] == sum(day < turn for day in entered)
    assert found["Technology"]["trades"] == sum(day >= turn for day in entered)
    whole = found.pop("together")["made"]
    assert sum(row["made"] for row in found.values()) == pytest.approx(whole, abs=0.01)


def test_where_no_sector_or_one_is_known_a_note_says_so(tmp_path: Path) -> None:
    store, ids = made_store(tmp_path / "home")
    page = told(store)
    assert page.panel("sectors") is None
    assert "No sector of what was traded is known" in notes(page)
    assert "FA PROFILE" in notes(page)
    # told after every trade: the first that became known stands for those before it
    page = told(store, profile(ids["AAA"], date(2019, 6, 28), "Energy"))
    assert page.panel("sectors") is None
    assert "All that was traded is of one sector, Energy" in notes(page)


def test_the_report_states_its_universe(tmp_path: Path) -> None:
    panel = (
        Desk(made_store(tmp_path / "home")[0], "tester", clock=lambda: PRESENT).run(LINE).panel("universe")
    )
    assert panel is not None
    assert panel.figure == Text((
        "Securities named in the command: no list tells who else could have been chosen. No position ended in a "
        "delisting.",
    ))  # fmt: skip

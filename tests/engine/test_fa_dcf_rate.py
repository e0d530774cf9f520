"""What FA DCF discounts at: the risk-free rate and beta that the clock knew, and what stands in for them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from engine.desk import Desk
from engine.figures import Field, Form
from engine.page import Page
from store import Batch, open_store
from tests.engine.companies import PRESENT, Company, at, build, naming

COMPANIES = (Company("OWN"),)


def field(page: Page, name: str) -> Field:
    panel = page.panel("assumptions")
    assert panel is not None
    assert isinstance(panel.figure, Form)
    return next(each for each in panel.figure.fields if each.name == name)


def test_without_a_curve_and_an_index_it_says_what_it_took(tmp_path: Path) -> None:
    store = open_store(tmp_path / "home")
    build(store, COMPANIES, curve=False, index=False)
    desk = Desk(store, "tester", clock=lambda: PRESENT)
    page = desk.run("OWN FA DCF")
    assert field(page, "riskfree").text == "4"
    assert "as stated" in field(page, "riskfree").basis
    assert field(page, "beta").text == "1"
    assert "beta cannot be measured" in field(page, "beta").basis
    told = " ".join(note.text for note in page.notes)
    assert "RISKFREE= types another" in told
    assert "BETA= types another" in told
    desk.close()


def test_returns_that_ended_long_ago_are_no_beta(tmp_path: Path) -> None:
    store = open_store(tmp_path / "home")
    build(store, COMPANIES)
    late = Desk(store, "late", clock=lambda: PRESENT + timedelta(days=400))
    page = late.run("OWN FA DCF")
    assert field(page, "beta").text == "1"
    assert "days before the clock" in field(page, "beta").basis
    late.close()


def test_the_rate_is_the_treasurys_else_aaa_else_a_bill(tmp_path: Path) -> None:
    store = open_store(tmp_path / "home")
    build(store, COMPANIES, curve=False)
    aaa, rf = store.identify(["fred:AAA", "ff:RF"]).values()
    names = [
        {**naming(aaa, "AAA", "MACRO", "macro"), "calendar": ""},
        {**naming(rf, "RF", "MACRO", "factor"), "calendar": ""},
    ]
    told = [
        {"security_id": aaa, "period_date": date(2023, month, 1), "value": 4.0 + month / 10,
         "known_at": at(date(2023, month + 1, 2)), "known_basis": "exact"}
        for month in (5, 6)
    ]  # fmt: skip
    bills = [
        {"security_id": rf, "session_date": day, "frequency": "day", "value": 0.0001, "known_at": at(day),
         "known_basis": "exact"}
        for day in (date(2020, 3, 2), date(2020, 3, 3))
    ]  # fmt: skip
    frames = {"securities": names, "observations": told, "factor_returns": bills}
    store.append(
        Batch("rates", "simulated", "1", {name: pl.DataFrame(rows) for name, rows in frames.items()})
    )
    desk = Desk(store, "tester", clock=lambda: PRESENT)
    page = desk.run("OWN FA DCF")
    assert float(field(page, "riskfree").text) == pytest.approx(4.6)
    assert "Aaa yield for want of the Treasury's" in field(page, "riskfree").basis
    assert "2023-06-01" in field(page, "riskfree").basis
    desk.asof = at(date(2023, 7, 1))  # June's mean was not published yet
    assert float(field(desk.run("OWN FA DCF"), "riskfree").text) == pytest.approx(4.5)
    desk.asof = at(date(2020, 3, 4))
    page = desk.run("OWN FA DCF")
    assert float(field(page, "riskfree").text) == pytest.approx(100 * (1.0001**252 - 1))
    assert any("RISKFREE= types another" in note.text for note in page.notes)
    assert "daily returns" in field(page, "beta").basis or "weekly returns" in field(page, "beta").basis
    desk.close()

"""OVME: one option on what was known at the clock; each assumption from where it says, and each of them editable."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from engine.desk import Desk
from engine.edit import with_argument
from engine.encode import encode
from engine.errors import AsofError, CommandError
from engine.figures import Field, Form, Heatmap
from engine.page import Curve, Metric, Metrics, Page, Table
from engine.quant.options import american, bachelier, bsm, bsm_greeks, garman_kohlhagen
from engine.registry import registry
from store import Batch, Store, open_store

MakeDesk = Callable[..., Desk]
FIXED = "VOLATILITY=30 RATE=4 YIELD=2 SPOT=100 DAYS=365"


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    return make_desk()


def figure(page: Page, name: str, kind: type) -> Any:
    panel = page.panel(name)
    assert panel is not None
    assert isinstance(panel.figure, kind)
    return panel.figure


def metrics(page: Page) -> dict[str, Metric]:
    return {item.label: item for item in figure(page, "price", Metrics).items}


def fields(page: Page) -> dict[str, Field]:
    return {field.name: field for field in figure(page, "form", Form).fields}


def rows(page: Page, panel: str, key: str) -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in figure(page, panel, Table).frame.iter_rows(named=True)}


def value(page: Page) -> float:
    found = metrics(page)["value"].value
    assert isinstance(found, float)
    return found


def numbered(store: Store, identity: str) -> int:
    return store.identify([identity])[identity]


def test_typed_inputs_are_priced_by_the_library(desk: Desk) -> None:
    page = desk.run(f"AAPL OVME 105 PUT STYLE=EUROPEAN {FIXED}")
    assert value(page) == pytest.approx(float(bsm(-1, 100.0, 105.0, 1.0, 0.04, 0.02, 0.3)), rel=1e-12)
    greeks, wanted = rows(page, "greeks", "greek"), bsm_greeks(-1, 100.0, 105.0, 1.0, 0.04, 0.02, 0.3)
    assert greeks["delta"]["shown"] == pytest.approx(float(wanted.delta))
    assert greeks["vega"]["shown"] == pytest.approx(float(wanted.vega) / 100)
    assert greeks["theta"]["shown"] == pytest.approx(float(wanted.theta) / 365)
    assert greeks["rho"]["shown"] == pytest.approx(float(wanted.rho) / 1e4)
    assert greeks["volga"]["plain"] == pytest.approx(float(wanted.volga))
    assert len(greeks) == 22
    assert metrics(page)["in the money"].value == pytest.approx(float(wanted.in_the_money))
    assert metrics(page)["break-even"].value == pytest.approx(105.0 - value(page))
    assert all(fields(page)[name].given for name in ("spot", "strike", "volatility", "rate", "yield"))


def test_shares_are_american_and_the_premium_is_shown(desk: Desk) -> None:
    page = desk.run(f"AAPL OVME 105 PUT {FIXED}")
    assert value(page) == pytest.approx(float(american(-1, 100.0, 105.0, 1.0, 0.04, 0.02, 0.3, "precise")))
    styles = rows(page, "styles", "option")
    assert styles["put"]["american"] - styles["put"]["european"] == pytest.approx(styles["put"]["premium"])
    assert styles["put"]["premium"] > 0.1
    assert styles["parity error"]["european"] == pytest.approx(0.0, abs=1e-12)


def test_defaults_are_the_clocks(desk: Desk) -> None:
    desk.run("ASOF 2012-10-01")
    page = desk.run("AAPL OVME")
    found = fields(page)
    assert found["spot"].text == "659.39"  # the close of the day, as traded
    assert found["expiry"].text == "2012-12-21"  # the third Friday nearest to three months ahead
    assert found["style"].text == "AMERICAN"
    table = next(
        panel.figure for panel in desk.run("AAPL HP MAX TOTAL").panels if isinstance(panel.figure, Table)
    )
    closes = table.frame.sort("session_date")["close"].to_numpy()
    returns = np.diff(np.log(closes))[-252:]
    assert float(found["volatility"].text) == pytest.approx(
        100 * returns.std(ddof=1) * math.sqrt(252), rel=0.02
    )
    assert "realised" in found["volatility"].basis
    assert float(found["yield"].text) == pytest.approx(
        100 * math.log1p(2.65 / 659.39), rel=1e-3
    )  # one dividend by then
    assert any("rate" in note.text for note in page.notes)


def test_an_old_last_close_dates_the_page(desk: Desk) -> None:
    page = desk.run("AAPL OVME")
    assert "priced 2013-03-01" in page.title
    assert any("SPOT= prices at the clock's day" in note.text for note in page.notes)
    assert "priced 2026-11-20" in desk.run("AAPL OVME SPOT=250").title


def test_a_price_implies_the_volatility_of_the_page(desk: Desk) -> None:
    for style in ("EUROPEAN", "AMERICAN"):
        line = f"AAPL OVME 105 PUT STYLE={style} {FIXED}"
        price = value(desk.run(line))
        page = desk.run(f"{line.replace('VOLATILITY=30', '')} PRICE={price!r}")
        assert metrics(page)["implied by PRICE="].value == pytest.approx(0.3, abs=1e-5)
        assert value(page) == pytest.approx(price, abs=1e-4)
        both = desk.run(f"{line.replace('=30', '=50')} PRICE={price!r}")
        assert metrics(both)["implied by PRICE="].value == pytest.approx(0.3, abs=1e-5)
        assert fields(both)["volatility"].text == "50"
    page = desk.run(f"AAPL OVME PRICE=150 {FIXED}")
    assert metrics(page)["implied by PRICE="].value is None
    assert any("implies no volatility: the price is at or above" in note.text for note in page.notes)


def test_a_currency_pair_has_two_rates(desk: Desk) -> None:
    page = desk.run("EURUSD OVME 1.2 RATE=5 YIELD=3 VOLATILITY=10% SPOT=1.1 DAYS=365")
    wanted = garman_kohlhagen(1, 1.1, 1.2, 1.0, 0.05, 0.03, 0.1)
    assert value(page) == pytest.approx(float(wanted), rel=1e-12)
    assert fields(page)["yield"].label == "foreign rate"
    assert metrics(page)["value"].unit == "USD"
    told = desk.run("EURUSD OVME VOLATILITY=10")
    assert any("No rate of EUR is kept" in note.text for note in told.notes)


def test_futures_are_black_76_and_levels_below_zero_bacheliers(desk: Desk) -> None:
    page = desk.run(f"AAPL OVME MODEL=BLACK76 STYLE=EUROPEAN {FIXED}")
    assert metrics(page)["forward"].value == pytest.approx(100.0)
    assert value(page) == pytest.approx(float(bsm(1, 100.0, 100.0, 1.0, 0.04, 0.04, 0.3)))
    page = desk.run("AAPL OVME -2 MODEL=BACHELIER SPOT=-3 VOLATILITY=5 RATE=2 DAYS=365")
    assert value(page) == pytest.approx(float(bachelier(1, -3.0, -2.0, 1.0, 5.0, math.exp(-0.02))))


def test_typed_cash_dividends_lower_calls(desk: Desk) -> None:
    line = "AAPL OVME VOLATILITY=30 RATE=4 SPOT=100 EXPIRY=2027-11-20 YIELD=0"
    plain, cash = desk.run(line), desk.run(f"{line} DIVIDENDS=2027-05-10:4,2028-05-10:4")
    assert value(plain) - value(cash) > 1.0
    assert fields(cash)["dividends"].shown == "4 on 2027-05-10"
    assert any("do not count" in note.text for note in cash.notes)
    assert rows(cash, "styles", "option")["parity error"]["european"] == pytest.approx(0.0, abs=2e-3)
    european = desk.run(f"{line} STYLE=EUROPEAN DIVIDENDS=2027-05-10:4")
    assert any("escrowed" in note.text for note in european.notes)


def test_declared_dividends_are_those_known(make_desk: MakeDesk, home: Path) -> None:
    store = open_store(home)
    number = numbered(store, "us-equity:AAPL")
    known = datetime(2013, 2, 20, 14, 0, tzinfo=UTC)
    declared = {
        "security_id": number, "kind": "dividend", "ex_date": date(2013, 5, 9), "amount": 3.05,
        "currency": "USD", "announced_date": date(2013, 2, 20), "known_at": known,
    }  # fmt: skip
    store.append(Batch("a test", "dividends", "1", {"actions": pl.DataFrame([declared])}, basis="exact"))
    desk = make_desk(store=store)
    desk.run("ASOF 2013-02-25")
    assert fields(desk.run("AAPL OVME DIVIDENDS=DECLARED"))["dividends"].shown == "3.05 on 2013-05-09"
    desk.run("ASOF 2013-02-15")
    assert fields(desk.run("AAPL OVME DIVIDENDS=DECLARED"))["dividends"].shown == "none is declared"


def test_the_treasurys_curve_gives_the_rate(make_desk: MakeDesk, home: Path) -> None:
    store = open_store(home)
    curve = numbered(store, "curve:UST")
    at = datetime(2013, 2, 25, 23, 0, tzinfo=UTC)
    names = {
        "security_id": curve, "valid_from": date(1990, 1, 2), "ticker": "UST", "market": "GOVT", "name": "Treasury",
        "asset_class": "government", "currency": "USD", "known_at": datetime(1990, 1, 2, tzinfo=UTC),
    }  # fmt: skip
    rates = [
        {"security_id": curve, "session_date": date(2013, 2, 25), "tenor": tenor, "years": years, "rate": rate,
         "known_at": at}
        for tenor, years, rate in (("1M", 1 / 12, 0.01), ("6M", 0.5, 0.02), ("1Y", 1.0, 0.03))
    ]  # fmt: skip
    frames = {"securities": pl.DataFrame([names]), "yield_curves": pl.DataFrame(rates)}
    store.append(Batch("a test", "curve", "1", frames, basis="exact"))
    desk = make_desk(store=store)
    desk.run("ASOF 2013-02-26")
    found = fields(desk.run("AAPL OVME DAYS=365"))["rate"]
    assert float(found.text) == pytest.approx(200 * math.log1p(0.015))
    assert "2013-02-25" in found.basis


def test_a_quote_of_the_chain_gives_the_volatility(make_desk: MakeDesk, home: Path) -> None:
    store = open_store(home)
    at = datetime(2013, 2, 28, 20, 0, tzinfo=UTC)
    expiry, spot, strike = date(2013, 5, 17), 441.4, 440.0
    mid = float(american(-1, spot, strike, (expiry - at.date()).days / 365, 0.0, 0.0, 0.41))
    quote = {
        "security_id": numbered(store, "us-equity:AAPL"), "session_date": at.date(), "quoted_at": at,
        "expiry": expiry, "strike": strike, "right": "put", "contract": "AAPL130517P00440000",
        "bid": mid - 0.1, "ask": mid + 0.1, "underlying_price": spot, "known_at": at, "last_traded_at": at,
    }  # fmt: skip
    store.append(Batch("a test", "chain", "1", {"option_quotes": pl.DataFrame([quote])}, basis="exact"))
    desk = make_desk(store=store)
    desk.run('ASOF "2013-02-28 18:00"')
    found = fields(desk.run("AAPL OVME 440 RATE=0 YIELD=0"))["volatility"]
    assert float(found.text) == pytest.approx(41, abs=0.1)
    assert "AAPL130517P00440000" in found.basis
    assert "realised" in fields(desk.run("AAPL OVME 300 RATE=0 YIELD=0"))["volatility"].basis


def test_the_map_and_the_curve_agree_with_the_price(desk: Desk) -> None:
    page = desk.run(f"AAPL OVME STYLE=EUROPEAN {FIXED}")
    grid = figure(page, "map", Heatmap)
    assert grid.values[4, 5] == pytest.approx(value(page))  # the middle: the spot, the volatility
    assert (np.diff(grid.values, axis=0) >= 0).all()  # dearer with volatility
    assert (np.diff(grid.values, axis=1) > 0).all()  # and with the spot
    days = figure(desk.run(f"AAPL OVME STYLE=EUROPEAN MAP=DAYS SHOW=PROFIT PRICE=12 {FIXED}"), "map", Heatmap)
    assert days.rows[0] == "365d"
    assert days.rows[-1] == "0d"
    assert days.values[-1, 0] == pytest.approx(-12.0)
    curve = figure(page, "payoff", Curve)
    assert {series.name for series in curve.series} == {"now", "half way", "at expiry", "profit"}


def test_every_field_can_be_edited(desk: Desk) -> None:
    line = f"AAPL OVME STYLE=EUROPEAN {FIXED}"
    page = desk.run(line)
    base = page.lineage.command  # type: ignore[union-attr]
    edits = {
        "spot": "110", "strike": "120", "kind": "PUT", "style": "AMERICAN", "model": "BLACK76", "volatility": "45%",
        "rate": "1%", "yield": "0.5%", "dividends": "2027-03-01:1", "price": "9", "map": "DAYS", "show": "PROFIT",
    }  # fmt: skip
    for name in fields(page).keys() - edits.keys():
        assert name == "expiry"
    for name, text in edits.items():
        again = desk.run(with_argument(base, name, text, registry()))
        assert encode(again, "json") != encode(page, "json"), name
    assert value(desk.run(with_argument(base, "volatility", "45%", registry()))) > value(page)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("AAPL OVME STRIKE=-5", "must be positive"),
        ("AAPL OVME EXPIRY=2001-01-01", "expired on 2001-01-01"),
        ("AAPL OVME DAYS=30 EXPIRY=2014-01-01", "give one of them"),
        ("AAPL OVME DIVIDENDS=soon", "is not a dividend"),
        ("EURUSD OVME DIVIDENDS=2027-03-01:1", "belong to options on shares"),
        ("AAPL OVME MODEL=BACHELIER STYLE=AMERICAN", "European only"),
        ("AAPL OVME MODEL=BACHELIER PRICE=3", "lognormal models only"),
        ("AAPL OVME STYLE=EUROPEAN DIVIDENDS=2013-05-09:500", "must be above zero"),
    ],
)  # fmt: skip
def test_what_cannot_be_priced_is_told(desk: Desk, line: str, told: str) -> None:
    with pytest.raises(CommandError if "500" not in line else AsofError, match=told):
        desk.run(line)


def test_rates_count_in_per_cent_and_a_fraction_is_told(desk: Desk) -> None:
    line = "AAPL OVME 100 SPOT=100 DAYS=365 VOLATILITY={} RATE={} YIELD={}"
    plain, signed = (desk.run(line.format(*words)) for words in (("30", "4", "2"), ("30%", "4%", "2%")))
    assert value(plain) == value(signed)
    assert fields(plain)["rate"].shown == "4.000%"
    faint = desk.run(line.format("0.3", "4", "2"))
    assert any("30 is 30%" in note.text for note in faint.notes)
    assert not any("30 is 30%" in note.text for note in plain.notes)


@pytest.mark.parametrize(
    "line",
    [
        "AAPL OVME 450 9999-12-31",
        "AAPL OVME 1e300",
        "AAPL OVME SPOT=1e308",
        "AAPL OVME DAYS=1 1e9",  # QuantLib finds no exercise boundary
        "JPM OVME YIELD=200 DAYS=36500 DIVIDENDS=2026-12-20:1 PUT",  # nor a grid
        "AAPL OVME VOLATILITY=1000 STYLE=AMERICAN 0.01",
    ],
)
def test_what_no_market_has_is_priced_or_refused_in_words(desk: Desk, line: str) -> None:
    try:
        page = desk.run(line)
    except AsofError as fault:
        assert str(fault)
    else:
        assert math.isfinite(value(page))


def test_a_yield_beside_cash_dividends_counts_in_both_styles(desk: Desk) -> None:
    line = (
        "AAPL OVME SPOT=100 100 DAYS=365 RATE=4 YIELD=3 VOLATILITY=25 DIVIDENDS=2027-03-01:2 STYLE=EUROPEAN"
    )
    page = desk.run(line)
    assert abs(rows(page, "styles", "option")["parity error"]["european"]) < 5e-3
    call, put = value(page), value(desk.run(f"{line} PUT"))
    found = metrics(page)
    assert call - put == pytest.approx(found["discount"].value * (found["forward"].value - 100.0), abs=1e-9)


def test_a_futures_american_rho_leaves_the_future_where_it_is(desk: Desk) -> None:
    page = desk.run(f"AAPL OVME {FIXED} STRIKE=95 MODEL=BLACK76 STYLE=AMERICAN")
    up, down = (float(american(1, 100.0, 95.0, 1.0, r, r, 0.3, "precise")) for r in (0.041, 0.039))
    assert rows(page, "greeks", "greek")["rho"]["plain"] == pytest.approx((up - down) / 0.002, rel=1e-3)


@pytest.mark.parametrize(("price", "why"), [("0.0001", "below"), ("99.9999", "at or above")])
def test_a_price_that_implies_nothing_says_on_which_side(desk: Desk, price: str, why: str) -> None:
    line = f"AAPL OVME VOLATILITY=30 RATE=4 SPOT=100 DAYS=365 100 PUT DIVIDENDS=2027-03-01:2 PRICE={price}"
    told = metrics(desk.run(line))["implied by PRICE="]
    assert told.value is None
    assert why in told.note


def test_declared_dividends_that_are_none_leave_the_yield_and_say_so(desk: Desk) -> None:
    page = desk.run(f"AAPL OVME {FIXED} PUT STRIKE=100 DIVIDENDS=DECLARED")
    assert any("the dividend yield stands" in note.text for note in page.notes)
    assert value(page) == value(desk.run(f"AAPL OVME {FIXED} PUT STRIKE=100"))
    assert math.copysign(1.0, metrics(page)["intrinsic"].value) == 1.0

"""OVDV: the surface of the chain at the clock, what it throws out, and what it says where there is none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from engine.desk import Desk
from engine.encode import encode
from engine.errors import AsofError, CommandError, DataError
from engine.figures import Surface
from engine.page import Curve, Metrics, Page, Table
from engine.quant.options import black76
from engine.quant.surface import Reason, ssvi_total_variance
from providers.cboe import SOURCE
from providers.source import Request, Subject
from store import Batch, Store, open_store
from tests.providers.sources.loopback import Said, ask, recorded, serving

MakeDesk = Callable[..., Desk]
THEN = datetime(2013, 2, 28, 20, 45, tzinfo=UTC)  # the embedded bars of AAPL reach 2013-03-01
SPOT, RATE, YIELD = 441.0, 0.01, 0.02
EXPIRIES = (date(2013, 3, 28), date(2013, 4, 26), date(2013, 6, 21), date(2013, 12, 20), date(2014, 6, 20))
RHO, ETA, GAMMA = -0.4, 1.0, 0.4


def years(expiry: date, at: datetime) -> float:
    close = datetime(expiry.year, expiry.month, expiry.day, 16, tzinfo=ZoneInfo("America/New_York"))
    return (close - at) / timedelta(days=365)


def level(t: float, volatility: float) -> float:
    return volatility**2 * t


def chain(at: datetime, volatility: float = 0.3, exercise: str = "european") -> pl.DataFrame:
    """Both sides of 25 strikes of each expiry on one SSVI surface, two cents around the model's price."""
    rows: list[dict[str, Any]] = []
    for expiry in EXPIRIES:
        t = years(expiry, at)
        forward, discount = SPOT * np.exp((RATE - YIELD) * t), np.exp(-RATE * t)
        strikes = np.unique(
            np.round(forward * np.exp(np.linspace(-2, 2, 25) * volatility * np.sqrt(t)) / 5) * 5
        )
        w = ssvi_total_variance(np.log(strikes / forward), level(t, volatility), RHO, ETA, GAMMA)
        for right, kind in (("call", 1.0), ("put", -1.0)):
            prices = black76(kind, forward, strikes, t, np.sqrt(w / t), discount)
            rows += [
                {
                    "session_date": at.date(), "quoted_at": at, "expiry": expiry, "strike": float(strike),
                    "right": right, "bid": float(price) - 0.02, "ask": float(price) + 0.02, "open_interest": 10,
                    "contract": f"AAPL{expiry:%y%m%d}{right[0].upper()}{int(strike * 1000):08d}", "volume": 1,
                    "underlying_price": SPOT, "known_at": at, "exercise": exercise,
                }
                for strike, price in zip(strikes, prices, strict=True)
            ]  # fmt: skip
    return pl.DataFrame(rows)


def kept(store: Store, frame: pl.DataFrame) -> None:
    number = store.identify(["us-equity:AAPL"])["us-equity:AAPL"]
    whole = frame.with_columns(security_id=pl.lit(number))
    store.append(
        Batch("a test", "chain", str(frame["quoted_at"][0]), {"option_quotes": whole}, basis="exact")
    )


@pytest.fixture
def desk(make_desk: MakeDesk, home: Path) -> Desk:
    store = open_store(home)
    kept(store, chain(THEN))
    kept(store, chain(THEN + timedelta(days=1), 0.5))
    desk = make_desk(store=store)
    desk.run("ASOF 2013-02-28")
    return desk


def table(page: Page, name: str) -> pl.DataFrame:
    panel = page.panel(name)
    assert panel is not None
    assert isinstance(panel.figure, Table)
    return panel.figure.frame


def metric(page: Page, label: str) -> Any:
    panel = page.panel("summary")
    assert panel is not None
    assert isinstance(panel.figure, Metrics)
    return next(item.value for item in panel.figure.items if item.label == label)


@pytest.mark.parametrize("model", ["SVI", "SSVI"])
def test_the_market_that_made_the_quotes_is_shown(desk: Desk, model: str) -> None:
    page = desk.run(f"AAPL OVDV {model}")
    frame = table(page, "expiries")
    assert frame["expiry"].to_list() == list(EXPIRIES)
    times = np.array([years(day, THEN) for day in EXPIRIES])
    np.testing.assert_allclose(frame["forward"], SPOT * np.exp((RATE - YIELD) * times), rtol=1e-4)
    np.testing.assert_allclose(frame["money"], 0.3, atol=1e-3)
    assert (frame["rr25"] < 0).all()
    assert (frame["inside"] > 0.95).all()
    assert metric(page, "arbitrage") == "none found"
    assert metric(page, "age").endswith("min")


def test_the_chain_is_the_one_known_at_the_clock(desk: Desk) -> None:
    assert metric(desk.run("AAPL OVDV"), "30-day ATM") == pytest.approx(0.3, abs=2e-3)
    desk.run("ASOF 2013-03-01")
    assert metric(desk.run("AAPL OVDV"), "30-day ATM") == pytest.approx(0.5, abs=2e-3)
    desk.run("ASOF 2013-02-27")
    with pytest.raises(AsofError, match=r"No option chain .*KEYS ALLOW CBOE.*asof import"):
        desk.run("AAPL OVDV")


@pytest.mark.parametrize("axis", ["DELTA", "MONEYNESS", "STRIKE"])
def test_the_surface_over_each_axis(desk: Desk, axis: str) -> None:
    panel = desk.run(f"AAPL OVDV {axis}").panel("surface")
    assert panel is not None
    surface = panel.figure
    assert isinstance(surface, Surface)
    assert surface.values.shape == (len(EXPIRIES), len(surface.x))
    assert (np.diff(surface.x) > 0).all()
    known = np.isfinite(surface.values)
    assert known.mean() > 0.5
    assert (surface.values[known] > 0.2).all()
    for point in surface.points:  # a quote lies on the surface that it made
        if point.used:
            row = int(np.argmin(np.abs(surface.y - point.y)))
            line = surface.values[row]
            if np.isfinite(there := np.interp(point.x, surface.x, line)):
                assert there == pytest.approx(point.value, abs=0.02)


def test_what_is_thrown_out_is_listed_with_its_reason(make_desk: MakeDesk, home: Path) -> None:
    frame = chain(THEN)
    at = frame.with_row_index().filter((pl.col("right") == "call") & (pl.col("strike") > SPOT * 1.05))[
        "index"
    ]
    crossed, old, one_sided = frame["contract"][at[0]], frame["contract"][at[3]], frame["contract"][at[5]]
    odd = frame.filter(pl.col("contract") == frame["contract"][at[8]]).with_columns(
        contract=pl.col("contract").str.replace("AAPL", "AAPL1"), bid=5.0, ask=5.1
    )
    frame = pl.concat([frame, odd]).with_columns(
        bid=pl.when(pl.col("contract") == crossed).then(99.0).when(pl.col("contract") == one_sided).then(0.0)
        .otherwise(pl.col("bid")),
        quoted_at=pl.when(pl.col("contract") == old).then(pl.col("quoted_at") - timedelta(hours=2))
        .otherwise(pl.col("quoted_at")),
    )  # fmt: skip
    store = open_store(home)
    kept(store, frame)
    desk = make_desk(store=store)
    desk.run("ASOF 2013-02-28")
    page = desk.run("AAPL OVDV")
    found = dict(table(page, "thrown").select("contract", "reason").iter_rows())
    assert found == {
        crossed: Reason.CROSSED, old: Reason.STALE, one_sided: Reason.ZERO_BID, odd["contract"][0]: Reason.ADJUSTED,
    }  # fmt: skip
    counts = dict(table(page, "reasons").select("reason", "count").iter_rows())
    assert sum(counts.values()) == frame.height
    assert old not in table(desk.run("AAPL OVDV STALE=180"), "thrown")["contract"].to_list()


def test_implied_stands_beside_realised(desk: Desk) -> None:
    frame = table(desk.run("AAPL OVDV"), "realised")
    month = frame.row(0, named=True)
    assert month["implied"] == pytest.approx(0.3, abs=2e-3)
    assert 0.1 < month["closes"] < 0.8
    assert month["ranges"] == pytest.approx(month["closes"], rel=0.6)
    assert month["premium"] == pytest.approx(month["implied"] ** 2 - month["closes"] ** 2)


def test_american_quotes_say_how_they_were_read(make_desk: MakeDesk, home: Path) -> None:
    store = open_store(home)
    kept(store, chain(THEN, exercise="american"))
    desk = make_desk(store=store)
    desk.run("ASOF 2013-02-28")
    page = desk.run("AAPL OVDV RATE=1")
    assert any("early exercise" in note.text and "1.00% as given" in note.text for note in page.notes)
    assert set(table(page, "expiries")["basis"]) == {"given"}
    assert table(page, "expiries")["rate"].to_list() == pytest.approx([0.01] * len(EXPIRIES))


def test_deltas_of_the_underlying(desk: Desk) -> None:
    forward, spot = (table(desk.run(f"AAPL OVDV DELTA={word}"), "expiries") for word in ("FORWARD", "SPOT"))
    assert forward["rr25"].to_list() != spot["rr25"].to_list()
    np.testing.assert_allclose(forward["rr25"], spot["rr25"], atol=5e-3)


def test_a_chosen_expirys_smile_and_quotes(desk: Desk) -> None:
    page = desk.run("AAPL OVDV EXPIRY=2013-06-21")
    panel = page.panel("smile")
    assert panel is not None
    assert isinstance(panel.figure, Curve)
    assert panel.title == "smile of 2013-06-21"
    assert [series.name for series in panel.figure.series] == ["fit", "bid", "mid", "ask"]
    quotes = table(page, "quotes")
    assert 5 <= len(panel.figure.series[0].x) <= quotes.height
    assert (quotes["error"].abs() < 0.5).all()
    with pytest.raises(CommandError, match="nearest are"):
        desk.run("AAPL OVDV EXPIRY=2013-06-22")
    assert (quotes["inside"] == "yes").all()


def test_choosing_an_expiry_keeps_the_assumptions(desk: Desk) -> None:
    line = table(desk.run("AAPL OVDV SSVI STRIKE RATE=1 WIDE=40"), "expiries")["command"][2]
    page = desk.run(line)
    assert page.lineage is not None
    for word in ("MODEL=SSVI", "AXIS=STRIKE", "RATE=1", "WIDE=40", "EXPIRY=2013-06-21"):
        assert word in page.lineage.command


def test_the_treasurys_curve_is_what_american_quotes_are_discounted_at(
    make_desk: MakeDesk, home: Path
) -> None:
    store = open_store(home)
    kept(store, chain(THEN, exercise="american"))
    curve = store.identify(["government:UST"])["government:UST"]
    known = THEN - timedelta(days=1)
    naming = {
        "security_id": curve, "valid_from": date(2010, 1, 1), "ticker": "UST", "name": "a curve", "market": "GOVT",
        "asset_class": "government", "exchange": "", "currency": "USD", "unit": "", "calendar": "", "note": "",
        "known_at": datetime(2010, 1, 1, tzinfo=UTC),
    }  # fmt: skip
    rates = [
        {
            "security_id": curve,
            "session_date": known.date(),
            "tenor": tenor,
            "years": t,
            "rate": 0.02,
            "known_at": known,
        }
        for tenor, t in (("1M", 1 / 12), ("1Y", 1.0), ("5Y", 5.0))
    ]
    frames = {"securities": pl.DataFrame([naming]), "yield_curves": pl.DataFrame(rates)}
    store.append(Batch("a test", "curve", "x", frames, basis="exact"))
    desk = make_desk(store=store)
    desk.run("ASOF 2013-02-28")
    frame = table(desk.run("AAPL OVDV"), "expiries")
    assert frame["rate"].to_list() == pytest.approx([2 * np.log1p(0.01)] * len(EXPIRIES))


def test_wrong_input_is_told(desk: Desk) -> None:
    with pytest.raises(CommandError, match="rate must be at most 100"):
        desk.run("AAPL OVDV RATE=500")


def test_a_chain_that_makes_no_surface_says_why(make_desk: MakeDesk, home: Path) -> None:
    store = open_store(home)
    kept(store, chain(THEN).with_columns(bid=pl.lit(0.0)))
    desk = make_desk(store=store)
    desk.run("ASOF 2013-02-28")
    with pytest.raises(DataError, match=r"makes no surface.*no bid: one-sided.*OMON shows the quotes"):
        desk.run("AAPL OVDV")


@pytest.mark.parametrize("form", ["json", "csv", "text"])
def test_the_page_is_written_out_and_made_again(desk: Desk, form: str) -> None:
    page = desk.run("AAPL OVDV")
    again = desk.run("AAPL OVDV")
    assert page.lineage is not None
    assert again.lineage is not None
    assert page.lineage.snapshot_id == again.lineage.snapshot_id
    assert encode(page, form)


def test_cboes_recorded_chain(make_desk: MakeDesk, home: Path, tmp_path: Path) -> None:
    body = recorded("cboe", "delayed_quotes_options_AAPL.json.json.gz")
    now = datetime(2026, 7, 25, 4, 0, tzinfo=UTC)
    with serving(lambda asked: Said(body)) as server:
        answer = ask(SOURCE, Request("options", Subject("us-equity:AAPL", "AAPL")), server, tmp_path, now=now)
    store = open_store(home)
    number = store.identify(["us-equity:AAPL"])["us-equity:AAPL"]
    frame = answer.frames["option_quotes"].with_columns(security_id=pl.lit(number)).drop("identity")
    store.append(Batch("cboe", "AAPL options", answer.answer_hash, {"option_quotes": frame}))
    page = make_desk(store=store).run("AAPL OVDV")
    expiries = table(page, "expiries")
    assert expiries.height >= 20
    assert expiries["money"].is_between(0.15, 0.45).all()
    assert (
        np.diff(expiries["forward"].to_numpy()) > -0.5
    ).all()  # a forward of a share without odd dividends rises
    assert metric(page, "fit RMSE") < 0.006
    assert metric(page, "inside the spread") > 0.95
    counts = dict(table(page, "reasons").select("reason", "count").iter_rows())
    assert sum(counts.values()) == frame.height
    assert metric(make_desk(store=store).run("AAPL OVDV SSVI"), "arbitrage") == "none found"

"""OPT: bounds, aims, views, and the check out of sample."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from engine.desk import Desk
from engine.errors import AsofError, CommandError
from engine.figures import Heatmap, Scatter
from engine.functions._opt_words import caps, views
from engine.page import Metrics, Page, SecurityRef, Table
from store import Batch, open_store

STOCKS = "AAPL MSFT IBM GE JPM XOM"


def table(page: Page, name: str) -> pl.DataFrame:
    panel = page.panel(name)
    assert panel is not None
    assert isinstance(panel.figure, Table)
    return panel.figure.frame


def weights(page: Page) -> dict[str, float]:
    frame = table(page, "weights")
    return dict(zip(frame["ticker"], frame["weight"], strict=True))


@pytest.mark.parametrize("aim", ["MINVAR", "SHARPE", "PARITY", "DIVERSIFY", "CVAR", "HRP", "EQUAL"])
def test_every_aim_adds_up_and_is_its_row_of_the_grid(make_desk: Callable[[], Desk], aim: str) -> None:
    page = make_desk().run(f"OPT {STOCKS} {aim} 3Y")
    found = weights(page)
    assert sum(found.values()) == pytest.approx(1.0)
    assert min(found.values()) >= -1e-9
    panel = page.panel("aims")
    assert panel is not None
    assert isinstance(panel.figure, Heatmap)
    row = panel.figure.values[panel.figure.rows.index(aim)]
    np.testing.assert_allclose(row, [found[name] for name in panel.figure.columns], atol=1e-9)


def test_bounds_and_targets_hold(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    bounded = weights(desk.run(f"OPT {STOCKS} SHARPE HIGH=30 LOW=5 3Y"))
    assert max(bounded.values()) <= 0.3 + 1e-6
    assert min(bounded.values()) >= 0.05 - 1e-6
    near = desk.run(f"OPT {STOCKS} TURNOVER=20 3Y")
    assert table(near, "weights")["change"].abs().sum() <= 0.2 + 1e-5
    aimed = desk.run(f"OPT {STOCKS} VOLATILITY TARGET=25 5Y")
    panel = aimed.panel("frontier")
    assert panel is not None
    assert isinstance(panel.figure, Scatter)
    chosen = next(mark for mark in panel.figure.marks if mark.group == "chosen")
    assert chosen.x == pytest.approx(0.25, abs=1e-4)


def test_no_mark_lies_above_the_frontier(make_desk: Callable[[], Desk]) -> None:
    panel = make_desk().run(f"OPT {STOCKS} 5Y").panel("frontier")
    assert panel is not None
    figure = panel.figure
    assert isinstance(figure, Scatter)
    line = figure.lines[0]
    for mark in figure.marks:
        if mark.x <= line.x[-1]:
            assert mark.y <= np.interp(mark.x, line.x, line.y) + 1e-4
            assert mark.x >= line.x[0] - 1e-6


def test_views_move_weights_their_way(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    plain = weights(desk.run("OPT AAPL MSFT IBM BL VIEWS=MSFT=8% MEANS=IMPLIED 3Y"))
    liked = weights(desk.run('OPT AAPL MSFT IBM BL VIEWS="MSFT=30%" CONFIDENCE=90 3Y'))
    assert liked["MSFT"] > plain["MSFT"]


def test_out_of_sample_uses_the_first_part_alone(make_desk: Callable[[], Desk]) -> None:
    """Weights by hand from the first two thirds, held over the last."""
    from engine.quant.portfolio import hold, minimum_variance
    from engine.quant.risk import sample_covariance
    from engine.returns import returns_of

    desk = make_desk()
    page = desk.run("OPT AAPL MSFT IBM COVARIANCE=SAMPLE PERIOD=2008-01-02..2012-12-31")
    line = table(page, "outside").filter(pl.col("aim") == "MINVAR").to_dicts()[0]
    context = desk.context(None, None, None)
    refs = [context.directory.resolve(name).security.ref for name in ("AAPL", "MSFT", "IBM")]
    found = returns_of(context, refs, start=date(2008, 1, 2), end=date(2012, 12, 31))
    learnt = int(len(found.dates) * 2 / 3)
    chosen = minimum_variance(sample_covariance(found.values[:learnt]).matrix)
    rest = hold(found.values[learnt:], chosen).returns
    assert line["volatility"] == pytest.approx(rest.std(ddof=1) * np.sqrt(252), rel=1e-4)


def test_sector_caps_hold_as_known_at_the_clock(make_desk: Callable[..., Desk], home: Path) -> None:
    store = open_store(home)
    desk = make_desk(store=store)
    context = desk.context(None, None, None)
    sectors = {"AAPL": "Technology", "MSFT": "Technology", "XOM": "Energy"}
    known = datetime(2005, 1, 3, 21, tzinfo=UTC)
    rows = [
        {
            "security_id": context.directory.resolve(name).security.ref.security_id,
            "valid_from": date(2005, 1, 3), "sector": sector, "known_at": known, "known_basis": "exact",
        }
        for name, sector in sectors.items()
    ]  # fmt: skip
    store.append(Batch("a test", "profiles", "1", {"profiles": pl.DataFrame(rows)}))
    found = weights(desk.run('OPT AAPL MSFT XOM CAPS="technology<=30%" 3Y'))
    assert found["AAPL"] + found["MSFT"] <= 0.3 + 1e-6
    with pytest.raises(CommandError, match="sector"):
        desk.run('OPT AAPL MSFT XOM CAPS="Banks<=30%" 3Y')


@pytest.mark.parametrize(
    "line",
    [
        "OPT AAPL", "OPT AAPL MSFT HIGH=30", "OPT AAPL MSFT LOW=60", "OPT AAPL MSFT RETURN", "OPT AAPL MSFT BL",
        'OPT AAPL MSFT BL VIEWS="IBM=3%"', "OPT AAPL MSFT RETURN TARGET=900", 'OPT AAPL MSFT CAPS="Tech<=20%"',
        "OPT AAPL MSFT LOW=50 HIGH=40", "OPT AAPL MSFT CAPS=nonsense", "OPT PF=none",
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_words(make_desk: Callable[[], Desk], line: str) -> None:
    with pytest.raises(AsofError) as fault:
        make_desk().run(line)
    assert len(str(fault.value)) > 20


def ref(number: int, ticker: str) -> SecurityRef:
    return SecurityRef(number, ticker, "US EQUITY", ticker, "equity")


def test_words_of_views_and_caps() -> None:
    picks, said = views("AAPL=12%, MSFT-IBM = 3", [ref(1, "AAPL"), ref(2, "MSFT"), ref(3, "IBM")])
    assert picks.tolist() == [[1, 0, 0], [0, 1, -1]]
    assert said.tolist() == [0.12, 0.03]
    assert caps("Energy<=20%, Consumer Staples >= 5") == ({"Consumer Staples": 0.05}, {"Energy": 0.2})
    with pytest.raises(CommandError, match="itself"):
        views("AAPL-AAPL=3%", [ref(1, "AAPL")])


def test_least_shortfall_at_an_expected_return(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()

    def shown(line: str) -> dict[str, float]:
        figure = desk.run(line).panel("facts")
        assert figure is not None
        assert isinstance(figure.figure, Metrics)
        return {item.label: item.value for item in figure.figure.items if isinstance(item.value, float)}

    free, held = shown("OPT AAPL MSFT IBM CVAR"), shown("OPT AAPL MSFT IBM CVAR TARGET=25")
    assert free["expected return"] < 0.25
    assert held["expected return"] == pytest.approx(0.25, abs=1e-6)
    label = "shortfall, worst 5% of days"
    assert held[label] > free[label]

"""PORT: holdings, identities of what is shown, keeping and deleting, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from engine.desk import Desk
from engine.errors import AsofError, CommandError, DataError
from engine.figures import Form, Treemap, Waterfall
from engine.page import Lines, Metrics, Page, Table


def figure(page: Page, name: str) -> object:
    panel = page.panel(name)
    assert panel is not None, name
    return panel.figure


def table(page: Page, name: str) -> Table:
    found = figure(page, name)
    assert isinstance(found, Table)
    return found


def fact(page: Page, label: str) -> float:
    found = figure(page, "facts")
    assert isinstance(found, Metrics)
    value = next(item.value for item in found.items if item.label == label)
    assert isinstance(value, float)
    return value


def test_contributions_and_risk_add_up(make_desk: Callable[[], Desk]) -> None:
    page = make_desk().run("PORT AAPL MSFT IBM WEIGHTS=50,30,20")
    frame = table(page, "holdings").frame
    assert frame["weight"].to_list() == [0.5, 0.3, 0.2]
    assert frame["contribution"].sum() == pytest.approx(fact(page, "return"), abs=1e-9)
    assert frame["risk"].sum() == pytest.approx(1.0)
    lines = figure(page, "growth")
    assert isinstance(lines, Lines)
    assert lines.series[0].values[-1] / 100 - 1 == pytest.approx(fact(page, "return"))


def test_one_holding_is_the_security_itself(make_desk: Callable[[], Desk]) -> None:
    page = make_desk().run("PORT SPX BENCHMARK=SPX 3Y")
    assert fact(page, "beta") == pytest.approx(1.0)
    assert fact(page, "tracking error") == pytest.approx(0.0, abs=1e-12)
    assert page.panel("attribution") is None


def test_left_alone_it_is_the_weighted_growth_of_its_parts(make_desk: Callable[[], Desk]) -> None:
    page = make_desk().run("PORT AAPL MSFT REBALANCE=NEVER 2Y")
    frame = table(page, "holdings").frame
    assert fact(page, "return") == pytest.approx(float(frame["own"].mean()), abs=1e-9)  # type: ignore[arg-type]
    assert fact(page, "turnover a year") == pytest.approx(0.0, abs=1e-9)


def test_brinsons_effects_lead_from_one_return_to_the_other(make_desk: Callable[[], Desk]) -> None:
    page = make_desk().run("PORT AAPL MSFT IBM WEIGHTS=70,20,10 3Y")
    frame, steps = table(page, "attribution").frame, figure(page, "steps")
    assert isinstance(steps, Waterfall)
    first, last = steps.steps[0], steps.steps[-1]
    assert last.value == pytest.approx(fact(page, "return"))
    assert frame["total"].sum() == pytest.approx(last.value - first.value, abs=1e-9)
    assert sum(step.value for step in steps.steps[1:-1]) == pytest.approx(last.value - first.value, abs=1e-9)
    # by security there is nothing to select: a security earns what it earns
    assert np.abs(frame["selection"].to_numpy()).max() < 1e-9


def test_positions_are_worth_shares_times_prices(make_desk: Callable[[], Desk]) -> None:
    page = make_desk().run("PORT AAPL IBM SHARES=10,20 1Y")
    assert fact(page, "value") > 0
    assert table(page, "holdings").frame["shares"].to_list() == [10.0, 20.0]


def test_shorts_are_held_and_told(make_desk: Callable[[], Desk]) -> None:
    page = make_desk().run("PORT AAPL MSFT WEIGHTS=150,-50 1Y")
    tiles = figure(page, "map")
    assert isinstance(tiles, Treemap)
    assert [tile.group for tile in tiles.tiles] == ["", "short"]


def test_a_kept_portfolio_comes_back_at_any_clock_and_goes(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    saved = desk.run("PORT AAPL MSFT WEIGHTS=60,40 SAVE=growth 1Y")
    assert saved.lineage is not None
    assert "SAVE" not in saved.lineage.command
    listed = desk.run("PORT LIST")
    assert table(listed, "portfolios").frame["name"].to_list() == ["growth"]
    desk.run("ASOF 2010-06-30")
    then = desk.run("PORT PF=growth 1Y")
    assert table(then, "holdings").frame["weight"].to_list() == [0.6, 0.4]
    assert then.lineage is not None
    assert "PF=" not in then.lineage.command  # what a colleague opens names securities and numbers
    desk.run("ASOF NOW")
    assert table(desk.run("PORT DELETE=growth"), "portfolios").frame.is_empty()
    with pytest.raises(DataError, match="growth"):
        desk.run("PORT PF=growth")


def test_against_a_kept_portfolio(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    desk.run("PORT AAPL MSFT WEIGHTS=20,80 SAVE=index 1Y")
    page = desk.run("PORT AAPL MSFT AGAINST=index 1Y")
    assert table(page, "attribution").frame["other"].to_list() == pytest.approx([0.2, 0.8])
    with pytest.raises(CommandError, match="EQUAL"):
        desk.run("PORT AAPL MSFT AGAINST=none")


def test_the_command_with_its_assumptions_is_the_page(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    form = figure(desk.run("PORT AAPL MSFT WEIGHTS=60,40 1Y"), "assumptions")
    assert isinstance(form, Form)
    words = " ".join(f"{field.name.upper()}={field.text}" for field in form.fields)
    again = desk.run(f"PORT AAPL MSFT {words}")
    assert table(again, "holdings").frame["weight"].to_list() == pytest.approx([0.6, 0.4])


@pytest.mark.parametrize(
    "line",
    [
        "PORT AAPL MSFT WEIGHTS=1,2,3", "PORT AAPL MSFT WEIGHTS=60,40 SHARES=1,2", "PORT AAPL SAVE=../x",
        "PORT PF=none", "PORT DELETE=none", "PORT AAA MSFT", "PORT AAPL EURJPY SHARES=1,2", "PORT AAPL 5D",
        "PORT AAPL BENCHMARK=NOSUCH", "PORT AAPL MSFT WEIGHTS=30,-29", "PORT AAPL MSFT WEIGHTS=1,-0.999",
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_words(make_desk: Callable[[], Desk], line: str) -> None:
    with pytest.raises(AsofError) as fault:
        make_desk().run(line)
    assert len(str(fault.value)) > 20


def test_a_price_index_beside_total_returns_is_said(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    for line in ("PORT AAPL MSFT 1Y", "AAPL QUANT 5Y"):
        assert any("dividends are left out" in note.text for note in desk.run(line).notes), line
    for line in ("PORT AAPL MSFT 1Y BENCHMARK=IBM", "SPX QUANT 5Y"):
        assert not any("dividends are left out" in note.text for note in desk.run(line).notes), line


def test_factors_part_the_mean_return_and_the_volatility(make_desk: Callable[[], Desk]) -> None:
    page = make_desk().run("PORT AAPL MSFT IBM WEIGHTS=50,30,20 10Y")
    frame = table(page, "factors").frame
    parts, whole = frame.head(frame.height - 1), frame.tail(1).to_dicts()[0]
    assert frame["part"].to_list()[1:4] == ["MKTRF", "SMB", "HML"]
    assert parts["earned"].sum() == pytest.approx(whole["earned"])
    assert parts["risk"].sum() == pytest.approx(whole["risk"])
    assert parts["share"].sum() == pytest.approx(1.0)
    # the mean of the monthly returns of the same weights
    from engine.period import Period
    from engine.returns import returns_of

    desk = make_desk()
    context = desk.context(None, None, None)
    refs = [context.directory.resolve(name).security.ref for name in ("AAPL", "MSFT", "IBM")]
    months = returns_of(context, refs, Period("Y", 10), frequency="monthly")
    assert whole["earned"] == pytest.approx(12 * float((months.values @ [0.5, 0.3, 0.2]).mean()), rel=1e-9)


def test_without_factors_at_the_clock_there_is_no_such_panel(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    desk.run("ASOF 2010-06-30")
    assert desk.run("PORT AAPL MSFT").panel("factors") is None

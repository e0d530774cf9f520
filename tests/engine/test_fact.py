"""FACT: against a plain least squares of the store's own rows, what adds up, and which factors a clock knew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from engine.desk import Desk
from engine.encode import encode
from engine.errors import AsofError, CommandError, DataError
from engine.figures import Form, Heatmap, Waterfall
from engine.page import Bars, Lines, Metrics, Page, Table
from store import Batch, Store, open_store

MakeDesk = Callable[..., Desk]
NAMES = ("MKTRF", "SMB", "HML", "RF", "SMB5", "RMW", "CMA", "MOM")
PUBLISHED = {"SMB5": date(2005, 4, 30), "RMW": date(2005, 4, 30), "CMA": date(2005, 4, 30)}
FIRST, LAST, DELAY = date(2002, 1, 1), date(2013, 2, 28), 60


def figure(page: Page, name: str) -> object:
    panel = page.panel(name)
    assert panel is not None, name
    return panel.figure


def rows(page: Page, name: str) -> dict[str, dict[str, object]]:
    found = figure(page, name)
    assert isinstance(found, Table)
    return {str(row[found.key[0]]): row for row in found.frame.iter_rows(named=True)}


def metric(page: Page, label: str) -> object:
    found = figure(page, "fit")
    assert isinstance(found, Metrics)
    return next(item.value for item in found.items if item.label == label)


def monthly(store: Store, ticker: str) -> dict[date, float]:
    """Closes with dividends put back, at each month's end, by hand from bars and actions."""
    reader = store.reader(datetime(2026, 11, 20, tzinfo=UTC))
    number = store.identify([f"us-equity:{ticker}"])[f"us-equity:{ticker}"]
    frame = reader.bars([number], adjust="total")
    last = (
        frame.group_by(pl.col("session_date").dt.month_end()).agg(pl.col("close").last()).sort("session_date")
    )
    return dict(zip(last["session_date"], last["close"], strict=True))


def library(store: Store) -> dict[str, dict[date, float]]:
    reader = store.reader(datetime(2026, 11, 20, tzinfo=UTC))
    found = {}
    for name in ("MKTRF", "SMB", "HML", "RF"):
        number = store.identify([f"factor:{name}"])[f"factor:{name}"]
        frame = reader.observations([number]).with_columns(pl.col("period_date").dt.month_end())
        found[name] = dict(zip(frame["period_date"], frame["value"] / 100.0, strict=True))
    return found


def test_loadings_are_least_squares_of_the_rows_in_the_store(make_desk: MakeDesk, home: Path) -> None:
    import statsmodels.api as sm

    page = make_desk().run("IBM FACT 5Y")
    store = open_store(home)
    closes, factors = monthly(store, "IBM"), library(store)
    months = sorted(month for month in closes if date(2008, 2, 29) < month < date(2013, 3, 1))
    before = dict(zip(sorted(closes)[1:], sorted(closes), strict=False))
    y = np.array([closes[m] / closes[before[m]] - 1 - factors["RF"][m] for m in months])
    x = np.column_stack([[factors[name][m] for m in months] for name in ("MKTRF", "SMB", "HML")])
    plain = sm.OLS(y, sm.add_constant(x)).fit()
    robust = sm.OLS(y, sm.add_constant(x)).fit(
        cov_type="HAC", cov_kwds={"maxlags": 3, "use_correction": True}, use_t=True
    )
    shown = rows(page, "loadings")
    assert metric(page, "returns") == 60
    assert metric(page, "Newey-West lags") == 3
    for place, name in enumerate(("alpha", "MKTRF", "SMB", "HML")):
        scale = 12.0 if name == "alpha" else 1.0
        assert shown[name]["loading"] == pytest.approx(plain.params[place] * scale, rel=1e-9)
        assert shown[name]["ols_error"] == pytest.approx(plain.bse[place] * scale, rel=1e-9)
        assert shown[name]["ols_p"] == pytest.approx(plain.pvalues[place], rel=1e-6)
        assert shown[name]["nw_error"] == pytest.approx(robust.bse[place] * scale, rel=1e-9)
        assert shown[name]["nw_p"] == pytest.approx(robust.pvalues[place], rel=1e-6)
    assert metric(page, "R squared") == pytest.approx(plain.rsquared, rel=1e-9)
    assert metric(page, "residual volatility") == pytest.approx(np.sqrt(plain.mse_resid * 12), rel=1e-9)
    steps = figure(page, "earned")
    assert isinstance(steps, Waterfall)
    rate = np.array([factors["RF"][m] for m in months])
    assert steps.steps[-1].value == pytest.approx(12 * (y + rate).mean(), rel=1e-9)


@pytest.mark.parametrize(
    "line", ["AAPL FACT", "FACT AAPL MSFT WEIGHTS=60,40", "FACT AAPL MSFT IBM WEIGHTS=100,50,-50 WINDOW=24"]
)
def test_contributions_add_up(make_desk: MakeDesk, line: str) -> None:
    page = make_desk().run(line)
    for name in ("risk", "earned"):
        steps = figure(page, name)
        assert isinstance(steps, Waterfall)
        assert steps.steps[-1].total
        assert sum(step.value for step in steps.steps[:-1]) == pytest.approx(steps.steps[-1].value, rel=1e-12)
    risk = figure(page, "risk")
    assert isinstance(risk, Waterfall)
    assert risk.steps[-1].value == pytest.approx(metric(page, "volatility"), rel=1e-10)
    if page.panel("symbols") is None:
        return
    symbols = rows(page, "symbols")
    assert sum(float(str(row["risk"])) for row in symbols.values()) == pytest.approx(risk.steps[-1].value)
    assert sum(float(str(row["share"])) for row in symbols.values()) == pytest.approx(1.0)
    heat = figure(page, "exposures")
    assert isinstance(heat, Heatmap)
    weights = np.array([row["weight"] for row in symbols.values()], dtype=float)
    np.testing.assert_allclose(weights @ heat.values[:-1], heat.values[-1], rtol=1e-10)
    loadings = rows(page, "loadings")
    np.testing.assert_allclose(
        heat.values[-1], [loadings[name]["loading"] for name in heat.columns], rtol=1e-9
    )


def test_the_last_window_is_a_regression_of_its_own(make_desk: MakeDesk) -> None:
    desk = make_desk()
    lines = figure(desk.run("AAPL FACT 10Y WINDOW=48"), "rolling")
    assert isinstance(lines, Lines)
    short = rows(desk.run("AAPL FACT 4Y"), "loadings")
    for series in lines.series:
        assert series.values[-1] == pytest.approx(short[series.name]["loading"], rel=1e-9)
        assert len(series.values) == 120 - 47


def told(day: date, name: str) -> datetime:
    known = max(day + timedelta(days=DELAY), PUBLISHED.get(name, date(1997, 3, 31)))
    return datetime(known.year, known.month, known.day, 22, tzinfo=UTC)


@pytest.fixture
def with_library(home: Path) -> Store:
    """The library's daily factors, each known sixty days after its day; the five-factor model since April 2005."""
    store = open_store(home)
    ids = store.identify([f"factor:{name}" for name in NAMES])
    rng = np.random.default_rng(4)
    days = [FIRST + timedelta(days=at) for at in range((LAST - FIRST).days + 1)]
    days = [day for day in days if day.weekday() < 5]
    returns, names = [], []
    for name in NAMES:
        number = ids[f"factor:{name}"]
        drawn = rng.normal(0.0, 0.01, len(days)) if name != "RF" else np.full(len(days), 1e-4)
        returns += [
            {"security_id": number, "session_date": day, "frequency": "day", "value": float(value),
             "known_at": told(day, name), "known_basis": "estimated: a test's rule"}
            for day, value in zip(days, drawn, strict=True)
        ]  # fmt: skip
        names.append(
            {"security_id": number, "valid_from": FIRST, "ticker": name, "name": name, "market": "MACRO",
             "asset_class": "factor", "exchange": "", "currency": "", "unit": "fraction a period", "calendar": "",
             "note": "", "known_at": told(date(1996, 1, 1), name), "known_basis": "exact"}
        )  # fmt: skip
    frames = {"factor_returns": pl.DataFrame(returns), "securities": pl.DataFrame(names)}
    store.append(Batch("a test", "factors", "1", frames))
    return store


def test_auto_takes_the_richest_model_of_the_clock(make_desk: MakeDesk, with_library: Store) -> None:
    desk = make_desk(store=with_library)
    assert list(rows(desk.run("AAPL FACT 5Y"), "loadings")) == [
        "alpha", "MKTRF", "SMB5", "HML", "RMW", "CMA", "MOM",
    ]  # fmt: skip
    desk.run("ASOF 2005-03-15")  # before the five-factor model was published
    page = desk.run("AAPL FACT 3Y")
    assert list(rows(page, "loadings")) == ["alpha", "MKTRF", "SMB", "HML", "MOM"]
    with pytest.raises(DataError, match="SMB5, RMW, CMA are not known"):
        desk.run("AAPL FACT FF5")


def test_only_factors_that_were_published_by_the_clock(make_desk: MakeDesk, with_library: Store) -> None:
    desk = make_desk(store=with_library)
    desk.run("ASOF 2008-09-15")
    page = desk.run("AAPL FACT 3Y DAILY")
    assert metric(page, "last") == date(2008, 7, 17)  # sixty days before
    assert any("known at this clock up to 2008-07-17" in note.text for note in page.notes)
    assert "2008-09-15" in str(metric(page, "newest factor known"))
    assert "estimated" in str(metric(page, "newest factor known"))
    assert page.lineage is not None
    assert all(
        r.newest_known_at is None or r.newest_known_at <= page.lineage.asof for r in page.lineage.reads
    )


def test_weeks_of_the_daily_library(make_desk: MakeDesk, with_library: Store) -> None:
    page = make_desk(store=with_library).run("AAPL FACT FF3 WEEKLY 3Y")
    assert metric(page, "returns") in (156, 157)
    form = figure(page, "assumptions")
    assert isinstance(form, Form)
    assert next(field for field in form.fields if field.name == "frequency").shown == "weekly"


def test_a_week_that_the_library_tells_in_part_is_left_out(make_desk: MakeDesk, with_library: Store) -> None:
    desk = make_desk(store=with_library)
    desk.run("ASOF 2008-09-15")  # days are known to Thursday, 2008-07-17
    page = desk.run("AAPL FACT FF3 WEEKLY 3Y")
    assert metric(page, "last") == date(2008, 7, 11)


def test_securities_for_factors(make_desk: MakeDesk) -> None:
    page = make_desk().run("JPM FACT FACTORS=SPX,hml 5Y")
    assert list(rows(page, "loadings")) == ["alpha", "HML", "SPX"]  # the library's first; months, as HML has
    assert metric(page, "returns") == 60
    alone = make_desk().run("JPM FACT FACTORS=SPX 2Y")
    assert 490 < int(str(metric(alone, "returns"))) < 510
    assert "price index" in " ".join(note.text for note in alone.notes)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("AAPL FACT FACTORS=AAPL,SPX", "both explained and explaining"),
        ("AAPL FACT FACTORS=FOO", "neither a factor of the library"),
        ("AAPL FACT FACTORS=SPX,SPX", "stands once"),
        ("AAPL FACT FF3 DAILY", "FREQUENCY=MONTHLY"),
        ("SPX FACT DAILY", "FREQUENCY=MONTHLY"),
        ("AAPL FACT FF5", "BACKFILL SMB5 RMW CMA"),
        ("AAPL FACT 2M", "longer range"),
        ("UNRATE FACT", "not returns"),
        ("FACT AAPL MSFT WEIGHTS=60", "1 numbers for 2 securities"),
        ("FACT", "needs securities"),
    ],
)
def test_errors_say_what_to_do(make_desk: MakeDesk, line: str, told: str) -> None:
    with pytest.raises(AsofError, match=told) as raised:
        make_desk().run(line)
    assert isinstance(raised.value, CommandError | DataError)


def test_where_no_factor_is_known_the_index_stands_for_the_market(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("ASOF 2008-09-15")  # the library's file in the first run was told in 2019
    page = desk.run("AAPL FACT 5Y")
    assert list(rows(page, "loadings")) == ["alpha", "SPX"]
    assert any("SPX stands for the market" in note.text and note.level == "warning" for note in page.notes)
    assert metric(page, "last") == date(2008, 9, 15)
    with pytest.raises(DataError, match="MKTRF are not known as of 2008-09-15"):
        desk.run("AAPL FACT CAPM")


def test_a_short_range_says_that_it_has_no_windows(make_desk: MakeDesk) -> None:
    page = make_desk().run("AAPL FACT 2Y")
    assert page.panel("rolling") is None
    assert any("too few for windows of 36" in note.text for note in page.notes)


def test_the_page_says_why_and_encodes(make_desk: MakeDesk) -> None:
    desk = make_desk()
    page = desk.run("FACT AAPL MSFT")
    for how in ("json", "text", "csv"):
        assert "MKTRF" in encode(page, how)  # type: ignore[arg-type]
    assert "Bartlett" in encode(desk.run("WHY 1 nw_error"), "text")


def test_what_is_fetched_first(make_desk: MakeDesk) -> None:
    """Prices of what is explained and explaining, and one factor of each file of the library."""
    from engine.functions.fact import FUNCTIONS, needs

    directory = make_desk().directory()
    apple = directory.resolve("AAPL").security.ref
    context = SimpleNamespace(securities=(apple,), today=date(2013, 3, 1), directory=directory)
    defaults = {argument.name: argument.default for argument in FUNCTIONS[0].arguments}
    asked = [(need.dataset, need.security.ticker) for need in needs(context, defaults)]  # type: ignore[arg-type]
    assert asked == [("factors", "MKTRF"), ("factors", "SMB5"), ("factors", "MOM"), ("bars", "AAPL")]
    three = [need.security.ticker for need in needs(context, defaults | {"model": "FF3"})]  # type: ignore[arg-type]
    assert three == ["MKTRF", "AAPL"]
    own = needs(context, defaults | {"factors": "SPX,hml,nothing"})  # type: ignore[arg-type]
    assert [need.security.ticker for need in own] == ["MKTRF", "AAPL", "SPX"]  # HML is in MKTRF's file
    universe = needs(context, defaults | {"view": "CHAR", "universe": "SP500"})  # type: ignore[arg-type]
    assert [need.dataset for need in universe] == ["membership", "bars", "facts", "filings"]


def test_intervals_are_students_t_times_newey_wests_error(make_desk: MakeDesk) -> None:
    from scipy.stats import t

    page = make_desk().run("AAPL FACT")
    bars, table = figure(page, "intervals"), rows(page, "loadings")
    assert isinstance(bars, Bars)
    count = metric(page, "returns")
    assert isinstance(count, int)
    reach = float(t.ppf(0.975, count - 4))
    for label, value, error in zip(bars.labels, bars.values, bars.errors, strict=True):
        assert value == pytest.approx(table[label]["loading"], rel=1e-12)
        assert error == pytest.approx(reach * float(str(table[label]["nw_error"])), rel=1e-9)


def test_through_time_are_the_last_rolling_loadings_of_each_year(make_desk: MakeDesk) -> None:
    page = make_desk().run("AAPL FACT")
    heat, lines = figure(page, "through"), figure(page, "rolling")
    assert isinstance(heat, Heatmap)
    assert isinstance(lines, Lines)
    assert heat.rows == tuple(series.name for series in lines.series)
    for row, series in zip(heat.values, lines.series, strict=True):
        last = {
            str(day)[:4]: (str(day)[:7], value)
            for day, value in zip(series.dates, series.values, strict=True)
        }
        assert heat.columns == tuple(month for month, _ in last.values())
        assert row.tolist() == [value for _, value in last.values()]

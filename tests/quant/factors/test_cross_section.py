"""A day's universe and what is known on it: scores, ranks, sectors, reported figures, characteristics."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from engine.quant.factors import (
    composite,
    investment,
    known_panel,
    low_volatility,
    momentum,
    neutralized,
    profitability,
    quality,
    ranks,
    row_quantiles,
    size,
    value,
    winsorize,
    zscores,
)

VALUES = hnp.arrays(
    np.float64, st.tuples(st.integers(1, 4), st.integers(1, 12)),
    elements=st.one_of(st.integers(-5, 5).map(float), st.just(np.nan), st.floats(-1e6, 1e6)),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_quantiles_and_ranks_are_those_of_numpy_and_scipy(values: np.ndarray) -> None:
    from scipy.stats import rankdata

    found, ordered = row_quantiles(values, [0.0, 0.25, 0.5, 0.9, 1.0]), ranks(values)
    for row, given_ in enumerate(values):
        held = given_[np.isfinite(given_)]
        if not len(held):
            assert np.isnan(found[row]).all()
            assert np.isnan(ordered[row]).all()
            continue
        np.testing.assert_allclose(
            found[row], np.quantile(held, [0.0, 0.25, 0.5, 0.9, 1.0]), rtol=1e-12, atol=1e-9
        )
        np.testing.assert_array_equal(ordered[row][np.isfinite(given_)], rankdata(held))
        assert np.isnan(ordered[row][~np.isfinite(given_)]).all()


@settings(max_examples=60, deadline=None)
@given(VALUES, st.floats(0.0, 0.4))
def test_tails_are_drawn_in_and_order_stays(values: np.ndarray, tail: float) -> None:
    found = winsorize(values, tail)
    assert (np.isfinite(found) == np.isfinite(values)).all()
    for row, given_ in enumerate(values):
        held = np.isfinite(given_)
        if held.any():
            low, high = np.quantile(given_[held], [tail, 1 - tail])
            np.testing.assert_allclose(
                found[row, held], np.clip(given_[held], low, high), rtol=1e-12, atol=1e-9
            )


def sample() -> np.ndarray:
    rng = np.random.default_rng(8)
    values = rng.normal(3.0, 2.0, (6, 60))
    values[rng.random(values.shape) < 0.1] = np.nan
    return values


def test_scores_have_mean_zero_and_deviation_one_inside_the_universe() -> None:
    values = sample()
    values[2, 5] = 1e9  # one wild figure is drawn in, and the others are not flattened by it
    universe = np.arange(60) < 50
    found = zscores(values, universe=universe, tail=0.05)
    assert np.isnan(found[:, 50:]).all()
    np.testing.assert_allclose(np.nanmean(found, axis=1), 0.0, atol=1e-12)
    np.testing.assert_allclose(np.nanstd(found, axis=1, ddof=1), 1.0, rtol=1e-12)
    assert 1.5 < found[2, 5] < 3.0
    other = values.copy()
    other[:, 50:] = -1e6
    np.testing.assert_array_equal(zscores(other, universe=universe, tail=0.05), found)


def test_scores_do_not_depend_on_units() -> None:
    np.testing.assert_allclose(zscores(sample()), zscores(sample() * 1e9 + 5e9), rtol=1e-6, atol=1e-6)


def test_within_sectors_every_sector_is_alike() -> None:
    values, sectors = sample(), np.array(["tech", "bank", "oil", ""] * 15)
    values[:, ::4] += 100.0
    found = zscores(values, sectors=sectors)
    for name in ("tech", "bank", "oil"):
        np.testing.assert_allclose(np.nanmean(found[:, sectors == name], axis=1), 0.0, atol=1e-9)
    assert np.isnan(found[:, sectors == ""]).all()  # of unknown sector: nothing to be compared with
    np.testing.assert_allclose(np.nanstd(found, axis=1, ddof=1), 1.0, rtol=1e-9)
    plain = neutralized(values, sectors)
    tech = values[:, sectors == "tech"]
    np.testing.assert_allclose(
        plain[:, sectors == "tech"], tech - np.nanmean(tech, axis=1, keepdims=True), rtol=1e-9, atol=1e-9
    )


def test_rows_that_say_nothing_are_blank() -> None:
    assert np.isnan(zscores(np.full((2, 10), 4.0))).all()
    assert np.isnan(zscores(np.array([[1.0, 2.0, np.nan]]))).all()  # two are too few
    assert np.isnan(neutralized(np.array([[1.0, 2.0, 3.0]]), [0, 0, 1])[0, 2])  # alone in its sector
    with pytest.raises(ValueError, match="a tail is a share"):
        winsorize(np.zeros((1, 3)), 0.5)


def at(day: int, month: int = 1, year: int = 2020) -> datetime:
    return datetime(year, month, day, 21)


def told(rows: list[tuple[int, date, datetime, float | None]]) -> pl.DataFrame:
    schema = {
        "security_id": pl.Int64,
        "period_end": pl.Date,
        "known_at": pl.Datetime("us"),
        "value": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_a_figure_counts_from_when_it_was_told_and_a_restatement_from_its_own_day() -> None:
    frame = told([
        (7, date(2018, 12, 31), at(5, 2, 2019), 80.0),
        (7, date(2019, 12, 31), at(10), 100.0),
        (7, date(2019, 12, 31), at(20), 90.0),  # restated
        (7, date(2018, 12, 31), at(25), 70.0),  # an older year told anew
        (9, date(2019, 12, 31), at(15), None),
        (9, date(2019, 12, 31), at(16), 5.0),
    ])  # fmt: skip
    days = np.array([at(9), at(10), at(19), at(20), at(24), at(26)], dtype="datetime64[us]")
    np.testing.assert_array_equal(
        known_panel(frame, days, [9, 7, 8]),
        [[np.nan, 80, np.nan], [np.nan, 100, np.nan], [5, 100, np.nan], [5, 90, np.nan], [5, 90, np.nan],
         [5, 90, np.nan]],
    )  # fmt: skip
    before = known_panel(frame, days, [7], back=365)
    np.testing.assert_array_equal(before[:, 0], [np.nan, 80, 80, 80, 80, 70])
    with pytest.raises(ValueError, match="ascend"):
        known_panel(frame, days[::-1], [7])


def test_a_figure_grows_too_old() -> None:
    frame = told([(1, date(2019, 12, 31), at(10), 4.0)])
    days = np.array([at(1, 6, 2021), at(1, 12, 2021)], dtype="datetime64[us]")
    found = known_panel(frame, days, [1])
    assert found[0, 0] == 4.0
    assert np.isnan(found[1, 0])


def test_characteristics_are_their_formulas() -> None:
    cap, book = np.array([[100.0, 50.0, -1.0, 80.0]]), np.array([[20.0, -5.0, 3.0, 8.0]])
    np.testing.assert_allclose(size(cap), [[np.log(100), np.log(50), np.nan, np.log(80)]])
    np.testing.assert_allclose(value(book, cap), [[0.2, np.nan, np.nan, 0.1]])
    np.testing.assert_allclose(
        profitability(np.array([[4.0, 1.0, -3.0, 2.0]]), book), [[0.2, np.nan, -1.0, 0.25]]
    )
    np.testing.assert_allclose(
        investment(np.array([[11.0, 9.0, 1.0, 0.0]]), np.array([[10.0, 10.0, 0.0, 4.0]])),
        [[0.1, -0.1, np.nan, -1.0]],
    )
    np.testing.assert_allclose(composite([[[1.0, np.nan]], [[3.0, 5.0]]], least=2), [[2.0, np.nan]])


def test_momentum_leaves_the_last_month_out() -> None:
    rng = np.random.default_rng(1)
    levels = np.exp(np.cumsum(rng.normal(0, 0.02, (300, 3)), axis=0))
    found = momentum(levels)
    assert np.isnan(found[:252]).all()
    np.testing.assert_allclose(found[280], levels[259] / levels[28] - 1)
    changed = levels.copy()
    changed[260:281] *= 5.0  # the last 21 sessions
    np.testing.assert_array_equal(momentum(changed)[280], found[280])
    with pytest.raises(ValueError, match="fewer rows"):
        momentum(levels, long=21, skip=21)


@pytest.mark.parametrize("level", [0.0, 1e3])
def test_low_volatility_is_minus_the_deviation_of_the_window(level: float) -> None:
    rng = np.random.default_rng(2)
    returns = rng.normal(level, 0.01, (400, 4))
    returns[:150, 1] = np.nan
    returns[rng.random(returns.shape) < 0.05] = np.nan
    found = low_volatility(returns, window=126)
    for row in (62, 125, 200, 251, 252, 399):
        for symbol in range(4):
            held = returns[max(0, row - 125) : row + 1, symbol]
            held = held[np.isfinite(held)]
            if len(held) < 63:
                assert np.isnan(found[row, symbol])
            else:
                assert found[row, symbol] == pytest.approx(-held.std(ddof=1) * np.sqrt(252), rel=1e-9)


def test_quality_is_the_mean_of_its_scores() -> None:
    rng = np.random.default_rng(3)
    gross, assets, debt, income, cash = rng.uniform(1, 2, (5, 2, 30))
    debt[0, 3] = np.nan
    found = quality(gross, assets, debt=debt, net_income=income, cash_from_operations=cash)
    parts = [zscores(gross / assets), zscores(-debt / assets), zscores(-(income - cash) / assets)]
    np.testing.assert_allclose(found, np.nanmean(parts, axis=0))
    np.testing.assert_allclose(quality(gross, assets), parts[0])
    income[0, 3] = np.nan
    assert np.isnan(quality(gross, assets, debt=debt, net_income=income, cash_from_operations=cash)[0, 3])

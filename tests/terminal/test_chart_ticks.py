"""Ticks, axes and viewports: properties that hold for any numbers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from terminal.widgets.chart.date_axis import date_ticks, left_edge
from terminal.widgets.chart.price_axis import PriceAxis
from terminal.widgets.chart.ticks import compact, compact_tick, linear_ticks, log_ticks, step_decimals
from terminal.widgets.chart.viewport import WIDEST, Viewport, fit_level, ladder
from terminal.widgets.chart.window import Window

PRICES = st.floats(1e-3, 1e7)


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9), st.integers(1, 20))
def test_linear_ticks_are_even_round_and_inside(low: float, span: float, most: int) -> None:
    high = low + span
    assume(span > abs(low) * 1e-6)
    ticks = linear_ticks(low, high, most)
    assert len(ticks) <= most + 1
    slack = span * 1e-6 + 1e-9
    assert all(low - slack <= tick <= high + slack for tick in ticks)
    steps = np.diff(ticks)
    if len(steps):
        np.testing.assert_allclose(steps, steps[0], rtol=1e-6, atol=1e-9)
        lead = float(f"{steps[0]:.3e}".split("e")[0])
        assert lead in (1, 2, 5) or lead == pytest.approx(10)


@given(PRICES, st.floats(1.05, 1e5), st.integers(2, 20))
def test_log_ticks_ascend_inside_the_axis(low: float, ratio: float, most: int) -> None:
    ticks = log_ticks(low, low * ratio, most)
    assert ticks == sorted(set(ticks))
    assert all(low * 0.999999 <= tick <= low * ratio * 1.000001 for tick in ticks)
    assert len(ticks) <= most + 1


@given(st.lists(PRICES, min_size=1, max_size=50), st.integers(1, 60), st.booleans())
def test_an_axis_inverts_its_mapping(values: list[float], rows: int, log: bool) -> None:
    axis = PriceAxis.fit(min(values), max(values), rows, log_scale=log)
    for value in values:
        row = axis.row(value)
        low, high = axis.span(row)
        slack = (high - low) * 1e-6 + abs(value) * 1e-9
        assert low - slack <= value <= high + slack
        assert abs(axis.slot(np.array([value]), 1)[0] - row) <= 1
    assert axis.row(max(values)) <= axis.row(min(values))


@given(st.lists(PRICES, min_size=2, max_size=9), st.integers(3, 60), st.booleans())
def test_labels_on_an_axis_keep_two_rows_apart(values: list[float], rows: int, log: bool) -> None:
    axis = PriceAxis.fit(min(values), max(values), rows, log_scale=log)
    places = [axis.row(tick) for tick in axis.ticks()]
    assert all(a - b >= 2 for a, b in pairwise(places))


def test_tick_labels_tell_ticks_apart() -> None:
    assert step_decimals([0.1, 0.15, 0.2]) == 2
    assert step_decimals([100.0, 200.0]) == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (512, "512"), (9_616_100, "9.62M"), (999_999, "1.00M"), (184e6, "184M"), (1.5e9, "1.50B")],
)
def test_volumes_read_in_thousands_millions_billions(value: float, text: str) -> None:
    assert compact(value) == text


def test_volume_ticks_are_short() -> None:
    assert [compact_tick(v) for v in (0, 5e7, 2.5e9, 500)] == ["0", "50M", "2.5B", "500"]


@given(st.integers(1, 9000), st.integers(4, 240), st.sampled_from([1, 3, 7, 30, 91]), st.integers(0, 20000))
def test_date_labels_never_meet(count: int, width: int, spacing: int, start: int) -> None:
    count = min(count, width)
    dates = np.datetime64("1960-01-01") + start + np.arange(count) * spacing
    columns = np.floor(np.arange(count) * width / count).astype(int)
    ticks = date_ticks(dates, columns, width)
    edges = [(left_edge(tick, width), left_edge(tick, width) + len(tick.label)) for tick in ticks]
    assert all(end + 1 <= start for (_, end), (start, _) in pairwise(edges))
    assert all(a >= 0 and b <= width for a, b in edges)
    assert ticks or width < 14


@pytest.mark.parametrize(("days", "text"), [(5, "Mar 2013"), (400, "2014"), (4745, "2016"), (21900, "2050")])
def test_any_span_is_dated(days: int, text: str) -> None:
    dates = np.datetime64("2013-03-01") + np.linspace(0, days, min(days, 110)).astype(int)
    ticks = date_ticks(dates, np.linspace(0, 109, len(dates)).astype(int), 110)
    assert len(ticks) >= 3
    assert any(text in tick.label for tick in ticks)


@given(st.integers(1, 20000), st.integers(1, 300))
def test_everything_fits_in_the_first_view(total: int, width: int) -> None:
    view = Viewport.fit(total, width)
    assert (view.first, view.last) == (0, view.buckets)
    assert view.column_of(total - 1) < width
    assert fit_level(total, width) == ladder(total, width)[-1]


@given(st.integers(12, 20000), st.integers(40, 300))
def test_no_more_than_a_twentieth_of_the_plot_is_blank(total: int, width: int) -> None:
    view = Viewport.fit(total, width)
    assume(view.pitch < WIDEST)
    assert width * 0.95 - 1 <= view.column_of(total - 1) + view.pitch / 2 <= width


@given(st.integers(1, 5000), st.integers(1, 300))
def test_a_candles_middle_column_leads_back_to_it(total: int, width: int) -> None:
    view = Viewport.fit(total, width)
    columns = [view.column_of(bar) for bar in range(0, total, view.level.bars)]
    assert columns == sorted(set(columns))
    assert columns == view.middles(0, view.buckets).tolist()
    assert [view.bucket(view.bar_at(column)) for column in columns] == list(range(view.buckets))


MOVES = st.lists(
    st.tuples(st.sampled_from(["pan", "in", "out", "reveal", "resize"]), st.integers(-5000, 20000)),
    max_size=12,
)


@given(st.integers(1, 9000), st.integers(1, 250), MOVES, st.booleans())
def test_no_walk_leaves_the_data(total: int, width: int, moves: list[tuple[str, int]], lines: bool) -> None:
    view: Viewport | Window = Window.fit(total, width) if lines else Viewport.fit(total, width)
    for move, number in moves:
        bar = number % total
        if move == "pan":
            view = view.pan(number)
        elif move in ("in", "out"):
            view = view.zoom(move == "in", bar)
        elif move == "reveal":
            view = view.reveal(bar)
            assert 0 <= view.column_of(bar) < view.width
        else:
            view = view.resized(1 + number % 250)
        assert 0 <= view.first < view.last
        assert 0 <= view.bar_at(0) <= view.bar_at(view.width - 1) < total
        assert 0 <= view.column_of(view.bar_at(view.width // 2)) < view.width
        assert 0 <= view.step(bar, 1) < total


def test_zooming_in_and_out_comes_back_to_everything() -> None:
    view = fitted = Viewport.fit(3000, 110)
    for _ in range(30):
        view = view.zoom(True, 1500)
    assert view.level.columns > 1
    for _ in range(30):
        view = view.zoom(False, 1500)
    assert view == fitted
